//! Entries of the log of activity: what was done, to what, from what to what, by whom, from where and when.

mod changes;
mod words;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::{
    Error, Page,
    activity::{Activity, ActivityFilter, ActivityKind, Subject, SubjectKind},
    project::ProjectName,
};

use crate::{
    api::request::backend,
    components::{
        loaded::Loaded,
        paging::NewestOlder,
        time::{Saying, Time},
    },
    format::activity::who,
};
use changes::changes_of;
use words::{look, words};

/// The tab of a workflow or project, which the filter names. What people did with executions is apart, so that a program
/// that asks for many does not hide who changed what.
#[component]
pub fn ActivityTab(of: ActivityFilter) -> impl IntoView {
    let (show, cursor) = use_query_map().with_untracked(|query| (query.get("show"), query.get("cursor")));
    let runs = show.as_deref() == Some("runs");
    let of_project = of.workflow.is_none();
    let is_newest = cursor.is_none();
    let subject = match runs {
        true => vec![SubjectKind::Execution],
        false => vec![SubjectKind::Workflow, SubjectKind::TriggerUrl, SubjectKind::Project],
    };
    let filter = ActivityFilter { subject, cursor, ..of };
    let address = if runs { "?tab=activity&show=runs" } else { "?tab=activity" };
    view! {
        <ShowChips runs/>
        <Loaded data=load(filter) let:loaded>
            <Entries page=loaded.0 projects=loaded.1 address is_newest of_project runs/>
        </Loaded>
    }
    .into_any()
}

/// A page of the log, and the names of the projects that may be seen.
async fn load(filter: ActivityFilter) -> Result<(Page<Activity>, Vec<ProjectName>), Error> {
    let backend = backend();
    Ok((backend.activity(filter).await?.data, backend.project_names().await?))
}

#[component]
fn ShowChips(runs: bool) -> impl IntoView {
    let chip = |href: &'static str, label: &'static str, here: bool| {
        view! { <a class="chip" href=href data-in-place aria-current=here.then_some("true")>{label}</a> }
    };
    view! {
        <nav class="chips" aria-label="Kind of activity">
            {chip("?tab=activity", "Changes", !runs)}
            {chip("?tab=activity&show=runs", "Runs", runs)}
        </nav>
    }
}

#[component]
fn Entries(
    page: Page<Activity>,
    projects: Vec<ProjectName>,
    address: &'static str,
    is_newest: bool,
    of_project: bool,
    runs: bool,
) -> impl IntoView {
    let older = page.next_cursor.map(|cursor| format!("{address}&cursor={cursor}"));
    let newest = (!is_newest).then(|| address.to_owned());
    let none = match (runs, of_project) {
        (true, _) => "Nobody has asked for a run yet. Who does, and who cancels one, is written down here.",
        (false, true) => "What people change in this project and its workflows is written down here from now on.",
        (false, false) => "Edits, pauses and missed occurrences are written down here from now on.",
    };
    if page.items.is_empty() {
        return view! { <p class="soft">{none}</p> }.into_any();
    }
    view! {
        <ActivityList entries=page.items projects of_all=of_project/>
        <NewestOlder label="More activity" newest older/>
    }
    .into_any()
}

#[component]
pub fn ActivityList(
    entries: Vec<Activity>,
    /// Those that may be seen.
    projects: Vec<ProjectName>,
    /// Whether each says what it was done to.
    of_all: bool,
) -> impl IntoView {
    view! {
        <ol class="activity" role="list" aria-label="Activity">
            {entries.into_iter().map(|entry| line(entry, of_all, &projects)).collect_view()}
        </ol>
    }
    .into_any()
}

fn line(entry: Activity, of_all: bool, projects: &[ProjectName]) -> AnyView {
    let by = who(&entry);
    let from = entry.address.map(|address| view! { " from " <span class="address">{address.to_string()}</span> });
    let Activity { number, at, subject, what, changes, more_changes, .. } = entry;
    let (icon, class) = look(&what);
    let is_new = what == ActivityKind::Created;
    let subject_words = if of_all { about(&subject, &what) } else { part_of(&subject) };
    view! {
        <li data-key=number.to_string()>
            <span class=class>{icon.view()}</span>
            <div class="what">{subject_words} {words(what, &subject, of_all)}</div>
            <p class="soft">{by} {from} " · " <Time at saying=Saying::Moment/></p>
            {changes_of(changes, more_changes, is_new, projects)}
        </li>
    }
    .into_any()
}

/// Which part of the one thing that all entries are about, if not itself.
fn part_of(subject: &Subject) -> Option<AnyView> {
    let is_part = subject.kind == SubjectKind::TriggerUrl;
    is_part.then(|| view! { <span class="subject">{subject.kind.label()}</span> }.into_any())
}

/// What it was done to, with the way there. Where the words say it themselves, nothing.
fn about(subject: &Subject, what: &ActivityKind) -> Option<AnyView> {
    let (id, name) = (subject.id?, subject.name.clone()?);
    let label = subject.kind.label();
    let (label, href) = match subject.kind {
        SubjectKind::Workflow => (label, format!("/workflows/{id}")),
        SubjectKind::Project => (label, format!("/projects/{id}")),
        SubjectKind::Execution => ("Run of", format!("/executions/{id}")),
        SubjectKind::TriggerUrl => ("Trigger address of", format!("/workflows/{id}")),
        SubjectKind::User => (label, format!("/people/{id}")),
        SubjectKind::Token => (label, String::new()),
        SubjectKind::SignIn | SubjectKind::Maintenance | SubjectKind::Server => return None,
    };
    // Of what is gone there is no page.
    let has_page = !href.is_empty() && (*what != ActivityKind::Deleted || subject.kind == SubjectKind::TriggerUrl);
    let name = match has_page {
        true => view! { <a href=href>{name}</a> }.into_any(),
        false => view! { <b>{name}</b> }.into_any(),
    };
    Some(view! { <span class="subject"><span class="soft">{label}</span> " " {name}</span> }.into_any())
}
