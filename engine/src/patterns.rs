//! Regular expressions from a configuration, bounded: the `regex` crate runs in linear time, and what a pattern compiles to has a
//! limit here, so that none can use up time or memory.

use model::limits;
use regex::{Regex, RegexBuilder};

/// # Errors
/// In words: what is wrong with the pattern, or that it is too large.
pub(crate) fn compile(pattern: &str) -> Result<Regex, String> {
    if pattern.is_empty() {
        return Err("give a regular expression".to_owned());
    }
    if pattern.chars().count() > limits::PATTERN_CHARS_MAX {
        return Err(format!("is longer than {} characters", limits::PATTERN_CHARS_MAX));
    }
    within(pattern, limits::PATTERN_COMPILED_BYTES_MAX).map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => {
            format!("“{pattern}” is too large a regular expression; use fewer or smaller repetitions")
        }
        other => format!("“{pattern}” is not a regular expression: {other}"),
    })
}

fn within(pattern: &str, bytes: usize) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).size_limit(bytes).dfa_size_limit(2 * bytes).build()
}

/// Counts the large expressions of a configuration, so that many do not take together what one may not take.
#[derive(Debug, Default)]
pub(crate) struct LargePatterns(usize);

impl LargePatterns {
    /// # Errors
    /// In words, when there are too many with this one. Whether it is sound is not asked here.
    pub(crate) fn take(&mut self, pattern: &str) -> Result<(), String> {
        if matches!(within(pattern, limits::PATTERN_SMALL_BYTES), Err(regex::Error::CompiledTooBig(_))) {
            self.0 += 1;
        }
        if self.0 <= limits::PATTERNS_LARGE_MAX {
            return Ok(());
        }
        Err(format!(
            "is one more large regular expression than the {} that are allowed; make its repetitions smaller",
            limits::PATTERNS_LARGE_MAX
        ))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn patterns_are_bounded() {
        assert!(compile(r"^\d{5}(-\d{4})?$").expect("sound").is_match("12345-6789"));
        for (pattern, problem) in [
            ("(a", "is not a regular expression"),
            ("", "give a regular expression"),
            (r"(\w{100}){100}", "is too large a regular expression"),
            (r"(?:(?:(?:x{50}){50}){50}){50}", "is too large a regular expression"),
            (&"a".repeat(2_000), "is longer than 1000 characters"),
        ] {
            let message = compile(pattern).expect_err("refused");
            assert!(message.contains(problem), "{pattern}: {message}");
        }
    }

    /// Repetitions of repetitions, classes of all letters, alternatives without number: each is refused in a moment, or small.
    #[test]
    fn patterns_that_explode_are_refused() {
        let alternatives = |count: usize| (0..count).map(|n| format!("{n}")).collect::<Vec<_>>().join("|");
        for pattern in [
            r"((((x{9}){9}){9}){9}){9}".to_owned(),
            r"(?i)(\pL{40}){40}".to_owned(),
            r"(\w+\s*){1000}".to_owned(),
            format!("(?:{}){{200}}", alternatives(250)),
            "(".repeat(400) + &")".repeat(400),
            "x?".repeat(300) + "(x{999}){99}",
        ] {
            let problem = compile(&pattern).expect_err("refused");
            assert!(problem.contains("regular expression") && problem.chars().count() < 3_000, "{problem}");
        }
    }

    /// What takes other engines for ever takes this one a moment: every text is read once.
    #[test]
    fn patterns_that_backtrack_elsewhere_are_linear() {
        let text = "a".repeat(200_000) + "!";
        for pattern in ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(.*)*x", "^(([a-z])+.)+[A-Z]([a-z])+$"] {
            assert!(!compile(pattern).expect("sound").is_match(&text), "{pattern}");
        }
        let optional = "a?".repeat(200) + &"a".repeat(200);
        assert!(compile(&optional).expect("sound").is_match(&"a".repeat(200)));
    }

    #[test]
    fn large_patterns_are_counted_and_small_ones_are_not() {
        let mut large = LargePatterns::default();
        assert!((0..500).all(|number| large.take(&format!("^{number}[a-z]+$")).is_ok()));
        assert!((0..limits::PATTERNS_LARGE_MAX).all(|_| large.take(r"\w{8}").is_ok()));
        assert!(compile(r"\w{8}").is_ok());
        assert!(large.take(r"\w{8}").expect_err("one too many").contains("large regular expression"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_pattern_is_compiled_or_refused(pattern in "[a-c.*+?|()\\[\\]{}^$0-9,\\\\wpLi:-]{0,24}|\\PC{0,20}", text in "[a-c0-9 ]{0,30}") {
            match compile(&pattern) {
                Ok(regex) => drop(regex.replace_all(&text, "<$0>")),
                Err(problem) => prop_assert!(!problem.is_empty()),
            }
        }
    }
}
