//! Instants and time spans on the page. The server writes the exact time in UTC, which reads without JavaScript too; the
//! browser replaces it by what a person wants to know, with the exact local time on hover.

use leptos::prelude::*;
use model::Timestamp;

use crate::{browser, components::clock::use_clock, format::time};

/// What is said of an instant once the viewer's clock is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Saying {
    /// `12 s ago`, `in 11 h 4 m`
    #[default]
    Distance,
    /// `Today 14:02`
    Moment,
    /// `in 11 h 4 m · Tomorrow 02:00`; `due` once it is reached.
    Due,
}

#[component]
pub fn Time(#[prop(into)] at: Signal<Timestamp>, #[prop(optional)] saying: Saying) -> impl IntoView {
    let clock = use_clock();
    let text = move || {
        let at = at.get();
        let Some(now) = clock.now() else { return time::utc(at) };
        let moment = || browser::wall_time(at).near(&browser::wall_time(now));
        match saying {
            Saying::Distance => time::relative(at, now),
            Saying::Moment => moment(),
            Saying::Due if at <= now => format!("due · {}", moment()),
            Saying::Due => format!("{} · {}", time::relative(at, now), moment()),
        }
    };
    // Once hydrated the title does not depend on the second, only on the instant.
    let hydrated = Memo::new(move |_| clock.now().is_some());
    let title = move || hydrated.get().then(|| browser::wall_time(at.get()).exact());
    view! { <time datetime=move || at.get().to_string() title=title>{text}</time> }
}

/// Time since `since`, counting: `12 s`. Only a word until the viewer's clock is known.
#[component]
pub fn Elapsed(#[prop(into)] since: Signal<Timestamp>) -> impl IntoView {
    let clock = use_clock();
    move || clock.now().map_or_else(|| "running".to_owned(), |now| time::whole(now.since(since.get())))
}
