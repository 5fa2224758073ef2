//! The parts of an XLSX file, looked at before a library that trusts them opens it.
//!
//! It is unpacked once and nothing is kept: what counts is how large the parts really are, not what the file says.

mod scan;

use std::io::{BufReader, Read};

use model::limits;
use zip::ZipArchive;

use self::scan::{Counts, Stretches};
use super::damaged;
use crate::{Checkpoint, Failure, steps::import::file::SourceFile};

const CHUNK_BYTES: usize = 64 * 1024;
/// What a part that is held takes in memory for each of its bytes, at most: `<si><t>a</t></si>` becomes a text of its own.
const MEMORY_FACTOR: usize = 4;
/// And for each element of the styles: `<xf/>` becomes a whole style.
const STYLE_BYTES: usize = 512;
/// What the longest value of a sheet takes while it is read: it is unpacked, put together, and a value of its row.
const COPIES_OF_VALUE: usize = 3;
/// `<si/>`, the shortest text that cells can share.
const SHARED_TEXT_BYTES_MIN: u64 = 5;
/// Parts that are streamed: sheets; and pictures and the like, which are not looked at.
const STREAMED: [&str; 3] = ["xl/worksheets/", "xl/media/", "xl/drawings/"];
/// Parts that are held wherever they lie.
const HELD: [&str; 4] = ["sharedstrings.xml", "styles.xml", "workbook.xml", ".rels"];

/// Gives the memory that reading it takes.
pub(super) fn check(file: &SourceFile, checkpoint: &Checkpoint) -> Result<usize, Failure> {
    let mut archive = ZipArchive::new(BufReader::new(file.reader())).map_err(|error| damaged(&error))?;
    let names = archive.file_names().map(|name| name.map(|name| name.to_lowercase()));
    let names: Vec<String> = names.collect::<Result<_, _>>().map_err(|error| damaged(&error))?;
    refuse_others(&names)?;
    let (mut all, mut held, mut styles, mut longest) = (0, 0, 0, 0);
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).map_err(|error| damaged(&error))?;
        let name = part.name().map_err(|error| damaged(&error))?.to_lowercase();
        let mut counts = name.ends_with("sharedstrings.xml").then(Counts::default);
        let is_held = !STREAMED.iter().any(|home| name.starts_with(home)) || HELD.iter().any(|end| name.ends_with(end));
        let is_styles = name.ends_with("styles.xml");
        let mut stretches = (!is_held && name.starts_with(STREAMED[0])).then(Stretches::default);
        let mut chunk = vec![0; CHUNK_BYTES];
        let mut bytes = 0;
        loop {
            checkpoint.check()?;
            let read = part.read(&mut chunk).map_err(|error| damaged(&error))?;
            if read == 0 {
                break;
            }
            bytes += read as u64;
            all += read as u64;
            refuse_larger(all, limits::WORKBOOK_UNPACKED_MAX_BYTES, "unpacked it has")?;
            if let Some(counts) = &mut counts {
                counts.look_at(&chunk[..read]);
            }
            if let Some(stretches) = &mut stretches {
                stretches.look_at(&chunk[..read]).map_err(|problem| damaged(&problem))?;
                longest = longest.max(stretches.longest());
                refuse_larger(longest, limits::RECORD_MAX_BYTES as u64, "a value in one of its sheets has")?;
            }
            if is_styles {
                styles += chunk[..read].iter().filter(|byte| **byte == b'<').count();
            }
        }
        if is_held {
            held += bytes;
            refuse_larger(held, limits::WORKBOOK_HELD_MAX_BYTES, "the texts that its cells share have")?;
        }
        if counts.is_some_and(|counts| counts.largest() > bytes / SHARED_TEXT_BYTES_MIN) {
            return Err(damaged(&"it says that its cells share more texts than it has"));
        }
    }
    let bytes = |count: u64, factor: usize| usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(factor);
    let texts = bytes(held, MEMORY_FACTOR).saturating_add(bytes(longest, COPIES_OF_VALUE));
    Ok(texts.saturating_add(styles.saturating_mul(STYLE_BYTES)))
}

fn refuse_larger(bytes: u64, limit: u64, what: &str) -> Result<(), Failure> {
    if bytes <= limit {
        return Ok(());
    }
    Err(Failure::Input(format!("{what} more than {} MB, which is the limit", limit / (1024 * 1024))))
}

fn refuse_others(names: &[String]) -> Result<(), Failure> {
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    let refusal = if has("xl/workbook.bin") {
        "it is a binary workbook (XLSB); save it as XLSX"
    } else if has("content.xml") {
        "it is an OpenDocument file; save it as XLSX or CSV"
    } else if !names.iter().any(|name| name.starts_with("xl/")) {
        "it is a ZIP file and no workbook; unpack it, or pack the file by gzip or zstd"
    } else {
        return Ok(());
    };
    Err(Failure::Input(refusal.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use tokio_util::sync::CancellationToken;
    use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

    use super::*;

    fn checked(parts: &[(&str, &[u8])]) -> Result<usize, String> {
        let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
        let mut archive = ZipWriter::new(file.as_file_mut());
        for (name, bytes) in parts {
            let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
            archive.start_file(*name, options).expect("a part");
            archive.write_all(bytes).expect("a part");
        }
        archive.finish().expect("an archive");
        let file = SourceFile::open(file.path()).expect("opens");
        check(&file, &Checkpoint::new(CancellationToken::new())).map_err(|failure| failure.to_string())
    }

    #[test]
    fn other_files_in_a_zip_are_refused_by_what_they_are() {
        for (name, expected) in
            [("xl/workbook.bin", "XLSB"), ("content.xml", "OpenDocument"), ("people.csv", "no workbook")]
        {
            assert!(checked(&[(name, b"x")]).expect_err(name).contains(expected));
        }
    }

    #[test]
    fn what_is_held_is_accounted_for_and_sheets_are_not() {
        let sheet = "<c><v>1</v></c>".repeat(1000);
        let counted = |parts: &[(&str, &str)]| {
            checked(&parts.iter().map(|(name, text)| (*name, text.as_bytes())).collect::<Vec<_>>())
        };
        // The longest is `1</v>`.
        let sheet = ("xl/worksheets/sheet1.xml", sheet.as_str());
        assert_eq!(counted(&[("xl/theme/theme1.xml", &"x".repeat(1000)), sheet]), Ok(4 * 1000 + 3 * 5));
        assert_eq!(counted(&[("xl/styles.xml", "<xf/><xf/>"), sheet]), Ok(4 * 10 + 2 * 512 + 3 * 5));
        // Texts that cells share are held also where they lie among the sheets.
        assert_eq!(counted(&[("xl/worksheets/sharedStrings.xml", &"x".repeat(1000))]), Ok(4000));
    }

    /// Four megabytes of such a file would be four gigabytes in memory.
    #[test]
    fn a_value_without_end_is_refused() {
        let long = "a".repeat(limits::RECORD_MAX_BYTES + 1);
        for sheet in
            [format!("<c><v>{long}</v></c>"), format!("<c><is>{}</is></c>", "<t>aaaaaaaa</t>".repeat(1_500_000)), long]
        {
            let message = checked(&[("xl/worksheets/sheet1.xml", sheet.as_bytes())]).expect_err("too long");
            assert_eq!(message, "a value in one of its sheets has more than 16 MB, which is the limit");
        }
        let message = checked(&[("xl/worksheets/sheet1.xml", b"<!DOCTYPE a [<!ENTITY b \"c\">]>")]).expect_err("a DTD");
        assert!(message.contains("a sheet has a document type"), "{message}");
    }

    #[test]
    fn more_texts_than_there_are_bytes_are_refused() {
        for text in ["<sst uniqueCount=\"999999999999\">", "<sst uniqueCount = '999999999999999999999999'>"] {
            let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            for bytes in [text.as_bytes(), &wide] {
                let padded = [&vec![b' '; CHUNK_BYTES - 7], bytes].concat();
                let message = checked(&[("xl/SharedStrings.xml", &padded)]).expect_err("too many");
                assert!(message.contains("more texts than it has"), "{message}");
            }
        }
        assert!(checked(&[("xl/sharedStrings.xml", b"<sst uniqueCount=\"2\"><si/><si/></sst>")]).is_ok());
    }
}
