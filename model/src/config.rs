//! A project's configuration document: one section a step, readable as JSON or TOML.
//!
//! The engine checks it as a whole (`engine::validate`) before a run and before it is saved.

pub mod cleanse;
pub mod export;
pub mod matching;
pub mod merge;
pub mod profile;
pub mod source;

use serde::{Deserialize, Serialize};

pub use cleanse::CleanseConfig;
pub use export::ExportConfig;
pub use matching::MatchConfig;
pub use merge::MergeConfig;
pub use profile::ProfileConfig;
pub use source::SourceConfig;

/// What the six steps do. Unknown fields are errors, so that a typing mistake is not silently a default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProjectConfig {
    #[serde(default)]
    pub sources: Vec<SourceConfig>,
    #[serde(default, skip_serializing_if = "ProfileConfig::is_empty")]
    pub profile: ProfileConfig,
    #[serde(default)]
    pub cleanse: CleanseConfig,
    #[serde(default, rename = "match")]
    pub matching: MatchConfig,
    #[serde(default)]
    pub merge: MergeConfig,
    #[serde(default)]
    pub export: ExportConfig,
}

const fn yes() -> bool {
    true
}
