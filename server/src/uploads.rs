//! Files from outside: streamed to `tmp/`, counted against the limit, then handed to the backend.
//!
//! A file is never held in memory, and nothing of one that did not arrive whole stays on disk.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use app::backend::Backend as _;
use axum::{
    body::{Body, Bytes},
    extract::{
        Multipart, State,
        multipart::{Field, MultipartError},
    },
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect, Response},
};
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use model::{Actor, Door, Error, FieldError, ProjectId, limits, project::Project};
use tokio::io::AsyncWriteExt as _;

use crate::{
    api::too_large,
    clock::{Clock as _, SystemClock},
    problem::{Problem, Result},
    services::Services,
};

/// Silence after which a sender is given up.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// The body of a request is the file.
pub async fn raw(
    services: &Services,
    actor: &Actor,
    project: ProjectId,
    name: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<Project> {
    let name = file_name(name)?;
    // Before gigabytes are sent for nothing.
    services.backend.project(project).await?;
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|text| text.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|bytes| bytes > services.upload_max_bytes) {
        return Err(too_large(services.upload_max_bytes).into());
    }
    let chunks = body.into_data_stream().map_err(|error| incomplete(&error));
    let upload = Upload::receive(services, chunks).await?;
    let added = services.backend.add_file(actor, project, &name, &upload.path, upload.bytes).await?;
    Ok(added)
}

/// `POST /projects/upload`: the form of a browser without JavaScript. Makes a project of the file, lets the server
/// suggest its settings, and leads to its page.
pub async fn form(State(services): State<Services>, form: Multipart) -> Response {
    match project_from_form(&services, form).await {
        Ok(project) => Redirect::to(&format!("/projects/{}", project.id)).into_response(),
        Err(problem) => problem.into_page("/projects"),
    }
}

async fn project_from_form(services: &Services, mut form: Multipart) -> Result<Project> {
    let actor = Actor::local(Door::Browser);
    let (mut project_name, mut file) = (String::new(), None);
    while let Some(mut field) = form.next_field().await.map_err(|error| unreadable(&error))? {
        match field.name() {
            Some("name") => project_name = short_text(&mut field).await?,
            Some("file") => {
                let name = file_name(field.file_name().unwrap_or_default())?;
                let chunks = field.map_err(|error| unreadable(&error));
                file = Some((name, Upload::receive(services, chunks).await?));
            }
            _ => {}
        }
    }
    let (file_name, upload) = file.ok_or_else(|| Error::invalid("file", "choose a file"))?;
    if project_name.trim().is_empty() {
        let stem = Path::new(&file_name).file_stem().and_then(|stem| stem.to_str()).unwrap_or(&file_name);
        project_name = stem.chars().take(limits::NAME_CHARS_MAX).collect();
    }
    let project = services.backend.create_project(&actor, project_name).await?;
    let filled = async {
        services.backend.add_file(&actor, project.id, &file_name, &upload.path, upload.bytes).await?;
        services.backend.suggest_project(&actor, project.id).await
    };
    match filled.await {
        Ok(project) => Ok(project),
        Err(error) => {
            // The file cannot be used: without it the project is nothing that the user asked for.
            services.backend.delete_project(&actor, project.id).await?;
            Err(error.into())
        }
    }
}

async fn short_text(field: &mut Field<'_>) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| unreadable(&error))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > 8 * limits::NAME_CHARS_MAX {
            return Err(Error::invalid("name", "is too long").into());
        }
    }
    String::from_utf8(bytes).map_err(|_| Error::invalid("name", "is not UTF-8 text").into())
}

/// A file in `tmp/` that goes away unless the backend moves it elsewhere.
struct Upload {
    path: PathBuf,
    bytes: u64,
}

impl Drop for Upload {
    fn drop(&mut self) {
        // It is not there any more when the backend took it; what cannot be removed now goes at the next start.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Upload {
    async fn receive(services: &Services, chunks: impl Stream<Item = Result<Bytes>>) -> Result<Self> {
        let path = services.backend.directory().temporary().join(SystemClock.new_uuid().to_string());
        let mut upload = Self { path, bytes: 0 };
        let mut file = tokio::fs::File::create_new(&upload.path).await.map_err(|error| not_written(&error))?;
        let mut chunks = std::pin::pin!(chunks);
        loop {
            let next = tokio::time::timeout(SILENCE_MAX, chunks.next());
            let Some(chunk) = next.await.map_err(|_| {
                Problem::timed_out(format!("Nothing of the file arrived for {} seconds.", SILENCE_MAX.as_secs()))
            })?
            else {
                break;
            };
            let chunk = chunk?;
            upload.bytes += chunk.len() as u64;
            if upload.bytes > services.upload_max_bytes {
                return Err(too_large(services.upload_max_bytes).into());
            }
            file.write_all(&chunk).await.map_err(|error| not_written(&error))?;
        }
        // On disk before the database names it.
        file.sync_all().await.map_err(|error| not_written(&error))?;
        Ok(upload)
    }
}

fn not_written(error: &io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Error::Unavailable { message: "The server's disk is full; the file was not kept.".to_owned() }.into()
        }
        _ => Problem::internal(error),
    }
}

fn incomplete(error: &axum::Error) -> Problem {
    Problem::malformed(format!("The file did not arrive whole: {error}."))
}

fn unreadable(error: &MultipartError) -> Problem {
    Problem::malformed(format!("The form cannot be read: {}.", error.body_text()))
}

/// The last part of what a browser or program calls the file, without what no file system takes. It is a name to show
/// and to refer to; on disk the file lies under an id.
///
/// # Errors
/// When nothing usable is left.
fn file_name(raw: &str) -> Result<String, Error> {
    let last = raw.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last.chars().filter(|c| !c.is_control()).collect();
    let name = name.trim();
    if matches!(name, "" | "." | "..") {
        return Err(Error::invalid("name", "is not the name of a file; say for example people.csv"));
    }
    if name.chars().count() > limits::FILE_NAME_CHARS_MAX {
        let fields = vec![FieldError::new(
            "name",
            format!("has {} characters; at most {} are allowed", name.chars().count(), limits::FILE_NAME_CHARS_MAX),
        )];
        return Err(Error::Invalid { fields });
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, expected: Option<&str>) {
        assert_eq!(file_name(raw).ok().as_deref(), expected, "{raw:?}");
    }

    #[test]
    fn a_file_keeps_its_name_and_loses_its_path() {
        check("people.csv", Some("people.csv"));
        check("C:\\fakepath\\Kunden März.csv", Some("Kunden März.csv"));
        check("../../etc/passwd", Some("passwd"));
        check(" a\u{0}b\n.csv ", Some("ab.csv"));
        check("..", None);
        check("folder/", None);
        check("", None);
        check(&"x".repeat(300), None);
    }
}
