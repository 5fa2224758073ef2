//! The document holds together: every reference leads somewhere, every operation is described in full.

use std::collections::BTreeSet;

use expect_test::expect;
use serde_json::Value;

use super::{document, methods, operations};

/// Everything that programs may ask for, and what it takes.
#[test]
fn every_operation_says_what_it_needs() {
    let table: String = operations()
        .iter()
        .map(|operation| {
            let needs = serde_json::to_string(&operation.needs).expect("serialises");
            format!("{} {} {} {needs}\n", operation.id, operation.method, operation.path)
        })
        .collect();
    expect![[r#"
        workflows GET /api/v1/workflows "any_role"
        create_workflow POST /api/v1/workflows {"in_project":"editor"}
        workflow GET /api/v1/workflows/{id} {"in_project":"viewer"}
        replace_workflow PUT /api/v1/workflows/{id} {"in_project":"editor"}
        delete_workflow DELETE /api/v1/workflows/{id} {"in_project":"editor"}
        pause_workflow POST /api/v1/workflows/{id}/pause {"in_project":"operator"}
        resume_workflow POST /api/v1/workflows/{id}/resume {"in_project":"operator"}
        duplicate_workflow POST /api/v1/workflows/{id}/duplicate {"in_project":"editor"}
        workflow_activity GET /api/v1/workflows/{id}/activity {"in_project":"viewer"}
        act_on_workflows POST /api/v1/workflows/bulk "any_role"
        trigger_url GET /api/v1/workflows/{id}/trigger-url {"in_project":"viewer"}
        create_trigger_url POST /api/v1/workflows/{id}/trigger-url {"in_project":"editor"}
        delete_trigger_url DELETE /api/v1/workflows/{id}/trigger-url {"in_project":"editor"}
        run_now POST /api/v1/workflows/{id}/executions {"in_project":"operator"}
        executions GET /api/v1/executions "any_role"
        executions_csv GET /api/v1/executions.csv "any_role"
        execution GET /api/v1/executions/{id} {"in_project":"viewer"}
        cancel_execution POST /api/v1/executions/{id}/cancel {"in_project":"operator"}
        execution_logs GET /api/v1/executions/{id}/logs {"in_project":"viewer"}
        execution_log_text GET /api/v1/executions/{id}/log.txt {"in_project":"viewer"}
        execution_outputs GET /api/v1/executions/{id}/outputs {"in_project":"viewer"}
        download_output GET /api/v1/executions/{id}/outputs/{name} {"in_project":"viewer"}
        execution_deliveries GET /api/v1/executions/{id}/deliveries {"in_project":"viewer"}
        events GET /api/v1/events "any_role"
        undelivered GET /api/v1/deliveries "any_role"
        resend_delivery POST /api/v1/deliveries/{id}/resend {"in_project":"operator"}
        test_notifications POST /api/v1/workflows/{id}/notifications/test {"in_project":"editor"}
        projects GET /api/v1/projects "any_role"
        create_project POST /api/v1/projects {"everywhere":"editor"}
        project GET /api/v1/projects/{id} {"in_project":"viewer"}
        replace_project PUT /api/v1/projects/{id} {"in_project":"editor"}
        delete_project DELETE /api/v1/projects/{id} {"in_project":"editor"}
        project_activity GET /api/v1/projects/{id}/activity {"in_project":"viewer"}
        suggest_project POST /api/v1/projects/{id}/suggest {"in_project":"editor"}
        preview_cleanse POST /api/v1/projects/{id}/cleanse/preview {"in_project":"viewer"}
        preview_merge POST /api/v1/projects/{id}/merge/preview {"in_project":"viewer"}
        project_result GET /api/v1/projects/{id}/results/{step} {"in_project":"viewer"}
        match_pairs GET /api/v1/projects/{id}/pairs {"in_project":"viewer"}
        explain_pair GET /api/v1/projects/{id}/pairs/{left}/{right} {"in_project":"viewer"}
        match_groups GET /api/v1/projects/{id}/groups {"in_project":"viewer"}
        match_group GET /api/v1/projects/{id}/groups/{group} {"in_project":"viewer"}
        match_models GET /api/v1/projects/{id}/models {"in_project":"viewer"}
        estimate_blocking POST /api/v1/projects/{id}/match/estimate {"in_project":"viewer"}
        reviewed GET /api/v1/projects/{id}/review {"in_project":"viewer"}
        review POST /api/v1/projects/{id}/review {"in_project":"editor"}
        preview_schedule POST /api/v1/schedules/preview "any_role"
        me GET /api/v1/me "known"
        users GET /api/v1/users {"everywhere":"administrator"}
        create_user POST /api/v1/users {"everywhere":"administrator"}
        user GET /api/v1/users/{id} {"everywhere":"administrator"}
        replace_user PUT /api/v1/users/{id} {"everywhere":"administrator"}
        delete_user DELETE /api/v1/users/{id} {"everywhere":"administrator"}
        invite_user POST /api/v1/users/{id}/invitation {"everywhere":"administrator"}
        tokens GET /api/v1/tokens "person"
        create_token POST /api/v1/tokens "person"
        delete_token DELETE /api/v1/tokens/{id} "person"
        activity GET /api/v1/activity {"everywhere":"administrator"}
        maintenance GET /api/v1/maintenance "any_role"
        set_maintenance PUT /api/v1/maintenance {"everywhere":"administrator"}
        openapi GET /api/v1/openapi.json "known"
        add_file POST /api/v1/projects/{id}/files {"in_project":"editor"}
        healthz GET /healthz "nothing"
        readyz GET /readyz "nothing"
        metrics GET /metrics {"everywhere":"viewer"}
        get_trigger_url GET /trigger/{id}/{secret} "address"
        call_trigger_url POST /trigger/{id}/{secret} "address"
    "#]]
    .assert_eq(&table);
}

#[test]
fn an_operation_has_one_name_and_a_summary_and_says_what_it_answers() {
    let tags: BTreeSet<&str> = super::TAGS.iter().map(|(name, _)| *name).collect();
    let mut ids = BTreeSet::new();
    for (path, item) in &document().paths.paths {
        for (method, operation) in methods(item) {
            let place = format!("{method} {path}");
            assert!(ids.insert(operation.operation_id.clone().expect("its handler's name")), "{place}");
            assert!(operation.summary.as_ref().is_some_and(|summary| !summary.is_empty()), "{place}");
            let tag = operation.tags.as_ref().and_then(|tags| tags.first()).expect("a group");
            assert!(tags.contains(tag.as_str()), "{place}: {tag}");
            let answers = serde_json::to_value(&operation.responses).expect("serialises");
            for (status, answer) in answers.as_object().expect("by status") {
                // A refusal that is common to many is described once and referred to.
                assert!(answer["description"].is_string() || answer["$ref"].is_string(), "{place} {status}");
            }
        }
    }
}

/// What refuses fields that it does not name would refuse those of the other parts.
#[test]
fn no_part_of_a_whole_refuses_the_other_parts() {
    let json = serde_json::to_value(document()).expect("serialises");
    let closed = |part: &Value| {
        let pointer = part["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
        let part = pointer.map_or(Some(part), |pointer| json.pointer(pointer)).expect("a schema");
        part["additionalProperties"] == false
    };
    let mut wholes = Vec::new();
    parts(&json, &mut wholes);
    for whole in wholes {
        assert!(!whole.iter().any(closed), "{whole:?}");
    }
    let csv = json.pointer("/components/schemas/FileFormat/oneOf/0").expect("the first format");
    assert!(csv["properties"]["type"].is_object() && csv["properties"]["delimiter"].is_object(), "{csv}");
}

/// Every `allOf`.
fn parts<'a>(value: &'a Value, found: &mut Vec<&'a Vec<Value>>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("allOf").and_then(Value::as_array));
            fields.values().for_each(|value| parts(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| parts(item, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let json = serde_json::to_value(document()).expect("serialises");

    let mut seen = 0;
    references(&json, &mut |reference| {
        let pointer = reference.strip_prefix('#').expect("a place in the document");
        assert!(json.pointer(pointer).is_some(), "{reference}");
        seen += 1;
    });
    assert!(seen > 100, "{seen}");
}

fn references(value: &Value, look: &mut impl FnMut(&str)) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                look(reference);
            }
            fields.values().for_each(|value| references(value, look));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, look)),
        _ => {}
    }
}
