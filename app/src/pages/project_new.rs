//! `/projects/new`: from files to a project with suggested settings, or a project without a file.
//!
//! The form posts its files to `/projects/upload`, and the server leads on to the project, or back here with what was
//! wrong. The islands around it show what was chosen and how far the sending is.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use model::{Role, limits};

use super::project::file_form::FILE_TYPES;
use crate::{
    api::request::backend,
    components::{icon::Icon, loaded::Loaded},
    islands::{chosen_files::ChosenFiles, upload::Upload},
};

#[component]
pub fn NewProjectPage() -> impl IntoView {
    // What a plain form post brought back.
    let name = use_query_map().read_untracked().get("name").unwrap_or_default();
    // Whoever could not create one is told before they choose their files.
    let may_create = async { backend().actor().access.require(Role::Editor) };
    view! {
        <Loaded data=may_create let:_allowed>
            <NewProject name/>
        </Loaded>
    }
    .into_any()
}

#[component]
fn NewProject(name: String) -> impl IntoView {
    view! {
        <Title text="New project"/>
        <header class="page-head">
            <div>
                <p class="crumb">
                    <a href="/projects">"Projects"</a>
                </p>
                <h1>"New project"</h1>
            </div>
        </header>
        <div class="sheet narrow form">
            <Upload afterwards="Looking at the records and choosing settings…".to_owned()>
                <NewProjectForm name/>
            </Upload>
        </div>
        <section class="sheet narrow stack" aria-labelledby="elsewhere-heading">
            <h2 id="elsewhere-heading">"Are the records elsewhere?"</h2>
            <p class="soft">
                "In the web, on a file server, in a bucket or a database: create the project without a file, \
                 and say then where they are."
            </p>
            <form class="filters" method="post" action="/_fn/create_project">
                <div class="field wide">
                    <label for="empty-name">"Empty project"</label>
                    <input id="empty-name" name="name" required placeholder="Branches" maxlength=limits::NAME_CHARS_MAX autocomplete="off"/>
                </div>
                <button class="button">{Icon::Plus.view()} "Create empty project"</button>
            </form>
        </section>
    }
    .into_any()
}

#[component]
fn NewProjectForm(name: String) -> impl IntoView {
    view! {
        <form class="stack" method="post" action="/projects/upload" enctype="multipart/form-data">
            <div class="field">
                <label for="name">"Name"</label>
                <input
                    id="name"
                    name="name"
                    value=name
                    maxlength=limits::NAME_CHARS_MAX
                    autocomplete="off"
                    aria-describedby="name-hint"
                />
                <p id="name-hint" class="help">"Left empty, the project is called like the file."</p>
            </div>
            <div class="field">
                <span id="file-label" class="label">"Files"</span>
                <ChosenFiles>
                    <DropZone/>
                </ChosenFiles>
            </div>
            <div class="actions">
                <button class="button main">"Create project"</button>
                <a class="button quiet" href="/projects">
                    "Cancel"
                </a>
            </div>
        </form>
    }
    .into_any()
}

/// The file input covers its zone, so that dropping a file works by itself, with or without JavaScript.
#[component]
fn DropZone() -> impl IntoView {
    view! {
        {Icon::Import.view()}
        <p>
            <strong>"Choose files"</strong>
            " or drop them here"
        </p>
        <p class="help">"CSV, Excel, JSON lines or Parquet, also packed by gzip or zstd; the first row names the columns."</p>
        <input type="file" name="file" accept=FILE_TYPES multiple required aria-labelledby="file-label"/>
    }
    .into_any()
}
