//! Which characters separate the fields of a file, found in its first text.

use std::io;

use model::config::source::Format;

use super::records::{Dialect, Item, RecordReader};

/// In the order in which they are preferred.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Records of the sample that are looked at.
const RECORDS_MAX: usize = 1_000;

/// Takes from `format` what is set and finds the rest. `whole` says that the sample is all there is.
pub(super) fn detect(format: &Format, sample: &[u8], whole: bool) -> io::Result<Dialect> {
    let (delimiter, quote) = match format {
        Format::Csv { delimiter, quote, encoding: _ } => (delimiter, quote),
        _ => (&None, &None),
    };
    let ascii = |chosen: Option<char>| chosen.and_then(|chosen| u8::try_from(chosen).ok()).filter(u8::is_ascii);
    let terminator = if sample.contains(&b'\r') && !sample.contains(&b'\n') { b'\r' } else { b'\n' };
    let plain = Dialect { delimiter: b',', quote: ascii(*quote).unwrap_or(b'"'), terminator };
    let delimiter = match ascii(*delimiter) {
        Some(delimiter) => delimiter,
        None => best_delimiter(plain, sample, whole)?,
    };
    let dialect = Dialect { delimiter, ..plain };
    if quote.is_none() && quotes_singly(&dialect, sample, whole)? {
        return Ok(Dialect { quote: b'\'', ..dialect });
    }
    Ok(dialect)
}

/// The first records of a file of unknown dialect, its header first. `whole` says that the sample is all there is.
pub(crate) fn first_records(sample: &[u8], whole: bool, count: usize) -> io::Result<Vec<Vec<String>>> {
    let dialect = detect(&Format::default(), sample, whole)?;
    let mut records = Vec::new();
    read_sample(dialect, sample, whole, |fields| {
        if records.len() < count {
            records.push(fields.to_vec());
        }
    })?;
    Ok(records)
}

/// The delimiter by which most records have as many fields as the header; among equals, the one with most fields.
///
/// If the header is one field under all of them, the file has one column, and the delimiter is one that does not occur,
/// so that commas in its values are left alone.
fn best_delimiter(plain: Dialect, sample: &[u8], whole: bool) -> io::Result<u8> {
    let mut best = None;
    let (mut single, mut broken) = (None, None);
    for delimiter in DELIMITERS {
        let counts = field_counts(Dialect { delimiter, ..plain }, sample, whole)?;
        let Some(&header) = counts.first() else {
            // A quote that is open at a delimiter: to take it for a letter of a single column's name would hide that.
            if sample.contains(&delimiter) {
                broken = broken.or(Some(delimiter));
            }
            continue;
        };
        let agreeing = counts.iter().filter(|count| **count == header).count();
        if header > 1 {
            let score = (agreeing * 100 / counts.len(), header);
            if best.is_none_or(|(known, _)| score > known) {
                best = Some((score, delimiter));
            }
        } else if agreeing == counts.len() && single.is_none() {
            single = Some(delimiter);
        }
    }
    Ok(best.map(|(_, delimiter)| delimiter).or(broken).or(single).unwrap_or(plain.delimiter))
}

fn field_counts(dialect: Dialect, sample: &[u8], whole: bool) -> io::Result<Vec<usize>> {
    let mut counts = Vec::new();
    read_sample(dialect, sample, whole, |fields| counts.push(fields.len()))?;
    Ok(counts)
}

/// Whether the file quotes its values with apostrophes and never with double quotes.
fn quotes_singly(dialect: &Dialect, sample: &[u8], whole: bool) -> io::Result<bool> {
    let (mut all, mut single, mut double) = (0_usize, 0_usize, 0_usize);
    read_sample(*dialect, sample, whole, |fields| {
        for field in fields {
            all += 1;
            single += usize::from(field.len() > 1 && field.starts_with('\'') && field.ends_with('\''));
            double += usize::from(field.contains('"'));
        }
    })?;
    Ok(single * 2 > all && double == 0)
}

/// Gives the fields of each record of the sample, but not of a last one that the sample may cut.
fn read_sample(dialect: Dialect, sample: &[u8], whole: bool, mut each: impl FnMut(&[String])) -> io::Result<()> {
    let end =
        if whole { sample.len() } else { 1 + sample.iter().rposition(|byte| *byte == dialect.terminator).unwrap_or(0) };
    let mut reader = RecordReader::new(&sample[..end.min(sample.len())], dialect);
    let mut scratch = String::new();
    for _ in 0..RECORDS_MAX {
        let Some(Item::Record(record)) = reader.next()? else { break };
        let fields: Vec<String> =
            (0..record.kept()).map(|index| record.value(index, &mut scratch).to_owned()).collect();
        each(&fields);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, delimiter: char, quote: char) {
        let found = detect(&Format::default(), text.as_bytes(), true).expect("reads from memory");
        assert_eq!((char::from(found.delimiter), char::from(found.quote)), (delimiter, quote), "{text}");
    }

    #[test]
    fn the_delimiter_that_agrees_with_the_header_wins() {
        check("a,b\n1,2\n", ',', '"');
        check("price;name\n1,5;x\n2,5;y\n", ';', '"');
        check("a\tb\n1,2\t3\n", '\t', '"');
        check("a|b\n1|2\n", '|', '"');
        check("id,note\n1,\"a; b; c\"\n2,\"d; e\"\n", ',', '"');
    }

    #[test]
    fn one_column_keeps_its_commas() {
        check("title\nwar, and peace\nemma\n", ';', '"');
        check("title\nemma\n", ',', '"');
    }

    #[test]
    fn a_header_whose_quote_stays_open_is_not_taken_for_a_single_name() {
        check("id,\"name\n1,Ann\n", ',', '"');
    }

    #[test]
    fn apostrophes_quote_when_nothing_else_does() {
        check("'a','b'\n'1','x, y'\n", ',', '\'');
        check("name,n\nO'Brien,1\n", ',', '"');
    }

    #[test]
    fn what_is_set_is_taken() {
        let format = Format::Csv { delimiter: Some(';'), quote: Some('\''), encoding: None };
        let found = detect(&format, b"a,b\n", true).expect("reads from memory");
        assert_eq!((found.delimiter, found.quote), (b';', b'\''));
    }
}
