//! When a workflow runs by itself. Evaluation lives in `server::scheduler`; these are the words.

pub mod pattern;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{FieldError, Timestamp, limits};

/// The occurrences of one schedule: the first later than an instant, or `None` when there is no further one.
pub type Occurrences = Box<dyn Fn(Timestamp) -> Option<Timestamp> + Send + Sync>;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Schedule {
    /// Every `every` units, at fixed boundaries `anchor + k·interval`.
    Simple {
        #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::interval))]
        every: u32,
        unit: Unit,
    },
    /// Five fields: minute hour day-of-month month day-of-week.
    Cron {
        #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::cron_expression))]
        expression: String,
    },
    /// Never by itself.
    OnDemand,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    Minutes,
    Hours,
    Days,
}

impl Unit {
    pub const ALL: [Unit; 3] = [Unit::Minutes, Unit::Hours, Unit::Days];

    pub const fn as_str(self) -> &'static str {
        match self {
            Unit::Minutes => "minutes",
            Unit::Hours => "hours",
            Unit::Days => "days",
        }
    }

    /// Days are 24 hours: a simple schedule knows no calendar.
    pub const fn seconds(self) -> u64 {
        match self {
            Unit::Minutes => 60,
            Unit::Hours => 3600,
            Unit::Days => 86_400,
        }
    }
}

impl Schedule {
    /// The interval of a simple schedule, or what is wrong with it.
    pub fn interval(every: u32, unit: Unit) -> Result<Duration, FieldError> {
        let seconds = u64::from(every) * unit.seconds();
        if every == 0 {
            return Err(FieldError::new("schedule.every", "must be at least 1"));
        }
        if seconds > u64::from(limits::INTERVAL_MAX_DAYS) * 86_400 {
            return Err(FieldError::new(
                "schedule.every",
                format!("the interval is longer than {} days", limits::INTERVAL_MAX_DAYS),
            ));
        }
        Ok(Duration::from_secs(seconds))
    }
}

/// What happens to occurrences that passed while the server was down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Missed {
    /// One late execution for the newest of them.
    #[default]
    CatchUp,
    Skip,
}

/// The question of the form and of `POST /schedules/preview`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewRequest {
    pub schedule: Schedule,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::time_zone))]
    pub time_zone: Option<String>,
    #[serde(default)]
    pub after: Option<Timestamp>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::preview_count))]
    pub count: Option<usize>,
}

/// The next occurrences, and the schedule in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preview {
    pub next: Vec<Timestamp>,
    pub words: String,
    /// The zone in which the schedule was read.
    pub time_zone: String,
    /// One sentence when a shown time is moved or doubled by a clock change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub note: Option<String>,
}
