//! What people decided about records by hand: which is the master of its group, which are selected, and which are no
//! duplicates. Kept by the application, given to a run in [`crate::PipelineSpec`].
//!
//! Records are known by their *record id*, a text that stays the same from run to run; `groups.parquet` of the match step
//! names the id of each record in a group in the column [`crate::read::RECORD_ID`], so that a step that reads groups can
//! ask these sets. What a record has as its id is decided in `steps/matching/record_ids.rs`.

use std::collections::BTreeSet;

/// The flags of a project, by record id. A record may be in several sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReviewFlags {
    /// The master of its group, whatever the rules say. Of two in one group the earliest loaded counts.
    pub master: BTreeSet<String>,
    /// Chosen for rules and exports that take selected records only.
    pub selected: BTreeSet<String>,
    /// Belongs to no group: it leaves the one that matching put it into.
    pub not_duplicate: BTreeSet<String>,
}

impl ReviewFlags {
    pub fn is_empty(&self) -> bool {
        self.master.is_empty() && self.selected.is_empty() && self.not_duplicate.is_empty()
    }
}
