//! Functions on text as text: blanks, removing and replacing.

use model::limits;

use super::Kernel;
use crate::patterns;

pub(super) fn trim(_: &[String]) -> Result<Kernel, String> {
    Ok(Box::new(|value, result| {
        result.push_str(value.trim());
        true
    }))
}

pub(super) fn trim_start(_: &[String]) -> Result<Kernel, String> {
    Ok(Box::new(|value, result| {
        result.push_str(value.trim_start());
        true
    }))
}

pub(super) fn trim_end(_: &[String]) -> Result<Kernel, String> {
    Ok(Box::new(|value, result| {
        result.push_str(value.trim_end());
        true
    }))
}

pub(super) fn collapse(_: &[String]) -> Result<Kernel, String> {
    Ok(Box::new(|value, result| {
        for (place, word) in value.split_whitespace().enumerate() {
            if place > 0 {
                result.push(' ');
            }
            result.push_str(word);
        }
        true
    }))
}

pub(super) fn remove(arguments: &[String]) -> Result<Kernel, String> {
    let removed: fn(char) -> bool = match arguments {
        [what] => match what.as_str() {
            "digits" => char::is_numeric,
            "letters" => char::is_alphabetic,
            "special" => |c| !c.is_alphanumeric() && !c.is_whitespace(),
            "non_alphanumeric" => |c| !c.is_alphanumeric(),
            "non_printable" => is_non_printable,
            "whitespace" => char::is_whitespace,
            other => return Err(format!("“{other}” is no class of characters")),
        },
        _ => return Err("say what to remove".to_owned()),
    };
    Ok(Box::new(move |value, result| {
        result.extend(value.chars().filter(|c| !removed(*c)));
        true
    }))
}

/// Control characters, and characters that are there and cannot be seen: zero-width ones, marks of direction, soft hyphens.
fn is_non_printable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

pub(super) fn replace(arguments: &[String]) -> Result<Kernel, String> {
    match arguments {
        [from, to] if !from.is_empty() => {
            check_replacement(to)?;
            let (from, to) = (from.clone(), to.clone());
            Ok(Box::new(move |value, result| {
                let mut rest = value;
                while let Some((before, after)) = rest.split_once(from.as_str()) {
                    result.push_str(before);
                    result.push_str(&to);
                    rest = after;
                    if result.len() > limits::CELL_MAX_BYTES {
                        break;
                    }
                }
                result.push_str(rest);
                true
            }))
        }
        _ => Err("say which text to replace".to_owned()),
    }
}

pub(super) fn regex_replace(arguments: &[String]) -> Result<Kernel, String> {
    let [pattern, to] = arguments else { return Err("say which pattern to replace".to_owned()) };
    let regex = patterns::compile(pattern)?;
    check_replacement(to)?;
    let to = to.clone();
    Ok(Box::new(move |value, result| {
        let mut end = 0;
        // As `Regex::replace_all` does, but into the buffer, and not on for ever.
        for captures in regex.captures_iter(value) {
            let found = captures.get_match();
            result.push_str(&value[end..found.start()]);
            captures.expand(&to, result);
            end = found.end();
            if result.len() > limits::CELL_MAX_BYTES {
                break;
            }
        }
        result.push_str(&value[end..]);
        true
    }))
}

/// A text that is put in place of another again and again has a limit of its own.
fn check_replacement(to: &str) -> Result<(), String> {
    if to.chars().count() > limits::REPLACEMENT_CHARS_MAX {
        return Err(format!(
            "the text to put in its place is longer than {} characters",
            limits::REPLACEMENT_CHARS_MAX
        ));
    }
    Ok(())
}
