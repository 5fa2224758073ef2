//! A writer that ends a library's long work when the run is cancelled.

use std::io::{self, Write};

use crate::{Failure, context::Checkpoint};

pub(super) struct Stoppable<W> {
    inner: W,
    checkpoint: Checkpoint,
}

impl<W: Write> Stoppable<W> {
    pub(super) const fn new(inner: W, checkpoint: Checkpoint) -> Self {
        Self { inner, checkpoint }
    }

    fn look(&self) -> io::Result<()> {
        self.checkpoint.check().map_err(|failure: Failure| io::Error::other(failure.to_string()))
    }
}

impl<W: Write> Write for Stoppable<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.look()?;
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.look()?;
        self.inner.flush()
    }
}
