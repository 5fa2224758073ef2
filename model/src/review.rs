//! What people decide about records by hand: which is the master of its group, which are selected, and which are no
//! duplicates. Kept by the store, under what the engine knows a record by from run to run, and handed to every run.

use serde::{Deserialize, Serialize};

use crate::{Error, FieldError, Timestamp, limits};

/// One decision about a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReviewFlag {
    /// The master of its group, whatever the rules say.
    Master,
    /// Chosen for rules and exports that take selected records only.
    Selected,
    /// Belongs to no group: it leaves the one that matching put it into.
    NotDuplicate,
}

impl ReviewFlag {
    pub const ALL: [ReviewFlag; 3] = [ReviewFlag::Master, ReviewFlag::Selected, ReviewFlag::NotDuplicate];

    pub const fn as_str(self) -> &'static str {
        match self {
            ReviewFlag::Master => "master",
            ReviewFlag::Selected => "selected",
            ReviewFlag::NotDuplicate => "not_duplicate",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            ReviewFlag::Master => "Master",
            ReviewFlag::Selected => "Selected",
            ReviewFlag::NotDuplicate => "Not a duplicate",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flag| flag.as_str() == text)
    }
}

/// A record that somebody decided about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReviewedRecord {
    /// What it is known by from run to run: `id` of a record in groups and pairs.
    pub record: String,
    pub master: bool,
    pub selected: bool,
    pub not_duplicate: bool,
    /// Who decided last, and when.
    pub by: String,
    pub at: Timestamp,
}

impl ReviewedRecord {
    pub const fn has(&self, flag: ReviewFlag) -> bool {
        match flag {
            ReviewFlag::Master => self.master,
            ReviewFlag::Selected => self.selected,
            ReviewFlag::NotDuplicate => self.not_duplicate,
        }
    }
}

/// What is to be decided about a record; what is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReviewChange {
    /// What it is known by from run to run: `id` of a record in groups and pairs.
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::record_id))]
    pub record: String,
    #[serde(default)]
    pub master: Option<bool>,
    #[serde(default)]
    pub selected: Option<bool>,
    #[serde(default)]
    pub not_duplicate: Option<bool>,
}

impl ReviewChange {
    /// One flag of one record.
    pub fn of(record: impl Into<String>, flag: ReviewFlag, on: bool) -> Self {
        let mut change = Self { record: record.into(), ..Self::default() };
        *match flag {
            ReviewFlag::Master => &mut change.master,
            ReviewFlag::Selected => &mut change.selected,
            ReviewFlag::NotDuplicate => &mut change.not_duplicate,
        } = Some(on);
        change
    }

    /// The flags that it sets or takes away.
    pub fn flags(&self) -> impl Iterator<Item = (ReviewFlag, bool)> {
        let each = [self.master, self.selected, self.not_duplicate];
        ReviewFlag::ALL.into_iter().zip(each).filter_map(|(flag, on)| Some((flag, on?)))
    }

    /// Whether it sets a flag, and does not only take some away.
    pub fn sets_any(&self) -> bool {
        self.flags().any(|(_, on)| on)
    }
}

/// Refuses what cannot be decided: nothing, too much at once, a record twice or without a name.
///
/// # Errors
/// `Invalid` at `records` or at `records[place].record`.
pub fn check(changes: &[ReviewChange]) -> Result<(), Error> {
    if !(1..=limits::REVIEW_RECORDS_MAX).contains(&changes.len()) {
        let message = format!("name 1 to {} records", limits::REVIEW_RECORDS_MAX);
        return Err(Error::invalid("records", message));
    }
    let mut problems = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for (place, change) in changes.iter().enumerate() {
        let mut refuse = |message: String| problems.push(FieldError::new(format!("records[{place}].record"), message));
        if change.record.is_empty() || change.record.len() > limits::RECORD_ID_MAX_BYTES {
            refuse(format!("must have 1 to {} bytes", limits::RECORD_ID_MAX_BYTES));
        } else if !seen.insert(&change.record) {
            refuse("is named twice".to_owned());
        }
    }
    Error::from_fields(problems)
}

/// Which decisions a list shows, by record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct ReviewFilter {
    /// Records with this flag.
    #[serde(default)]
    pub flag: Option<ReviewFlag>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    pub cursor: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", param(schema_with = crate::openapi::page_limit))]
    pub limit: Option<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_says_only_what_it_changes() {
        let change: ReviewChange = serde_json::from_str(r#"{"record": "a/1", "selected": false}"#).expect("reads");
        assert_eq!(change.flags().collect::<Vec<_>>(), [(ReviewFlag::Selected, false)]);
        assert!(!change.sets_any() && ReviewChange::of("a/1", ReviewFlag::Master, true).sets_any());
        for flag in ReviewFlag::ALL {
            assert_eq!(ReviewFlag::parse(flag.as_str()), Some(flag));
            assert_eq!(serde_json::to_value(flag).ok(), Some(flag.as_str().into()));
        }
    }

    #[test]
    fn what_cannot_be_decided_is_refused_at_its_place() {
        let of = |record: &str| ReviewChange::of(record, ReviewFlag::Master, true);
        let fields = |changes: &[ReviewChange]| match check(changes) {
            Err(Error::Invalid { fields }) => fields.into_iter().map(|problem| problem.field).collect(),
            Err(other) => vec![other.to_string()],
            Ok(()) => Vec::new(),
        };
        assert!(fields(&[of("a"), of("b")]).is_empty());
        assert_eq!(fields(&[]), ["records"]);
        assert_eq!(fields(&[of("a"), of(""), of("a")]), ["records[1].record", "records[2].record"]);
    }
}
