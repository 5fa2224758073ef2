//! Notifications and their deliveries: who was told what about a run, and whether it arrived.

use serde::{Deserialize, Serialize};

use crate::{DeliveryId, ExecutionId, ProjectId, Step, Timestamp, WorkflowId};

/// What a notification tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    Success,
    /// Once for a run, after its last attempt.
    Failure,
    /// The first success after a failed run.
    Recovered,
    /// It took longer than the workflow's limit for that.
    TookLong,
    /// The workflow was suspended.
    Suspended,
    /// A scheduled execution could not start within the limit.
    DidNotStart,
    /// How a workflow's last day went; of no execution.
    Digest,
    /// Someone wants to see whether it arrives. It is sent at once and never stored.
    Test,
}

impl Occasion {
    pub const ALL: [Occasion; 8] = [
        Occasion::Success,
        Occasion::Failure,
        Occasion::Recovered,
        Occasion::TookLong,
        Occasion::Suspended,
        Occasion::DidNotStart,
        Occasion::Digest,
        Occasion::Test,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Occasion::Success => "success",
            Occasion::Failure => "failure",
            Occasion::Recovered => "recovered",
            Occasion::TookLong => "took_long",
            Occasion::Suspended => "suspended",
            Occasion::DidNotStart => "did_not_start",
            Occasion::Digest => "digest",
            Occasion::Test => "test",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|occasion| occasion.as_str() == text)
    }
}

/// What there is to tell, as it stood when it happened. Whoever delivers it makes the text and adds the link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    pub occasion: Occasion,
    pub workflow_id: WorkflowId,
    pub workflow_name: String,
    pub project_name: String,
    /// `None` for what is told of the workflow as a whole: a digest, a test.
    pub execution_id: Option<ExecutionId>,
    pub at: Timestamp,
    /// Of a scheduled execution.
    #[serde(default)]
    pub due_at: Option<Timestamp>,
    pub started_at: Option<Timestamp>,
    pub duration_ms: Option<u64>,
    pub records: Option<u64>,
    pub failed_step: Option<Step>,
    /// The failed step's error, or why the workflow was suspended or an execution did not start.
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
}

/// How the runs of a workflow ended within a day. A run counts where its last attempt ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// It begins where the digest before it ended, so that each run is in one of them.
    pub since: Timestamp,
    pub until: Timestamp,
    pub succeeded: u64,
    pub failed: u64,
    pub cancelled: u64,
    /// Of all successes.
    pub records: u64,
    /// The newest of those that failed, newest first; at most `limits::DIGEST_FAILURES_MAX`.
    pub failures: Vec<DigestFailure>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestFailure {
    pub execution_id: ExecutionId,
    pub at: Timestamp,
    pub failed_step: Option<Step>,
    pub reason: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// For its first or next attempt.
    Waiting,
    Sending,
    Delivered,
    /// Given up after the last attempt.
    Failed,
    /// It was on its way when the server or the connection went down. It may have arrived, so it is not sent again by
    /// itself.
    Unknown,
}

impl DeliveryStatus {
    pub const ALL: [DeliveryStatus; 5] = [
        DeliveryStatus::Waiting,
        DeliveryStatus::Sending,
        DeliveryStatus::Delivered,
        DeliveryStatus::Failed,
        DeliveryStatus::Unknown,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            DeliveryStatus::Waiting => "waiting",
            DeliveryStatus::Sending => "sending",
            DeliveryStatus::Delivered => "delivered",
            DeliveryStatus::Failed => "failed",
            DeliveryStatus::Unknown => "unknown",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Whether it came to an end and did not certainly arrive: what a person looks at, and may send again.
    pub const fn is_dead(self) -> bool {
        match self {
            DeliveryStatus::Waiting | DeliveryStatus::Sending | DeliveryStatus::Delivered => false,
            DeliveryStatus::Failed | DeliveryStatus::Unknown => true,
        }
    }

    /// Final states never change again.
    pub const fn is_final(self) -> bool {
        match self {
            DeliveryStatus::Waiting | DeliveryStatus::Sending => false,
            DeliveryStatus::Delivered | DeliveryStatus::Failed | DeliveryStatus::Unknown => true,
        }
    }
}

/// One notification to one recipient, as API, events and pages show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Delivery {
    pub id: DeliveryId,
    pub workflow_id: WorkflowId,
    /// As it was called when it happened.
    pub workflow_name: String,
    /// Null for a digest.
    pub execution_id: Option<ExecutionId>,
    pub occasion: Occasion,
    pub recipient: String,
    pub status: DeliveryStatus,
    /// Attempts begun so far.
    pub attempts: u32,
    pub created_at: Timestamp,
    /// When it is tried next, while it waits.
    pub next_attempt_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    /// What the last attempt ran into.
    pub error: Option<String>,
    /// The one that it repeats, because someone asked for that.
    pub resend_of: Option<DeliveryId>,
    /// Who asked for it, when it repeats another.
    pub requested_by: Option<String>,
    /// The one that repeats it, as it stood when this was read.
    pub resent: Option<Resent>,
}

impl Delivery {
    /// Whether it may be sent again: it is dead, and nobody did so before.
    pub fn may_be_resent(&self) -> bool {
        self.status.is_dead() && self.resent.is_none()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Resent {
    pub id: DeliveryId,
    pub status: DeliveryStatus,
}

/// A delivery that is dead, with the project whose people deal with it: its execution's, or for a digest its workflow's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Undelivered {
    #[serde(flatten)]
    pub delivery: Delivery,
    pub project_id: ProjectId,
}

/// Which of the dead deliveries a list shows. All given conditions must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct DeliveryFilter {
    /// `failed` or `unknown`; without, both.
    #[serde(default)]
    pub status: Option<DeliveryStatus>,
    /// The one whose people deal with it.
    #[serde(default)]
    pub project: Option<ProjectId>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    pub cursor: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", param(schema_with = crate::openapi::page_limit))]
    pub limit: Option<usize>,
}

/// To whom a test is sent in place of the workflow's own recipients.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TestRecipients {
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::emails))]
    pub emails: Vec<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::webhooks))]
    pub webhooks: Vec<String>,
}

/// What came of a test at one recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TestOutcome {
    pub recipient: String,
    /// `delivered`, `failed` or `unknown`.
    pub status: DeliveryStatus,
    pub error: Option<String>,
}

impl Delivery {
    /// As someone sees it who may not change the workflow.
    pub fn without_secrets(self) -> Self {
        Self { recipient: without_secret(&self.recipient), ..self }
    }
}

/// A recipient, and of a webhook only where it leads: the rest of its address may be a secret.
pub fn without_secret(recipient: &str) -> String {
    let Some((scheme, rest)) = recipient.split_once("://") else { return recipient.to_owned() };
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    format!("{scheme}://{}/…", host.rsplit('@').next().unwrap_or(host))
}

#[cfg(test)]
mod tests {
    use super::without_secret;

    #[test]
    fn a_webhook_shows_where_it_leads_and_nothing_else() {
        assert_eq!(without_secret("https://hooks.example.com/services/T0/secret"), "https://hooks.example.com/…");
        assert_eq!(without_secret("http://bob:secret@10.0.0.1:8080?key=secret"), "http://10.0.0.1:8080/…");
        assert_eq!(without_secret("ann@example.com"), "ann@example.com");
    }
}
