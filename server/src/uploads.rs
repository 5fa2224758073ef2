//! Files from outside: streamed to `tmp/`, counted against the limit, then handed to the backend.
//!
//! A file is never held in memory, and nothing of one that did not arrive whole stays on disk. One that stops arriving
//! breaks off (`bodies`).

mod form;

use std::{io, path::PathBuf};

use app::backend::Backend as _;
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, header},
};
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use model::{Error, FieldError, ProjectId, Role, limits, project::Project};
use tokio::io::AsyncWriteExt as _;

pub use form::form;

use crate::{
    api::too_large,
    backend::Asked,
    clock::{Clock as _, SystemClock},
    problem::{Problem, Result},
    services::Services,
};

/// The body of a request is the file.
pub async fn raw(
    services: &Services,
    asker: &Asked,
    project: ProjectId,
    name: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<Project> {
    let name = file_name(name)?;
    // Before gigabytes are sent for nothing.
    asker.require_in_project(project, Role::Editor)?;
    asker.project(project).await?;
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|text| text.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|bytes| bytes > services.upload_max_bytes) {
        return Err(too_large(services.upload_max_bytes).into());
    }
    let upload = Upload::receive(services, body.into_data_stream().map_err(|error| incomplete(&error))).await?;
    let added = asker.add_file(project, &name, &upload.path, upload.bytes).await?;
    Ok(added)
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
        while let Some(chunk) = chunks.next().await {
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
