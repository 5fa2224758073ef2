//! A person's name in its parts: `Dr. Juan A. Velasquez y Garcia III`, `Doe, Jane`, `Ludwig van Beethoven`.
//!
//! Names of the West, with the family name last or before a comma. Which of two words is the family name is a matter of their order
//! alone; there is no list of names.

use model::limits;

use super::{super::letters, PartsKernel};

/// Before a name, without full stops.
const TITLES: [&str; 37] = [
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "dr",
    "prof",
    "professor",
    "doctor",
    "rev",
    "reverend",
    "hon",
    "sir",
    "dame",
    "lady",
    "lord",
    "capt",
    "col",
    "gen",
    "maj",
    "sgt",
    "lt",
    "fr",
    "sister",
    "herr",
    "frau",
    "hr",
    "mme",
    "mlle",
    "monsieur",
    "madame",
    "sr",
    "sra",
    "srta",
    "don",
    "doña",
    "dipl-ing",
];
/// Behind a name, without full stops.
const SUFFIXES: [&str; 24] = [
    "jr", "sr", "junior", "senior", "ii", "iii", "iv", "vi", "vii", "viii", "phd", "md", "dds", "dvm", "do", "esq",
    "cpa", "rn", "mba", "jd", "msc", "bsc", "ma", "obe",
];
/// What begins a family name of several words.
const PARTICLES: [&str; 29] = [
    "van", "von", "vom", "der", "den", "ter", "ten", "te", "zu", "zum", "zur", "af", "av", "de", "du", "da", "di",
    "do", "dos", "das", "del", "della", "la", "le", "bin", "ibn", "al", "el", "st",
];
/// What joins two family names.
const CONJUNCTIONS: [&str; 2] = ["y", "e"];

/// Parts: title, first, middle, last, suffix. A single word is taken for a family name.
pub(in super::super) fn person_name(_: &[String]) -> Result<PartsKernel, String> {
    let proper = letters::proper(&[])?;
    Ok(Box::new(move |value, parts| {
        let [title, first, middle, last, suffix] = parts else { return false };
        // Figures and signs are in no name.
        let sound = |c: char| c.is_alphabetic() || c.is_whitespace() || ".,-'’()\"“”‐`´".contains(c) || is_mark(c);
        if value.len() > limits::NAME_OR_ADDRESS_MAX_BYTES {
            return false;
        }
        if !value.chars().all(sound) || !value.chars().any(char::is_alphabetic) {
            return false;
        }
        let mut name = String::with_capacity(value.len());
        let all_of_a_case = !value.chars().any(char::is_lowercase) || !value.chars().any(char::is_uppercase);
        if all_of_a_case {
            proper(value, &mut name);
        } else {
            name.push_str(value);
        }
        without_nickname(&mut name);
        read(&name, title, first, middle, last, suffix);
        !(first.is_empty() && last.is_empty())
    }))
}

fn read(
    name: &str,
    title: &mut String,
    first: &mut String,
    middle: &mut String,
    last: &mut String,
    suffix: &mut String,
) {
    let mut segments: Vec<Vec<&str>> = name
        .split(',')
        .map(|part| part.split_whitespace().collect())
        .filter(|words: &Vec<&str>| !words.is_empty())
        .collect();
    // “…, Jr.” and “…, MD, PhD”.
    while segments.len() > 1 && segments.last().is_some_and(|words| words.iter().all(|word| is(word, &SUFFIXES))) {
        let words = segments.pop().unwrap_or_default();
        suffix.insert_str(0, &format!("{} ", words.join(" ")));
    }
    let mut segments = segments.into_iter();
    let Some(mut words) = segments.next() else { return };
    let given: Vec<&str> = segments.flatten().collect();
    take_titles(&mut words, title);
    // Another word must stay: Mr Junior may well be called so.
    while words.len() > 2 - usize::from(!given.is_empty()) && words.last().is_some_and(|word| is(word, &SUFFIXES)) {
        suffix.insert_str(0, &format!("{} ", words.pop().unwrap_or_default()));
    }
    let (mut givens, family) = if given.is_empty() {
        let start = family_start(&words);
        (words[..start].to_vec(), words[start..].to_vec())
    } else {
        (given, words)
    };
    take_titles(&mut givens, title);
    while givens.len() > 1 && givens.last().is_some_and(|word| is(word, &SUFFIXES)) {
        suffix.insert_str(0, &format!("{} ", givens.pop().unwrap_or_default()));
    }
    let mut givens = givens.into_iter();
    first.push_str(givens.next().map(initial).unwrap_or_default());
    middle.push_str(&givens.map(initial).collect::<Vec<_>>().join(" "));
    last.push_str(&family.join(" "));
    suffix.truncate(suffix.trim_end().len());
    title.truncate(title.trim_end().len());
}

/// Where the family name begins: at its first particle, before a conjunction, else with the last word.
fn family_start(words: &[&str]) -> usize {
    let end = words.len().saturating_sub(1);
    let particle = (1..end).find(|place| is(words[*place], &PARTICLES));
    let joined = (2..end).find(|place| CONJUNCTIONS.iter().any(|known| words[*place].eq_ignore_ascii_case(known)));
    particle.unwrap_or(end).min(joined.map_or(end, |place| place - 1))
}

/// Titles before the name; a word must stay.
fn take_titles(words: &mut Vec<&str>, title: &mut String) {
    let count = words.iter().take(words.len().saturating_sub(1)).take_while(|word| is(word, &TITLES)).count();
    for word in words.drain(..count) {
        title.push_str(word);
        title.push(' ');
    }
}

fn is(word: &str, list: &[&str]) -> bool {
    let bare = word.replace('.', "");
    list.iter().any(|known| bare.eq_ignore_ascii_case(known))
}

/// An initial without its full stop.
fn initial(word: &str) -> &str {
    match word.strip_suffix('.') {
        Some(letter) if letter.chars().count() == 1 => letter,
        _ => word,
    }
}

/// `Robert (Bob) Lee`, `Robert "Bob" Lee`: what people say is no part of what is written.
fn without_nickname(name: &mut String) {
    for (open, close) in [('(', ')'), ('"', '"'), ('“', '”')] {
        if let Some(start) = name.find(open)
            && let Some(length) = name[start + open.len_utf8()..].find(close)
        {
            name.replace_range(start..start + open.len_utf8() + length + close.len_utf8(), " ");
        }
    }
    name.retain(|c| !matches!(c, '(' | ')' | '"' | '“' | '”'));
}

/// Accents that stand apart from their letters.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}
