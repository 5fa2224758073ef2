//! A postal address in its parts: number, street, unit, city, region, postal code.
//!
//! It goes by the order that addresses are written in and by the forms of postal codes, not by a gazetteer:
//! `123 N Main St Apt 4, Springfield, IL 62701`, `Flat 3, 10 Downing Street, London SW1A 2AA`, `Hauptstraße 12a, 10115 Berlin`.
//! Where commas are missing, the kind of street (`St`, `Road`) tells where the street ends.

use std::sync::LazyLock;

use model::limits;
use regex::Regex;

use super::PartsKernel;

/// Codes of the states of the USA and Australia, and of the provinces of Canada.
const REGION_CODES: [&str; 71] = [
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA", "ME",
    "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA",
    "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "DC", "PR", "AB", "BC", "MB", "NB", "NL",
    "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT", "NSW", "QLD", "VIC", "TAS", "ACT", "GU",
];
/// Countries that an address may end with; they are no part.
const COUNTRIES: [&str; 22] = [
    "usa",
    "us",
    "u.s.a.",
    "united states",
    "united states of america",
    "uk",
    "united kingdom",
    "england",
    "canada",
    "australia",
    "germany",
    "deutschland",
    "austria",
    "österreich",
    "switzerland",
    "schweiz",
    "france",
    "netherlands",
    "nederland",
    "italy",
    "italia",
    "spain",
];

struct Forms {
    /// At the end of a part: the forms that do not look like a house number.
    code_behind: Regex,
    /// At its beginning: `10115 Berlin`, `1012 AB Amsterdam`, `D-10115 Berlin`, `00-950 Warszawa`.
    code_before: Regex,
    unit: Regex,
    number_before: Regex,
    number_behind: Regex,
    box_or_street: Regex,
    street_end: Regex,
}

impl Forms {
    fn new() -> Self {
        let form = |pattern: &str| Regex::new(pattern).expect("a fixed pattern");
        Self {
            code_behind: form(
                r"(?ix) (?:^|\s) ( \d{5}-\d{4} | \d{5,6} | [A-Z]\d[A-Z]\s?\d[A-Z]\d | [A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2} | \d{4} ) $",
            ),
            code_before: form(
                r"(?ix) ^ (?:[A-Z]{1,2}-)? ( \d{4}\s?[A-Z]{2}\b | \d{2}-\d{3} | \d{3}\s\d{2} | \d{4,6} ) \s+ (\pL.*) $",
            ),
            unit: form(
                r"(?ix) (?:^|[\s,]) ( (?:apt|apartment|unit|suite|ste|flat|room|rm|lot|bldg|building|wohnung|whg) \b\.? \s* \#? \s* [\w-]+
                  | \# \s* [\w-]+ | (?:floor|fl)\b\.? \s* \d+ | \d+(?:st|nd|rd|th) \s+ floor ) (?:$|[\s,])",
            ),
            number_before: form(
                r"(?i)^(?:no\.?\s*)?(\d+[a-z]?(?:\s?[-/]\s?\d+[a-z]?)?(?:\s(?:1/2|½))?)\s+(\pL.*|\d+(?:st|nd|rd|th)\b.*)$",
            ),
            number_behind: form(
                r"(?i)^(.*\pL.*?)\s+(?:no\.?\s*|nr\.?\s*)?(\d+(?:\s?[a-z])?(?:\s?[-/]\s?\d+\s?[a-z]?)?)$",
            ),
            box_or_street: form(
                r"(?ix) \b p\.?\s*o\.?\s*box \b | \b postfach \b | (?:stra(?:ß|ss)e|str\.?|weg|platz|gasse|allee|straat|laan|plein) (?:\s|$)
                  | \b (?:rue|via|viale|calle|avenida|avenue|boulevard|piazza|plaza|chemin) \b",
            ),
            // The last of these words in a text ends its street, with the quarter of the compass behind it.
            street_end: form(
                r"(?ix) ^ (.* \b (?:street|st|avenue|ave|av|road|rd|boulevard|blvd|drive|dr|lane|ln|court|ct|place|pl|square|sq
                  |terrace|ter|highway|hwy|parkway|pkwy|circle|cir|way|trail|trl|close|crescent|cres|row|mews|grove) \b\.?
                  (?:\s+(?:n|s|e|w|ne|nw|se|sw|north|south|east|west)\b\.?)?) (?:\s+(.*))? $",
            ),
        }
    }
}

/// Parts: number, street, unit, city, region, postal code.
pub(in super::super) fn address(_: &[String]) -> Result<PartsKernel, String> {
    static FORMS: LazyLock<Forms> = LazyLock::new(Forms::new);
    Ok(Box::new(|value, parts| read(&FORMS, value, parts)))
}

fn read(forms: &Forms, value: &str, parts: &mut [String]) -> bool {
    let [number, street, unit, city, region, code] = parts else { return false };
    if value.len() > limits::NAME_OR_ADDRESS_MAX_BYTES {
        return false;
    }
    let mut segments: Vec<String> = value
        .split([',', ';', '\n', '|'])
        .map(|segment| segment.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|segment| !segment.is_empty())
        .collect();
    if segments.len() > 1 && segments.last().is_some_and(|last| COUNTRIES.contains(&last.to_lowercase().as_str())) {
        segments.pop();
    }
    for segment in &mut segments {
        if unit.is_empty()
            && let Some(found) = forms.unit.captures(segment)
        {
            unit.push_str(&found[1]);
            let place = found.get(1).expect("the group takes part").range();
            segment.replace_range(place, "");
            let tidy = segment.split_whitespace().collect::<Vec<_>>().join(" ");
            *segment = tidy;
        }
    }
    segments.retain(|segment| !segment.is_empty());
    take_code_and_region(forms, &mut segments, code, region);

    let mut segments = segments.into_iter();
    let Some(first) = segments.next() else { return !code.is_empty() || !region.is_empty() || !unit.is_empty() };
    let mut others: Vec<String> = segments.collect();
    // A house may have a name before its number: “Rose Cottage, 12 Mill Lane, Ely”.
    let is_street = |text: &str| {
        forms.number_before.is_match(text) || forms.number_behind.is_match(text) || is_named_street(forms, text)
    };
    let mut line = first;
    if !is_street(&line)
        && let Some(place) = others.iter().position(|other| is_street(other))
    {
        let found = others.remove(place);
        line = format!("{line}, {found}");
        take_number(forms, &found, number, street);
        street.insert_str(0, line.strip_suffix(&found).unwrap_or_default());
    } else if is_street(&line) {
        let rest = if others.is_empty() && !is_box(&line) { take_rest(forms, &mut line) } else { None };
        take_number(forms, &line, number, street);
        others.extend(rest);
    } else if others.is_empty() && (!code.is_empty() || !region.is_empty()) {
        // “10115 Berlin”
        city.push_str(&line);
        return true;
    } else {
        street.push_str(&line);
    }
    if let Some(last) = others.pop() {
        city.push_str(&last);
        for between in others {
            street.push_str(", ");
            street.push_str(&between);
        }
    }
    let known = !number.is_empty() || !code.is_empty() || !region.is_empty() || !unit.is_empty();
    known || is_named_street(forms, street)
}

/// Takes postal code and region from the last part that has a code, else the region from the last part.
fn take_code_and_region(forms: &Forms, segments: &mut Vec<String>, code: &mut String, region: &mut String) {
    for place in (0..segments.len()).rev() {
        let single = segments.len() == 1;
        // The first of several parts begins and ends with house numbers rather.
        if place == 0 && !single {
            break;
        }
        let segment = &mut segments[place];
        if let Some(found) = forms.code_behind.captures(segment).filter(|found| {
            // Four digits at the end of the only part may be a house number.
            !(single && found[1].len() == 4)
        }) {
            let range = found.get(0).expect("a match").range();
            code.push_str(&found[1].to_uppercase());
            segment.truncate(range.start);
            break;
        }
        if let Some(found) = forms.code_before.captures(segment).filter(|found| {
            // “1600 Pennsylvania Avenue” as the only part is a house number.
            !single || (!is_named_street(forms, &found[2]) && forms.street_end.captures(&found[2]).is_none())
        }) {
            code.push_str(&found[1]);
            let rest = found[2].to_owned();
            *segment = rest;
            break;
        }
    }
    segments.retain(|segment| !segment.trim().is_empty());
    let several = segments.len() > 1;
    if let Some(last) = segments.last_mut() {
        let is_code = |word: &str| REGION_CODES.contains(&word.to_uppercase().as_str());
        let word = last.rsplit(' ').next().unwrap_or_default().to_owned();
        let alone = word.len() == last.len();
        // Without a postal code behind it, only capitals in a part of their own or behind a town are one.
        let told = !code.is_empty() || (several && word.chars().all(char::is_uppercase));
        if told && is_code(&word) && (several || !alone) {
            region.push_str(&word.to_uppercase());
            last.truncate(last.len() - word.len());
            *last = last.trim_end().to_owned();
        }
    }
    // “…, Springfield, Illinois 62701”: what stands alone behind the town, before a ZIP code.
    let zip = code.len() >= 5 && code.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if region.is_empty()
        && zip
        && let [_, .., town, last] = segments.as_slice()
        && !last.chars().any(char::is_numeric)
        && !forms.number_before.is_match(town)
    {
        region.push_str(last);
        segments.pop();
    }
    segments.retain(|segment| !segment.is_empty());
}

fn is_box(text: &str) -> bool {
    let letters: String = text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    letters.starts_with("pobox") || letters.starts_with("postfach")
}

fn is_named_street(forms: &Forms, text: &str) -> bool {
    forms.box_or_street.is_match(text) || forms.street_end.captures(text).is_some_and(|found| found.get(2).is_none())
}

/// What stands behind the street in a text without commas: its town.
fn take_rest(forms: &Forms, line: &mut String) -> Option<String> {
    let found = forms.street_end.captures(line)?;
    let rest = found.get(2)?.as_str().to_owned();
    let street = found[1].to_owned();
    // “St Albans Road”: a saint is no street.
    (street.contains(' ') && !rest.is_empty()).then(|| {
        *line = street;
        rest
    })
}

fn take_number(forms: &Forms, line: &str, number: &mut String, street: &mut String) {
    if is_box(line) {
        street.push_str(line);
    } else if let Some(found) = forms.number_before.captures(line) {
        number.push_str(&found[1]);
        street.push_str(&found[2]);
    } else if let Some(found) = forms.number_behind.captures(line) {
        number.push_str(&found[2]);
        street.push_str(&found[1]);
    } else {
        street.push_str(line);
    }
}
