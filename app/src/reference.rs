//! The API as its page shows it. The server makes it from the description that it serves, so that the page cannot tell
//! anything else.

use std::sync::Arc;

/// Found in context by the page.
pub type SharedReference = Arc<Reference>;

#[derive(Clone, Debug, Default)]
pub struct Reference {
    pub about: String,
    /// Where the description for programs is.
    pub document: String,
    pub groups: Vec<Group>,
    /// What is sent and answered, by name.
    pub types: Vec<Type>,
}

/// Operations that belong together.
#[derive(Clone, Debug)]
pub struct Group {
    pub name: String,
    pub about: String,
    pub operations: Vec<Operation>,
}

#[derive(Clone, Debug)]
pub struct Operation {
    /// Also the name of its place on the page.
    pub id: String,
    pub method: String,
    pub path: String,
    pub summary: String,
    pub about: String,
    pub parameters: Vec<Row>,
    pub body: Option<Content>,
    pub answers: Vec<Answer>,
    /// A call that can be pasted into a shell.
    pub example: String,
}

/// One field, or one parameter.
#[derive(Clone, Debug)]
pub struct Row {
    pub name: String,
    /// For a parameter: path, query or header.
    pub place: Option<String>,
    pub required: bool,
    pub shape: Shape,
    pub about: String,
}

/// What a value can be, in words; some of them are names of types.
pub type Shape = Vec<Word>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    Text(String),
    Code(String),
    /// A type of the page.
    Type(String),
}

/// A body.
#[derive(Clone, Debug)]
pub struct Content {
    pub media_types: Vec<String>,
    pub shape: Shape,
    pub required: bool,
    pub about: String,
}

#[derive(Clone, Debug)]
pub struct Answer {
    pub status: String,
    pub about: String,
    pub content: Option<Content>,
    /// Name and meaning.
    pub headers: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
pub struct Type {
    pub name: String,
    pub about: String,
    /// What it is, where it is no object.
    pub shape: Shape,
    pub fields: Vec<Row>,
    /// Objects of which it is one.
    pub variants: Vec<Variant>,
}

#[derive(Clone, Debug)]
pub struct Variant {
    pub about: String,
    /// What else it is.
    pub shape: Shape,
    pub fields: Vec<Row>,
}
