//! Sends a file into a project.

use leptos::prelude::*;
use model::ProjectId;

use crate::{components::icon::Icon, islands::upload::Upload};

/// What the dialog for choosing files offers.
pub const FILE_TYPES: &str = ".csv,.tsv,.txt,.xlsx,.xls,.jsonl,.ndjson,.json,.parquet,.gz,.zst,text/csv,\
                              text/tab-separated-values,text/plain";

/// `replaces`: the file's name in the project, whatever it is called on the sender's disk; `None` adds it under its own.
#[component]
pub fn FileForm(id: ProjectId, replaces: Option<String>) -> impl IntoView {
    view! {
        <Upload afterwards="Adding it to the project…".to_owned()>
            <form class="file-form" method="post" action="/projects/upload" enctype="multipart/form-data">
                <input type="hidden" name="project" value=id.to_string()/>
                {replaces.map(|name| view! { <input type="hidden" name="as" value=name/> })}
                <input type="file" name="file" required aria-label="File" accept=FILE_TYPES/>
                <button class="button">{Icon::Import.view()} "Upload"</button>
            </form>
        </Upload>
    }
    .into_any()
}
