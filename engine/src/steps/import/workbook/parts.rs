//! The parts of an XLSX file, looked at before a library that trusts them opens it.
//!
//! It is unpacked once and nothing is kept: what counts is how large the parts really are, not what the file says.

use std::io::{BufReader, Read};

use model::limits;
use zip::ZipArchive;

use super::damaged;
use crate::{Checkpoint, Failure, steps::import::file::SourceFile};

const CHUNK_BYTES: usize = 64 * 1024;
/// What a part that is held takes in memory for each of its bytes, at most: `<si><t>a</t></si>` becomes a text of its own.
const MEMORY_FACTOR: usize = 4;
/// `<si/>`, the shortest text that cells can share.
const SHARED_TEXT_BYTES_MIN: u64 = 5;
const COUNT: &[u8] = b"uniqueCount";

/// Gives the memory that reading it takes.
pub(super) fn check(file: &SourceFile, checkpoint: &Checkpoint) -> Result<usize, Failure> {
    let mut archive = ZipArchive::new(BufReader::new(file.reader())).map_err(|error| damaged(&error))?;
    let names = archive.file_names().map(|name| name.map(|name| name.to_lowercase()));
    let names: Vec<String> = names.collect::<Result<_, _>>().map_err(|error| damaged(&error))?;
    refuse_others(&names)?;
    let (mut all, mut held) = (0, 0);
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).map_err(|error| damaged(&error))?;
        let name = part.name().map_err(|error| damaged(&error))?.to_lowercase();
        let mut counts = name.ends_with("sharedstrings.xml").then(Counts::default);
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
        }
        // Sheets are streamed; pictures and the like are not looked at.
        if !["xl/worksheets/", "xl/media/", "xl/drawings/"].iter().any(|streamed| name.starts_with(streamed)) {
            held += bytes;
            refuse_larger(held, limits::WORKBOOK_HELD_MAX_BYTES, "the texts that its cells share have")?;
        }
        if counts.is_some_and(|counts| counts.largest > bytes / SHARED_TEXT_BYTES_MIN) {
            return Err(damaged(&"it says that its cells share more texts than it has"));
        }
    }
    Ok(usize::try_from(held).unwrap_or(usize::MAX).saturating_mul(MEMORY_FACTOR))
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

/// The largest number of texts that a part says it has. Memory would be taken for so many at once.
#[derive(Default)]
struct Counts {
    /// The end of what was looked at, in which a number may have begun.
    kept: Vec<u8>,
    largest: u64,
}

impl Counts {
    fn look_at(&mut self, chunk: &[u8]) {
        // In UTF-16 every other byte is zero.
        self.kept.extend(chunk.iter().filter(|byte| **byte != 0));
        let found = self.kept.windows(COUNT.len()).enumerate().filter(|(_, window)| *window == COUNT);
        for (at, _) in found {
            let behind = self.kept[at + COUNT.len()..].iter().skip_while(|byte| !byte.is_ascii_digit());
            let digits = behind.take_while(|byte| byte.is_ascii_digit());
            let number =
                digits.fold(0_u64, |number, digit| number.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
            self.largest = self.largest.max(number);
        }
        let keep = self.kept.len().min(2 * COUNT.len() + 64);
        self.kept.drain(..self.kept.len() - keep);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use tokio_util::sync::CancellationToken;
    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    fn checked(parts: &[(&str, &[u8])]) -> Result<usize, String> {
        let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
        let mut archive = ZipWriter::new(file.as_file_mut());
        for (name, bytes) in parts {
            archive.start_file(*name, SimpleFileOptions::default()).expect("a part");
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
        assert_eq!(checked(&[("xl/styles.xml", &[b'x'; 1000]), ("xl/worksheets/sheet1.xml", &[b'x'; 5000])]), Ok(4000));
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
