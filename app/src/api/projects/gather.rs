//! What the head and the tabs of a project's page show, gathered from several methods of the port.

use model::{
    Error, ProjectId, Step, StepRange, config::source::FormatKind, limits, project::Project, results::Summary,
    workflow::WorkflowFilter,
};

use super::{BlockingSeen, CleansingSeen, LatestResults, MergingSeen, ProjectHead, SourceHead, SourcesSeen, facts};
use crate::api::request::backend;

/// Rows of golden records on the project's page.
const SAMPLE_ROWS: usize = 50;
/// Records of each source in the preview of cleansing, and sources that it shows.
const PREVIEW_ROWS: usize = 10;
const PREVIEW_SOURCES: usize = 4;
/// Groups in the preview of merging.
const PREVIEW_GROUPS: usize = 5;

pub async fn head(id: ProjectId) -> Result<ProjectHead, Error> {
    let backend = backend();
    let filter = WorkflowFilter { project: Some(id), limit: Some(limits::PAGE_ITEMS_MAX), ..WorkflowFilter::default() };
    let workflows = backend.workflows(filter).await?;
    let project = backend.project(id).await?;
    let problems = match backend.check_project(id, project.config.clone(), StepRange::ALL).await {
        Ok(()) => Vec::new(),
        Err(Error::Invalid { fields }) => fields,
        Err(other) => return Err(other),
    };
    Ok(ProjectHead {
        number: workflows.number,
        id,
        version: project.version,
        sources: source_heads(&project),
        workflows: workflows.data.items,
        problems,
        name: project.name,
    })
}

fn source_heads(project: &Project) -> Vec<SourceHead> {
    let head = |source: &model::config::SourceConfig| SourceHead {
        name: source.name.clone(),
        file: project.files.iter().find(|file| file.name == source.file).cloned(),
        file_name: source.place().to_owned(),
        elsewhere: source.location.is_some(),
        format: source.format.kind().map(FormatKind::words),
    };
    project.config.sources.iter().map(head).collect()
}

pub async fn results(id: ProjectId) -> Result<LatestResults, Error> {
    let backend = backend();
    let config = backend.project(id).await?.config;
    let mut facts = Vec::with_capacity(Step::ALL.len());
    let mut golden_records = 0;
    for step in Step::ALL {
        let result = backend.project_result(id, step).await?;
        if let Some(Summary::Merge(merge)) = result.as_ref().map(|result| &result.summary) {
            golden_records = merge.golden_records;
        }
        facts.push(result.map_or_else(|| facts::planned(step, &config), |result| facts::done(&result)));
    }
    Ok(LatestResults {
        facts,
        outputs: backend.latest_outputs(id).await?,
        golden: backend.golden_sample(id, SAMPLE_ROWS).await?,
        golden_records,
    })
}

pub async fn sources(id: ProjectId) -> Result<SourcesSeen, Error> {
    let backend = backend();
    let mut seen = SourcesSeen::default();
    if let Some(Summary::Import(import)) = backend.project_result(id, Step::Import).await?.map(|result| result.summary)
    {
        seen.import = Some(import);
    }
    if let Some(result) = backend.project_result(id, Step::Profile).await?
        && let Summary::Profile(profile) = result.summary
    {
        seen.profile = Some(profile);
        seen.profiled_at = Some(result.finished_at);
    }
    Ok(seen)
}

/// The stored cleansing on the first records of the first sources.
pub async fn cleansing(id: ProjectId) -> Result<CleansingSeen, Error> {
    let backend = backend();
    let config = backend.project(id).await?.config;
    if !config.cleanse.operations.iter().any(|operation| operation.enabled) {
        return Ok(CleansingSeen::Nothing);
    }
    let mut previews = Vec::new();
    for source in config.sources.iter().take(PREVIEW_SOURCES) {
        match backend.preview_cleanse(id, config.cleanse.clone(), Some(source.name.clone()), PREVIEW_ROWS).await {
            Ok(Some(preview)) => previews.push(preview),
            Ok(None) => return Ok(CleansingSeen::NotImported),
            Err(Error::Invalid { fields }) => {
                let problems = fields.into_iter().map(|problem| format!("{}: {}", problem.field, problem.message));
                return Ok(CleansingSeen::Refused(problems.collect()));
            }
            Err(Error::Conflict { message }) => return Ok(CleansingSeen::Refused(vec![message])),
            Err(other) => return Err(other),
        }
    }
    previews.retain(|preview| !preview.rows.is_empty());
    Ok(CleansingSeen::Sources(previews))
}

/// What blocking would propose with the stored settings. Where it would take a while, only when it is `asked` for.
pub async fn blocking(id: ProjectId, asked: bool) -> Result<BlockingSeen, Error> {
    let backend = backend();
    let Some(cleansed) = backend.project_result(id, Step::Cleanse).await? else { return Ok(BlockingSeen::NotCleansed) };
    if let Summary::Cleanse(summary) = &cleansed.summary
        && summary.rows > limits::ESTIMATE_UNASKED_RECORDS_MAX
        && !asked
    {
        return Ok(BlockingSeen::OnRequest(summary.rows));
    }
    let config = backend.project(id).await?.config.matching;
    match backend.estimate_blocking(id, config).await {
        Ok(Some(estimate)) => Ok(BlockingSeen::Estimated(estimate)),
        Ok(None) => Ok(BlockingSeen::NotCleansed),
        Err(Error::Invalid { fields }) => {
            let problems = fields.into_iter().map(|problem| format!("{}: {}", problem.field, problem.message));
            Ok(BlockingSeen::Refused(problems.collect()))
        }
        Err(Error::Conflict { message }) => Ok(BlockingSeen::Refused(vec![message])),
        Err(other) => Err(other),
    }
}

/// The stored merge rules on some groups.
pub async fn merging(id: ProjectId) -> Result<MergingSeen, Error> {
    let backend = backend();
    let rules = backend.project(id).await?.config.merge;
    match backend.preview_merge(id, rules, PREVIEW_GROUPS).await {
        Ok(Some(preview)) => Ok(MergingSeen::Groups(preview)),
        Ok(None) => Ok(MergingSeen::NotMatched),
        Err(Error::Invalid { fields }) => {
            let problems = fields.into_iter().map(|problem| format!("{}: {}", problem.field, problem.message));
            Ok(MergingSeen::Refused(problems.collect()))
        }
        Err(Error::Conflict { message }) => Ok(MergingSeen::Refused(vec![message])),
        Err(other) => Err(other),
    }
}
