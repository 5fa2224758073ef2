//! Functions on letters: upper and lower case, the spelling of names, Unicode forms.

use std::borrow::Cow;

use deunicode::deunicode_with_tofu_cow;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use super::Kernel;

/// Particles of surnames that stay lower also where a name begins with them, if a word follows.
const LOWER_PARTICLES: [&str; 13] =
    ["van", "von", "vom", "der", "den", "ter", "ten", "zu", "zum", "zur", "af", "av", "op"];
/// Particles that are lower inside a name, and capitalised where it begins (De Niro, La Salle).
const INNER_PARTICLES: [&str; 22] = [
    "de", "du", "da", "di", "do", "dos", "das", "des", "del", "della", "la", "las", "le", "los", "el", "al", "bin",
    "ibn", "y", "e", "i", "und",
];
/// Generations, where they end a name.
const NUMERALS: [&str; 8] = ["ii", "iii", "iv", "vi", "vii", "viii", "ix", "xi"];

pub(super) fn upper(_: &[String]) -> Result<Kernel, String> {
    Ok(Box::new(|value, result| {
        result.extend(value.chars().flat_map(char::to_uppercase));
        true
    }))
}

pub(super) fn lower(_: &[String]) -> Result<Kernel, String> {
    Ok(Box::new(|value, result| {
        // Of the whole text: a final Greek sigma differs from one inside a word.
        result.push_str(&value.to_lowercase());
        true
    }))
}

pub(super) fn swap_case(_: &[String]) -> Result<Kernel, String> {
    Ok(Box::new(|value, result| {
        for c in value.chars() {
            if c.is_uppercase() {
                result.extend(c.to_lowercase());
            } else {
                result.extend(c.to_uppercase());
            }
        }
        true
    }))
}

pub(super) fn title(_: &[String]) -> Result<Kernel, String> {
    Ok(Box::new(|value, result| {
        let mut inside = false;
        for c in value.chars() {
            match (inside, c.is_ascii()) {
                (true, true) => result.push(c.to_ascii_lowercase()),
                (false, true) => result.push(c.to_ascii_uppercase()),
                (true, false) => result.extend(c.to_lowercase()),
                (false, false) => result.extend(c.to_uppercase()),
            }
            inside = c.is_alphanumeric() || (inside && matches!(c, '\'' | '’'));
        }
        true
    }))
}

/// As names are written. A word in mixed case, such as MacDonald or DeVito, is taken as meant so: from MACDONALD nobody can
/// tell Mac Donald from Macdonald.
pub(super) fn proper(_: &[String]) -> Result<Kernel, String> {
    Ok(Box::new(|value, result| {
        let mut words = value.split_inclusive(char::is_whitespace).peekable();
        let mut first = true;
        while let Some(word) = words.next() {
            let is_last = words.peek().is_none();
            proper_word(word, first, is_last, result);
            first &= word.trim().is_empty();
        }
        true
    }))
}

fn proper_word(word: &str, first: bool, last: bool, result: &mut String) {
    let bare = word.trim();
    let is = |list: &[&str]| list.iter().any(|known| bare.eq_ignore_ascii_case(known));
    if (!last && is(&LOWER_PARTICLES)) || (!first && !last && is(&INNER_PARTICLES)) {
        result.extend(word.chars().flat_map(char::to_lowercase));
    } else if last && !first && is(&NUMERALS) {
        result.extend(word.chars().flat_map(char::to_uppercase));
    } else if is_mixed(bare) {
        result.push_str(word);
    } else {
        for part in word.split_inclusive(['-', '‐', '–', '/', '(', '.', '"', '“', '&']) {
            capitalised(part, result);
        }
    }
}

/// Begins with a capital and has a further one behind a small letter.
fn is_mixed(word: &str) -> bool {
    let mut small = false;
    word.chars().next().is_some_and(char::is_uppercase)
        && word.chars().any(|c| {
            small |= c.is_lowercase();
            small && c.is_uppercase()
        })
}

/// First letter upper, the rest lower; upper again behind `Mc`, and behind one letter and an apostrophe if more than one
/// follows (O'Brien, D'Angelo, but Ann's).
fn capitalised(part: &str, result: &mut String) {
    let mut letters = 0;
    let mut start = ['\0'; 2];
    let mut next_is_upper = true;
    let mut chars = part.char_indices();
    while let Some((place, c)) = chars.next() {
        if matches!(c, '\'' | '’') {
            let follow = part[place + c.len_utf8()..].chars().take_while(|c| c.is_alphabetic()).count();
            next_is_upper = letters == 1 && follow > 1;
            result.push(c);
            continue;
        }
        if c.is_alphanumeric() {
            if next_is_upper {
                result.extend(c.to_uppercase());
            } else {
                result.extend(c.to_lowercase());
            }
            if let Some(slot) = start.get_mut(letters) {
                *slot = c.to_ascii_lowercase();
            }
            letters += 1;
            let behind = chars.as_str();
            next_is_upper =
                letters == 2 && start == ['m', 'c'] && behind.chars().filter(|c| c.is_alphabetic()).count() > 1;
        } else {
            result.push(c);
        }
    }
}

pub(super) fn unicode_nfc(_: &[String]) -> Result<Kernel, String> {
    Ok(Box::new(|value, result| {
        if is_nfc(value) {
            result.push_str(value);
        } else {
            result.extend(value.nfc());
        }
        true
    }))
}

/// Composed first, since the tables know letters with their accents. What they do not know is left out.
pub(super) fn to_ascii(_: &[String]) -> Result<Kernel, String> {
    Ok(Box::new(|value, result| {
        let composed: Cow<'_, str> = if is_nfc(value) { value.into() } else { value.nfc().collect::<String>().into() };
        result.push_str(&deunicode_with_tofu_cow(&composed, ""));
        true
    }))
}
