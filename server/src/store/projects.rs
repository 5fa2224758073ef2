//! Projects: configuration documents and the files that belong to them.

use std::collections::BTreeMap;

use futures::FutureExt;
use model::{
    Author, Error, Page, ProjectId, Scope, Snapshot, Timestamp,
    activity::ActivityKind,
    config::{ProjectConfig, SourceConfig, cleanse::Operation},
    event::Change,
    limits,
    project::{Project, ProjectDraft, ProjectFile, ProjectFilter, ProjectName},
};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use uuid::Uuid;

use super::{
    Store, StoreResult,
    activity::{Entry, changes::Changes},
    events, history, review,
    row::{Bytes, Columns, push_scope, to_json},
    statements::statements,
    writer::Tx,
};

statements! {
    BY_ID = "SELECT id, name, version, config, created_at FROM projects WHERE id = ? AND deleted_at IS NULL";
    LIVE = "SELECT p.id, p.name, p.version, p.config, p.created_at,
        (SELECT count(*) FROM workflows w WHERE w.project_id = p.id AND w.deleted_at IS NULL) AS workflows
        FROM projects p WHERE p.deleted_at IS NULL";
    NAMES = "SELECT id, name FROM projects WHERE deleted_at IS NULL ORDER BY name";
    FILES = "SELECT name, file_id, bytes, uploaded_at FROM project_files WHERE project_id = ? ORDER BY name";
    FILES_ON_DISK = "SELECT name, file_id FROM project_files WHERE project_id = ?";
    NAME_TAKEN = "SELECT count(*) FROM projects WHERE name = ? AND deleted_at IS NULL AND id IS NOT ?";
    INSERT = "INSERT INTO projects (id, name, config, created_at, created_by) VALUES (?, ?, ?, ?, ?)";
    REPLACE = "UPDATE projects SET name = ?, config = ?, version = version + 1 WHERE id = ?";
    DELETE = "UPDATE projects SET deleted_at = ? WHERE id = ?";
    WORKFLOW_OF = "SELECT name FROM workflows WHERE project_id = ? AND deleted_at IS NULL ORDER BY name LIMIT 1";
    // A file that is replaced keeps its row; the content is a new file on disk.
    PUT_FILE = "INSERT INTO project_files (project_id, name, file_id, bytes, uploaded_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (project_id, name) DO UPDATE SET file_id = excluded.file_id, bytes = excluded.bytes,
        uploaded_at = excluded.uploaded_at";
    WORKFLOWS_OF = "SELECT id FROM workflows WHERE project_id = ? AND deleted_at IS NULL";
}

/// A project of the list, with what the database knows about it.
#[derive(Clone, Debug)]
pub struct ListedProject {
    pub project: Project,
    pub workflows: u32,
    pub last_run_at: Option<Timestamp>,
}

/// An uploaded file that lies in the project's directory under its id and is not part of the project yet.
#[derive(Clone, Debug)]
pub struct NewFile {
    pub project: ProjectId,
    /// The name that the configuration uses.
    pub name: String,
    pub file: Uuid,
    pub bytes: u64,
}

/// What a change of a project's settings comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProjectEdit {
    ByHand,
    /// Made from what is in the sources.
    Suggestion,
}

impl Store {
    /// # Errors
    /// `NotFound`, also for one that was deleted.
    pub async fn project(&self, id: ProjectId) -> StoreResult<Project> {
        let mut snapshot = self.read().await?;
        find(&mut snapshot, id).await
    }

    /// A page of projects, by name.
    ///
    /// # Errors
    /// `Invalid` at `cursor`, when it is not one that a page gave.
    pub async fn projects(&self, filter: &ProjectFilter, scope: &Scope) -> StoreResult<Snapshot<Page<ListedProject>>> {
        let mut snapshot = self.read().await?;
        let limit = filter.limit.unwrap_or(limits::PAGE_ITEMS_DEFAULT).clamp(1, limits::PAGE_ITEMS_MAX);
        // What `LIVE` is narrowed to.
        let mut query = QueryBuilder::<Sqlite>::new(LIVE);
        push_scope(&mut query, "p.id", scope);
        if let Some(cursor) = &filter.cursor {
            let last: ProjectId =
                cursor.parse().map_err(|_| Error::invalid("cursor", "is not a next_cursor of a page; leave it out"))?;
            query.push(" AND (p.name, p.id) > (SELECT name, id FROM projects WHERE id = ");
            query.push_bind(last.bytes()).push(")");
        }
        if let Some(part) = filter.q.as_deref().map(str::trim).filter(|part| !part.is_empty()) {
            query.push(" AND instr(lower(p.name), lower(").push_bind(part.to_owned()).push(")) > 0");
        }
        let one_more = i64::try_from(limit + 1).expect("a page is small");
        query.push(" ORDER BY p.name, p.id LIMIT ").push_bind(one_more);
        let rows = query.build().fetch_all(&mut *snapshot).await?;
        let mut items = Vec::with_capacity(limit);
        for row in rows.iter().take(limit) {
            let project = read(row, Vec::new())?;
            let last_run_at = history::last_end(&mut snapshot, project.id).await?;
            items.push(ListedProject { project, workflows: row.count("workflows")?, last_run_at });
        }
        let next_cursor = items.last().filter(|_| rows.len() > limit).map(|last| last.project.id.to_string());
        Ok(Snapshot { number: events::last_number(&mut snapshot).await?, data: Page { items, next_cursor } })
    }

    /// All projects, by name.
    pub async fn project_names(&self) -> StoreResult<Vec<ProjectName>> {
        let mut snapshot = self.read().await?;
        let rows = sqlx::query(NAMES).fetch_all(&mut *snapshot).await?;
        rows.iter().map(|row| Ok(ProjectName { id: row.project_id("id")?, name: row.text("name")? })).collect()
    }

    /// The files of a project: name in the configuration, name on disk.
    pub async fn project_files(&self, id: ProjectId) -> StoreResult<BTreeMap<String, Uuid>> {
        let mut snapshot = self.read().await?;
        let rows = sqlx::query(FILES_ON_DISK).bind(id.bytes()).fetch_all(&mut *snapshot).await?;
        rows.iter().map(|row| Ok((row.text("name")?, row.uuid("file_id")?))).collect()
    }

    /// An empty project.
    ///
    /// # Errors
    /// `Invalid` at `name`, when another project has it.
    pub async fn create_project(&self, name: String, by: Author) -> StoreResult<Project> {
        self.write(move |tx| create(tx, name, by).boxed()).await
    }

    /// # Errors
    /// `OutdatedVersion` when someone else saved since the draft's version.
    pub async fn replace_project(
        &self,
        id: ProjectId,
        draft: ProjectDraft,
        edit: ProjectEdit,
        by: Author,
    ) -> StoreResult<Project> {
        self.write(move |tx| replace(tx, id, draft, edit, by).boxed()).await
    }

    /// # Errors
    /// `Conflict` while a workflow uses it.
    pub async fn delete_project(&self, id: ProjectId, by: Author) -> StoreResult<()> {
        self.write(move |tx| delete(tx, id, by).boxed()).await
    }

    /// Makes an uploaded file the current content of its name, and a source if none reads that name yet.
    pub async fn put_file(&self, file: NewFile, by: Author) -> StoreResult<Project> {
        self.write(move |tx| put_file(tx, file, by).boxed()).await
    }
}

fn read(row: &sqlx::sqlite::SqliteRow, files: Vec<ProjectFile>) -> StoreResult<Project> {
    Ok(Project {
        id: row.project_id("id")?,
        name: row.text("name")?,
        version: row.integer("version")?,
        created_at: row.time("created_at")?,
        config: row.json("config")?,
        files,
    })
}

pub(super) async fn find(connection: &mut SqliteConnection, id: ProjectId) -> StoreResult<Project> {
    let row = sqlx::query(BY_ID).bind(id.bytes()).fetch_optional(&mut *connection).await?;
    let row = row.ok_or_else(|| Error::not_found("project"))?;
    let files = sqlx::query(FILES).bind(id.bytes()).fetch_all(connection).await?;
    let files = files.iter().map(|row| {
        Ok(ProjectFile { name: row.text("name")?, bytes: row.count("bytes")?, uploaded_at: row.time("uploaded_at")? })
    });
    read(&row, files.collect::<StoreResult<_>>()?)
}

async fn refuse_taken_name(tx: &mut Tx, name: &str, except: Option<ProjectId>) -> StoreResult<()> {
    let except = except.map(|id| id.bytes());
    let taken: i64 = sqlx::query_scalar(NAME_TAKEN).bind(name).bind(except).fetch_one(&mut tx.connection).await?;
    if taken > 0 { Err(Error::invalid("name", "another project has this name").into()) } else { Ok(()) }
}

pub(super) async fn announced(tx: &mut Tx, id: ProjectId) -> StoreResult<Project> {
    let project = find(&mut tx.connection, id).await?;
    tx.emit(&Change::Project { project_id: id, version: project.version });
    Ok(project)
}

async fn create(tx: &mut Tx, name: String, by: Author) -> StoreResult<Project> {
    refuse_taken_name(tx, &name, None).await?;
    let id = ProjectId::from_uuid(tx.new_uuid());
    sqlx::query(INSERT)
        .bind(id.bytes())
        .bind(name)
        .bind(to_json(&ProjectConfig::default()))
        .bind(tx.now().as_micros())
        .bind(&by.name)
        .execute(&mut tx.connection)
        .await?;
    let created = announced(tx, id).await?;
    tx.record(Entry::project(id, &created.name, ActivityKind::Created).by(by));
    Ok(created)
}

async fn replace(
    tx: &mut Tx,
    id: ProjectId,
    draft: ProjectDraft,
    edit: ProjectEdit,
    by: Author,
) -> StoreResult<Project> {
    let stored = find(&mut tx.connection, id).await?;
    if stored.version != draft.version {
        return Err(Error::OutdatedVersion { current: stored.version }.into());
    }
    refuse_taken_name(tx, &draft.name, Some(id)).await?;
    sqlx::query(REPLACE)
        .bind(&draft.name)
        .bind(to_json(&draft.config))
        .bind(id.bytes())
        .execute(&mut tx.connection)
        .await?;
    if stored.name != draft.name {
        let workflows = sqlx::query(WORKFLOWS_OF).bind(id.bytes()).fetch_all(&mut tx.connection).await?;
        for row in &workflows {
            super::workflows::announce(tx, row.workflow_id("id")?).await?;
        }
    }
    let after = announced(tx, id).await?;
    let what = match edit {
        ProjectEdit::ByHand => ActivityKind::Edited { version: Some(after.version) },
        ProjectEdit::Suggestion => ActivityKind::Suggested { version: after.version },
    };
    let changes = Changes::project((&stored.name, &stored.config), (&after.name, &after.config));
    tx.record(Entry::project(id, &after.name, what).by(by).changing(changes));
    Ok(after)
}

async fn delete(tx: &mut Tx, id: ProjectId, by: Author) -> StoreResult<()> {
    let project = find(&mut tx.connection, id).await?;
    let workflow: Option<String> =
        sqlx::query_scalar(WORKFLOW_OF).bind(id.bytes()).fetch_optional(&mut tx.connection).await?;
    if let Some(name) = workflow {
        let message = format!("The workflow “{name}” uses this project. Delete its workflows first.");
        return Err(Error::conflict(message).into());
    }
    sqlx::query(DELETE).bind(tx.now().as_micros()).bind(id.bytes()).execute(&mut tx.connection).await?;
    review::forget(tx, id).await?;
    tx.record(Entry::project(id, &project.name, ActivityKind::Deleted).by(by));
    tx.emit(&Change::ProjectDeleted { project_id: id });
    Ok(())
}

async fn put_file(tx: &mut Tx, file: NewFile, by: Author) -> StoreResult<Project> {
    let mut project = find(&mut tx.connection, file.project).await?;
    let before = project.config.clone();
    // A dictionary that an operation waits for is no source.
    let is_dictionary =
        project.config.cleanse.operations.iter().any(
            |operation| matches!(&operation.operation, Operation::Dictionary { file: named } if *named == file.name),
        );
    let sources = &mut project.config.sources;
    if !is_dictionary && !sources.iter().any(|source| source.file == file.name) {
        if sources.len() >= limits::SOURCES_MAX {
            let message = format!("The project has {} sources already, which is the most it can have.", sources.len());
            return Err(Error::conflict(message).into());
        }
        let name = source_name(&file.name, sources);
        sources.push(SourceConfig::uploaded(name, file.name.clone()));
    }
    sqlx::query(PUT_FILE)
        .bind(file.project.bytes())
        .bind(&file.name)
        .bind(file.file.as_bytes().to_vec())
        .bind(i64::try_from(file.bytes).unwrap_or(i64::MAX))
        .bind(tx.now().as_micros())
        .execute(&mut tx.connection)
        .await?;
    sqlx::query(REPLACE)
        .bind(&project.name)
        .bind(to_json(&project.config))
        .bind(file.project.bytes())
        .execute(&mut tx.connection)
        .await?;
    let changes = Changes::project((&project.name, &before), (&project.name, &project.config));
    let what = ActivityKind::FileUploaded { file: file.name, bytes: file.bytes };
    tx.record(Entry::project(file.project, &project.name, what).by(by).changing(changes));
    announced(tx, file.project).await
}

/// The file's name without its extension and what says how it is packed, or with a number if a source has that name.
fn source_name(file: &str, sources: &[SourceConfig]) -> String {
    let unpacked = [".gz", ".zst"].iter().find_map(|packing| file.strip_suffix(packing)).unwrap_or(file);
    let stem = unpacked.rsplit_once('.').map_or(unpacked, |(stem, _)| stem);
    let stem = if stem.is_empty() { file } else { stem };
    (1..)
        .map(|count| if count == 1 { stem.to_owned() } else { format!("{stem}-{count}") })
        .find(|name| !sources.iter().any(|source| source.name == *name))
        .expect("there is always a next number")
}
