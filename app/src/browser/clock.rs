//! Instants in the viewer's own words, all moving at the same moment. The server writes exact times in UTC; only the
//! browser knows what time it is for the reader, and where.

use std::time::Duration;

use model::Timestamp;
use web_sys::Element;

use super::{dom, page};
use crate::{
    format::time::{self, Saying, WallTime},
    viewer,
};

pub(super) fn start() {
    tell_zone();
    dom::listen(&dom::document(), "mouseover", |event: web_sys::MouseEvent| complete_title(&event));
    // A hidden page has nobody to tell the time to.
    dom::every(Duration::from_secs(1), || {
        if dom::is_visible() {
            paint();
        }
    });
}

/// Tells the server how far this clock is ahead of UTC; see [`viewer`]. What was drawn without knowing is fetched again.
fn tell_zone() {
    const YEAR_S: u32 = 31_536_000;
    let ahead = wall_time(now()).offset_minutes.to_string();
    let cookie = format!("{}={ahead}; Path=/; Max-Age={YEAR_S}; SameSite=Lax", viewer::COOKIE);
    // A browser that keeps no cookies is shown UTC.
    let _ = js_sys::Reflect::set(&dom::document(), &"cookie".into(), &cookie.into());
    if dom::find("[data-ahead]").is_some_and(|drawn| drawn.get_attribute("data-ahead") != Some(ahead)) {
        page::outdated();
    }
}

/// The viewer's clock.
pub(super) fn now() -> Timestamp {
    Timestamp::from_micros((js_sys::Date::now() * 1_000.0) as i64)
}

pub(super) fn paint() {
    let now = now();
    let wall_now = wall_time(now);
    for element in dom::all("time[data-say]") {
        let saying = element.get_attribute("data-say").as_deref().and_then(Saying::parse);
        let Some((at, saying)) = instant(&element, "datetime").zip(saying) else { continue };
        let wall = wall_time(at);
        dom::set_text(&element, &time::say(saying, at, now, &wall, &wall_now));
        dom::set_attribute(&element, "title", &wall.exact());
    }
    for element in dom::all("[data-since]") {
        if let Some(since) = instant(&element, "data-since") {
            dom::set_text(&element, &time::whole(now.since(since)));
        }
    }
}

/// Adds the moment to the title of what the pointer comes to. A list of cards has thousands of them, and few are looked at.
fn complete_title(event: &web_sys::MouseEvent) {
    let Some(element) = dom::closest(event, "[data-at]") else { return };
    if let Some((at, words)) = instant(&element, "data-at").zip(element.get_attribute("title")) {
        dom::set_attribute(&element, "title", &format!("{words}, {}", wall_time(at).exact()));
        // Removing an attribute cannot fail on an element.
        let _ = element.remove_attribute("data-at");
    }
}

pub(super) fn instant(element: &Element, name: &str) -> Option<Timestamp> {
    element.get_attribute(name)?.parse().ok()
}

/// The instant on the viewer's wall.
fn wall_time(at: Timestamp) -> WallTime {
    let date = js_sys::Date::new(&(at.as_micros() as f64 / 1_000.0).into());
    WallTime {
        year: i32::try_from(date.get_full_year()).unwrap_or(i32::MAX),
        month: date.get_month() + 1,
        day: date.get_date(),
        hour: date.get_hours(),
        minute: date.get_minutes(),
        second: date.get_seconds(),
        offset_minutes: -(date.get_timezone_offset() as i32),
    }
}
