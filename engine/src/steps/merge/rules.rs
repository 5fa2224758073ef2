//! Survivorship in one group: which record is the master, and which values the records take from each other.

mod best;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, collections::HashSet};

use model::config::{
    MergeConfig,
    merge::{Condition, Preference, Take},
};

use crate::review::ReviewFlags;

/// A record of a group, with the values of the columns that rules speak of.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Member<'a> {
    pub(crate) record: u32,
    /// What it is known by from run to run.
    pub(crate) id: &'a str,
    pub(crate) source: &'a str,
    /// Highest match score of a pair of this record.
    pub(crate) score: f32,
    pub(crate) flags: Flags,
    /// In the order of [`Rules::columns`].
    pub(crate) values: Vec<Option<Cow<'a, str>>>,
}

/// What a person decided about a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags {
    pub(crate) master: bool,
    pub(crate) selected: bool,
    pub(crate) not_duplicate: bool,
}

impl Flags {
    pub(crate) fn of(id: &str, review: &ReviewFlags) -> Self {
        // Most projects have none, and this is asked for every record.
        if review.is_empty() {
            return Self::default();
        }
        Self {
            master: review.master.contains(id),
            selected: review.selected.contains(id),
            not_duplicate: review.not_duplicate.contains(id),
        }
    }
}

/// The master of a group, by its place among the members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Master {
    pub(crate) place: usize,
    pub(crate) why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    SetByHand,
    /// It won this many of the rules.
    Rules {
        won: usize,
        of: usize,
    },
    /// No rule had a winner.
    EarliestLoaded,
}

/// Where a value of the master came from, when a rule gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Place in [`Rules::columns`].
    pub(crate) column: usize,
    /// Place in the configuration's overwrite rules.
    pub(crate) rule: usize,
    /// Places of the members that the value is from: several where values were joined, none where the rule emptied it.
    pub(crate) members: Vec<usize>,
}

/// The enabled rules of a project, with columns as places in [`Member::values`].
#[derive(Debug)]
pub(crate) struct Rules<'a> {
    columns: Vec<String>,
    masters: Vec<Rule<'a, Preference>>,
    overwrites: Vec<Rule<'a, Take>>,
}

#[derive(Debug)]
struct Rule<'a, Choice> {
    place: usize,
    column: usize,
    choice: Choice,
    by: Option<usize>,
    sources: &'a [String],
    condition: Condition,
}

impl<Choice> Rule<'_, Choice> {
    fn is_open_to(&self, member: &Member<'_>) -> bool {
        self.sources.is_empty() || self.sources.iter().any(|source| source == member.source)
    }
}

impl<'a> Rules<'a> {
    pub(crate) fn new(config: &'a MergeConfig) -> Self {
        let mut rules = Self { columns: Vec::new(), masters: Vec::new(), overwrites: Vec::new() };
        // Those that may change come first, so that only they have to be written.
        for (place, rule) in config.overwrite_rules.iter().enumerate().filter(|(_, rule)| rule.enabled) {
            let column = rules.column(&rule.column);
            rules.overwrites.push(Rule {
                place,
                column,
                choice: rule.take,
                by: None,
                sources: &rule.sources,
                condition: rule.condition,
            });
        }
        for (place, rule) in config.master_rules.iter().enumerate().filter(|(_, rule)| rule.enabled) {
            let column = rules.column(&rule.column);
            let by = rule.by.as_ref().map(|by| rules.column(by));
            let condition = Condition::None;
            rules.masters.push(Rule { place, column, choice: rule.prefer, by, sources: &rule.sources, condition });
        }
        for number in 0..rules.overwrites.len() {
            let by = config.overwrite_rules[rules.overwrites[number].place].by.as_ref();
            rules.overwrites[number].by = by.map(|by| rules.column(by));
        }
        rules
    }

    fn column(&mut self, name: &str) -> usize {
        self.columns.iter().position(|known| known == name).unwrap_or_else(|| {
            self.columns.push(name.to_owned());
            self.columns.len() - 1
        })
    }

    /// The columns that rules read, each once.
    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The columns that rules may change: the first of [`Self::columns`].
    pub(crate) fn overwritten(&self) -> &[String] {
        let count = self.overwrites.iter().map(|rule| rule.column + 1).max().unwrap_or(0);
        &self.columns[..count]
    }

    /// The master: set by hand, else that with most wins, then the earliest. `members` are in load order, at least one.
    pub(crate) fn master(&self, members: &[Member<'_>]) -> Master {
        if let Some(place) = members.iter().position(|member| member.flags.master) {
            return Master { place, why: Why::SetByHand };
        }
        let mut wins = vec![0; members.len()];
        for rule in &self.masters {
            if let Some(winner) = best::preferred(rule.choice, rule, members) {
                wins[winner] += 1;
            }
        }
        let most = wins.iter().copied().max().unwrap_or(0);
        let place = wins.iter().position(|count| *count == most).unwrap_or(0);
        let why = if most == 0 { Why::EarliestLoaded } else { Why::Rules { won: most, of: self.masters.len() } };
        Master { place, why }
    }

    /// Overwrites values of the members, rule by rule, and tells where those of the master came from, by column.
    ///
    /// What a rule gives is taken from the values before all rules, so that the order of rules decides only which one
    /// wins; whether it applies is asked of the value as it then stands.
    pub(crate) fn overwrite(&self, members: &mut [Member<'_>], master: usize) -> Vec<Origin> {
        let given: Vec<_> = self.overwrites.iter().map(|rule| taken(rule, members, master)).collect();
        let mut origins: Vec<Option<Origin>> = vec![None; self.overwritten().len()];
        for (rule, (value, from)) in self.overwrites.iter().zip(given) {
            if value.is_none() && rule.condition != Condition::OverwriteByEmpty {
                continue;
            }
            for (place, member) in members.iter_mut().enumerate() {
                let applies = match rule.condition {
                    Condition::None | Condition::OverwriteByEmpty => true,
                    Condition::FieldIsEmpty => member.values[rule.column].is_none(),
                    Condition::RecordIsMaster => place == master,
                    Condition::RecordIsSelected => member.flags.selected,
                    Condition::NotFlaggedNotDuplicate => !member.flags.not_duplicate,
                };
                if applies {
                    member.values[rule.column].clone_from(&value);
                    if place == master {
                        let origin = Origin { column: rule.column, rule: rule.place, members: from.clone() };
                        origins[rule.column] = Some(origin);
                    }
                }
            }
        }
        origins.into_iter().flatten().collect()
    }
}

/// What a rule gives, and the places of the members that it is from.
type Given<'a> = (Option<Cow<'a, str>>, Vec<usize>);

fn taken<'a>(rule: &Rule<'_, Take>, members: &[Member<'a>], master: usize) -> Given<'a> {
    let preference = match rule.choice {
        Take::Longest => Preference::Longest,
        Take::Shortest => Preference::Shortest,
        Take::Max => Preference::Max,
        Take::Min => Preference::Min,
        Take::MostPopular => Preference::MostPopular,
        Take::FirstNonNull => Preference::FirstNonNull,
        Take::MostRecent => Preference::MostRecent,
        Take::SourcePriority => Preference::SourcePriority,
        Take::FromMaster => return of_member(Some(master), rule, members),
        Take::FromBestRecord => return of_member(best::record(rule, members), rule, members),
        Take::MergeAllValues => return all_values(rule, members),
    };
    of_member(best::preferred(preference, rule, members), rule, members)
}

fn of_member<'a>(place: Option<usize>, rule: &Rule<'_, Take>, members: &[Member<'a>]) -> Given<'a> {
    let found = place.filter(|place| rule.is_open_to(&members[*place]));
    match found.and_then(|place| Some((members[place].values[rule.column].clone()?, place))) {
        Some((value, place)) => (Some(value), vec![place]),
        None => (None, Vec::new()),
    }
}

/// Each value once, in load order, from the first member that has it.
fn all_values<'a>(rule: &Rule<'_, Take>, members: &[Member<'a>]) -> Given<'a> {
    let mut seen = HashSet::new();
    let (mut values, mut from) = (Vec::new(), Vec::new());
    for (place, member) in members.iter().enumerate().filter(|(_, member)| rule.is_open_to(member)) {
        if let Some(value) = member.values[rule.column].as_deref().filter(|value| seen.insert(*value)) {
            values.push(value);
            from.push(place);
        }
    }
    ((!values.is_empty()).then(|| values.join("|").into()), from)
}
