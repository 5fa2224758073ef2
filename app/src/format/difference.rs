//! Where values that should be the same are not.

use std::collections::HashMap;

/// A value beside another: what both begin with, what is its own, what both end with.
pub fn parts<'a>(value: &'a str, other: &str) -> (&'a str, &'a str, &'a str) {
    let same = |(a, b): &(char, char)| a == b;
    let start: usize = value.chars().zip(other.chars()).take_while(same).map(|(letter, _)| letter.len_utf8()).sum();
    let (left, right) = (&value[start..], &other[start..]);
    let end = left.chars().rev().zip(right.chars().rev()).take_while(same).map(|(letter, _)| letter.len_utf8());
    let end = left.len() - end.sum::<usize>();
    (&value[..start], &left[..end], &left[end..])
}

/// What each of these values is compared with: of two the other one, of more the one that most have.
pub fn beside<'a>(values: &[Option<&'a str>]) -> Vec<Option<&'a str>> {
    match values {
        [one, other] => vec![*other, *one],
        values => vec![most_frequent(values.iter().copied()); values.len()],
    }
}

/// The value that most have: of equally frequent ones the first. Empty ones do not count.
fn most_frequent<'a>(values: impl Iterator<Item = Option<&'a str>>) -> Option<&'a str> {
    let mut counts: HashMap<&str, (usize, usize)> = HashMap::new();
    for (place, value) in values.flatten().enumerate() {
        counts.entry(value).or_insert((0, place)).0 += 1;
    }
    counts.into_iter().max_by_key(|(_, (count, place))| (*count, std::cmp::Reverse(*place))).map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_its_own_stands_between_what_both_have() {
        assert_eq!(parts("12 Dorset Street", "12 Dorset St."), ("12 Dorset St", "reet", ""));
        assert_eq!(parts("12 Dorset St.", "12 Dorset Street"), ("12 Dorset St", ".", ""));
        assert_eq!(parts("Anne Miller", "Ann Miller"), ("Ann", "e", " Miller"));
        assert_eq!(parts("Ann Miller", "Anne Miller"), ("Ann", "", " Miller"));
        assert_eq!(parts("Müller", "Muller"), ("M", "ü", "ller"));
        assert_eq!(parts("aa", "aaa"), ("aa", "", ""));
        assert_eq!(parts("York", "Hull"), ("", "York", ""));
    }

    #[test]
    fn the_most_frequent_value_is_that_of_most() {
        let check = |values: &[Option<&str>], expected| assert_eq!(most_frequent(values.iter().copied()), expected);
        check(&[Some("Hull"), Some("York"), Some("York"), None, None, None], Some("York"));
        check(&[Some("Hull"), Some("York")], Some("Hull"));
        check(&[None, None], None);
        assert_eq!(beside(&[Some("a"), None]), [None, Some("a")]);
        assert_eq!(beside(&[Some("a"), Some("b"), Some("b")]), [Some("b"); 3]);
    }
}
