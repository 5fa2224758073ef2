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
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Any bytes are of a format, or are refused in words; and what begins with no mark and no brace is CSV.
        #[test]
        fn any_bytes_are_of_a_format(bytes in vec(any::<u8>(), 0..40), mark in 0_usize..6, name in "[a-z.?#/é]{0,12}(json|gz)?") {
            let mark: &[u8] = [b"".as_slice(), PARQUET, ZIP, COMPOUND_FILE, b"{\"a\":1}\n", b" ["][mark];
            let start = [mark, &bytes].concat();
            match of_content(&start, &name) {
                Err(failure) => prop_assert!(failure.to_string().starts_with("it is one JSON array"), "{}", failure),
                Ok(FormatKind::JsonLines) => {
                    let braced = plain(&start).contains(&b'{');
                    prop_assert!(braced);
                },
                Ok(_) => {}
            }
        }

        /// What a packed file is called is what it is called without the packing.
        #[test]
        fn endings_of_packings_do_not_count(name in "[a-zé]{1,4}\\.[a-z]{1,5}", packing in select(vec![".gz", ".zst", ".GZIP"])) {
            prop_assume!(ending(&name).is_some_and(|ending| ending != "gz" && ending != "zst"));
            prop_assert_eq!(ending(&format!("{name}{packing}")), ending(&name));
            prop_assert_eq!(ending(&format!("https://host/a.b/{name}{packing}?c.d")), ending(&name));
        }
    }

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
