//! What blocking proposes with the stored settings, before anything is compared: pairs of each key, its largest blocks, and
//! whether that is too much.

use leptos::{either::EitherOf4, prelude::*};
use model::{
    ProjectId,
    results::{Block, BlockingCount, BlockingEstimate},
};

use crate::{api::projects::BlockingSeen, components::icon::Icon, format};

/// From this share of the limit on it is said that it is near.
const NEAR: f64 = 0.5;

#[component]
pub fn BlockingPreview(id: ProjectId, seen: BlockingSeen) -> impl IntoView {
    let content = match seen {
        BlockingSeen::NotCleansed => EitherOf4::A(view! {
            <p class="soft">"Appears when the records were imported and cleansed once."</p>
        }),
        BlockingSeen::OnRequest(records) => EitherOf4::B(view! {
            <div class="row">
                <a class="button" href=format!("/projects/{id}?tab=configuration&estimate=now#blocking") data-in-place="">
                    "Estimate it"
                </a>
                <p class="soft">{format!("Takes a moment for {}.", format::counted(records, "record"))}</p>
            </div>
        }),
        BlockingSeen::Refused(problems) => EitherOf4::C(view! {
            <div class="cause">
                "With these settings nothing can be compared:"
                <ul>{problems.into_iter().map(|problem| view! { <li>{problem}</li> }).collect_view()}</ul>
            </div>
        }),
        BlockingSeen::Estimated(estimate) => EitherOf4::D(view! { <Estimate estimate/> }),
    };
    view! {
        <section class="sheet stack" aria-labelledby="blocking" data-key="blocking">
            <h2 id="blocking">"What blocking proposes"</h2>
            {content}
        </section>
    }
    .into_any()
}

#[component]
fn Estimate(estimate: BlockingEstimate) -> impl IntoView {
    let warning = match &estimate.refusal {
        Some(refusal) => Some(
            view! {
                <div class="cause" role="alert">{format!("Match would refuse to run: {refusal}")}</div>
            }
            .into_any(),
        ),
        None if estimate.pairs as f64 >= estimate.pairs_max as f64 * NEAR => Some(
            view! {
                <p class="state waiting">
                    {Icon::Alert.view()}
                    <span>{format!("This is {} of what Match takes.", share_of_limit(&estimate))}</span>
                </p>
            }
            .into_any(),
        ),
        None => None,
    };
    let most = estimate.keys.iter().map(|key| key.pairs_alone).max().unwrap_or(0).max(1);
    let words = format!(
        "{} of {} would be compared at most, of up to {} that Match takes. A pair that several keys propose is compared once, \
         so it may be fewer.",
        format::counted(estimate.pairs, "pair"),
        format::counted(estimate.records, "record"),
        format::rounded(estimate.pairs_max as f64)
    );
    view! {
        {warning}
        <p class="soft">{words}</p>
        <table class="table folding blocking">
            <thead>
                <tr>
                    <th scope="col">"Key"</th>
                    <th scope="col" class="number">"Pairs"</th>
                    <th scope="col" class="chart-cell"><span class="visually-hidden">"Drawn"</span></th>
                    <th scope="col" class="number">"Largest block"</th>
                    <th scope="col" class="number">"Left out"</th>
                </tr>
            </thead>
            {estimate.keys.into_iter().map(|key| view! { <Key key most/> }).collect_view()}
        </table>
    }
    .into_any()
}

fn share_of_limit(estimate: &BlockingEstimate) -> String {
    format::percent(estimate.pairs as f64 / estimate.pairs_max.max(1) as f64)
}

#[component]
fn Key(key: BlockingCount, most: u64) -> impl IntoView {
    let BlockingCount { key: name, largest_block, pairs_alone, blocks_left_out, largest_blocks, .. } = key;
    let share = pairs_alone as f64 / most as f64 * 100.0;
    let left_out = match blocks_left_out {
        0 => None,
        blocks => Some(view! { <span class="waiting">{format::counted(blocks, "block")}</span> }),
    };
    let blocks = (!largest_blocks.is_empty()).then(|| {
        view! {
            <tr class="detail-row">
                <td colspan="5">
                    <details data-key=format!("blocks of {name}")>
                        <summary class="soft">"Largest blocks"</summary>
                        <ul class="rows soft">{largest_blocks.into_iter().map(block).collect_view()}</ul>
                    </details>
                </td>
            </tr>
        }
    });
    view! {
        <tbody data-key=name.clone()>
            <tr>
                <td class="lead">{name.clone()}</td>
                <td class="number" data-name="Pairs">{format::number(pairs_alone)}</td>
                <td class="chart-cell">
                    <span class="share" aria-hidden="true">
                        <span class="track"><span style:width=format!("{share:.1}%")></span></span>
                    </span>
                </td>
                <td class="number" data-name="Largest block">{format::counted(largest_block, "record")}</td>
                <td class="number" data-name="Left out">{left_out}</td>
            </tr>
            {blocks}
        </tbody>
    }
    .into_any()
}

fn block(block: Block) -> impl IntoView {
    let Block { value, records, pairs, left_out } = block;
    let words = format!("{}, {}", format::counted(records, "record"), format::counted(pairs, "pair"));
    view! {
        <li>
            <code>{value}</code>
            <span>{words} {left_out.then(|| view! { " · " <span class="waiting">"too large, left out"</span> })}</span>
        </li>
    }
}
