//! Adds a source whose file is elsewhere: on the server, in the web, on a file server, in a bucket. The form is posted to the
//! page itself, which comes back with what is wrong.

use leptos::prelude::*;
use model::{ProjectId, limits, secret::KeptSecret};

use crate::{api::projects::elsewhere::SourceForm, components::icon::Icon, format::sentence};

#[component]
pub fn ElsewhereForm(id: ProjectId, form: SourceForm, secrets: Vec<KeptSecret>) -> impl IntoView {
    let asked = !form.problems.is_empty();
    view! {
        <details class="unfolds" data-key="elsewhere" open=asked>
            <summary>"Or say where the file is"</summary>
            <form class="stack" method="post" action=format!("/projects/{id}?tab=sources") data-guard="">
                <Problem form=form.clone() field=""/>
                <div class="field">
                    <label for="source-address">"Address"</label>
                    <input
                        id="source-address" name="address" value=form.address.clone() required autocomplete="off"
                        placeholder="sftp://files.example.org/out/people.csv" spellcheck="false"
                        aria-describedby="address-help address-problem" aria-invalid=invalid(&form, "address")
                    />
                    <p id="address-help" class="help">
                        "https://, sftp://, ftpes://, s3://, gs:// or az://, or the path of a file on the server. \
                         It is read anew in every run."
                    </p>
                    <Problem form=form.clone() field="address"/>
                </div>
                <div class="columns">
                    <div class="field">
                        <label for="source-name">"Name of the source"</label>
                        <input
                            id="source-name" name="name" value=form.name.clone() maxlength=limits::NAME_CHARS_MAX
                            autocomplete="off" aria-describedby="name-help name-problem"
                            aria-invalid=invalid(&form, "name")
                        />
                        <p id="name-help" class="help">"Left empty, it is called like the file."</p>
                        <Problem form=form.clone() field="name"/>
                    </div>
                    <div class="field">
                        <label for="source-credentials">"Secret to sign in with"</label>
                        <Secrets chosen=form.credentials.clone() secrets/>
                        <p class="help">"Set it below first, under Secrets."</p>
                        <Problem form=form.clone() field="credentials"/>
                    </div>
                </div>
                <div class="field">
                    <label for="source-host-key">"Key of the SFTP server"</label>
                    <input
                        id="source-host-key" name="host_key" value=form.host_key.clone() autocomplete="off"
                        placeholder="SHA256:…" spellcheck="false" aria-describedby="host_key-help host_key-problem"
                        aria-invalid=invalid(&form, "host_key")
                    />
                    <p id="host_key-help" class="help">
                        "For sftp:// only. Whoever runs the server sees it with "
                        <code>"ssh-keygen -l -f /etc/ssh/ssh_host_ed25519_key.pub"</code> "."
                    </p>
                    <Problem form field="host_key"/>
                </div>
                <div class="actions">
                    <button class="button">{Icon::Plus.view()} "Add source"</button>
                </div>
            </form>
        </details>
    }
    .into_any()
}

#[component]
fn Secrets(chosen: String, secrets: Vec<KeptSecret>) -> impl IntoView {
    let options = secrets.into_iter().map(|secret| {
        let selected = secret.name == chosen;
        view! { <option value=secret.name.clone() selected=selected>{secret.name.clone()}</option> }
    });
    view! {
        <select id="source-credentials" name="credentials" aria-describedby="credentials-problem">
            <option value="">"None"</option>
            {options.collect_view()}
        </select>
    }
    .into_any()
}

fn invalid(form: &SourceForm, field: &str) -> Option<&'static str> {
    form.problems.iter().any(|problem| problem.field == field).then_some("true")
}

/// What is wrong at one field. Its element is always there, because inputs point at it.
#[component]
fn Problem(form: SourceForm, field: &'static str) -> impl IntoView {
    let messages = form.problems.into_iter().filter(|problem| problem.field == field);
    let messages = messages.map(|problem| view! { <p class="error">{sentence(&problem.message)}</p> });
    view! { <div id=format!("{field}-problem") role="alert">{messages.collect_view()}</div> }
}
