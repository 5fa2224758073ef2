//! Projects, as the browser asks for them.

pub mod document;

use leptos::prelude::*;
use model::{
    FieldError, ProjectId, Step, Timestamp,
    execution::Execution,
    project::{LatestOutputs, ProjectFile, ProjectSummary},
    results::{ImportSummary, ProfileSummary, Sample},
    workflow::WorkflowCard,
};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::api::request::{actor, answer, backend};
use crate::api::{ApiError, codec::Json};

#[server(prefix = "/_fn", endpoint = "projects", input = Json, output = Json)]
pub async fn projects() -> Result<Vec<ProjectSummary>, ApiError> {
    answer(backend().projects().await)
}

/// What the head of a project's page shows, on every tab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectHead {
    /// Number of the last event in here, for listening from there.
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

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceHead {
    pub name: String,
    /// `None` when the configuration names a file that was never uploaded.
    pub file: Option<ProjectFile>,
    /// The name that the configuration gives.
    pub file_name: String,
}

#[server(prefix = "/_fn", endpoint = "project", input = Json, output = Json)]
pub async fn project(id: ProjectId) -> Result<ProjectHead, ApiError> {
    answer(gather::head(id).await)
}

/// What one step would do, or did: a figure where there is one, and words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatestResults {
    /// All six steps, in order.
    pub facts: Vec<StepFact>,
    pub outputs: Option<LatestOutputs>,
    /// The first golden records.
    pub golden: Option<Sample>,
    /// How many golden records there are in all.
    pub golden_records: u64,
}

#[server(prefix = "/_fn", endpoint = "project_results", input = Json, output = Json)]
pub async fn project_results(id: ProjectId) -> Result<LatestResults, ApiError> {
    answer(gather::results(id).await)
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SourcesSeen {
    pub import: Option<ImportSummary>,
    pub profile: Option<ProfileSummary>,
    /// When the profile was made.
    pub profiled_at: Option<Timestamp>,
}

#[server(prefix = "/_fn", endpoint = "project_sources", input = Json, output = Json)]
pub async fn project_sources(id: ProjectId) -> Result<SourcesSeen, ApiError> {
    answer(gather::sources(id).await)
}

/// An empty project, to upload files into.
#[server(prefix = "/_fn", endpoint = "create_project", input = Json, output = Json)]
pub async fn create_project(name: String) -> Result<ProjectId, ApiError> {
    answer(backend().create_project(&actor(), name).await.map(|project| project.id))
}

/// Profiles the sources and replaces the settings by ones that fit them.
#[server(prefix = "/_fn", endpoint = "suggest_project", output = Json)]
pub async fn suggest_project(id: ProjectId) -> Result<(), ApiError> {
    answer(backend().suggest_project(&actor(), id).await.map(|_| ()))
}

/// Leads back to the list.
#[server(prefix = "/_fn", endpoint = "delete_project", output = Json)]
pub async fn delete_project(id: ProjectId) -> Result<(), ApiError> {
    answer(backend().delete_project(&actor(), id).await)?;
    leptos_axum::redirect("/projects");
    Ok(())
}

/// Takes back a project whose files turned out to be unusable, without leading anywhere.
#[server(prefix = "/_fn", endpoint = "discard_project", input = Json, output = Json)]
pub async fn discard_project(id: ProjectId) -> Result<(), ApiError> {
    answer(backend().delete_project(&actor(), id).await)
}

/// Runs all six steps now, in the project's On-Demand workflow, which is created when there is none. Leads to it.
///
/// `key` is one click: sent twice, it queues nothing twice.
#[server(prefix = "/_fn", endpoint = "run_project", output = Json)]
pub async fn run_project(id: ProjectId, key: Option<String>) -> Result<Execution, ApiError> {
    let execution = answer(run::on_demand(id, key).await)?;
    leptos_axum::redirect(&format!("/workflows/{}", execution.workflow_id));
    Ok(execution)
}

#[cfg(feature = "ssr")]
mod facts;
#[cfg(feature = "ssr")]
mod gather;
#[cfg(feature = "ssr")]
mod run;
