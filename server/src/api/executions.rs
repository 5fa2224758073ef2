//! `/executions`, and Run Now at `/workflows/{id}/executions`

use std::time::Duration;

use app::backend::Backend as _;
use axum::{
    Json as Answer,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use model::{
    Error, ExecutionId, Step, WorkflowId,
    delivery::Delivery,
    execution::{Execution, ExecutionFilter, LogLine, Output},
    limits,
};
use serde::Deserialize;
use tokio_util::io::ReaderStream;

use super::{
    Items, List, PREFIX,
    extract::{Id, JsonIfAny, NoBody, Parameters, Query, page_limit},
};
use crate::{
    backend::Asked,
    live::Visitor,
    problem::{Problem, Result},
    services::Services,
    sign_in::Visit,
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What a run may be asked for. Nothing has to be said.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RunWish {
    /// The step to begin at; the project's results of the steps before it are used.
    from: Option<Step>,
}

pub(super) async fn run_now(
    asker: Asked,
    Id(workflow): Id<WorkflowId>,
    headers: HeaderMap,
    JsonIfAny(wish): JsonIfAny<RunWish>,
) -> Result<impl IntoResponse> {
    let key = idempotency_key(&headers)?;
    let execution = asker.run_now(workflow, wish.from, key).await?;
    let location = format!("{PREFIX}/executions/{}", execution.id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Answer(execution)))
}

pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(key) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    key.to_str()
        .ok()
        .map(str::trim)
        .filter(|key| !key.is_empty() && key.len() <= limits::IDEMPOTENCY_KEY_CHARS_MAX)
        .map(|key| Some(key.to_owned()))
        .ok_or_else(|| {
            Problem::query(
                "Idempotency-Key",
                format!("must be 1 to {} printable ASCII characters", limits::IDEMPOTENCY_KEY_CHARS_MAX),
            )
        })
}

impl Parameters for ExecutionFilter {
    const NAMES: &'static [&'static str] =
        &["workflow", "project", "status", "trigger", "from", "to", "q", "cursor", "limit"];
}

pub(super) async fn list(asker: Asked, Query(filter): Query<ExecutionFilter>) -> Result<Answer<List<Execution>>> {
    let filter = ExecutionFilter { limit: page_limit(filter.limit)?, ..filter };
    let page = asker.executions(filter).await.map_err(Problem::of_query)?.data;
    Ok(Answer(List { items: page.items, next_cursor: page.next_cursor }))
}

#[derive(Deserialize)]
pub(super) struct ReadQuery {
    /// `30s`: the answer comes when the execution has ended, or after that time.
    wait: Option<String>,
}

impl Parameters for ReadQuery {
    const NAMES: &'static [&'static str] = &["wait"];
}

pub(super) async fn read(
    State(services): State<Services>,
    asker: Asked,
    visit: Visit,
    Id(id): Id<ExecutionId>,
    Query(query): Query<ReadQuery>,
) -> Result<Answer<Execution>> {
    let execution = asker.execution(id).await?.data;
    match query.wait {
        Some(wait) => {
            let visitor = Visitor { asker, visit, gate: services.gate };
            Ok(Answer(services.live.wait_for_end(visitor, id, seconds(&wait)?).await?))
        }
        None => Ok(Answer(execution)),
    }
}

/// `30s` or `30`.
fn seconds(wait: &str) -> Result<Duration> {
    let number = wait.strip_suffix('s').unwrap_or(wait).parse().ok();
    number.filter(|seconds| (1..=limits::WAIT_MAX_S).contains(seconds)).map(Duration::from_secs).ok_or_else(|| {
        Problem::query("wait", format!("must be seconds from 1s to {}s, such as 30s", limits::WAIT_MAX_S))
    })
}

pub(super) async fn cancel(
    asker: Asked,
    Id(id): Id<ExecutionId>,
    _: NoBody,
) -> Result<(StatusCode, Answer<Execution>)> {
    match asker.cancel_execution(id).await {
        Ok(execution) => Ok((StatusCode::ACCEPTED, Answer(execution))),
        Err(conflict @ Error::Conflict { .. }) => {
            let ended = asker.execution(id).await?.data;
            Err(Problem::from(conflict).with_execution_status(ended.status))
        }
        Err(error) => Err(error.into()),
    }
}

/// Lines in order; the cursor is the index of the first line to give.
#[derive(Deserialize)]
pub(super) struct LogQuery {
    cursor: Option<u64>,
    limit: Option<usize>,
}

impl Parameters for LogQuery {
    const NAMES: &'static [&'static str] = &["cursor", "limit"];
}

pub(super) async fn logs(
    asker: Asked,
    Id(id): Id<ExecutionId>,
    Query(query): Query<LogQuery>,
) -> Result<Answer<List<LogLine>>> {
    let limit = page_limit(query.limit)?.unwrap_or(limits::PAGE_ITEMS_MAX);
    let first = query.cursor.unwrap_or(0);
    let items = asker.execution_logs(id, first, limit).await?;
    let next_cursor = (items.len() == limit).then(|| (first + limit as u64).to_string());
    Ok(Answer(List { items, next_cursor }))
}

pub(super) async fn outputs(asker: Asked, Id(id): Id<ExecutionId>) -> Result<Answer<Items<Output>>> {
    Ok(Answer(Items { items: asker.execution_outputs(id).await? }))
}

pub(super) async fn deliveries(asker: Asked, Id(id): Id<ExecutionId>) -> Result<Answer<Items<Delivery>>> {
    Ok(Answer(Items { items: asker.execution_deliveries(id).await? }))
}

/// Streams one output. Only names that the execution lists are files; nothing else of the disk can be named.
pub(super) async fn download(
    asker: Asked,
    Id(id): Id<ExecutionId>,
    Path((_, name)): Path<(String, String)>,
) -> Result<Response> {
    let path = asker.output_path(id, &name).await?;
    let file = tokio::fs::File::open(&path).await.map_err(|error| match error.kind() {
        // Retention removed it between the two lines above.
        std::io::ErrorKind::NotFound => Problem::from(Error::not_found("output")),
        _ => Problem::internal(&error),
    })?;
    let bytes = file.metadata().await.map_err(|error| Problem::internal(&error))?.len();
    let headers = [
        (header::CONTENT_TYPE, content_type(&name).to_owned()),
        (header::CONTENT_LENGTH, bytes.to_string()),
        (header::CONTENT_DISPOSITION, attachment(&name)),
    ];
    Ok((headers, Body::from_stream(ReaderStream::with_capacity(file, 64 * 1024))).into_response())
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("csv") => "text/csv; charset=utf-8",
        Some("json") => "application/json",
        Some("parquet") => "application/vnd.apache.parquet",
        _ => "application/octet-stream",
    }
}

/// RFC 6266: a plain name for old programs, and the exact one in UTF-8.
fn attachment(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_graphic() && !"\"\\;%".contains(c) { c } else { '_' }).collect();
    let exact = name.bytes().fold(String::new(), |exact, byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => {
            exact + char::from(byte).encode_utf8(&mut [0; 4])
        }
        other => exact + &format!("%{other:02X}"),
    });
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_keeps_its_name() {
        assert_eq!(
            attachment("clients été.csv"),
            "attachment; filename=\"clients__t_.csv\"; filename*=UTF-8''clients%20%C3%A9t%C3%A9.csv"
        );
    }
}
