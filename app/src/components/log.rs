//! An execution's log, growing while it is watched.

use leptos::prelude::*;
use model::{
    ExecutionId,
    event::{Sample, Topic},
    execution::{LogLevel, LogLine},
};

use crate::{
    api,
    components::loaded::Loaded,
    format,
    live::{Message, use_live},
};

/// `after` is the number of the snapshot that the page was rendered from.
#[component]
pub fn Log(execution: ExecutionId, after: i64) -> impl IntoView {
    let lines = Resource::new(|| (), move |()| async move { api::executions::execution_logs(execution, 0).await });
    view! {
        <Loaded data=move || async move { lines.await } let:first>
            <Lines execution after first reload=Callback::new(move |()| lines.refetch())/>
        </Loaded>
    }
    .into_any()
}

#[component]
fn Lines(execution: ExecutionId, after: i64, first: Vec<LogLine>, reload: Callback<()>) -> impl IntoView {
    let lines = RwSignal::new(first);
    use_live().listen_to(Some(Topic::Execution(execution)), after, move |message| match message {
        Message::Sample(Sample::Log { execution: of, first, lines: new }) if *of == execution => {
            lines.update(|lines| append(lines, *first, new));
        }
        Message::Reload => reload.run(()),
        Message::Sample(_) | Message::Change(_) => {}
    });
    view! {
        // Not a live region: lines come too fast to be read out.
        <div class="log" role="log" aria-live="off" aria-label="Log" tabindex="0">
            <Show when=move || lines.with(Vec::is_empty)>
                <p class="soft">"Nothing was logged yet."</p>
            </Show>
            <ol role="list">
                <For each=move || lines.get().into_iter().enumerate() key=|(index, _)| *index let:line>
                    <Line line=line.1/>
                </For>
            </ol>
        </div>
    }
    .into_any()
}

#[component]
fn Line(line: LogLine) -> impl IntoView {
    let class = match line.level {
        LogLevel::Info => "",
        LogLevel::Warning => "waiting",
        LogLevel::Error => "failed",
    };
    let word = match line.level {
        LogLevel::Info => None,
        LogLevel::Warning => Some("warning: "),
        LogLevel::Error => Some("error: "),
    };
    view! {
        <li class=class>
            <time datetime=line.at.to_string()>{format::time::utc_clock(line.at)}</time>
            <b>{line.step.map(|step| step.as_str())}</b>
            <span>{word} {line.message}</span>
        </li>
    }
    .into_any()
}

/// Lines carry the index of the first of them; what is known already is not taken twice.
fn append(lines: &mut Vec<LogLine>, first: u64, new: &[LogLine]) {
    let known = (lines.len() as u64).saturating_sub(first);
    lines.extend(new.iter().skip(usize::try_from(known).unwrap_or(usize::MAX)).cloned());
}

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::*;

    #[test]
    fn lines_that_overlap_are_taken_once() {
        let line = |text: &str| LogLine {
            at: Timestamp::from_micros(0),
            level: LogLevel::Info,
            step: None,
            message: text.to_owned(),
        };
        let mut lines = vec![line("a"), line("b")];
        append(&mut lines, 1, &[line("b"), line("c")]);
        append(&mut lines, 0, &[line("a")]);
        let texts: Vec<_> = lines.iter().map(|line| line.message.as_str()).collect();
        assert_eq!(texts, ["a", "b", "c"]);
    }
}
