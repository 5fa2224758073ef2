//! What a comparison says for or against a match, in words.

use super::rounded;

/// `equal`, `≥ 0.88 alike`, `different`: a level of `count`, 0 the lowest.
pub fn level(place: usize, count: usize, similarity: f64) -> String {
    match place {
        0 => "different".to_owned(),
        place if place + 1 == count => "equal".to_owned(),
        _ => format!("≥ {similarity:.2} alike"),
    }
}

/// `93 %`, `1 in 5,000`: a share of pairs, of which small ones matter.
pub fn share(share: f64) -> String {
    match share {
        share if share <= 0.0 => "none".to_owned(),
        share if share >= 0.1 => format!("{:.0} %", share * 100.0),
        share if share >= 0.01 => format!("{:.1} %", share * 100.0),
        share => format!("1 in {}", rounded(1.0 / share)),
    }
}

/// `1 in 5,000 pairs`, from the `log2` of odds.
pub fn odds(bits: f64) -> String {
    let probability = 1.0 / (1.0 + (-bits).exp2());
    if probability >= 0.1 {
        format!("{} of pairs", share(probability))
    } else {
        format!("{} pairs", one_in(probability))
    }
}

fn one_in(share: f64) -> String {
    format!("1 in {}", rounded(1.0 / share.max(f64::MIN_POSITIVE)))
}

/// `+3.20`, `−0.10`: what is added, with a sign that is as wide as a plus.
pub fn added(value: f64, digits: usize) -> String {
    format!("{value:+.digits$}").replace('-', "−")
}

/// `5.37`, `−0.10`
pub fn sum(value: f64, digits: usize) -> String {
    format!("{value:.digits$}").replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_shares_are_told_as_one_in_so_many() {
        assert_eq!([0.93, 0.1, 0.042, 0.0002, 0.0].map(share), ["93 %", "10 %", "4.2 %", "1 in 5,000", "none"]);
        assert_eq!([0.0, -3.0, -20.0].map(odds), ["50 % of pairs", "11 % of pairs", "1 in 1.0 M pairs"]);
    }

    #[test]
    fn what_is_added_has_a_sign() {
        assert_eq!((added(3.2, 2), added(-0.1, 1), sum(5.0, 1)), ("+3.20".into(), "−0.1".into(), "5.0".into()));
    }

    #[test]
    fn the_ends_of_the_levels_have_names() {
        let levels = [0.0, 0.7, 0.88, 1.0];
        let named: Vec<String> = levels.iter().enumerate().map(|(place, least)| level(place, 4, *least)).collect();
        assert_eq!(named, ["different", "≥ 0.70 alike", "≥ 0.88 alike", "equal"]);
    }
}
