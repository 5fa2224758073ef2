//! When two names of columns are one name in two spellings.

/// What is left of a column's name without case, blanks and punctuation, and without the ontology that it stands in. Equal
/// for names that mean the same.
pub(crate) fn key(name: &str) -> String {
    let key: String = local(name).chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if key.is_empty() { name.to_owned() } else { key }
}

/// The part of a name behind the address of its ontology; all of it where it is no address.
pub(crate) fn local(name: &str) -> &str {
    match name.split_once("://") {
        Some((_, address)) => address.rsplit(['#', '/']).next().unwrap_or(address),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_have_one_key() {
        for name in ["First Name", "first_name", "firstName", "FIRST-NAME", "http://example.org/people.owl#first_name"]
        {
            assert_eq!(key(name), "firstname", "{name}");
        }
        assert_ne!(key("name"), key("first name"));
        assert_eq!(key("%"), "%");
        assert_eq!(local("https://example.org/ontology/title"), "title");
    }
}
