//! From the form's inputs to a draft, and from a stored workflow to the form's inputs.

use std::str::FromStr;

use model::{
    FieldError, ProjectId, Step, StepRange, limits,
    schedule::{Missed, Schedule, Unit},
    workflow::{Notifications, Workflow, WorkflowDraft},
};

use super::fields::{NotificationFields, Refused, ScheduleKind, WorkflowFields};

/// The form as a browser encodes it. Unknown inputs are ignored and missing ones stay empty: a form from an older page
/// still shows what was typed into it.
pub(super) fn fields(encoded: &str) -> WorkflowFields {
    // A box that is not ticked is not sent.
    let notifications = NotificationFields::default();
    let mut fields = WorkflowFields { steps: Vec::new(), notifications, ..blank(None, "") };
    for (name, value) in form_urlencoded::parse(encoded.as_bytes()) {
        let text = value.into_owned();
        match name.as_ref() {
            "name" => fields.name = text,
            "project_id" => fields.project = text,
            "step" => fields.steps.extend(Step::parse(&text)),
            "later_start" => fields.later_start = true,
            "schedule" => {
                fields.schedule = ScheduleKind::ALL.into_iter().find(|kind| kind.as_str() == text).unwrap_or_default();
            }
            "every" => fields.every = text,
            "unit" => fields.unit = Unit::ALL.into_iter().find(|unit| unit.as_str() == text).unwrap_or(Unit::Hours),
            "expression" => fields.expression = text,
            "time_zone" => fields.time_zone = text,
            "retries" => fields.retries = text,
            "delay_1" => fields.delays[0] = text,
            "delay_2" => fields.delays[1] = text,
            "delay_3" => fields.delays[2] = text,
            "suspend_after" => fields.suspend_after = text,
            "missed" => fields.missed = if text == "skip" { Missed::Skip } else { Missed::CatchUp },
            "timeout" => fields.timeout = text,
            "emails" => fields.notifications.emails = text,
            "webhooks" => fields.notifications.webhooks = text,
            "on_failure" => fields.notifications.on_failure = true,
            "on_success" => fields.notifications.on_success = true,
            "on_recovery" => fields.notifications.on_recovery = true,
            "longer_than" => fields.notifications.longer_than = text,
            "digest_hour" => fields.notifications.digest_hour = text,
            "version" => fields.version = text.parse().unwrap_or_default(),
            _ => {}
        }
    }
    fields.steps.sort_unstable();
    fields.steps.dedup();
    fields
}

/// What a post of the form asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    Save,
    /// Only to see what it means. A form that was refused before says so, and is told all that is still wrong with it;
    /// a new one is not scolded for what nobody has filled in yet.
    Preview {
        after: Option<Refused>,
    },
    /// To send a test to the recipients, and to see the rest as in a preview.
    Test {
        after: Option<Refused>,
    },
}

pub(super) fn intent(encoded: &str) -> Intent {
    let value_of = |wanted: &str| form_urlencoded::parse(encoded.as_bytes()).find(|(name, _)| name == wanted);
    let wanted = value_of("intent").map(|(_, value)| value.into_owned()).unwrap_or_default();
    let after = value_of("refused").and_then(|(_, value)| Refused::ALL.into_iter().find(|it| it.as_str() == value));
    match wanted.as_str() {
        "save" => Intent::Save,
        "test" => Intent::Test { after },
        _ => Intent::Preview { after },
    }
}

/// A new workflow: all six steps, every night.
pub(super) fn blank(project: Option<ProjectId>, time_zone: &str) -> WorkflowFields {
    WorkflowFields {
        name: String::new(),
        project: project.map(|id| id.to_string()).unwrap_or_default(),
        steps: Step::ALL.to_vec(),
        later_start: false,
        schedule: ScheduleKind::Cron,
        every: "6".to_owned(),
        unit: Unit::Hours,
        expression: "0 2 * * *".to_owned(),
        time_zone: time_zone.to_owned(),
        retries: "0".to_owned(),
        delays: limits::RETRY_DELAYS_DEFAULT_S.map(|seconds| quotient(u64::from(seconds), 60)),
        suspend_after: limits::SUSPEND_AFTER_DEFAULT.to_string(),
        missed: Missed::CatchUp,
        timeout: quotient(limits::TIMEOUT_DEFAULT_S, 3600),
        notifications: NotificationFields { on_failure: true, ..NotificationFields::default() },
        version: 0,
    }
}

/// A stored workflow in the form's inputs.
pub(super) fn of_workflow(workflow: &Workflow) -> WorkflowFields {
    let mut fields = WorkflowFields {
        name: workflow.name.clone(),
        steps: workflow.steps.into(),
        later_start: workflow.steps.from() != Step::Import,
        retries: workflow.retries.to_string(),
        suspend_after: workflow.suspend_after.to_string(),
        missed: workflow.missed,
        timeout: quotient(workflow.timeout_s, 3600),
        notifications: of_notifications(&workflow.notifications),
        version: workflow.version,
        ..blank(Some(workflow.project_id), &workflow.time_zone)
    };
    for (text, seconds) in fields.delays.iter_mut().zip(&workflow.retry_delays_s) {
        *text = quotient(u64::from(*seconds), 60);
    }
    match &workflow.schedule {
        Schedule::Simple { every, unit } => {
            fields.schedule = ScheduleKind::Simple;
            fields.every = every.to_string();
            fields.unit = *unit;
        }
        Schedule::Cron { expression } => {
            fields.schedule = ScheduleKind::Cron;
            fields.expression.clone_from(expression);
        }
        Schedule::OnDemand => fields.schedule = ScheduleKind::OnDemand,
    }
    fields
}

fn of_notifications(stored: &Notifications) -> NotificationFields {
    NotificationFields {
        emails: stored.emails.join(", "),
        webhooks: stored.webhooks.join(", "),
        on_failure: stored.on_failure,
        on_success: stored.on_success,
        on_recovery: stored.on_recovery,
        longer_than: stored.longer_than_s.map(|seconds| quotient(seconds, 60)).unwrap_or_default(),
        digest_hour: stored.digest_hour.map(|hour| hour.to_string()).unwrap_or_default(),
    }
}

/// A whole number of units without a fraction, another one with as many digits as it needs.
#[expect(clippy::cast_precision_loss, reason = "a year in seconds has eight digits; f64 holds fifteen")]
fn quotient(seconds: u64, unit: u64) -> String {
    if seconds.is_multiple_of(unit) { (seconds / unit).to_string() } else { (seconds as f64 / unit as f64).to_string() }
}

/// A draft, with every problem that the inputs show by themselves. What cannot be read is a problem, and stands in the
/// draft as something harmless, so that the rest can be checked all the same.
pub(super) struct Reading {
    pub(super) draft: WorkflowDraft,
    pub(super) problems: Vec<FieldError>,
}

/// Stands for a project that is not chosen.
const NOBODYS: &str = "00000000-0000-0000-0000-000000000000";

pub(super) fn draft(fields: &WorkflowFields) -> Reading {
    let mut problems = Vec::new();
    let project_id = fields.project.parse().unwrap_or_else(|_| {
        problems.push(FieldError::new("project_id", "choose a project"));
        NOBODYS.parse().expect("a UUID of zeros is one")
    });
    let steps = settle(steps(fields), StepRange::ALL, &mut problems);
    let schedule = settle(schedule(fields), Schedule::OnDemand, &mut problems);
    let retries = settle(number("retries", &fields.retries, "a number from 0 to 3"), 0, &mut problems);
    let draft = WorkflowDraft {
        name: fields.name.trim().to_owned(),
        project_id,
        steps,
        schedule,
        time_zone: Some(fields.time_zone.trim().to_owned()).filter(|zone| !zone.is_empty()),
        retries,
        retry_delays_s: Some(delays(fields, retries, &mut problems)),
        suspend_after: Some(settle(
            number("suspend_after", &fields.suspend_after, "a whole number of runs, 0 for never"),
            0,
            &mut problems,
        )),
        missed: fields.missed,
        timeout_s: Some(settle(
            seconds("timeout_s", &fields.timeout, 3600.0, "a number of hours, 0 for none"),
            0,
            &mut problems,
        )),
        notifications: notifications(&fields.notifications, &mut problems),
    };
    Reading { draft, problems }
}

fn settle<T>(read: Result<T, FieldError>, otherwise: T, problems: &mut Vec<FieldError>) -> T {
    read.unwrap_or_else(|problem| {
        problems.push(problem);
        otherwise
    })
}

fn steps(fields: &WorkflowFields) -> Result<StepRange, FieldError> {
    let range = StepRange::try_from(fields.steps.clone()).map_err(|problem| FieldError::new("steps", problem))?;
    if range.from() != Step::Import && !fields.later_start {
        return Err(FieldError::new(
            "steps",
            format!(
                "{} needs the steps before it: tick them too, or tick “Start from a later step”",
                range.from().label()
            ),
        ));
    }
    Ok(range)
}

pub(super) fn schedule(fields: &WorkflowFields) -> Result<Schedule, FieldError> {
    match fields.schedule {
        ScheduleKind::Simple => {
            let every = number("schedule.every", &fields.every, "a whole number, at least 1")?;
            Ok(Schedule::Simple { every, unit: fields.unit })
        }
        ScheduleKind::Cron => Ok(Schedule::Cron { expression: fields.expression.trim().to_owned() }),
        ScheduleKind::OnDemand => Ok(Schedule::OnDemand),
    }
}

/// The delays of all three retries are kept; only those that are used have to be right.
fn delays(fields: &WorkflowFields, retries: u8, problems: &mut Vec<FieldError>) -> Vec<u32> {
    let used = usize::from(retries);
    let mut delays = Vec::with_capacity(fields.delays.len());
    for (place, text) in fields.delays.iter().enumerate() {
        let read = seconds("retry_delays_s", text, 60.0, "a number of minutes for each retry");
        let read = read.map(|delay| u32::try_from(delay).unwrap_or(u32::MAX));
        match read {
            Ok(delay) if place < used || delay <= limits::RETRY_DELAY_MAX_S => delays.push(delay),
            Err(problem) if place < used => {
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
                delays.push(0);
            }
            Ok(_) | Err(_) => delays.push(limits::RETRY_DELAYS_DEFAULT_S[place]),
        }
    }
    delays
}

fn notifications(fields: &NotificationFields, problems: &mut Vec<FieldError>) -> Notifications {
    let longer_than_s = Some(fields.longer_than.as_str()).filter(|text| !text.trim().is_empty()).map(|text| {
        let read = seconds("notifications.longer_than_s", text, 60.0, "a number of minutes, or empty");
        settle(read, 60, problems)
    });
    let digest_hour = Some(fields.digest_hour.as_str())
        .filter(|text| !text.trim().is_empty())
        .map(|text| settle(number("notifications.digest_hour", text, "an hour from 0 to 23, or empty"), 0, problems));
    let list = |text: &str| -> Vec<String> {
        let items = text.split([',', ';', '\n']).map(str::trim).filter(|item| !item.is_empty());
        items.map(ToOwned::to_owned).collect()
    };
    Notifications {
        emails: list(&fields.emails),
        webhooks: list(&fields.webhooks),
        on_failure: fields.on_failure,
        on_success: fields.on_success,
        on_recovery: fields.on_recovery,
        longer_than_s,
        digest_hour,
    }
}

fn number<T: FromStr>(field: &str, text: &str, wanted: &str) -> Result<T, FieldError> {
    text.trim().parse().map_err(|_| FieldError::new(field, format!("must be {wanted}")))
}

/// Seconds from a number of `unit`s, which may have a fraction.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked: from 0 to far below u64's limit")]
fn seconds(field: &str, text: &str, unit: f64, wanted: &str) -> Result<u64, FieldError> {
    let amount: f64 = number(field, text, wanted)?;
    let seconds = (amount * unit).round();
    if seconds.is_finite() && (0.0..=4e9).contains(&seconds) {
        Ok(seconds as u64)
    } else {
        Err(FieldError::new(field, format!("must be {wanted}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_save_button_saves() {
        let preview = |after| Intent::Preview { after };
        assert_eq!(intent("name=A&intent=save"), Intent::Save);
        assert_eq!(intent("name=A&intent=preview"), preview(None));
        assert_eq!(intent("name=A"), preview(None));
        assert_eq!(intent("refused=problems&intent=preview"), preview(Some(Refused::Problems)));
        assert_eq!(intent("refused=conflict&intent=save"), Intent::Save);
        let after = Some(Refused::Problems);
        assert_eq!(intent("refused=problems&intent=test"), Intent::Test { after });
    }
}
