//! What parsers make of names and addresses, by example.

use super::*;

fn parts(prepare: Prepare<PartsKernel>, count: usize, value: &str) -> Option<String> {
    let kernel = prepare(&[]).expect("prepares");
    let mut parts = vec![String::new(); count];
    kernel(value, &mut parts).then(|| parts.join(" | "))
}

#[test]
fn names() {
    for (value, expected) in [
        ("Dr. Juan Alberto Velasquez y Garcia III", "Dr. | Juan | Alberto | Velasquez y Garcia | III"),
        ("DOE, JANE", " | Jane |  | Doe | "),
        ("Ludwig van Beethoven", " | Ludwig |  | van Beethoven | "),
        ("J. R. R. Tolkien", " | J | R R | Tolkien | "),
        ("Sammy Davis, Jr.", " | Sammy |  | Davis | Jr."),
        ("Mary-Ann O'Brien", " | Mary-Ann |  | O'Brien | "),
        ("Plato", " |  |  | Plato | "),
    ] {
        assert_eq!(parts(person_name, 5, value).as_deref(), Some(expected), "{value}");
    }
    for value in ["n/a 12", "1234", "—", "ann@example.org", "?"] {
        assert_eq!(parts(person_name, 5, value), None, "{value}");
    }
}

#[test]
fn addresses() {
    for (value, expected) in [
        ("123 N Main St Apt 4, Springfield, IL 62701", "123 | N Main St | Apt 4 | Springfield | IL | 62701"),
        (
            "123 Main Street, Springfield, Illinois 62701-1234, USA",
            "123 | Main Street |  | Springfield | Illinois | 62701-1234",
        ),
        ("742 Evergreen Terrace Springfield OR 97403", "742 | Evergreen Terrace |  | Springfield | OR | 97403"),
        (
            "1600 Pennsylvania Avenue NW, Washington, DC 20500",
            "1600 | Pennsylvania Avenue NW |  | Washington | DC | 20500",
        ),
        ("1600 Pennsylvania Avenue", "1600 | Pennsylvania Avenue |  |  |  | "),
        ("Flat 3, 10 Downing Street, London SW1A 2AA", "10 | Downing Street | Flat 3 | London |  | SW1A 2AA"),
        ("Hauptstraße 12a, 10115 Berlin", "12a | Hauptstraße |  | Berlin |  | 10115"),
        ("Hauptstr. 12 a\nD-10115 Berlin\nDeutschland", "12 a | Hauptstr. |  | Berlin |  | 10115"),
        ("Keizersgracht 123, 1015 CJ Amsterdam", "123 | Keizersgracht |  | Amsterdam |  | 1015 CJ"),
        ("100 Queen St W, Toronto, ON M5H 2N2", "100 | Queen St W |  | Toronto | ON | M5H 2N2"),
        ("5 Rue de Rivoli, 75001 Paris", "5 | Rue de Rivoli |  | Paris |  | 75001"),
        ("P.O. Box 1234, Austin, TX 78701", " | P.O. Box 1234 |  | Austin | TX | 78701"),
        ("12 5th Ave #7B, New York, NY 10011", "12 | 5th Ave | #7B | New York | NY | 10011"),
        ("10115 Berlin", " |  |  | Berlin |  | 10115"),
        ("Main Street", " | Main Street |  |  |  | "),
        ("Rose Cottage, 12 Mill Lane, Ely CB7 4DL", "12 | Rose Cottage, Mill Lane |  | Ely |  | CB7 4DL"),
        ("1 George St, Sydney NSW 2000", "1 | George St |  | Sydney | NSW | 2000"),
    ] {
        assert_eq!(parts(address, 6, value).as_deref(), Some(expected), "{value}");
    }
    for value in ["unknown", "—", "see file"] {
        assert_eq!(parts(address, 6, value), None, "{value}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(value in "\\PC{0,60}", line in "[0-9]{0,5} ?[A-Za-zß ,.#-]{0,40} ?[0-9A-Z]{0,7}") {
        for value in [&value, &line] {
            parts(address, 6, value);
            parts(person_name, 5, value);
        }
    }

    /// Splitting at a separator and joining again gives the value, but for outer blanks and parts that are blank.
    #[test]
    fn split_gives_every_part(texts in proptest::collection::vec("[a-z]{1,5}", 1..6)) {
        let kernel = split(&["; ".to_owned(), "a".to_owned(), "b".to_owned(), "c".to_owned()]).expect("prepares");
        let mut parts = vec![String::new(); 3];
        proptest::prop_assert!(kernel(&texts.join("; "), &mut parts));
        parts.retain(|part| !part.is_empty());
        proptest::prop_assert_eq!(parts.join("; "), texts.join("; "));
    }
}
