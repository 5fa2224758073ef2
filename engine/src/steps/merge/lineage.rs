//! Where golden values come from: `lineage.parquet`, by group.
//!
//! A group has one line without a column, which names its master and what made it so: every golden value that no other
//! line names is the master's own. A value that a rule gave has a line for each record that it is from, and one without a
//! record where the rule emptied it. So the file grows with what rules changed, not with all values of all records.

pub(crate) mod read;

use std::sync::Arc;

use datafusion::arrow::{
    array::{ArrayRef, RecordBatch, StringBuilder, UInt32Builder},
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use model::config::{MergeConfig, merge::Take};

use super::{
    group::Decided,
    rules::{Member, Rules, Why},
};
use crate::{
    Failure,
    read::{GROUP, RECORD, RECORD_ID, SOURCE},
};

pub(super) const LINEAGE_FILE: &str = "lineage.parquet";
/// The rule of a value that no rule gave.
pub(super) const OWN_VALUE: &str = "the master's own";
const COLUMN: &str = "column";
const RULE: &str = "rule";

pub(super) fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new(GROUP, DataType::UInt32, false),
        Field::new(COLUMN, DataType::Utf8, true),
        Field::new(RECORD, DataType::UInt32, true),
        Field::new(RECORD_ID, DataType::Utf8, true),
        Field::new(SOURCE, DataType::Utf8, true),
        Field::new(RULE, DataType::Utf8, false),
    ]))
}

/// Lines of some groups.
#[derive(Default)]
pub(super) struct Lines {
    groups: UInt32Builder,
    columns: StringBuilder,
    records: UInt32Builder,
    ids: StringBuilder,
    sources: StringBuilder,
    rules: StringBuilder,
}

impl Lines {
    pub(super) fn push(&mut self, group: u32, decided: &Decided<'_>, rules: &Rules<'_>, config: &MergeConfig) {
        let Some(master) = decided.master else { return };
        self.line(group, None, Some(&decided.together[master.place]), &master_words(master.why));
        for origin in &decided.origins {
            let column = Some(rules.columns()[origin.column].as_str());
            let words = overwrite_words(config, origin.rule);
            for place in &origin.members {
                self.line(group, column, Some(&decided.together[*place]), &words);
            }
            if origin.members.is_empty() {
                self.line(group, column, None, &words);
            }
        }
    }

    fn line(&mut self, group: u32, column: Option<&str>, from: Option<&Member<'_>>, rule: &str) {
        self.groups.append_value(group);
        self.columns.append_option(column);
        self.records.append_option(from.map(|member| member.record));
        self.ids.append_option(from.map(|member| member.id));
        self.sources.append_option(from.map(|member| member.source));
        self.rules.append_value(rule);
    }

    pub(super) fn finish(mut self) -> Result<RecordBatch, Failure> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.groups.finish()),
            Arc::new(self.columns.finish()),
            Arc::new(self.records.finish()),
            Arc::new(self.ids.finish()),
            Arc::new(self.sources.finish()),
            Arc::new(self.rules.finish()),
        ];
        Ok(RecordBatch::try_new(schema(), columns)?)
    }
}

/// What made a record the master, as people read it.
pub(super) fn master_words(why: Why) -> String {
    match why {
        Why::SetByHand => "set by hand".to_owned(),
        Why::Rules { won, of } => format!("won {won} of {of} master rules"),
        Why::EarliestLoaded => "earliest loaded".to_owned(),
    }
}

/// The rule that gave a value, as people read it.
pub(super) fn overwrite_words(config: &MergeConfig, rule: usize) -> String {
    let take = match config.overwrite_rules[rule].take {
        Take::Longest => "longest",
        Take::Shortest => "shortest",
        Take::Max => "max",
        Take::Min => "min",
        Take::MostPopular => "most popular",
        Take::FirstNonNull => "first non-null",
        Take::MostRecent => "most recent",
        Take::SourcePriority => "source priority",
        Take::FromMaster => "from master",
        Take::FromBestRecord => "from best record",
        Take::MergeAllValues => "merge all values",
    };
    format!("overwrite rule {}: {take}", rule + 1)
}
