//! One JSON object (RFC 8259): the names of its fields, and their values as text.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// Gives the name of each field.
pub(super) fn names(line: &[u8], each: impl FnMut(&str)) -> Result<(), String> {
    parse(line, Names(each))
}

/// The value of each known field, as it is written. `place` knows where a field belongs among `count`.
pub(super) fn fields(
    line: &[u8],
    count: usize,
    place: impl Fn(&str) -> Option<usize>,
) -> Result<Vec<Option<&RawValue>>, String> {
    parse(line, Fields { count, place })
}

/// A value as text: a text is itself, null is empty, numbers and truth values are as they are written, and what has parts
/// is its JSON. Large numbers keep all their digits.
pub(super) fn decode(value: &RawValue, into: &mut String) -> Result<(), String> {
    let raw = value.get();
    let before = into.len();
    match raw.as_bytes().first() {
        Some(b'"') => {
            let text: Text<'_> = serde_json::from_str(raw).map_err(|error| format!("is no text: {}", words(&error)))?;
            into.push_str(&text.0);
        }
        Some(b'n') => {}
        _ => into.push_str(raw),
    }
    if into[before..].contains('\0') {
        return Err("contains a NUL character, which is no text".to_owned());
    }
    Ok(())
}

fn parse<'l, S: DeserializeSeed<'l>>(line: &'l [u8], seed: S) -> Result<S::Value, String> {
    let text =
        std::str::from_utf8(line).map_err(|_| "it has bytes that are no text in the file's encoding".to_owned())?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = seed.deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
    value.map_err(|error| format!("it is no JSON object: {}, at character {}", words(&error), error.column()))
}

/// Without the place, which would always say line 1.
fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

/// Borrowed from the line where it has no escapes.
#[derive(Deserialize)]
struct Text<'l>(#[serde(borrow)] Cow<'l, str>);

struct Names<F>(F);

impl<'l, F: FnMut(&str)> DeserializeSeed<'l> for Names<F> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'l>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'l, F: FnMut(&str)> Visitor<'l> for Names<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'l>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(Text(name)) = map.next_key()? {
            map.next_value::<IgnoredAny>()?;
            self.0(name.trim());
        }
        Ok(())
    }
}

struct Fields<P> {
    count: usize,
    place: P,
}

impl<'l, P: Fn(&str) -> Option<usize>> DeserializeSeed<'l> for Fields<P> {
    type Value = Vec<Option<&'l RawValue>>;

    fn deserialize<D: serde::Deserializer<'l>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'l, P: Fn(&str) -> Option<usize>> Visitor<'l> for Fields<P> {
    type Value = Vec<Option<&'l RawValue>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'l>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values = vec![None; self.count];
        while let Some(Text(name)) = map.next_key()? {
            let value: &RawValue = map.next_value()?;
            if let Some(place) = (self.place)(name.trim())
                && values[place].replace(value).is_some()
            {
                return Err(A::Error::custom(format!("the field “{}” occurs twice", name.trim())));
            }
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(line: &str) -> Result<Vec<String>, String> {
        let places = ["a", "b"];
        let found = fields(line.as_bytes(), 2, |name| places.iter().position(|known| *known == name))?;
        found
            .into_iter()
            .map(|value| {
                let mut text = String::new();
                value.map_or(Ok(()), |value| decode(value, &mut text)).map(|()| text)
            })
            .collect()
    }

    #[test]
    fn values_are_text_as_they_are_written() {
        for (line, expected) in [
            (r#"{"a": "x", "b": null}"#, ["x", ""]),
            (r#"{"b": "Zo\u00eb \"Z\"", "c": 1}"#, ["", "Zoë \"Z\""]),
            (r#"{"a": 1.10, "b": 12345678901234567890123}"#, ["1.10", "12345678901234567890123"]),
            (r#"{"a": true, "b": {"x": [1, 2]}}"#, ["true", r#"{"x": [1, 2]}"#]),
            ("{}", ["", ""]),
        ] {
            assert_eq!(values(line).expect("an object"), expected, "{line}");
        }
    }

    #[test]
    fn what_is_no_object_is_said() {
        for (line, expected) in [
            ("[1]", "it is no JSON object: invalid type: sequence, expected an object, at character "),
            (r#"{"a": 1"#, "it is no JSON object: EOF while parsing an object, at character 7"),
            (r#"{"a": 1} x"#, "it is no JSON object: trailing characters, at character 10"),
            (r#"{"a": 1, "a": 2}"#, "it is no JSON object: the field “a” occurs twice, at character "),
            (r#"{"a": "\u0000"}"#, "contains a NUL character, which is no text"),
            (r#"{"a": "\ud800"}"#, "is no text: unexpected end of hex escape"),
        ] {
            let message = values(line).expect_err(line);
            assert!(message.starts_with(expected) || message.contains("hex escape"), "{line}: {message}");
        }
        assert!(fields(b"{\"a\": \"\xFF\"}", 0, |_| None).expect_err("no text").contains("no text"));
    }

    proptest! {
        #[test]
        fn texts_come_back(text in "[^\0]*", number: i64) {
            let line = serde_json::json!({"a": text, "b": number}).to_string();
            prop_assert_eq!(values(&line).expect("an object"), [text, number.to_string()]);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let line = [b"{\"a\":", &bytes[..]].concat();
            let _ = names(&line, |_| {});
            if let Ok(found) = fields(&line, 1, |_| Some(0)) {
                let _ = found[0].map(|value| decode(value, &mut String::new()));
            }
        }
    }
}
