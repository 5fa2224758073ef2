//! Values that are sets of texts: compared by what they have in common.

use std::{cmp::Ordering, collections::HashMap};

use crate::similarity::Strings;

/// Stands between the texts of a set; no text of a person holds it.
const BETWEEN: char = '\u{1f}';

/// What the texts in common are measured against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::steps::matching) enum Share {
    /// 1 when there is one.
    Any,
    /// Those of the smaller set.
    OfFewer,
    /// Those of either set.
    OfAll,
}

/// A set as one text, the same for the same set.
pub(super) fn join(mut texts: Vec<String>) -> String {
    texts.retain(|text| !text.is_empty());
    texts.sort_unstable();
    texts.dedup();
    texts.join(&BETWEEN.to_string())
}

/// One set for each value, none of them empty.
#[derive(Debug)]
pub(super) struct Sets {
    share: Share,
    /// Numbers of texts of all sets one after the other, rising inside a set.
    texts: Vec<u32>,
    /// Where each set ends.
    ends: Vec<usize>,
}

impl Sets {
    pub(super) fn new(share: Share, values: &Strings) -> Self {
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let mut sets = Self { share, texts: Vec::new(), ends: Vec::with_capacity(values.len()) };
        for value in values.iter() {
            let start = sets.texts.len();
            for text in value.split(BETWEEN) {
                let next = numbers.len() as u32;
                sets.texts.push(*numbers.entry(text).or_insert(next));
            }
            sets.texts[start..].sort_unstable();
            sets.ends.push(sets.texts.len());
        }
        sets
    }

    /// 0.0–1.0.
    pub(super) fn share(&self, left: u32, right: u32) -> f64 {
        let (left, right) = (self.get(left), self.get(right));
        let common = in_both(left, right);
        match self.share {
            Share::Any => f64::from(u8::from(common > 0)),
            Share::OfFewer => common as f64 / left.len().min(right.len()) as f64,
            Share::OfAll => common as f64 / (left.len() + right.len() - common) as f64,
        }
    }

    fn get(&self, number: u32) -> &[u32] {
        let number = number as usize;
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.texts[start..self.ends[number]]
    }

    /// Bytes held, for the memory budget.
    pub(super) fn bytes(&self) -> usize {
        self.texts.capacity() * 4 + self.ends.capacity() * size_of::<usize>()
    }
}

/// How many numbers are in both of two rising lists.
fn in_both(left: &[u32], right: &[u32]) -> usize {
    let (mut i, mut j, mut both) = (0, 0, 0);
    while i < left.len() && j < right.len() {
        match left[i].cmp(&right[j]) {
            Ordering::Less => i += 1,
            Ordering::Greater => j += 1,
            Ordering::Equal => {
                (i, j, both) = (i + 1, j + 1, both + 1);
            }
        }
    }
    both
}
