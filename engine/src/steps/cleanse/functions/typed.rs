//! Functions that read a value as a date, a number, a telephone number or an e-mail address. What is none has no result.

use std::fmt::Write as _;

use chrono::{
    NaiveDate, NaiveDateTime, NaiveTime,
    format::{Item, StrftimeItems},
};
use phonenumber::{Mode, country};

use super::Kernel;
use crate::dates;

/// To ISO 8601. Without formats: whatever can be read in one way only.
pub(super) fn date(formats: &[String]) -> Result<Kernel, String> {
    formats.iter().try_for_each(|format| check_format(format))?;
    let formats = formats.to_vec();
    Ok(Box::new(move |value, result| {
        let value = value.trim();
        let date = if formats.is_empty() {
            dates::unambiguous(value)
        } else {
            formats.iter().find_map(|format| NaiveDate::parse_from_str(value, format).ok())
        };
        date.is_some_and(|date| write!(result, "{date}").is_ok())
    }))
}

/// A format is sound if a date that is written with it can be read again.
fn check_format(format: &str) -> Result<(), String> {
    if StrftimeItems::new(format).any(|item| matches!(item, Item::Error)) {
        return Err(format!("“{format}” is not a date format; write it like %d.%m.%Y"));
    }
    let day = NaiveDate::from_ymd_opt(1999, 10, 23).expect("a date of the calendar");
    let at = NaiveDateTime::new(day, NaiveTime::default());
    let mut text = String::new();
    let readable = write!(text, "{}", at.format(format)).is_ok() && NaiveDate::parse_from_str(&text, format) == Ok(day);
    if readable { Ok(()) } else { Err(format!("“{format}” does not give year, month and day of a date")) }
}

/// To E.164, with the rules of `libphonenumber`.
pub(super) fn phone(arguments: &[String]) -> Result<Kernel, String> {
    let [name] = arguments else { return Err("say which country's numbers they are".to_owned()) };
    let country: country::Id = name
        .parse()
        .map_err(|_| format!("“{name}” is not an ISO 3166 country code with telephone numbers, such as US or DE"))?;
    Ok(Box::new(move |value, result| {
        if value.len() > PHONE_BYTES_MAX {
            return false;
        }
        match phonenumber::parse(Some(country), value) {
            Ok(number) if number.is_valid() => write!(result, "{}", number.format().mode(Mode::E164)).is_ok(),
            _ => false,
        }
    }))
}

/// Longer texts are no telephone number (`libphonenumber` has the same limit).
const PHONE_BYTES_MAX: usize = 250;
/// Bytes of an address and of its local part (RFC 5321, section 4.5.3.1), and of a label of a domain (RFC 1035).
const EMAIL_BYTES_MAX: usize = 254;
const LOCAL_PART_BYTES_MAX: usize = 64;
const LABEL_BYTES_MAX: usize = 63;

/// To `local@domain` in lower case. Mail servers may tell apart the case of a local part, and none is known that does.
pub(super) fn email(arguments: &[String]) -> Result<Kernel, String> {
    let drops_tag = arguments.first().is_some_and(|flag| flag == "drop_tag");
    Ok(Box::new(move |value, result| {
        let bare = match (value.rfind('<'), value.rfind('>')) {
            (Some(start), Some(end)) if start < end => &value[start + 1..end],
            _ => value,
        };
        let bare = bare.trim();
        let bare = match bare.get(..7) {
            Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => &bare[7..],
            _ => bare,
        };
        let bare = bare.trim_end_matches(['.', ',', ';']);
        let Some((local, domain)) = bare.rsplit_once('@') else { return false };
        let local = match local.split_once('+') {
            Some((before, _)) if drops_tag => before,
            _ => local,
        };
        if bare.len() > EMAIL_BYTES_MAX {
            return false;
        }
        // What comes out has to be an address too: some capitals become more than one letter.
        let (local, domain) = (local.to_lowercase(), domain.to_lowercase());
        if !is_local_part(&local) || !is_domain(&domain) {
            return false;
        }
        result.extend([local.as_str(), "@", domain.as_str()]);
        true
    }))
}

/// A dot-atom (RFC 5322), with letters of any script (RFC 6531). Quoted local parts are none.
fn is_local_part(text: &str) -> bool {
    let atom = |atom: &str| {
        let sound = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
        !atom.is_empty() && atom.chars().all(sound)
    };
    text.len() <= LOCAL_PART_BYTES_MAX && text.split('.').all(atom)
}

/// Two labels or more, the last not of digits only.
fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        let sound = |c: char| c.is_alphanumeric() || c == '-';
        (1..=LABEL_BYTES_MAX).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(sound)
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    text.contains('.') && text.split('.').all(label) && !last.chars().all(|c| c.is_ascii_digit())
}

/// To a plain decimal number. Digits are kept as they are, however many.
pub(super) fn number(arguments: &[String]) -> Result<Kernel, String> {
    let decimal = if arguments.first().is_some_and(|mark| mark == "comma") { ',' } else { '.' };
    Ok(Box::new(move |value, result| plain_number(value, decimal, result).is_some()))
}

/// A number as people write it, as a plain decimal number behind `result`; nothing is written when it is none.
pub(crate) fn plain_number(value: &str, decimal: char, result: &mut String) -> Option<()> {
    let is_blank = |c: char| c.is_whitespace();
    let mut text = value.trim();
    let mut negative = false;
    // Accountants' (1,234.50), and a sign before or behind, inside or outside the currency.
    if let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        (text, negative) = (inner.trim(), true);
    }
    for _ in 0..2 {
        let signs = ['-', '−', '+'];
        if let Some(sign) = text.chars().next().filter(|c| signs.contains(c)) {
            (text, negative) = (text[sign.len_utf8()..].trim_start(), negative ^ (sign != '+'));
        } else if let Some(sign) = text.chars().next_back().filter(|c| signs.contains(c)) {
            (text, negative) = (text[..text.len() - sign.len_utf8()].trim_end(), negative ^ (sign != '+'));
        }
        text = without_currency(text);
    }
    let (whole, fraction) = text.split_once(decimal).unwrap_or((text, ""));
    let group = if decimal == '.' { ',' } else { '.' };
    let grouping = |c: char| c == group || is_blank(c) || matches!(c, '\'' | '’');
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let groups = || whole.split(grouping);
    // 1,234,567 and 12,34,567; but 1,2 is no number.
    let grouped = groups().count() == 1
        || (groups().next().is_some_and(|first| (1..=3).contains(&first.len()))
            && groups().skip(1).all(|part| matches!(part.len(), 2 | 3))
            && groups().next_back().is_some_and(|last| last.len() == 3));
    if !grouped || !groups().all(digits) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let start = result.len();
    result.extend(groups());
    let zeros = result[start..].bytes().take_while(|byte| *byte == b'0').count();
    result.replace_range(start..start + zeros, "");
    if result.len() == start {
        result.push('0');
    }
    let fraction = fraction.trim_end_matches('0');
    if !fraction.is_empty() {
        result.push('.');
        result.push_str(fraction);
    }
    if negative && result[start..] != *"0" {
        result.insert(start, '-');
    }
    Some(())
}

/// Without a sign (€) or a code (EUR) of a currency before or behind.
fn without_currency(text: &str) -> &str {
    let sign = |c: char| matches!(c, '$' | '¢' | '£' | '¤' | '¥' | '\u{20a0}'..='\u{20cf}');
    let code = |part: Option<&str>| part.is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_uppercase()));
    let text = text.trim_matches(|c| sign(c) || c.is_whitespace());
    let text = if code(text.get(..3)) { &text[3..] } else { text };
    let behind = text.len().checked_sub(3);
    let text = if behind.is_some_and(|start| code(text.get(start..))) { &text[..text.len() - 3] } else { text };
    text.trim()
}
