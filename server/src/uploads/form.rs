//! `POST /projects/upload`: files as a form sends them, with and without JavaScript. Makes a project of them, or adds them
//! to the one that the form names, and leads to its page; or back to the form, with what was typed and what was wrong.

use std::path::Path;

use app::{backend::Backend as _, components::notice::cookie_of};
use axum::{
    extract::{
        Multipart, State,
        multipart::{Field, MultipartError},
    },
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use form_urlencoded::Serializer;
use futures::TryStreamExt as _;
use model::{Error, ProjectId, Role, limits};

use super::{Upload, file_name};
use crate::{
    backend::Asked,
    problem::{Problem, Result},
    services::Services,
};

/// The inputs, in the order in which the form has them: text first, so that it is known whatever happens to the files.
#[derive(Default)]
struct Inputs {
    /// Of the new project.
    name: String,
    /// The project that the files go to, when there is one already.
    project: Option<ProjectId>,
    /// The file that is replaced, whatever the new one is called on the sender's disk.
    replaces: Option<String>,
    files: Vec<(String, Upload)>,
}

/// What became of it.
struct Done {
    /// The page that shows it.
    address: String,
    words: Option<String>,
}

/// A browser is led on; the page's own code, which shows how far the sending is, is told where to go.
pub async fn form(State(services): State<Services>, asker: Asked, headers: HeaderMap, form: Multipart) -> Response {
    let mut inputs = Inputs::default();
    let done = async {
        // Before gigabytes are sent for nothing.
        asker.require_any()?;
        read(&services, &asker, form, &mut inputs).await?;
        match inputs.project {
            Some(project) => add(&asker, project, &inputs).await,
            None => create(&asker, &inputs).await,
        }
    };
    let done = done.await;
    let accepted = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    match (done, accepted.contains("text/html")) {
        (Ok(Done { address, words }), is_led) => {
            let status = if is_led { StatusCode::SEE_OTHER } else { StatusCode::CREATED };
            let cookie = words.map(|words| [(header::SET_COOKIE, cookie_of(Ok(words)))]);
            (status, [(header::LOCATION, address)], cookie, ()).into_response()
        }
        (Err(problem), true) => {
            let cookie = cookie_of(Err(problem.detail().to_owned()));
            ([(header::SET_COOKIE, cookie)], Redirect::to(&way_back(&inputs))).into_response()
        }
        (Err(problem), false) => problem.into_response(),
    }
}

/// Where the form is, with the name that was typed.
fn way_back(inputs: &Inputs) -> String {
    match inputs.project {
        Some(project) => format!("/projects/{project}?tab=sources"),
        None => {
            let query = Serializer::new(String::new()).append_pair("name", &inputs.name).finish();
            format!("/projects/new?{query}")
        }
    }
}

async fn read(services: &Services, asker: &Asked, mut form: Multipart, inputs: &mut Inputs) -> Result<()> {
    while let Some(mut field) = form.next_field().await.map_err(|error| unreadable(&error))? {
        match field.name() {
            Some("name") => inputs.name = short_text(&mut field).await?,
            Some("as") => inputs.replaces = Some(short_text(&mut field).await?),
            Some("project") => {
                let id = short_text(&mut field).await?;
                inputs.project = Some(id.parse().map_err(|_| Error::not_found("project"))?);
            }
            // A file input that was left empty is sent without a name.
            Some("file") if !field.file_name().unwrap_or_default().is_empty() => {
                match inputs.project {
                    Some(project) => asker.require_in_project(project, Role::Editor)?,
                    None => asker.require(Role::Editor)?,
                }
                let name = file_name(field.file_name().unwrap_or_default())?;
                let chunks = field.map_err(|error| unreadable(&error));
                inputs.files.push((name, Upload::receive(services, chunks).await?));
            }
            _ => {}
        }
    }
    if inputs.files.is_empty() { Err(Error::invalid("file", "choose a file").into()) } else { Ok(()) }
}

async fn create(asker: &Asked, inputs: &Inputs) -> Result<Done> {
    let mut name = inputs.name.clone();
    if let (true, Some((file, _))) = (name.trim().is_empty(), inputs.files.first()) {
        let stem = Path::new(file).file_stem().and_then(|stem| stem.to_str()).unwrap_or(file);
        name = stem.chars().take(limits::NAME_CHARS_MAX).collect();
    }
    let project = asker.create_project(name).await?.id;
    let filled: Result<()> = async {
        add(asker, project, inputs).await?;
        asker.suggest_project(project).await?;
        Ok(())
    }
    .await;
    if let Err(problem) = filled {
        // The files cannot be used: without them the project is nothing that the user asked for.
        asker.delete_project(project).await?;
        return Err(problem);
    }
    Ok(Done { address: format!("/projects/{project}"), words: None })
}

async fn add(asker: &Asked, project: ProjectId, inputs: &Inputs) -> Result<Done> {
    let mut names = Vec::with_capacity(inputs.files.len());
    for (name, upload) in &inputs.files {
        let name = inputs.replaces.as_ref().unwrap_or(name);
        asker.add_file(project, name, &upload.path, upload.bytes).await?;
        names.push(name.as_str());
    }
    let are = if names.len() == 1 { "is" } else { "are" };
    let words = Some(format!("{} {are} in the project.", names.join(", ")));
    Ok(Done { address: format!("/projects/{project}?tab=sources"), words })
}

async fn short_text(field: &mut Field<'_>) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| unreadable(&error))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > 4 * limits::FILE_NAME_CHARS_MAX {
            return Err(Error::invalid("name", "is too long").into());
        }
    }
    String::from_utf8(bytes).map_err(|_| Error::invalid("name", "is not UTF-8 text").into())
}

fn unreadable(error: &MultipartError) -> Problem {
    Problem::malformed(format!("The form cannot be read: {}.", error.body_text()))
}
