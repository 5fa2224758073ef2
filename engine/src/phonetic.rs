//! Phonetic codes of words: equal codes sound alike.
//!
//! Soundex, Metaphone, Double Metaphone and NYSIIS are for English and ignore letters outside A–Z; accented Latin letters
//! should be transliterated before. Beider–Morse guesses the language of a name. Text without any letter has no code,
//! and sounds like nothing. The codes are those of Apache Commons Codec, which the crate `rphonetic` follows.

use std::sync::LazyLock;

use model::config::matching::Phonetic;
use rphonetic::{BeiderMorse, BeiderMorseBuilder, ConfigFiles, DoubleMetaphone, Encoder, Metaphone, Nysiis, Soundex};

/// Letters of a name that Beider–Morse takes: its work grows steeply with the length, and names are shorter.
const BEIDER_MORSE_LETTERS_MAX: usize = 32;

/// The rules of Beider–Morse are read once.
static BEIDER_MORSE: LazyLock<BeiderMorse<'static>> = LazyLock::new(|| {
    static RULES: LazyLock<ConfigFiles> = LazyLock::new(ConfigFiles::default);
    BeiderMorseBuilder::new(&RULES).build()
});

/// The codes of `text`, rising and each once: one, or several where an algorithm knows several ways to say it, or none.
pub fn codes(algorithm: Phonetic, text: &str) -> Vec<String> {
    let letters = || text.chars().filter(char::is_ascii_alphabetic).collect::<String>();
    let mut codes = match algorithm {
        Phonetic::Soundex => vec![Soundex::default().encode(&letters())],
        Phonetic::Nysiis => vec![Nysiis::new(false).encode(&letters())],
        Phonetic::Metaphone => vec![Metaphone::new(None).encode(&letters())],
        Phonetic::DoubleMetaphone => {
            // Of letters beyond ASCII the crate knows a few, and panics at some others.
            let both = DoubleMetaphone::new(None).double_metaphone(&letters());
            vec![both.primary(), both.alternate()]
        }
        Phonetic::BeiderMorse => {
            let letters = text.chars().filter(|character| character.is_alphabetic()).flat_map(char::to_lowercase);
            let codes = BEIDER_MORSE.encode(&letters.take(BEIDER_MORSE_LETTERS_MAX).collect::<String>());
            codes.split(['|', '(', ')', '-']).map(str::to_owned).collect()
        }
    };
    codes.retain(|code| !code.is_empty());
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// What people call it.
pub const fn name(algorithm: Phonetic) -> &'static str {
    match algorithm {
        Phonetic::Soundex => "Soundex",
        Phonetic::Nysiis => "NYSIIS",
        Phonetic::Metaphone => "Metaphone",
        Phonetic::DoubleMetaphone => "Double Metaphone",
        Phonetic::BeiderMorse => "Beider–Morse",
    }
}

/// Whether an algorithm can give more than one code.
pub const fn is_many(algorithm: Phonetic) -> bool {
    matches!(algorithm, Phonetic::DoubleMetaphone | Phonetic::BeiderMorse)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(algorithm: Phonetic, vectors: &[(&str, &str)]) {
        for (word, expected) in vectors {
            assert_eq!(codes(algorithm, word).join("|"), *expected, "{algorithm:?} of {word}");
        }
    }

    /// From the US National Archives' page "Soundex System" and Knuth, TAOCP 3, section 6.
    #[test]
    fn soundex_follows_the_census_rule() {
        check(
            Phonetic::Soundex,
            &[
                ("Washington", "W252"),
                ("Lee", "L000"),
                ("Gutierrez", "G362"),
                ("Pfister", "P236"),
                ("Jackson", "J250"),
                ("Tymczak", "T522"),
                ("VanDeusen", "V532"),
                // H and W do not separate: s and c of Ashcraft are coded once.
                ("Ashcraft", "A261"),
                ("Robert", "R163"),
                ("Rupert", "R163"),
                ("Euler", "E460"),
                ("Lloyd", "L300"),
                ("Lukasiewicz", "L222"),
                ("O'Hara", "O600"),
                ("42", ""),
            ],
        );
    }

    /// From the test suites of Apache Commons Codec (`NysiisTest`) without its limit of six characters.
    #[test]
    fn nysiis_matches_published_codes() {
        check(
            Phonetic::Nysiis,
            &[
                ("O'Daniel", "ODANAL"),
                ("O'Donnel", "ODANAL"),
                ("Cory", "CARY"),
                ("Corey", "CARY"),
                ("Kory", "CARY"),
                ("Diggell", "DAGAL"),
                ("Dougal", "DAGAL"),
                ("Doughal", "DAGAL"),
                ("Glynde", "GLYND"),
                ("Plumridge", "PLANRADG"),
                ("Chinnick", "CANAC"),
                ("Chinnock", "CANAC"),
                ("Webberly", "WABARLY"),
                ("Wibberley", "WABARLY"),
                ("MACINTOSH", "MCANT"),
                ("KNUTH", "NAT"),
                ("KOEHN", "CAN"),
                ("PHILLIPSON", "FALAPSAN"),
                ("PFEISTER", "FASTAR"),
                ("SCHOENHOEFT", "SANAFT"),
                ("MCKEE", "MCY"),
                ("MACKIE", "MCY"),
                ("HEITSCHMIDT", "HATSNAD"),
                ("BART", "BAD"),
                ("HURD", "HAD"),
                ("HUNT", "HAD"),
                ("WESTERLUND", "WASTARLAD"),
                ("CASSTEVENS", "CASTAFAN"),
                ("VASQUEZ", "VASG"),
                ("FRAZIER", "FRASAR"),
                ("BOWMAN", "BANAN"),
                ("MCKNIGHT", "MCNAGT"),
                ("RICKERT", "RACAD"),
                ("DEUTSCH", "DAT"),
                ("WESTPHAL", "WASTFAL"),
                ("SHRIVER", "SRAVAR"),
                ("KUHL", "CAL"),
                ("RAWSON", "RASAN"),
                ("JILES", "JAL"),
                ("CARRAWAY", "CARY"),
                ("YAMADA", "YANAD"),
            ],
        );
    }

    /// From the test suite of Apache Commons Codec (`MetaphoneTest`), without its cut after four letters.
    #[test]
    fn metaphone_matches_published_codes() {
        check(
            Phonetic::Metaphone,
            &[
                ("howl", "HL"),
                ("testing", "TSTNK"),
                ("The", "0"),
                ("quick", "KK"),
                ("brown", "BRN"),
                ("fox", "FKS"),
                ("jumped", "JMPT"),
                ("over", "OFR"),
                ("lazy", "LS"),
                ("dogs", "TKS"),
                ("Knight", "NT"),
                ("GHENT", "KNT"),
                ("BAUGH", "B"),
                ("SIGNED", "SNT"),
                ("why", ""),
                ("CIAPO", "XP"),
                ("SCIENCE", "SNS"),
                ("SHOT", "XT"),
                ("ODSIAN", "OTXN"),
                ("PULSION", "PLXN"),
                ("DODGY", "TJ"),
                ("TOTH", "T0"),
                ("COMB", "KM"),
                ("XAVIER", "SFR"),
                ("METAPHONE", "MTFN"),
                ("Thumb", "0M"),
            ],
        );
    }

    /// From the test suite of Apache Commons Codec (`DoubleMetaphoneTest`), without its cut after four letters.
    #[test]
    fn double_metaphone_knows_two_ways_to_say_a_name() {
        check(
            Phonetic::DoubleMetaphone,
            &[
                ("Schmidt", "SMT|XMT"),
                ("Smith", "SM0|XMT"),
                ("Thompson", "TMPSN"),
                ("Xavier", "SF|SFR"),
                ("Pⴭ", "P"),
                ("42", ""),
            ],
        );
    }

    #[test]
    fn beider_morse_finds_spellings_of_one_name() {
        let share = |left: &str, right: &str| {
            let right = codes(Phonetic::BeiderMorse, right);
            codes(Phonetic::BeiderMorse, left).iter().any(|code| right.contains(code))
        };
        assert!(share("Moskowitz", "Moskovitz"));
        assert!(share("Schmidt", "Smith"));
        assert!(share("Müller", "Mueller"));
        assert!(!share("Auerbach", "Moskowitz"));
        assert_eq!(codes(Phonetic::BeiderMorse, "12"), Vec::<String>::new());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn any_text_has_codes_that_rise(text in "\\PC{0,60}") {
            for algorithm in [
                Phonetic::Soundex,
                Phonetic::Nysiis,
                Phonetic::Metaphone,
                Phonetic::DoubleMetaphone,
                Phonetic::BeiderMorse,
            ] {
                let codes = codes(algorithm, &text);
                prop_assert!(codes.is_sorted_by(|a, b| a < b));
                prop_assert!(codes.len() <= 1 || is_many(algorithm));
            }
        }
    }
}
