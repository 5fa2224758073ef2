//! The few things that only a browser knows. Nothing here may be called while rendering on the server or before
//! hydration: call it from effects and event handlers.

use leptos::prelude::window;
use model::Timestamp;

use crate::format::time::WallTime;

/// The viewer's clock.
pub fn now() -> Timestamp {
    Timestamp::from_micros((js_sys::Date::now() * 1_000.0) as i64)
}

/// The instant on the viewer's wall.
pub fn wall_time(at: Timestamp) -> WallTime {
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

/// 0 ≤ number < 1, for spreading reconnects.
pub fn random() -> f64 {
    js_sys::Math::random()
}

/// Loads the page anew, as it is needed after an upgrade of the server.
pub fn reload() {
    // Fails only where a sandboxed frame forbids navigation; then the reader can still reload by hand.
    let _ = window().location().reload();
}

/// Address of the live feed on the host that served this page.
pub fn events_url() -> Option<String> {
    let location = window().location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    Some(format!("{scheme}://{}/api/v1/events", location.host().ok()?))
}

/// Whether the page is in front of someone.
pub fn is_visible() -> bool {
    !leptos::prelude::document().hidden()
}
