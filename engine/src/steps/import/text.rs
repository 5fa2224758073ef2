//! Values of formats with types, as text: one form for each, whichever format they come from.

use std::fmt::Write as _;

use model::config::source::ValueType;

use crate::{dates, steps::cleanse::functions::typed::plain_number};

/// From here on a whole number is written with an exponent: a double does not hold all its digits any more.
const WHOLE_MAX: f64 = 1e15;

/// A whole number without a point (files often hold numbers of any kind as doubles), any other by the shortest digits
/// that give it back. What is no number is an empty value.
pub(super) fn push_number(value: f64, into: &mut String) {
    let _ = match value {
        _ if value.is_nan() => Ok(()),
        // Also without the sign of zero.
        _ if value.fract() == 0.0 && value.abs() < WHOLE_MAX => write!(into, "{}", value as i64),
        _ if value.abs() < WHOLE_MAX && value.abs() > 1e-7 => write!(into, "{value}"),
        _ => write!(into, "{value:e}"),
    };
}

/// Bytes that are text.
pub(super) fn push_bytes(bytes: &[u8], into: &mut String) -> Result<(), String> {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => {
            into.push_str(text);
            Ok(())
        }
        Ok(_) => Err("contains a NUL character, which is no text".to_owned()),
        Err(_) => Err("has bytes that are no text".to_owned()),
    }
}

/// A value that is to be of a type, in the type's form; false when it is not of it. Empty values are of every type.
pub(super) fn push_typed(value: &str, value_type: ValueType, into: &mut String) -> bool {
    if value.is_empty() {
        return true;
    }
    match value_type {
        ValueType::Text => {
            into.push_str(value);
            true
        }
        ValueType::Number => plain_number(value, '.', into).is_some(),
        ValueType::Date => dates::unambiguous(value).is_some_and(|date| write!(into, "{date}").is_ok()),
        ValueType::Boolean => match value.to_lowercase().as_str() {
            "true" | "yes" | "y" | "t" | "1" => {
                into.push_str("true");
                true
            }
            "false" | "no" | "n" | "f" | "0" => {
                into.push_str("false");
                true
            }
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(value: f64) -> String {
        let mut text = String::new();
        push_number(value, &mut text);
        text
    }

    #[test]
    fn numbers_are_written_as_people_would() {
        for (value, expected) in [
            (1.0, "1"),
            (-0.0, "0"),
            (90210.0, "90210"),
            (0.1, "0.1"),
            (-12.5, "-12.5"),
            (1e15, "1e15"),
            (1e-9, "1e-9"),
            (f64::NAN, ""),
        ] {
            assert_eq!(number(value), expected);
        }
    }

    proptest! {
        #[test]
        fn numbers_come_back(value in prop::num::f64::NORMAL) {
            prop_assert_eq!(number(value).parse::<f64>().expect("a number"), value);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// What is of a type is of it in its form, too, and that stays.
        #[test]
        fn the_form_of_a_type_is_its_own_form(value in "[0-9.,$€% /:TZ-]{0,12}|[a-zA-Z]{1,6}|\\PC{0,8}", place in 0_usize..4) {
            let value_type = [ValueType::Text, ValueType::Number, ValueType::Date, ValueType::Boolean][place];
            let mut text = String::new();
            if push_typed(value.trim(), value_type, &mut text) {
                let mut again = String::new();
                prop_assert!(push_typed(&text, value_type, &mut again), "{:?} became {:?}", value, text);
                prop_assert_eq!(again, text, "{}", value);
            }
        }
    }

    #[test]
    fn types_have_one_form() {
        for (value, value_type, expected) in [
            ("$1,234.50", ValueType::Number, Some("1234.5")),
            ("twelve", ValueType::Number, None),
            ("31.12.2020", ValueType::Date, Some("2020-12-31")),
            ("2020-12-31T10:00:00", ValueType::Date, Some("2020-12-31")),
            ("03/04/2020", ValueType::Date, None),
            ("Yes", ValueType::Boolean, Some("true")),
            ("0", ValueType::Boolean, Some("false")),
            ("maybe", ValueType::Boolean, None),
            ("", ValueType::Date, Some("")),
            ("007", ValueType::Text, Some("007")),
        ] {
            let mut text = String::new();
            let found = push_typed(value, value_type, &mut text).then_some(text);
            assert_eq!(found.as_deref(), expected, "{value}");
        }
    }
}
