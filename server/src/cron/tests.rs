use chrono_tz::Tz;
use expect_test::{Expect, expect};
use model::Timestamp;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The next `count` times after `after`, in the zone's own time.
fn check(expression: &str, zone: &str, after: &str, count: usize, expected: Expect) {
    let zone: Tz = zone.parse().unwrap();
    let cron = Cron::parse(expression).unwrap();
    let mut after = at(after);
    let mut lines = String::new();
    for _ in 0..count {
        after = cron.next(zone, after).unwrap().at;
        lines += &format!("{}\n", after.to_datetime().with_timezone(&zone).format("%a %Y-%m-%d %H:%M %z"));
    }
    expected.assert_eq(&lines);
}

fn check_error(expression: &str, expected: Expect) {
    expected.assert_eq(&Cron::parse(expression).unwrap_err().message);
}

fn check_words(expression: &str, expected: Expect) {
    expected.assert_eq(&Cron::parse(expression).unwrap().words());
}

#[test]
fn weekdays_are_those_of_cron() {
    let friday = "2026-01-02T12:00:00Z";
    check(
        "0 2 * * 1-5",
        "UTC",
        friday,
        2,
        expect![[r#"
        Mon 2026-01-05 02:00 +0000
        Tue 2026-01-06 02:00 +0000
    "#]],
    );
    for sunday in ["0", "7", "sun", "SUN"] {
        check(
            &format!("0 2 * * {sunday}"),
            "UTC",
            friday,
            1,
            expect![[r#"
            Sun 2026-01-04 02:00 +0000
        "#]],
        );
    }
    check(
        "0 2 * * fri-sun",
        "UTC",
        friday,
        3,
        expect![[r#"
        Sat 2026-01-03 02:00 +0000
        Sun 2026-01-04 02:00 +0000
        Fri 2026-01-09 02:00 +0000
    "#]],
    );
}

#[test]
fn two_restricted_day_fields_match_either() {
    check(
        "0 0 13 * 5",
        "UTC",
        "2026-02-01T00:00:00Z",
        3,
        expect![[r#"
        Fri 2026-02-06 00:00 +0000
        Fri 2026-02-13 00:00 +0000
        Fri 2026-02-20 00:00 +0000
    "#]],
    );
}

#[test]
fn day_31_does_not_fire_in_shorter_months() {
    check(
        "0 0 31 * *",
        "UTC",
        "2026-01-31T00:00:00Z",
        2,
        expect![[r#"
        Tue 2026-03-31 00:00 +0000
        Sun 2026-05-31 00:00 +0000
    "#]],
    );
    check(
        "0 0 29 2 *",
        "UTC",
        "2096-03-01T00:00:00Z",
        1,
        expect![[r#"
        Fri 2104-02-29 00:00 +0000
    "#]],
    );
}

/// The crate that looks for the minutes knows only the years from 1970 to 2100.
#[test]
fn years_have_no_end() {
    check(
        "30 3 1 1 1",
        "UTC",
        "1899-12-31T23:59:59Z",
        2,
        expect![[r#"
        Mon 1900-01-01 03:30 +0000
        Mon 1900-01-08 03:30 +0000
    "#]],
    );
    check(
        "*/20 23 31 12 *",
        "UTC",
        "2199-12-31T23:30:00Z",
        2,
        expect![[r#"
        Tue 2199-12-31 23:40 +0000
        Wed 2200-12-31 23:00 +0000
    "#]],
    );
}

#[test]
fn a_fixed_time_in_a_gap_fires_right_after_it() {
    check(
        "30 2 * * *",
        "Europe/Brussels",
        "2026-03-28T00:00:00Z",
        3,
        expect![[r#"
        Sat 2026-03-28 02:30 +0100
        Sun 2026-03-29 03:00 +0200
        Mon 2026-03-30 02:30 +0200
    "#]],
    );
    // Cairo's clocks go from 24:00 to 01:00: there is no midnight, but there is a run.
    check(
        "0 0 * * *",
        "Africa/Cairo",
        "2026-04-22T23:00:00Z",
        2,
        expect![[r#"
        Fri 2026-04-24 01:00 +0300
        Sat 2026-04-25 00:00 +0300
    "#]],
    );
    // Lord Howe moves by half an hour.
    check(
        "15 2 * * *",
        "Australia/Lord_Howe",
        "2026-10-03T00:00:00Z",
        2,
        expect![[r#"
        Sun 2026-10-04 02:30 +1100
        Mon 2026-10-05 02:15 +1100
    "#]],
    );
}

#[test]
fn a_fixed_time_that_comes_twice_fires_once() {
    check(
        "30 2 * * *",
        "Europe/Brussels",
        "2026-10-24T22:00:00Z",
        2,
        expect![[r#"
        Sun 2026-10-25 02:30 +0200
        Mon 2026-10-26 02:30 +0100
    "#]],
    );
    check(
        "15 1-3 * * *",
        "Europe/Brussels",
        "2026-10-24T22:00:00Z",
        4,
        expect![[r#"
        Sun 2026-10-25 01:15 +0200
        Sun 2026-10-25 02:15 +0200
        Sun 2026-10-25 03:15 +0100
        Mon 2026-10-26 01:15 +0100
    "#]],
    );
}

#[test]
fn a_star_runs_on_elapsed_time() {
    check(
        "*/30 * * * *",
        "Europe/Brussels",
        "2026-10-24T23:45:00Z",
        5,
        expect![[r#"
        Sun 2026-10-25 02:00 +0200
        Sun 2026-10-25 02:30 +0200
        Sun 2026-10-25 02:00 +0100
        Sun 2026-10-25 02:30 +0100
        Sun 2026-10-25 03:00 +0100
    "#]],
    );
    check(
        "*/30 * * * *",
        "Europe/Brussels",
        "2026-03-29T00:15:00Z",
        2,
        expect![[r#"
        Sun 2026-03-29 01:30 +0100
        Sun 2026-03-29 03:00 +0200
    "#]],
    );
    check(
        "15 * * * *",
        "Europe/Brussels",
        "2026-10-25T00:00:00Z",
        3,
        expect![[r#"
        Sun 2026-10-25 02:15 +0200
        Sun 2026-10-25 02:15 +0100
        Sun 2026-10-25 03:15 +0100
    "#]],
    );
}

#[test]
fn errors_name_the_field() {
    check_error("0 25 * * *", expect!["hour: 25 is not in 0–23"]);
    check_error("60 * * * *", expect!["minute: 60 is not in 0–59"]);
    check_error("0 0 0 * *", expect!["day-of-month: 0 is not in 1–31"]);
    check_error("0 0 * foo *", expect!["month: “foo” is neither a number in 1–12 nor a name jan–dec"]);
    check_error("0 0 * * 8", expect!["day-of-week: 8 is not in 0–7"]);
    check_error("0 17-9 * * *", expect!["hour: the range 17-9 runs backwards"]);
    check_error("*/0 * * * *", expect!["minute: a step must be at least 1"]);
    check_error("1,,2 * * * *", expect!["minute: there is nothing before or after a comma"]);
    check_error("0 0 * *", expect!["has 4 fields; five are needed: minute hour day-of-month month day-of-week"]);
    check_error("0 0 31 2 *", expect!["can never fire: no such month has the day 31"]);
    check_error(
        "@fortnightly",
        expect!["@fortnightly is not known; there are @hourly, @daily, @weekly, @monthly and @yearly"],
    );
    check_error("+5 * * * *", expect!["minute: “+5” is not a number in 0–59"]);
}

#[test]
fn expressions_in_words() {
    check_words("0 2 * * 1-5", expect!["At 02:00, Monday to Friday"]);
    check_words("0 2 * * *", expect!["At 02:00, every day"]);
    check_words("30 6,18 * * *", expect!["At 06:30 and 18:30, every day"]);
    check_words("*/15 * * * *", expect!["Every 15 minutes"]);
    check_words("*/15 9-17 * * 1-5", expect!["Every 15 minutes from 09:00 to 17:59, Monday to Friday"]);
    check_words("@hourly", expect!["Every hour"]);
    check_words("5 * * * *", expect!["Every hour at minute 5"]);
    check_words("0 */6 * * *", expect!["Every 6 hours"]);
    check_words("0 0 1 * *", expect!["At 00:00, on day 1 of the month"]);
    check_words("0 0 13 * 5", expect!["At 00:00, on day 13 of the month or every Friday"]);
    check_words("0 12 * jan,jul sun", expect!["At 12:00, every Sunday, in January and July"]);
    check_words("* * * * *", expect!["Every minute"]);
}

#[test]
fn new_york_skips_and_repeats_an_hour() {
    check(
        "30 2 * * *",
        "America/New_York",
        "2026-03-07T12:00:00Z",
        2,
        expect![[r#"
        Sun 2026-03-08 03:00 -0400
        Mon 2026-03-09 02:30 -0400
    "#]],
    );
    check(
        "30 1 * * *",
        "America/New_York",
        "2026-10-31T12:00:00Z",
        2,
        expect![[r#"
        Sun 2026-11-01 01:30 -0400
        Mon 2026-11-02 01:30 -0500
    "#]],
    );
}

/// Samoa went from 29 to 31 December 2011: what belongs to the day in between runs when that day is skipped.
#[test]
fn apia_misses_a_day() {
    check(
        "0 12 * * *",
        "Pacific/Apia",
        "2011-12-29T00:00:00Z",
        4,
        expect![[r#"
        Thu 2011-12-29 12:00 -1000
        Sat 2011-12-31 00:00 +1400
        Sat 2011-12-31 12:00 +1400
        Sun 2012-01-01 12:00 +1400
    "#]],
    );
    check(
        "0 * 30 12 *",
        "Pacific/Apia",
        "2011-12-29T00:00:00Z",
        1,
        expect![[r#"
        Sun 2012-12-30 00:00 +1400
    "#]],
    );
}

#[test]
fn what_the_form_shows_of_an_expression_means_the_same() {
    let sets = |cron: &Cron| {
        let fields = [&cron.minute, &cron.hour, &cron.day_of_month, &cron.month, &cron.day_of_week];
        fields.map(|field| field.values().collect::<Vec<_>>())
    };
    let mut shown = 0;
    for minute in ["0", "05", "59", "*", "*/5", "60"] {
        for hour in ["0", "23", "*", "1,2"] {
            for day in ["*", "1", "31", "1-5"] {
                for weekday in ["*", "0", "7", "mon-fri", "fri-sun", "6,7", "1-7", "5-1", "*/2"] {
                    let written = format!("{minute} {hour} {day} * {weekday}");
                    let Some(pattern) = model::schedule::pattern::Pattern::parse(&written) else { continue };
                    let (written, rewritten) =
                        (Cron::parse(&written).unwrap(), Cron::parse(&pattern.to_string()).unwrap());
                    assert_eq!(sets(&written), sets(&rewritten), "{written:?} {pattern:?}");
                    assert_eq!(written.is_fixed_time(), rewritten.is_fixed_time(), "{written:?} {pattern:?}");
                    shown += 1;
                }
            }
        }
    }
    assert_eq!(shown, 57, "of all of these the form shows the usual ones");
}
