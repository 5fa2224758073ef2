//! `POST /projects/upload`: what a browser without JavaScript sends. Makes a project of the files, or adds them to the
//! one that the form names, and leads to its page; or back to the form, with what was typed and what was wrong.

use std::path::Path;

use app::backend::Backend as _;
use axum::{
    extract::{
        Multipart, State,
        multipart::{Field, MultipartError},
    },
    response::{IntoResponse, Redirect, Response},
};
use form_urlencoded::Serializer;
use futures::TryStreamExt as _;
use model::{Actor, Door, Error, ProjectId, limits};

use super::{Upload, file_name};
use crate::{
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

pub async fn form(State(services): State<Services>, form: Multipart) -> Response {
    let mut inputs = Inputs::default();
    let done = async {
        read(&services, form, &mut inputs).await?;
        match inputs.project {
            Some(project) => add(&services, project, &inputs).await,
            None => create(&services, &inputs).await,
        }
    };
    match done.await {
        Ok(project) => Redirect::to(&format!("/projects/{project}")).into_response(),
        Err(problem) => Redirect::to(&way_back(&inputs, &problem)).into_response(),
    }
}

fn way_back(inputs: &Inputs, problem: &Problem) -> String {
    let mut query = Serializer::new(String::new());
    let path = match inputs.project {
        Some(project) => {
            query.append_pair("tab", "sources");
            format!("/projects/{project}")
        }
        None => {
            query.append_pair("name", &inputs.name);
            "/projects/new".to_owned()
        }
    };
    query.append_pair("problem", problem.detail());
    format!("{path}?{}", query.finish())
}

async fn read(services: &Services, mut form: Multipart, inputs: &mut Inputs) -> Result<()> {
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
                let name = file_name(field.file_name().unwrap_or_default())?;
                let chunks = field.map_err(|error| unreadable(&error));
                inputs.files.push((name, Upload::receive(services, chunks).await?));
            }
            _ => {}
        }
    }
    if inputs.files.is_empty() { Err(Error::invalid("file", "choose a file").into()) } else { Ok(()) }
}

async fn create(services: &Services, inputs: &Inputs) -> Result<ProjectId> {
    let actor = Actor::local(Door::Browser);
    let mut name = inputs.name.clone();
    if let (true, Some((file, _))) = (name.trim().is_empty(), inputs.files.first()) {
        let stem = Path::new(file).file_stem().and_then(|stem| stem.to_str()).unwrap_or(file);
        name = stem.chars().take(limits::NAME_CHARS_MAX).collect();
    }
    let project = services.backend.create_project(&actor, name).await?.id;
    let filled = async {
        add(services, project, inputs).await?;
        services.backend.suggest_project(&actor, project).await?;
        Ok(project)
    };
    let filled: Result<ProjectId> = filled.await;
    if filled.is_err() {
        // The files cannot be used: without them the project is nothing that the user asked for.
        services.backend.delete_project(&actor, project).await?;
    }
    filled
}

async fn add(services: &Services, project: ProjectId, inputs: &Inputs) -> Result<ProjectId> {
    let actor = Actor::local(Door::Browser);
    for (name, upload) in &inputs.files {
        let name = inputs.replaces.as_ref().unwrap_or(name);
        services.backend.add_file(&actor, project, name, &upload.path, upload.bytes).await?;
    }
    Ok(project)
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
