//! How a score comes about, a step a comparison: each bar begins where the one before it ended.

use leptos::prelude::*;
use model::results::{ComparisonExplained, CriterionExplained, How, LevelExplained};

use crate::{format::evidence, pages::matches::model_table::evidence_bar};

/// One step.
#[derive(Clone, Debug, Default, PartialEq)]
struct Line {
    what: String,
    /// The two values, where two are compared.
    values: Option<(Option<String>, Option<String>)>,
    /// What was found.
    found: String,
    /// What makes it more or less.
    besides: Vec<String>,
    adds: f64,
    from: f64,
    to: f64,
    /// A sum, and not something that is added.
    is_sum: bool,
}

/// Fewer bits lost to relatives are not told.
const RELATIVES_BITS_SHOWN_MIN: f64 = 0.005;

/// The line on which the bars lie.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Axis {
    least: f64,
    most: f64,
    needed: f64,
    digits: usize,
}

#[component]
pub fn Waterfall(how: How, threshold: f64, score: f64) -> impl IntoView {
    let (unit, lines, needed) = match how {
        How::Weighted { criteria, divisor, too_little_evidence } => {
            ("Points", weighted(&criteria, divisor, too_little_evidence, score), threshold)
        }
        How::Probabilistic { prior_bits, comparisons, relatives_bits, bits } => {
            ("Bits", probabilistic(prior_bits, &comparisons, relatives_bits, bits, score), needed_bits(threshold))
        }
    };
    let axis = Axis::around(&lines, needed, if unit == "Points" { 1 } else { 2 });
    view! {
        <table class="table folding waterfall">
            <thead>
                <tr>
                    <th scope="col">"Compared"</th>
                    <th scope="col">"Found"</th>
                    <th scope="col" class="number">{unit}</th>
                    <th scope="col" class="chart-cell"><span class="visually-hidden">"Drawn"</span></th>
                </tr>
            </thead>
            <tbody>{lines.into_iter().map(|line| row(line, axis)).collect_view()}</tbody>
        </table>
        <p class="soft">
            <i class="needed-key" aria-hidden="true"></i>
            {format!(" A match needs {} {}.", evidence::sum(needed, axis.digits), unit.to_lowercase())}
        </p>
    }
    .into_any()
}

fn row(line: Line, axis: Axis) -> impl IntoView {
    let Line { what, values, found, besides, adds, from, to, is_sum } = line;
    let said = |value: Option<String>| match value {
        Some(value) => value.into_any(),
        None => view! { <span class="nothing">"empty"</span> }.into_any(),
    };
    let values = values.map(|(left, right)| view! { <small>{said(left)} " ↔ " {said(right)}</small> });
    let number = if is_sum { evidence::sum(adds, axis.digits) } else { evidence::added(adds, axis.digits) };
    let unmoved = !is_sum && adds == 0.0;
    view! {
        <tr class:sum=is_sum class:unmoved=unmoved>
            <td class="lead">{what} {values}</td>
            <td>{found} {besides.into_iter().map(|words| view! { <small>{words}</small> }).collect_view()}</td>
            <td class="number">{number}</td>
            <td class="chart-cell">{evidence_bar(from, to, axis.least, axis.most, Some(axis.needed))}</td>
        </tr>
    }
}

impl Axis {
    /// With room for every bar, for zero and for what is needed.
    fn around(lines: &[Line], needed: f64, digits: usize) -> Self {
        let ends =
            || lines.iter().flat_map(|line| [line.from, line.to]).chain([0.0, needed]).filter(|end| end.is_finite());
        Self { least: ends().fold(0.0, f64::min), most: ends().fold(0.0, f64::max), needed, digits }
    }
}

/// Bits of a match probability × 100.
fn needed_bits(threshold: f64) -> f64 {
    let probability = (threshold / 100.0).clamp(1e-9, 1.0 - 1e-9);
    (probability / (1.0 - probability)).log2()
}

fn weighted(criteria: &[CriterionExplained], divisor: f64, too_little: bool, score: f64) -> Vec<Line> {
    let mut sum = 0.0;
    let line = |criterion: &CriterionExplained| {
        let from = sum;
        sum += criterion.adds;
        let found = match criterion.score {
            Some(score) => format!("{score:.0} of 100"),
            None => "a side is empty".to_owned(),
        };
        let weight = format!("weight {} of {}", shortly(criterion.weight), shortly(divisor));
        Line {
            what: criterion.columns.clone(),
            values: Some((criterion.left.clone(), criterion.right.clone())),
            found,
            besides: vec![weight],
            adds: criterion.adds,
            from,
            to: sum,
            is_sum: false,
        }
    };
    let mut lines: Vec<Line> = criteria.iter().map(line).collect();
    let found = if too_little { "too little has values on both sides" } else { "" };
    lines.push(total("Score", found.to_owned(), score));
    lines
}

/// `2`, `0.5`
fn shortly(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn total(what: &str, found: String, sum: f64) -> Line {
    Line { what: what.to_owned(), found, adds: sum, to: sum, is_sum: true, ..Line::default() }
}

fn probabilistic(prior: f64, comparisons: &[ComparisonExplained], relatives: f64, bits: f64, score: f64) -> Vec<Line> {
    let start = format!("{} match", evidence::odds(prior));
    let before = Line {
        what: "Before anything is compared".to_owned(),
        found: start,
        adds: prior,
        to: prior,
        ..Line::default()
    };
    let mut sum = prior;
    let line = |comparison: &ComparisonExplained| {
        let from = sum;
        sum += comparison.bits;
        let (found, besides) = match &comparison.level {
            Some(level) => found(level),
            None => ("a side is empty".to_owned(), vec!["says nothing".to_owned()]),
        };
        Line {
            what: comparison.columns.clone(),
            values: Some((comparison.left.clone(), comparison.right.clone())),
            found,
            besides,
            adds: comparison.bits,
            from,
            to: sum,
            is_sum: false,
        }
    };
    let lines: Vec<Line> = comparisons.iter().map(line).collect();
    let lost = (relatives < -RELATIVES_BITS_SHOWN_MIN).then(|| Line {
        what: "May be relatives".to_owned(),
        found: "different things that share much look so, too".to_owned(),
        adds: relatives,
        from: bits - relatives,
        to: bits,
        ..Line::default()
    });
    let end = total("Together", format!("{} sure", sure(score)), bits);
    std::iter::once(before).chain(lines).chain(lost).chain([end]).collect()
}

/// `99.97 %`, never all of it.
fn sure(score: f64) -> String {
    if score >= 99.995 { "more than 99.99 %".to_owned() } else { format!("{score:.2} %") }
}

fn found(level: &LevelExplained) -> (String, Vec<String>) {
    let LevelExplained { level: place, levels, similarity, m, u, bits, frequency_bits, repeated_bits } = *level;
    let words = match place {
        place if place + 1 == levels => "equal".to_owned(),
        0 => format!("different ({similarity:.2} alike)"),
        _ => format!("{similarity:.2} alike"),
    };
    let mut besides = vec![format!(
        "{} of matches, {} of others: {}",
        evidence::share(m),
        evidence::share(u),
        evidence::added(bits, 2)
    )];
    if frequency_bits != 0.0 {
        let rare = if frequency_bits > 0.0 { "rare" } else { "frequent" };
        besides.push(format!("the value is {rare}: {}", evidence::added(frequency_bits, 2)));
    }
    if repeated_bits > 0.0 {
        besides.push(format!("said already: {}", evidence::added(-repeated_bits, 2)));
    }
    (words, besides)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bar_begins_where_the_one_before_it_ended() {
        let level = LevelExplained {
            level: 2,
            levels: 3,
            similarity: 1.0,
            m: 0.9,
            u: 0.001,
            bits: 9.8,
            frequency_bits: 1.2,
            repeated_bits: 0.0,
        };
        let comparison = |columns: &str, level, bits| ComparisonExplained {
            columns: columns.to_owned(),
            left: Some("Ann".to_owned()),
            right: None,
            level,
            bits,
        };
        let comparisons = [comparison("name", Some(level), 11.0), comparison("town", None, 0.0)];
        let lines = probabilistic(-8.0, &comparisons, 0.0, 3.0, 88.9);
        let ends: Vec<(f64, f64)> = lines.iter().map(|line| (line.from, line.to)).collect();
        assert_eq!(ends, [(0.0, -8.0), (-8.0, 3.0), (3.0, 3.0), (0.0, 3.0)]);
        assert_eq!(lines[1].besides, ["90 % of matches, 1 in 1,000 of others: +9.80", "the value is rare: +1.20"]);
        assert_eq!((lines[1].found.as_str(), lines[2].found.as_str()), ("equal", "a side is empty"));
        let axis = Axis::around(&lines, needed_bits(95.0), 2);
        assert!(axis.least == -8.0 && (axis.most - 4.25).abs() < 0.01, "{axis:?}");
    }

    #[test]
    fn points_add_up_to_the_score() {
        let criterion = |weight, score, adds| CriterionExplained {
            columns: "name".to_owned(),
            left: None,
            right: None,
            weight,
            score,
            adds,
        };
        let lines = weighted(&[criterion(3.0, Some(90.0), 54.0), criterion(2.0, None, 0.0)], 5.0, false, 54.0);
        assert_eq!((lines[0].to, lines[1].from, lines[2].adds), (54.0, 54.0, 54.0));
        assert_eq!(lines[0].besides, ["weight 3 of 5"]);
        assert!(lines[2].is_sum);
    }
}
