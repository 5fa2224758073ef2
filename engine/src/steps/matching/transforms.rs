//! What of a value goes into a blocking key: each transform of a value, and keys as 64-bit hashes of their parts.
//!
//! The hash is our own, so that it is the same in every process and on every machine.

use model::{
    config::matching::{BlockingKey, BlockingPart, Phonetic, Transform},
    limits,
};

use crate::{
    phonetic,
    similarity::{fold, fold_into},
};

/// The texts that a value stands for in a key: one, several for *any word*, none when nothing is left of it.
pub(super) fn texts(transform: Transform, value: &str) -> Vec<String> {
    let folded = fold(value);
    match transform {
        Transform::SoundsAlike { algorithm } if is_many(transform) => phonetic::codes(algorithm, first_word(&folded)),
        Transform::AnyWord { length } => {
            let long = |word: &str| word.chars().count() >= length.into();
            let mut words: Vec<String> =
                folded.split_whitespace().filter(|word| long(word)).map(str::to_owned).collect();
            words.extend(whole_codes(value).filter(|code| long(code)));
            words.sort_unstable();
            words.dedup();
            words
        }
        transform => {
            let mut text = String::new();
            write_text(transform, &folded, &mut text);
            if text.is_empty() { Vec::new() } else { vec![text] }
        }
    }
}

/// The words with digits that punctuation divides, undivided: `DSC-W150` is written `DSCW150`, too.
fn whole_codes(value: &str) -> impl Iterator<Item = String> {
    let divided = |word: &str| {
        word.bytes().any(|byte| byte.is_ascii_digit()) && !word.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    value.split_whitespace().filter(move |word| divided(word)).map(|word| compact(&fold(word)).collect())
}

/// Appends the text of a transform that gives one at most; [`is_many`] says which do not.
fn write_text(transform: Transform, folded: &str, text: &mut String) {
    match transform {
        Transform::Exact => text.push_str(folded),
        Transform::Prefix { length } => text.extend(compact(folded).take(length.into())),
        Transform::Suffix { length } => {
            let skipped = compact(folded).count().saturating_sub(length.into());
            text.extend(compact(folded).skip(skipped));
        }
        Transform::Soundex => text.extend(phonetic::codes(Phonetic::Soundex, first_word(folded))),
        Transform::SoundsAlike { algorithm } => text.extend(phonetic::codes(algorithm, first_word(folded))),
        Transform::SortedWords => {
            let mut words: Vec<&str> = folded.split_whitespace().collect();
            words.sort_unstable();
            text.push_str(&words.join(" "));
        }
        Transform::Digits => text.extend(folded.chars().filter(char::is_ascii_digit)),
        Transform::AnyWord { .. } => debug_assert!(false, "each word is a text of its own"),
    }
}

/// Memory that the parts of one key after the other are made in.
#[derive(Debug, Default)]
pub(super) struct PartMaker {
    folded: String,
    text: String,
}

impl PartMaker {
    /// The part that a value gives under a transform that gives one text; `None` when nothing is left of it.
    pub(super) fn part(&mut self, transform: Transform, value: &str) -> Option<u64> {
        fold_into(value, &mut self.folded);
        let text = match transform {
            Transform::Exact => &self.folded,
            transform => {
                self.text.clear();
                write_text(transform, &self.folded, &mut self.text);
                &self.text
            }
        };
        (!text.is_empty()).then(|| hash(text))
    }
}

fn first_word(folded: &str) -> &str {
    folded.split(' ').next().unwrap_or_default()
}

/// Without blanks, so that `de la cruz` and `delacruz` begin alike.
fn compact(folded: &str) -> impl Iterator<Item = char> {
    folded.chars().filter(|character| *character != ' ')
}

/// Whether a transform can give more than one text.
pub(super) const fn is_many(transform: Transform) -> bool {
    match transform {
        Transform::AnyWord { .. } => true,
        Transform::SoundsAlike { algorithm } => phonetic::is_many(algorithm),
        Transform::Exact
        | Transform::Prefix { .. }
        | Transform::Suffix { .. }
        | Transform::Soundex
        | Transform::SortedWords
        | Transform::Digits => false,
    }
}

/// The beginning of a key.
pub(super) const EMPTY_KEY: u64 = 0xcbf2_9ce4_8422_2325;

/// The hash of a text. Its length is mixed in, for zeros may stand at its end.
pub(crate) fn hash(text: &str) -> u64 {
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    let rest = rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
    mix(words.fold(mix(text.len() as u64), |hash, word| mix(hash ^ word)) ^ rest)
}

/// A key with one more part; their order matters.
pub(super) const fn extend_key(key: u64, part: u64) -> u64 {
    mix(key ^ part)
}

/// Spreads numbers evenly over 64 bits (the finaliser of SplitMix64; Steele, Lea and Flood, 2014).
pub(super) const fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// The distinct keys of one record, rising, given the texts of each part; beside each is what `join` makes of its texts. Where
/// there would be more than [`limits::BLOCKING_KEYS_PER_RECORD_MAX`] the smallest are taken: records that share most of
/// their words share most of these too (bottom-k sketches; Cohen and Kaplan, PODC 2007).
pub(super) fn keys<T>(
    parts: impl IntoIterator<Item = Vec<String>>,
    beside: T,
    join: impl Fn(&T, &str) -> T,
) -> Vec<(u64, T)> {
    const MOST: usize = limits::BLOCKING_KEYS_PER_RECORD_MAX;
    let mut keys = vec![(EMPTY_KEY, beside)];
    for mut texts in parts {
        if texts.len() > MOST {
            texts.sort_by_cached_key(|text| hash(text));
            texts.truncate(MOST);
        }
        let mut longer = Vec::with_capacity(keys.len() * texts.len());
        for (key, beside) in &keys {
            longer.extend(texts.iter().map(|text| (extend_key(*key, hash(text)), join(beside, text))));
        }
        longer.sort_unstable_by_key(|(key, _)| *key);
        longer.dedup_by_key(|(key, _)| *key);
        longer.truncate(MOST);
        keys = longer;
    }
    keys
}

/// What the parts of `key` say, given the values of a record that has it: "miller + 1".
pub(super) fn spelled(parts: &[BlockingPart], values: &[Option<String>], key: u64) -> Option<String> {
    if values.iter().any(Option::is_none) {
        return None;
    }
    let texts = parts.iter().zip(values.iter().flatten()).map(|(part, value)| texts(part.transform, value));
    let keys = keys(texts, String::new(), |spelling, text| {
        format!("{spelling}{}{text}", if spelling.is_empty() { "" } else { " + " })
    });
    keys.into_iter().find(|(known, _)| *known == key).map(|(_, spelling)| spelling)
}

/// A key in words: "surname (Soundex) + postcode".
pub(super) fn words(key: &BlockingKey) -> String {
    key.parts.iter().map(part_words).collect::<Vec<_>>().join(" + ")
}

fn part_words(part: &BlockingPart) -> String {
    let column = &part.column;
    match part.transform {
        Transform::Exact => column.clone(),
        Transform::Prefix { length } => format!("{column} (first {length} characters)"),
        Transform::Suffix { length } => format!("{column} (last {length} characters)"),
        Transform::Soundex => format!("{column} (Soundex)"),
        Transform::SortedWords => format!("{column} (sorted words)"),
        Transform::AnyWord { length } => format!("{column} (any word of {length} or more characters)"),
        Transform::Digits => format!("{column} (digits)"),
        Transform::SoundsAlike { algorithm } => format!("{column} ({})", phonetic::name(algorithm)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(transform: Transform, value: &str, expected: &[&str]) {
        assert_eq!(texts(transform, value), expected, "{transform:?} of {value:?}");
    }

    #[test]
    fn transforms_ignore_case_and_punctuation() {
        check(Transform::Exact, " O'Brien,  Anna ", &["obrien anna"]);
        check(Transform::Prefix { length: 4 }, "De La Cruz", &["dela"]);
        check(Transform::Suffix { length: 4 }, "+1 (555) 010-2345", &["2345"]);
        check(Transform::Soundex, "Robert James", &["R163"]);
        check(Transform::SortedWords, "Smith, Anna Maria", &["anna maria smith"]);
        check(Transform::AnyWord { length: 4 }, "The art of the Art of computers", &["computers"]);
        check(
            Transform::AnyWord { length: 5 },
            "Sony DSC-W150/B, a camera (2008-06)",
            &["200806", "camera", "dscw150b"],
        );
        check(Transform::Digits, "No. 42-b", &["42"]);
        check(Transform::Digits, "none", &[]);
        check(Transform::SoundsAlike { algorithm: Phonetic::DoubleMetaphone }, "Smith, Anna", &["SM0", "XMT"]);
        check(Transform::Exact, " - ", &[]);
    }

    /// Two parts of a thousand words each would be a million keys.
    #[test]
    fn the_keys_of_a_long_text_are_bounded_and_shared_by_texts_that_are_alike() {
        let words = |from: u32| (from..from + 1_000).map(|number| format!("word{number}")).collect::<Vec<String>>();
        let keys = |from: u32| keys([words(from), words(from)], (), |(), _| ());
        let (one, other) = (keys(0), keys(50));
        assert_eq!(one.len(), limits::BLOCKING_KEYS_PER_RECORD_MAX);
        assert!(one.is_sorted_by(|a, b| a.0 < b.0));
        let shared = one.iter().filter(|key| other.contains(key)).count();
        assert!(shared > one.len() / 2, "{shared}");
        let parts = [Transform::AnyWord { length: 1 }; 2];
        let parts = parts.map(|transform| BlockingPart { column: "a".to_owned(), transform });
        let value = Some(words(0).join(" "));
        assert!(spelled(&parts, &[value.clone(), value], one[7].0).is_some_and(|words| words.contains(" + word")));
    }

    #[test]
    fn a_part_is_that_of_the_text() {
        let transforms = [Transform::Exact, Transform::Prefix { length: 4 }, Transform::Soundex, Transform::Digits];
        let mut maker = PartMaker::default();
        for values in [
            ["Ann", "De La Cruz", "Robert", "42-b"],
            ["É", "ab", "Rupert", "7"],
            [" O'Brien -  Anna. ", "x", "Ann", "1"],
        ] {
            for (transform, value) in transforms.into_iter().zip(values) {
                assert_eq!(maker.part(transform, value), Some(hash(&texts(transform, value)[0])), "{value}");
            }
        }
        assert_eq!(maker.part(Transform::Digits, "none"), None);
        assert_eq!(maker.part(Transform::Exact, " - '"), None);
    }

    #[test]
    fn parts_do_not_run_together() {
        let key = |parts: &[&str]| parts.iter().fold(EMPTY_KEY, |key, text| extend_key(key, hash(text)));
        assert_ne!(key(&["ab", "c"]), key(&["a", "bc"]));
        assert_ne!(key(&["ab", "c"]), key(&["c", "ab"]));
        assert_ne!(hash("a"), hash("a\0"));
        assert_eq!(key(&["ab", "c"]), key(&["ab", "c"]));
    }
}
