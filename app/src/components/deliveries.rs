//! Who was told what about an execution, and whether it arrived.

use leptos::prelude::*;
use model::delivery::{Delivery, DeliveryStatus, Occasion};

use crate::{
    components::{
        icon::Icon,
        state::{Mark, State},
        time::Time,
    },
    format,
};

impl From<DeliveryStatus> for Mark {
    fn from(status: DeliveryStatus) -> Self {
        let (word, icon, class) = match status {
            DeliveryStatus::Waiting => ("Waiting", Icon::Clock, "waiting"),
            DeliveryStatus::Sending => ("Sending", Icon::Play, "running"),
            DeliveryStatus::Delivered => ("Delivered", Icon::Check, "success"),
            DeliveryStatus::Failed => ("Not delivered", Icon::Alert, "failed"),
            DeliveryStatus::Unknown => ("May have arrived", Icon::Broken, "stopped"),
        };
        Mark { word, icon, class }
    }
}

const fn news(occasion: Occasion) -> &'static str {
    match occasion {
        Occasion::Success => "Success",
        Occasion::Failure => "Failure",
        Occasion::Recovered => "Recovered after failure",
        Occasion::TookLong => "Took longer than allowed",
        Occasion::Suspended => "Workflow suspended",
        Occasion::DidNotStart => "Did not start in time",
    }
}

#[component]
pub fn Deliveries(deliveries: Vec<Delivery>) -> impl IntoView {
    view! { <ul class="glance" role="list">{deliveries.into_iter().map(row).collect_view()}</ul> }.into_any()
}

fn row(delivery: Delivery) -> impl IntoView {
    let when = match (delivery.finished_at, delivery.next_attempt_at) {
        (Some(at), _) => view! { <Time at/> }.into_any(),
        (None, Some(at)) => view! { "next attempt " <Time at/> }.into_any(),
        (None, None) => view! { "accepted " <Time at=delivery.created_at/> }.into_any(),
    };
    let attempts = u64::from(delivery.attempts);
    let attempts = (attempts > 1).then(|| format!(" · {}", format::counted(attempts, "attempt")));
    // What an earlier attempt ran into does not matter once it arrived.
    let error = delivery.error.filter(|_| delivery.status != DeliveryStatus::Delivered);
    view! {
        <li data-key=delivery.id.to_string()>
            <div class="row">
                <b>{format::recipient(&delivery.recipient)}</b>
                <State mark=delivery.status/>
            </div>
            <p class="soft">{news(delivery.occasion)} " · " {when} {attempts}</p>
            {error.map(|error| view! { <p class="soft">{error}</p> })}
        </li>
    }
}
