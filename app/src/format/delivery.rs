//! What came of a test of recipients, in the few words of a notice.

use model::delivery::{DeliveryStatus, TestOutcome};

use super::{counted, recipient};

/// Characters that a notice has room for.
const CHARS_MAX: usize = 380;

pub struct Tested {
    pub text: String,
    pub any_refused: bool,
}

/// `Not ann@example.com: no such mailbox. The test reached 2 recipients.` Those that do not fit are counted.
pub fn tested(outcomes: &[TestOutcome]) -> Tested {
    let refused: Vec<&TestOutcome> =
        outcomes.iter().filter(|outcome| outcome.status != DeliveryStatus::Delivered).collect();
    let mut text = String::new();
    for (place, outcome) in refused.iter().enumerate() {
        let sentence = format!("{} ", sentence(outcome));
        if place > 0 && text.chars().count() + sentence.chars().count() > CHARS_MAX - 60 {
            text += &format!("Nor {} more. ", refused.len() - place);
            break;
        }
        text.extend(sentence.chars().take(CHARS_MAX - 60));
    }
    match (outcomes.len() - refused.len(), outcomes) {
        (0, _) => {}
        (1, [only]) => text += &format!("The test reached {}.", recipient(&only.recipient)),
        (reached, _) => text += &format!("The test reached {}.", counted(reached as u64, "recipient")),
    }
    Tested { text: text.trim_end().to_owned(), any_refused: !refused.is_empty() }
}

fn sentence(outcome: &TestOutcome) -> String {
    let not = match outcome.status {
        DeliveryStatus::Unknown => "Perhaps not",
        DeliveryStatus::Failed | DeliveryStatus::Delivered | DeliveryStatus::Waiting | DeliveryStatus::Sending => "Not",
    };
    let why = outcome.error.as_deref().unwrap_or("nobody knows why").trim_end_matches('.');
    format!("{not} {}: {why}.", recipient(&outcome.recipient))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(recipient: &str, status: DeliveryStatus, error: Option<&str>) -> TestOutcome {
        TestOutcome { recipient: recipient.to_owned(), status, error: error.map(ToOwned::to_owned) }
    }

    #[test]
    fn what_did_not_arrive_comes_first_with_the_reason() {
        let told = tested(&[
            outcome("ann@example.com", DeliveryStatus::Delivered, None),
            outcome("https://hooks.example.com/secret", DeliveryStatus::Failed, Some("The answer was 404 Not Found.")),
            outcome("bob@example.com", DeliveryStatus::Unknown, Some("There was no answer within 20 s.")),
        ]);
        let expected = "Not a webhook at hooks.example.com: The answer was 404 Not Found. \
                        Perhaps not bob@example.com: There was no answer within 20 s. The test reached 1 recipient.";
        assert_eq!((told.text.as_str(), told.any_refused), (expected, true));
        let one = tested(&[outcome("ann@example.com", DeliveryStatus::Delivered, None)]);
        assert_eq!((one.text.as_str(), one.any_refused), ("The test reached ann@example.com.", false));
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let many: Vec<_> = (0..50)
            .map(|n| outcome(&format!("person-{n}@example.com"), DeliveryStatus::Failed, Some(&"no room ".repeat(10))))
            .collect();
        let told = tested(&many);
        assert!(told.text.ends_with(" more.") && told.text.chars().count() <= CHARS_MAX, "{}", told.text);
        let long = tested(&[outcome("ann@example.com", DeliveryStatus::Failed, Some(&"no room ".repeat(100)))]);
        assert!(long.text.chars().count() <= CHARS_MAX);
    }
}
