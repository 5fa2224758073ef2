//! What groups and pairs are narrowed to: the fields above the lists, and the address that holds them.

use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use model::{
    ProjectId, limits,
    results::{Band, MatchQuery},
};

use crate::{
    api::matches::Matched,
    components::filters::{self, Choice, text},
};

/// The parts of the address that say what is listed.
const FIELDS: [&str; 6] = ["view", "definition", "band", "source", "text", "weak"];

pub fn of(query: &ParamsMap) -> MatchQuery {
    let number = |name: &str| text(query, name).and_then(|text| text.parse().ok());
    MatchQuery {
        definition: text(query, "definition").and_then(|index| index.parse().ok()),
        band: text(query, "band").as_deref().and_then(Band::parse),
        source: text(query, "source"),
        text: text(query, "text"),
        weak: text(query, "weak").map(|_| true),
        cursor: number("cursor"),
        limit: Some(limits::MATCHES_SHOWN),
    }
}

/// The address of this list, at `cursor` or at its first page.
pub fn address(id: ProjectId, query: &ParamsMap, cursor: Option<u64>) -> String {
    let cursor = cursor.map(|cursor| cursor.to_string());
    filters::address(&format!("/projects/{id}/matches"), &FIELDS, query, cursor)
}

#[component]
pub fn Narrowing(id: ProjectId, matched: Matched, query: ParamsMap, of_groups: bool) -> impl IntoView {
    let Matched { summary, definitions, .. } = matched;
    let count = |band: Band| {
        let place = Band::ALL.iter().position(|known| *known == band).unwrap_or_default();
        summary.bands.get(place).copied().unwrap_or_default()
    };
    // Those in which there is something.
    let bands = Band::ALL.into_iter().filter(|band| count(*band) > 0);
    let bands =
        bands.map(|band| (band.as_str().to_owned(), format!("{} (from {})", band.label(), band.least()))).collect();
    let definitions: Vec<(String, String)> =
        definitions.into_iter().enumerate().map(|(index, name)| (index.to_string(), name)).collect();
    let definitions = (definitions.len() > 1).then(|| {
        view! { <Choice query=query.clone() name="definition" label="Definition" options=definitions/> }
    });
    let sources: Vec<(String, String)> =
        summary.sources.iter().map(|source| (source.name.clone(), source.name.clone())).collect();
    let sources = (sources.len() > 1).then(|| {
        view! { <Choice query=query.clone() name="source" label="Source" options=sources/> }
    });
    let weak = (of_groups && summary.weak_links > 0).then(|| {
        let checked = query.get("weak").is_some();
        view! {
            <label class="check">
                <input type="checkbox" name="weak" value="true" checked=checked/>
                "Held together by one pair"
            </label>
        }
    });
    view! {
        <form method="get" action=format!("/projects/{id}/matches") class="filters" role="search" data-in-place="">
            {query.get("view").map(|view| view! { <input type="hidden" name="view" value=view/> })}
            <Choice query=query.clone() name="band" label="Band" options=bands/>
            {definitions}
            {sources}
            <div class="field wide">
                <label for="text">"Text in a record"</label>
                <input id="text" type="search" name="text" value=query.get("text").unwrap_or_default()/>
            </div>
            {weak}
            <button class="button" type="submit">"Filter"</button>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_what_is_listed() {
        let pairs =
            [("view", "pairs"), ("band", "high"), ("text", "hull"), ("weak", "true"), ("cursor", "40"), ("x", "y")];
        let query: ParamsMap = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let asked = of(&query);
        assert_eq!((asked.band, asked.weak, asked.cursor), (Some(Band::High), Some(true), Some(40)));
        let id: ProjectId = "01890000-0000-7000-8000-000000000000".parse().expect("an id");
        let next = format!("/projects/{id}/matches?view=pairs&band=high&text=hull&weak=true&cursor=60");
        assert_eq!(address(id, &query, Some(60)), next);
        assert!(asked.is_narrowed() && !of(&ParamsMap::new()).is_narrowed());
    }
}
