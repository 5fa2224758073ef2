//! What two texts can be at most alike, told from a few bytes of each: most pairs of a blocking key differ in most columns,
//! and are known to before their texts are read.
//!
//! A text is sketched by how often each character occurs. An edit changes the counts of two characters by one, so texts
//! whose counts differ by much are many edits apart (bag distance; Bartolini, Ciaccia and Patella, SPIRE 2002).

use super::{Strings, beginning};

/// Characters are counted in so many places, a nibble each.
const PLACES: usize = 32;
const MOST_COUNTED: u8 = 15;
/// Bytes of the beginning that are kept; the bonus of Jaro–Winkler looks at so many characters.
const HEAD: usize = 4;

#[derive(Clone, Copy, Debug)]
struct Sketch {
    counts: [u8; PLACES / 2],
    head: [u8; HEAD],
    characters: u32,
    /// Where the text begins.
    start: usize,
}

/// Texts with their sketches, by number.
#[derive(Debug)]
pub(super) struct Sketched {
    text: String,
    /// One more than there are texts: the last says where the others end.
    sketches: Vec<Sketch>,
}

/// What two sketches say of their texts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Apart {
    /// Characters of each.
    pub(super) characters: [u32; 2],
    /// Characters that one has and the other has not, at least.
    pub(super) only_in: [u32; 2],
    /// Bytes that both begin with, of [`HEAD`].
    pub(super) prefix: u32,
}

impl Sketched {
    pub(super) fn get(&self, number: u32) -> &str {
        let number = number as usize;
        &self.text[self.sketches[number].start..self.sketches[number + 1].start]
    }

    pub(super) fn apart(&self, left: u32, right: u32) -> Apart {
        let (left, right) = (&self.sketches[left as usize], &self.sketches[right as usize]);
        let (mut only_left, mut only_right) = (0_u32, 0_u32);
        for (left, right) in left.counts.iter().zip(&right.counts) {
            for (left, right) in [(left & 15, right & 15), (left >> 4, right >> 4)] {
                only_left += u32::from(left.saturating_sub(right));
                only_right += u32::from(right.saturating_sub(left));
            }
        }
        let prefix = left.head.iter().zip(&right.head).take_while(|(left, right)| left == right).count() as u32;
        Apart { characters: [left.characters, right.characters], only_in: [only_left, only_right], prefix }
    }

    /// Bytes that a text takes besides its own.
    pub(super) const EACH_BYTES: usize = size_of::<Sketch>();

    pub(super) fn bytes(&self) -> usize {
        self.text.capacity() + self.sketches.capacity() * size_of::<Sketch>()
    }
}

impl<Value: AsRef<str>> FromIterator<Value> for Sketched {
    fn from_iter<Values: IntoIterator<Item = Value>>(values: Values) -> Self {
        let mut text = String::new();
        let mut sketches: Vec<Sketch> = Vec::new();
        for value in values {
            sketches.push(sketch(value.as_ref(), text.len()));
            text.push_str(value.as_ref());
        }
        sketches.push(sketch("", text.len()));
        Self { text, sketches }
    }
}

impl From<&Strings> for Sketched {
    fn from(values: &Strings) -> Self {
        values.iter().collect()
    }
}

impl Apart {
    /// `1 − distance ÷ longer length` at most.
    pub(super) fn edits_at_most(&self) -> f64 {
        let longer = self.characters[0].max(self.characters[1]);
        let edits = self.only_in[0].max(self.only_in[1]);
        1.0 - f64::from(edits) / f64::from(longer.max(1))
    }

    /// The similarity of Jaro and Winkler at most: every character that both have counts as one that matches.
    pub(super) fn jaro_winkler_at_most(&self) -> f64 {
        let [left, right] = self.characters.map(f64::from);
        let common = (self.characters[0].saturating_sub(self.only_in[0]))
            .min(self.characters[1].saturating_sub(self.only_in[1]));
        if common == 0 {
            return 0.0;
        }
        let common = f64::from(common);
        let jaro = (common / left + common / right + 1.0) / 3.0;
        jaro + f64::from(self.prefix) * 0.1 * (1.0 - jaro)
    }
}

/// Of as much of a text as is compared.
fn sketch(value: &str, start: usize) -> Sketch {
    let value = beginning(value);
    let mut head = [0; HEAD];
    for (kept, byte) in head.iter_mut().zip(value.bytes()) {
        *kept = byte;
    }
    let (mut counted, mut characters) = ([0_u8; PLACES], 0_u32);
    for character in value.chars() {
        characters = characters.saturating_add(1);
        let count = &mut counted[place(character)];
        *count = (*count + 1).min(MOST_COUNTED);
    }
    let mut counts = [0; PLACES / 2];
    for (counts, counted) in counts.iter_mut().zip(counted.chunks_exact(2)) {
        *counts = counted[0] | counted[1] << 4;
    }
    Sketch { counts, head, characters, start }
}

/// Letters and digits of ASCII have places of their own among their kind.
fn place(character: char) -> usize {
    match character {
        'a'..='z' => character as usize - 'a' as usize,
        'A'..='Z' => character as usize - 'A' as usize,
        '0'..='9' => character as usize - '0' as usize,
        _ => 26 + character as usize % (PLACES - 26),
    }
}

#[cfg(test)]
mod tests {
    use model::config::matching::Similarity;
    use proptest::prelude::*;

    use super::{super::edits, *};

    proptest! {
        /// A sketch may promise too much, never too little.
        #[test]
        fn no_text_is_more_alike_than_its_sketch_says(left in "[a-f0-3é ]{0,24}", right in "[a-f0-3é ]{0,24}") {
            let sketched: Sketched = [left.clone(), right.clone()].into_iter().collect();
            let apart = sketched.apart(0, 1);
            for algorithm in [Similarity::Levenshtein, Similarity::Damerau] {
                prop_assert!(edits(algorithm, &left, &right, 0.0) <= apart.edits_at_most() + 1e-12);
            }
            let winkler = edits(Similarity::JaroWinkler, &left, &right, 0.0);
            prop_assert!(left == right || winkler <= apart.jaro_winkler_at_most() + 1e-12, "{winkler} {apart:?}");
            prop_assert_eq!([sketched.get(0), sketched.get(1)], [left.as_str(), right.as_str()]);
        }
    }

    #[test]
    fn texts_that_begin_alike_are_as_alike_as_their_beginnings() {
        let beginning = "a".repeat(model::limits::COMPARED_TEXT_MAX_BYTES);
        let sketched: Sketched =
            ["b", "cdefgh"].map(|end| format!("{beginning}{}", end.repeat(9_000))).into_iter().collect();
        assert_eq!(sketched.apart(0, 1).edits_at_most(), 1.0);
    }

    #[test]
    fn what_has_little_in_common_is_told_apart() {
        let sketched: Sketched = ["martha", "dwayne", "zoo"].into_iter().map(str::to_owned).collect();
        assert!(sketched.apart(0, 1).edits_at_most() < 0.4);
        assert!(sketched.apart(0, 1).jaro_winkler_at_most() < 0.6);
        assert_eq!(sketched.apart(0, 2).jaro_winkler_at_most(), 0.0);
    }
}
