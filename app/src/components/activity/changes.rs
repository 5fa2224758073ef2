//! What changed: each field with what it was, struck out, and what it is.

use leptos::prelude::*;
use model::{activity::FieldChange, project::ProjectName};
use serde_json::Value;

use crate::format::{
    self,
    activity::{field, is_item, value},
};

/// So many are read at a glance; of more, the first, and the rest when asked for.
const SHOWN_AT_ONCE: usize = 6;

/// `more` are further ones, which are not in the log; of something new there is no before.
pub(super) fn changes_of(changes: Vec<FieldChange>, more: u32, is_new: bool, projects: &[ProjectName]) -> AnyView {
    if changes.is_empty() {
        return ().into_any();
    }
    let mut first = changes;
    // To unfold one line is no gain.
    let rest = if first.len() > SHOWN_AT_ONCE + 1 { first.split_off(SHOWN_AT_ONCE) } else { Vec::new() };
    let left_out = (more > 0).then(|| {
        let fields = format::counted(u64::from(more), "more field");
        view! { <p class="soft">{format!("and {fields}, which the log does not list")}</p> }
    });
    let folded = match rest.is_empty() {
        true => left_out.into_any(),
        false => {
            let words = format::counted(rest.len() as u64 + u64::from(more), "more change");
            view! {
                <details>
                    <summary class="soft">{words}</summary>
                    {list(rest, is_new, projects)}
                    {left_out}
                </details>
            }
            .into_any()
        }
    };
    view! { <div class="changes">{list(first, is_new, projects)} {folded}</div> }.into_any()
}

fn list(changes: Vec<FieldChange>, is_new: bool, projects: &[ProjectName]) -> impl IntoView + use<> {
    let row = |change: FieldChange| {
        let name = match field(&change.field) {
            Some(name) => name.into_any(),
            None => view! { <code>{change.field.clone()}</code> }.into_any(),
        };
        let (before, after) =
            (value(&change.field, &change.before, projects), value(&change.field, &change.after, projects));
        let values = match (&change.before, &change.after) {
            (Value::Null, _) if is_new => after.into_any(),
            (Value::Null, _) if is_item(&change.field) => view! { "added " <ins>{after}</ins> }.into_any(),
            (_, Value::Null) if is_item(&change.field) => view! { "removed " <del>{before}</del> }.into_any(),
            _ => view! {
                <span class="visually-hidden">"from "</span>
                <del>{before}</del>
                <span class="visually-hidden">" to "</span>
                <ins>{after}</ins>
            }
            .into_any(),
        };
        view! { <div><dt>{name}</dt><dd>{values}</dd></div> }
    };
    view! { <dl>{changes.into_iter().map(row).collect_view()}</dl> }
}
