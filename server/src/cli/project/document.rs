//! A project's configuration as a file: its name, then a section for each step, as TOML or JSON.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

use model::{
    config::{CleanseConfig, ExportConfig, MatchConfig, MergeConfig, ProfileConfig, ProjectConfig, SourceConfig},
    project::Project,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::cli::failure::Failure;

/// The fields of [`ProjectConfig`], and the name before them. What it does not know is an error, as there.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    /// What the project is called, unless the import says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default)]
    sources: Vec<SourceConfig>,
    #[serde(default, skip_serializing_if = "ProfileConfig::is_empty")]
    profile: ProfileConfig,
    #[serde(default)]
    cleanse: CleanseConfig,
    #[serde(default, rename = "match")]
    matching: MatchConfig,
    #[serde(default)]
    merge: MergeConfig,
    #[serde(default)]
    export: ExportConfig,
}

/// Characters of a problem that are shown.
const PROBLEM_CHARS_MAX: usize = 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Toml,
    Json,
}

impl Form {
    /// What the ending of a file's name says.
    pub(crate) fn of(file: &Path) -> Result<Self, Failure> {
        match file.extension().map(|ending| ending.to_ascii_lowercase()) {
            Some(ending) if ending == "toml" => Ok(Form::Toml),
            Some(ending) if ending == "json" => Ok(Form::Json),
            _ => Err(Failure::Input(format!(
                "{}: its name says neither TOML nor JSON. Let it end in .toml or .json",
                file.display()
            ))),
        }
    }

    /// What a text looks like: a JSON document begins with a brace, and TOML never does.
    fn guess(text: &str) -> Self {
        if text.trim_start().starts_with('{') { Form::Json } else { Form::Toml }
    }
}

impl Document {
    pub(super) fn of(project: Project) -> Self {
        Self::new(project.name, project.config)
    }

    pub(crate) fn new(name: String, config: ProjectConfig) -> Self {
        // All of it by name, so that a section that is added is not forgotten here.
        let ProjectConfig { sources, profile, cleanse, matching, merge, export } = config;
        Self { name: Some(name), sources, profile, cleanse, matching, merge, export }
    }

    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub(crate) fn into_config(self) -> ProjectConfig {
        let Self { name: _, sources, profile, cleanse, matching, merge, export } = self;
        ProjectConfig { sources, profile, cleanse, matching, merge, export }
    }

    /// The uploaded files that its sources read.
    pub(super) fn files(&self) -> Vec<&str> {
        let uploaded = self.sources.iter().filter(|source| source.location.is_none());
        uploaded.map(|source| source.file.as_str()).collect()
    }

    /// The document as text that ends with a line break.
    pub(crate) fn write(&self, form: Form) -> Result<String, Failure> {
        let text = match form {
            Form::Toml => toml::to_string_pretty(self).map_err(|error| error.to_string()),
            Form::Json => serde_json::to_string_pretty(self).map(|text| text + "\n").map_err(|error| error.to_string()),
        };
        text.map_err(|problem| Failure::Input(format!("This configuration cannot be written so: {problem}")))
    }

    /// Reads a file; `-` is the standard input.
    pub(crate) fn read(file: &Path) -> Result<Self, Failure> {
        let unreadable = |source| Failure::File { path: file.to_owned(), source };
        let (text, form) = if file.as_os_str() == "-" {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map_err(unreadable)?;
            let form = Form::guess(&text);
            (text, form)
        } else {
            (std::fs::read_to_string(file).map_err(unreadable)?, Form::of(file)?)
        };
        Self::parse(&text, form).map_err(|problem| Failure::Input(format!("{}: {problem}", shown(file))))
    }

    fn parse(text: &str, form: Form) -> Result<Self, String> {
        match form {
            Form::Toml => toml::from_str(text).map_err(|error| in_short(toml_problem(text, &error))),
            Form::Json => from_json(text).map_err(in_short),
        }
    }
}

/// With the line that is meant, unless it is longer than anybody reads.
fn toml_problem(text: &str, error: &toml::de::Error) -> String {
    let whole = error.to_string();
    match error.span() {
        Some(span) if whole.chars().count() > PROBLEM_CHARS_MAX => {
            let line = 1 + text.bytes().take(span.start).filter(|byte| *byte == b'\n').count();
            format!("TOML parse error at line {line}: {}", error.message())
        }
        _ => whole.trim_end().to_owned(),
    }
}

/// A problem may repeat what was written, however long that is.
fn in_short(problem: String) -> String {
    match problem.char_indices().nth(PROBLEM_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &problem[..end]),
        None => problem,
    }
}

/// Names the field besides the place.
fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value =
        serde_path_to_error::deserialize(&mut reader).map_err(|error| match error.path().to_string().as_str() {
            "." => error.into_inner().to_string(),
            path => format!("{path}: {}", error.inner()),
        })?;
    reader.end().map_err(|error| error.to_string())?;
    Ok(value)
}

fn shown(file: &Path) -> String {
    let file: PathBuf = if file.as_os_str() == "-" { "the standard input".into() } else { file.to_owned() };
    file.display().to_string()
}

#[cfg(test)]
mod tests;
