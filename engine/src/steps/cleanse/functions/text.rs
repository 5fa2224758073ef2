//! Functions on text as text: case, blanks, removing and replacing.

use regex::Regex;

use super::Kernel;

pub(super) fn trim(_: &[String]) -> Result<Kernel, String> {
    Ok(Box::new(|value, result| {
        result.push_str(value.trim());
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

pub(super) fn upper(_: &[String]) -> Result<Kernel, String> {
    Ok(Box::new(|value, result| {
        result.extend(value.chars().flat_map(char::to_uppercase));
        true
    }))
}

pub(super) fn lower(_: &[String]) -> Result<Kernel, String> {
    Ok(Box::new(|value, result| {
        // Of the whole text: a final Greek sigma differs from one inside a word.
        result.push_str(&value.to_lowercase());
        true
    }))
}

pub(super) fn title(_: &[String]) -> Result<Kernel, String> {
    Ok(Box::new(|value, result| {
        let mut inside = false;
        for c in value.chars() {
            if inside {
                result.extend(c.to_lowercase());
            } else {
                result.extend(c.to_uppercase());
            }
            inside = c.is_alphanumeric() || (inside && matches!(c, '\'' | '’'));
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
            let (from, to) = (from.clone(), to.clone());
            Ok(Box::new(move |value, result| {
                let mut rest = value;
                while let Some((before, after)) = rest.split_once(from.as_str()) {
                    result.push_str(before);
                    result.push_str(&to);
                    rest = after;
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
    let regex = Regex::new(pattern).map_err(|error| format!("“{pattern}” is not a regular expression: {error}"))?;
    let to = to.clone();
    Ok(Box::new(move |value, result| {
        result.push_str(&regex.replace_all(value, to.as_str()));
        true
    }))
}
