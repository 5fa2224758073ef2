//! Cosine of weighted bags: of 3-grams, or of words by their rarity.

use std::{collections::HashMap, hash::Hash};

use super::Strings;

/// One sparse vector of length 1 for each value.
#[derive(Debug, Default)]
pub(super) struct Bags {
    /// Term numbers of all values one after the other, rising inside a value.
    terms: Vec<u32>,
    weights: Vec<f32>,
    /// Where each value's terms end.
    ends: Vec<usize>,
}

impl Bags {
    /// Bags of 3-grams; a value gets a blank on each side, so that beginnings and endings count.
    pub(super) fn of_grams(values: &Strings) -> Self {
        let mut numbers = Numbers::default();
        let mut bags = Self::default();
        for value in values.iter() {
            let characters: Vec<char> = std::iter::once(' ').chain(value.chars()).chain(std::iter::once(' ')).collect();
            let terms = characters.windows(3).map(|gram| numbers.of([gram[0], gram[1], gram[2]])).collect();
            bags.push(terms, |_| 1.0);
        }
        bags
    }

    /// Bags of words. A word weighs `ln(1 + N ÷ n)`: N records, n of them with the word. `counts` says how many records
    /// have each value.
    pub(super) fn of_words(values: &Strings, counts: &[u32]) -> Self {
        let mut numbers = Numbers::default();
        let mut records_with = Vec::<u64>::new();
        let mut value_words = Vec::with_capacity(values.len());
        for (value, &count) in values.iter().zip(counts) {
            let terms: Vec<u32> = value.split_whitespace().map(|word| numbers.of(word.to_owned())).collect();
            records_with.resize(numbers.0.len(), 0);
            let mut distinct = terms.clone();
            distinct.sort_unstable();
            distinct.dedup();
            distinct.iter().for_each(|&term| records_with[term as usize] += u64::from(count));
            value_words.push(terms);
        }
        let records: u64 = counts.iter().copied().map(u64::from).sum();
        let rarity: Vec<f64> =
            records_with.iter().map(|&with| (1.0 + records as f64 / with.max(1) as f64).ln()).collect();
        let mut bags = Self::default();
        for terms in value_words {
            bags.push(terms, |term| rarity[term as usize]);
        }
        bags
    }

    fn push(&mut self, mut terms: Vec<u32>, weight: impl Fn(u32) -> f64) {
        terms.sort_unstable();
        let start = self.terms.len();
        let mut squares = 0.0;
        for same in terms.chunk_by(|a, b| a == b) {
            // Said ten times is not ten times as much: sublinear frequency (Salton and Buckley, IPM 24, 1988).
            let value = (1.0 + (same.len() as f64).ln()) * weight(same[0]);
            squares += value * value;
            self.terms.push(same[0]);
            self.weights.push(value as f32);
        }
        let length = squares.sqrt() as f32;
        self.weights[start..].iter_mut().for_each(|value| *value /= length);
        self.ends.push(self.terms.len());
    }

    fn range(&self, number: u32) -> std::ops::Range<usize> {
        let number = number as usize;
        (if number == 0 { 0 } else { self.ends[number - 1] })..self.ends[number]
    }

    pub(super) fn cosine(&self, left: u32, right: u32) -> f64 {
        let (mut i, left_end) = (self.range(left).start, self.range(left).end);
        let (mut j, right_end) = (self.range(right).start, self.range(right).end);
        let mut product = 0.0;
        while i < left_end && j < right_end {
            match self.terms[i].cmp(&self.terms[j]) {
                std::cmp::Ordering::Less => i += 1,
                std::cmp::Ordering::Greater => j += 1,
                std::cmp::Ordering::Equal => {
                    product += f64::from(self.weights[i]) * f64::from(self.weights[j]);
                    i += 1;
                    j += 1;
                }
            }
        }
        product.min(1.0)
    }

    pub(super) fn bytes(&self) -> usize {
        self.terms.capacity() * 8 + self.ends.capacity() * 8
    }
}

/// Numbers terms in the order in which they are met.
struct Numbers<Term>(HashMap<Term, u32>);

impl<Term> Default for Numbers<Term> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<Term: Hash + Eq> Numbers<Term> {
    fn of(&mut self, term: Term) -> u32 {
        let next = self.0.len() as u32;
        *self.0.entry(term).or_insert(next)
    }
}
