//! Pages of a history of ten million executions, and the start with it.

use std::{path::Path, sync::Arc, time::Instant};

use model::{
    Scope,
    execution::{ExecutionFilter, Status, Trigger},
    schedule::Schedule,
};
use server::{
    clock::{Clock as _, SharedClock, SystemClock},
    store::Store,
};
use sqlx::{ConnectOptions as _, Connection as _, Row as _, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::{Data, Result, ann, memory_mib, plan, row};

const PROJECTS: usize = 20;
const WORKFLOWS: usize = 50;
const PAGES: usize = 9;
const SLOTS: u32 = 64;

const GENERATE: &str = "
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
    INSERT INTO executions (number, id, workflow_id, project_id, status, \"trigger\", original_trigger, requested_by,
        attempt, attempts, queued_at, ready_at, started_at, finished_at, due_at, epoch, records, error, steps)
    SELECT i, randomblob(16), w.id, w.project_id, status, cause, cause, iif(cause = 'scheduled', NULL, 'ann'),
        1, 1, at, at, at + 1000, at + 60000000, iif(cause = 'scheduled', at, NULL), 1, 1000,
        iif(status = 'failed', 'line ' || (i % 1000) || ': not UTF-8 in column ' || (i % 7), iif(status = 'interrupted', 'stopped', NULL)),
        '[{\"step\":\"import\",\"status\":\"success\",\"started_at\":null,\"finished_at\":null,\"rows_in\":1000,\"rows_out\":1000,\"error\":null}]'
    FROM (SELECT i, 1700000000000000 + i * 1000000 AS at, i * 7919 % ?2 AS place,
            CASE WHEN i * 48271 % 100 < 90 THEN 'success' WHEN i * 48271 % 100 < 95 THEN 'failed'
                 WHEN i * 48271 % 100 < 98 THEN 'cancelled' ELSE 'interrupted' END AS status,
            CASE WHEN i * 16807 % 101 < 60 THEN 'scheduled' WHEN i * 16807 % 101 < 85 THEN 'manual' ELSE 'api' END AS cause
          FROM n) JOIN temp.chosen w ON w.k = place";

/// Measures.
pub(crate) async fn pages(binary: &Path, rows: i64) -> Result<()> {
    let (data, clock): (_, SharedClock) = (Data::new()?, Arc::new(SystemClock));
    let store = data.store(&clock).await?;
    let mut projects = Vec::new();
    for number in 0..PROJECTS {
        projects.push(store.create_project(format!("project {number}"), ann()).await?.id);
    }
    for number in 0..WORKFLOWS {
        let project = projects[number % PROJECTS];
        store.create_workflow(plan(format!("workflow {number}"), project, Schedule::OnDemand), ann()).await?;
    }
    drop(store);
    let prepared = Instant::now();
    generate(&data, rows).await?;
    row(&format!("(generating {rows} executions)"), format!("{:.0} s", prepared.elapsed().as_secs_f64()));
    let bytes = std::fs::metadata(data.database())?.len();
    row("(size of the database)", format!("{:.1} GB", bytes as f64 / 1e9));

    let opened = Instant::now();
    let store = data.store(&clock).await?;
    row("Opening the store with it", format!("{:.0} ms", opened.elapsed().as_secs_f64() * 1e3));
    let any = ExecutionFilter::default();
    let newest = &store.executions(&any, &Scope::All, SLOTS, clock.now()).await?.data.items[0];
    let (workflow, project) = (Some(newest.workflow_id), Some(newest.project_id));
    let deep = Some((rows / 2).to_string());
    let middle = model::Timestamp::from_micros(1_700_000_000_000_000 + rows / 2 * 1_000_000);
    let mut asked = vec![
        ("first".to_owned(), any.clone()),
        ("deep".to_owned(), ExecutionFilter { cursor: deep.clone(), ..any.clone() }),
        ("of a workflow".to_owned(), ExecutionFilter { workflow, ..any.clone() }),
        ("of a workflow, deep".to_owned(), ExecutionFilter { workflow, cursor: deep.clone(), ..any.clone() }),
        ("of a project".to_owned(), ExecutionFilter { project, ..any.clone() }),
        ("from a time on".to_owned(), ExecutionFilter { from: Some(middle), ..any.clone() }),
        ("before a time".to_owned(), ExecutionFilter { to: Some(middle), ..any.clone() }),
        ("rare word in the error".to_owned(), ExecutionFilter { q: Some("line 985".to_owned()), ..any.clone() }),
        ("word in every error".to_owned(), ExecutionFilter { q: Some("UTF".to_owned()), ..any.clone() }),
        (
            "word in every error, deep".to_owned(),
            ExecutionFilter { q: Some("UTF".to_owned()), cursor: deep, ..any.clone() },
        ),
        (
            "word in every error, of a workflow".to_owned(),
            ExecutionFilter { q: Some("UTF".to_owned()), workflow, ..any.clone() },
        ),
        ("word in no error".to_owned(), ExecutionFilter { q: Some("nowhere".to_owned()), ..any.clone() }),
    ];
    for status in Status::ALL {
        asked.push((status.as_str().to_owned(), ExecutionFilter { status: Some(status), ..any.clone() }));
    }
    for trigger in Trigger::ALL {
        asked.push((trigger.as_str().to_owned(), ExecutionFilter { trigger: Some(trigger), ..any.clone() }));
        let status = Some(Status::Failed);
        asked.push((
            format!("failed and {}", trigger.as_str()),
            ExecutionFilter { status, trigger: Some(trigger), ..any.clone() },
        ));
    }
    for status in [Status::Interrupted, Status::Queued] {
        asked.push((
            format!("{} of a workflow", status.as_str()),
            ExecutionFilter { status: Some(status), workflow, ..any.clone() },
        ));
    }
    for (what, filter) in asked {
        let (median, worst, items) = page(&store, &filter).await?;
        row(&format!("History page, {what} ({items} rows)"), format!("{median:.2} ms, worst {worst:.2}"));
    }
    if let Some(memory) = memory_mib() {
        row("(memory)", format!("{memory} MiB"));
    }
    drop(store);
    crate::start(binary, &data, &format!("{rows} executions")).await
}

/// Milliseconds: the median and the worst of several times, and the rows of the page.
async fn page(store: &Store, filter: &ExecutionFilter) -> Result<(f64, f64, usize)> {
    let mut took = Vec::with_capacity(PAGES);
    let mut items = 0;
    for _ in 0..PAGES {
        let asked = Instant::now();
        items = store.executions(filter, &Scope::All, SLOTS, SystemClock.now()).await?.data.items.len();
        took.push(asked.elapsed().as_secs_f64() * 1e3);
    }
    took.sort_by(f64::total_cmp);
    Ok((took[PAGES / 2], took[PAGES - 1], items))
}

/// Fills the table without its indices, and makes them after it.
async fn generate(data: &Data, rows: i64) -> Result<()> {
    let mut database = SqliteConnectOptions::new().filename(data.database()).connect().await?;
    for pragma in ["PRAGMA synchronous = OFF", "PRAGMA cache_size = -400000", "PRAGMA temp_store = FILE"] {
        sqlx::query(pragma).execute(&mut database).await?;
    }
    let indices = sqlx::query(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'executions' AND sql IS NOT NULL",
    );
    let indices = indices.fetch_all(&mut database).await?;
    for index in &indices {
        run(&mut database, format!("DROP INDEX {}", index.get::<String, _>("name"))).await?;
    }
    sqlx::query(
        "CREATE TEMP TABLE chosen AS SELECT row_number() OVER (ORDER BY id) - 1 AS k, id, project_id FROM workflows",
    )
    .execute(&mut database)
    .await?;
    sqlx::query("CREATE UNIQUE INDEX temp.by_k ON chosen (k)").execute(&mut database).await?;
    sqlx::query(GENERATE).bind(rows).bind(i64::try_from(WORKFLOWS)?).execute(&mut database).await?;
    for index in &indices {
        run(&mut database, index.get::<String, _>("sql")).await?;
    }
    let failed =
        "INSERT INTO execution_errors (rowid, error) SELECT number, error FROM executions WHERE status = 'failed'";
    sqlx::query(failed).execute(&mut database).await?;
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut database).await?;
    Ok(database.close().await?)
}

async fn run(database: &mut SqliteConnection, statement: String) -> Result<()> {
    sqlx::query(sqlx::AssertSqlSafe(statement)).execute(database).await?;
    Ok(())
}
