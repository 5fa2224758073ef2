//! Of which format a file is.
//!
//! The first bytes decide; the name only where they allow two: a text that begins with a brace is JSON lines if its first
//! line is an object, or if its name says so and the line is merely damaged.

use std::io::Read as _;

use model::config::source::{Format, FormatKind};
use serde::de::IgnoredAny;

use super::{encoding::SAMPLE_BYTES, packed::FileBytes};
use crate::Failure;

const PARQUET: &[u8] = b"PAR1";
const ZIP: &[u8] = b"PK\x03\x04";
const COMPOUND_FILE: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0];
const JSON_ENDINGS: [&str; 4] = ["jsonl", "ndjson", "jsonlines", "json"];

/// What is set, or what is found. `name` is what the file is called.
pub(super) fn find(format: &Format, file: FileBytes, name: &str) -> Result<FormatKind, Failure> {
    match format {
        Format::Detected {} => {}
        Format::Csv { .. } => return Ok(FormatKind::Csv),
        Format::JsonLines { .. } => return Ok(FormatKind::JsonLines),
        Format::Parquet {} => return Ok(FormatKind::Parquet),
        Format::Xlsx { .. } => return Ok(FormatKind::Xlsx),
        Format::Xls { .. } => return Ok(FormatKind::Xls),
    }
    let mut start = Vec::new();
    let read = file.take(SAMPLE_BYTES as u64).read_to_end(&mut start);
    read.map_err(|error| Failure::io("it cannot be read", &error))?;
    of_content(&start, name)
}

fn of_content(start: &[u8], name: &str) -> Result<FormatKind, Failure> {
    for (magic, kind) in [(PARQUET, FormatKind::Parquet), (ZIP, FormatKind::Xlsx), (COMPOUND_FILE, FormatKind::Xls)] {
        if start.starts_with(magic) {
            return Ok(kind);
        }
    }
    let text = plain(start);
    let first_line = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).find(|line| !line.is_empty());
    let first_line = first_line.unwrap_or_default();
    let says_json = ending(name).is_some_and(|ending| JSON_ENDINGS.contains(&ending.as_str()));
    match first_line.first() {
        Some(b'{') if says_json || is_object(first_line) => Ok(FormatKind::JsonLines),
        Some(b'[') if says_json => Err(Failure::Input(
            "it is one JSON array; save it as JSON lines, one object a line (jq -c '.[]' does that)".to_owned(),
        )),
        _ => Ok(FormatKind::Csv),
    }
}

/// Western text as ASCII, whatever its encoding: enough to know braces and quotes.
fn plain(start: &[u8]) -> Vec<u8> {
    let marks: [&[u8]; 3] = [&[0xEF, 0xBB, 0xBF], &[0xFF, 0xFE], &[0xFE, 0xFF]];
    let text = marks.iter().find_map(|mark| start.strip_prefix(*mark)).unwrap_or(start);
    text.iter().copied().filter(|byte| *byte != 0).collect()
}

fn is_object(line: &[u8]) -> bool {
    let text = String::from_utf8_lossy(line);
    match serde_json::from_str::<IgnoredAny>(&text) {
        Ok(_) => true,
        // A line that is longer than what is looked at.
        Err(error) => error.is_eof() && line.len() > SAMPLE_BYTES / 4,
    }
}

/// The ending of a name in lower case, one that says how the file is packed left out.
fn ending(name: &str) -> Option<String> {
    let name = name.split(['?', '#']).next().unwrap_or(name).to_ascii_lowercase();
    let name = [".gz", ".zst", ".gzip", ".zstd"].iter().find_map(|packing| name.strip_suffix(packing)).unwrap_or(&name);
    name.rsplit(['/', '\\']).next()?.rsplit_once('.').map(|(_, ending)| ending.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_and_names_only_where_it_allows_two() {
        for (start, name, expected) in [
            (&b"id,name\n1,Ann\n"[..], "people.csv", FormatKind::Csv),
            (b"id,name\n1,Ann\n", "people.jsonl", FormatKind::Csv),
            (b"\n {\"id\": 1}\n", "people.txt", FormatKind::JsonLines),
            (b"\xEF\xBB\xBF{\"id\": 1}\n", "people", FormatKind::JsonLines),
            (b"\xFF\xFE{\0}\0\n\0", "people", FormatKind::JsonLines),
            (b"{id},name\n1,2\n", "people.csv", FormatKind::Csv),
            (b"{\"id\": 1,,}\n", "people.json.gz", FormatKind::JsonLines),
            (b"PAR1....", "people.csv", FormatKind::Parquet),
            (b"PK\x03\x04", "people.csv", FormatKind::Xlsx),
            (b"\xD0\xCF\x11\xE0", "people.csv", FormatKind::Xls),
            (b"", "people.csv", FormatKind::Csv),
        ] {
            assert_eq!(of_content(start, name).expect("a format"), expected, "{name}");
        }
        let message = of_content(b"[{\"id\": 1}]", "https://host/people.json?x=1").expect_err("an array").to_string();
        assert!(message.starts_with("it is one JSON array"), "{message}");
    }
}
