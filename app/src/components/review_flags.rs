//! What people decided about a record: for editors as buttons that set and take away, for others as words.

use leptos::prelude::*;
use model::{
    ProjectId, Role,
    review::{ReviewFlag, ReviewedRecord},
};

use crate::components::{allowed::may, icon::Icon};

#[component]
pub fn ReviewFlags(
    project: ProjectId,
    /// What it is known by from run to run.
    record: String,
    /// What it is called on the page.
    name: String,
    #[prop(optional_no_strip)] reviewed: Option<ReviewedRecord>,
) -> impl IntoView {
    let has = |flag| reviewed.as_ref().is_some_and(|reviewed| reviewed.has(flag));
    if !may(Role::Editor, project) {
        let set: Vec<_> = ReviewFlag::ALL.into_iter().filter(|flag| has(*flag)).collect();
        let word = |flag: ReviewFlag| view! { <span class="chip" aria-current="true">{flag.label()}</span> };
        return view! { <div class="chips flags">{set.into_iter().map(word).collect_view()}</div> }.into_any();
    }
    let by = reviewed.as_ref().map(|reviewed| format!("Decided by {}", reviewed.by));
    let toggle = |flag: ReviewFlag| {
        let on = has(flag);
        view! {
            <form class="inline" method="post" action="/_fn/review_record">
                <input type="hidden" name="id" value=project.to_string()/>
                <input type="hidden" name="record" value=record.clone()/>
                <input type="hidden" name="flag" value=flag.as_str()/>
                <input type="hidden" name="on" value=(!on).to_string()/>
                <button
                    class="chip"
                    aria-pressed=on.to_string()
                    aria-label=format!("{}: {name}", flag.label())
                    title=by.clone().filter(|_| on)
                >
                    {on.then(|| Icon::Check.view())}
                    {flag.label()}
                </button>
            </form>
        }
    };
    view! { <div class="chips flags">{ReviewFlag::ALL.map(toggle).collect_view()}</div> }.into_any()
}
