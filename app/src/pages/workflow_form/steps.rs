//! Six boxes that always make one block: ticking a later step ticks the earlier ones, unticking an earlier one unticks
//! the later ones. Without JavaScript the server checks the same when the form is saved.

use leptos::{html, prelude::*};
use model::Step;

use super::field::{FieldProblem, Problems};
use crate::components::icon::Icon;

const COUNT: usize = Step::ALL.len();

#[component]
pub fn StepBoxes(problems: Problems, steps: Vec<Step>, later_start: bool) -> impl IntoView {
    let boxes: [NodeRef<html::Input>; COUNT] = std::array::from_fn(|_| NodeRef::new());
    let later = NodeRef::<html::Input>::new();
    let settle = move |changed: Option<usize>| {
        let Some(later_start) = later.get_untracked().map(|later| later.checked()) else { return };
        let ticked = boxes.map(|each| each.get_untracked().is_some_and(|each| each.checked()));
        for (each, tick) in boxes.iter().zip(settled(ticked, changed, later_start)) {
            if let Some(each) = each.get_untracked() {
                each.set_checked(tick);
            }
        }
    };
    let items = Step::ALL
        .into_iter()
        .enumerate()
        .map(|(place, step)| {
            view! {
                <label class="check step-box">
                    <input
                        type="checkbox"
                        name="step"
                        value=step.as_str()
                        checked=steps.contains(&step)
                        node_ref=boxes[place]
                        on:change=move |_| settle(Some(place))
                    />
                    {Icon::of_step(step).view()}
                    {step.label()}
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset id="steps" class="field" aria-describedby="steps-problem">
            <legend>"Steps"</legend>
            <div class="step-boxes">{items}</div>
            <FieldProblem problems field="steps"/>
            <details open=later_start>
                <summary class="help">"Start from a later step"</summary>
                <label class="check">
                    <input
                        type="checkbox"
                        name="later_start"
                        checked=later_start
                        node_ref=later
                        on:change=move |_| settle(None)
                    />
                    "The earlier steps are left out; the project’s latest results of them are used."
                </label>
            </details>
        </fieldset>
    }
    .into_any()
}

/// The boxes as one block, after the box at `changed` was pressed (`None`: the rule itself changed).
fn settled(mut ticked: [bool; COUNT], changed: Option<usize>, later_start: bool) -> [bool; COUNT] {
    if let Some(place) = changed.filter(|place| !ticked[*place]) {
        let was_first = !ticked[..place].contains(&true);
        if !(later_start && was_first) {
            ticked[place..].fill(false);
        }
    }
    let first = if later_start { ticked.iter().position(|tick| *tick) } else { Some(0) };
    if let (Some(first), Some(last)) = (first, ticked.iter().rposition(|tick| *tick)) {
        ticked[first..=last].fill(true);
    }
    ticked
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `x` is a ticked box.
    fn check(before: &str, changed: Option<usize>, later_start: bool, after: &str) {
        let read = |text: &str| -> [bool; COUNT] {
            let boxes: Vec<bool> = text.chars().map(|c| c == 'x').collect();
            boxes.try_into().expect("six boxes")
        };
        assert_eq!(settled(read(before), changed, later_start), read(after), "{before} {changed:?} {later_start}");
    }

    #[test]
    fn ticking_a_later_step_ticks_the_earlier_ones() {
        check("---x--", Some(3), false, "xxxx--");
        check("x----x", Some(5), false, "xxxxxx");
    }

    #[test]
    fn unticking_an_earlier_step_unticks_the_later_ones() {
        check("xx-xxx", Some(2), false, "xx----");
        check("-xxxxx", Some(0), false, "------");
    }

    #[test]
    fn a_block_may_begin_later_when_that_is_chosen() {
        check("-xxxxx", Some(0), true, "-xxxxx");
        check("---x-x", Some(5), true, "---xxx");
        check("---x-x", Some(4), true, "---x--");
        check("---xxx", None, false, "xxxxxx");
    }
}
