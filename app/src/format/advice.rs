//! What to do about an execution that did not succeed, where its error tells.

use model::{
    Step,
    execution::{Execution, Status},
};

/// A sentence, and the page on which to do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    pub text: &'static str,
    /// Address and word.
    pub link: Option<(String, &'static str)>,
}

/// `None` where the error says all that is known.
pub fn advice(execution: &Execution) -> Option<Advice> {
    let error = execution.error.as_deref().unwrap_or_default();
    let step = execution.current_step().map(|run| run.step);
    let workflow = format!("/workflows/{}/edit", execution.workflow_id);
    let project = |tab: &str| format!("/projects/{}?tab={tab}", execution.project_id);
    let (text, link) = match execution.status {
        Status::Interrupted => {
            ("The server stopped under it. A recovery takes its place when the server is back.", None)
        }
        Status::Failed if error.contains("timed out after") => (
            "See below which step took so long. If the data has grown, allow it more time.",
            Some((workflow, "Change the timeout")),
        ),
        Status::Failed if error.contains("disk") => ("Make room on the server’s disk, then run it again.", None),
        Status::Failed if error.contains("there is no result of") => (
            "Let the workflow begin at an earlier step, or run one that does first.",
            Some((workflow, "Change the steps")),
        ),
        Status::Failed => match step? {
            Step::Import => (
                "Correct the file and upload it again, or change how it is read. Then run it again.",
                Some((project("sources"), "Open the sources")),
            ),
            Step::Profile => return None,
            Step::Cleanse | Step::Match | Step::Merge | Step::Export => (
                "Change the settings of this step in the project, then run it again.",
                Some((project("configuration"), "Open the settings")),
            ),
        },
        _ => return None,
    };
    Some(Advice { text, link })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(step: &str, error: &str) -> Execution {
        let id = "01890000-0000-7000-8000-000000000000";
        let run = serde_json::json!({
            "step": step, "status": "failed", "started_at": null, "finished_at": null, "rows_in": null,
            "rows_out": null, "error": error
        });
        let json = serde_json::json!({
            "id": id, "workflow_id": id, "workflow_name": "Nightly", "project_id": id, "status": "failed",
            "trigger": "manual", "original_trigger": "manual", "requested_by": null, "attempt": 1, "attempts": 1,
            "retry_of": null, "queued_at": "2026-11-22T14:00:00Z", "started_at": null, "finished_at": null,
            "due_at": null, "late": false, "folded": 0, "configuration_version": null, "records": null, "error": error,
            "queue_position": null, "steps": [run]
        });
        serde_json::from_value(json).expect("an execution")
    }

    #[test]
    fn advice_leads_to_where_it_can_be_mended() {
        let link = |step, error| advice(&failed(step, error)).and_then(|it| it.link).map(|(href, _)| href);
        assert!(link("import", "file “a.csv”: it is empty").is_some_and(|href| href.ends_with("?tab=sources")));
        assert!(link("match", "blocking proposes too many").is_some_and(|href| href.ends_with("?tab=configuration")));
        assert!(link("match", "timed out after 2 hours").is_some_and(|href| href.ends_with("/edit")));
        assert_eq!(link("export", "the disk is nearly full: 3 MiB are free"), None);
    }
}
