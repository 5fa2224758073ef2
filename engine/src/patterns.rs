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
    let bytes = limits::PATTERN_COMPILED_BYTES_MAX;
    RegexBuilder::new(pattern).size_limit(bytes).dfa_size_limit(2 * bytes).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => {
            format!("“{pattern}” is too large a regular expression; use fewer or smaller repetitions")
        }
        other => format!("“{pattern}” is not a regular expression: {other}"),
    })
}

#[cfg(test)]
mod tests {
    use super::compile;

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
}
