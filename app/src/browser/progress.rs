//! Progress of running executions between two renderings: it moves several times a second and is in no snapshot.

use std::cell::RefCell;

use model::{ExecutionId, Step, event::Progress, execution::Execution};
use web_sys::Element;

use super::{clock, dom, feed};
use crate::format::execution::{self as words, Meter};

thread_local! {
    /// The newest sample of each execution that runs, as far as this page knows.
    static SAMPLES: RefCell<Vec<Progress>> = const { RefCell::new(Vec::new()) };
    /// What was heard of executions, with the number of the event: a page that was rendered before it must not take it
    /// back.
    static HEARD: RefCell<Vec<(i64, Execution)>> = const { RefCell::new(Vec::new()) };
}

pub(super) fn sampled(sample: Progress) {
    SAMPLES.with_borrow_mut(|samples| {
        samples.retain(|known| known.execution != sample.execution);
        show(&sample);
        samples.push(sample);
    });
}

/// The execution moved on: its meter follows at once, and progress of another step is history.
pub(super) fn changed(number: i64, execution: &Execution) {
    let running = words::running_step(execution);
    SAMPLES.with_borrow_mut(|samples| {
        samples.retain(|known| known.execution != execution.id || Some(known.step) == running);
    });
    HEARD.with_borrow_mut(|heard| {
        heard.retain(|(_, known)| known.id != execution.id);
        heard.push((number, execution.clone()));
    });
    show_steps(execution);
}

fn show_steps(execution: &Execution) {
    if execution.status.is_active() {
        wake(execution);
    }
    let meter = Meter::of(execution);
    for element in of("data-meter", execution.id) {
        dom::set_attribute(&element, "aria-label", &meter.label);
        let mut segment = element.first_element_child();
        for class in meter.classes {
            let Some(element) = segment else { break };
            if element.get_attribute("class").as_deref() != Some(class) {
                dom::set_attribute(&element, "class", class);
                dom::set_attribute(&element, "style", &words::bar_style(class));
            }
            segment = element.next_element_sibling();
        }
    }
    if let Some(step) = words::running_step(execution) {
        for element in of("data-progress", execution.id) {
            say(&element, "b", step.label());
            say(&element, "span", "");
        }
    }
}

/// The place for a run that the page does not know of yet.
fn wake(execution: &Execution) {
    let id = execution.id.to_string();
    for place in dom::all(&format!("[data-steps-of=\"{}\"][hidden]", execution.workflow_id)) {
        let Some(template) = dom::find("#live-steps") else { return };
        place.set_inner_html(&template.inner_html());
        for (selector, name) in [(".step-meter", "data-meter"), (".progress-line", "data-progress")] {
            if let Some(part) = place.query_selector(selector).ok().flatten() {
                dom::set_attribute(&part, name, &id);
            }
        }
        // Removing an attribute cannot fail on an element.
        let _ = place.remove_attribute("hidden");
    }
}

/// Shows what is known beyond the page that was just rendered.
pub(super) fn paint() {
    let rendered = feed::watched().after.unwrap_or(i64::MAX);
    HEARD.with_borrow_mut(|heard| {
        heard.retain(|(number, _)| *number > rendered);
        heard.iter().for_each(|(_, execution)| show_steps(execution));
    });
    SAMPLES.with_borrow(|samples| samples.iter().for_each(show));
}

fn show(sample: &Progress) {
    let id = sample.execution;
    for meter in of("data-meter", id) {
        if let (Some(fraction), Some(segment)) = (sample.fraction, segment(&meter, sample.step)) {
            dom::set_attribute(&segment, "style", &words::done_style(fraction));
        }
    }
    for line in of("data-progress", id) {
        let text = words_at(sample, &line);
        say(&line, "b", sample.step.label());
        say(&line, "span", &if text.is_empty() { text } else { format!(" · {text}") });
    }
    for element in of("data-words", id) {
        if element.get_attribute("data-step").as_deref() == Some(sample.step.as_str()) {
            dom::set_text(&element, &words_at(sample, &element));
        }
    }
}

fn words_at(sample: &Progress, element: &Element) -> String {
    words::progress(sample, clock::instant(element, "data-started"), Some(clock::now()))
}

fn of(attribute: &str, id: ExecutionId) -> Vec<Element> {
    dom::all(&format!("[{attribute}=\"{id}\"]"))
}

fn segment(meter: &Element, step: Step) -> Option<Element> {
    meter.query_selector(&format!(".now[data-step={}]", step.as_str())).ok().flatten()
}

fn say(line: &Element, part: &str, text: &str) {
    if let Some(part) = line.query_selector(part).ok().flatten() {
        dom::set_text(&part, text);
    }
}
