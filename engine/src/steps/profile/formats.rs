//! Forms that values are recognised by: built-in ones, and those of the configuration.

use std::collections::HashMap;

use model::config::profile::ProfileConfig;
use regex::{Regex, RegexSet, RegexSetBuilder};

use crate::patterns;

/// Name and regular expression of the built-in forms. A value has a form if the whole of it matches.
pub(crate) const BUILT_IN: [(&str, &str); 16] = [
    ("e-mail", r"[^@\s,;<>]+@[^@\s,;<>.]+(?:\.[^@\s,;<>.]+)+"),
    ("phone", r"\+?[0-9(][0-9 ().\-/]{5,18}[0-9]"),
    ("US social security number", r"[0-9]{3}-[0-9]{2}-[0-9]{4}"),
    ("US ZIP code", r"[0-9]{5}(?:-[0-9]{4})?"),
    ("UK postcode", r"[A-Za-z]{1,2}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{2}"),
    ("ISO date", r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"),
    ("date, year last", r"[0-9]{1,2}[./-][0-9]{1,2}[./-](?:[0-9]{4}|[0-9]{2})"),
    (
        "ISO date and time",
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?",
    ),
    ("time", r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?"),
    ("URL", r"(?:[Hh][Tt][Tt][Pp][Ss]?|[Ff][Tt][Pp])://[^\s]+|[Ww]{3}\.[^\s]+"),
    ("IPv4 address", r"(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"),
    ("IPv6 address", r"[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}"),
    ("UUID", r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
    ("IBAN", r"[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?"),
    ("MAC address", r"[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}"),
    ("payment card number", r"[0-9]{4}(?:[ -]?[0-9]{4}){2}[ -]?[0-9]{1,7}"),
];

/// All forms, compiled together. Each thread has its own: what a regular expression remembers while it runs is not shared.
#[derive(Clone, Debug)]
pub(crate) struct Formats {
    pub(super) names: Vec<String>,
    set: RegexSet,
    /// The chosen form of a column, by source (or all) and column.
    chosen: HashMap<(Option<String>, String), (String, Regex)>,
}

impl Formats {
    /// # Errors
    /// In words: the field within the section, and what is wrong with it.
    pub(crate) fn new(config: &ProfileConfig) -> Result<Self, (String, String)> {
        let mut names: Vec<String> = BUILT_IN.iter().map(|(name, _)| (*name).to_owned()).collect();
        let mut forms: Vec<String> = BUILT_IN.iter().map(|(_, form)| (*form).to_owned()).collect();
        for (place, custom) in config.patterns.iter().enumerate() {
            patterns::compile(&custom.pattern).map_err(|problem| (format!("patterns[{place}].pattern"), problem))?;
            names.push(custom.name.clone());
            forms.push(custom.pattern.clone());
        }
        let mut chosen = HashMap::new();
        for (place, rule) in config.validity.iter().enumerate() {
            // A name, or an expression of its own.
            let named = names.iter().position(|name| *name == rule.pattern);
            let form = named.map_or(&rule.pattern, |place| &forms[place]);
            let regex =
                patterns::compile(&whole(form)).map_err(|problem| (format!("validity[{place}].pattern"), problem))?;
            chosen.insert((rule.source.clone(), rule.column.clone()), (rule.pattern.clone(), regex));
        }
        let bytes = model::limits::PATTERN_COMPILED_BYTES_MAX * 4;
        let set =
            RegexSetBuilder::new(forms.iter().map(|form| whole(form))).size_limit(bytes).dfa_size_limit(bytes).build();
        let set = set.map_err(|error| ("patterns".to_owned(), format!("are too large together: {error}")))?;
        Ok(Self { names, set, chosen })
    }

    /// The form that values of this column are to have, and its regular expression.
    pub(super) fn chosen(&self, source: &str, column: &str) -> Option<(String, Regex)> {
        let of = |source: Option<&str>| self.chosen.get(&(source.map(str::to_owned), column.to_owned()));
        of(Some(source)).or_else(|| of(None)).cloned()
    }

    /// Adds to the count of each form that the value has.
    pub(super) fn count(&self, value: &str, times: u64, counts: &mut [u64]) {
        // Most text has no form, and the first question costs no memory.
        if self.set.is_match(value) {
            self.set.matches(value).iter().for_each(|form| counts[form] += times);
        }
    }
}

fn whole(form: &str) -> String {
    format!("^(?:{form})$")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_forms_by_example() {
        let formats = Formats::new(&ProfileConfig::default()).expect("sound");
        let examples: [(&str, &[&str]); 18] = [
            ("ann@example.org", &["e-mail"]),
            ("+49 30 123456", &["phone"]),
            ("078-05-1120", &["phone", "US social security number"]),
            ("62701-1234", &["phone", "US ZIP code"]),
            ("SW1A 2AA", &["UK postcode"]),
            ("2020-12-31", &["phone", "ISO date"]),
            ("31.12.2020", &["phone", "date, year last"]),
            ("2020-12-31T10:00:00Z", &["ISO date and time"]),
            ("23:59", &["time"]),
            ("https://example.org/a?b", &["URL"]),
            ("192.168.0.1", &["phone", "IPv4 address"]),
            ("2001:db8::1", &["IPv6 address"]),
            ("123e4567-e89b-12d3-a456-426614174000", &["UUID"]),
            ("DE89 3704 0044 0532 0130 00", &["IBAN"]),
            ("00:1B:44:11:3A:B7", &["IPv6 address", "MAC address"]),
            ("4111 1111 1111 1111", &["phone", "payment card number"]),
            ("Main Street", &[]),
            ("2020-13-31x", &[]),
        ];
        for (value, expected) in examples {
            let mut counts = vec![0; formats.names.len()];
            formats.count(value, 2, &mut counts);
            let found: Vec<&str> = formats
                .names
                .iter()
                .zip(&counts)
                .filter(|(_, count)| **count == 2)
                .map(|(name, _)| name.as_str())
                .collect();
            assert_eq!(found, expected, "{value}");
        }
    }
}
