//! `/deliveries`: notifications that did not arrive. And `/workflows/{id}/notifications/test`.

use app::backend::Backend as _;
use axum::{Json as Answer, http::StatusCode};
use model::{
    DeliveryId, WorkflowId,
    delivery::{Delivery, DeliveryFilter, TestOutcome, TestRecipients, Undelivered},
};

use super::{
    Items, List,
    extract::{Id, JsonIfAny, NoBody, Nothing, Query, page_limit},
    openapi::{EDITOR, Needs, OPERATOR},
};
use crate::{
    backend::Asked,
    problem::{Problem, Result},
};

/// Notifications that did not arrive
///
/// Those that were given up, or may have arrived and may not; the newest first. Of a webhook, whoever may not change the
/// workflow sees only where it leads.
#[utoipa::path(
    get,
    path = "/deliveries",
    tag = "executions",
    params(DeliveryFilter),
    responses((status = 200, description = "A page of them", body = List<Undelivered>)),
    extensions(("x-role" = json!(Needs::AnyRole))),
)]
pub(super) async fn undelivered(
    asker: Asked,
    Query(filter): Query<DeliveryFilter>,
) -> Result<Answer<List<Undelivered>>> {
    let filter = DeliveryFilter { limit: page_limit(filter.limit)?, ..filter };
    let page = asker.undelivered(filter).await.map_err(Problem::of_query)?.data;
    Ok(Answer(List { items: page.items, next_cursor: page.next_cursor }))
}

/// Send a notification again
///
/// One that did not certainly arrive, once. The answer is the delivery that was queued.
#[utoipa::path(
    post,
    path = "/deliveries/{id}/resend",
    tag = "executions",
    params(("id" = DeliveryId, Path, description = "Of the delivery")),
    request_body = Option<Nothing>,
    responses(
        (status = 202, description = "It is queued", body = Delivery),
        (status = 409, description = "It was delivered, is still being tried, or was sent again already"),
    ),
    extensions(("x-role" = json!(OPERATOR))),
)]
pub(super) async fn resend_delivery(
    asker: Asked,
    Id(id): Id<DeliveryId>,
    _: NoBody,
) -> Result<(StatusCode, Answer<Delivery>)> {
    Ok((StatusCode::ACCEPTED, Answer(asker.resend_delivery(id).await?)))
}

/// Send a test to recipients
///
/// To those in the body, or without one to the recipients of the workflow. The answer comes when each was tried.
#[utoipa::path(
    post,
    path = "/workflows/{id}/notifications/test",
    tag = "workflows",
    params(("id" = WorkflowId, Path, description = "Of the workflow")),
    request_body(content = Option<TestRecipients>, description = "In place of the recipients of the workflow"),
    responses(
        (status = 200, description = "What came of it at each", body = Items<TestOutcome>),
        (status = 429, description = "Other tests are on their way"),
    ),
    extensions(("x-role" = json!(EDITOR))),
)]
pub(super) async fn test_notifications(
    asker: Asked,
    Id(workflow): Id<WorkflowId>,
    JsonIfAny(recipients): JsonIfAny<Option<TestRecipients>>,
) -> Result<Answer<Items<TestOutcome>>> {
    let items = asker.test_notifications(workflow, recipients).await?;
    Ok(Answer(Items { items }))
}
