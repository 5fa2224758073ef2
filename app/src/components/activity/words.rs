//! What an entry says was done, and the mark before it.

use leptos::prelude::*;
use model::activity::{ActivityKind, Missed, Subject, SubjectKind};

use crate::{
    components::{
        icon::Icon,
        time::{Saying, Time},
    },
    format,
};

pub(super) const fn look(what: &ActivityKind) -> (Icon, &'static str) {
    match what {
        ActivityKind::Created => (Icon::Plus, "pending"),
        ActivityKind::Duplicated { .. } => (Icon::Copy, "pending"),
        ActivityKind::Edited { .. } | ActivityKind::Suggested { .. } | ActivityKind::Reviewed { .. } => {
            (Icon::Pencil, "pending")
        }
        ActivityKind::Deleted => (Icon::Trash, "stopped"),
        ActivityKind::MovedAway => (Icon::Leave, "stopped"),
        ActivityKind::Paused | ActivityKind::SwitchedOn => (Icon::Pause, "stopped"),
        ActivityKind::Resumed | ActivityKind::SwitchedOff => (Icon::Play, "success"),
        ActivityKind::Suspended { .. } | ActivityKind::DidNotStart { .. } | ActivityKind::SignInRefused => {
            (Icon::Alert, "failed")
        }
        ActivityKind::Missed(_) | ActivityKind::NoNextRun => (Icon::Alert, "waiting"),
        ActivityKind::Rearmed { .. } | ActivityKind::ClockSetBack { .. } => (Icon::Clock, "waiting"),
        ActivityKind::FileUploaded { .. } => (Icon::Import, "pending"),
        ActivityKind::RunRequested { .. } => (Icon::Play, "running"),
        ActivityKind::CancelRequested => (Icon::Stop, "stopped"),
        ActivityKind::NotificationResent { .. } => (Icon::Bell, "pending"),
        ActivityKind::Invited
        | ActivityKind::PasswordChanged
        | ActivityKind::PasswordChosen
        | ActivityKind::SignedIn => (Icon::Person, "pending"),
        ActivityKind::SignedOut | ActivityKind::SessionEnded | ActivityKind::SignedOutEverywhere => {
            (Icon::Leave, "stopped")
        }
        ActivityKind::Started { .. } => (Icon::Circle, "pending"),
    }
}

/// `names_subject`: what it was done to stands before the words.
pub(super) fn words(what: ActivityKind, subject: &Subject, names_subject: bool) -> AnyView {
    let moment = |at| view! { <Time at saying=Saying::Moment/> };
    match what {
        ActivityKind::Created => "Created".into_any(),
        ActivityKind::Duplicated { from } => format!("Created as a copy of “{from}”").into_any(),
        ActivityKind::Edited { version: Some(version) } => format!("Edited; this is version {version}").into_any(),
        ActivityKind::Edited { version: None } => "Edited".into_any(),
        ActivityKind::Deleted => "Deleted".into_any(),
        ActivityKind::Paused => "Paused".into_any(),
        ActivityKind::Resumed => "Resumed".into_any(),
        ActivityKind::Suspended { reason } => view! { "Suspended: " {reason} }.into_any(),
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
        ActivityKind::FileUploaded { file, bytes } => format!("Uploaded {file}, {}", format::bytes(bytes)).into_any(),
        ActivityKind::Suggested { version } => {
            format!("Settings suggested from the sources; this is version {version}").into_any()
        }
        ActivityKind::Reviewed { records } => {
            format!("Decided about {} by hand", format::counted(records, "record")).into_any()
        }
        ActivityKind::MovedAway => "Moved to another project".into_any(),
        ActivityKind::RunRequested { from } => {
            let from = from.map(|step| format!(", from {step}"));
            let asked = if names_subject { "Asked for".into_any() } else { run(subject, "Asked for a run") };
            view! { {asked} {from} }.into_any()
        }
        ActivityKind::CancelRequested if names_subject => "Cancelled".into_any(),
        ActivityKind::CancelRequested => run(subject, "Cancelled a run"),
        ActivityKind::NotificationResent { recipient } => {
            format!("Sent a notification again, to {}", format::recipient(&recipient)).into_any()
        }
        ActivityKind::Invited => "Invited: a link was made to choose a password with".into_any(),
        ActivityKind::PasswordChanged => "Changed the password".into_any(),
        ActivityKind::PasswordChosen => "Chose a password with the link".into_any(),
        ActivityKind::SignedIn => "Signed in".into_any(),
        ActivityKind::SignInRefused => match &subject.name {
            Some(name) => format!("Sign-in as {name} refused").into_any(),
            None => "Sign-in refused: nobody has that name".into_any(),
        },
        ActivityKind::SignedOut => "Signed out".into_any(),
        ActivityKind::SessionEnded => "Signed out in another browser".into_any(),
        ActivityKind::SignedOutEverywhere => "Signed out everywhere".into_any(),
        ActivityKind::SwitchedOn => "Maintenance mode switched on".into_any(),
        ActivityKind::SwitchedOff => "Maintenance mode ended".into_any(),
        ActivityKind::Started { version, auth } => {
            let open = if auth == "none" { ", open to everybody on this machine" } else { "" };
            format!("Server started, version {version}{open}").into_any()
        }
    }
}

/// The words are the way to the execution.
fn run(subject: &Subject, words: &'static str) -> AnyView {
    match (subject.kind, subject.id) {
        (SubjectKind::Execution, Some(id)) => view! { <a href=format!("/executions/{id}")>{words}</a> }.into_any(),
        _ => words.into_any(),
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
