//! What probabilistic definitions have learned: how much each level of each comparison says for or against a match.

use leptos::prelude::*;
use model::results::{MatchModel, ModelComparison, ModelLevel};

use crate::{components::icon::Icon, format::evidence};

#[component]
pub fn Models(models: Vec<MatchModel>) -> impl IntoView {
    if models.is_empty() {
        return view! {
            <section class="empty">
                {Icon::Profile.view()}
                <h2>"Nothing was learned"</h2>
                <p>
                    "All definitions of this project weigh their criteria as they were set by hand. A probabilistic definition \
                     learns from the records how much each agreement says; what it learned is shown here."
                </p>
            </section>
        }
        .into_any();
    }
    models.into_iter().map(|model| view! { <Model model/> }).collect_view().into_any()
}

#[component]
fn Model(model: MatchModel) -> impl IntoView {
    let MatchModel { name, threshold, threshold_bits, prior_bits, comparisons } = model;
    let most = comparisons.iter().flat_map(|part| &part.levels).map(|level| level.bits.abs()).fold(1.0, f64::max);
    let odds = evidence::odds(prior_bits);
    let id = format!("model-{}", name.replace(' ', "-"));
    view! {
        <section class="sheet stack" aria-labelledby=id.clone() data-key=id.clone()>
            <h2 id=id.clone()>{name}</h2>
            <p class="soft">
                {format!(
                    "Before anything is compared, {odds} match ({} bits). Each comparison adds what its level says; at {} bits \
                     a pair is a match with {threshold}\u{a0}% probability, which is what this definition asks for.",
                    evidence::added(prior_bits, 1),
                    evidence::added(threshold_bits, 1)
                )}
            </p>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Levels and what they say">
                <table class="table learned">
                    <thead>
                        <tr>
                            <th scope="col">"Compared"</th>
                            <th scope="col">"Level"</th>
                            <th scope="col" class="number">"Bits"</th>
                            <th scope="col" class="chart-cell"><span class="visually-hidden">"Drawn"</span></th>
                            <th scope="col" class="number" title="m: share of matches that reach this level">
                                "Of matches"
                            </th>
                            <th scope="col" class="number" title="u: share of other pairs that reach this level">
                                "Of others"
                            </th>
                        </tr>
                    </thead>
                    {comparisons.into_iter().map(|comparison| levels(comparison, most)).collect_view()}
                </table>
            </div>
        </section>
    }
    .into_any()
}

/// The surest level first.
fn levels(comparison: ModelComparison, most: f64) -> AnyView {
    let ModelComparison { columns, levels, by_frequency, repeats } = comparison;
    let count = levels.len();
    let mut name = Some(view! {
        <th scope="rowgroup" rowspan=count.to_string()>
            {columns}
            {by_frequency.then(|| view! { <small>"rare values say more"</small> })}
            {repeats.map(|other| view! { <small>{format!("says part of what {other} says")}</small> })}
        </th>
    });
    let row = |(place, level): (usize, ModelLevel)| {
        view! {
            <tr>
                {name.take()}
                <td>{evidence::level(place, count, level.similarity)}</td>
                <td class="number">{evidence::added(level.bits, 1)}</td>
                <td class="chart-cell">{evidence_bar(0.0, level.bits, -most, most, None)}</td>
                <td class="number">{evidence::share(level.m)}</td>
                <td class="number">{evidence::share(level.u)}</td>
            </tr>
        }
    };
    view! { <tbody>{levels.into_iter().enumerate().rev().map(row).collect_view()}</tbody> }.into_any()
}

/// A bar from one sum to the next on a line from `least` to `most`, with the sum that is needed.
pub fn evidence_bar(from: f64, to: f64, least: f64, most: f64, needed: Option<f64>) -> AnyView {
    let place = |value: f64| ((value - least) / (most - least).max(f64::MIN_POSITIVE) * 100.0).clamp(0.0, 100.0);
    let (start, end) = (place(from.min(to)), place(from.max(to)));
    let class = if to < from { "against" } else { "for" };
    let zero = format!("inset-inline-start:{:.1}%", place(0.0));
    let bar = format!("inset-inline-start:{start:.1}%;inline-size:{:.1}%", (end - start).max(0.6));
    let needed = needed.map(|needed| {
        view! { <i class="needed" style=format!("inset-inline-start:{:.1}%", place(needed))></i> }
    });
    view! {
        <span class="evidence" aria-hidden="true">
            <i class="zero" style=zero></i>
            {needed}
            {(start != end).then(|| view! { <i class=class style=bar></i> })}
        </span>
    }
    .into_any()
}
