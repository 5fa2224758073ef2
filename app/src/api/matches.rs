//! What a person decides about records, as forms post it; and what the pages of pairs and groups show, gathered from
//! several methods of the port.

use std::collections::BTreeSet;

use leptos::prelude::*;
use model::{
    Error, ProjectId, Step, Timestamp,
    config::ProjectConfig,
    results::{GroupInFull, GroupPage, MatchModel, MatchQuery, MatchSummary, PairExplained, PairPage, Summary},
    review::{ReviewChange, ReviewFlag, ReviewedRecord},
};

use crate::{
    api::{
        ApiError,
        projects::{ProjectHead, gather},
        request::{answer, backend},
    },
    components::notice::say,
};

/// Sets a flag of a record, or takes it away. Leads back to where it was asked for.
#[server(prefix = "/_fn", endpoint = "review_record")]
pub async fn review_record(id: ProjectId, record: String, flag: String, on: bool) -> Result<(), ApiError> {
    let known = ReviewFlag::parse(&flag).ok_or_else(|| Error::invalid("flag", format!("there is no flag “{flag}”")));
    let flag = answer(known)?;
    answer(backend().review(id, vec![ReviewChange::of(record, flag, on)]).await)?;
    let done = if on { "set" } else { "taken away" };
    say(format!("“{}” is {done}. Runs take it into account from the next one on.", flag.label()), None);
    Ok(())
}

/// The latest result of Match as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Matched {
    pub summary: MatchSummary,
    pub at: Timestamp,
    /// Names of the definitions, in the order of their indexes.
    pub definitions: Vec<String>,
    /// Columns that some definition compares.
    pub compared: BTreeSet<String>,
}

/// What one of the lists holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Listed {
    /// With what was decided about their records.
    Groups(GroupPage, Vec<ReviewedRecord>),
    Pairs(PairPage),
    Models(Vec<MatchModel>),
    /// In words: why there is nothing to list.
    Outdated(String),
}

/// Which list is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    Groups,
    Pairs,
    Models,
}

/// `None` before the first result.
pub async fn matched(id: ProjectId) -> Result<Option<Matched>, Error> {
    let backend = backend();
    let Some(result) = backend.project_result(id, Step::Match).await? else { return Ok(None) };
    let Summary::Match(summary) = result.summary else { return Ok(None) };
    let config = backend.project(id).await?.config;
    Ok(Some(Matched {
        summary,
        at: result.finished_at,
        definitions: definitions(&config),
        compared: compared(&config),
    }))
}

fn definitions(config: &ProjectConfig) -> Vec<String> {
    let weighted = config.matching.definitions.iter().map(|definition| definition.name.clone());
    weighted.chain(config.matching.probabilistic.iter().map(|definition| definition.name.clone())).collect()
}

fn compared(config: &ProjectConfig) -> BTreeSet<String> {
    let criteria = config.matching.definitions.iter().flat_map(|definition| &definition.criteria);
    let criteria = criteria.flat_map(|part| std::iter::once(&part.column).chain(&part.combined_with));
    let comparisons = config.matching.probabilistic.iter().flat_map(|definition| &definition.comparisons);
    let comparisons = comparisons.flat_map(|part| std::iter::once(&part.column).chain(&part.combined_with));
    criteria.chain(comparisons).cloned().collect()
}

pub async fn listed(id: ProjectId, list: List, query: MatchQuery) -> Result<Listed, Error> {
    let backend = backend();
    let listed = match list {
        List::Groups => groups(id, query).await,
        List::Pairs => backend.match_pairs(id, query).await.map(|page| Listed::Pairs(page.unwrap_or_default())),
        List::Models => backend.match_models(id).await.map(|models| Listed::Models(models.unwrap_or_default())),
    };
    match listed {
        Err(Error::Conflict { message }) => Ok(Listed::Outdated(message)),
        listed => listed,
    }
}

async fn groups(id: ProjectId, query: MatchQuery) -> Result<Listed, Error> {
    let backend = backend();
    let page = backend.match_groups(id, query).await?.unwrap_or_default();
    let records = page.groups.iter().flat_map(|group| &group.records).map(|record| record.id.clone()).collect();
    let reviews = backend.reviews_of(id, records).await?;
    Ok(Listed::Groups(page, reviews))
}

/// A group with what was decided about its records.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupSeen {
    pub head: ProjectHead,
    pub group: GroupInFull,
    pub reviews: Vec<ReviewedRecord>,
}

pub async fn group(id: ProjectId, group: u32, first: u64, limit: usize) -> Result<GroupSeen, Error> {
    let head = gather::head(id).await?;
    let backend = backend();
    let found = backend.match_group(id, group, first, Some(limit)).await?;
    let group = found.ok_or_else(|| Error::not_found("group in the latest result of Match"))?;
    let records = group.records.iter().map(|record| record.id.clone()).collect();
    Ok(GroupSeen { reviews: backend.reviews_of(id, records).await?, head, group })
}

pub async fn pair(id: ProjectId, one: u32, other: u32) -> Result<(ProjectHead, PairExplained), Error> {
    let head = gather::head(id).await?;
    let pair = backend().explain_pair(id, one, other).await?;
    Ok((head, pair.ok_or_else(|| Error::not_found("pair of records in the latest result of Match"))?))
}
