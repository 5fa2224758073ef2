//! How the last days went, as two small charts with the same numbers in a table. Drawn here as SVG; the words of each
//! chart say its point to those who do not see it.

use std::time::Duration;

use leptos::prelude::*;
use model::{Timestamp, overview::Day};

use crate::format;

/// Units of a chart's drawing; it is scaled to its place.
const WIDTH: f64 = 280.0;
const HEIGHT: f64 = 64.0;
/// Share of a day's place that its bar takes.
const BAR: f64 = 0.72;
/// A bar of something that is not nothing is seen.
const LOWEST: f64 = 2.0;

#[component]
pub fn Charts(days: Vec<Day>) -> impl IntoView {
    let (succeeded, failed) = days.iter().fold((0, 0), |(s, f), day| (s + day.succeeded, f + day.failed));
    if succeeded + failed == 0 {
        return view! {
            <section class="sheet" aria-labelledby="days">
                <h2 id="days" class="sheet-head">"Last 14 days"</h2>
                <p class="soft">"From the first runs on, their success rate and durations are drawn here, day by day."</p>
            </section>
        }
        .into_any();
    }
    let rate = format::percent(succeeded as f64 / (succeeded + failed) as f64);
    let outcome_words = format!("{rate} succeeded: {} of {}", format::number(succeeded), runs(succeeded + failed));
    let mean = mean_ms(&days).map(milliseconds).unwrap_or_default();
    let duration_words = format!("{mean} on average");
    view! {
        <section class="sheet" aria-labelledby="days" data-key="days">
            <h2 id="days" class="sheet-head">"Last 14 days"</h2>
            <div class="charts">
                <figure>
                    <figcaption><b>{rate.clone()}</b> " success " <span class="soft">{runs(succeeded + failed)}</span></figcaption>
                    <svg class="chart" viewBox=view_box() preserveAspectRatio="none" role="img" aria-label=outcome_words>
                        {outcome_bars(&days)}
                    </svg>
                    {axis(&days)}
                </figure>
                <figure>
                    <figcaption><b>{mean.clone()}</b> " mean duration " <span class="soft">"of successful runs"</span></figcaption>
                    <svg class="chart" viewBox=view_box() preserveAspectRatio="none" role="img" aria-label=duration_words>
                        {duration_bars(&days)}
                    </svg>
                    {axis(&days)}
                </figure>
            </div>
            <details>
                <summary class="soft">"As a table"</summary>
                <Table days/>
            </details>
        </section>
    }
    .into_any()
}

fn view_box() -> String {
    format!("0 0 {WIDTH} {HEIGHT}")
}

fn runs(count: u64) -> String {
    format::counted(count, "run")
}

fn milliseconds(ms: u64) -> String {
    format::duration(Duration::from_millis(ms))
}

/// Over all successful runs of all days.
fn mean_ms(days: &[Day]) -> Option<u64> {
    let (runs, total) = days
        .iter()
        .filter_map(|day| day.mean_ms.map(|ms| (day.succeeded, ms * day.succeeded)))
        .fold((0, 0), |(runs, total), (more, ms)| (runs + more, total + ms));
    (runs > 0).then(|| total / runs)
}

/// `20 Nov`, in UTC.
fn date(at: Timestamp) -> String {
    format::time::utc(at).splitn(3, ' ').take(2).collect::<Vec<_>>().join(" ")
}

fn axis(days: &[Day]) -> impl IntoView + use<> {
    let first = days.first().map(|day| date(day.start));
    view! { <p class="axis" aria-hidden="true"><span>{first}</span> <span>"today"</span></p> }
}

/// A piece of a day's bar: from the bottom up, in the units of the drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    class: &'static str,
    y: f64,
    height: f64,
}

/// Failures stand on the ground, where they are seen; what succeeded on top of them.
fn pieces(day: &Day, most: u64) -> Vec<Piece> {
    let mut y = HEIGHT;
    let counts = [("failed", day.failed), ("stopped", day.stopped), ("success", day.succeeded)];
    let mut pieces = Vec::new();
    for (class, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        let height = (count as f64 / most.max(1) as f64 * (HEIGHT - 3.0 * LOWEST)).max(LOWEST);
        y -= height;
        pieces.push(Piece { class, y, height });
    }
    pieces
}

fn place(index: usize, days: usize) -> (f64, f64) {
    let step = WIDTH / days as f64;
    (step * (index as f64 + (1.0 - BAR) / 2.0), step * BAR)
}

fn bar(x: f64, width: f64, piece: Piece) -> AnyView {
    let number = |value: f64| format!("{value:.1}");
    view! {
        <rect class=piece.class x=number(x) y=number(piece.y) width=number(width) height=number(piece.height)></rect>
    }
    .into_any()
}

fn outcome_bars(days: &[Day]) -> Vec<AnyView> {
    let most = days.iter().map(|day| day.succeeded + day.failed + day.stopped).max().unwrap_or(0);
    let bars = days.iter().enumerate().map(|(index, day)| {
        let (x, width) = place(index, days.len());
        let words = format!("{}: {} succeeded, {} failed", date(day.start), day.succeeded, day.failed);
        let bars = pieces(day, most).into_iter().map(|piece| bar(x, width, piece)).collect_view();
        view! { <g><title>{words}</title> {bars}</g> }.into_any()
    });
    bars.collect()
}

fn duration_bars(days: &[Day]) -> Vec<AnyView> {
    let longest = days.iter().filter_map(|day| day.mean_ms).max().unwrap_or(0).max(1);
    let bars = days.iter().enumerate().filter_map(|(index, day)| {
        let mean = day.mean_ms?;
        let (x, width) = place(index, days.len());
        let height = (mean as f64 / longest as f64 * (HEIGHT - LOWEST)).max(LOWEST);
        let words = format!("{}: {} on average", date(day.start), milliseconds(mean));
        let bar = bar(x, width, Piece { class: "running", y: HEIGHT - height, height });
        Some(view! { <g><title>{words}</title> {bar}</g> }.into_any())
    });
    bars.collect()
}

#[component]
fn Table(days: Vec<Day>) -> impl IntoView {
    let row = |day: Day| {
        view! {
            <tr>
                <th scope="row">{date(day.start)}</th>
                <td class="number">{format::number(day.succeeded)}</td>
                <td class="number">{format::number(day.failed)}</td>
                <td class="number">{format::number(day.stopped)}</td>
                <td class="number">{day.success_rate().map(format::percent)}</td>
                <td class="number">{day.mean_ms.map(milliseconds)}</td>
                <td class="number">{day.longest_ms.map(milliseconds)}</td>
            </tr>
        }
    };
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="Last 14 days as a table">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Day (UTC)"</th>
                        <th scope="col" class="number">"Succeeded"</th>
                        <th scope="col" class="number">"Failed"</th>
                        <th scope="col" class="number">"Cancelled"</th>
                        <th scope="col" class="number">"Success"</th>
                        <th scope="col" class="number">"Mean"</th>
                        <th scope="col" class="number">"Longest"</th>
                    </tr>
                </thead>
                <tbody>{days.into_iter().rev().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(succeeded: u64, failed: u64, mean_ms: Option<u64>) -> Day {
        let start = "2026-11-20T00:00:00Z".parse().expect("a day");
        Day { start, succeeded, failed, stopped: 0, mean_ms, longest_ms: mean_ms }
    }

    #[test]
    fn one_failure_among_thousands_is_seen_and_nothing_leaves_the_chart() {
        let pieces = pieces(&day(9_999, 1, None), 10_000);
        assert_eq!(pieces[0].class, "failed");
        assert!(pieces[0].height >= LOWEST && pieces.iter().all(|piece| piece.y >= 0.0), "{pieces:?}");
    }

    #[test]
    fn the_mean_counts_each_run_once() {
        assert_eq!(mean_ms(&[day(1, 0, Some(1_000)), day(3, 0, Some(5_000)), day(0, 1, None)]), Some(4_000));
    }

    #[test]
    fn a_day_is_written_short() {
        assert_eq!(date(day(1, 0, None).start), "20 Nov");
    }
}
