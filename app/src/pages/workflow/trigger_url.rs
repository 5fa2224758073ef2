//! `/workflows/:id/trigger-url`: the address that starts a workflow, for systems that can only call an address. A new one
//! is shown in answer to the form and never again, so the form is posted to this page itself.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use model::{
    Error, Role, WorkflowId,
    people::{NewTriggerUrl, TriggerUrl},
    workflow::Workflow,
};

use crate::{
    api::request::{backend, page_address},
    components::{
        allowed::may,
        icon::Icon,
        loaded::Loaded,
        secret::Secret,
        time::{Saying, Time},
    },
    posted::{Fields, answered},
};

#[component]
pub fn TriggerUrlPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id"));
    view! {
        <Title text="Trigger address"/>
        <Loaded data=load(id) let:loaded>
            <Content loaded/>
        </Loaded>
    }
    .into_any()
}

struct Loads {
    workflow: Workflow,
    url: Option<TriggerUrl>,
    made: Option<Result<Option<NewTriggerUrl>, Error>>,
}

async fn load(id: Option<String>) -> Result<Loads, Error> {
    let id = id.and_then(|id| id.parse::<WorkflowId>().ok()).ok_or_else(|| Error::not_found("workflow"))?;
    let backend = backend();
    let made = answered(async |fields| act(id, fields).await).await;
    Ok(Loads { workflow: backend.workflow(id).await?.data.workflow, url: backend.trigger_url(id).await?, made })
}

async fn act(id: WorkflowId, fields: &Fields<'_>) -> Result<Option<NewTriggerUrl>, Error> {
    if fields.text("intent") == "delete" {
        backend().delete_trigger_url(id).await?;
        return Ok(None);
    }
    backend().create_trigger_url(id).await.map(Some)
}

#[component]
fn Content(loaded: Loads) -> impl IntoView {
    let Loads { workflow, url, made } = loaded;
    let answer = made.map(|made| match made {
        Ok(Some(made)) => view! {
            <Secret
                heading="The address".to_owned()
                secret=page_address(&made.path)
                more="Copy it now: it is not shown again. Whoever has it can start this workflow, and nothing else."
            />
        }
        .into_any(),
        Ok(None) => view! { <p class="soft" role="status">"The address starts nothing any more."</p> }.into_any(),
        Err(error) => view! { <p class="cause" role="alert">{error.to_string()}</p> }.into_any(),
    });
    let id = workflow.id;
    let may_change = may(Role::Editor, workflow.project_id);
    view! {
        <header class="page-head">
            <div>
                <p class="crumb">
                    <a href="/workflows">"Workflows"</a> " / "
                    <a href=format!("/workflows/{id}?tab=configuration")>{workflow.name}</a>
                </p>
                <h1>"Trigger address"</h1>
            </div>
        </header>
        <section class="sheet stack narrow">
            <p>
                "For systems that can call an address and do nothing else. Each call, by GET or POST, queues a run as Run Now does, \
                 and is answered with its id. With an Idempotency-Key header a repeated call queues nothing twice."
            </p>
            {answer}
            <Standing url=url.clone()/>
            {may_change.then(|| view! { <Change id has_one=url.is_some()/> })}
        </section>
    }
    .into_any()
}

#[component]
fn Standing(url: Option<TriggerUrl>) -> impl IntoView {
    let Some(url) = url else {
        return view! { <p class="soft">"This workflow has no such address."</p> }.into_any();
    };
    let used = match url.used_at {
        Some(at) => view! { "last called " <Time at/> }.into_any(),
        None => "never called".into_any(),
    };
    view! {
        <p class="soft">
            "Made " <Time at=url.created_at saying=Saying::Moment/> " by " {url.created_by} ", " {used} "."
        </p>
    }
    .into_any()
}

#[component]
fn Change(id: WorkflowId, has_one: bool) -> impl IntoView {
    let action = format!("/workflows/{id}/trigger-url");
    let word = if has_one { "Make another" } else { "Make an address" };
    view! {
        <div class="actions">
            <form class="inline" method="post" action=action.clone()>
                <input type="hidden" name="intent" value="create"/>
                <button class="button main" type="submit">{Icon::Plus.view()} {word}</button>
            </form>
            {has_one.then(|| view! {
                <form class="inline" method="post" action=action>
                    <input type="hidden" name="intent" value="delete"/>
                    <button class="button" type="submit">{Icon::Trash.view()} "Take it back"</button>
                </form>
            })}
        </div>
        {has_one.then(|| view! { <p class="soft">"The one before stops working as soon as there is another."</p> })}
    }
    .into_any()
}
