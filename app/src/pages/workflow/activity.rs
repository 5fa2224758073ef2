//! The Activity tab: who changed what and when, and what the schedule did without leaving an execution behind.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::{
    Page, WorkflowId,
    activity::{Activity, ActivityKind, Missed},
};

use crate::{
    api::request::backend,
    components::{
        icon::Icon,
        loaded::Loaded,
        time::{Saying, Time},
    },
    format,
};

#[component]
pub fn ActivityTab(workflow: WorkflowId) -> impl IntoView {
    let cursor = use_query_map().with_untracked(|query| query.get("cursor"));
    let is_newest = cursor.is_none();
    view! {
        <Loaded data=async move { backend().workflow_activity(workflow, cursor, None).await } let:page>
            <Entries page is_newest/>
        </Loaded>
    }
    .into_any()
}

#[component]
fn Entries(page: Page<Activity>, is_newest: bool) -> impl IntoView {
    let older = page.next_cursor.map(|cursor| format!("?tab=activity&cursor={cursor}"));
    let newest = (!is_newest).then_some("?tab=activity");
    let none = page.items.is_empty().then(|| {
        view! { <p class="soft">"Edits, pauses and missed occurrences are written down here from now on."</p> }
    });
    view! {
        {none}
        <ol class="activity" role="list" aria-label="Activity">
            {page.items.into_iter().map(entry).collect_view()}
        </ol>
        <nav class="row" aria-label="More activity">
            {newest.map(|href| view! { <a class="button" href=href data-in-place>"Newest"</a> })}
            {older.map(|href| view! { <a class="button" href=href data-in-place>"Older"</a> })}
        </nav>
    }
    .into_any()
}

fn entry(activity: Activity) -> impl IntoView {
    let Activity { at, by, what } = activity;
    let (icon, class) = look(&what);
    let by = by.unwrap_or_else(|| "the system".to_owned());
    view! {
        <li>
            <span class=class>{icon.view()}</span>
            <div>{words(what)}</div>
            <p class="soft">{by} " · " <Time at saying=Saying::Moment/></p>
        </li>
    }
}

const fn look(what: &ActivityKind) -> (Icon, &'static str) {
    match what {
        ActivityKind::Created => (Icon::Plus, "pending"),
        ActivityKind::Duplicated { .. } => (Icon::Copy, "pending"),
        ActivityKind::Edited { .. } => (Icon::Pencil, "pending"),
        ActivityKind::Paused => (Icon::Pause, "stopped"),
        ActivityKind::Resumed => (Icon::Play, "success"),
        ActivityKind::Suspended { .. } | ActivityKind::DidNotStart { .. } => (Icon::Alert, "failed"),
        ActivityKind::Deleted => (Icon::Trash, "stopped"),
        ActivityKind::Missed(_) | ActivityKind::NoNextRun => (Icon::Alert, "waiting"),
        ActivityKind::Rearmed { .. } | ActivityKind::ClockSetBack { .. } => (Icon::Clock, "waiting"),
    }
}

fn words(what: ActivityKind) -> AnyView {
    let moment = |at| view! { <Time at saying=Saying::Moment/> };
    match what {
        ActivityKind::Created => "Created".into_any(),
        ActivityKind::Duplicated { from } => format!("Created as a copy of “{from}”").into_any(),
        ActivityKind::Edited { version } => format!("Edited; this is version {version}").into_any(),
        ActivityKind::Paused => "Paused".into_any(),
        ActivityKind::Resumed => "Resumed".into_any(),
        ActivityKind::Suspended { reason } => view! { "Suspended: " {reason} }.into_any(),
        ActivityKind::Deleted => "Deleted".into_any(),
        ActivityKind::Missed(missed) => view! { <MissedOccurrences missed/> }.into_any(),
        ActivityKind::Rearmed { next_run_at } => {
            view! { "The schedule had lost its next run; it is " {moment(next_run_at)} " again" }.into_any()
        }
        ActivityKind::NoNextRun => {
            "The schedule has no further run that can be found. Edit it to give it one.".into_any()
        }
        ActivityKind::ClockSetBack { next_run_at } => view! {
            "The server’s clock was set back. Nothing fires twice: the next run is " {moment(next_run_at)}
        }
        .into_any(),
        ActivityKind::DidNotStart { execution, due_at } => view! {
            "The run due " {moment(due_at)} " did not start in time. "
            <a href=format!("/executions/{execution}")>"See why it waits"</a>
        }
        .into_any(),
    }
}

#[component]
fn MissedOccurrences(missed: Missed) -> impl IntoView {
    let Missed { count, more, first, last, times, caught_up } = missed;
    let at_least = if more { "At least " } else { "" };
    let occurrences = format::counted(u64::from(count), "occurrence");
    let span = if first == last {
        view! { <Time at=first saying=Saying::Moment/> }.into_any()
    } else {
        view! { <Time at=first saying=Saying::Moment/> " to " <Time at=last saying=Saying::Moment/> }.into_any()
    };
    let instead = match caught_up {
        Some(at) => view! { "; caught up with the one due " <Time at saying=Saying::Moment/> }.into_any(),
        None => "; none was caught up".into_any(),
    };
    let list = (times.len() > 1).then(|| {
        let left_out = u64::from(count).saturating_sub(times.len() as u64);
        let earlier = (left_out > 0).then(|| format!("{} before these", format::counted(left_out, "more occurrence")));
        view! {
            <details>
                <summary class="soft">"Every one of them"</summary>
                <ul class="soft">
                    {times.into_iter().map(|at| view! { <li><Time at saying=Saying::Moment/></li> }).collect_view()}
                </ul>
                {earlier.map(|text| view! { <p class="soft">{text}</p> })}
            </details>
        }
    });
    view! { {at_least} {occurrences} " missed while the server was down: " {span} {instead} {list} }.into_any()
}
