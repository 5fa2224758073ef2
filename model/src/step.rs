//! The six steps of the pipeline and the contiguous ranges of them that a workflow may choose.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One step of the pipeline. The order of the variants is the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Import,
    Profile,
    Cleanse,
    Match,
    Merge,
    Export,
}

impl Step {
    pub const ALL: [Step; 6] = [Step::Import, Step::Profile, Step::Cleanse, Step::Match, Step::Merge, Step::Export];

    /// The word in JSON, URLs and directory names.
    pub const fn as_str(self) -> &'static str {
        match self {
            Step::Import => "import",
            Step::Profile => "profile",
            Step::Cleanse => "cleanse",
            Step::Match => "match",
            Step::Merge => "merge",
            Step::Export => "export",
        }
    }

    /// The word on the page.
    pub const fn label(self) -> &'static str {
        match self {
            Step::Import => "Import",
            Step::Profile => "Profile",
            Step::Cleanse => "Cleanse",
            Step::Match => "Match",
            Step::Merge => "Merge",
            Step::Export => "Export",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == text)
    }

    /// The step that runs just before this one.
    pub fn previous(self) -> Option<Self> {
        Self::ALL.into_iter().rfind(|step| *step < self)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// A contiguous block of steps, never empty. In JSON it is the list of its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Step>", into = "Vec<Step>")]
pub struct StepRange {
    from: Step,
    through: Step,
}

impl StepRange {
    pub const ALL: StepRange = StepRange { from: Step::Import, through: Step::Export };

    /// `None` when `through` comes before `from`.
    pub fn new(from: Step, through: Step) -> Option<Self> {
        (from <= through).then_some(Self { from, through })
    }

    pub const fn from(self) -> Step {
        self.from
    }

    pub const fn through(self) -> Step {
        self.through
    }

    /// The part that begins at `step`; `None` when it is none of these.
    pub fn starting_at(self, step: Step) -> Option<Self> {
        self.contains(step).then_some(Self { from: step, ..self })
    }

    pub fn contains(self, step: Step) -> bool {
        self.from <= step && step <= self.through
    }

    pub fn iter(self) -> impl Iterator<Item = Step> {
        Step::ALL.into_iter().filter(move |step| self.contains(*step))
    }
}

impl From<StepRange> for Vec<Step> {
    fn from(range: StepRange) -> Self {
        range.iter().collect()
    }
}

impl TryFrom<Vec<Step>> for StepRange {
    type Error = &'static str;

    fn try_from(mut steps: Vec<Step>) -> Result<Self, Self::Error> {
        steps.sort_unstable();
        steps.dedup();
        let (Some(&from), Some(&through)) = (steps.first(), steps.last()) else {
            return Err("choose at least one step");
        };
        let range = Self { from, through };
        if range.iter().count() != steps.len() {
            return Err("the chosen steps must follow one another without a gap");
        }
        Ok(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_its_list_of_steps() {
        let json = serde_json::to_string(&StepRange::new(Step::Import, Step::Cleanse)).expect("serialises");
        assert_eq!(json, r#"["import","profile","cleanse"]"#);
        assert_eq!(
            serde_json::from_str::<StepRange>(r#"["cleanse","profile"]"#).expect("any order").from(),
            Step::Profile
        );
    }

    #[test]
    fn gaps_and_empty_lists_are_refused() {
        assert!(serde_json::from_str::<StepRange>("[]").is_err());
        assert!(serde_json::from_str::<StepRange>(r#"["import","cleanse"]"#).is_err());
    }
}
