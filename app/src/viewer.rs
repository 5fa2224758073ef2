//! Where the viewer's clock stands. The server draws days in UTC until the browser has told, in a cookie, how far ahead of
//! UTC its clock is; from then on a day is one of the viewer's.
//!
//! The distance is that of now: beyond the next change of daylight saving, a line in time is an hour off and says so, since
//! it names the distance.

/// Minutes that the browser's clock is ahead of UTC.
pub(crate) const COOKIE: &str = "millrace-ahead";

#[cfg(feature = "ssr")]
pub(crate) use server::Wall;

#[cfg(feature = "ssr")]
mod server {
    use model::Timestamp;

    use super::COOKIE;
    use crate::{cookie, format::time};

    /// No zone is further from UTC than this.
    const AHEAD_MAX_MINUTES: i32 = 14 * 60;

    /// The viewer's wall: instants as it shows them. What it shows is kept as if it were an instant of UTC, so that the same
    /// arithmetic serves both.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(crate) struct Wall {
        ahead_minutes: i32,
    }

    impl Wall {
        /// As the browser told with this request.
        pub(crate) fn of_viewer() -> Self {
            let told = cookie::read(COOKIE).and_then(|minutes| minutes.parse().ok());
            Self::ahead(told.unwrap_or_default())
        }

        pub(crate) fn ahead(minutes: i32) -> Self {
            Self { ahead_minutes: minutes.clamp(-AHEAD_MAX_MINUTES, AHEAD_MAX_MINUTES) }
        }

        /// What the wall shows at that instant.
        pub(crate) fn shows(self, at: Timestamp) -> Timestamp {
            Timestamp::from_micros(at.as_micros() + self.micros())
        }

        /// The instant at which the wall shows that.
        pub(crate) fn instant(self, shown: Timestamp) -> Timestamp {
            Timestamp::from_micros(shown.as_micros() - self.micros())
        }

        /// For the attribute that tells the browser which clock something was drawn for.
        pub(crate) fn ahead_minutes(self) -> i32 {
            self.ahead_minutes
        }

        /// `UTC+01:00`
        pub(crate) fn name(self) -> String {
            time::zone(self.ahead_minutes)
        }

        /// `22 Nov 2026 15:02 UTC+01:00`
        pub(crate) fn say(self, at: Timestamp) -> String {
            let text = time::utc(self.shows(at));
            format!("{} {}", text.trim_end_matches(" UTC"), self.name())
        }

        fn micros(self) -> i64 {
            i64::from(self.ahead_minutes) * 60_000_000
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn an_instant_is_told_as_the_wall_shows_it() {
            let at: Timestamp = "2026-11-22T23:30:00Z".parse().expect("a time");
            let wall = Wall::ahead(60);
            assert_eq!(wall.say(at), "23 Nov 2026 00:30 UTC+01:00");
            assert_eq!(wall.instant(wall.shows(at)), at);
            assert_eq!(Wall::ahead(-210).name(), "UTC-03:30");
            assert_eq!(Wall::default().say(at), "22 Nov 2026 23:30 UTC");
        }
    }
}
