//! An expression as a sentence for people.

use super::{Cron, field::Field};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
/// More times of day than this are told as hours and minutes apart.
const TIMES_LISTED_MAX: usize = 6;

pub(super) fn sentence(cron: &Cron) -> String {
    let time = time(cron);
    match days(cron) {
        Some(days) => format!("{time}, {days}"),
        None if time.starts_with("At") && !time.contains("past") => format!("{time}, every day"),
        None => time,
    }
}

fn time(cron: &Cron) -> String {
    let (minutes, hours) = (list(&cron.minute), list(&cron.hour));
    let one_minute = (minutes.len() == 1).then(|| minutes[0]);
    if cron.minute.is_any() {
        return match cron.hour.is_any() {
            true => "Every minute".to_owned(),
            false => format!("Every minute {}", in_hours(&cron.hour)),
        };
    }
    if let Some(step) = cron.minute.star_step().filter(|step| 60 % step == 0 && *step > 1) {
        return match cron.hour.is_any() {
            true => format!("Every {step} minutes"),
            false => format!("Every {step} minutes {}", in_hours(&cron.hour)),
        };
    }
    if let Some(minute) = one_minute {
        let at = if minute == 0 { String::new() } else { format!(" at minute {minute}") };
        if cron.hour.is_any() {
            return format!("Every hour{at}");
        }
        if let Some(step) = cron.hour.star_step().filter(|step| 24 % step == 0 && *step > 1) {
            return format!("Every {step} hours{at}");
        }
    }
    if minutes.len() * hours.len() <= TIMES_LISTED_MAX {
        let times = hours.iter().flat_map(|hour| minutes.iter().map(move |minute| format!("{hour:02}:{minute:02}")));
        return format!("At {}", and(times.collect()));
    }
    let word = if minutes.len() == 1 { "minute" } else { "minutes" };
    let minutes = and(minutes.iter().map(u32::to_string).collect());
    match cron.hour.is_any() {
        true => format!("At {word} {minutes} past every hour"),
        false => format!("At {word} {minutes} past the hour, {}", in_hours(&cron.hour)),
    }
}

fn in_hours(hours: &Field) -> String {
    match hours.as_range() {
        Some((first, last)) => format!("from {first:02}:00 to {last:02}:59"),
        None => {
            let hours: Vec<String> = hours.values().map(|hour| hour.to_string()).collect();
            format!("in {} {}", if hours.len() == 1 { "hour" } else { "hours" }, and(hours))
        }
    }
}

fn days(cron: &Cron) -> Option<String> {
    let of_month = (!cron.day_of_month.is_any()).then(|| {
        let days: Vec<String> = list(&cron.day_of_month).iter().map(u32::to_string).collect();
        let days = match cron.day_of_month.as_range() {
            Some((first, last)) => format!("{first} to {last}"),
            None => and(days),
        };
        let word = if list(&cron.day_of_month).len() == 1 { "day" } else { "days" };
        format!("on {word} {days} of the month")
    });
    let of_week = (!cron.day_of_week.is_any()).then(|| match named(&cron.day_of_week, &WEEKDAYS, 0) {
        name if list(&cron.day_of_week).len() == 1 => format!("every {name}"),
        names => names,
    });
    let day = match (of_month, of_week) {
        (Some(month), Some(week)) => Some(format!("{month} or {week}")),
        (month, week) => month.or(week),
    };
    let months = (!cron.month.is_any()).then(|| format!("in {}", named(&cron.month, &MONTHS, 1)));
    match (day, months) {
        (Some(day), Some(months)) => Some(format!("{day}, {months}")),
        (None, Some(months)) => Some(format!("every day {months}")),
        (day, None) => day,
    }
}

fn named(field: &Field, names: &[&str], first_number: u32) -> String {
    let name = |number: u32| names[usize::try_from(number - first_number).expect("is a weekday or month")].to_owned();
    match field.as_range() {
        Some((first, last)) => format!("{} to {}", name(first), name(last)),
        None => and(field.values().map(name).collect()),
    }
}

fn list(field: &Field) -> Vec<u32> {
    field.values().collect()
}

/// "a", "a and b", "a, b and c".
fn and(mut parts: Vec<String>) -> String {
    match parts.pop() {
        Some(last) if parts.is_empty() => last,
        Some(last) => format!("{} and {last}", parts.join(", ")),
        None => String::new(),
    }
}
