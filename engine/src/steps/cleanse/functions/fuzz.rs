//! Any text as a value, and any text as a setting: nothing panics, what a function promises of its results holds, and
//! neither time nor memory runs away.

use std::fs;

use model::config::cleanse::{ADDRESS_PARTS, PERSON_NAME_PARTS};
use proptest::{collection::vec, prelude::*, sample::select};

use super::{mapping::read_dictionary, *};

/// Pieces that mean something to one function or another.
const PIECES: [&str; 60] = [
    " ",
    "  ",
    "\t",
    "\n",
    ",",
    ";",
    ".",
    "-",
    "'",
    "’",
    "\"",
    "(",
    ")",
    "“",
    "”",
    "/",
    "#",
    "|",
    "@",
    "<",
    ">",
    "+",
    "=",
    "$",
    "€",
    "EUR",
    "−",
    "0",
    "1",
    "12",
    "123",
    "007",
    "1,234",
    "1.5",
    "31",
    "2020",
    "Dec",
    "Jr.",
    "III",
    "Dr.",
    "van",
    "y",
    "Mc",
    "O'",
    "St",
    "Apt",
    "Flat",
    "No.",
    "IL",
    "62701",
    "SW1A 2AA",
    "P.O. Box",
    "mailto:",
    "example.org",
    "ß",
    "İ",
    "ﷺ",
    "e\u{301}",
    "\u{200b}",
    "🙂",
];

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => select(PIECES.to_vec()).prop_map(str::to_owned),
        2 => "[a-zA-Z]{1,6}",
        1 => "[0-9]{1,5}",
        1 => "\\PC{1,3}",
        1 => any::<char>().prop_map(String::from),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// A function of text with sound arguments.
fn kernel(name: &str, arguments: &[&str]) -> Kernel {
    let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    prepared(&FUNCTIONS, name)(&arguments).unwrap_or_else(|problem| panic!("{name}: {problem}"))
}

fn parts_kernel(name: &str, arguments: &[&str]) -> PartsKernel {
    let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    prepared(&PARTS_FUNCTIONS, name)(&arguments).unwrap_or_else(|problem| panic!("{name}: {problem}"))
}

/// `None` when the value is not of the form.
fn apply_to(kernel: &Kernel, value: &str) -> Option<String> {
    let mut result = String::new();
    kernel(value, &mut result).then_some(result)
}

/// Every function of text, each under every kind of argument that it takes.
fn all() -> Vec<(&'static str, Kernel)> {
    const DICTIONARY: &str = "st\tstreet\t0\nst.\tstreet\t0\napt no\tunit\t3\njr\tjunior\t-1\n";
    let with: &[(&str, &[&str])] = &[
        ("millrace_remove", &["digits"]),
        ("millrace_remove", &["letters"]),
        ("millrace_remove", &["special"]),
        ("millrace_remove", &["non_printable"]),
        ("millrace_replace", &["1", "one"]),
        ("millrace_regex_replace", &["(?:1|2)+|$", "<$0>"]),
        ("millrace_map_values", &["any_case", "keep", "1", "one", "St", ""]),
        ("millrace_dictionary", &[DICTIONARY]),
        ("millrace_email", &["drop_tag"]),
        ("millrace_number", &["point"]),
        ("millrace_number", &["comma"]),
        ("millrace_date", &["%d.%m.%Y", "%m/%d/%Y"]),
        ("millrace_phone", &["US"]),
        ("millrace_phone", &["DE"]),
    ];
    let plain = FUNCTIONS.iter().map(|(name, _)| *name).filter(|name| {
        !with.iter().any(|(known, _)| known == name) || matches!(*name, "millrace_date" | "millrace_email")
    });
    let plain = plain.map(|name| (name, kernel(name, &[])));
    plain.chain(with.iter().map(|(name, arguments)| (*name, kernel(name, arguments)))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_is_cleansed_without_a_panic(value in text()) {
        for (name, kernel) in all() {
            // Letters become at most some dozens of others, and none of these arguments is longer.
            let grown = apply_to(&kernel, &value).is_none_or(|result| result.len() <= 64 * (value.len() + 1));
            prop_assert!(grown, "{} of {:?}", name, value);
        }
        for (name, count) in [("millrace_person_name", PERSON_NAME_PARTS.len()), ("millrace_address", ADDRESS_PARTS.len())] {
            let mut parts = vec![String::new(); count];
            let read = parts_kernel(name, &[])(&value, &mut parts);
            let long = |part: &String| part.len() > 4 * value.len() + 8;
            prop_assert!(!parts.iter().any(long), "{} of {:?}: {:?}", name, value, parts);
            prop_assert!(!read || parts.iter().any(|part| !part.trim().is_empty()), "{} of {:?}: no part", name, value);
        }
    }

    /// What has been made of a value is made of the result again.
    #[test]
    fn results_stay_as_they_are(value in text()) {
        for name in ["trim", "trim_start", "trim_end", "collapse", "unicode_nfc", "to_ascii", "email", "date"] {
            let kernel = kernel(&format!("millrace_{name}"), &[]);
            if let Some(result) = apply_to(&kernel, &value) {
                prop_assert_eq!(apply_to(&kernel, &result), Some(result), "{} of {:?}", name, value);
            }
        }
        for (name, argument) in [("millrace_number", "point"), ("millrace_phone", "US"), ("millrace_phone", "DE")] {
            let kernel = kernel(name, &[argument]);
            if let Some(result) = apply_to(&kernel, &value) {
                prop_assert_eq!(apply_to(&kernel, &result), Some(result), "{} of {:?}", name, value);
            }
        }
    }

    #[test]
    fn results_are_of_their_form(value in text()) {
        let of = |name: &str, arguments: &[&str]| apply_to(&kernel(name, arguments), &value);
        prop_assert!(of("millrace_to_ascii", &[]).is_none_or(|text| text.is_ascii()));
        if let Some(date) = of("millrace_date", &[]) {
            prop_assert!(chrono::NaiveDate::parse_from_str(&date, "%Y-%m-%d").is_ok(), "{}", date);
        }
        for mark in ["point", "comma"] {
            if let Some(number) = of("millrace_number", &[mark]) {
                prop_assert!(number.parse::<f64>().is_ok() && !number.starts_with('+'), "{}", number);
            }
        }
        if let Some(phone) = of("millrace_phone", &["US"]) {
            let digits = phone.strip_prefix('+').unwrap_or_default();
            prop_assert!((1..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()), "{}", phone);
        }
        if let Some(email) = of("millrace_email", &["drop_tag"]) {
            prop_assert!(email.matches('@').count() == 1 && !email.contains(char::is_whitespace), "{}", email);
        }
    }

    /// A date in each form that people write is read as that day.
    #[test]
    fn dates_come_back(days in 0_i32..146_000) {
        let start = chrono::NaiveDate::from_ymd_opt(1800, 1, 1).expect("a date");
        let day = start + chrono::Days::new(u64::from(days.unsigned_abs()));
        for format in ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%d %b %Y", "%B %d, %Y", "%Y-%m-%dT%H:%M:%SZ"] {
            let written = day.and_time(chrono::NaiveTime::MIN).and_utc().format(format).to_string();
            prop_assert_eq!(apply_to(&kernel("millrace_date", &[]), &written), Some(day.to_string()), "{}", written);
        }
        let written = day.format("%d/%m/%y %Y").to_string();
        prop_assert_eq!(apply_to(&kernel("millrace_date", &["%d/%m/%y %Y"]), &written), Some(day.to_string()));
    }

    /// A plain decimal number is found again among the marks that people put around it.
    #[test]
    fn numbers_come_back(whole in 0_u64..10_000_000_000, cents in 0_u32..100, negative in any::<bool>()) {
        let grouped = |mark: char| crate::steps::grouped(whole).replace(',', &mark.to_string());
        let fraction = format!("{cents:02}").trim_end_matches('0').to_owned();
        let fraction = if fraction.is_empty() { fraction } else { format!(".{fraction}") };
        let plain = format!("{whole}{fraction}");
        let plain = if negative && plain != "0" { format!("-{plain}") } else { plain };
        let sign = if negative { "-" } else { "" };
        let point = format!("{sign}${}.{cents:02}", grouped(','));
        prop_assert_eq!(apply_to(&kernel("millrace_number", &["point"]), &point), Some(plain.clone()), "{}", point);
        for mark in ['.', ' ', '\u{a0}', '’'] {
            let comma = format!("{sign}{},{cents:02} €", grouped(mark));
            prop_assert_eq!(apply_to(&kernel("millrace_number", &["comma"]), &comma), Some(plain.clone()), "{}", comma);
        }
    }

    /// Settings of any kind are taken or refused in words; those that are taken work on any value.
    #[test]
    fn any_setting_is_sound_or_refused(arguments in vec(text(), 0..5), value in text()) {
        for (name, prepare) in FUNCTIONS {
            match prepare(&arguments) {
                Ok(kernel) => drop(apply_to(&kernel, &value)),
                Err(problem) => prop_assert!(!problem.is_empty(), "{}", name),
            }
        }
        for (name, prepare) in PARTS_FUNCTIONS {
            let Ok(kernel) = prepare(&arguments) else { continue };
            let mut parts = vec![String::new(); if name == "millrace_split" { arguments.len() - 1 } else { 6 }];
            kernel(&value, &mut parts);
        }
    }

    /// Values that are mapped become what the map says, whatever their case; all others stay or go.
    #[test]
    fn maps_hold(from in "[a-zéß]{1,6}", to in text(), value in text(), keep in any::<bool>()) {
        let map = kernel("millrace_map_values", &["any_case", if keep { "keep" } else { "empty" }, &from, &to]);
        prop_assert_eq!(apply_to(&map, &format!(" {from} ")), Some(to.clone()));
        if value.trim().to_lowercase() != from {
            prop_assert_eq!(apply_to(&map, &value), keep.then(|| value.clone()));
        }
    }

    /// Any bytes are a dictionary, or are refused by name; what is read can be prepared.
    #[test]
    fn any_bytes_are_a_dictionary_or_refused(
        lines in vec(prop_oneof![text(), "[a-z.]{1,5}\t[a-z ]{0,5}(\t-?[0-9]{0,3})?"], 0..8),
        bytes in vec(any::<u8>(), 0..6),
        value in text(),
    ) {
        let home = tempfile::tempdir().expect("a temporary directory");
        let path = home.path().join("words.tsv");
        for content in [lines.join("\n").into_bytes(), [lines.join("\r\n").as_bytes(), bytes.as_slice()].concat()] {
            fs::write(&path, content).expect("the file is written");
            match read_dictionary(&path, "words.tsv") {
                Ok(text) => drop(apply_to(&kernel("millrace_dictionary", &[&text]), &value)),
                Err(crate::Failure::Input(message)) => prop_assert!(message.contains("“words.tsv”"), "{}", message),
                Err(other) => prop_assert!(false, "{:?}", other),
            }
        }
    }
}

/// Long values, made of one piece after another; those that look most like something are as long as a quarter of a cell. A
/// function whose time grows with the square of the length does not come to an end here.
#[test]
fn the_longest_values_take_a_moment() {
    let limit = std::time::Duration::from_secs(60);
    let kernels = all();
    let telling = ["Jr. ", "MD, ", "1 St ", "a@b.", "apt no ", "(a", "1,23", "'a' "].map(|piece| (piece, 4));
    for (piece, part) in PIECES.into_iter().map(|piece| (piece, 64)).chain(telling) {
        let value = piece.repeat(limits::CELL_MAX_BYTES / part / piece.len());
        let started = std::time::Instant::now();
        for (name, kernel) in &kernels {
            apply_to(kernel, &value);
            assert!(started.elapsed() < limit, "{name} of {piece:?}");
        }
        for name in ["millrace_person_name", "millrace_address"] {
            parts_kernel(name, &[])(&value, &mut vec![String::new(); if name == "millrace_address" { 6 } else { 5 }]);
            assert!(started.elapsed() < limit, "{name} of {piece:?}");
        }
    }
}

/// Each of these makes a text a thousand times longer or more: they stop before memory runs out, and the step then
/// refuses the value.
#[test]
fn settings_that_multiply_text_are_stopped() {
    let long = "x".repeat(limits::REPLACEMENT_CHARS_MAX);
    let value = "a ".repeat(limits::CELL_MAX_BYTES / 2);
    let (long, dictionary) = (long.as_str(), format!("a\t{long}\t0\n"));
    let settings: [(&str, &[&str]); 3] = [
        ("millrace_replace", &["a", long]),
        ("millrace_regex_replace", &["x*", long]),
        ("millrace_dictionary", &[&dictionary]),
    ];
    for (name, arguments) in settings {
        let result = apply_to(&kernel(name, arguments), &value).expect("a text");
        assert!(result.len() > limits::CELL_MAX_BYTES && result.len() < 3 * limits::CELL_MAX_BYTES, "{name}");
    }
}

#[test]
fn a_book_is_neither_a_name_nor_an_address() {
    let words = "Ann ".repeat(1_000);
    assert!(!parts_kernel("millrace_person_name", &[])(&words, &mut vec![String::new(); 5]));
    assert!(!parts_kernel("millrace_address", &[])(&format!("1 {words}Street"), &mut vec![String::new(); 6]));
}

/// The small letter of İ has a mark of its own, which no address may have.
#[test]
fn an_email_address_is_one_after_it_was_made_lower() {
    assert_eq!(apply_to(&kernel("millrace_email", &[]), "İnci@example.org"), None);
    assert_eq!(apply_to(&kernel("millrace_email", &[]), "Ann@Example.org").as_deref(), Some("ann@example.org"));
}
