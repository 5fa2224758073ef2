//! Adds a source whose file is elsewhere: on the server, in the web, on a file server, in a bucket. The form is posted to the
//! page itself, which comes back with what is wrong.

use leptos::prelude::*;
use model::{ProjectId, limits, secret::KeptSecret};

use crate::{
    api::projects::elsewhere::SourceForm,
    components::{
        field_problem::{FieldProblem, Problems},
        icon::Icon,
    },
};

#[component]
pub fn ElsewhereForm(id: ProjectId, form: SourceForm, secrets: Vec<KeptSecret>) -> impl IntoView {
    let refused = !form.problems.is_empty();
    let problems: Problems = form.problems.into_iter().collect();
    view! {
        <details class="unfolds" data-key="elsewhere" open=refused>
            <summary>"Or say where the file is"</summary>
            <form class="stack" method="post" action=format!("/projects/{id}?tab=sources") data-guard="">
                <div role="alert">
                    <FieldProblem problems=problems.clone() field=""/>
                </div>
                <div class="field">
                    <label for="source-address">"Address"</label>
                    <input
                        id="source-address" name="address" value=form.address required autocomplete="off"
                        placeholder="sftp://files.example.org/out/people.csv" spellcheck="false"
                        aria-describedby="address-help address-problem" aria-invalid=problems.invalid("address")
                    />
                    <p id="address-help" class="help">
                        "https://, sftp://, ftpes://, s3://, gs:// or az://, or the path of a file on the server. \
                         It is read anew in every run."
                    </p>
                    <FieldProblem problems=problems.clone() field="address"/>
                </div>
                <div class="columns">
                    <div class="field">
                        <label for="source-name">"Name of the source"</label>
                        <input
                            id="source-name" name="name" value=form.name maxlength=limits::NAME_CHARS_MAX
                            autocomplete="off" aria-describedby="name-help name-problem"
                            aria-invalid=problems.invalid("name")
                        />
                        <p id="name-help" class="help">"Left empty, it is called like the file."</p>
                        <FieldProblem problems=problems.clone() field="name"/>
                    </div>
                    <div class="field">
                        <label for="source-credentials">"Secret to sign in with"</label>
                        <SecretChoice chosen=form.credentials secrets invalid=problems.invalid("credentials")/>
                        <p class="help">"Set it below first, under Secrets."</p>
                        <FieldProblem problems=problems.clone() field="credentials"/>
                    </div>
                </div>
                <div class="field">
                    <label for="source-host-key">"Key of the SFTP server"</label>
                    <input
                        id="source-host-key" name="host_key" value=form.host_key autocomplete="off"
                        placeholder="SHA256:…" spellcheck="false" aria-describedby="host_key-help host_key-problem"
                        aria-invalid=problems.invalid("host_key")
                    />
                    <p id="host_key-help" class="help">
                        "For sftp:// only. Whoever runs the server sees it with "
                        <code>"ssh-keygen -l -f /etc/ssh/ssh_host_ed25519_key.pub"</code> "."
                    </p>
                    <FieldProblem problems field="host_key"/>
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
fn SecretChoice(chosen: String, secrets: Vec<KeptSecret>, invalid: Option<&'static str>) -> impl IntoView {
    let options = secrets.into_iter().map(|secret| {
        let selected = secret.name == chosen;
        view! { <option value=secret.name.clone() selected=selected>{secret.name.clone()}</option> }
    });
    view! {
        <select
            id="source-credentials" name="credentials" aria-describedby="credentials-problem" aria-invalid=invalid
        >
            <option value="">"None"</option>
            {options.collect_view()}
        </select>
    }
    .into_any()
}
