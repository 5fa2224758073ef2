//! An execution's log: its lines, a search in them, and the way to all of it as text.

use leptos::prelude::*;
use model::{
    ExecutionId,
    execution::{LogLevel, LogLine},
};

use crate::{
    components::{icon::Icon, search::SearchField},
    format,
};

/// The part of an address that holds the words searched for.
pub const SEARCH: &str = "log";

/// The whole part of a page, with its heading. Only lines that mention `words` are shown.
#[component]
pub fn LogSheet(execution: ExecutionId, lines: Vec<LogLine>, words: Option<String>) -> impl IntoView {
    let total = lines.len() as u64;
    let found: Vec<LogLine> = match &words {
        Some(words) => lines.into_iter().filter(|line| line.mentions(words)).collect(),
        None => lines,
    };
    let count = match &words {
        Some(_) => format!("{} of {}", format::number(found.len() as u64), format::counted(total, "line")),
        None => format::counted(total, "line"),
    };
    view! {
        <section class="sheet" aria-labelledby="log">
            <div class="sheet-head">
                <h2 id="log">"Log"</h2>
                <span class="soft">{count} " · times in UTC"</span>
                <div class="row push log-tools">
                    // Without JavaScript the page comes back at its log.
                    <form method="get" action=format!("/executions/{execution}#log") class="row" role="search" data-in-place>
                        <SearchField name=SEARCH value=words.clone() label="Search in the log"/>
                        <button class="button" type="submit">"Search"</button>
                    </form>
                    <a class="button quiet" href=format!("/api/v1/executions/{execution}/log.txt") download>
                        {Icon::Download.view()}
                        "Download log"
                    </a>
                </div>
            </div>
            <Log lines=found words/>
        </section>
    }
    .into_any()
}

/// The last few lines, for a page that shows more than the log.
#[component]
pub fn LogTail(lines: Vec<LogLine>) -> impl IntoView {
    const SHOWN: usize = 3;
    let first = lines.len().saturating_sub(SHOWN);
    let lines = lines.into_iter().skip(first).map(|line| view! { <Line line words=String::new()/> });
    view! { <ol class="log tail" role="list" aria-label="Last lines of the log">{lines.collect_view()}</ol> }.into_any()
}

#[component]
fn Log(lines: Vec<LogLine>, words: Option<String>) -> impl IntoView {
    let nothing = match (lines.is_empty(), &words) {
        (true, Some(words)) => Some(format!("No line mentions “{words}”.")),
        (true, None) => Some("Nothing was logged yet.".to_owned()),
        (false, _) => None,
    };
    let words = words.unwrap_or_default();
    view! {
        // Not a live region: lines come too fast to be read out.
        <div class="log" role="log" aria-live="off" aria-label="Log" tabindex="0">
            {nothing.map(|nothing| view! { <p class="soft">{nothing}</p> })}
            <ol role="list">{lines.into_iter().map(|line| view! { <Line line words=words.clone()/> }).collect_view()}</ol>
        </div>
    }
    .into_any()
}

#[component]
fn Line(line: LogLine, words: String) -> impl IntoView {
    let (class, word) = match line.level {
        LogLevel::Info => ("", None),
        LogLevel::Warning => ("waiting", Some("warning: ")),
        LogLevel::Error => ("failed", Some("error: ")),
    };
    let part = |(text, is_match): (&str, bool)| match is_match {
        true => view! { <mark>{text.to_owned()}</mark> }.into_any(),
        false => text.to_owned().into_any(),
    };
    view! {
        <li class=class>
            <time datetime=line.at.to_string()>{format::time::utc_clock(line.at)}</time>
            <b>{line.step.map(|step| step.as_str())}</b>
            <span>{word} {marked(&line.message, &words).into_iter().map(part).collect_view()}</span>
        </li>
    }
    .into_any()
}

/// The text in parts, each with whether it is one of `words`, in capitals or not.
fn marked<'t>(text: &'t str, words: &str) -> Vec<(&'t str, bool)> {
    let (lower, words) = (text.to_lowercase(), words.to_lowercase());
    // A few letters change their length with their case; then places in one text are none in the other.
    let same_places =
        lower.len() == text.len() && lower.char_indices().map(|(at, _)| at).eq(text.char_indices().map(|(at, _)| at));
    if words.is_empty() || !same_places {
        return vec![(text, false)];
    }
    let mut parts = Vec::new();
    let mut end = 0;
    for (at, found) in lower.match_indices(&words) {
        parts.push((&text[end..at], false));
        end = at + found.len();
        parts.push((&text[at..end], true));
    }
    parts.push((&text[end..], false));
    parts.retain(|(part, _)| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::marked;

    #[test]
    fn what_was_searched_for_is_marked_as_it_is_written() {
        assert_eq!(
            marked("Read 5 rows, 2 Rows bad", "rows"),
            [("Read 5 ", false), ("rows", true), (", 2 ", false), ("Rows", true), (" bad", false),]
        );
        assert_eq!(marked("Größe", "ÖSS"), [("Größe", false)]);
        assert_eq!(marked("İstanbul", "i"), [("İstanbul", false)], "its small letter is longer");
    }
}
