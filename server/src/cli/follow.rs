//! One run from where it stands to its end, live: its steps, its progress, its log.
//!
//! The live feed says what is new, the API what was before. Whenever the feed begins or has missed something, everything
//! is read once more and told from where it had come to: so nothing is missed, and nothing is told twice.

mod feed;
mod next;
mod patience;
pub(super) mod words;

use model::{
    ExecutionId,
    event::{Change, Event, Sample, ServerMessage},
    execution::{Execution, LogLine},
};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    Outcome,
    client::{Client, Document},
    failure::Failure,
    output::Output,
};
use feed::{Feed, Heard};
use patience::patiently;
use words::{Moment, Words};

/// Follows a run to its end. A failed attempt with a retry, and an interrupted one with a recovery, is not the end.
pub(super) async fn follow(client: &Client, first: ExecutionId, output: &mut Output) -> Result<Outcome, Failure> {
    // One that does not exist, and a server that is not there, are told at once; from here on there is patience.
    client.execution(first).await?;
    let mut id = first;
    loop {
        let attempt =
            Attempt { client, output: &mut *output, id, words: Words::default(), lines_heard: 0, held: Vec::new() };
        let ended = attempt.follow().await?;
        match next::after(client, &ended).await? {
            Some(next) => id = next,
            None => return Ok(Outcome::Ended(ended.status)),
        }
    }
}

/// One execution that is followed.
struct Attempt<'a> {
    client: &'a Client,
    output: &'a mut Output,
    id: ExecutionId,
    words: Words,
    /// How many lines of the log were heard; also the index of the next one.
    lines_heard: u64,
    /// Lines of a step whose start was not told yet: the log is quicker than the facts.
    held: Vec<Moment>,
}

impl Attempt<'_> {
    async fn follow(mut self) -> Result<Execution, Failure> {
        // One that is over needs no feed.
        let mut execution = self.catch_up().await?;
        let mut feed = Feed::new(self.client, self.id);
        while !execution.status.is_final() {
            match feed.next().await? {
                Heard::CaughtUp => execution = self.catch_up().await?,
                Heard::Message { text, message } => {
                    if let Some(now) = self.hear(&text, message).await? {
                        execution = now;
                    }
                }
                Heard::Lost(reason) => {
                    self.output.remark(format_args!("The live feed was lost ({reason}); connecting again."))?;
                    // Where no feed ever gets through, the end is found nevertheless.
                    execution = self.catch_up().await?;
                }
            }
        }
        Ok(execution)
    }

    /// Reads how it stands, and tells what is new in that.
    async fn catch_up(&mut self) -> Result<Execution, Failure> {
        let document = patiently(self.client, async || self.client.execution(self.id).await).await?;
        let execution: Execution = document.read()?;
        // After the execution: of one that is over this is the whole log.
        let lines = self.further_lines().await?;
        if self.output.is_json() {
            self.tell_lines(self.lines_heard, lines)?;
            self.output.text(as_message(&document)?)?;
        } else {
            // What the log tells was between the steps.
            self.lines_heard += count(&lines);
            self.held.extend(lines.iter().map(Moment::of_line));
            self.tell_news(&execution)?;
        }
        Ok(execution)
    }

    /// Tells what is new in an execution, and the lines of the log that belong there.
    fn tell_news(&mut self, execution: &Execution) -> Result<(), Failure> {
        let mut moments = self.words.news(execution);
        moments.extend(self.held.extract_if(.., |moment| self.words.has_come_to(moment.place)));
        moments.sort_by_key(|moment| moment.place);
        moments.into_iter().try_for_each(|moment| self.output.text(moment.text))
    }

    /// Tells what a message says. Gives the execution if that has changed.
    async fn hear(&mut self, text: &str, message: ServerMessage) -> Result<Option<Execution>, Failure> {
        match message {
            ServerMessage::Event(Event { change: Change::Execution { execution }, .. }) if execution.id == self.id => {
                // The log has all lines of a step before its end is noted; the feed may bring them after it.
                if execution.status.is_final() || self.words.is_end_of_step(&execution) {
                    self.read_lines().await?;
                }
                if self.output.is_json() {
                    self.output.text(text)?;
                } else {
                    self.tell_news(&execution)?;
                }
                Ok(Some(*execution))
            }
            ServerMessage::Sample(Sample::Log { execution, first, lines }) if execution == self.id => {
                if first > self.lines_heard {
                    // Lines before these were not heard; the log has them, and these as well.
                    self.read_lines().await?;
                } else {
                    self.tell_lines(first, lines)?;
                }
                Ok(None)
            }
            ServerMessage::Sample(Sample::Progress(progress)) if progress.execution == self.id => {
                if self.output.is_json() {
                    self.output.text(text)?;
                }
                self.output.status(&words::progress(&progress))?;
                Ok(None)
            }
            ServerMessage::Sample(Sample::Queue { places, .. }) => {
                let place = places.into_iter().find(|place| place.execution == self.id);
                let news = place.and_then(|place| self.words.place(place.position, &place.reason));
                if let Some(news) = news.filter(|_| !self.output.is_json()) {
                    self.output.text(news)?;
                }
                Ok(None)
            }
            ServerMessage::Event(_) | ServerMessage::Sample(_) => Ok(None),
        }
    }

    /// Reads the log from where it was told to, and tells it.
    async fn read_lines(&mut self) -> Result<(), Failure> {
        let lines = self.further_lines().await?;
        self.tell_lines(self.lines_heard, lines)
    }

    async fn further_lines(&self) -> Result<Vec<LogLine>, Failure> {
        patiently(self.client, async || self.client.log_lines(self.id, self.lines_heard).await).await
    }

    /// Tells those of these lines that were not told yet; `first` is the index of the first of them.
    fn tell_lines(&mut self, first: u64, mut lines: Vec<LogLine>) -> Result<(), Failure> {
        let known = usize::try_from(self.lines_heard - first).unwrap_or(usize::MAX);
        let lines = lines.split_off(known.min(lines.len()));
        if lines.is_empty() {
            return Ok(());
        }
        let first = self.lines_heard;
        self.lines_heard += count(&lines);
        if self.output.is_json() {
            let message = Sample::Log { execution: self.id, first, lines };
            return self.output.text(serde_json::to_string(&message).expect("log lines are text"));
        }
        for line in &lines {
            let moment = Moment::of_line(line);
            if self.words.has_come_to(moment.place) {
                self.output.text(moment.text)?;
            } else {
                self.held.push(moment);
            }
        }
        Ok(())
    }
}

/// What the API answered, as the live feed would say it.
fn as_message(document: &Document) -> Result<String, Failure> {
    #[derive(Serialize)]
    struct Message<'a> {
        kind: &'static str,
        execution: &'a RawValue,
    }
    let message = Message { kind: "execution", execution: document.read()? };
    Ok(serde_json::to_string(&message).expect("JSON was read"))
}

fn count(lines: &[LogLine]) -> u64 {
    u64::try_from(lines.len()).expect("lines are counted in 64 bits")
}
