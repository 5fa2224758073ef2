//! What a schedule means, while it is being typed: the next times, and the schedule in words.

use leptos::prelude::*;
use model::{FieldError, Timestamp};
use serde::{Deserialize, Serialize};

use crate::api::{ApiError, codec::Json};

/// One occurrence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewTime {
    pub at: Timestamp,
    /// The same time as a clock in the workflow's zone shows it: "Mon 23 Nov 2026, 02:00 CET". Made on the server,
    /// because the browser's code carries no time zones.
    pub in_zone: String,
}

/// What the schedule in the form means; both empty for On-Demand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewAnswer {
    pub next: Vec<PreviewTime>,
    pub words: String,
    pub time_zone: String,
    /// One sentence when a clock change moves or doubles one of the times.
    pub note: Option<String>,
    /// Why there is nothing to show, at the fields of the schedule.
    pub problems: Vec<FieldError>,
}

/// Reads the schedule out of the whole form, as its inputs are named.
///
/// # Errors
/// Problems of the schedule are part of the answer; an error means that the server could not answer.
#[server(prefix = "/_fn", endpoint = "preview_schedule", input = Json, output = Json)]
pub async fn preview_schedule(fields: String) -> Result<PreviewAnswer, ApiError> {
    use super::{
        request,
        workflow_form::{preview, read},
    };

    request::answer(preview::of_form(request::backend().as_ref(), &read::fields(&fields)).await)
}
