//! Maintenance mode: one switch that stops new starts everywhere. Clicks are accepted and queued, occurrences fold.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Maintenance {
    pub on: bool,
    /// Who switched it last, and when; null if nobody ever did.
    #[serde(default)]
    pub by: Option<String>,
    #[serde(default)]
    pub since: Option<Timestamp>,
}
