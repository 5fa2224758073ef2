//! `millrace project import`: a whole project or none.

use std::path::{Path, PathBuf};

use app::format;
use clap::Args;
use model::{
    ProjectId,
    config::ProjectConfig,
    project::{Project, ProjectDraft},
};
use reqwest::{Method, header};
use serde::Serialize;
use tokio::fs::File;

use super::document::Document;
use crate::cli::{
    client::{self, Client},
    failure::Failure,
    find,
    output::{Output, plain},
};

#[derive(Debug, Args)]
pub struct Import {
    /// The configuration document, .toml or .json; - is the standard input
    file: PathBuf,
    /// What the project is called [default: the name in the document, else the file's]
    #[arg(long)]
    name: Option<String>,
    /// Put the configuration in the place of that of the project of this name
    #[arg(long)]
    replace: bool,
    /// Files to upload for the sources, each under its own name
    #[arg(long, value_name = "FILE", num_args = 1..)]
    data: Vec<PathBuf>,
}

/// A file to upload, open already: what cannot be read is told before anything is changed.
struct Data {
    path: PathBuf,
    name: String,
    file: File,
    bytes: u64,
}

impl Import {
    pub(super) async fn perform(self, client: &Client, output: &mut Output) -> Result<(), Failure> {
        let document = Document::read(&self.file)?;
        let data = self.open_data(&document).await?;
        let name = self.project_name(&document)?;
        let config = document.into_config();
        let (answer, did) = match find::project_named(client, &name).await? {
            Some(_) if !self.replace => {
                return Err(Failure::Input(format!(
                    "There is a project “{name}” already. Its configuration is replaced with --replace; another \
                     project is made with --name."
                )));
            }
            Some(id) => (replace(client, output, id, config, data).await?, "has a new configuration"),
            None => (create(client, output, name, config, data).await?, "is made"),
        };
        if output.is_json() {
            return output.text(answer.text);
        }
        let project: Project = answer.read()?;
        output.text(format_args!(
            "Project “{}” {did}, version {} ({}).",
            plain(&project.name),
            project.version,
            project.id
        ))
    }

    async fn open_data(&self, document: &Document) -> Result<Vec<Data>, Failure> {
        let read = document.files();
        let mut data = Vec::with_capacity(self.data.len());
        for path in &self.data {
            let file = Data::open(path).await?;
            // The upload would make a source of it that the document does not know.
            if !read.is_empty() && !read.contains(&file.name.as_str()) {
                return Err(Failure::Input(format!(
                    "{}: no source of the document reads “{}”. Its sources read: {}",
                    path.display(),
                    file.name,
                    read.join(", ")
                )));
            }
            data.push(file);
        }
        Ok(data)
    }

    fn project_name(&self, document: &Document) -> Result<String, Failure> {
        let of_file = || self.file.file_stem().filter(|stem| *stem != "-")?.to_str();
        let name = self.name.as_deref().or_else(|| document.name()).or_else(of_file);
        let name =
            name.ok_or_else(|| Failure::Input("Nothing says what the project is called: say --name".to_owned()))?;
        Ok(name.trim().to_owned())
    }
}

impl Data {
    async fn open(path: &Path) -> Result<Self, Failure> {
        let failure = |source| Failure::File { path: path.to_owned(), source };
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| Failure::Input(format!("{} is not the name of a file", path.display())))?;
        let file = File::open(path).await.map_err(failure)?;
        let about = file.metadata().await.map_err(failure)?;
        if !about.is_file() {
            return Err(Failure::Input(format!("{} is not a file", path.display())));
        }
        Ok(Self { path: path.to_owned(), name: name.to_owned(), file, bytes: about.len() })
    }
}

/// A new project; one that does not get its configuration and all its files is removed again.
async fn create(
    client: &Client,
    output: &mut Output,
    name: String,
    config: ProjectConfig,
    data: Vec<Data>,
) -> Result<client::Document, Failure> {
    #[derive(Serialize)]
    struct New {
        name: String,
    }
    let project: Project = client.post_json("/projects", &New { name }).await?.read()?;
    let id = project.id;
    let filled = fill(client, output, project, config, data).await;
    if filled.is_err() {
        // Why it could not be filled says more than why it could not be removed.
        let _ = client.delete(&format!("/projects/{id}")).await;
    }
    filled
}

async fn replace(
    client: &Client,
    output: &mut Output,
    id: ProjectId,
    config: ProjectConfig,
    data: Vec<Data>,
) -> Result<client::Document, Failure> {
    let project: Project = client.get(&format!("/projects/{id}"), &[]).await?.read()?;
    fill(client, output, project, config, data).await
}

/// The configuration first: it is refused before gigabytes are sent.
async fn fill(
    client: &Client,
    output: &mut Output,
    project: Project,
    config: ProjectConfig,
    data: Vec<Data>,
) -> Result<client::Document, Failure> {
    let path = format!("/projects/{}", project.id);
    let draft = ProjectDraft { name: project.name, config, version: project.version };
    let mut answer = client.put_json(&path, &draft).await?;
    for Data { path: from, name, file, bytes } in data {
        output.remark(format_args!("Uploading {}, {}", from.display(), format::bytes(bytes)))?;
        let request = client
            .request(Method::POST, &format!("{path}/files"))
            .query(&[("name", &name)])
            // What is too large is refused before it is sent.
            .header(header::CONTENT_LENGTH, bytes)
            .body(file);
        answer = client.send_at_length(request).await?;
    }
    Ok(answer)
}
