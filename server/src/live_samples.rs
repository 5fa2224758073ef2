//! Messages that go to open pages without touching the database: progress and log lines.

use model::event::Sample;
use tokio::sync::broadcast;

/// Samples that a slow reader may fall behind by; what it missed is gone, the newest counts.
const SAMPLES_KEPT: usize = 1024;

/// Sending never waits, and costs nothing when nobody listens.
#[derive(Clone, Debug)]
pub struct LiveSamples {
    sender: broadcast::Sender<Sample>,
}

impl Default for LiveSamples {
    fn default() -> Self {
        Self { sender: broadcast::Sender::new(SAMPLES_KEPT) }
    }
}

impl LiveSamples {
    pub fn send(&self, sample: Sample) {
        // An error only says that no page is open.
        let _ = self.sender.send(sample);
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Sample> {
        self.sender.subscribe()
    }
}
