//! An execution told line by line, each thing once.

use app::format::{self, counted, execution as words, percent, time::utc_clock};
use model::{
    Step, Timestamp,
    event::Progress,
    execution::{Execution, LogLevel, LogLine, QueueReason, Status, StepRun, StepStatus},
};

use crate::cli::{output::plain, table};

/// A line, and where it stands in the story of a run.
#[derive(Debug)]
pub(super) struct Moment {
    pub(super) place: Place,
    pub(super) text: String,
}

/// By the steps and not by time: a step's end is noted a moment before the line of the log that tells of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Before,
    Step(Step, Part),
    After,
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Start,
    Log,
    End,
}

impl Moment {
    fn new(place: Place, at: Timestamp, text: &str) -> Self {
        let step = match place {
            Place::Step(step, _) => step.as_str(),
            Place::Before | Place::After | Place::End => "",
        };
        Self { place, text: format!("{}  {step:7}  {}", utc_clock(at), plain(text)).trim_end().to_owned() }
    }

    pub(super) fn of_line(line: &LogLine) -> Self {
        let text = match line.level {
            LogLevel::Info => line.message.clone(),
            LogLevel::Warning | LogLevel::Error => format!("{}: {}", line.level.as_str(), line.message),
        };
        Self::new(line.step.map_or(Place::After, |step| Place::Step(step, Part::Log)), line.at, &text)
    }
}

/// What was told of an execution.
#[derive(Debug, Default)]
pub(super) struct Words {
    status: Option<Status>,
    steps: Vec<(Step, StepStatus)>,
    place: Option<String>,
}

impl Words {
    /// What is new in an execution, in order. One that is older than what was told has nothing new.
    pub(super) fn news(&mut self, execution: &Execution) -> Vec<Moment> {
        let mut news = Vec::new();
        if self.status.is_none() {
            let text = format!("“{}”, {} ({})", execution.workflow_name, words::trigger(execution), execution.id);
            news.push(Moment { place: Place::Before, text: plain(&text) });
        }
        if execution.status == Status::Queued && self.status.is_none_or(|told| told == Status::Queued) {
            let place = execution.queue_position.zip(execution.queue_reason.as_ref());
            let news_of_place = place.and_then(|(position, reason)| self.place(position, reason));
            news.extend(news_of_place.map(|text| Moment { place: Place::Before, text }));
        }
        for run in &execution.steps {
            self.news_of_step(run, &mut news);
        }
        if self.status.is_none_or(|told| rank(execution.status) > rank(told)) {
            self.status = Some(execution.status);
            news.extend(news_of_status(execution));
        }
        news
    }

    fn news_of_step(&mut self, run: &StepRun, news: &mut Vec<Moment>) {
        let told = self.steps.iter().position(|(step, _)| *step == run.step);
        let told = told.unwrap_or_else(|| {
            self.steps.push((run.step, StepStatus::Pending));
            self.steps.len() - 1
        });
        let before = std::mem::replace(&mut self.steps[told].1, run.status);
        if step_rank(run.status) <= step_rank(before) {
            self.steps[told].1 = before;
            return;
        }
        if let Some(at) = run.started_at.filter(|_| before == StepStatus::Pending) {
            news.push(Moment::new(Place::Step(run.step, Part::Start), at, "started"));
        }
        if let Some((started, ended)) =
            run.started_at.zip(run.finished_at).filter(|_| run.status != StepStatus::Running)
        {
            let rows = run.rows_out.map(|rows| format!(", {}", counted(rows, "row"))).unwrap_or_default();
            let text = format!("{} after {}{rows}", run.status.as_str(), format::duration(ended.since(started)));
            news.push(Moment::new(Place::Step(run.step, Part::End), ended, &text));
        }
    }

    /// Whether what was told has come to this place: the step's start was told, or the run's end.
    pub(super) fn has_come_to(&self, place: Place) -> bool {
        let is_over = self.status.is_some_and(Status::is_final);
        match place {
            Place::Step(step, _) if !is_over => {
                self.steps.iter().any(|(told, status)| *told == step && *status != StepStatus::Pending)
            }
            Place::Before | Place::Step(..) | Place::After | Place::End => true,
        }
    }

    /// Whether a step has ended of which that was not told.
    pub(super) fn is_end_of_step(&self, execution: &Execution) -> bool {
        let ended = |status| step_rank(status) == step_rank(StepStatus::Success);
        let told = |run: &StepRun| self.steps.iter().any(|(step, status)| *step == run.step && ended(*status));
        execution.steps.iter().any(|run| ended(run.status) && !told(run))
    }

    /// Where it stands in the queue, unless that was told.
    pub(super) fn place(&mut self, position: u32, reason: &QueueReason) -> Option<String> {
        let place = format!("Queued, {} in line, {}", format::ordinal(position), waits(reason));
        (self.place.as_ref() != Some(&place)).then(|| {
            self.place = Some(place.clone());
            plain(&place)
        })
    }
}

/// Later states have higher ranks.
const fn rank(status: Status) -> u8 {
    match status {
        Status::Queued => 0,
        Status::Running => 1,
        Status::Cancelling => 2,
        Status::Success | Status::Failed | Status::Cancelled | Status::Interrupted => 3,
    }
}

/// The same of a step.
const fn step_rank(status: StepStatus) -> u8 {
    match status {
        StepStatus::Pending => 0,
        StepStatus::Running => 1,
        StepStatus::Success | StepStatus::Failed | StepStatus::Cancelled | StepStatus::Skipped => 2,
    }
}

fn news_of_status(execution: &Execution) -> Option<Moment> {
    match execution.status {
        Status::Queued | Status::Running => None,
        Status::Cancelling => {
            let by = execution.cancelled_by.as_deref().unwrap_or("someone");
            let at = execution.cancelled_at.unwrap_or(execution.queued_at);
            Some(Moment::new(Place::End, at, &format!("{by} cancels it: it stops at the next checkpoint")))
        }
        Status::Success | Status::Failed | Status::Cancelled | Status::Interrupted => {
            Some(Moment { place: Place::End, text: plain(&words::ended(execution)) })
        }
    }
}

/// What a queued execution waits for.
pub(in crate::cli) fn waits(reason: &QueueReason) -> String {
    match (words::reason(reason), reason) {
        (Some(reason), _) => reason,
        (None, QueueReason::WaitingUntil { at }) => format!("until {} UTC", table::time(*at)),
        (None, QueueReason::BehindWorkflow { started_at: Some(at), .. }) => {
            format!("behind the execution that started at {} UTC", table::time(*at))
        }
        (None, _) => "behind another execution of this workflow".to_owned(),
    }
}

/// `match    62 % · scoring 1.8 of 2.9 M pairs · 1.1 M/s`
pub(super) fn progress(progress: &Progress) -> String {
    let share = progress.fraction.map(percent);
    let known = words::progress(progress, None, None);
    let parts = [share.as_deref().filter(|share| *share != known), Some(known.as_str())];
    let parts: Vec<&str> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    plain(&format!("{:7}  {}", progress.step.as_str(), parts.join(" · ")))
}

#[cfg(test)]
mod tests;
