//! The states of executions and their steps, the transitions between them, and why an execution exists.

use serde::{Deserialize, Serialize};

/// Queued → Running → Success / Failed / Cancelled; Cancelling between the request and the stop; Interrupted when the
/// process died or was stopped under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Queued,
    Running,
    Cancelling,
    Success,
    Failed,
    Cancelled,
    Interrupted,
}

impl Status {
    pub const ALL: [Status; 7] = [
        Status::Queued,
        Status::Running,
        Status::Cancelling,
        Status::Success,
        Status::Failed,
        Status::Cancelled,
        Status::Interrupted,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Queued => "queued",
            Status::Running => "running",
            Status::Cancelling => "cancelling",
            Status::Success => "success",
            Status::Failed => "failed",
            Status::Cancelled => "cancelled",
            Status::Interrupted => "interrupted",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Status::Queued => "Queued",
            Status::Running => "Running",
            Status::Cancelling => "Cancelling",
            Status::Success => "Success",
            Status::Failed => "Failed",
            Status::Cancelled => "Cancelled",
            Status::Interrupted => "Interrupted",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Final states never change again.
    pub const fn is_final(self) -> bool {
        match self {
            Status::Queued | Status::Running | Status::Cancelling => false,
            Status::Success | Status::Failed | Status::Cancelled | Status::Interrupted => true,
        }
    }

    /// Holds a slot, its workflow and its project.
    pub const fn is_active(self) -> bool {
        matches!(self, Status::Running | Status::Cancelling)
    }

    /// The transitions there are; every update of the store is conditional on one of them.
    pub const fn may_become(self, next: Status) -> bool {
        match self {
            Status::Queued => matches!(next, Status::Running | Status::Cancelled),
            // A run that ends before it sees the request to cancel ends as what it was.
            Status::Running => matches!(
                next,
                Status::Cancelling | Status::Success | Status::Failed | Status::Interrupted | Status::Cancelled
            ),
            Status::Cancelling => {
                matches!(next, Status::Cancelled | Status::Success | Status::Failed | Status::Interrupted)
            }
            Status::Success | Status::Failed | Status::Cancelled | Status::Interrupted => false,
        }
    }
}

/// Why an execution exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    Scheduled,
    Manual,
    Api,
    Retry,
    Recovery,
}

impl Trigger {
    pub const ALL: [Trigger; 5] =
        [Trigger::Scheduled, Trigger::Manual, Trigger::Api, Trigger::Retry, Trigger::Recovery];

    pub const fn as_str(self) -> &'static str {
        match self {
            Trigger::Scheduled => "scheduled",
            Trigger::Manual => "manual",
            Trigger::Api => "api",
            Trigger::Retry => "retry",
            Trigger::Recovery => "recovery",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Trigger::Scheduled => "Scheduled",
            Trigger::Manual => "Manual",
            Trigger::Api => "API",
            Trigger::Retry => "Retry",
            Trigger::Recovery => "Recovery",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trigger| trigger.as_str() == text)
    }
}

/// State of one step of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    Pending,
    Running,
    Success,
    Failed,
    Cancelled,
    /// Not reached.
    Skipped,
}

impl StepStatus {
    pub const ALL: [StepStatus; 6] = [
        StepStatus::Pending,
        StepStatus::Running,
        StepStatus::Success,
        StepStatus::Failed,
        StepStatus::Cancelled,
        StepStatus::Skipped,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            StepStatus::Pending => "pending",
            StepStatus::Running => "running",
            StepStatus::Success => "success",
            StepStatus::Failed => "failed",
            StepStatus::Cancelled => "cancelled",
            StepStatus::Skipped => "skipped",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            StepStatus::Pending => "Pending",
            StepStatus::Running => "Running",
            StepStatus::Success => "Success",
            StepStatus::Failed => "Failed",
            StepStatus::Cancelled => "Cancelled",
            StepStatus::Skipped => "Skipped",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn final_states_are_final() {
        for state in Status::ALL.into_iter().filter(|state| state.is_final()) {
            assert!(Status::ALL.into_iter().all(|next| !state.may_become(next)), "{state:?}");
        }
    }

    #[test]
    fn every_state_but_queued_is_reached_by_a_transition() {
        for state in Status::ALL {
            let reached = Status::ALL.into_iter().any(|from| from.may_become(state));
            assert_eq!(reached, state != Status::Queued, "{state:?}");
        }
    }
}
