//! Distinct texts, numbered from 0 in the order in which they come: the same texts in the same order have the same numbers
//! in every run.

use std::hash::BuildHasher as _;

use hashbrown::{DefaultHashBuilder, HashTable, hash_table::Entry};

use crate::similarity::Strings;

#[derive(Debug, Default)]
pub(crate) struct Interner {
    texts: Strings,
    numbers: HashTable<Numbered>,
    hasher: DefaultHashBuilder,
}

/// A text by its number. With its hash beside it, texts are read neither while the table grows nor where hashes differ.
#[derive(Debug)]
struct Numbered {
    hash: u32,
    number: u32,
}

impl Numbered {
    /// The table looks at both ends of a hash.
    fn spread(&self) -> u64 {
        spread(self.hash)
    }
}

fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}

impl Interner {
    /// The number of a text, and whether it is new.
    pub(crate) fn intern(&mut self, text: &str) -> (u32, bool) {
        let hash = self.hash(text);
        let is_it = |known: &Numbered| known.hash == hash && self.texts.get(known.number as usize) == text;
        match self.numbers.entry(spread(hash), is_it, Numbered::spread) {
            Entry::Occupied(known) => (known.get().number, false),
            Entry::Vacant(place) => {
                let number = self.texts.len() as u32;
                place.insert(Numbered { hash, number });
                self.texts.push(text);
                (number, true)
            }
        }
    }

    /// The number of a text that came before.
    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        let hash = self.hash(text);
        let is_it = |known: &Numbered| known.hash == hash && self.texts.get(known.number as usize) == text;
        self.numbers.find(spread(hash), is_it).map(|known| known.number)
    }

    fn hash(&self, text: &str) -> u32 {
        self.hasher.hash_one(text) as u32
    }

    /// By number.
    pub(crate) fn texts(&self) -> &Strings {
        &self.texts
    }

    pub(crate) fn into_texts(self) -> Strings {
        self.texts
    }

    /// Bytes held, for the memory budget.
    pub(crate) fn bytes(&self) -> usize {
        // Beside each entry the table has a byte, and at least an eighth of it is empty.
        self.texts.bytes() + self.numbers.capacity() * (size_of::<Numbered>() + 1) * 8 / 7
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Equal texts have one number, others another, in the order in which they came.
        #[test]
        fn a_text_has_one_number(texts in proptest::collection::vec("[ab]{0,3}|[0-9]{1,3}", 0..300)) {
            let mut interner = Interner::default();
            let mut expected = HashMap::new();
            for text in &texts {
                let next = expected.len() as u32;
                let is_new = !expected.contains_key(text);
                let number = *expected.entry(text).or_insert(next);
                prop_assert_eq!(interner.intern(text), (number, is_new));
            }
            prop_assert_eq!(interner.texts().len(), expected.len());
            for (text, number) in expected {
                prop_assert_eq!(interner.find(text), Some(number));
                prop_assert_eq!(interner.texts().get(number as usize), text);
            }
            prop_assert_eq!(interner.find("another"), None);
        }
    }
}
