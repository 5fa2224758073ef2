//! Cosine and overlap of weighted bags: of 3-grams, or of words by their rarity.

use std::{collections::HashMap, hash::Hash};

use super::Strings;

/// Weights are kept in single precision.
const ROUNDING: f64 = 1e-5;
/// Words that may be one when they are written together.
const TOGETHER_MAX: usize = 4;

/// One sparse vector of length 1 for each value.
#[derive(Debug, Default)]
pub(super) struct Bags {
    /// Term numbers of all values one after the other, rising inside a value.
    terms: Vec<u32>,
    weights: Vec<f32>,
    /// One more than there are values: the last says where the others end.
    sketches: Vec<Sketch>,
}

/// What is looked at before the terms are.
#[derive(Clone, Copy, Debug)]
struct Sketch {
    /// A bit for each term, several sharing one.
    terms: u128,
    /// The square of the least weight.
    least: f32,
    /// Of the vector, before it was made 1.
    length: f32,
    /// Where the terms begin.
    start: usize,
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
        bags.ended()
    }

    /// Bags of words. A word weighs `ln(1 + N ÷ n)`: N records, n of them with the word. `counts` says how many records
    /// have each value. Codes and measures count as they are written together where anyone does so: `DSC W150` is `DSCW150`, and
    /// `46 in` is `46in`, if a value has that.
    pub(super) fn of_words(values: &Strings, counts: &[u32]) -> Self {
        let mut numbers = Numbers::default();
        values.iter().flat_map(str::split_whitespace).for_each(|word| _ = numbers.of(word.to_owned()));
        let mut records_with = vec![0; numbers.0.len()];
        let mut value_words = Vec::with_capacity(values.len());
        for (value, &count) in values.iter().zip(counts) {
            let terms = numbers.of_value(value);
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
        bags.ended()
    }

    fn ended(mut self) -> Self {
        self.sketches.push(Sketch { terms: 0, least: 0.0, length: 0.0, start: self.terms.len() });
        self
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
        let mut sketch = Sketch { terms: 0, least: f32::INFINITY, length, start };
        for (term, weight) in self.terms[start..].iter().zip(&mut self.weights[start..]) {
            *weight /= length;
            sketch.terms |= 1 << (term % u128::BITS);
            sketch.least = sketch.least.min(*weight * *weight);
        }
        self.sketches.push(sketch);
    }

    /// The cosine of two values; 0 for anything that is known to be below `at_least` before the terms are compared.
    pub(super) fn cosine(&self, left: u32, right: u32, at_least: f64) -> f64 {
        let (left, right) = (left as usize, right as usize);
        if self.at_most(left, right) + ROUNDING < at_least {
            return 0.0;
        }
        let (mut i, left_end) = (self.sketches[left].start, self.sketches[left + 1].start);
        let (mut j, right_end) = (self.sketches[right].start, self.sketches[right + 1].start);
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

    /// The overlap coefficient (Szymkiewicz and Simpson) of two values as weighted bags: their product ÷ the square of the
    /// shorter vector's length, so that it is 1 where one side contains the other. 0 below `at_least` as for the cosine.
    pub(super) fn overlap(&self, left: u32, right: u32, at_least: f64) -> f64 {
        let [one, other] = [left, right].map(|value| self.sketches[value as usize].length);
        let longer_by = f64::from(one.max(other) / one.min(other));
        // Of texts without words nothing is shared.
        if longer_by.is_finite() { (self.cosine(left, right, at_least / longer_by) * longer_by).min(1.0) } else { 0.0 }
    }

    /// Each side's terms that the other has not make up so much of its length at least; what is left of both bounds their
    /// product (Cauchy–Schwarz).
    fn at_most(&self, left: usize, right: usize) -> f64 {
        let (left, right) = (&self.sketches[left], &self.sketches[right]);
        let shared = |own: &Sketch, other: &Sketch| {
            let only = (own.terms & !other.terms).count_ones();
            if only == 0 { 1.0 } else { (1.0 - f64::from(own.least) * f64::from(only)).max(0.0) }
        };
        (shared(left, right) * shared(right, left)).sqrt()
    }

    /// Bytes that a value takes besides its terms.
    pub(super) const EACH_BYTES: usize = size_of::<Sketch>();

    pub(super) fn bytes(&self) -> usize {
        self.terms.capacity() * 8 + self.sketches.capacity() * size_of::<Sketch>()
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

impl Numbers<String> {
    /// The terms of a value of which each word has a number.
    fn of_value(&self, value: &str) -> Vec<u32> {
        let words: Vec<&str> = value.split_whitespace().collect();
        let mut terms = Vec::with_capacity(words.len());
        let (mut rest, mut together) = (words.as_slice(), String::new());
        while let [first, ..] = rest {
            let (mut taken, mut term) = (1, self.0[*first]);
            together.clear();
            for (place, word) in rest.iter().take(TOGETHER_MAX).enumerate() {
                together.push_str(word);
                let has_digits = together.bytes().any(|byte| byte.is_ascii_digit());
                if let Some(&number) = self.0.get(&together).filter(|_| has_digits) {
                    (taken, term) = (place + 1, number);
                }
            }
            terms.push(term);
            rest = &rest[taken..];
        }
        terms
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes_are_the_same_together_and_apart() {
        let texts = ["sony dsc w150 camera", "camera sony dscw150", "sony dsc w120 camera", "a way out", "away out"];
        let values: Strings = texts.into_iter().map(str::to_owned).collect();
        let bags = Bags::of_words(&values, &[1; 5]);
        assert!(bags.cosine(0, 1, 0.0) > 0.999);
        // Nobody writes that one together; and words are no codes.
        assert!(bags.cosine(0, 2, 0.0) < 0.5 && bags.cosine(3, 4, 0.0) < 0.5);
    }

    proptest! {
        /// A sketch may promise too much, never too little.
        #[test]
        fn no_cosine_is_more_than_its_sketch_says(texts in prop::collection::vec("[a-d ]{0,30}", 2..6)) {
            let values: Strings = texts.into_iter().collect();
            let counts = vec![1; values.len()];
            for bags in [Bags::of_grams(&values), Bags::of_words(&values, &counts)] {
                for left in 0..values.len() {
                    for right in 0..values.len() {
                        let cosine = bags.cosine(left as u32, right as u32, 0.0);
                        prop_assert!(cosine <= bags.at_most(left, right) + ROUNDING, "{cosine}");
                    }
                }
            }
        }
    }
}
