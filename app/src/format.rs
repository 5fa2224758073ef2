//! Values as text for people. Pure: no clock and no locale, so that server and browser write the same.
//!
//! Whatever depends on *now* or on the viewer's zone takes both as arguments and is only called in the browser, after
//! `browser::clock`; the server writes exact times in UTC.

pub mod activity;
pub mod advice;
pub mod bulk;
pub mod delivery;
pub mod difference;
pub mod evidence;
pub mod execution;
pub mod people;
pub mod time;

use std::time::Duration;

use model::workflow::Notifications;

/// `50,578`
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `must be at least 1` → `Must be at least 1.`
pub fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let Some(first) = chars.next() else { return String::new() };
    let end = if message.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{}{end}", first.to_uppercase(), chars.as_str())
}

/// `on failure, after more than 1 h 30 m, to ann@example.com`: who is told of what.
pub fn notifications(notifications: &Notifications) -> String {
    let longer_than = notifications.longer_than_s.map(|limit| duration(Duration::from_secs(limit)));
    let occasions = [
        notifications.on_failure.then(|| "on failure".to_owned()),
        notifications.on_success.then(|| "on success".to_owned()),
        notifications.on_recovery.then(|| "on the first success after a failure".to_owned()),
        longer_than.map(|limit| format!("after more than {limit}")),
        notifications.digest_hour.map(|hour| format!("a digest at {hour:02}:00")),
    ];
    let occasions: Vec<String> = occasions.into_iter().flatten().collect();
    let recipients: Vec<String> = notifications.recipients().map(|text| recipient(text)).collect();
    match (recipients.is_empty(), occasions.is_empty()) {
        (true, _) => "none: no recipient".to_owned(),
        (false, true) => "none: on no occasion".to_owned(),
        (false, false) => format!("{}, to {}", occasions.join(", "), recipients.join(", ")),
    }
}

/// Who is told, in few words. Of a webhook only where it leads: the rest of its address may be a secret.
pub fn recipient(text: &str) -> String {
    let address = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = address.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or(rest));
    host.map_or_else(|| text.to_owned(), |host| format!("a webhook at {}", host.rsplit('@').next().unwrap_or(host)))
}

/// `1 record`, `50,578 records`: a number with its unit; the plural takes an s.
pub fn counted(value: u64, unit: &str) -> String {
    if value == 1 { format!("1 {unit}") } else { format!("{} {unit}s", number(value)) }
}

/// `950`, `12.4 k`, `1.1 M`: for rates and wherever the last digit does not matter.
pub fn rounded(value: f64) -> String {
    let (scaled, unit) = match value {
        value if value >= 1e9 => (value / 1e9, " G"),
        value if value >= 1e6 => (value / 1e6, " M"),
        value if value >= 1e4 => (value / 1e3, " k"),
        value => return number(value.max(0.0).round() as u64),
    };
    if scaled >= 100.0 { format!("{scaled:.0}{unit}") } else { format!("{scaled:.1}{unit}") }
}

/// `912 B`, `1.2 kB`, `14 MB`: powers of ten, as file managers count.
pub fn bytes(value: u64) -> String {
    let (scaled, unit) = match value {
        0..1_000 => return format!("{value} B"),
        1_000..1_000_000 => (value as f64 / 1e3, "kB"),
        1_000_000..1_000_000_000 => (value as f64 / 1e6, "MB"),
        _ => (value as f64 / 1e9, "GB"),
    };
    if scaled >= 10.0 { format!("{scaled:.0} {unit}") } else { format!("{scaled:.1} {unit}") }
}

/// `86 %`, from a share of 0–1. Never rounds up to 100 or down to 0.
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    match value {
        value if value > 99.0 && value < 100.0 => "> 99 %".to_owned(),
        value if value > 0.0 && value < 1.0 => "< 1 %".to_owned(),
        value => format!("{value:.0} %"),
    }
}

/// `40 ms`, `1.1 s`, `41 s`, `1 m 12 s`, `11 h 4 m`, `3 d 2 h`: the two units that matter.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 if time.as_millis() < 100 => format!("{} ms", time.as_millis()),
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3_600 => two_units(seconds / 60, "m", seconds % 60, "s"),
        3_600..86_400 => two_units(seconds / 3_600, "h", seconds % 3_600 / 60, "m"),
        _ => two_units(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h"),
    }
}

fn two_units(large: u64, large_unit: &str, small: u64, small_unit: &str) -> String {
    if small == 0 { format!("{large} {large_unit}") } else { format!("{large} {large_unit} {small} {small_unit}") }
}

/// `1st`, `2nd`, `3rd`, `11th`
pub fn ordinal(value: u32) -> String {
    let ending = match (value % 100, value % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{value}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_thousands_separators() {
        assert_eq!([0, 999, 1_000, 50_578, 8_112_004].map(number), ["0", "999", "1,000", "50,578", "8,112,004"]);
        assert_eq!([counted(1, "record"), counted(1_200, "record")], ["1 record", "1,200 records"]);
        assert_eq!([950.4, 12_400.0, 1_100_000.0, 2.5e9].map(rounded), ["950", "12.4 k", "1.1 M", "2.5 G"]);
        assert_eq!(
            [1, 2, 3, 4, 11, 12, 21, 112].map(ordinal),
            ["1st", "2nd", "3rd", "4th", "11th", "12th", "21st", "112th"]
        );
    }

    #[test]
    fn shares_never_round_to_all_or_nothing() {
        assert_eq!([0.0, 0.004, 0.86, 0.998, 1.0].map(percent), ["0 %", "< 1 %", "86 %", "> 99 %", "100 %"]);
    }

    #[test]
    fn durations_name_the_two_units_that_matter() {
        let check = |millis: u64, text: &str| assert_eq!(duration(Duration::from_millis(millis)), text);
        check(40, "40 ms");
        check(1_100, "1.1 s");
        check(9_960, "10.0 s");
        check(41_000, "41 s");
        check(72_000, "1 m 12 s");
        check(11 * 3_600_000 + 4 * 60_000, "11 h 4 m");
        check(48 * 3_600_000, "2 d");
    }

    #[test]
    fn a_webhook_is_named_without_its_secret() {
        assert_eq!(recipient("https://hooks.example.com/services/T0/B0/secret"), "a webhook at hooks.example.com");
        assert_eq!(recipient("http://bob:secret@10.0.0.1:8080?key=secret"), "a webhook at 10.0.0.1:8080");
        assert_eq!(recipient("ann@example.com"), "ann@example.com");
    }

    #[test]
    fn sizes_are_powers_of_ten() {
        assert_eq!([912, 1_200, 14_000_000, 2_500_000_000].map(bytes), ["912 B", "1.2 kB", "14 MB", "2.5 GB"]);
    }
}
