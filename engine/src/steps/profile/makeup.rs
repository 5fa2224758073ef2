//! What values are made of: their lengths, characters, words and patterns, and what can be told of them by that alone.

use super::{
    column::SHOWN_CHARS,
    glance::{Characters, Glance, glance},
    lengths::Lengths,
    sketch::Frequencies,
    values,
};

/// Sums over values. Most columns have few shapes for many values, so a shape is looked at once for all of them.
pub(super) struct Makeup {
    phone_name: bool,
    pub(super) lengths: Lengths,
    pub(super) characters: Characters,
    pub(super) words: u64,
    pub(super) emails: u64,
    pub(super) phones: u64,
    pub(super) codes: u64,
    pub(super) patterns: Frequencies,
    /// Shapes of values that have not been looked at yet.
    shapes: Frequencies,
    shape: Vec<u8>,
    pattern: String,
}

impl Makeup {
    /// `phone_name` if the column is named like one of telephone numbers.
    pub(super) fn new(phone_name: bool, bytes_max: usize) -> Self {
        Self {
            phone_name,
            lengths: Lengths::default(),
            characters: Characters::default(),
            words: 0,
            emails: 0,
            phones: 0,
            codes: 0,
            patterns: Frequencies::new(bytes_max / 2),
            shapes: Frequencies::new(bytes_max / 2),
            shape: Vec::new(),
            pattern: String::new(),
        }
    }

    /// Adds a value and tells its characters and, among them, its digits.
    pub(super) fn add(&mut self, value: &str, times: u64) -> (usize, usize) {
        // Two zeros before a telephone number are not like two other digits.
        if value.len() > SHOWN_CHARS || !value.is_ascii() || value.starts_with("00") {
            let seen = self.look(value, times);
            return (seen.chars, seen.digits);
        }
        self.shape.clear();
        self.shape.extend(value.bytes().map(shape));
        if let Ok(shape) = std::str::from_utf8(&self.shape) {
            self.shapes.add(shape, times);
        }
        if self.shapes.is_full() {
            self.finish();
            self.shapes.prune();
        }
        (value.len(), self.shape.iter().filter(|byte| **byte == DIGIT).count())
    }

    /// Completes the sums.
    pub(super) fn finish(&mut self) {
        let mut shapes = std::mem::replace(&mut self.shapes, Frequencies::new(0));
        shapes.drain(|shape, times| {
            self.look(shape, times);
        });
        self.shapes = shapes;
    }

    fn look(&mut self, text: &str, times: u64) -> Glance {
        let seen = glance(text, SHOWN_CHARS, &mut self.pattern);
        self.lengths.add(u32::try_from(seen.chars).unwrap_or(u32::MAX), times);
        self.characters.add(seen, times);
        self.words += seen.words as u64 * times;
        if seen.digits > 0 {
            self.phones += if values::is_phone(text, self.phone_name) { times } else { 0 };
            self.codes += if values::is_code(text) { times } else { 0 };
        }
        self.emails += if values::is_email(text) { times } else { 0 };
        self.patterns.add(&self.pattern, times);
        if self.patterns.is_full() {
            self.patterns.prune();
        }
        seen
    }
}

const DIGIT: u8 = b'1';

/// Any letter for a letter, any digit for a digit: what is asked of a shape has the same answer for all its values.
fn shape(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' => b'A',
        b'0'..=b'9' => DIGIT,
        _ => byte,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whether shapes are looked at or values, the sums are the same.
        #[test]
        fn a_shape_tells_what_its_values_would(
            values in proptest::collection::vec(("[a-c0-2@.,()+/ -]{1,9}|\\PC{0,4}|[0-9()]{0,4}[0-9 .-]{5,12}", 1_u64..4), 0..30),
            phone_name in any::<bool>(),
        ) {
            let (mut by_shape, mut by_value) = (Makeup::new(phone_name, 1 << 20), Makeup::new(phone_name, 1 << 20));
            for (value, times) in &values {
                let seen = by_value.look(value, *times);
                prop_assert_eq!(by_shape.add(value, *times), (seen.chars, seen.digits));
            }
            by_shape.finish();
            let sums = |makeup: &Makeup| (makeup.words, makeup.emails, makeup.phones, makeup.codes);
            prop_assert_eq!(sums(&by_shape), sums(&by_value));
            prop_assert_eq!(by_shape.characters.shares(), by_value.characters.shares());
            prop_assert_eq!(by_shape.lengths.range(), by_value.lengths.range());
            prop_assert!((by_shape.lengths.mean() - by_value.lengths.mean()).abs() < 1e-9);
            prop_assert_eq!(by_shape.patterns.top(100), by_value.patterns.top(100));
        }
    }
}
