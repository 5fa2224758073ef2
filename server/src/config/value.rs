//! Reading one value of a setting from its text.

use std::{fmt, str::FromStr};

/// A size in bytes, written as a number with an optional unit: `512MiB`, `2GiB`, `1000`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bytes(pub(super) u64);

const UNITS: [(&str, u64); 4] = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

impl fmt::Display for Bytes {
    /// The largest unit that is exact, else whole MiB: the default of `memory` need not name odd bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = UNITS.into_iter().find(|(_, size)| self.0 >= *size && self.0.is_multiple_of(*size));
        match exact {
            Some((unit, size)) if size > 1 << 10 => write!(f, "{}{unit}", self.0 / size),
            _ if self.0 >= 1 << 20 => write!(f, "{}MiB", self.0 >> 20),
            _ => write!(f, "{}", self.0),
        }
    }
}

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.trim_end_matches(|c: char| c.is_alphabetic()).trim_end();
        let unit = text.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
        let factor = match unit {
            "" | "B" => Some(1),
            unit => UNITS.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)).map(|(_, size)| size),
        };
        digits
            .parse::<u64>()
            .ok()
            .zip(factor)
            .and_then(|(count, factor)| count.checked_mul(factor))
            .map(Self)
            .ok_or_else(|| "say a size such as 512MiB or 2GiB".to_owned())
    }
}

/// A parser that says what it takes when the text is something else.
pub(super) fn parse<T: FromStr>(takes: &'static str) -> impl FnOnce(&str) -> Result<T, String> {
    move |text| text.parse().map_err(|_| format!("say {takes}"))
}

pub(super) fn at_least<T: FromStr + PartialOrd + fmt::Display>(least: T) -> impl FnOnce(&str) -> Result<T, String> {
    move |text| text.parse().ok().filter(|value| *value >= least).ok_or_else(|| format!("say a number from {least} on"))
}

pub(super) fn bytes_of_at_least(least: u64) -> impl FnOnce(&str) -> Result<u64, String> {
    move |text| match text.parse::<Bytes>()? {
        Bytes(size) if size >= least => Ok(size),
        _ => Err(format!("say at least {}", Bytes(least))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// A size is what it says, times its unit, or is refused; never something else by overflow.
        #[test]
        fn any_text_is_a_size_or_refused(text in "[0-9]{0,22} ?([KMGTkmgt]i?[Bb]|B|b|\\PC{0,3})?") {
            if let Ok(Bytes(size)) = text.parse::<Bytes>() {
                let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
                let count: u128 = digits.parse().expect("digits");
                let unit = text[digits.len()..].trim();
                let factor = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)).map_or(1, |(_, size)| *size);
                prop_assert_eq!(u128::from(size), count * u128::from(factor), "{}", text);
            }
        }

        /// A whole number of units is read as it was written.
        #[test]
        fn sizes_come_back(count in 1_u64..4_000, unit in 1_u32..4) {
            let bytes = Bytes(count << (10 * (unit + 1)));
            prop_assert_eq!(bytes.to_string().parse::<Bytes>(), Ok(bytes));
        }
    }
}
