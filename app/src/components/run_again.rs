//! What can be done with an execution that is over: run its workflow again, whole or from the step that did not finish.

use leptos::prelude::*;
use model::{Role, execution::Execution};

use crate::components::{allowed::may, run_now::RunNow};

/// Nothing while it waits or runs.
#[component]
pub fn RunAgain(
    execution: Execution,
    /// Whether Run again is the one filled button of the page.
    #[prop(optional)]
    main: bool,
) -> impl IntoView {
    let workflow = execution.workflow_id;
    let may_run = may(Role::Operator, execution.project_id);
    let rest =
        execution.resumes_from().map(|from| view! { <RunNow workflow from label=format!("Run again from {from}")/> });
    (may_run && execution.status.is_final()).then(|| view! { {rest} <RunNow workflow main label="Run again"/> })
}
