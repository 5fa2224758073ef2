//! Metaphone (Lawrence Philips, 1990), as Apache Commons Codec reads it, without its limit of four letters.

/// `letters` are upper-case ASCII letters. `0` stands for TH, `X` for SH.
pub(super) fn code(letters: &[u8]) -> String {
    let word = beginning(letters);
    if word.len() <= 1 {
        return word.iter().copied().map(char::from).collect();
    }
    let mut code = String::new();
    let mut i = 0;
    while i < word.len() {
        // A doubled letter sounds once, but C.
        if i == 0 || word[i] == b'C' || word[i] != word[i - 1] {
            i += Place { word: &word, i }.sound(&mut code);
        }
        i += 1;
    }
    code
}

/// Initial AE, GN, KN, PN, WR lose their first letter, X sounds as S, WH as W.
fn beginning(letters: &[u8]) -> Vec<u8> {
    match letters {
        [b'K' | b'G' | b'P', b'N', ..] | [b'A', b'E', ..] | [b'W', b'R', ..] => letters[1..].to_vec(),
        [b'W', b'H', rest @ ..] => [b"W", rest].concat(),
        [b'X', rest @ ..] => [b"S", rest].concat(),
        _ => letters.to_vec(),
    }
}

struct Place<'a> {
    word: &'a [u8],
    i: usize,
}

impl Place<'_> {
    fn at(&self, offset: isize) -> u8 {
        self.i.checked_add_signed(offset).and_then(|i| self.word.get(i)).copied().unwrap_or(b' ')
    }

    fn next(&self) -> u8 {
        self.at(1)
    }

    fn previous(&self) -> u8 {
        self.at(-1)
    }

    fn is_last(&self) -> bool {
        self.i + 1 == self.word.len()
    }

    fn follows(&self, text: &[u8]) -> bool {
        self.word[self.i..].starts_with(text)
    }

    /// Appends what the letter sounds like; returns how many more letters it consumed.
    fn sound(&self, code: &mut String) -> usize {
        match self.word[self.i] {
            vowel @ (b'A' | b'E' | b'I' | b'O' | b'U') => {
                if self.i == 0 {
                    code.push(char::from(vowel));
                }
            }
            // Silent in a final MB.
            b'B' if self.previous() == b'M' && self.is_last() => {}
            b'C' => self.c(code),
            b'D' if self.next() == b'G' && is_front(self.at(2)) => {
                code.push('J');
                return 2;
            }
            b'D' => code.push('T'),
            b'G' => self.g(code),
            // Silent at the end and after C, S, P, T, G; heard before a vowel.
            b'H' if self.is_last() || matches!(self.previous(), b'C' | b'S' | b'P' | b'T' | b'G') => {}
            b'H' => {
                if is_vowel(self.next()) {
                    code.push('H');
                }
            }
            b'K' if self.previous() == b'C' => {}
            b'P' if self.next() == b'H' => code.push('F'),
            b'Q' => code.push('K'),
            b'S' if self.follows(b"SH") || self.follows(b"SIO") || self.follows(b"SIA") => code.push('X'),
            b'S' => code.push('S'),
            b'T' => self.t(code),
            b'V' => code.push('F'),
            b'W' | b'Y' => {
                if is_vowel(self.next()) {
                    code.push(char::from(self.word[self.i]));
                }
            }
            b'X' => code.push_str("KS"),
            b'Z' => code.push('S'),
            other => code.push(char::from(other)),
        }
        0
    }

    fn c(&self, code: &mut String) {
        if self.previous() == b'S' && is_front(self.next()) {
            // SCI, SCE, SCY: silent.
        } else if self.follows(b"CIA") {
            code.push('X');
        } else if is_front(self.next()) {
            code.push('S');
        } else if self.previous() == b'S' && self.next() == b'H' {
            code.push('K');
        } else if self.next() == b'H' && !(self.i == 0 && self.word.len() >= 3 && !is_vowel(self.at(2))) {
            code.push('X');
        } else {
            code.push('K');
        }
    }

    fn g(&self, code: &mut String) {
        let before_consonant = self.next() == b'H' && self.i + 2 < self.word.len() && !is_vowel(self.at(2));
        let silent = (self.next() == b'H' && self.i + 2 == self.word.len())
            || before_consonant
            || (self.i > 0 && (self.follows(b"GN") && self.i + 2 == self.word.len() || self.follows(b"GNED")));
        if silent {
            return;
        }
        code.push(if is_front(self.next()) && self.previous() != b'G' { 'J' } else { 'K' });
    }

    fn t(&self, code: &mut String) {
        if self.follows(b"TIA") || self.follows(b"TIO") {
            code.push('X');
        } else if self.follows(b"TCH") {
            // Silent.
        } else if self.follows(b"TH") {
            code.push('0');
        } else {
            code.push('T');
        }
    }
}

const fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'A' | b'E' | b'I' | b'O' | b'U')
}

/// E, I, Y soften C and G.
const fn is_front(letter: u8) -> bool {
    matches!(letter, b'E' | b'I' | b'Y')
}
