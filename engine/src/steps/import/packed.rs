//! The bytes of a file; those of a file packed by gzip or zstd are unpacked. Its first bytes tell, never its name.
//!
//! Nothing unpacked is kept: a file is unpacked each time it is read, so neither memory nor disk grows with what a few
//! packed bytes stand for. The window is 32 kB with gzip (RFC 1952) and at most 128 MB with zstd (RFC 8878), and there is
//! a limit on the unpacked size.

use std::{
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

use flate2::read::MultiGzDecoder;
use model::limits;

use super::file::{FileReader, Nameless, SourceFile};
use crate::{Checkpoint, Failure};

const GZIP: &[u8] = &[0x1F, 0x8B];
const ZSTD: &[u8] = &[0x28, 0xB5, 0x2F, 0xFD];
/// Base-2 logarithm of the largest window that zstd may ask for: what its own command allows by default.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;
/// Bytes that are read at a time where only their number counts.
const CHUNK_BYTES: usize = 256 * 1024;

/// A file's bytes from the beginning.
pub(super) struct FileBytes {
    content: Content,
    /// Bytes given so far.
    given: u64,
    /// Unpacked bytes that are allowed.
    bytes_max: u64,
    /// Of the file as it lies there.
    file_bytes: u64,
}

enum Content {
    Plain(FileReader),
    Gzip(Box<MultiGzDecoder<FileReader>>),
    Zstd(Box<zstd::Decoder<'static, BufReader<FileReader>>>),
}

impl FileBytes {
    pub(super) fn open(file: &SourceFile) -> io::Result<Self> {
        Self::open_within(file, limits::UNPACKED_MAX_BYTES)
    }

    fn open_within(source: &SourceFile, bytes_max: u64) -> io::Result<Self> {
        let mut file = source.reader();
        let mut magic = Vec::new();
        file.by_ref().take(ZSTD.len() as u64).read_to_end(&mut magic)?;
        file.seek(SeekFrom::Start(0))?;
        let content = if magic.starts_with(GZIP) {
            Content::Gzip(Box::new(MultiGzDecoder::new(file)))
        } else if magic.starts_with(ZSTD) {
            let mut decoder = zstd::Decoder::new(file)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
            Content::Zstd(Box::new(decoder))
        } else {
            Content::Plain(file)
        };
        Ok(Self { content, given: 0, bytes_max, file_bytes: source.bytes() })
    }

    /// How it is packed, in a word.
    pub(super) const fn packing(&self) -> Option<&'static str> {
        match &self.content {
            Content::Plain(_) => None,
            Content::Gzip(_) => Some("gzip"),
            Content::Zstd(_) => Some("zstd"),
        }
    }

    /// The number of all its bytes, unpacked. A packed file is read to its end for that.
    pub(super) fn length(mut self, checkpoint: &Checkpoint) -> Result<u64, Failure> {
        let read_error = |error: io::Error| Failure::io("it cannot be read", &error);
        if matches!(self.content, Content::Plain(_)) {
            return Ok(self.file_bytes);
        }
        let mut buffer = vec![0; CHUNK_BYTES];
        while self.read(&mut buffer).map_err(read_error)? > 0 {
            checkpoint.check()?;
        }
        Ok(self.given)
    }

    /// All its bytes, unpacked, as a file on the disk of `directory`: for formats that are read from several places at once.
    pub(super) fn unpacked(mut self, directory: &Path, checkpoint: &Checkpoint) -> Result<SourceFile, Failure> {
        let mut file = Nameless::create(directory, self.bytes_max)?;
        let mut buffer = vec![0; CHUNK_BYTES];
        loop {
            checkpoint.check()?;
            match self.read(&mut buffer).map_err(|error| Failure::io("it cannot be read", &error))? {
                0 => return file.finish(),
                read => file.write(&buffer[..read])?,
            }
        }
    }
}

impl Read for FileBytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.content {
            Content::Plain(file) => return file.read(buffer),
            Content::Gzip(decoder) => decoder.read(buffer).map_err(|error| damaged("gzip", error)),
            Content::Zstd(decoder) => decoder.read(buffer).map_err(|error| damaged("zstd", error)),
        }?;
        self.given += read as u64;
        if self.given > self.bytes_max {
            return Err(io::Error::other(format!(
                "unpacked it has more than {} MB, which is the limit",
                self.bytes_max / (1024 * 1024)
            )));
        }
        Ok(read)
    }
}

/// What the disk answers is passed on; anything else is about the data. `Interrupted` is no error but a request to ask again.
fn damaged(packing: &str, error: io::Error) -> io::Error {
    if error.raw_os_error().is_some() || error.kind() == io::ErrorKind::Interrupted {
        return error;
    }
    io::Error::new(error.kind(), format!("its {packing} data is damaged or cut off: {error}"))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).expect("packs in memory");
        encoder.finish().expect("packs in memory")
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        zstd::encode_all(bytes, 1).expect("packs in memory")
    }

    fn unpacked(file: &[u8], bytes_max: u64) -> io::Result<Vec<u8>> {
        let mut written = tempfile::NamedTempFile::new().expect("a temporary file");
        written.write_all(file).expect("the file is written");
        let mut bytes = Vec::new();
        let file = SourceFile::open(written.path())?;
        FileBytes::open_within(&file, bytes_max)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    #[test]
    fn a_bomb_ends_at_the_limit() {
        let megabytes = vec![b'0'; 8 * 1024 * 1024];
        for packed in [gzip(&megabytes), zstd(&megabytes)] {
            assert!(packed.len() < 128 * 1024, "it is small as packed: {}", packed.len());
            let error = unpacked(&packed, 1024 * 1024).expect_err("too large");
            assert_eq!(error.to_string(), "unpacked it has more than 1 MB, which is the limit");
        }
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_back(bytes: Vec<u8>, more: Vec<u8>) {
            // Both formats allow one packed file behind another.
            let whole = [&bytes[..], &more[..]].concat();
            for packed in [[gzip(&bytes), gzip(&more)].concat(), [zstd(&bytes), zstd(&more)].concat()] {
                prop_assert_eq!(&unpacked(&packed, u64::MAX).expect("unpacks"), &whole);
            }
        }

        #[test]
        fn a_cut_file_is_an_error_and_no_shorter_file(bytes in prop::collection::vec(any::<u8>(), 1..512), cut: prop::sample::Index) {
            for packed in [gzip(&bytes), zstd(&bytes)] {
                let kept = 4 + cut.index(packed.len() - 4);
                let error = unpacked(&packed[..kept], u64::MAX).expect_err("cut off");
                prop_assert!(error.to_string().contains("data is damaged or cut off"), "{}", error);
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, magic in prop::sample::select(vec![GZIP, ZSTD])) {
            let _ = unpacked(&[magic, &bytes[..]].concat(), 1024 * 1024);
        }
    }
}
