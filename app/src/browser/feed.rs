//! What the live feed says, and whether it concerns this page.

use std::{cell::Cell, str::FromStr as _};

use model::{
    event::{Change, Sample, ServerMessage, Topic, Watch},
    execution::QueuePlace,
};

use super::{dom, page, progress};
use crate::interest::Interest;

thread_local! {
    /// Number of the last event heard; the next connection resumes after it.
    static LAST: Cell<Option<i64>> = const { Cell::new(None) };
}

/// What the page that is shown says of itself.
#[derive(Default)]
pub(super) struct Watched {
    /// Number of the last event that is in the page.
    pub(super) after: Option<i64>,
    pub(super) interests: Vec<Interest>,
}

pub(super) fn watched() -> Watched {
    let Some(element) = dom::find("#watch") else { return Watched::default() };
    let interests = element.get_attribute("data-interests").unwrap_or_default();
    Watched {
        after: element.get_attribute("data-after").and_then(|number| number.parse().ok()),
        interests: interests.split(' ').filter_map(|text| Interest::from_str(text).ok()).collect(),
    }
}

/// The first message of a connection. A page that watches nothing starts now.
pub(super) fn first_message() -> Watch {
    let Watched { after, interests } = watched();
    let mut watch = vec![Topic::Workflows];
    watch.extend(interests.iter().filter_map(|interest| match interest {
        Interest::Execution(id) => Some(Topic::Execution(*id)),
        _ => None,
    }));
    Watch { watch, after: LAST.get().max(after) }
}

pub(super) fn hear(message: &ServerMessage) {
    match message {
        ServerMessage::Event(event) => {
            LAST.set(LAST.get().max(Some(event.number)));
            if let Change::Execution { execution } = &event.change {
                progress::changed(event.number, execution);
            }
            if watched().interests.iter().any(|interest| interest.concerns(&event.change)) {
                page::outdated_since(event.number);
            }
        }
        ServerMessage::Sample(sample) => match sample {
            Sample::Progress(sample) => progress::sampled(sample.clone()),
            Sample::Live { number } => LAST.set(LAST.get().max(Some(*number))),
            Sample::Queue { places, more } => {
                let shows = |selector: &str| dom::find(selector).is_some();
                let is_shown = |place: &QueuePlace| shows(&format!("[data-queued=\"{}\"]", place.execution));
                // Whoever waits further behind has moved, too.
                if places.iter().any(is_shown) || *more && shows("[data-queued]") {
                    page::outdated();
                }
            }
            // Only a page that shows the log is sent its lines.
            Sample::Log { .. } | Sample::Resync => page::outdated(),
        },
    }
}
