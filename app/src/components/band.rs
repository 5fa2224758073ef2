//! How sure a match is: word, shape and colour, with the score.

use leptos::prelude::*;
use model::results::Band;

const fn class(band: Band) -> &'static str {
    match band {
        Band::Excellent => "excellent",
        Band::High => "high",
        Band::Good => "good",
        Band::Moderate => "moderate",
        Band::Low | Band::Poor => "low",
    }
}

/// `▮▮▮▮▯ High 93.1`
#[component]
pub fn BandBadge(score: f64) -> impl IntoView {
    let band = Band::of(score);
    view! {
        <span class=format!("band {}", class(band))>
            <span class="level" style=format!("--score:{score:.1}%") aria-hidden="true"></span>
            <b>{band.label()}</b>
            " "
            <span class="number">{format!("{score:.1}")}</span>
        </span>
    }
    .into_any()
}
