//! A value beside one that it is compared with: what differs is marked by an element, so that it is heard and printed, too.

use leptos::prelude::*;

use crate::format::difference::parts;

/// The content of a cell. `other` is what most or the other has; nothing is marked where there is none.
pub fn compared(value: Option<&str>, other: Option<&str>) -> AnyView {
    let (Some(value), Some(other)) = (value, other) else {
        return match value {
            Some(value) => value.to_owned().into_any(),
            None => view! { <span class="nothing">"empty"</span> }.into_any(),
        };
    };
    if value == other {
        return value.to_owned().into_any();
    }
    let (start, own, end) = parts(value, other);
    if own.is_empty() {
        // It lacks what the other has.
        return view! { <mark class="lacks">{value.to_owned()}</mark> }.into_any();
    }
    view! { {start.to_owned()} <mark>{own.to_owned()}</mark> {end.to_owned()} }.into_any()
}
