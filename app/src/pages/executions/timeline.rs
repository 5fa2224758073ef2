//! The timeline of all executions: a row a workflow, a bar a run, a mark where its schedule will run it. Drawn here as SVG,
//! with the same in a table. The range is in the address.

mod range;

use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use model::{
    Page, Snapshot, Timestamp,
    timeline::{Ran, TimelineRow},
};
use range::{Asked, DAY, PART, SECOND, Span, WIDTH};

use crate::{
    api::request::backend,
    components::{icon::Icon, loaded::Loaded, search::SearchField, state::Mark, watch::Watch},
    format,
    interest::Interest,
    viewer::Wall,
};

/// In the units of a row's drawing, like everything in it.
const HEIGHT: f64 = 20.0;
/// What is short is seen all the same.
const NARROWEST: f64 = 3.0;

#[component]
pub fn TimelineTab(query: ParamsMap) -> impl IntoView {
    let wall = Wall::of_viewer();
    let load = async move {
        let backend = backend();
        let now = backend.now();
        let asked = Asked::of(&query, now, wall);
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
    let link = |day: Option<Timestamp>, label: AnyView, name: &'static str| {
        let href = asked.at(asked.span, day, now).address();
        view! { <a class="button" href=href data-in-place aria-label=name>{label}</a> }
    };
    let span_link = |span: Span| {
        let href = asked.at(span, asked.day, now).address();
        let is_chosen = span == asked.span;
        view! { <a href=href data-in-place aria-current=is_chosen.then_some("true")>{span.label()}</a> }
    };
    // Beside the range around now lie the calendar's days.
    let here = asked.day.unwrap_or_else(|| asked.first_day(asked.span, now));
    let range = match (asked.span, asked.day) {
        (Span::Day, Some(day)) => asked.date(day),
        _ => format!("{} – {}", asked.date(asked.from), asked.date(asked.to().minus(SECOND))),
    };
    view! {
        <div class="row timeline-controls">
            <nav class="segments" aria-label="Range">{[Span::Day, Span::Week].map(span_link)}</nav>
            <nav class="row" aria-label="Time">
                {link(Some(here.minus(step)), Icon::Back.view(), "Earlier")}
                {link(None, "Now".into_any(), "Around now")}
                {link(Some(here.plus(step)), Icon::Chevron.view(), "Later")}
            </nav>
            <h2>{range}</h2>
            <form method="get" action="/executions" class="row push" role="search" data-in-place>
                <input type="hidden" name="view" value="timeline"/>
                <input type="hidden" name="span" value=asked.span.word()/>
                {asked.day.map(|at| view! { <input type="hidden" name="day" value=asked.day_of(at)/> })}
                <SearchField name="q" value=asked.q.clone() label="Workflow or project"/>
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
                <p>
                    {if asked.q.is_some() { "No workflow or project of this name" } else { "No workflow" }}
                    " ran then, and none will by its schedule. Look at another day, or at the week."
                </p>
            </section>
        }
        .into_any();
    }
    let more = next_cursor.map(|cursor| Asked { cursor: Some(cursor), ..asked.clone() }.address());
    let first = asked.cursor.is_some().then(|| asked.at(asked.span, asked.day, now).address());
    let lines = rows.iter().map(|row| line(row, &asked, now)).collect_view();
    view! {
        <section class="sheet" aria-label="Timeline">
            <div class="timeline" data-span=asked.span.word() data-ahead=asked.wall.ahead_minutes()>
                {axis(&asked)}
                <ol role="list">{lines}</ol>
            </div>
            <Legend/>
            <details>
                <summary class="soft">"As a table"</summary>
                <Table rows asked=asked.clone()/>
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
    let label = |at: Timestamp| match asked.span {
        Span::Day => asked.clock(at),
        Span::Week => {
            let (date, weekday) = (asked.date(at), usize::try_from(asked.weekday(at)).expect("one of seven"));
            format!("{} {}", WEEK[weekday], date.split(' ').next().unwrap_or_default())
        }
    };
    let labels: Vec<String> = match asked.span {
        Span::Day => (0..8).map(|part| label(asked.from.plus(PART * part))).collect(),
        Span::Week => (0..7).map(|days| label(asked.from.plus(DAY * days))).collect(),
    };
    view! {
        <div class="timeline-axis" aria-hidden="true">
            <span>{asked.wall.name()}</span>
            <div>{labels.into_iter().map(|label| view! { <span>{label}</span> }).collect_view()}</div>
        </div>
    }
}

fn line(row: &TimelineRow, asked: &Asked, now: Timestamp) -> impl IntoView + use<> {
    let bars = row.ran.iter().map(|ran| bar(ran, asked, now)).collect_view();
    let marks = row.planned.iter().map(|at| {
        let x = asked.place(*at);
        let title = format!("Planned, {}", asked.wall.say(*at));
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
    let title = format!("{count}{}{took}, {}", mark.word, asked.wall.say(ran.from));
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
fn Table(rows: Vec<TimelineRow>, asked: Asked) -> impl IntoView {
    let (first, last) = (asked.day_of(asked.from), asked.day_of(asked.to().minus(SECOND)));
    let row = |row: TimelineRow| {
        let history = format!("/executions?workflow={}&from={first}&to={last}", row.workflow);
        let planned = row.planned.len() as u64;
        let next = row.planned.first().map(|at| asked.wall.say(*at));
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
