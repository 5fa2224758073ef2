//! Names with places to fill in: `{workflow}`, `{project}`, `{date}`, `{time}`, `{execution}`.

use model::{Timestamp, config::export::Packing};
use regex::Regex;

use super::{super::settings::ExportSettings, is_forbidden};
use crate::Failure;

const PLACES: [&str; 5] = ["workflow", "project", "date", "time", "execution"];

/// What stands in a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Place(&'a str),
}

/// The pieces of a pattern, or what is wrong with it.
fn pieces(pattern: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut found = Vec::new();
    let mut rest = pattern;
    while let Some(start) = rest.find(['{', '}']) {
        let (text, braced) = rest.split_at(start);
        let end = braced.find('}').filter(|end| *end > 0);
        let end = end.ok_or_else(|| "has a brace that belongs to no place to fill in".to_owned())?;
        let place = &braced[1..end];
        if !PLACES.contains(&place) {
            let known = PLACES.map(|place| format!("{{{place}}}")).join(" ");
            return Err(format!("has “{{{place}}}”, which is none of {known}"));
        }
        found.extend([Piece::Text(text), Piece::Place(place)]);
        rest = &braced[end + 1..];
    }
    found.push(Piece::Text(rest));
    Ok(found)
}

/// What is wrong with a pattern's places.
pub(crate) fn problem(pattern: &str) -> Option<String> {
    pieces(pattern).err()
}

/// Whether each run gives another name, so that several of its files can be kept.
pub(crate) fn differs_by_run(pattern: &str) -> bool {
    let differs = |piece: &Piece<'_>| matches!(piece, Piece::Place("time" | "execution" | "date"));
    pieces(pattern).is_ok_and(|pieces| pieces.iter().any(differs))
}

/// The pattern with the ending that tells how its file is packed.
pub(crate) fn complete(pattern: &str, packing: Packing) -> String {
    let ending = match packing {
        Packing::None => "",
        Packing::Gzip => ".gz",
        Packing::Zstd => ".zst",
    };
    if pattern.ends_with(ending) { pattern.to_owned() } else { format!("{pattern}{ending}") }
}

/// What this run fills in.
#[derive(Clone, Debug)]
pub(crate) struct Filling {
    workflow: String,
    project: String,
    date: String,
    time: String,
    execution: String,
}

impl Filling {
    pub(crate) fn new(settings: &ExportSettings, now: Timestamp, execution: String) -> Self {
        let local = now.to_datetime().with_timezone(&settings.time_zone);
        Self {
            workflow: clean(&settings.workflow),
            project: clean(&settings.project),
            date: local.format("%Y-%m-%d").to_string(),
            time: local.format("%H%M%S").to_string(),
            execution,
        }
    }

    fn value(&self, place: &str) -> &str {
        match place {
            "workflow" => &self.workflow,
            "project" => &self.project,
            "date" => &self.date,
            "time" => &self.time,
            _ => &self.execution,
        }
    }

    /// The name of a file of this run.
    pub(crate) fn name(&self, pattern: &str) -> Result<String, Failure> {
        let wrong = |problem: String| Failure::Input(format!("the file name “{pattern}” {problem}"));
        let name: String = pieces(pattern)
            .map_err(wrong)?
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) => text,
                Piece::Place(place) => self.value(place),
            })
            .collect();
        match super::problem(&name) {
            None => Ok(name),
            Some(problem) => Err(Failure::Input(format!("the file name “{name}”, made from “{pattern}”: {problem}"))),
        }
    }

    /// Finds the names that other runs of this workflow and project made from a pattern.
    pub(crate) fn finder(&self, pattern: &str) -> Result<Regex, Failure> {
        let pieces = pieces(pattern).map_err(Failure::Input)?;
        let parts = pieces.into_iter().map(|piece| match piece {
            Piece::Text(text) => regex::escape(text),
            Piece::Place("date") => r"\d{4}-\d{2}-\d{2}".to_owned(),
            Piece::Place("time") => r"\d{6}".to_owned(),
            Piece::Place("execution") => r"(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{1,19})".to_owned(),
            Piece::Place(place) => regex::escape(self.value(place)),
        });
        Regex::new(&format!("^{}$", parts.collect::<String>()))
            .map_err(|error| Failure::Internal(format!("the file name “{pattern}” as an expression: {error}")))
    }
}

/// A name that people gave, fit for a file's name.
fn clean(name: &str) -> String {
    let name = name.trim().trim_matches('.');
    name.chars().map(|c| if is_forbidden(c) { '_' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Any pattern is refused in words, or gives a name that a file may have and by which it is found again.
        #[test]
        fn any_pattern_is_refused_or_gives_a_name(
            pieces in vec(prop_oneof![
                3 => select(vec![
                    "{workflow}", "{project}", "{date}", "{time}", "{execution}", "{", "}", "{}", "{day}", "{{", ".", "..", "/", "\\",
                    " ", "-", ".csv", "(a+)+", "[", "$", "^", "\0", "é",
                ]).prop_map(str::to_owned),
                1 => "\\PC{0,4}",
            ], 0..8),
        ) {
            let pattern = pieces.concat();
            let filling = filling();
            prop_assert_eq!(problem(&pattern).is_some(), pattern.contains(['{', '}']) && pieces_of(&pattern).is_none());
            match filling.name(&pattern) {
                Err(failure) => prop_assert!(failure.to_string().contains("the file name"), "{}", failure),
                Ok(name) => {
                    prop_assert!(!name.is_empty() && !name.contains(['/', '\\', '\0']) && name != "..", "{:?}", name);
                    prop_assert!(filling.finder(&pattern).expect("an expression").is_match(&name), "{:?}", name);
                }
            }
        }
    }

    /// `None` where a brace is left when the places are taken away.
    fn pieces_of(pattern: &str) -> Option<String> {
        let rest = PLACES.iter().fold(pattern.to_owned(), |rest, place| rest.replace(&format!("{{{place}}}"), "\u{1}"));
        (!rest.contains(['{', '}'])).then_some(rest)
    }

    fn filling() -> Filling {
        let settings = ExportSettings {
            workflow: "Nightly: A/B".to_owned(),
            project: ".CRM".to_owned(),
            time_zone: chrono_tz::Europe::Brussels,
            ..ExportSettings::default()
        };
        // 2026-03-29 01:30 UTC, an hour and a half after midnight by the wall: 03:30 in summer time.
        let now = Timestamp::from_micros(1_774_747_800_000_000);
        Filling::new(&settings, now, "0190a0b0-0000-7000-8000-000000000000".to_owned())
    }

    #[test]
    fn places_are_filled_in_by_the_servers_time() {
        let name = |pattern| filling().name(pattern).map_err(|error| error.to_string());
        assert_eq!(name("golden.csv"), Ok("golden.csv".to_owned()));
        assert_eq!(name("{workflow} {date} {time}.csv"), Ok("Nightly_ A_B 2026-03-29 033000.csv".to_owned()));
        assert_eq!(name("{project}-{execution}"), Ok("CRM-0190a0b0-0000-7000-8000-000000000000".to_owned()));
        assert!(name("{workflow}{workflow}{workflow}.{day}").is_err());
    }

    #[test]
    fn names_of_other_runs_are_found_and_no_others() {
        let finder = filling().finder("{workflow} {date}_{time}.csv").expect("an expression");
        assert!(finder.is_match("Nightly_ A_B 2025-01-31_235959.csv"));
        for other in ["Weekly 2025-01-31_235959.csv", "Nightly_ A_B 2025-01-31_235959xcsv", "a.csv", ""] {
            assert!(!finder.is_match(other), "{other}");
        }
    }

    #[test]
    fn packed_files_end_so() {
        assert_eq!(complete("a.csv", Packing::Gzip), "a.csv.gz");
        assert_eq!(complete("a.csv.zst", Packing::Zstd), "a.csv.zst");
        assert_eq!(complete("a.csv", Packing::None), "a.csv");
    }
}
