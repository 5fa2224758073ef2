//! How alike two texts are, 0.0–1.0: kernels of *Similar Text* and of probabilistic comparisons.
//!
//! A column's distinct values are prepared once ([`Prepared`]) and then compared by their numbers, so that sorting
//! words or counting grams is never paid per pair. Nothing here knows of records, columns or scores.

mod bags;
mod sketches;
mod strings;
mod words;

use model::config::matching::Similarity;
use rapidfuzz::distance::{jaro_winkler, levenshtein, osa};

use bags::Bags;
use sketches::Sketched;
pub use strings::Strings;
use words::Words;

/// Bounds that are computed in another way than what they bound may be off by so much.
const ROUNDING: f64 = 1e-9;

/// Distinct values made ready for one algorithm.
#[derive(Debug)]
pub struct Prepared {
    algorithm: Similarity,
    form: Form,
}

#[derive(Debug)]
enum Form {
    Plain(Sketched),
    Words(Words),
    Bags(Bags),
}

impl Prepared {
    /// `values` are numbered from 0 in the order given; TF-IDF takes them as the corpus, with `counts` occurrences each.
    pub fn new(algorithm: Similarity, values: &Strings, counts: &[u32]) -> Self {
        let form = match algorithm {
            Similarity::Levenshtein | Similarity::Damerau | Similarity::JaroWinkler => Form::Plain(values.into()),
            Similarity::TokenSort => Form::Plain(values.iter().map(words::sorted).collect()),
            Similarity::TokenSet => Form::Words(Words::new(values)),
            Similarity::QgramCosine => Form::Bags(Bags::of_grams(values)),
            Similarity::TfIdfCosine | Similarity::TfIdfOverlap => Form::Bags(Bags::of_words(values, counts)),
        };
        Self { algorithm, form }
    }

    /// Similarity of two values by number. May answer 0 for anything below `at_least`, which is quicker.
    pub fn compare(&self, left: u32, right: u32, at_least: f64) -> f64 {
        match &self.form {
            Form::Plain(values) => {
                let apart = values.apart(left, right);
                let at_most = match self.algorithm {
                    Similarity::JaroWinkler => apart.jaro_winkler_at_most(),
                    _ => apart.edits_at_most(),
                };
                if at_most + ROUNDING < at_least {
                    return 0.0;
                }
                edits(self.algorithm, values.get(left), values.get(right), at_least)
            }
            Form::Words(words) => words.token_set(left, right),
            Form::Bags(bags) if self.algorithm == Similarity::TfIdfOverlap => bags.overlap(left, right, at_least),
            Form::Bags(bags) => bags.cosine(left, right, at_least),
        }
    }

    /// Bytes that a distinct value takes besides its text, whatever the algorithm; at most.
    pub const EACH_BYTES: usize =
        if Bags::EACH_BYTES > Sketched::EACH_BYTES { Bags::EACH_BYTES } else { Sketched::EACH_BYTES };

    /// Bytes held, for the memory budget.
    pub fn bytes(&self) -> usize {
        match &self.form {
            Form::Plain(values) => values.bytes(),
            Form::Words(words) => words.bytes(),
            Form::Bags(bags) => bags.bytes(),
        }
    }
}

/// Edit-based similarity; bytes are compared when both texts are ASCII, else characters.
fn edits(algorithm: Similarity, left: &str, right: &str, at_least: f64) -> f64 {
    if left == right {
        return 1.0;
    }
    // The work grows with the product of the lengths: two texts of a megabyte each would take a quarter of a minute.
    let (left, right) = (beginning(left), beginning(right));
    if left.is_ascii() && right.is_ascii() {
        edits_of(algorithm, left.bytes(), right.bytes(), at_least)
    } else {
        edits_of(algorithm, left.chars(), right.chars(), at_least)
    }
}

fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(model::limits::COMPARED_TEXT_MAX_BYTES)]
}

fn edits_of<Units>(algorithm: Similarity, left: Units, right: Units, at_least: f64) -> f64
where
    Units: DoubleEndedIterator + Clone,
    Units::Item: PartialEq + rapidfuzz::HashableChar + Copy,
{
    let similarity = match algorithm {
        Similarity::Damerau => {
            osa::normalized_similarity_with_args(left, right, &osa::Args::default().score_cutoff(at_least))
        }
        Similarity::JaroWinkler => jaro_winkler::normalized_similarity_with_args(
            left,
            right,
            &jaro_winkler::Args::default().score_cutoff(at_least),
        ),
        Similarity::Levenshtein
        | Similarity::TokenSort
        | Similarity::TokenSet
        | Similarity::QgramCosine
        | Similarity::TfIdfCosine
        | Similarity::TfIdfOverlap => levenshtein::normalized_similarity_with_args(
            left,
            right,
            &levenshtein::Args::default().score_cutoff(at_least),
        ),
    };
    similarity.unwrap_or(0.0)
}

/// `1 − distance ÷ longer length` of two texts.
fn levenshtein_ratio(left: &str, right: &str) -> f64 {
    edits(Similarity::Levenshtein, left, right, 0.0)
}

/// A text without case and punctuation, its words separated by single blanks; apostrophes vanish (`O'Brien` →
/// `obrien`). What is nothing but punctuation folds to the empty text.
pub fn fold(text: &str) -> String {
    let mut folded = String::new();
    fold_into(text, &mut folded);
    folded
}

/// The same into a text that is there, in place of what it holds.
pub fn fold_into(text: &str, folded: &mut String) {
    folded.clear();
    if text.is_ascii() {
        fold_ascii(text, folded);
        return;
    }
    folded.reserve(text.len());
    let mut gap = false;
    for character in text.chars() {
        if character.is_alphanumeric() {
            if gap && !folded.is_empty() {
                folded.push(' ');
            }
            gap = false;
            folded.extend(character.to_lowercase());
        } else if !matches!(character, '\'' | '’' | '`') {
            gap = true;
        }
    }
}

/// The same of an ASCII text, as most are: byte by byte, by a table, unless it is one word.
fn fold_ascii(text: &str, folded: &mut String) {
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        folded.push_str(text);
        folded.make_ascii_lowercase();
        return;
    }
    let mut bytes = std::mem::take(folded).into_bytes();
    bytes.resize(text.len(), 0);
    let (mut length, mut gap) = (0, false);
    for byte in text.bytes() {
        match FOLDED[usize::from(byte)] {
            NOTHING => {}
            b' ' => gap = true,
            kept => {
                // A blank stands for one byte at least that is left out.
                if gap && length > 0 {
                    bytes[length] = b' ';
                    length += 1;
                }
                gap = false;
                bytes[length] = kept;
                length += 1;
            }
        }
    }
    bytes.truncate(length);
    *folded = String::from_utf8(bytes).unwrap_or_default();
}

/// What becomes of an ASCII character that vanishes.
const NOTHING: u8 = 0;

/// What becomes of each ASCII character: itself in lower case, a blank, or nothing.
const FOLDED: [u8; 256] = {
    let mut folded = [NOTHING; 256];
    let mut byte = 0_u8;
    while byte.is_ascii() {
        folded[byte as usize] = match byte {
            b'\'' | b'`' => NOTHING,
            _ if byte.is_ascii_alphanumeric() => byte.to_ascii_lowercase(),
            _ => b' ',
        };
        byte += 1;
    }
    folded
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_a_megabyte_are_compared_by_their_beginnings() {
        let (left, right) = ("é".repeat(500_000), format!("{}x", "é".repeat(499_999)));
        for algorithm in [Similarity::Levenshtein, Similarity::Damerau, Similarity::JaroWinkler, Similarity::TokenSort]
        {
            assert_eq!(similarity(algorithm, &left, &right), 1.0);
            assert!(similarity(algorithm, &left, &"o".repeat(500_000)) < 0.1);
        }
    }

    fn similarity(algorithm: Similarity, left: &str, right: &str) -> f64 {
        let values: Strings = [left, right].into_iter().map(str::to_owned).collect();
        let forth = Prepared::new(algorithm, &values, &[1, 1]).compare(0, 1, 0.0);
        let back = Prepared::new(algorithm, &values, &[1, 1]).compare(1, 0, 0.0);
        assert!((forth - back).abs() < 1e-9, "{algorithm:?} is symmetric");
        (forth * 10_000.0).round() / 10_000.0
    }

    #[test]
    fn levenshtein_counts_edits_against_the_longer_text() {
        assert_eq!(similarity(Similarity::Levenshtein, "kitten", "sitting"), 0.5714);
        assert_eq!(similarity(Similarity::Levenshtein, "müller", "muller"), 0.8333);
        assert_eq!(similarity(Similarity::Levenshtein, "same", "same"), 1.0);
    }

    #[test]
    fn damerau_counts_a_transposition_once() {
        assert_eq!(similarity(Similarity::Damerau, "19560409", "19560490"), 0.875);
        assert_eq!(similarity(Similarity::Levenshtein, "19560409", "19560490"), 0.75);
        // Optimal string alignment edits no piece twice: CA → ABC costs 3, not 2.
        assert_eq!(similarity(Similarity::Damerau, "ca", "abc"), 0.0);
    }

    /// Winkler (1990), table of the census examples.
    #[test]
    fn jaro_winkler_matches_the_published_values() {
        assert_eq!(similarity(Similarity::JaroWinkler, "martha", "marhta"), 0.9611);
        assert_eq!(similarity(Similarity::JaroWinkler, "dwayne", "duane"), 0.84);
        assert_eq!(similarity(Similarity::JaroWinkler, "dixon", "dicksonx"), 0.8133);
    }

    #[test]
    fn word_order_does_not_matter_to_tokens() {
        assert_eq!(similarity(Similarity::TokenSort, "anna maria smith", "smith anna maria"), 1.0);
        assert_eq!(similarity(Similarity::TokenSet, "acme", "acme widgets limited"), 1.0);
        assert_eq!(similarity(Similarity::TokenSet, "acme tools", "bolt works"), 0.3);
    }

    #[test]
    fn grams_forgive_spelling_and_rare_words_weigh_more() {
        assert!(similarity(Similarity::QgramCosine, "database systems", "data base systems") > 0.8);
        assert_eq!(similarity(Similarity::QgramCosine, "abc", "xyz"), 0.0);
        let values: Strings = ["the cat", "the dog", "the zebra", "a zebra"].into_iter().map(str::to_owned).collect();
        let prepared = Prepared::new(Similarity::TfIdfCosine, &values, &[1, 1, 1, 1]);
        assert!(prepared.compare(2, 3, 0.0) > prepared.compare(0, 1, 0.0));
    }

    #[test]
    fn a_title_overlaps_with_the_longer_one_that_contains_it() {
        let titles = ["lg 42pg20", "lg 42pg20 widescreen plasma television", "lg widescreen television", "plasma"];
        let values: Strings = titles.into_iter().map(str::to_owned).collect();
        let [overlap, cosine] = [Similarity::TfIdfOverlap, Similarity::TfIdfCosine].map(|algorithm| {
            let prepared = Prepared::new(algorithm, &values, &[1, 1, 1, 1]);
            move |left, right| prepared.compare(left, right, 0.0)
        });
        assert!((overlap(0, 1) - 1.0).abs() < 1e-6 && cosine(0, 1) < 0.8);
        // What they share is frequent.
        assert!(overlap(0, 2) < 0.5);
        assert_eq!(overlap(0, 3), 0.0);
    }

    #[test]
    fn below_the_cut_off_the_answer_is_zero() {
        let values: Strings = ["kitten", "sitting"].into_iter().map(str::to_owned).collect();
        let prepared = Prepared::new(Similarity::Levenshtein, &values, &[1, 1]);
        assert_eq!(prepared.compare(0, 1, 0.6), 0.0);
        assert!(prepared.compare(0, 1, 0.57) > 0.57);
    }

    #[test]
    fn folding_keeps_letters_and_digits() {
        assert_eq!(fold("  O'Brien-Smith,  JR. "), "obrien smith jr");
        assert_eq!(fold("ÉCOLE 12"), "école 12");
        assert_eq!(fold("--"), "");
    }
}
