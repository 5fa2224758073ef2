//! Projects: what the forms of their pages post, and what the pages show.

pub mod document;
pub mod elsewhere;
pub mod gather;

mod facts;
mod run;

use leptos::prelude::*;
use model::{
    FieldError, ProjectId, Step, Timestamp,
    project::{LatestOutputs, ProjectFile},
    results::{BlockingEstimate, CleansePreview, ImportSummary, MergePreview, ProfileSummary, Sample},
    secret::KeptSecret,
    workflow::WorkflowCard,
};

use crate::{
    api::{
        ApiError,
        request::{answer, backend},
    },
    components::{notice::say, started},
};

/// What the head of a project's page shows, on every tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectHead {
    /// Number of the last event in here, for watching from there.
    pub number: i64,
    pub id: ProjectId,
    pub name: String,
    pub version: i64,
    pub sources: Vec<SourceHead>,
    /// Workflows of this project, as their cards.
    pub workflows: Vec<WorkflowCard>,
    /// What keeps all six steps from running; empty when it is ready.
    pub problems: Vec<FieldError>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceHead {
    pub name: String,
    /// `None` when the configuration names a file that was never uploaded.
    pub file: Option<ProjectFile>,
    /// What the configuration calls it: the name of an upload, or where it is.
    pub file_name: String,
    /// It is no upload: it is read anew from its place in every run.
    pub elsewhere: bool,
    /// How it is read where the configuration says so, such as "XLSX"; nothing where that is found out.
    pub format: Option<&'static str>,
}

/// What one step would do, or did: a figure where there is one, and words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepFact {
    pub step: Step,
    /// `71,204`
    pub figure: Option<String>,
    /// `cells changed`
    pub words: String,
    /// When the result was published; `None` when there is none yet and the words say what the step would do.
    pub at: Option<Timestamp>,
}

/// What the latest runs left.
#[derive(Clone, Debug, PartialEq)]
pub struct LatestResults {
    /// All six steps, in order.
    pub facts: Vec<StepFact>,
    pub outputs: Option<LatestOutputs>,
    /// The first golden records.
    pub golden: Option<Sample>,
    /// How many golden records there are in all.
    pub golden_records: u64,
}

/// What the stored cleansing makes of the first records, or why that cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CleansingSeen {
    /// There is no operation.
    Nothing,
    /// Nothing was imported yet.
    NotImported,
    /// In words.
    Refused(Vec<String>),
    /// One for each source.
    Sources(Vec<CleansePreview>),
}

/// What blocking would propose with the stored settings, or why that cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlockingSeen {
    /// Nothing was cleansed yet.
    NotCleansed,
    /// There are so many records that it is estimated when asked for.
    OnRequest(u64),
    /// In words.
    Refused(Vec<String>),
    Estimated(BlockingEstimate),
}

/// What the stored merge rules make of some groups, or why that cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MergingSeen {
    /// Nothing was matched yet.
    NotMatched,
    /// In words.
    Refused(Vec<String>),
    Groups(MergePreview),
}

/// A source's quality score as a word: spec/pipeline.md, section 2.
pub const fn quality_word(score: f64) -> &'static str {
    match score {
        score if score >= 80.0 => "good",
        score if score >= 60.0 => "review",
        _ => "poor",
    }
}

/// The sources as the latest import and profile saw them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourcesSeen {
    pub import: Option<ImportSummary>,
    pub profile: Option<ProfileSummary>,
    /// When the profile was made.
    pub profiled_at: Option<Timestamp>,
    /// By name; `None` for whoever may not set them.
    pub secrets: Option<Vec<KeptSecret>>,
}

/// Creates a project without a file, and leads to where its sources are said.
#[server(prefix = "/_fn", endpoint = "create_project")]
pub async fn create_project(name: String) -> Result<(), ApiError> {
    let project = answer(backend().create_project(name).await)?;
    leptos_axum::redirect(&format!("/projects/{}?tab=sources", project.id));
    Ok(())
}

/// Profiles the sources and replaces the settings by ones that fit them. Leads back to where it was asked for.
#[server(prefix = "/_fn", endpoint = "suggest_project")]
pub async fn suggest_project(id: ProjectId) -> Result<(), ApiError> {
    answer(backend().suggest_project(id).await)?;
    say("New settings are suggested and saved.".to_owned(), None);
    Ok(())
}

/// Keeps a secret, in place of the one of that name.
#[server(prefix = "/_fn", endpoint = "keep_secret")]
pub async fn keep_secret(id: ProjectId, name: String, value: String) -> Result<(), ApiError> {
    let name = name.trim().to_owned();
    answer(backend().keep_secret(id, name.clone(), value).await)?;
    say(format!("The secret “{name}” is kept. It is shown to nobody."), None);
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "remove_secret")]
pub async fn remove_secret(id: ProjectId, name: String) -> Result<(), ApiError> {
    answer(backend().remove_secret(id, name.clone()).await)?;
    say(format!("The secret “{name}” is removed."), None);
    Ok(())
}

/// Leads back to the list; refused while workflows use the project.
#[server(prefix = "/_fn", endpoint = "delete_project")]
pub async fn delete_project(id: ProjectId) -> Result<(), ApiError> {
    answer(backend().delete_project(id).await)?;
    say("The project was deleted.".to_owned(), None);
    leptos_axum::redirect("/projects");
    Ok(())
}

/// Runs all six steps now, in the project's On-Demand workflow, which is created when there is none. Leads to it.
///
/// `key` is one click: sent twice, it queues nothing twice.
#[server(prefix = "/_fn", endpoint = "run_project")]
pub async fn run_project(id: ProjectId, key: Option<String>) -> Result<(), ApiError> {
    let execution = answer(run::on_demand(id, key).await)?;
    started::remember(execution.id);
    leptos_axum::redirect(&format!("/workflows/{}", execution.workflow_id));
    Ok(())
}
