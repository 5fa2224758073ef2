//! The timeline of all executions: a row a workflow, a bar a run, a mark where its schedule will run it. Drawn here as SVG,
//! with the same in a table. The range is in the address; days are those of UTC, as in the filters of the history.

use std::time::Duration;

use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use model::{
    Page, Snapshot, Timestamp,
    timeline::{Ran, TimelineFilter, TimelineRow},
};

use crate::{
    api::request::backend,
    components::{icon::Icon, loaded::Loaded, state::Mark, watch::Watch},
    format,
    interest::Interest,
};

const DAY: Duration = Duration::from_secs(86_400);
/// Units of a row's drawing; it is scaled to its place.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 20.0;
/// What is short is seen all the same.
const NARROWEST: f64 = 3.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Span {
    Day,
    Week,
}

impl Span {
    const fn word(self) -> &'static str {
        match self {
            Span::Day => "day",
            Span::Week => "week",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Span::Day => "Day",
            Span::Week => "Week",
        }
    }

    const fn days(self) -> u32 {
        match self {
            Span::Day => 1,
            Span::Week => 7,
        }
    }
}

/// What the address asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asked {
    span: Span,
    /// The first day's beginning.
    from: Timestamp,
    q: Option<String>,
    cursor: Option<String>,
}

impl Asked {
    fn of(query: &ParamsMap, now: Timestamp) -> Self {
        let text = |name: &str| query.get(name).filter(|text| !text.trim().is_empty());
        let span = if text("span").as_deref() == Some("week") { Span::Week } else { Span::Day };
        let day = text("day").and_then(|day| super::midnight(&day)).unwrap_or(now);
        Self { span, from: first_day(span, day), q: text("q"), cursor: text("after") }
    }

    fn to(&self) -> Timestamp {
        self.from.plus(DAY * self.span.days())
    }

    fn filter(&self) -> TimelineFilter {
        TimelineFilter { from: self.from, to: self.to(), q: self.q.clone(), cursor: self.cursor.clone() }
    }

    /// The same at another time, from the first page on.
    fn at(&self, from: Timestamp) -> Self {
        Self { from, cursor: None, ..self.clone() }
    }

    fn address(&self) -> String {
        let mut more = ParamsMap::new();
        for (name, value) in [("q", &self.q), ("after", &self.cursor)] {
            if let Some(value) = value {
                more.insert(name, value.clone());
            }
        }
        let more = more.to_query_string().replacen('?', "&", 1);
        format!("/executions?view=timeline&span={}&day={}{more}", self.span.word(), day(self.from))
    }

    /// Where an instant lies in the drawing, from 0 to [`WIDTH`].
    fn place(&self, at: Timestamp) -> f64 {
        let whole = self.to().since(self.from).as_secs_f64();
        (at.since(self.from).as_secs_f64() / whole * WIDTH).min(WIDTH)
    }
}

/// The day in which the span around `at` begins; weeks begin on Monday.
fn first_day(span: Span, at: Timestamp) -> Timestamp {
    const DAY_US: i64 = 86_400_000_000;
    let today = at.as_micros().div_euclid(DAY_US);
    let first = match span {
        Span::Day => today,
        // 1970-01-01 was a Thursday.
        Span::Week => today - (today + 3).rem_euclid(7),
    };
    Timestamp::from_micros(first * DAY_US)
}

/// `2026-11-22`
fn day(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

/// `22 Nov 2026`
fn date(at: Timestamp) -> String {
    format::time::utc(at).splitn(4, ' ').take(3).collect::<Vec<_>>().join(" ")
}

#[component]
pub fn TimelineTab(query: ParamsMap) -> impl IntoView {
    let load = async move {
        let backend = backend();
        let now = backend.now();
        let asked = Asked::of(&query, now);
        Ok((backend.timeline(asked.filter()).await?, asked, now))
    };
    view! {
        <Loaded data=load let:loaded>
            {
                let (Snapshot { number, data }, asked, now) = loaded;
                view! {
                    <Watch after=number topics=vec![Interest::Workflows]/>
                    <Controls asked=asked.clone() now/>
                    <Drawing page=data asked now/>
                }
            }
        </Loaded>
    }
    .into_any()
}

#[component]
fn Controls(asked: Asked, now: Timestamp) -> impl IntoView {
    let step = DAY * asked.span.days();
    let link = |to: Asked, label: AnyView, name: &'static str| {
        view! { <a class="button" href=to.address() data-in-place aria-label=name>{label}</a> }
    };
    let span_link = |span: Span| {
        // The week around the day that is shown; today, when the week that is shown has it.
        let around = if asked.from <= now && now < asked.to() { now } else { asked.from };
        let to = Asked { span, ..asked.at(first_day(span, around)) };
        let is_chosen = span == asked.span;
        view! { <a href=to.address() data-in-place aria-current=is_chosen.then_some("true")>{span.label()}</a> }
    };
    let range = match asked.span {
        Span::Day => date(asked.from),
        Span::Week => format!("{} – {}", date(asked.from), date(asked.to().minus(DAY))),
    };
    view! {
        <div class="row timeline-controls">
            <nav class="segments" aria-label="Range">{[Span::Day, Span::Week].map(span_link)}</nav>
            <nav class="row" aria-label="Time">
                {link(asked.at(asked.from.minus(step)), Icon::Back.view(), "Earlier")}
                {link(asked.at(first_day(asked.span, now)), "Today".into_any(), "Today")}
                {link(asked.at(asked.to()), Icon::Chevron.view(), "Later")}
            </nav>
            <h2>{range}</h2>
            <form method="get" action="/executions" class="row push" role="search" data-in-place>
                <input type="hidden" name="view" value="timeline"/>
                <input type="hidden" name="span" value=asked.span.word()/>
                <input type="hidden" name="day" value=day(asked.from)/>
                <div class="search">
                    {Icon::Search.view()}
                    <input
                        type="search"
                        name="q"
                        value=asked.q.clone().unwrap_or_default()
                        placeholder="Workflow or project"
                        aria-label="Workflow or project"
                    />
                </div>
                <button class="button" type="submit">"Apply"</button>
            </form>
        </div>
    }
    .into_any()
}

#[component]
fn Drawing(page: Page<TimelineRow>, asked: Asked, now: Timestamp) -> impl IntoView {
    let Page { items: rows, next_cursor } = page;
    if rows.is_empty() {
        return view! {
            <section class="empty">
                {Icon::Clock.view()}
                <h2>"Nothing in this time"</h2>
                <p>"No workflow of this name ran then, and none will by its schedule. Look at another day, or at the week."</p>
            </section>
        }
        .into_any();
    }
    let more = next_cursor.map(|cursor| Asked { cursor: Some(cursor), ..asked.clone() }.address());
    let first = asked.cursor.is_some().then(|| asked.at(asked.from).address());
    let lines = rows.iter().map(|row| line(row, &asked, now)).collect_view();
    view! {
        <section class="sheet" aria-label="Timeline">
            <div class="timeline" data-span=asked.span.word()>
                {axis(&asked)}
                <ol role="list">{lines}</ol>
            </div>
            <Legend/>
            <details>
                <summary class="soft">"As a table"</summary>
                <Table rows from=asked.from last=asked.to().minus(DAY)/>
            </details>
        </section>
        <nav class="row" aria-label="More workflows">
            {first.map(|href| view! { <a class="button" href=href data-in-place>"First page"</a> })}
            {more.map(|href| view! { <a class="button" href=href data-in-place>"Next page"</a> })}
        </nav>
    }
    .into_any()
}

/// Hours of a day, days of a week.
fn axis(asked: &Asked) -> impl IntoView + use<> {
    const WEEK: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let labels: Vec<String> = match asked.span {
        Span::Day => (0..8).map(|part| format!("{:02}:00", part * 3)).collect(),
        Span::Week => (0_u32..7)
            .zip(WEEK)
            .map(|(days, name)| {
                let date = date(asked.from.plus(DAY * days));
                format!("{name} {}", date.split(' ').next().unwrap_or_default())
            })
            .collect(),
    };
    view! {
        <div class="timeline-axis" aria-hidden="true">
            <span>"UTC"</span>
            <div>{labels.into_iter().map(|label| view! { <span>{label}</span> }).collect_view()}</div>
        </div>
    }
}

fn line(row: &TimelineRow, asked: &Asked, now: Timestamp) -> impl IntoView + use<> {
    let bars = row.ran.iter().map(|ran| bar(ran, asked, now)).collect_view();
    let marks = row.planned.iter().map(|at| {
        let x = asked.place(*at);
        let title = format!("Planned, {}", format::time::utc(*at));
        // A line of no length with round ends is a dot that keeps its shape however wide the drawing gets.
        view! { <path class="planned" d=format!("M{x:.1} {}h0", HEIGHT / 2.0)><title>{title}</title></path> }
    });
    let is_now = asked.from <= now && now < asked.to();
    let now_line = is_now.then(|| {
        let x = asked.place(now);
        view! { <line class="now" x1=x x2=x y1="0" y2=HEIGHT></line> }
    });
    view! {
        <li data-key=row.workflow.to_string()>
            <a href=format!("/workflows/{}", row.workflow)>{row.workflow_name.clone()}</a>
            <span class="visually-hidden">{words(row)}</span>
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" aria-hidden="true">
                {now_line} {marks.collect_view()} {bars}
            </svg>
        </li>
    }
}

/// `: 3 succeeded, 1 failed, 12 planned`
fn words(row: &TimelineRow) -> String {
    let planned = u32::try_from(row.planned.len()).unwrap_or(u32::MAX);
    let counts = [
        (row.succeeded, "succeeded"),
        (row.failed, "failed"),
        (row.others, "stopped or running"),
        (planned, "planned"),
    ];
    let parts: Vec<String> =
        counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    format!(": {}", parts.join(", "))
}

fn bar(ran: &Ran, asked: &Asked, now: Timestamp) -> impl IntoView + use<> {
    let from = asked.place(ran.from);
    let to = asked.place(ran.to.unwrap_or(now));
    let width = (to - from).max(NARROWEST);
    // What began at the very end is seen within it.
    let x = from.min(WIDTH - width);
    let mark = Mark::from(ran.status);
    let count = if ran.count > 1 { format!("{} runs, among them ", ran.count) } else { String::new() };
    let took = ran.to.map(|to| format!(" in {}", format::duration(to.since(ran.from)))).unwrap_or_default();
    let title = format!("{count}{}{took}, {}", mark.word, format::time::utc(ran.from));
    view! {
        <a href=format!("/executions/{}", ran.execution) tabindex="-1">
            <rect class=mark.class x=x y="3" width=width height=HEIGHT - 6.0><title>{title}</title></rect>
        </a>
    }
}

#[component]
fn Legend() -> impl IntoView {
    let entry = |class: &'static str, word: &'static str| {
        view! { <li><i class=class></i> {word}</li> }
    };
    view! {
        <ul class="timeline-legend" role="list" aria-hidden="true">
            {entry("success", "Succeeded")} {entry("failed", "Failed")} {entry("stopped", "Stopped")}
            {entry("running", "Running")} {entry("planned", "Planned")}
        </ul>
    }
    .into_any()
}

#[component]
fn Table(rows: Vec<TimelineRow>, from: Timestamp, last: Timestamp) -> impl IntoView {
    let row = |row: TimelineRow| {
        let history = format!("/executions?workflow={}&from={}&to={}", row.workflow, day(from), day(last));
        let planned = row.planned.len() as u64;
        let next = row.planned.first().map(|at| format::time::utc(*at));
        let number = |count: u32| format::number(u64::from(count));
        view! {
            <tr>
                <td class="lead"><a href=history>{row.workflow_name}</a></td>
                <td class="number" data-name="Succeeded">{number(row.succeeded)}</td>
                <td class="number" data-name="Failed">{number(row.failed)}</td>
                <td class="number" data-name="Others">{number(row.others)}</td>
                <td class="number" data-name="Planned">{format::number(planned)}</td>
                <td>{next}</td>
            </tr>
        }
    };
    view! {
        <table class="table folding">
            <thead>
                <tr>
                    <th scope="col">"Workflow"</th>
                    <th scope="col" class="number">"Succeeded"</th>
                    <th scope="col" class="number">"Failed"</th>
                    <th scope="col" class="number">"Others"</th>
                    <th scope="col" class="number">"Planned"</th>
                    <th scope="col">"Next"</th>
                </tr>
            </thead>
            <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday_and_the_address_says_the_same_again() {
        let now: Timestamp = "2026-11-22T14:02:00Z".parse().expect("a time");
        let query = |pairs: &[(&'static str, &str)]| -> ParamsMap {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let asked = Asked::of(&query(&[("span", "week")]), now);
        assert_eq!((day(asked.from).as_str(), day(asked.to()).as_str()), ("2026-11-16", "2026-11-23"));
        assert_eq!(asked.address(), "/executions?view=timeline&span=week&day=2026-11-16");
        let day_before = Asked::of(&query(&[("day", "2026-11-21"), ("q", "a&b")]), now);
        assert_eq!(day_before.address(), "/executions?view=timeline&span=day&day=2026-11-21&q=a%26b");
        assert_eq!(day_before.place(day_before.from.plus(DAY / 2)), WIDTH / 2.0);
        assert_eq!(day_before.place(now), WIDTH, "what is later is at the end");
    }
}
