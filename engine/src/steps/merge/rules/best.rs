//! Which member of a group has the best value. Empty values never win; of equals, the earliest loaded does.

use std::cmp::{Ordering, Reverse};

use chrono::NaiveDate;
use model::config::merge::Preference;

use super::{Member, Rule};
use crate::dates;

/// Place and value of a member that may win.
type Candidate<'m> = (usize, &'m str);

/// The place of the member with the best value, if any has one.
pub(super) fn preferred<Choice>(
    preference: Preference,
    rule: &Rule<'_, Choice>,
    members: &[Member<'_>],
) -> Option<usize> {
    let open = members.iter().enumerate().filter(|(_, member)| rule.is_open_to(member));
    let mut candidates = open.filter_map(|(place, member)| Some((place, member.values[rule.column].as_deref()?)));
    match preference {
        Preference::FirstNonNull => candidates.next().map(|(place, _)| place),
        Preference::Longest => best(candidates, |(_, value)| Some(value.chars().count())),
        Preference::Shortest => best(candidates, |(_, value)| Some(Reverse(value.chars().count()))),
        Preference::Max => extreme(&candidates.collect::<Vec<_>>(), false),
        Preference::Min => extreme(&candidates.collect::<Vec<_>>(), true),
        Preference::MostPopular => {
            let candidates: Vec<Candidate<'_>> = candidates.collect();
            let mut sorted: Vec<&str> = candidates.iter().map(|(_, value)| *value).collect();
            sorted.sort_unstable();
            best(candidates.into_iter(), |(_, value)| {
                let first = sorted.partition_point(|other| *other < value);
                Some(sorted[first..].partition_point(|other| *other == value))
            })
        }
        Preference::MostRecent => best(candidates, |(place, _)| moment(members[place].values[rule.by?].as_deref()?)),
        Preference::SourcePriority => best(candidates, |(place, _)| {
            let source = members[place].source;
            rule.sources.iter().position(|named| named == source).map(Reverse)
        }),
    }
}

/// The place of the member with the highest match score.
pub(super) fn record<Choice>(rule: &Rule<'_, Choice>, members: &[Member<'_>]) -> Option<usize> {
    let mut best: Option<(usize, f32)> = None;
    for (place, member) in members.iter().enumerate().filter(|(_, member)| rule.is_open_to(member)) {
        if best.is_none_or(|(_, score)| member.score > score) {
            best = Some((place, member.score));
        }
    }
    best.map(|(place, _)| place)
}

/// The first candidate with the greatest key; those without a key cannot win.
fn best<'m, Key: Ord>(
    candidates: impl Iterator<Item = Candidate<'m>>,
    key: impl Fn(Candidate<'m>) -> Option<Key>,
) -> Option<usize> {
    let mut best: Option<(usize, Key)> = None;
    for candidate in candidates {
        if let Some(key) = key(candidate)
            && best.as_ref().is_none_or(|(_, known)| key > *known)
        {
            best = Some((candidate.0, key));
        }
    }
    best.map(|(place, _)| place)
}

/// The place of the greatest value, or of the least: numerically where all are numbers, else as text. One order for the
/// whole group, so that load order decides nothing but ties.
fn extreme(candidates: &[Candidate<'_>], least: bool) -> Option<usize> {
    let turned = |order: Ordering| if least { order.reverse() } else { order };
    let numbers: Option<Vec<f64>> = candidates.iter().map(|(_, value)| number(value)).collect();
    let mut best = 0;
    for place in 1..candidates.len() {
        let order = match &numbers {
            Some(numbers) => numbers[place].total_cmp(&numbers[best]),
            None => candidates[place].1.cmp(candidates[best].1),
        };
        if turned(order).is_gt() {
            best = place;
        }
    }
    candidates.get(best).map(|(place, _)| *place)
}

/// A decimal number; the words that Rust reads as numbers (`inf`, `nan`) are text.
fn number(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'));
    let number: f64 = plain.then(|| text.parse().ok())??;
    // Zero has no sign here.
    Some(number + 0.0)
}

/// A day and what follows it: `2020-12-31 10:00` is later than `2020-12-31 09:00`, and than the day alone.
fn moment(text: &str) -> Option<(NaiveDate, &str)> {
    let time = text.split_once(['T', ' ']).map_or("", |(_, time)| time);
    Some((dates::plausible(text)?, if time.contains(':') { time } else { "" }))
}
