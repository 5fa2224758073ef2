//! Reading, checking and saving the document.

use model::{
    Error, FieldError, ProjectId,
    config::ProjectConfig,
    project::{Project, ProjectDraft},
};

use super::{Document, DocumentRefusal, StoredDocument, SyntaxProblem};
use crate::{
    api::request::backend,
    components::notice::say,
    posted::{posted, refuse},
};

/// The document as it was posted to the page, after trying to save it; or as it is stored.
///
/// # Errors
/// When there is no such project.
pub async fn open(id: ProjectId) -> Result<Document, Error> {
    let stored = stored(backend().project(id).await?);
    let Some(body) = posted() else {
        let StoredDocument { name, text, version } = stored;
        return Ok(Document { name, text, version, refusal: DocumentRefusal::default() });
    };
    let mut document = read(&body);
    match save(id, document.name.clone(), &document.text, document.version).await? {
        Saved::Yes(version) => {
            say(format!("Saved as version {version}."), None);
            leptos_axum::redirect(&format!("/projects/{id}?tab=configuration"));
        }
        Saved::No(refusal) => {
            refuse();
            if let Some(stored) = &refusal.stored {
                document.version = stored.version;
            }
            document.refusal = refusal;
        }
    }
    Ok(document)
}

fn read(body: &str) -> Document {
    let mut document =
        Document { name: String::new(), text: String::new(), version: 0, refusal: DocumentRefusal::default() };
    for (name, value) in form_urlencoded::parse(body.as_bytes()) {
        match name.as_ref() {
            "name" => document.name = value.into_owned(),
            // Browsers send line ends as CR LF; line and column of a problem count the same, the text stays as it was.
            "document" => document.text = value.replace("\r\n", "\n"),
            "version" => document.version = value.parse().unwrap_or_default(),
            _ => {}
        }
    }
    document
}

enum Saved {
    /// The version that is stored now.
    Yes(i64),
    No(DocumentRefusal),
}

/// Replaces name and configuration. What is wrong with them is part of the answer.
async fn save(id: ProjectId, name: String, text: &str, version: i64) -> Result<Saved, Error> {
    let config: ProjectConfig = match serde_json::from_str(text) {
        Ok(config) => config,
        Err(error) => {
            let syntax = Some(syntax_problem(&error));
            return Ok(Saved::No(DocumentRefusal { syntax, ..DocumentRefusal::default() }));
        }
    };
    let draft = ProjectDraft { name: name.trim().to_owned(), config, version };
    match backend().replace_project(id, draft).await {
        Ok(project) => Ok(Saved::Yes(project.version)),
        Err(Error::Invalid { fields }) => Ok(refused(fields)),
        Err(Error::Conflict { message }) => Ok(refused(vec![FieldError::new("", message)])),
        Err(Error::OutdatedVersion { .. }) => {
            let stored = Some(stored(backend().project(id).await?));
            Ok(Saved::No(DocumentRefusal { stored, ..DocumentRefusal::default() }))
        }
        Err(other) => Err(other),
    }
}

fn refused(problems: Vec<FieldError>) -> Saved {
    Saved::No(DocumentRefusal { problems, ..DocumentRefusal::default() })
}

fn stored(project: Project) -> StoredDocument {
    let text = serde_json::to_string_pretty(&project.config).expect("a configuration has text keys only");
    StoredDocument { name: project.name, text, version: project.version }
}

/// The place is said apart from the message, so that the page can point at the line.
fn syntax_problem(error: &serde_json::Error) -> SyntaxProblem {
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let message = message.strip_suffix(&place).unwrap_or(&message).to_owned();
    SyntaxProblem { line: error.line(), column: error.column(), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: (usize, usize, &str)) {
        let error = serde_json::from_str::<ProjectConfig>(text).expect_err("not a configuration");
        let problem = syntax_problem(&error);
        assert_eq!((problem.line, problem.column, problem.message.as_str()), expected);
    }

    #[test]
    fn a_problem_of_the_text_has_its_place() {
        check("{\n  \"merge\": {},\n}", (3, 1, "trailing comma"));
        check(
            "{\"sorces\": []}",
            (
                1,
                9,
                "unknown field `sorces`, expected one of `sources`, `profile`, `cleanse`, `match`, `merge`, `export`",
            ),
        );
        check("", (1, 0, "EOF while parsing a value"));
    }

    #[test]
    fn line_ends_of_a_form_post_become_those_of_the_text() {
        let document = read("name=People&version=3&document=%7B%0D%0A%7D");
        assert_eq!((document.name.as_str(), document.version, document.text.as_str()), ("People", 3, "{\n}"));
    }
}
