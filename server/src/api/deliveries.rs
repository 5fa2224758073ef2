//! `/deliveries`: notifications that did not arrive. And `/workflows/{id}/notifications/test`.

use app::backend::Backend as _;
use axum::{Json as Answer, http::StatusCode};
use model::{
    DeliveryId, WorkflowId,
    delivery::{Delivery, DeliveryFilter, TestOutcome, TestRecipients, Undelivered},
};

use super::{
    Items, List,
    extract::{Id, JsonIfAny, NoBody, Parameters, Query, page_limit},
};
use crate::{
    backend::Asked,
    problem::{Problem, Result},
};

impl Parameters for DeliveryFilter {
    const NAMES: &'static [&'static str] = &["status", "project", "cursor", "limit"];
}

pub(super) async fn list(asker: Asked, Query(filter): Query<DeliveryFilter>) -> Result<Answer<List<Undelivered>>> {
    let filter = DeliveryFilter { limit: page_limit(filter.limit)?, ..filter };
    let page = asker.undelivered(filter).await.map_err(Problem::of_query)?.data;
    Ok(Answer(List { items: page.items, next_cursor: page.next_cursor }))
}

/// The answer is the delivery that was queued.
pub(super) async fn resend(asker: Asked, Id(id): Id<DeliveryId>, _: NoBody) -> Result<(StatusCode, Answer<Delivery>)> {
    Ok((StatusCode::ACCEPTED, Answer(asker.resend_delivery(id).await?)))
}

/// To the workflow's recipients, or to those in the body.
pub(super) async fn test(
    asker: Asked,
    Id(workflow): Id<WorkflowId>,
    JsonIfAny(recipients): JsonIfAny<Option<TestRecipients>>,
) -> Result<Answer<Items<TestOutcome>>> {
    let items = asker.test_notifications(workflow, recipients).await?;
    Ok(Answer(Items { items }))
}
