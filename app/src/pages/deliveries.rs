//! `/deliveries`: notifications that did not arrive, or may not have.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{hooks::use_query_map, params::ParamsMap};
use model::{
    Page, Role, Snapshot,
    delivery::{DeliveryFilter, DeliveryStatus, Undelivered},
};

use crate::{
    api::request::backend,
    components::{
        allowed::may,
        deliveries::{news, resend, word},
        filters::text,
        icon::Icon,
        loaded::Loaded,
        paging::Paging,
        state::State,
        time::{Saying, Time},
        watch::Watch,
    },
    format,
    interest::Interest,
};

#[component]
pub fn DeliveriesPage() -> impl IntoView {
    let filter = use_query_map().with_untracked(filter_of);
    let asked = filter.clone();
    view! {
        <Title text="Undelivered notifications"/>
        <header class="page-head">
            <div>
                <h1>"Undelivered notifications"</h1>
                <p>"What was given up after its last attempt, and what may have arrived. Neither is sent again by itself."</p>
            </div>
        </header>
        <Loaded data=async move { backend().undelivered(asked).await } let:listed>
            <Listed listed filter/>
        </Loaded>
    }
    .into_any()
}

fn filter_of(query: &ParamsMap) -> DeliveryFilter {
    DeliveryFilter {
        status: text(query, "status").as_deref().and_then(DeliveryStatus::parse).filter(|status| status.is_dead()),
        project: text(query, "project").and_then(|id| id.parse().ok()),
        cursor: text(query, "cursor"),
        limit: text(query, "limit").and_then(|limit| limit.parse().ok()),
    }
}

/// The address of the list with this filter. Its cursor belongs to this filter and no other.
fn address(filter: &DeliveryFilter) -> String {
    let mut query = ParamsMap::new();
    let pairs = [
        ("status", filter.status.map(|status| status.as_str().to_owned())),
        ("project", filter.project.map(|id| id.to_string())),
        ("limit", filter.limit.map(|limit| limit.to_string())),
        ("cursor", filter.cursor.clone()),
    ];
    for (name, value) in pairs {
        if let Some(value) = value {
            query.insert(name, value);
        }
    }
    format!("/deliveries{}", query.to_query_string())
}

#[component]
fn Listed(listed: Snapshot<Page<Undelivered>>, filter: DeliveryFilter) -> impl IntoView {
    let Snapshot { number, data: page } = listed;
    let newest = DeliveryFilter { cursor: None, ..filter.clone() };
    let next = page.next_cursor.map(|cursor| address(&DeliveryFilter { cursor: Some(cursor), ..filter.clone() }));
    let first = filter.cursor.is_some().then(|| address(&newest));
    let has_none = page.items.is_empty() && newest == DeliveryFilter::default();
    let content = match page.items.is_empty() {
        true => view! { <Nothing status=filter.status/> }.into_any(),
        false => view! { <Table rows=page.items/> }.into_any(),
    };
    view! {
        <Watch after=number topics=vec![Interest::Deliveries]/>
        {(!has_none).then(|| view! { <Chips filter=newest/> })}
        {content}
        <Paging label="More notifications" first next/>
    }
    .into_any()
}

/// `filter` is without a cursor.
#[component]
fn Chips(filter: DeliveryFilter) -> impl IntoView {
    let chip = |status: Option<DeliveryStatus>| {
        let href = address(&DeliveryFilter { status, ..filter.clone() });
        let chosen = (filter.status == status).then_some("true");
        view! { <a class="chip" href=href data-in-place aria-current=chosen>{status.map_or("All", word)}</a> }
    };
    let statuses = [None, Some(DeliveryStatus::Failed), Some(DeliveryStatus::Unknown)];
    view! { <nav class="chips" aria-label="Outcome">{statuses.map(chip)}</nav> }.into_any()
}

#[component]
fn Table(rows: Vec<Undelivered>) -> impl IntoView {
    view! {
        <table class="table folding deliveries">
            <thead>
                <tr>
                    <th scope="col">"Given up"</th>
                    <th scope="col">"Workflow"</th>
                    <th scope="col">"News"</th>
                    <th scope="col">"Recipient"</th>
                    <th scope="col">"Outcome"</th>
                    <th scope="col"><span class="visually-hidden">"Resend"</span></th>
                </tr>
            </thead>
            {rows.into_iter().map(row).collect_view()}
        </table>
    }
    .into_any()
}

fn row(Undelivered { delivery, project_id }: Undelivered) -> impl IntoView {
    let about = match delivery.execution_id {
        Some(execution) => {
            view! { <a href=format!("/executions/{execution}")>{news(delivery.occasion)}</a> }.into_any()
        }
        None => news(delivery.occasion).into_any(),
    };
    let again = match delivery.resent {
        Some(resent) => Some(view! { <span class="soft">"Sent again: " {word(resent.status)}</span> }.into_any()),
        None => may(Role::Operator, project_id).then(|| resend(delivery.id, &delivery.recipient)),
    };
    let attempts = format::counted(u64::from(delivery.attempts), "attempt");
    view! {
        <tbody data-key=delivery.id.to_string()>
            <tr>
                <td class="when"><Time at=delivery.finished_at.unwrap_or(delivery.created_at) saying=Saying::Moment/></td>
                <td class="lead">
                    <a href=format!("/workflows/{}", delivery.workflow_id)>{delivery.workflow_name}</a>
                </td>
                <td>{about}</td>
                <td>{format::recipient(&delivery.recipient)}</td>
                <td><State mark=delivery.status/></td>
                <td class="resend">{again}</td>
            </tr>
            <tr class="error-row">
                <td></td>
                <td colspan="5">{delivery.error} " " <span class="soft">{attempts}</span></td>
            </tr>
        </tbody>
    }
}

#[component]
fn Nothing(status: Option<DeliveryStatus>) -> impl IntoView {
    let (heading, words) = match status {
        Some(DeliveryStatus::Unknown) => {
            ("No outcome is unknown", "No notification was on its way when the server or a connection went down.")
        }
        Some(_) => ("Nothing was given up", "No notification has run out of attempts."),
        None => (
            "Every notification arrived",
            "What cannot be delivered within ten attempts is listed here, and what may or may not have arrived because the \
             server or the connection went down. Each can be sent again.",
        ),
    };
    view! {
        <section class="empty">
            {Icon::Mail.view()}
            <h2>{heading}</h2>
            <p>{words}</p>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_filter() {
        let query: ParamsMap = [("status", "unknown"), ("limit", "20"), ("cursor", "17-4")]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let filter = filter_of(&query);
        assert_eq!((filter.status, filter.limit), (Some(DeliveryStatus::Unknown), Some(20)));
        assert_eq!(address(&filter), "/deliveries?status=unknown&limit=20&cursor=17%2D4");
        let delivered: ParamsMap = [("status".to_owned(), "delivered".to_owned())].into_iter().collect();
        assert_eq!(address(&filter_of(&delivered)), "/deliveries");
    }
}
