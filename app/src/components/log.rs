//! An execution's log.

use leptos::prelude::*;
use model::execution::{LogLevel, LogLine};

use crate::format;

#[component]
pub fn Log(lines: Vec<LogLine>) -> impl IntoView {
    let nothing = lines.is_empty().then(|| view! { <p class="soft">"Nothing was logged yet."</p> });
    view! {
        // Not a live region: lines come too fast to be read out.
        <div class="log" role="log" aria-live="off" aria-label="Log" tabindex="0">
            {nothing}
            <ol role="list">{lines.into_iter().map(|line| view! { <Line line/> }).collect_view()}</ol>
        </div>
    }
    .into_any()
}

#[component]
fn Line(line: LogLine) -> impl IntoView {
    let (class, word) = match line.level {
        LogLevel::Info => ("", None),
        LogLevel::Warning => ("waiting", Some("warning: ")),
        LogLevel::Error => ("failed", Some("error: ")),
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
