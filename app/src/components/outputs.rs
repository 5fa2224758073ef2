//! The files that an execution left, to download.

use leptos::prelude::*;
use model::{ExecutionId, execution::Output};

use crate::{
    api::request::backend,
    components::{icon::Icon, loaded::Loaded},
    format,
};

/// The files of an execution that succeeded.
#[component]
pub fn Outputs(execution: ExecutionId) -> impl IntoView {
    view! {
        <Loaded data=async move { backend().execution_outputs(execution).await } let:files>
            <OutputList execution files/>
        </Loaded>
    }
    .into_any()
}

/// The files as links.
#[component]
pub fn OutputList(execution: ExecutionId, files: Vec<Output>) -> impl IntoView {
    view! {
        <ul class="outputs" role="list">
            {files
                .into_iter()
                .map(|file| {
                    let rows = file.rows.map(|rows| format!("{}, ", format::counted(rows, "record")));
                    view! {
                        <li>
                            <a
                                class="button"
                                href=format!("/api/v1/executions/{execution}/outputs/{}", address(&file.name))
                                download=file.name.clone()
                            >
                                {Icon::Download.view()}
                                {file.name.clone()}
                            </a>
                            <span class="soft">{rows} {format::bytes(file.bytes)}</span>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
    .into_any()
}

/// A file name as one segment of an address.
pub(super) fn address(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => text.push(char::from(byte)),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn a_file_name_is_one_segment() {
        assert_eq!(address("golden records/ä.csv"), "golden%20records%2F%C3%A4.csv");
    }
}
