//! What a single value looks like.

use chrono::NaiveDate;

use crate::dates;

/// The digits of a telephone number (ITU-T E.164 allows 15).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// The value of a decimal number. Codes with leading zeros are none.
pub(super) fn number(text: &str) -> Option<f64> {
    if !text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b',')) {
        return None;
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let code = whole.len() > 1 && whole.starts_with('0');
    if whole.is_empty() || whole.len() > 15 || code || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    if text.contains(',') { text.replace(',', ".").parse().ok() } else { text.parse().ok() }
}

pub(super) fn date(text: &str) -> Option<NaiveDate> {
    dates::plausible(text)
}

pub(super) fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let labels = host.split('.').count();
    !name.is_empty()
        && labels > 1
        && host.split('.').all(|label| !label.is_empty())
        && !text.contains(|c: char| c.is_whitespace() || c == ',')
        && !host.contains('@')
}

/// Digits with the marks that telephone numbers are written with. Bare digits are taken for one only if the column is
/// `named` like one.
pub(super) fn is_phone(text: &str, named: bool) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let marks = text.chars().all(|c| c.is_ascii_digit() || "+-() ./".contains(c));
    let written = text.starts_with(['+', '(']) || text.contains([' ', '-', '/']) || text.starts_with("00");
    let apart = text.split([' ', '-', '/', '(', ')', '.']).filter(|part| !part.is_empty()).count() > 1;
    PHONE_DIGITS.contains(&digits) && marks && (named || text.starts_with('+') || (written && apart))
}

pub(super) fn is_boolean(text: &str) -> bool {
    ["true", "false", "yes", "no", "t", "f", "y", "n", "0", "1"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// One word that holds a digit, as record numbers, codes and keys are.
pub(super) fn is_code(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
        && !text.contains(|c: char| c.is_whitespace() || c == '.' || c == ',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (text, value) in [("7", 7.0), ("-1.5", -1.5), ("1,5", 1.5), ("0", 0.0), ("0.25", 0.25)] {
            assert_eq!(number(text), Some(value), "{text}");
        }
        for text in ["", "007", "1e5", "1.2.3", "12a", "+", "-", ".5", "1 000"] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn emails_phones_booleans_codes() {
        assert!(is_email("ann@example.org") && is_email("a.b+c@x.co.uk"));
        assert!(!is_email("ann@home") && !is_email("@x.org") && !is_email("a b@x.org") && !is_email("a@b@c.de"));
        assert!(is_phone("+4930123456", false) && is_phone("(030) 123-4567", false) && is_phone("030 1234567", false));
        assert!(is_phone("5551234567", true) && !is_phone("5551234567", false) && !is_phone("12-34", false));
        assert!(is_boolean("Yes") && is_boolean("0") && !is_boolean("2"));
        assert!(
            is_code("rec-12-org") && is_code("1804974") && !is_code("12 Main") && !is_code("1.5") && !is_code("abc")
        );
    }
}
