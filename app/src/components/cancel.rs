//! Cancel, with a question that says what happens now.

use leptos::{form::ActionForm, prelude::*};
use model::execution::{Execution, Status};

use crate::{
    api::executions::CancelExecution,
    components::{icon::Icon, notice::announce, opener::Opener},
    format,
};

/// Nothing once the execution is ending or has ended.
#[component]
pub fn Cancel(
    #[prop(into)] execution: Signal<Execution>,
    #[prop(default = "button danger")] class: &'static str,
    #[prop(optional)] upward: bool,
) -> impl IntoView {
    let open = Memo::new(move |_| execution.with(|it| matches!(it.status, Status::Queued | Status::Running)));
    move || open.get().then(|| view! { <Question execution class upward/> })
}

#[component]
fn Question(execution: Signal<Execution>, class: &'static str, upward: bool) -> impl IntoView {
    let cancel = ServerAction::<CancelExecution>::new();
    announce(
        move || cancel.version().get(),
        move || cancel.value().get(),
        |notices, execution: Execution| {
            notices.say(match execution.status {
                Status::Cancelled => "Cancelled.",
                _ => "Cancelling: it stops at the next checkpoint.",
            });
        },
    );
    let warning = Memo::new(move |_| execution.with(format::execution::cancel_warning));
    view! {
        <Opener class label=view! { {Icon::Cross.view()} "Cancel" }.into_any() upward>
            <ActionForm action=cancel attr:class="confirm">
                <input type="hidden" name="id" value=move || execution.with(|it| it.id.to_string())/>
                <p>{warning}</p>
                <button class="button danger main" type="submit">"Cancel the execution"</button>
            </ActionForm>
        </Opener>
    }
    .into_any()
}
