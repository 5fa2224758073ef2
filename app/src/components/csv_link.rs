//! The way to everything that a list of executions is filtered to, as one table.

use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use model::execution::{ExecutionFilter, Status, Trigger};

use crate::components::icon::Icon;

#[component]
pub fn CsvLink(filter: ExecutionFilter) -> impl IntoView {
    view! {
        <a class="button quiet" href=address(&filter) download="executions.csv">
            {Icon::Download.view()}
            "Download CSV"
        </a>
    }
    .into_any()
}

/// Instants in place of days: the table's own parameters. The page that is shown does not matter.
fn address(filter: &ExecutionFilter) -> String {
    let pairs = [
        ("workflow", filter.workflow.map(|id| id.to_string())),
        ("project", filter.project.map(|id| id.to_string())),
        ("status", filter.status.map(|status| Status::as_str(status).to_owned())),
        ("trigger", filter.trigger.map(|trigger| Trigger::as_str(trigger).to_owned())),
        ("from", filter.from.map(|at| at.to_string())),
        ("to", filter.to.map(|at| at.to_string())),
        ("q", filter.q.clone()),
    ];
    let mut query = ParamsMap::new();
    for (name, value) in pairs {
        if let Some(value) = value {
            query.insert(name, value);
        }
    }
    format!("/api/v1/executions.csv{}", query.to_query_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_the_filter_of_the_list_and_no_page() {
        let filter = ExecutionFilter {
            status: Some(Status::Failed),
            q: Some("no such column".to_owned()),
            cursor: Some("17".to_owned()),
            ..ExecutionFilter::default()
        };
        let address = address(&filter);
        assert!(address.starts_with("/api/v1/executions.csv?") && address.contains("status=failed"), "{address}");
        assert!(address.contains("q=no%20such%20column") && !address.contains("17"), "{address}");
    }
}
