//! What is looked for in the XML of parts, without reading it as XML: numbers of texts, and the lengths of values.

const COUNT: &[u8] = b"uniqueCount";

/// The largest number of texts that a part says it has. Memory would be taken for so many at once.
#[derive(Debug, Default)]
pub(super) struct Counts {
    largest: u64,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// So many letters of the word have come.
    Word(usize),
    /// Behind the word.
    Gap,
    Number(u64),
}

impl Default for Place {
    fn default() -> Self {
        Self::Word(0)
    }
}

impl Counts {
    /// Takes the next bytes of the part.
    pub(super) fn look_at(&mut self, chunk: &[u8]) {
        // In UTF-16 every other byte is zero.
        for &byte in chunk.iter().filter(|byte| **byte != 0) {
            self.place = match self.place {
                Place::Word(length) => after(length, byte),
                Place::Gap | Place::Number(_) if byte.is_ascii_digit() => {
                    let before = if let Place::Number(before) = self.place { before } else { 0 };
                    let number = before.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
                    self.largest = self.largest.max(number);
                    Place::Number(number)
                }
                Place::Gap => Place::Gap,
                Place::Number(_) => after(0, byte),
            };
        }
    }

    pub(super) const fn largest(&self) -> u64 {
        self.largest
    }
}

/// The place after one more letter, `length` of the word having come (Knuth, Morris and Pratt, SIAM Journal on Computing 6,
/// 1977).
fn after(mut length: usize, byte: u8) -> Place {
    while byte != COUNT[length] {
        // What has come ends as the word begins: “u” or “un”.
        length = match length {
            0 => return Place::Word(0),
            5 | 9 => 1,
            10 => 2,
            _ => 0,
        };
    }
    if length + 1 == COUNT.len() { Place::Gap } else { Place::Word(length + 1) }
}

/// How long the stretches of a sheet are that a reader holds as a whole: one mark or text, or all of a value. A value is an
/// element that ends with the tag of its own name and no other.
#[derive(Debug, Default)]
pub(super) struct Stretches {
    longest: u64,
    length: u64,
    state: State,
    /// The beginning of the tag that is read.
    head: Vec<u8>,
    /// Its last byte so far.
    last: u8,
    /// The name of the element whose end is awaited.
    value: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    Tag,
    Quoted(u8),
    /// Of a comment, of character data or of an instruction: ends with a bracket behind so many of these.
    Marked {
        with: u8,
        seen: u8,
        wanted: u8,
    },
}

/// Elements that hold the value of a cell.
const VALUES: [&[u8]; 3] = [b"v", b"is", b"f"];
/// Enough of a tag to know it.
const HEAD_BYTES: usize = 64;

impl Stretches {
    /// Takes the next bytes of the sheet.
    ///
    /// # Errors
    /// When it has a document type, by which a text could mean any other, or a name that no workbook has.
    pub(super) fn look_at(&mut self, chunk: &[u8]) -> Result<(), &'static str> {
        for &byte in chunk.iter().filter(|byte| **byte != 0) {
            if self.state == State::Text && byte == b'<' && self.value.is_none() {
                self.length = 0;
            }
            self.length += 1;
            self.longest = self.longest.max(self.length);
            self.state = match (self.state, byte) {
                (State::Text, b'<') => {
                    self.head.clear();
                    self.last = b'<';
                    State::Tag
                }
                (State::Text, _) => State::Text,
                (State::Tag, b'>') => {
                    self.tag()?;
                    State::Text
                }
                (State::Tag, b'"' | b'\'') => State::Quoted(byte),
                (State::Tag, _) => self.in_tag(byte)?,
                (State::Quoted(quote), _) if byte == quote => State::Tag,
                (State::Quoted(_), _) => self.state,
                (State::Marked { seen, wanted, .. }, b'>') if seen >= wanted => State::Text,
                (State::Marked { with, seen, wanted }, _) => {
                    let seen = if byte == with { (seen + 1).min(wanted) } else { 0 };
                    State::Marked { with, seen, wanted }
                }
            };
        }
        Ok(())
    }

    pub(super) const fn longest(&self) -> u64 {
        self.longest
    }

    fn in_tag(&mut self, byte: u8) -> Result<State, &'static str> {
        self.last = byte;
        if self.head.len() < HEAD_BYTES {
            self.head.push(byte);
        }
        match self.head.as_slice() {
            b"!--" => Ok(State::Marked { with: b'-', seen: 0, wanted: 2 }),
            b"![CDATA[" => Ok(State::Marked { with: b']', seen: 0, wanted: 2 }),
            b"?" => Ok(State::Marked { with: b'?', seen: 0, wanted: 1 }),
            [b'!', b'D' | b'd', ..] => Err("a sheet has a document type"),
            _ => Ok(State::Tag),
        }
    }

    /// A tag is complete.
    fn tag(&mut self) -> Result<(), &'static str> {
        let (ends, name) = match self.head.strip_prefix(b"/") {
            Some(name) => (true, name),
            None => (false, self.head.as_slice()),
        };
        let end = name.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'/');
        if end.is_none() && self.head.len() == HEAD_BYTES {
            return Err("a sheet has an element with too long a name");
        }
        let name = &name[..end.unwrap_or(name.len())];
        match &self.value {
            Some(value) if ends && name == value => {
                self.value = None;
                self.length = 0;
            }
            Some(_) => {}
            None => {
                let local = name.rsplit(|byte| *byte == b':').next().unwrap_or_default();
                let begins = !ends && self.last != b'/' && VALUES.contains(&local);
                self.value = begins.then(|| name.to_vec());
                self.length = 0;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    fn largest(pieces: &[&[u8]]) -> u64 {
        let mut counts = Counts::default();
        pieces.iter().for_each(|piece| counts.look_at(piece));
        counts.largest()
    }

    fn longest(text: &str) -> u64 {
        let mut stretches = Stretches::default();
        stretches.look_at(text.as_bytes()).expect("no document type");
        stretches.longest()
    }

    /// A blank is allowed around the equals sign, and so are a thousand.
    #[test]
    fn a_number_is_found_however_far_behind_the_word() {
        let text = format!("<sst uniqueCount{}=\"4000000000\">", " ".repeat(1_000));
        for cut in [20, 500, text.len() - 5] {
            assert_eq!(largest(&[&text.as_bytes()[..cut], &text.as_bytes()[cut..]]), 4_000_000_000);
        }
        assert_eq!(largest(&[b"uniquniqueCount='3'"]), 3);
        assert_eq!(largest(&[b"uniqueCouniqueCount='12' count=\"99\" uniqueCount='7'"]), 12);
    }

    #[test]
    fn values_end_with_their_own_tag_only() {
        assert_eq!(longest("<c><v>12345</v></c>"), "12345</v>".len() as u64);
        assert_eq!(longest("<x:c><x:v>12345</x:v></x:c>"), "12345</x:v>".len() as u64);
        for inner in [
            "<t>a</t></c>",
            "<v>1</v>",
            "<!-- </is> -->",
            "<![CDATA[</is>]]>",
            "<t a='</is>'/>",
            "<?a > </is> ?>",
            "</x:is>",
        ] {
            let inner = inner.repeat(20);
            let text = format!("<row><c><is>{inner}</is></c></row>");
            assert_eq!(longest(&text), inner.len() as u64 + 5, "{text}");
        }
        // An element without content holds nothing back.
        for empty in ["<v/>".to_owned(), format!("<f {}/>", "ca = '1' ".repeat(20))] {
            let text = format!("<c>{empty}</c>{}", "<c><v>1</v></c>".repeat(100));
            assert!(longest(&text) <= empty.len().max(10) as u64, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Wherever the bytes are cut into pieces, the same is found.
        #[test]
        fn pieces_make_no_difference(
            parts in vec(select(vec![
                "unique", "uniqueCount", "Count", "=\"", "12", "3", " ", "<c>", "<v>", "</v>", "<is>", "</is>", "<!--", "-->",
                "<![CDATA[", "]]>", "\"", "'", "/>", "text",
            ]), 0..30),
            lengths in vec(1_usize..7, 1..4),
        ) {
            let text = parts.concat();
            let (mut rest, mut counts, mut stretches) = (text.as_bytes(), Counts::default(), Stretches::default());
            for length in lengths.iter().cycle() {
                let (piece, later) = rest.split_at((*length).min(rest.len()));
                counts.look_at(piece);
                stretches.look_at(piece).expect("no document type");
                rest = later;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(counts.largest(), largest(&[text.as_bytes()]));
            prop_assert_eq!(stretches.longest(), longest(&text));
        }
    }
}
