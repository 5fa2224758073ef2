//! What came of one action on several workflows.

use model::bulk::{BulkAction, BulkOutcome};

use super::counted;

/// Characters that a notice has room for.
const CHARS_MAX: usize = 380;

pub struct Told {
    pub text: String,
    pub any_refused: bool,
}

/// `Paused “A”, “B” and 3 more. Not “C”: it is …`. Names that do not fit are counted.
pub fn told(action: BulkAction, outcomes: &[(Option<String>, BulkOutcome)]) -> Told {
    let refused: Vec<_> = outcomes.iter().filter_map(|(name, it)| it.error.as_ref().map(|e| (name, e))).collect();
    let done: Vec<_> = outcomes.iter().filter(|(_, it)| it.error.is_none()).map(|(name, _)| name).collect();
    let verb = match action {
        BulkAction::Run => "Queued",
        BulkAction::Pause => "Paused",
        BulkAction::Resume => "Resumed",
    };
    let mut text = String::new();
    for (place, (name, error)) in refused.iter().enumerate() {
        let name = name.as_deref().unwrap_or("one of them");
        let sentence = format!("Not “{name}”: {error} ");
        if place > 0 && text.chars().count() + sentence.chars().count() > CHARS_MAX / 2 {
            text += &format!("Nor {} more. ", refused.len() - place);
            break;
        }
        text += &sentence;
    }
    if !done.is_empty() {
        let room = CHARS_MAX.saturating_sub(text.chars().count() + 30);
        text += &format!("{verb} {}.", list(&done, room));
    }
    Told { text: text.trim_end().to_owned(), any_refused: !refused.is_empty() }
}

/// Quoted names up to `room` characters, then how many there are beside them.
fn list(names: &[&Option<String>], room: usize) -> String {
    let mut text = String::new();
    for (place, name) in names.iter().enumerate() {
        let fits = name.as_deref().filter(|name| text.chars().count() + name.chars().count() + 4 <= room);
        let Some(name) = fits else {
            let rest = names.len() - place;
            return if place == 0 { counted(rest as u64, "workflow") } else { format!("{text} and {rest} more") };
        };
        if place > 0 {
            text += ", ";
        }
        text += &format!("“{name}”");
    }
    text
}

#[cfg(test)]
mod tests {
    use model::{Error, WorkflowId};

    use super::*;

    fn outcome(name: &str, error: Option<Error>) -> (Option<String>, BulkOutcome) {
        let workflow: WorkflowId = "01890000-0000-7000-8000-000000000000".parse().expect("an id");
        (Some(name.to_owned()), BulkOutcome { workflow, execution: None, error })
    }

    #[test]
    fn each_workflow_is_named_with_what_came_of_it() {
        let full = Error::Conflict { message: "100 wait already.".to_owned() };
        let told = told(BulkAction::Run, &[outcome("C", Some(full)), outcome("A", None), outcome("B", None)]);
        assert_eq!(told.text, "Not “C”: 100 wait already. Queued “A”, “B”.");
        assert!(told.any_refused);
    }

    #[test]
    fn names_that_do_not_fit_are_counted() {
        let many: Vec<_> = (0..200).map(|n| outcome(&format!("Nightly run of customer {n}"), None)).collect();
        let told = told(BulkAction::Pause, &many);
        assert!(told.text.starts_with("Paused “Nightly run of customer 0”, ") && told.text.ends_with(" more."));
        assert!(told.text.chars().count() <= CHARS_MAX);
    }
}
