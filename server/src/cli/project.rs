//! `millrace project`: list, import, export.

pub(super) mod document;
mod import;

use std::path::PathBuf;

use app::format::number;
use clap::{Args, Subcommand};
use model::project::{Project, ProjectSummary};

use super::{
    Outcome,
    client::Client,
    failure::Failure,
    find,
    list::{Extent, List, query},
    output::{Output, plain},
    table::{table, time},
};
use document::{Document, Form};

#[derive(Debug, Subcommand)]
pub enum Request {
    /// List projects
    List(Filter),
    /// Make a project from a configuration document, or replace the configuration of one
    Import(import::Import),
    /// Write a project's configuration document, readable, as TOML or JSON
    Export(Export),
}

#[derive(Debug, Args)]
pub struct Filter {
    /// Part of the name
    #[arg(long, value_name = "TEXT")]
    q: Option<String>,
    #[command(flatten)]
    extent: Extent,
}

#[derive(Debug, Args)]
pub struct Export {
    /// The project
    #[arg(value_name = "NAME|ID")]
    project: String,
    /// The file to write, .toml or .json; - is the standard output, as TOML or with --json as JSON
    file: PathBuf,
}

impl Request {
    pub(super) async fn perform(self, client: &Client, output: &mut Output) -> Result<Outcome, Failure> {
        match self {
            Request::List(filter) => list(client, output, filter).await?,
            Request::Import(import) => import.perform(client, output).await?,
            Request::Export(wish) => export(client, output, wish).await?,
        }
        Ok(Outcome::Done)
    }
}

async fn list(client: &Client, output: &mut Output, filter: Filter) -> Result<(), Failure> {
    let list = List::fetch(client, "/projects", &query([("q", filter.q)]), &filter.extent).await?;
    list.print(client, output, "There is no such project.", |projects: Vec<ProjectSummary>| {
        let row = |project: ProjectSummary| {
            [
                project.name,
                project.sources.join(", "),
                project.records.map(number).unwrap_or_default(),
                project.workflows.to_string(),
                project.last_run_at.map(time).unwrap_or_default(),
                project.id.to_string(),
            ]
        };
        table(["NAME", "SOURCES", ">RECORDS", ">WORKFLOWS", "LAST RUN (UTC)", "ID"], projects.into_iter().map(row))
    })
}

async fn export(client: &Client, output: &mut Output, wish: Export) -> Result<(), Failure> {
    let is_piped = wish.file.as_os_str() == "-";
    let form = match (is_piped, output.is_json()) {
        (true, true) => Form::Json,
        (true, false) => Form::Toml,
        (false, _) => Form::of(&wish.file)?,
    };
    let id = find::project(client, &wish.project).await?;
    let answer = client.get(&format!("/projects/{id}"), &[]).await?;
    let project: Project = answer.read()?;
    let (name, version) = (plain(&project.name), project.version);
    let text = Document::of(project).write(form)?;
    if is_piped {
        return output.text(text.trim_end());
    }
    std::fs::write(&wish.file, text).map_err(|source| Failure::File { path: wish.file.clone(), source })?;
    if output.is_json() {
        return output.text(answer.text);
    }
    output.text(format_args!("{} has the configuration of “{name}”, version {version}.", wish.file.display()))
}
