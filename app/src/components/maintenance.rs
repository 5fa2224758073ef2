//! Maintenance mode: the banner on every page while it is on, and the question before it is switched.

use leptos::prelude::*;
use model::{Role, maintenance::Maintenance};

use crate::{
    backend::SharedBackend,
    components::{
        allowed::may_everywhere,
        icon::Icon,
        time::{Saying, Time},
    },
};

/// How the switch stands. `None` outside a request, and when it could not be read: then the page itself says what is
/// wrong.
pub async fn read() -> Option<Maintenance> {
    let backend = use_context::<SharedBackend>()?;
    backend.maintenance().await.ok()
}

/// Nothing while it is off.
#[component]
pub fn MaintenanceBanner() -> impl IntoView {
    view! {
        <Suspense>
            {Suspend::new(async move {
                read().await.filter(|maintenance| maintenance.on).map(|maintenance| view! { <Banner maintenance/> })
            })}
        </Suspense>
    }
    .into_any()
}

#[component]
fn Banner(maintenance: Maintenance) -> impl IntoView {
    let by = maintenance.by.map(|by| format!(", switched on by {by}"));
    let since = maintenance.since.map(|at| view! { ", since " <Time at saying=Saying::Moment/> });
    view! {
        <section class="maintenance" aria-label="Maintenance mode" data-key="maintenance">
            {Icon::Pause.view()}
            <p>
                <b>"Maintenance mode"</b> {by} {since}
                ". Nothing starts; what runs goes on. Run Now and schedules queue up until it ends."
            </p>
            {may_everywhere(Role::Administrator).then(|| view! {
                <Switch on=false class="button" label="End maintenance"/>
            })}
        </section>
    }
    .into_any()
}

/// In a menu: switching on asks first, since it concerns everyone; switching off does not.
#[component]
pub fn MaintenanceSwitch(maintenance: Maintenance) -> impl IntoView {
    if maintenance.on {
        return view! { <Switch on=false class="" label="End maintenance mode"/> }.into_any();
    }
    view! {
        <details>
            <summary>{Icon::Pause.view()} "Maintenance mode…"</summary>
            <div class="confirm calm">
                <p>
                    "Stop all new starts? What runs goes on to its end. Run Now and schedules are accepted and wait until
                    you end maintenance mode."
                </p>
                <Switch on=true class="button main" label="Start maintenance"/>
            </div>
        </details>
    }
    .into_any()
}

#[component]
fn Switch(on: bool, class: &'static str, label: &'static str) -> impl IntoView {
    let icon = if on { Icon::Pause } else { Icon::Play };
    view! {
        <form class="inline" method="post" action="/_fn/set_maintenance">
            <input type="hidden" name="on" value=on.to_string()/>
            <button class=class type="submit">{icon.view()} {label}</button>
        </form>
    }
    .into_any()
}
