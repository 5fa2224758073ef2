//! `/executions/{id}/log.txt`: the whole log as text, a line each, for a mail or an editor.

use app::backend::Backend as _;
use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use model::{ExecutionId, Step, execution::LogLine, limits};

use super::{extract::Id, openapi::VIEWER};
use crate::{backend::Asked, problem::Result};

/// The log of an execution as text
///
/// A line each, for a mail or an editor.
#[utoipa::path(
    get,
    path = "/executions/{id}/log.txt",
    tag = "executions",
    params(("id" = ExecutionId, Path, description = "Of the execution")),
    responses((status = 200, description = "The whole log", body = String, content_type = "text/plain; charset=utf-8", headers(("content-disposition" = String, description = "`attachment`, with the name of the file")))),
    extensions(("x-role" = json!(VIEWER))),
)]
pub(super) async fn execution_log_text(asker: Asked, Id(id): Id<ExecutionId>) -> Result<Response> {
    let lines = asker.execution_logs(id, 0, limits::LOG_LINES_MAX).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"execution-{id}.log.txt\"")),
    ];
    Ok((headers, lines.iter().map(text).collect::<String>()).into_response())
}

/// `2026-11-22T14:02:11.204000Z  warning  match    12 blocks are very large`. What goes on in a new line is set in.
fn text(line: &LogLine) -> String {
    let step = line.step.map_or("", Step::as_str);
    let message = line.message.replace('\n', "\n    ");
    format!("{}  {:7}  {step:7}  {message}\n", line.at, line.level.as_str())
}
