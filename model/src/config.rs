//! A project's configuration document: one section a step, readable as JSON or TOML.
//!
//! The engine checks it as a whole (`engine::validate`) before a run and before it is saved.

pub mod cleanse;
pub mod database;
pub mod export;
pub mod matching;
pub mod merge;
pub mod profile;
pub mod source;

use serde::{Deserialize, Serialize};

pub use cleanse::CleanseConfig;
pub use export::ExportConfig;
use export::Target;
pub use matching::MatchConfig;
pub use merge::MergeConfig;
pub use profile::ProfileConfig;
use source::Location;
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

impl ProjectConfig {
    /// The names of all secrets that it needs.
    pub fn secret_names(&self) -> impl Iterator<Item = &str> {
        let sources = self.sources.iter().filter_map(|source| match source.location.as_ref()? {
            Location::Path { .. } => None,
            Location::Url { credentials, .. } | Location::ObjectStorage { credentials, .. } => credentials.as_deref(),
            Location::Database(source) => source.database.password(),
        });
        let targets = self.export.targets.iter().filter_map(|target| match target {
            Target::File { .. } | Target::Directory { .. } => None,
            Target::ObjectStorage { credentials, .. } => credentials.as_deref(),
            Target::Database(target) => target.database.password(),
        });
        sources.chain(targets)
    }
}

const fn yes() -> bool {
    true
}
