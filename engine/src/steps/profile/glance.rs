//! One walk over the characters of a value: how many of which kind, how many words, and its pattern.

use model::results::CharacterShares;

/// What one value is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Glance {
    pub(super) chars: usize,
    pub(super) words: usize,
    pub(super) letters: usize,
    pub(super) digits: usize,
    pub(super) blanks: usize,
    pub(super) non_ascii: usize,
}

/// Looks at a value. Its pattern goes into `shape`: letter → `A`, digit → `N`, all else kept; at most `chars_max` characters, then
/// `…`.
pub(super) fn glance(text: &str, chars_max: usize, shape: &mut String) -> Glance {
    shape.clear();
    let mut seen = Glance::default();
    let mut in_word = false;
    for c in text.chars() {
        let kept = if c.is_ascii() {
            match c as u8 {
                b'a'..=b'z' | b'A'..=b'Z' => {
                    seen.letters += 1;
                    'A'
                }
                b'0'..=b'9' => {
                    seen.digits += 1;
                    'N'
                }
                _ => c,
            }
        } else {
            seen.non_ascii += 1;
            if c.is_alphabetic() {
                seen.letters += 1;
                'A'
            } else if c.is_numeric() {
                seen.digits += 1;
                'N'
            } else {
                c
            }
        };
        let blank = c.is_whitespace();
        seen.blanks += usize::from(blank);
        seen.words += usize::from(!blank && !in_word);
        in_word = !blank;
        match seen.chars.cmp(&chars_max) {
            std::cmp::Ordering::Less => shape.push(kept),
            std::cmp::Ordering::Equal => shape.push('…'),
            std::cmp::Ordering::Greater => {}
        }
        seen.chars += 1;
    }
    seen
}

/// Characters of all values, by kind.
#[derive(Debug, Default)]
pub(super) struct Characters {
    chars: u64,
    letters: u64,
    digits: u64,
    blanks: u64,
    non_ascii: u64,
}

impl Characters {
    pub(super) fn add(&mut self, seen: Glance, times: u64) {
        self.chars += seen.chars as u64 * times;
        self.letters += seen.letters as u64 * times;
        self.digits += seen.digits as u64 * times;
        self.blanks += seen.blanks as u64 * times;
        self.non_ascii += seen.non_ascii as u64 * times;
    }

    pub(super) fn shares(&self) -> CharacterShares {
        let share = |part: u64| if self.chars == 0 { 0.0 } else { part as f64 / self.chars as f64 };
        let other = self.chars - self.letters - self.digits - self.blanks;
        CharacterShares {
            letters: share(self.letters),
            digits: share(self.digits),
            blanks: share(self.blanks),
            other: share(other),
            non_ascii: share(self.non_ascii),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let mut shape = String::new();
        glance("Ab-12 é", 10, &mut shape);
        assert_eq!(shape, "AA-NN A");
        glance("abcdef", 3, &mut shape);
        assert_eq!(shape, "AAA…");
    }

    proptest::proptest! {
        /// The one walk counts what separate walks would.
        #[test]
        fn counts_are_those_of_the_standard_library(text in "\\PC{0,30}") {
            let mut shape = String::new();
            let seen = glance(&text, 100, &mut shape);
            proptest::prop_assert_eq!(seen.chars, text.chars().count());
            proptest::prop_assert_eq!(seen.words, text.split_whitespace().count());
            proptest::prop_assert_eq!(seen.letters, text.chars().filter(|c| c.is_alphabetic()).count());
            proptest::prop_assert_eq!(seen.blanks, text.chars().filter(|c| c.is_whitespace()).count());
            proptest::prop_assert_eq!(shape.chars().count(), seen.chars);
        }
    }
}
