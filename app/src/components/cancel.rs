//! Cancel, with a question that says what happens now.

use leptos::prelude::*;
use model::{
    Role,
    execution::{Execution, Status},
};

use crate::{
    components::{allowed::may, icon::Icon, opener::Opener},
    format,
};

/// Nothing once the execution is ending or has ended.
#[component]
pub fn Cancel(
    execution: Execution,
    #[prop(default = "button danger")] class: &'static str,
    #[prop(optional)] upward: bool,
) -> impl IntoView {
    let is_on = matches!(execution.status, Status::Queued | Status::Running);
    (is_on && may(Role::Operator, execution.project_id)).then(|| {
        let label = view! { {Icon::Cross.view()} "Cancel" }.into_any();
        view! {
            <Opener class label upward>
                <form class="confirm" method="post" action="/_fn/cancel_execution">
                    <input type="hidden" name="id" value=execution.id.to_string()/>
                    <p>{format::execution::cancel_warning(&execution)}</p>
                    <button class="button danger main" type="submit">"Cancel the execution"</button>
                </form>
            </Opener>
        }
    })
}
