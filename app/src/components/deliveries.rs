//! Who was told what about an execution, and whether it arrived.

use leptos::prelude::*;
use model::{
    DeliveryId, ProjectId, Role,
    delivery::{Delivery, DeliveryStatus, Occasion, TestOutcome},
};

use crate::{
    components::{
        allowed::may,
        icon::Icon,
        state::{Mark, State},
        time::Time,
    },
    format,
};

impl From<DeliveryStatus> for Mark {
    fn from(status: DeliveryStatus) -> Self {
        let (icon, class) = match status {
            DeliveryStatus::Waiting => (Icon::Clock, "waiting"),
            DeliveryStatus::Sending => (Icon::Play, "running"),
            DeliveryStatus::Delivered => (Icon::Check, "success"),
            DeliveryStatus::Failed => (Icon::Alert, "failed"),
            DeliveryStatus::Unknown => (Icon::Broken, "stopped"),
        };
        Mark { word: word(status), icon, class }
    }
}

pub const fn word(status: DeliveryStatus) -> &'static str {
    match status {
        DeliveryStatus::Waiting => "Waiting",
        DeliveryStatus::Sending => "Sending",
        DeliveryStatus::Delivered => "Delivered",
        DeliveryStatus::Failed => "Not delivered",
        DeliveryStatus::Unknown => "May have arrived",
    }
}

pub const fn news(occasion: Occasion) -> &'static str {
    match occasion {
        Occasion::Success => "Success",
        Occasion::Failure => "Failure",
        Occasion::Recovered => "Recovered after failure",
        Occasion::TookLong => "Took longer than allowed",
        Occasion::Suspended => "Workflow suspended",
        Occasion::DidNotStart => "Did not start in time",
        Occasion::Digest => "Daily digest",
        Occasion::Test => "Test",
    }
}

#[component]
pub fn Deliveries(deliveries: Vec<Delivery>, project: ProjectId) -> impl IntoView {
    let may_resend = may(Role::Operator, project);
    let rows = deliveries.into_iter().map(|delivery| row(delivery, may_resend));
    view! { <ul class="glance" role="list">{rows.collect_view()}</ul> }.into_any()
}

fn row(delivery: Delivery, may_resend: bool) -> impl IntoView {
    let when = match (delivery.finished_at, delivery.next_attempt_at) {
        (Some(at), _) => view! { <Time at/> }.into_any(),
        (None, Some(at)) => view! { "next attempt " <Time at/> }.into_any(),
        (None, None) => view! { "accepted " <Time at=delivery.created_at/> }.into_any(),
    };
    let attempts = u64::from(delivery.attempts);
    let attempts = (attempts > 1).then(|| format!(" · {}", format::counted(attempts, "attempt")));
    let again = delivery.requested_by.as_ref().map(|by| format!(" · sent again by {by}"));
    let resend = (may_resend && delivery.may_be_resent()).then(|| resend(delivery.id, &delivery.recipient));
    // What an earlier attempt ran into does not matter once it arrived.
    let error = delivery.error.filter(|_| delivery.status != DeliveryStatus::Delivered);
    view! {
        <li data-key=delivery.id.to_string()>
            <div class="row">
                <b>{format::recipient(&delivery.recipient)}</b>
                <State mark=delivery.status/>
            </div>
            <p class="soft">{news(delivery.occasion)} " · " {when} {attempts} {again}</p>
            {error.map(|error| view! { <p class="soft">{error}</p> })}
            {resend}
        </li>
    }
}

/// Sends it again, once.
pub fn resend(id: DeliveryId, recipient: &str) -> AnyView {
    let name = format!("Resend to {}", format::recipient(recipient));
    view! {
        <form class="inline" method="post" action="/_fn/resend_delivery">
            <input type="hidden" name="id" value=id.to_string()/>
            <button class="button" type="submit" aria-label=name>"Resend"</button>
        </form>
    }
    .into_any()
}

/// What came of a test, one recipient a line.
#[component]
pub fn TestOutcomes(outcomes: Vec<TestOutcome>) -> impl IntoView {
    let line = |TestOutcome { recipient, status, error }: TestOutcome| {
        view! {
            <li>
                <div class="row">
                    <b>{format::recipient(&recipient)}</b>
                    <State mark=status/>
                </div>
                {error.map(|error| view! { <p class="soft">{error}</p> })}
            </li>
        }
    };
    view! { <ul class="glance" role="list" aria-label="Test">{outcomes.into_iter().map(line).collect_view()}</ul> }
        .into_any()
}
