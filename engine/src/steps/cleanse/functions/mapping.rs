//! Functions that look a value, or its words, up in a list.

use std::{collections::HashMap, fs::File, io::Read as _, path::Path};

use model::{config::cleanse::Otherwise, limits};

use super::Kernel;
use crate::Failure;

pub(super) fn otherwise(otherwise: Otherwise) -> &'static str {
    match otherwise {
        Otherwise::Keep => "keep",
        Otherwise::Empty => "empty",
    }
}

/// Arguments: `case_sensitive` or nothing, `keep` or `empty`, then each value and what it becomes. Outer blanks of values do
/// not count.
pub(super) fn map_values(arguments: &[String]) -> Result<Kernel, String> {
    let [case, otherwise, pairs @ ..] = arguments else { return Err("say which values to map".to_owned()) };
    if pairs.is_empty() {
        return Err("say which values to map".to_owned());
    }
    if pairs.len() / 2 > limits::MAPPED_VALUES_MAX {
        return Err(format!("has {} values; at most {} are allowed", pairs.len() / 2, limits::MAPPED_VALUES_MAX));
    }
    let folds = case != "case_sensitive";
    let fold = move |text: &str| if folds { text.trim().to_lowercase() } else { text.trim().to_owned() };
    let mut map: HashMap<String, String> = HashMap::new();
    for pair in pairs.chunks_exact(2) {
        if pair[0].trim().is_empty() {
            return Err("a value to map is blank; use fill_empty for values that are empty".to_owned());
        }
        if map.insert(fold(&pair[0]), pair[1].clone()).is_some() {
            return Err(format!("“{}” is mapped twice", pair[0].trim()));
        }
    }
    let keeps = otherwise == "keep";
    Ok(Box::new(move |value, result| {
        match map.get(&fold(value)) {
            Some(to) => result.push_str(to),
            None if keeps => result.push_str(value),
            None => return false,
        }
        true
    }))
}

/// One entry of a dictionary.
struct Entry {
    replacement: String,
    priority: i64,
    words: usize,
}

/// The argument is the dictionary as [`read_dictionary`] gives it: one entry a line.
///
/// At each word the entries that fit compete: the highest priority wins, then the one of most words, then the one that ends with
/// its full stop. What was put in is not looked up again.
pub(super) fn dictionary(arguments: &[String]) -> Result<Kernel, String> {
    let [text] = arguments else { return Err("choose an uploaded file".to_owned()) };
    let mut entries: HashMap<String, Entry> = HashMap::new();
    let mut words_max = 1;
    for line in text.lines() {
        let mut fields = line.split('\t');
        let (Some(word), Some(to), Some(priority)) = (fields.next(), fields.next(), fields.next()) else {
            return Err("a line of the dictionary has not three fields".to_owned());
        };
        let words = words(word).count();
        words_max = words_max.max(words);
        let priority = priority.parse().map_err(|_| format!("“{priority}” is no priority"))?;
        let entry = Entry { replacement: to.to_owned(), priority, words };
        let key = key(word);
        if entries.get(&key).is_none_or(|known| known.priority < entry.priority) {
            entries.insert(key, entry);
        }
    }
    Ok(Box::new(move |value, result| {
        let mut end = 0;
        let mut rest = words(value).peekable();
        let mut sought = String::new();
        while let Some((start, stop)) = rest.next() {
            let mut best: Option<(&Entry, usize)> = None;
            let mut fits = |sought: &str, stop: usize| {
                if let Some(entry) = entries.get(sought)
                    && best.is_none_or(|(known, _)| (known.priority, known.words) <= (entry.priority, entry.words))
                {
                    best = Some((entry, stop));
                }
            };
            sought.clear();
            let mut following = rest.clone();
            let mut word = Some((start, stop));
            for count in 0..words_max {
                let Some((from, to)) = word else { break };
                if count > 0 {
                    sought.push(' ');
                }
                sought.extend(value[from..to].chars().flat_map(char::to_lowercase));
                fits(&sought, to);
                if value[to..].starts_with('.') {
                    sought.push('.');
                    fits(&sought, to + 1);
                    sought.pop();
                }
                word = following.next();
            }
            if let Some((entry, stop)) = best {
                result.push_str(&value[end..start]);
                result.push_str(&entry.replacement);
                end = stop;
                while rest.next_if(|(from, _)| *from < stop).is_some() {}
                if result.len() > limits::CELL_MAX_BYTES {
                    break;
                }
            }
        }
        result.push_str(&value[end..]);
        true
    }))
}

/// Start and end of each run of letters, digits and apostrophes.
fn words(text: &str) -> impl Iterator<Item = (usize, usize)> + Clone + '_ {
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’');
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text[from..].find(inside)?;
        let stop = text[start..].find(|c| !inside(c)).map_or(text.len(), |length| start + length);
        from = stop;
        Some((start, stop))
    })
}

/// What words are looked up by: lower case, one blank between them, and the full stop at the end if there is one.
fn key(word: &str) -> String {
    let mut key = words(word).map(|(start, stop)| word[start..stop].to_lowercase()).collect::<Vec<_>>().join(" ");
    if word.trim_end().ends_with('.') {
        key.push('.');
    }
    key
}

/// Reads a dictionary: TSV in UTF-8 with word, replacement and priority. Empty lines and those that begin with `#` do not count,
/// nor does a first line that begins with the heading `word`. `name` is the file's name for people.
///
/// # Errors
/// `Input` that names file and line.
pub(crate) fn read_dictionary(path: &Path, name: &str) -> Result<String, Failure> {
    let file =
        File::open(path).map_err(|error| Failure::io(&format!("cannot read the dictionary “{name}”"), &error))?;
    let mut bytes = Vec::new();
    let read = file.take(limits::DICTIONARY_BYTES_MAX + 1).read_to_end(&mut bytes);
    read.map_err(|error| Failure::io(&format!("cannot read the dictionary “{name}”"), &error))?;
    let fail = |problem: String| Failure::Input(format!("the dictionary “{name}” {problem}"));
    if bytes.len() as u64 > limits::DICTIONARY_BYTES_MAX {
        return Err(fail(format!("has more than {} MiB", limits::DICTIONARY_BYTES_MAX / 1024 / 1024)));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        fail(format!("is not UTF-8 in line {}; save it as UTF-8", line + 1))
    })?;
    let mut normal = String::with_capacity(text.len());
    let mut count = 0;
    for (place, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let heading = place == 0 && line.split('\t').next().is_some_and(|word| word.eq_ignore_ascii_case("word"));
        if line.trim().is_empty() || line.starts_with('#') || heading {
            continue;
        }
        normal_line(line, &mut normal).map_err(|problem| fail(format!("has in line {} {problem}", place + 1)))?;
        count += 1;
    }
    if count > limits::DICTIONARY_WORDS_MAX {
        return Err(fail(format!("has {count} words; at most {} are allowed", limits::DICTIONARY_WORDS_MAX)));
    }
    if count == 0 { Err(fail("has no words".to_owned())) } else { Ok(normal) }
}

fn normal_line(line: &str, into: &mut String) -> Result<(), String> {
    let fields: Vec<&str> = line.split('\t').map(str::trim).collect();
    let (word, to, priority) = match fields[..] {
        [word, to] => (word, to, "0"),
        [word, to, ""] => (word, to, "0"),
        [word, to, priority] => (word, to, priority),
        _ => {
            return Err(format!(
                "{} fields in place of word, replacement and priority, with tabs between",
                fields.len()
            ));
        }
    };
    if priority.parse::<i64>().is_err() {
        return Err(format!("the priority “{priority}”, which is not a whole number"));
    }
    match words(word).count() {
        0 => return Err(format!("“{word}”, which is no word")),
        count if count > limits::DICTIONARY_PHRASE_WORDS_MAX => {
            return Err(format!(
                "{count} words in one entry; at most {} are allowed",
                limits::DICTIONARY_PHRASE_WORDS_MAX
            ));
        }
        _ => {}
    }
    into.extend([word, "\t", to, "\t", priority, "\n"]);
    Ok(())
}
