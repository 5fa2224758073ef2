//! What the filters above lists share: the address that holds them, and their fields.

use std::time::Duration;

use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use model::Timestamp;

use crate::viewer::Wall;

const DAY: Duration = Duration::from_secs(86_400);

/// What the address says here; blanks say nothing.
pub fn text(query: &ParamsMap, name: &str) -> Option<String> {
    query.get(name).filter(|text| !text.trim().is_empty())
}

/// The start of a day as a date field writes it, on the viewer's wall.
pub(crate) fn midnight(day: &str, wall: Wall) -> Option<Timestamp> {
    format!("{day}T00:00:00Z").parse().ok().map(|shown| wall.instant(shown))
}

/// From when to when the two [`day_fields`] say; both days are included.
pub(crate) fn days(query: &ParamsMap, wall: Wall) -> (Option<Timestamp>, Option<Timestamp>) {
    let day = |name: &str| text(query, name).and_then(|day| midnight(&day, wall));
    (day("from"), day("to").map(|start| start.plus(DAY)))
}

/// The address of a list with these of its fields, at `cursor` or at its newest page.
pub fn address(path: &str, fields: &[&str], query: &ParamsMap, cursor: Option<String>) -> String {
    let mut kept = ParamsMap::new();
    for &name in fields {
        if let Some(value) = query.get(name).filter(|value| !value.is_empty()) {
            kept.insert(name.to_owned(), value);
        }
    }
    if let Some(cursor) = cursor {
        kept.insert("cursor", cursor);
    }
    format!("{path}{}", kept.to_query_string())
}

/// One of these, or all.
#[component]
pub fn Choice(
    query: ParamsMap,
    name: &'static str,
    label: &'static str,
    /// Values and what is shown for them.
    options: Vec<(String, String)>,
) -> impl IntoView {
    let chosen = query.get(name).unwrap_or_default();
    let option = |(value, label): (String, String)| {
        let selected = chosen == value;
        view! { <option value=value selected=selected>{label}</option> }
    };
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select id=name name=name>
                <option value="">"All"</option>
                {options.into_iter().map(option).collect_view()}
            </select>
        </div>
    }
    .into_any()
}

/// The two fields that [`days`] reads.
pub(crate) fn day_fields(query: &ParamsMap, wall: Wall) -> AnyView {
    [("from", "From"), ("to", "To")]
        .map(|(name, label)| {
            view! {
                <div class="field">
                    <label for=name>{format!("{label} ({})", wall.name())}</label>
                    <input id=name type="date" name=name value=query.get(name)/>
                </div>
            }
        })
        .collect_view()
        .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_days_are_included() {
        let query: ParamsMap = [("from", "2026-11-20"), ("to", "2026-11-20")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect();
        let (from, to) = days(&query, Wall::ahead(60));
        assert_eq!(from.map(|at| at.to_string()).as_deref(), Some("2026-11-19T23:00:00.000000Z"));
        assert_eq!(to.zip(from).map(|(to, from)| to.since(from)), Some(DAY));
    }

    #[test]
    fn the_address_keeps_what_belongs_to_the_filter() {
        let query: ParamsMap = [("status", "failed"), ("q", ""), ("open", "x"), ("cursor", "old")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect();
        assert_eq!(address("/executions", &["status", "q"], &query, None), "/executions?status=failed");
        let older = address("/executions", &["status", "q"], &query, Some("older".to_owned()));
        assert_eq!(older, "/executions?status=failed&cursor=older");
    }
}
