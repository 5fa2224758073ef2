//! Six boxes that always make one block: ticking a later step ticks the earlier ones, unticking an earlier one unticks
//! the later ones. The page draws the boxes; only the rule is here.

use leptos::{ev, prelude::*, wasm_bindgen::JsCast as _};
use model::Step;
use web_sys::{Element, HtmlInputElement};

const COUNT: usize = Step::ALL.len();

/// `children` hold the boxes, named `step`, in order, and the one that allows a later start, named `later_start`.
#[island]
pub fn StepBoxes(children: Children) -> impl IntoView {
    view! {
        <div class="stack" on:change=settle>
            {children()}
        </div>
    }
}

fn settle(event: ev::Event) {
    let Some(around) = event.current_target().and_then(|around| around.dyn_into::<Element>().ok()) else { return };
    let boxes = inputs(&around, "[name=step]");
    let Ok(ticked) = boxes.iter().map(HtmlInputElement::checked).collect::<Vec<_>>().try_into() else { return };
    let later_start = inputs(&around, "[name=later_start]").iter().any(HtmlInputElement::checked);
    let changed = boxes.iter().position(|each| event.target().as_ref() == Some(each.as_ref()));
    for (each, tick) in boxes.iter().zip(settled(ticked, changed, later_start)) {
        each.set_checked(tick);
    }
}

fn inputs(around: &Element, selector: &str) -> Vec<HtmlInputElement> {
    let Ok(found) = around.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|place| found.get(place)?.dyn_into().ok()).collect()
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
