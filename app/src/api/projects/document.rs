//! The configuration of a project as the document that a person edits: JSON text with a version.

mod editing;

pub use editing::open;
use model::FieldError;

/// The document in the editor, and why it was not saved, when it was posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub name: String,
    pub text: String,
    /// The version that the text started from.
    pub version: i64,
    pub refusal: DocumentRefusal,
}

/// Empty when nothing is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentRefusal {
    /// Where the text is not JSON, or names something that does not exist.
    pub syntax: Option<SyntaxProblem>,
    /// Paths in the document: `match.definitions[0].threshold`.
    pub problems: Vec<FieldError>,
    /// What someone else saved meanwhile.
    pub stored: Option<StoredDocument>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxProblem {
    /// 1-based, as editors count.
    pub line: usize,
    pub column: usize,
    pub message: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDocument {
    pub name: String,
    pub text: String,
    pub version: i64,
}
