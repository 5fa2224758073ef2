//! The six steps. Each is `Options`, borrowed from the configuration, and `run(options, context)`.
//!
//! **Architecture invariant:** a step writes only files of its own draft (Export also the outputs), and publishes
//! nothing: [`crate::pipeline`] does, when `run` has returned `Ok`.

pub mod cleanse;
pub mod export;
pub mod import;
pub mod matching;
pub mod merge;
pub mod profile;

use model::results::Summary;

use crate::StepCounts;

/// What a step that succeeded leaves behind beside its files.
#[derive(Debug)]
pub struct StepOutcome {
    pub counts: StepCounts,
    pub summary: Summary,
    /// One sentence for people: "71,204 cells changed".
    pub sentence: String,
}

/// A count with thousands separators, as sentences for people write it.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn counts_have_thousands_separators() {
        for (count, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(count), text);
        }
    }
}
