//! The beginning of a table that an execution left, so that one sees what came out before anything is downloaded.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::{Error, ExecutionId, execution::Output, results::Sample};

use super::{outputs::address, sample_table::SampleTable};
use crate::{api::request::backend, format};

/// Says in the address which table is shown.
const SHOWN: &str = "file";
const SHOWN_ROWS: usize = 10;

/// The files of an execution, and the beginning of the one that is shown: the first table, unless the address names another.
pub struct Files {
    pub list: Vec<Output>,
    shown: Option<(Output, Sample)>,
}

pub async fn load(execution: ExecutionId, chosen: Option<String>) -> Result<Files, Error> {
    let backend = backend();
    let files = backend.execution_outputs(execution).await?;
    let tables = || files.iter().filter(|file| file.rows.is_some());
    let shown = match tables().find(|file| Some(&file.name) == chosen.as_ref()).or_else(|| tables().next()) {
        Some(file) => Some((file.clone(), backend.output_sample(execution, &file.name, SHOWN_ROWS).await?)),
        None => None,
    };
    Ok(Files { list: files, shown })
}

/// The name in the address of the page.
pub fn chosen() -> Option<String> {
    use_query_map().with_untracked(|query| query.get(SHOWN))
}

/// The first records of the table that is shown, with links to the others.
#[component]
pub fn FirstRecords(execution: ExecutionId, files: Files) -> impl IntoView {
    let Files { list, shown } = files;
    let (file, sample) = shown?;
    let link = |table: &Output| {
        let href = format!("/executions/{execution}?{SHOWN}={}", address(&table.name));
        let is_shown = (table.name == file.name).then_some("true");
        view! { <a class="chip" href=href data-in-place aria-current=is_shown>{table.name.clone()}</a> }
    };
    let tables: Vec<_> = list.iter().filter(|file| file.rows.is_some()).map(link).collect();
    let total = file.rows.unwrap_or_default();
    let heading = match sample.rows.len() as u64 {
        shown if shown < total => format!("The first {shown} of {}", format::counted(total, "record")),
        shown => format::counted(shown, "record"),
    };
    Some(view! {
        <section class="sheet" aria-labelledby="sample" data-key="sample">
            <h2 id="sample" class="sheet-head">{heading} " in " {file.name.clone()}</h2>
            {(tables.len() > 1).then(|| view! { <nav class="chips" aria-label="Tables">{tables}</nav> })}
            <SampleTable sample/>
        </section>
    })
}
