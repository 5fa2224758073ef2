//! Fits a newly rendered element into the document and changes nothing that did not change, so that focus, selection,
//! scrolling and what is open stay as they are.
//!
//! Elements are told apart by `id` or `data-key`, others by their place. What a person typed or chose is theirs: only
//! attributes are written, and a browser shows a field's attribute only until the field is touched.

use wasm_bindgen::JsCast;
use web_sys::{Element, Node};

use super::forms;

/// Attributes that the browser side writes or the reader changes.
const KEPT: [&str; 2] = ["open", "data-hydrated"];

/// `sender` is the form that the new rendering answers.
pub(super) fn morph(old: &Element, new: &Element, sender: Option<&Element>) {
    if old.is_equal_node(Some(new)) || is_left_alone(old, new, sender) {
        return;
    }
    attributes(old, new);
    children(old, new, sender);
}

fn is_left_alone(old: &Element, new: &Element, sender: Option<&Element>) -> bool {
    let same = |name: &str| old.get_attribute(name) == new.get_attribute(name);
    match old.local_name().as_str() {
        "leptos-island" => same("data-component"),
        // The words are the viewer's own; they follow from these two.
        "time" => same("datetime") && same("data-say"),
        // What was typed belongs to the version that the form started from: only its own answer may raise that.
        "form" => old.has_attribute("data-guard") && sender != Some(old) && forms::has_changes(),
        _ => old.has_attribute("data-keep"),
    }
}

fn attributes(old: &Element, new: &Element) {
    for name in new.get_attribute_names().iter().filter_map(|name| name.as_string()) {
        if !KEPT.contains(&name.as_str())
            && let Some(value) = new.get_attribute(&name)
        {
            super::dom::set_attribute(old, &name, &value);
        }
    }
    for name in old.get_attribute_names().iter().filter_map(|name| name.as_string()) {
        if !KEPT.contains(&name.as_str()) && !new.has_attribute(&name) {
            // Removing an attribute cannot fail on an element.
            let _ = old.remove_attribute(&name);
        }
    }
}

fn children(old: &Element, new: &Element, sender: Option<&Element>) {
    let mut at = old.first_child();
    let mut coming = new.first_child();
    while let Some(wanted) = coming {
        coming = wanted.next_sibling();
        match find(at.as_ref(), &wanted) {
            Some(known) => {
                at = drop_between(old, at, &known, coming.as_ref());
                if at.as_ref() == Some(&known) {
                    at = known.next_sibling();
                } else {
                    insert(old, &known, at.as_ref());
                }
                fit(&known, &wanted, sender);
            }
            None => insert(old, &wanted, at.as_ref()),
        }
    }
    while let Some(gone) = at {
        at = gone.next_sibling();
        remove(old, &gone);
    }
}

/// Removes what stands before `known` and does not come again, and gives what is left at that place: `known` itself, as
/// a rule. An element that is moved loses the focus, so what is gone goes rather than what stays.
fn drop_between(parent: &Element, at: Option<Node>, known: &Node, coming: Option<&Node>) -> Option<Node> {
    let mut stays = None;
    let mut next = at;
    while let Some(node) = next.filter(|node| node != known) {
        next = node.next_sibling();
        if key(&node).is_some_and(|key| comes(coming, &key)) {
            stays.get_or_insert(node);
        } else {
            remove(parent, &node);
        }
    }
    stays.or_else(|| Some(known.clone()))
}

/// Whether an element with this key is among `coming` and those after it.
fn comes(coming: Option<&Node>, key: &str) -> bool {
    let mut next = coming.cloned();
    while let Some(node) = next {
        if self::key(&node).as_deref() == Some(key) {
            return true;
        }
        next = node.next_sibling();
    }
    false
}

/// Only what is no child of `parent` could not be removed.
fn remove(parent: &Element, node: &Node) {
    let _ = parent.remove_child(node);
}

/// Neither a cycle nor a foreign `before` can occur here, the two reasons for which inserting fails.
fn insert(parent: &Element, node: &Node, before: Option<&Node>) {
    let _ = parent.insert_before(node, before);
}

fn fit(known: &Node, wanted: &Node, sender: Option<&Element>) {
    if let (Some(known), Some(wanted)) = (known.dyn_ref::<Element>(), wanted.dyn_ref::<Element>()) {
        morph(known, wanted, sender);
    } else if known.node_value() != wanted.node_value() {
        known.set_node_value(wanted.node_value().as_deref());
    }
}

/// The node from `at` on that becomes `wanted`: the one with its key; without one the next that looks alike.
fn find(at: Option<&Node>, wanted: &Node) -> Option<Node> {
    let key = key(wanted);
    let fits = |node: &Node| node.node_name() == wanted.node_name() && self::key(node) == key;
    let first = at?;
    if fits(first) && (key.is_some() || class(first) == class(wanted)) {
        return Some(first.clone());
    }
    let mut next = first.next_sibling();
    while let Some(node) = next {
        if fits(&node) && node.node_type() == Node::ELEMENT_NODE && class(&node) == class(wanted) {
            return Some(node);
        }
        next = node.next_sibling();
    }
    // Nothing looks alike: the one in this place changes its looks, if it has no name of its own.
    fits(first).then(|| first.clone())
}

fn key(node: &Node) -> Option<String> {
    let element = node.dyn_ref::<Element>()?;
    element.get_attribute("data-key").or_else(|| element.get_attribute("id"))
}

/// The first class: the one that says what an element is; others say how it is.
fn class(node: &Node) -> Option<String> {
    let classes = node.dyn_ref::<Element>()?.get_attribute("class")?;
    classes.split(' ').next().map(str::to_owned)
}
