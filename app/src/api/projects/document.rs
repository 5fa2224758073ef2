//! The configuration of a project as the document that a person edits: JSON text with a version.

use leptos::prelude::*;
use model::{FieldError, ProjectId};
use serde::{Deserialize, Serialize};

use crate::api::{ApiError, codec::Json};

/// The document in the editor, and why it was not saved, when it was posted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    pub name: String,
    pub text: String,
    /// The version that the text started from.
    pub version: i64,
    pub refusal: DocumentRefusal,
}

/// Empty when nothing is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRefusal {
    /// Where the text is not JSON, or names something that does not exist.
    pub syntax: Option<SyntaxProblem>,
    /// Paths in the document: `match.definitions[0].threshold`.
    pub problems: Vec<FieldError>,
    /// What someone else saved meanwhile.
    pub stored: Option<StoredDocument>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyntaxProblem {
    /// 1-based, as editors count.
    pub line: usize,
    pub column: usize,
    pub message: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredDocument {
    pub name: String,
    pub text: String,
    pub version: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SavedDocument {
    /// The version that is stored now.
    Yes(i64),
    No(DocumentRefusal),
}

/// The document as it was posted to the page, after trying to save it; or as it is stored.
///
/// # Errors
/// When there is no such project.
#[server(prefix = "/_fn", endpoint = "open_document", input = Json, output = Json)]
pub async fn open_document(id: ProjectId) -> Result<Document, ApiError> {
    super::super::request::answer(editing::open(id).await)
}

/// Replaces name and configuration. What is wrong with them is part of the answer.
///
/// # Errors
/// When the server could not do it for another reason than the document.
#[server(prefix = "/_fn", endpoint = "save_document", input = Json, output = Json)]
pub async fn save_document(id: ProjectId, name: String, text: String, version: i64) -> Result<SavedDocument, ApiError> {
    super::super::request::answer(editing::save(id, name, &text, version).await)
}

#[cfg(feature = "ssr")]
mod editing;
