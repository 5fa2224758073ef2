//! Lists in pages, and data with the moment it was true.

use serde::{Deserialize, Serialize};

/// One page of a list, in keyset order. `next_cursor` is opaque; `None` on the last page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next_cursor: Option<String>,
}

/// Data together with the number of the last event it contains, so that a page knows where to start listening: applying
/// the events after `number` gives what a reload would show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot<T> {
    pub number: i64,
    pub data: T,
}
