//! What happens between the button and the project's page: create, send each file, let the server suggest settings.
//!
//! When any of it fails, nothing is left behind: the half-made project goes, the form keeps what was typed and chosen,
//! and the same button tries again.

use leptos::{prelude::*, task::spawn_local};
use leptos_router::NavigateOptions;
use model::ProjectId;
use send_wrapper::SendWrapper;
use web_sys::File;

use crate::{
    api::{self, ApiError},
    components::upload,
};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stage {
    Choosing,
    /// `share`: how much of it is done, 0–1; `None` while that is unknown.
    Working {
        words: String,
        share: Option<f64>,
    },
    Failed(String),
}

#[derive(Clone, Copy)]
pub(super) struct Creation {
    stage: RwSignal<Stage>,
    /// Name and bytes.
    listed: RwSignal<Vec<(String, u64)>>,
    files: StoredValue<SendWrapper<Vec<File>>>,
    suggestion: StoredValue<Option<String>>,
}

impl Creation {
    pub(super) fn new(problem: Option<String>) -> Self {
        Self {
            stage: RwSignal::new(problem.map_or(Stage::Choosing, Stage::Failed)),
            listed: RwSignal::new(Vec::new()),
            files: StoredValue::new(SendWrapper::new(Vec::new())),
            suggestion: StoredValue::new(None),
        }
    }

    pub(super) fn stage(self) -> Stage {
        self.stage.get()
    }

    pub(super) fn busy(self) -> bool {
        self.stage.with(|stage| matches!(stage, Stage::Working { .. }))
    }

    pub(super) fn files(self) -> Vec<(String, u64)> {
        self.listed.get()
    }

    pub(super) fn choose(self, files: Vec<File>) {
        self.listed.set(files.iter().map(|file| (file.name(), file.size() as u64)).collect());
        self.files.set_value(SendWrapper::new(files));
        self.stage.set(Stage::Choosing);
    }

    /// `customers` for `customers.csv`.
    pub(super) fn name_suggestion(self) -> Option<String> {
        let first = self.listed.with_untracked(|files| files.first().map(|(name, _)| name.clone()))?;
        let stem = first.rsplit_once('.').map_or(first.as_str(), |(stem, _)| stem);
        Some(stem.chars().take(model::limits::NAME_CHARS_MAX).collect())
    }

    pub(super) fn suggested_before(self, name: &str) -> bool {
        self.suggestion.with_value(|suggestion| suggestion.as_deref() == Some(name))
    }

    pub(super) fn remember_suggestion(self, name: String) {
        self.suggestion.set_value(Some(name));
    }

    /// `navigate` leads to the project when all is done.
    pub(super) fn start(self, name: String, navigate: impl Fn(&str, NavigateOptions) + 'static) {
        let files: Vec<File> = self.files.with_value(|files| files.to_vec());
        let name = if name.trim().is_empty() { self.name_suggestion().unwrap_or_default() } else { name };
        self.working("Creating the project…", None);
        spawn_local(async move {
            match self.create(name, &files).await {
                Ok(project) => navigate(&format!("/projects/{project}"), NavigateOptions::default()),
                Err(problem) => self.stage.set(Stage::Failed(problem)),
            }
        });
    }

    async fn create(self, name: String, files: &[File]) -> Result<ProjectId, String> {
        let project = api::projects::create_project(name).await.map_err(|error| words(&error))?;
        let filled = self.fill(project, files).await;
        if filled.is_err() {
            // An empty project would be in the way of the next try; if it cannot be removed, it can be by hand.
            let _ = api::projects::discard_project(project).await;
        }
        filled.map(|()| project)
    }

    async fn fill(self, project: ProjectId, files: &[File]) -> Result<(), String> {
        for file in files {
            let name = file.name();
            let words = format!("Sending {name}…");
            self.working(&words, Some(0.0));
            upload::send(project, &name, file, move |share| self.working(&words, Some(share)))
                .await
                .map_err(|problem| format!("{name}: {problem}"))?;
        }
        self.working("Looking at the records and choosing settings…", None);
        api::projects::suggest_project(project).await.map_err(|error| words(&error))
    }

    fn working(self, words: &str, share: Option<f64>) {
        self.stage.set(Stage::Working { words: words.to_owned(), share });
    }
}

fn words(error: &ApiError) -> String {
    error.to_string()
}
