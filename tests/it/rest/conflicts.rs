//! Writes that what is stored stands against: values that are taken, and presets that point at nothing.

use serde_json::json;

use crate::support::{Kind, Rules, TestApp};

#[tokio::test]
async fn a_conflict_names_the_field_and_not_one_of_a_similar_name() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let fields = ["code", "code2"].map(|name| {
            let field = json!({"name": name, "type": "text", "unique": true});
            json!({"op": "addField", "object": kind.name, "field": field})
        });
        admin.change(json!(fields)).await.ok();
        let values = json!({"name": "first", "code": "A", "code2": "B"});
        admin.make(kind.plural, values).await;
        for (taken, values) in [
            (
                "code2",
                json!({"name": "second", "code": "C", "code2": "B"}),
            ),
            ("code", json!({"name": "third", "code": "A", "code2": "D"})),
        ] {
            let refused = admin.create(kind.plural, values).await;
            let problem = refused.problem(409, "unique_conflict");
            let detail = problem["detail"].as_str().expect("a detail");
            assert!(detail.ends_with(&format!(" {taken}")), "{detail}");
        }
    }
}

#[tokio::test]
async fn a_preset_that_points_at_nothing_is_a_conflict() {
    let app = TestApp::start().await;
    let nothing = "0190d1c5-0000-7000-8000-000000000000";
    let presets = json!({"presets": {"organization": nothing}});
    let rules = Rules::none().read("task").allow("create", "task", presets);
    let client = app.role("maker", rules).await;
    let refused = client.create("tasks", json!({"subject": "x"})).await;
    let problem = refused.problem(409, "conflict");
    assert!(!problem.to_string().contains("constraint"), "{problem}");
}

#[tokio::test]
async fn a_rule_is_refused_that_presets_a_reference_to_what_is_no_record() {
    let app = TestApp::start().await;
    let admin = app.admin();
    app.add_role("maker", &Rules::none()).await;
    for (object, field, variable) in [
        ("shipment", "carrier", "$user.id"),
        ("shipment", "carrier", "$key.id"),
        ("shipment", "order", "$partner.id"),
    ] {
        let rule = json!({
            "object": object, "action": "create", "fields": "*", "presets": {(field): variable},
        });
        let refused = admin.meta("POST", "roles/maker/rules", rule).await;
        refused.problem_at(422, "validation_failed", &format!("/presets/{field}"));
    }
    let rule = json!({
        "object": "shipment", "action": "create", "fields": "*",
        "presets": {"carrier": "$partner.id"},
    });
    admin
        .meta("POST", "roles/maker/rules", rule)
        .await
        .status(201);
}
