//! Options that depend on another field: a state and the status reasons that go with it.

use serde_json::{Value as Json, json};

use crate::support::{Client, Rules, TestApp};

fn reasons() -> Json {
    json!([
        {"name": "new", "when": ["open"]},
        {"name": "working", "when": ["open"]},
        {"name": "solved", "when": ["closed"]},
        {"name": "cancelled", "when": ["closed", "void"]},
        {"name": "other"},
    ])
}

async fn cases(admin: &Client) {
    let operations = json!([{"op": "addObjectType", "name": "case", "plural": "cases", "fields": [
        {"name": "title", "type": "text"},
        {"name": "state", "type": "select", "default": "open",
         "options": [{"name": "open"}, {"name": "closed"}, {"name": "void"}]},
        {"name": "reason", "type": "select", "default": "new", "dependsOn": "state", "options": reasons()},
        {"name": "tags", "type": "multiSelect", "dependsOn": "state",
         "options": [{"name": "fast", "when": ["closed"]}, {"name": "any"}]},
    ]}]);
    admin.change(operations).await.ok();
}

async fn update(admin: &Client, field: &str, change: Json) -> crate::support::Response {
    let path = format!("objects/case/fields/{field}");
    admin.meta("PATCH", &path, change).await
}

#[tokio::test]
async fn an_option_goes_with_the_value_of_the_other_field() {
    let app = TestApp::start().await;
    let admin = app.admin();
    cases(&admin).await;
    let described = admin.meta("GET", "objects/case", Json::Null).await.ok();
    assert!(
        described.to_string().contains("\"dependsOn\":\"state\""),
        "{described}"
    );

    let case = admin.make("cases", json!({})).await;
    let read = admin.get("cases", &case).await.ok();
    assert_eq!(
        (&read["state"], &read["reason"]),
        (&json!("open"), &json!("new"))
    );
    // A default that does not go with what was sent is left out.
    let closed = admin.make("cases", json!({"state": "closed"})).await;
    assert_eq!(admin.get("cases", &closed).await.ok()["reason"], Json::Null);
    for wrong in [
        json!({"state": "closed", "reason": "new"}),
        json!({"reason": "solved"}),
        json!({"state": null, "reason": "new"}),
    ] {
        let refused = admin.create("cases", wrong).await;
        refused.problem_at(422, "validation_failed", "/reason");
        refused.problem_at(422, "validation_failed", "/state");
    }
    let refused = admin
        .create("cases", json!({"tags": ["any", "fast"]}))
        .await;
    refused.problem_at(422, "validation_failed", "/tags");
    admin
        .make(
            "cases",
            json!({"state": "closed", "tags": ["any", "fast"], "reason": "other"}),
        )
        .await;

    // The record as it would be afterwards counts, whichever of the two is sent.
    let refused = admin
        .patch("cases", &case, json!({"state": "closed"}))
        .await;
    refused.problem_at(422, "validation_failed", "/reason");
    refused.problem_at(422, "validation_failed", "/state");
    admin
        .patch("cases", &case, json!({"reason": "solved"}))
        .await
        .problem_at(422, "validation_failed", "/reason");
    admin
        .patch("cases", &case, json!({"reason": "working"}))
        .await
        .ok();
    admin
        .patch(
            "cases",
            &case,
            json!({"state": "closed", "reason": "solved"}),
        )
        .await
        .ok();
    admin
        .patch("cases", &case, json!({"state": "void"}))
        .await
        .status(422);
    admin
        .patch("cases", &case, json!({"state": "void", "reason": null}))
        .await
        .ok();
    assert_eq!(admin.get("cases", &case).await.ok()["state"], json!("void"));
    let mutation =
        r"mutation($id: ID!, $p: CasePatch!) { updateCase(id: $id, input: $p) { case { id } } }";
    let refused = admin
        .graphql(mutation, json!({"id": case, "p": {"reason": "working"}}))
        .await;
    assert!(refused.text().contains("asks for open"), "{refused:?}");
}

#[tokio::test]
async fn a_record_that_the_rules_have_overtaken_can_still_be_written() {
    let app = TestApp::start().await;
    let admin = app.admin();
    cases(&admin).await;
    let case = admin.make("cases", json!({"reason": "other"})).await;
    let mut narrower = reasons();
    narrower[4]["when"] = json!(["void"]);
    update(&admin, "reason", json!({"options": narrower}))
        .await
        .ok();
    admin
        .patch(
            "cases",
            &case,
            json!({"title": "still here", "reason": "other"}),
        )
        .await
        .ok();
    admin
        .patch("cases", &case, json!({"state": "closed"}))
        .await
        .status(422);
}

#[tokio::test]
async fn definitions_that_contradict_are_refused() {
    let app = TestApp::start().await;
    let admin = app.admin();
    cases(&admin).await;
    let gone = admin
        .meta("DELETE", "objects/case/fields/state", Json::Null)
        .await;
    let text = gone.problem(422, "validation_failed").to_string();
    assert!(
        text.contains("case.reason") && text.contains("case.tags"),
        "{text}"
    );
    let without_open = json!({"options": [{"name": "closed"}, {"name": "void"}], "default": null});
    let text = update(&admin, "state", without_open)
        .await
        .problem(422, "validation_failed")
        .to_string();
    assert!(text.contains("`when` of case.reason"), "{text}");
    let cycle = json!({"dependsOn": "reason"});
    update(&admin, "state", cycle)
        .await
        .problem_at(422, "validation_failed", "/dependsOn");
    update(&admin, "reason", json!({"dependsOn": "reason"}))
        .await
        .problem_at(422, "validation_failed", "/dependsOn");
    update(&admin, "reason", json!({"dependsOn": "title"}))
        .await
        .problem_at(422, "validation_failed", "/dependsOn");
    update(&admin, "reason", json!({"dependsOn": "tags"}))
        .await
        .problem_at(422, "validation_failed", "/dependsOn");
    update(&admin, "reason", json!({"dependsOn": "nothing"}))
        .await
        .status(400);
    let unknown = json!({"options": [{"name": "new", "when": ["nope"]}], "default": null});
    update(&admin, "reason", unknown)
        .await
        .problem_at(422, "validation_failed", "/options/0/when");

    // Renamed on one side, the conditions follow on the other.
    let case = admin.make("cases", json!({})).await;
    let renamed = json!({"options": [{"name": "active"}, {"name": "closed"}, {"name": "void"}],
        "replaceOptions": {"open": "active"}, "default": "active"});
    update(&admin, "state", renamed).await.ok();
    let read = admin.get("cases", &case).await.ok();
    assert_eq!(
        (&read["state"], &read["reason"]),
        (&json!("active"), &json!("new"))
    );
    admin
        .patch("cases", &case, json!({"reason": "working"}))
        .await
        .ok();

    let plain = json!({"dependsOn": null, "options": [{"name": "new"}, {"name": "working"}]});
    update(&admin, "reason", plain.clone()).await.ok();
    update(
        &admin,
        "tags",
        json!({"dependsOn": null, "options": [{"name": "any"}]}),
    )
    .await
    .ok();
    admin
        .meta("DELETE", "objects/case/fields/state", Json::Null)
        .await
        .status(204);
}

#[tokio::test]
async fn nothing_tells_of_a_field_that_the_caller_can_not_see() {
    let app = TestApp::start().await;
    let admin = app.admin();
    cases(&admin).await;
    let case = admin.make("cases", json!({})).await;
    let rules = Rules::none()
        .allow("read", "case", json!({"fields": ["title", "reason"]}))
        .allow("update", "case", json!({"fields": ["title", "reason"]}));
    for client in app.person_and_key("clerk", rules).await {
        let described = client
            .meta("GET", "objects/case", Json::Null)
            .await
            .ok()
            .to_string();
        assert!(
            !described.contains("state") && !described.contains("when"),
            "{described}"
        );
        let refused = client
            .patch("cases", &case, json!({"reason": "solved"}))
            .await;
        let text = refused
            .problem_at(422, "validation_failed", "/reason")
            .to_string();
        assert!(!text.contains("state") && !text.contains("open"), "{text}");
        client
            .patch("cases", &case, json!({"reason": "working"}))
            .await
            .ok();
        client
            .patch("cases", &case, json!({"reason": "new"}))
            .await
            .ok();
    }
}
