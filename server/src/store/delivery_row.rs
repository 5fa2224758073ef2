//! One row of `deliveries`, as it is read.

use model::{
    DeliveryId, ExecutionId,
    delivery::{Delivery, DeliveryStatus, Notification, Occasion, Resent},
};
use sqlx::sqlite::SqliteRow;

use super::{StoreResult, row::Columns};

/// `SELECT` of everything that [`read`] reads; the rest of the statement follows.
macro_rules! select_deliveries {
    ($rest:literal) => {
        concat!(
            "SELECT d.number, d.id, d.workflow_id, d.execution_id, d.occasion, d.recipient, d.notification, d.message_id, ",
            "d.status, d.attempts, d.created_at, d.next_attempt_at, d.finished_at, d.error, d.resend_of, d.requested_by, ",
            "r.id AS resent_id, r.status AS resent_status, ",
            // Whose people deal with it: a digest is of a workflow, other news are of an execution.
            "coalesce((SELECT e.project_id FROM executions e WHERE e.id = d.execution_id), ",
            "(SELECT w.project_id FROM workflows w WHERE w.id = d.workflow_id)) AS project_id ",
            "FROM deliveries d LEFT JOIN deliveries r ON r.resend_of = d.id ",
            $rest
        )
    };
}
pub(super) use select_deliveries;

/// What is sent: one notification to one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Goes with it, the same in each attempt and when it is sent again, so that whoever gets two can tell.
    pub id: DeliveryId,
    pub recipient: String,
    pub notification: Notification,
}

/// A delivery with what it carries.
#[derive(Clone, Debug)]
pub(super) struct StoredDelivery {
    pub(super) delivery: Delivery,
    pub(super) letter: Letter,
}

impl StoredDelivery {
    pub(super) fn read(row: &SqliteRow) -> StoreResult<Self> {
        let notification: Notification = row.json("notification")?;
        let resent_status = row.word_or_null("resent_status", DeliveryStatus::parse)?;
        let resent = row.uuid_or_null("resent_id")?.map(DeliveryId::from_uuid).zip(resent_status);
        let delivery = Delivery {
            id: DeliveryId::from_uuid(row.uuid("id")?),
            workflow_id: row.workflow_id("workflow_id")?,
            workflow_name: notification.workflow_name.clone(),
            execution_id: row.uuid_or_null("execution_id")?.map(ExecutionId::from_uuid),
            occasion: row.word("occasion", Occasion::parse)?,
            recipient: row.text("recipient")?,
            status: row.word("status", DeliveryStatus::parse)?,
            attempts: row.count("attempts")?,
            created_at: row.time("created_at")?,
            next_attempt_at: row.time_or_null("next_attempt_at")?,
            finished_at: row.time_or_null("finished_at")?,
            error: row.text_or_null("error")?,
            resend_of: row.uuid_or_null("resend_of")?.map(DeliveryId::from_uuid),
            requested_by: row.text_or_null("requested_by")?,
            resent: resent.map(|(id, status)| Resent { id, status }),
        };
        let letter = Letter {
            id: DeliveryId::from_uuid(row.uuid("message_id")?),
            recipient: delivery.recipient.clone(),
            notification,
        };
        Ok(Self { delivery, letter })
    }

    pub(super) fn read_all(rows: &[SqliteRow]) -> StoreResult<Vec<Self>> {
        rows.iter().map(Self::read).collect()
    }
}
