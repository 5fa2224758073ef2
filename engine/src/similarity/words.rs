//! Token set: best of shared words against each side's words.

use super::{Strings, levenshtein_ratio};

/// The distinct words of each value in alphabetical order.
#[derive(Debug)]
pub(super) struct Words {
    /// Each value as its sorted distinct words, joined by blanks.
    values: Strings,
}

impl Words {
    pub(super) fn new(values: &Strings) -> Self {
        Self { values: values.iter().map(sorted_distinct).collect() }
    }

    /// With S the shared words and A, B each side's own: the best Levenshtein ratio among S·S+A, S·S+B and S+A·S+B
    /// (the token set ratio of the `fuzzywuzzy` library). 1 when one side's words contain the other's.
    pub(super) fn token_set(&self, left: u32, right: u32) -> f64 {
        let (left, right) = (self.values.get(left as usize), self.values.get(right as usize));
        if left.is_empty() || right.is_empty() {
            return 0.0;
        }
        if left == right {
            return 1.0;
        }
        let mut shared = Joined::default();
        let (mut only_left, mut only_right) = (Joined::default(), Joined::default());
        let mut rest = right.split(' ').peekable();
        for word in left.split(' ') {
            while let Some(smaller) = rest.next_if(|other| *other < word) {
                only_right.push(smaller);
            }
            if rest.next_if_eq(&word).is_some() {
                shared.push(word);
            } else {
                only_left.push(word);
            }
        }
        rest.for_each(|word| only_right.push(word));

        if shared.0.is_empty() {
            return levenshtein_ratio(left, right);
        }
        if only_left.0.is_empty() || only_right.0.is_empty() {
            return 1.0;
        }
        let with_left = format!("{} {}", shared.0, only_left.0);
        let with_right = format!("{} {}", shared.0, only_right.0);
        levenshtein_ratio(&with_left, &with_right)
            .max(levenshtein_ratio(&shared.0, &with_left))
            .max(levenshtein_ratio(&shared.0, &with_right))
    }

    pub(super) fn bytes(&self) -> usize {
        self.values.bytes()
    }
}

/// Words joined by blanks.
#[derive(Default)]
struct Joined(String);

impl Joined {
    fn push(&mut self, word: &str) {
        if !self.0.is_empty() {
            self.0.push(' ');
        }
        self.0.push_str(word);
    }
}

/// The words in alphabetical order.
pub(super) fn sorted(value: &str) -> String {
    let mut words: Vec<&str> = value.split_whitespace().collect();
    words.sort_unstable();
    words.join(" ")
}

fn sorted_distinct(value: &str) -> String {
    let mut words: Vec<&str> = value.split_whitespace().collect();
    words.sort_unstable();
    words.dedup();
    words.join(" ")
}
