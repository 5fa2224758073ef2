//! `/executions.csv`: everything that a filter lists, as a table. It is read page by page while it is sent, so a history
//! of any length needs the memory of one page.

use std::sync::Arc;

use app::backend::Backend;
use axum::{
    body::{Body, Bytes},
    http::header,
    response::{IntoResponse, Response},
};
use futures::{StreamExt, stream};
use model::{
    Page,
    execution::{Execution, ExecutionFilter},
    limits,
};
use serde::Deserialize;
use utoipa::{
    IntoParams,
    openapi::path::{Parameter, ParameterIn},
};

use super::{extract::Query, openapi::Needs};
use crate::{
    backend::Asked,
    problem::{Problem, Result},
};

const COLUMNS: [&str; 14] = [
    "queued_at",
    "started_at",
    "finished_at",
    "duration_s",
    "workflow",
    "status",
    "trigger",
    "original_trigger",
    "requested_by",
    "attempt",
    "records",
    "configuration_version",
    "error",
    "id",
];

/// The filter of the list. A table has no pages.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Filter(ExecutionFilter);

impl IntoParams for Filter {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = ExecutionFilter::into_params(place);
        parameters.retain(|parameter| !["cursor", "limit"].contains(&parameter.name.as_str()));
        parameters
    }
}

/// Executions as a table
///
/// Everything that the filter lists, as CSV.
#[utoipa::path(
    get,
    path = "/executions.csv",
    tag = "executions",
    params(Filter),
    responses((status = 200, description = "The table", body = String, content_type = "text/csv; charset=utf-8", headers(("content-disposition" = String, description = "`attachment`, with the name of the file")))),
    extensions(("x-role" = json!(Needs::AnyRole))),
)]
pub(super) async fn executions_csv(asker: Asked, Query(Filter(filter)): Query<Filter>) -> Result<Response> {
    let backend: Arc<dyn Backend> = Arc::new(asker);
    let mut filter = ExecutionFilter { limit: Some(limits::PAGE_ITEMS_MAX), ..filter };
    // What is wrong with the filter is said before anything is sent.
    let first = backend.executions(filter.clone()).await.map_err(Problem::of_query)?.data;
    let head = table(|csv| csv.write_record(COLUMNS)).map_err(|error| Problem::internal(&error))?;
    filter.cursor = first.next_cursor.clone();
    let later = stream::try_unfold((backend, filter), |(backend, mut filter)| async move {
        if filter.cursor.is_none() {
            return Ok(None);
        }
        let page = backend.executions(filter.clone()).await?.data;
        filter.cursor = page.next_cursor.clone();
        Ok::<_, Failure>(Some((rows(&page)?, (backend, filter))))
    });
    let begun = stream::iter([Ok(head), rows(&first).map_err(Failure::from)]);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"executions.csv\""),
    ];
    Ok((headers, Body::from_stream(begun.chain(later))).into_response())
}

/// Ends the download in the middle, so that nobody takes the part for the whole.
type Failure = Box<dyn std::error::Error + Send + Sync>;

fn table(write: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> csv::Result<()>) -> csv::Result<Bytes> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    write(&mut writer)?;
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(bytes.into())
}

fn rows(page: &Page<Execution>) -> csv::Result<Bytes> {
    table(|csv| page.items.iter().try_for_each(|execution| csv.write_record(cells(execution))))
}

fn cells(execution: &Execution) -> [String; COLUMNS.len()] {
    let text = |value: Option<&dyn ToString>| value.map(ToString::to_string).unwrap_or_default();
    let lasted = execution.started_at.zip(execution.finished_at).map(|(start, end)| end.since(start).as_secs_f64());
    [
        execution.queued_at.to_string(),
        text(execution.started_at.as_ref().map(|at| at as _)),
        text(execution.finished_at.as_ref().map(|at| at as _)),
        lasted.map(|seconds| format!("{seconds:.3}")).unwrap_or_default(),
        words(&execution.workflow_name),
        execution.status.as_str().to_owned(),
        execution.trigger.as_str().to_owned(),
        execution.original_trigger.as_str().to_owned(),
        words(execution.requested_by.as_deref().unwrap_or_default()),
        execution.attempt.to_string(),
        text(execution.records.as_ref().map(|records| records as _)),
        text(execution.configuration_version.as_ref().map(|version| version as _)),
        words(execution.error.as_deref().unwrap_or_default()),
        execution.id.to_string(),
    ]
}

/// What people wrote, for a cell. A spreadsheet takes a cell that begins with one of these for a formula and would run
/// it; a quote before it says that it is text (OWASP, "CSV Injection").
fn words(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(words("=HYPERLINK(\"http://evil.example\")"), "'=HYPERLINK(\"http://evil.example\")");
        assert_eq!(["+1", "-1", "@x", "a=b", ""].map(words), ["'+1", "'-1", "'@x", "a=b", ""]);
    }
}
