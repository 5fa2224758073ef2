//! Columns that sources spell differently: `First Name` and `first_name`, or the same local name under two ontologies. They
//! become one column when the records are cleansed, and are one to all that is suggested.

use std::collections::BTreeMap;

use model::{
    config::cleanse::{CleanseOperation, Operation},
    results::ProfileSummary,
};

use crate::column_names;

/// The profile with such columns under one name, and what makes them one in the records.
pub(super) fn aligned(profile: &ProfileSummary) -> (ProfileSummary, Vec<CleanseOperation>) {
    let mut profile = profile.clone();
    let mut operations = Vec::new();
    for spellings in several_spellings(&profile) {
        let name = name_of(&spellings);
        let (first, others) = (spellings[0].clone(), spellings[1..].to_vec());
        let into = (name != first).then(|| name.clone());
        let operation = Operation::Concatenate { columns: others, separator: " ".to_owned(), into };
        operations.push(CleanseOperation { source: None, column: first, operation, enabled: true });
        let rename = |spelled: &mut String| {
            if spellings.contains(spelled) {
                spelled.clone_from(&name);
            }
        };
        for source in &mut profile.sources {
            source.columns.iter_mut().for_each(|column| rename(&mut column.name));
            for contained in &mut source.contained {
                rename(&mut contained.column);
                rename(&mut contained.contained);
            }
        }
    }
    (profile, operations)
}

/// Of each name that sources spell differently the spellings; none where a source has several columns that may be meant.
fn several_spellings(profile: &ProfileSummary) -> Vec<Vec<String>> {
    let mut order: Vec<String> = Vec::new();
    let mut spellings: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for column in profile.sources.iter().flat_map(|source| &source.columns) {
        let key = column_names::key(&column.name);
        let known = spellings.entry(key.clone()).or_default();
        if known.is_empty() {
            order.push(key);
        }
        if !known.contains(&column.name) {
            known.push(column.name.clone());
        }
    }
    let is_clear = |spellings: &Vec<String>| {
        let in_source = |source: &model::results::SourceProfile| {
            source.columns.iter().filter(|column| spellings.contains(&column.name)).count()
        };
        spellings.len() > 1 && profile.sources.iter().all(|source| in_source(source) <= 1)
    };
    order.iter().filter_map(|key| spellings.remove(key)).filter(is_clear).collect()
}

/// The first spelling, of a name in an ontology its last part if that may be a column's.
fn name_of(spellings: &[String]) -> String {
    let local = column_names::local(&spellings[0]);
    let can_be = !local.is_empty() && !local.starts_with('_');
    if can_be { local.to_owned() } else { spellings[0].clone() }
}
