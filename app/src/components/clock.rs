//! One ticking clock for the whole page, so that everything that says "12 s ago" says it at the same moment.

use std::time::Duration;

use leptos::prelude::*;
use model::Timestamp;

use crate::browser;

/// The viewer's time: `None` on the server and in the first render of the browser, which must be equal.
#[derive(Clone, Copy)]
pub struct Clock(RwSignal<Option<Timestamp>>);

impl Clock {
    /// Owned by the app: it ticks as long as the page is open.
    pub fn provide() {
        let now = RwSignal::new(None);
        provide_context(Self(now));
        Effect::new(move || {
            now.set(Some(browser::now()));
            let ticking = set_interval_with_handle(
                // A hidden page has nobody to tell the time to.
                move || {
                    if browser::is_visible() {
                        now.set(Some(browser::now()));
                    }
                },
                Duration::from_secs(1),
            );
            if let Ok(ticking) = ticking {
                on_cleanup(move || ticking.clear());
            }
        });
    }

    /// Tracks: whoever asks is asked again every second.
    pub fn now(self) -> Option<Timestamp> {
        self.0.get()
    }
}

pub fn use_clock() -> Clock {
    expect_context()
}
