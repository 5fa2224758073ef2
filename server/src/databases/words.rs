//! Values of databases in the forms that the steps expect, and names as SQL writes them.

use std::fmt::Write as _;

/// Bytes as hexadecimal digits.
pub(super) fn hexadecimal(bytes: &[u8], into: &mut String) {
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(into, "{byte:02x}");
    }
}

/// `2024-01-02 03:04:05.678` as ISO 8601: `2024-01-02T03:04:05.678`, with `zone` behind it. Anything else stays as it is
/// (`infinity`, years before Christ).
pub(super) fn timestamp(text: &str, zone: &str, into: &mut String) {
    match text.split_once(' ') {
        Some((date, time)) if !time.contains(' ') && time.as_bytes().first().is_some_and(u8::is_ascii_digit) => {
            into.push_str(date);
            into.push('T');
            into.push_str(without_empty_fraction(time));
            into.push_str(zone);
        }
        _ => into.push_str(text),
    }
}

/// `03:04:05.000000` is `03:04:05`.
pub(super) fn without_empty_fraction(time: &str) -> &str {
    match time.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|digit| digit == b'0') => whole,
        _ => time,
    }
}

/// A name in SQL: between quotes, with those in it doubled.
pub(super) fn quoted(name: &str, quote: char) -> String {
    let mut text = String::with_capacity(name.len() + 2);
    text.push(quote);
    for c in name.chars() {
        if c == quote {
            text.push(quote);
        }
        text.push(c);
    }
    text.push(quote);
    text
}

/// A table in SQL, with its schema if it is named.
pub(super) fn table(schema: Option<&str>, table: &str, quote: char) -> String {
    match schema {
        Some(schema) => format!("{}.{}", quoted(schema, quote), quoted(table, quote)),
        None => quoted(table, quote),
    }
}

/// Names in SQL, with commas between them.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>, quote: char) -> String {
    names.into_iter().map(|name| quoted(name, quote)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iso(text: &str, zone: &str) -> String {
        let mut into = String::new();
        timestamp(text, zone, &mut into);
        into
    }

    #[test]
    fn timestamps_are_iso_8601() {
        assert_eq!(iso("2024-01-02 03:04:05", ""), "2024-01-02T03:04:05");
        assert_eq!(iso("2024-01-02 03:04:05.600000", "Z"), "2024-01-02T03:04:05.600000Z");
        assert_eq!(iso("2024-01-02 03:04:05.000000", ""), "2024-01-02T03:04:05");
        assert_eq!(iso("infinity", "Z"), "infinity");
        assert_eq!(iso("0044-03-15 12:00:00 BC", "Z"), "0044-03-15 12:00:00 BC");
    }

    #[test]
    fn a_name_cannot_end_its_quotes() {
        assert_eq!(quoted("a\"b", '"'), "\"a\"\"b\"");
        assert_eq!(table(Some("x`y"), "t", '`'), "`x``y`.`t`");
        assert_eq!(list(["a", "b\""], '"'), "\"a\", \"b\"\"\"");
    }
}
