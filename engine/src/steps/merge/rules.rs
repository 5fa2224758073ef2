//! Survivorship in one group: which record is the master, and which values the records take from each other.

use model::config::{
    MergeConfig,
    merge::{Condition, OverwriteRule, Preference, Take},
};

/// A record of a group, with the values of the columns that rules speak of.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Member {
    pub(super) record: u32,
    pub(super) source: String,
    /// Highest match score of a pair of this record.
    pub(super) score: f32,
    pub(super) values: Vec<Option<String>>,
}

/// The rules of a project, with columns as places in [`Member::values`].
pub(super) struct Rules<'a> {
    config: &'a MergeConfig,
    columns: &'a [String],
}

impl<'a> Rules<'a> {
    /// `columns` holds every column of an enabled rule.
    pub(super) fn new(config: &'a MergeConfig, columns: &'a [String]) -> Self {
        Self { config, columns }
    }

    fn place(&self, column: &str) -> usize {
        self.columns.iter().position(|known| known == column).expect("every column of a rule is read")
    }

    /// Index of the master: most wins, then the earliest. `members` are in load order.
    pub(super) fn master(&self, members: &[Member]) -> usize {
        let mut wins = vec![0_u32; members.len()];
        for rule in self.config.master_rules.iter().filter(|rule| rule.enabled) {
            let candidates = candidates(members, self.place(&rule.column), &rule.sources);
            if let Some((winner, _)) = preferred(rule.prefer, &candidates) {
                wins[winner] += 1;
            }
        }
        let most = wins.iter().copied().max().unwrap_or(0);
        wins.iter().position(|count| *count == most).unwrap_or(0)
    }

    /// Overwrites values of the members, rule by rule.
    ///
    /// What a rule gives is taken from the values before all rules, so that the order of rules decides only which one
    /// wins; whether it applies is asked of the value as it then stands.
    pub(super) fn overwrite(&self, members: &mut [Member], master: usize) {
        let before = members.to_vec();
        for rule in self.config.overwrite_rules.iter().filter(|rule| rule.enabled) {
            let place = self.place(&rule.column);
            let taken = taken(rule, &before, place, master);
            if taken.is_none() && rule.condition != Condition::OverwriteByEmpty {
                continue;
            }
            for (index, member) in members.iter_mut().enumerate() {
                let applies = match rule.condition {
                    Condition::None | Condition::OverwriteByEmpty => true,
                    Condition::FieldIsEmpty => member.values[place].is_none(),
                    Condition::RecordIsMaster => index == master,
                };
                if applies {
                    member.values[place].clone_from(&taken);
                }
            }
        }
    }
}

/// Index and value of the members that have one and are of one of the sources.
fn candidates<'m>(members: &'m [Member], place: usize, sources: &[String]) -> Vec<(usize, &'m str)> {
    let eligible = |member: &Member| sources.is_empty() || sources.contains(&member.source);
    let members = members.iter().enumerate().filter(|(_, member)| eligible(member));
    members.filter_map(|(index, member)| Some((index, member.values[place].as_deref()?))).collect()
}

fn taken(rule: &OverwriteRule, members: &[Member], place: usize, master: usize) -> Option<String> {
    let candidates = candidates(members, place, &rule.sources);
    let by = |preference| preferred(preference, &candidates).map(|(_, value)| value.to_owned());
    match rule.take {
        Take::Longest => by(Preference::Longest),
        Take::Shortest => by(Preference::Shortest),
        Take::Max => by(Preference::Max),
        Take::Min => by(Preference::Min),
        Take::MostPopular => by(Preference::MostPopular),
        Take::FirstNonNull => by(Preference::FirstNonNull),
        Take::FromMaster => of_member(&candidates, master),
        Take::FromBestRecord => of_member(&candidates, best_record(members, &rule.sources)?),
        Take::MergeAllValues => {
            let mut distinct: Vec<&str> = Vec::new();
            for (_, value) in candidates {
                if !distinct.contains(&value) {
                    distinct.push(value);
                }
            }
            (!distinct.is_empty()).then(|| distinct.join("|"))
        }
    }
}

fn of_member(candidates: &[(usize, &str)], member: usize) -> Option<String> {
    candidates.iter().find(|(index, _)| *index == member).map(|(_, value)| (*value).to_owned())
}

/// The record with the highest match score, of equals the earliest.
fn best_record(members: &[Member], sources: &[String]) -> Option<usize> {
    let eligible = |member: &Member| sources.is_empty() || sources.contains(&member.source);
    let mut best: Option<(usize, f32)> = None;
    for (index, member) in members.iter().enumerate().filter(|(_, member)| eligible(member)) {
        if best.is_none_or(|(_, score)| member.score > score) {
            best = Some((index, member.score));
        }
    }
    best.map(|(index, _)| index)
}

/// The candidate with the best value, of equals the earliest.
fn preferred<'m>(preference: Preference, candidates: &[(usize, &'m str)]) -> Option<(usize, &'m str)> {
    let chars = |value: &str| value.chars().count();
    let count = |value: &str| candidates.iter().filter(|(_, other)| *other == value).count();
    let better = |new: &str, best: &str| match preference {
        Preference::Longest => chars(new) > chars(best),
        Preference::Shortest => chars(new) < chars(best),
        Preference::Max => compare(new, best).is_gt(),
        Preference::Min => compare(new, best).is_lt(),
        Preference::MostPopular => count(new) > count(best),
        Preference::FirstNonNull => false,
    };
    candidates.iter().copied().reduce(|best, new| if better(new.1, best.1) { new } else { best })
}

/// Numerically where both are numbers, else as text.
fn compare(left: &str, right: &str) -> std::cmp::Ordering {
    match (number(left), number(right)) {
        (Some(left), Some(right)) => left.total_cmp(&right),
        _ => left.cmp(right),
    }
}

/// A decimal number; the words that Rust reads as numbers (`inf`, `nan`) are text.
fn number(text: &str) -> Option<f64> {
    text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+')).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A group of one column `v`: source, score, value of each record.
    fn group(records: &[(&str, f32, &str)]) -> Vec<Member> {
        let members = records.iter().enumerate().map(|(index, (source, score, value))| Member {
            record: u32::try_from(index).expect("few"),
            source: (*source).to_owned(),
            score: *score,
            values: vec![(!value.is_empty()).then(|| (*value).to_owned())],
        });
        members.collect()
    }

    fn master(rules: serde_json::Value, members: &[Member]) -> usize {
        let config: MergeConfig = serde_json::from_value(json!({"master_rules": rules})).expect("rules");
        Rules::new(&config, &["v".to_owned()]).master(members)
    }

    fn overwritten(rules: serde_json::Value, members: &[Member], master: usize) -> Vec<String> {
        let config: MergeConfig = serde_json::from_value(json!({"overwrite_rules": rules})).expect("rules");
        let mut members = members.to_vec();
        Rules::new(&config, &["v".to_owned()]).overwrite(&mut members, master);
        members.into_iter().map(|mut member| member.values.remove(0).unwrap_or_default()).collect()
    }

    #[test]
    fn the_best_value_wins_and_ties_go_to_the_earliest() {
        let names =
            group(&[("a", 0.0, ""), ("a", 0.0, "Ann"), ("b", 0.0, "Anna"), ("b", 0.0, "Anne"), ("b", 0.0, "Ann")]);
        for (prefer, expected) in
            [("longest", 2), ("shortest", 1), ("most_popular", 1), ("first_non_null", 1), ("max", 3), ("min", 1)]
        {
            assert_eq!(master(json!([{"column": "v", "prefer": prefer}]), &names), expected, "{prefer}");
        }
        let numbers = group(&[("a", 0.0, "9"), ("a", 0.0, "10"), ("a", 0.0, "-3")]);
        assert_eq!(master(json!([{"column": "v", "prefer": "max"}]), &numbers), 1);
        assert_eq!(master(json!([{"column": "v", "prefer": "min"}]), &numbers), 2);
    }

    #[test]
    fn most_wins_make_the_master_and_without_wins_the_earliest() {
        let members = group(&[("a", 0.0, "x"), ("b", 0.0, "xxx"), ("b", 0.0, "xx")]);
        let longest_twice = json!([{"column": "v", "prefer": "shortest"}, {"column": "v", "prefer": "longest"},
            {"column": "v", "prefer": "longest"}]);
        assert_eq!(master(longest_twice, &members), 1);
        assert_eq!(master(json!([{"column": "v", "prefer": "longest", "sources": ["a"]}]), &members), 0);
        assert_eq!(master(json!([{"column": "v", "prefer": "longest", "enabled": false}]), &members), 0);
        assert_eq!(master(json!([]), &members), 0);
        assert_eq!(master(json!([{"column": "v", "prefer": "longest"}]), &group(&[("a", 0.0, ""), ("a", 0.0, "")])), 0);
    }

    #[test]
    fn overwriting_takes_from_the_group() {
        let members = group(&[("a", 80.0, "Rome"), ("b", 95.0, ""), ("b", 90.0, "Paris"), ("c", 90.0, "Rome")]);
        for (take, expected) in [
            ("longest", "Paris"),
            ("shortest", "Rome"),
            ("max", "Rome"),
            ("min", "Paris"),
            ("most_popular", "Rome"),
            ("first_non_null", "Rome"),
            ("merge_all_values", "Rome|Paris"),
        ] {
            assert_eq!(overwritten(json!([{"column": "v", "take": take}]), &members, 0), [expected; 4], "{take}");
        }
        assert_eq!(overwritten(json!([{"column": "v", "take": "from_master"}]), &members, 2), ["Paris"; 4]);
        let from_best = json!([{"column": "v", "take": "from_best_record", "sources": ["c", "a"]}]);
        assert_eq!(overwritten(from_best, &members, 0), ["Rome"; 4]);
    }

    #[test]
    fn conditions_choose_the_records() {
        let members = group(&[("a", 80.0, "Rome"), ("b", 95.0, ""), ("b", 90.0, "Paris")]);
        let rule = |take: &str, condition: &str| json!([{"column": "v", "take": take, "condition": condition}]);
        assert_eq!(overwritten(rule("longest", "field_is_empty"), &members, 0), ["Rome", "Paris", "Paris"]);
        assert_eq!(overwritten(rule("longest", "record_is_master"), &members, 0), ["Paris", "", "Paris"]);
        // The best record's value is empty: only the condition that says so lets it through.
        assert_eq!(overwritten(rule("from_best_record", "none"), &members, 0), ["Rome", "", "Paris"]);
        assert_eq!(overwritten(rule("from_best_record", "overwrite_by_empty"), &members, 0), ["", "", ""]);
    }

    #[test]
    fn a_later_rule_wins() {
        let members = group(&[("a", 80.0, "Rome"), ("b", 95.0, "Paris")]);
        let rules = json!([{"column": "v", "take": "from_master"}, {"column": "v", "take": "longest"}]);
        assert_eq!(overwritten(rules, &members, 0), ["Paris", "Paris"]);
    }
}
