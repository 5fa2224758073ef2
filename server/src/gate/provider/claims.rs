//! What the provider says of a person, as far as it matters here: a name and groups.

use std::collections::BTreeMap;

use model::{Role, limits};
use openidconnect::AdditionalClaims;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::discovery::{IdClaims, UserInfo};
use crate::config::RoleRule;

/// Claims beyond the standard's.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Further {
    #[serde(flatten)]
    claims: BTreeMap<String, Value>,
}

impl AdditionalClaims for Further {}

/// What one of the provider's answers says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// Fit to be a name here, but perhaps someone's.
    pub(super) name: Option<String>,
    pub(super) groups: Option<Vec<String>>,
}

impl Told {
    pub(super) fn of_token(claims: &IdClaims, rule: Option<&RoleRule>) -> Self {
        let name = claims.name().and_then(|names| names.get(None));
        let names = [
            claims.preferred_username().map(|name| name.as_str()),
            claims.email().map(|email| email.as_str()),
            name.map(|name| name.as_str()),
        ];
        Self::new(names, claims.additional_claims(), rule)
    }

    pub(super) fn of_user_info(claims: &UserInfo, rule: Option<&RoleRule>) -> Self {
        let name = claims.name().and_then(|names| names.get(None));
        let names = [
            claims.preferred_username().map(|name| name.as_str()),
            claims.email().map(|email| email.as_str()),
            name.map(|name| name.as_str()),
        ];
        Self::new(names, claims.additional_claims(), rule)
    }

    fn new(names: [Option<&str>; 3], further: &Further, rule: Option<&RoleRule>) -> Self {
        let groups = rule.and_then(|rule| further.claims.get(&rule.claim)).map(words);
        Self { name: names.into_iter().flatten().find_map(cleaned), groups }
    }

    /// What this leaves out is taken from `other`.
    pub(super) fn or(self, other: Self) -> Self {
        Self { name: self.name.or(other.name), groups: self.groups.or(other.groups) }
    }

    /// The highest role of all groups. Whoever has no groups has none of their roles.
    pub(super) fn role(&self, rule: &RoleRule) -> Option<Role> {
        let groups = self.groups.as_deref().unwrap_or_default();
        rule.roles.iter().filter(|(group, _)| groups.contains(group)).map(|(_, role)| *role).max()
    }
}

/// Providers write one group as a text, several as a list.
fn words(value: &Value) -> Vec<String> {
    match value {
        Value::String(word) => vec![word.clone()],
        Value::Array(words) => words.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// As names are here: one line without blanks around it, not too long.
pub(super) fn cleaned(name: &str) -> Option<String> {
    let line: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let name: String = line.trim().chars().take(limits::NAME_CHARS_MAX).collect();
    Some(name.trim_end().to_owned()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(names: [Option<&str>; 3], further: Value) -> Told {
        let rule = rule(&[]);
        Told::new(names, &serde_json::from_value(further).unwrap(), Some(&rule))
    }

    fn rule(roles: &[(&str, Role)]) -> RoleRule {
        let roles = roles.iter().map(|(group, role)| ((*group).to_owned(), *role)).collect();
        RoleRule { claim: "groups".to_owned(), roles }
    }

    #[test]
    fn the_first_usable_name_counts() {
        let name = |names| told(names, json!({})).name;
        assert_eq!(name([Some("ann"), Some("ann@example.com"), Some("Ann Lee")]).as_deref(), Some("ann"));
        assert_eq!(name([Some(" \u{7}"), Some("ann@example.com"), None]).as_deref(), Some("ann@example.com"));
        assert_eq!(name([None, None, Some(" Ann\nLee ")]).as_deref(), Some("Ann Lee"));
        assert_eq!(name([None, None, None]), None);
        let long = "x".repeat(500);
        assert_eq!(name([Some(&long), None, None]).map(|name| name.len()), Some(limits::NAME_CHARS_MAX));
    }

    #[test]
    fn groups_come_as_a_list_or_as_one_word() {
        let groups = |further| told([None; 3], further).groups;
        assert_eq!(groups(json!({"groups": ["a", 1, "b"]})), Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(groups(json!({"groups": "a"})), Some(vec!["a".to_owned()]));
        assert_eq!(groups(json!({"groups": {"a": true}})), Some(Vec::new()));
        assert_eq!(groups(json!({"roles": ["a"]})), None);
    }

    #[test]
    fn the_highest_role_of_all_groups_counts() {
        let rule = rule(&[("admins", Role::Administrator), ("data", Role::Editor), ("all", Role::Viewer)]);
        let role = |groups: &[&str]| {
            let groups = Some(groups.iter().map(|group| (*group).to_owned()).collect());
            Told { name: None, groups }.role(&rule)
        };
        assert_eq!(role(&["all", "data", "others"]), Some(Role::Editor));
        assert_eq!(role(&["Admins"]), None, "a group of another name");
        assert_eq!(role(&[]), None);
        assert_eq!(Told::default().role(&rule), None);
    }
}
