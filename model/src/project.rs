//! A project: sources, configuration, and what the latest runs left.

use serde::{Deserialize, Serialize};

use crate::{ProjectId, Timestamp, config::ProjectConfig, execution::Output};

/// A project as API and pages show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Project {
    pub id: ProjectId,
    pub name: String,
    /// Raised by every change of the configuration or of a file.
    pub version: i64,
    pub created_at: Timestamp,
    pub config: ProjectConfig,
    /// The uploaded files, by name.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub files: Vec<ProjectFile>,
}

/// A file that the project keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProjectFile {
    pub name: String,
    pub bytes: u64,
    pub uploaded_at: Timestamp,
}

/// One row of the project list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProjectSummary {
    pub id: ProjectId,
    pub name: String,
    pub version: i64,
    pub created_at: Timestamp,
    pub sources: Vec<String>,
    pub workflows: u32,
    /// Records of the last import.
    pub records: Option<u64>,
    /// Groups of the last match.
    pub groups: Option<u64>,
    pub last_run_at: Option<Timestamp>,
}

/// Which projects a list shows, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct ProjectFilter {
    /// Part of the name.
    #[serde(default)]
    pub q: Option<String>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    pub cursor: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", param(schema_with = crate::openapi::page_limit))]
    pub limit: Option<usize>,
}

/// A project among others to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectName {
    pub id: ProjectId,
    pub name: String,
}

/// What a program or the editor writes to replace a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProjectDraft {
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::name))]
    pub name: String,
    pub config: ProjectConfig,
    pub version: i64,
}

/// Outputs of the latest successful export, with the execution that made them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatestOutputs {
    pub execution: crate::ExecutionId,
    pub items: Vec<Output>,
}
