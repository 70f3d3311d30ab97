//! Writes as questions: what a refusal, a condition on the version or a write that changes nothing would
//! tell of values that the caller can't read.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::support::{Client, Response, Rules, TestApp};

/// Tickets with options that depend on one another, a note, and unique values.
async fn start() -> TestApp {
    let app = TestApp::start().await;
    let operations = json!([
        {"op": "addObjectType", "name": "ticket", "plural": "tickets", "fields": [
            {"name": "name", "type": "text"},
            {"name": "team", "type": "text"},
            {"name": "note", "type": "text"},
            {"name": "badge", "type": "text", "unique": true},
            {"name": "status", "type": "select", "options": [
                {"name": "open", "label": "Open"}, {"name": "closed", "label": "Closed"}]},
            {"name": "reason", "type": "select", "dependsOn": "status", "options": [
                {"name": "waiting", "label": "Waiting", "when": ["open"]},
                {"name": "solved", "label": "Solved", "when": ["closed"]}]}]},
    ]);
    app.admin().change(operations).await.ok();
    app
}

async fn patch_if(client: &Client, id: &str, patch: &Json, version: i64) -> Response {
    let path = format!("/v1/data/tickets/{id}");
    let request = client.request(Method::PATCH, &path).json(patch);
    let tag = format!("\"{version}\"");
    client.send(request.header("If-Match", tag)).await
}

#[tokio::test]
async fn an_option_that_does_not_fit_tells_no_hidden_value() {
    let app = start().await;
    let ticket = json!({"name": "a", "team": "ours", "status": "closed", "reason": "solved"});
    let id = app.admin().make("tickets", ticket).await;
    let rules = Rules::none()
        .allow("read", "ticket", json!({"fields": ["name", "reason"]}))
        .allow(
            "read",
            "ticket",
            json!({"fields": ["status"], "where": {"team": {"eq": "theirs"}}}),
        )
        .allow("update", "ticket", json!({"fields": ["reason"]}));
    for client in app.person_and_key("desk", rules).await {
        let seen = client.get("tickets", &id).await.ok();
        assert_eq!(seen["status"], Json::Null);
        let refused = client
            .patch("tickets", &id, json!({"reason": "waiting"}))
            .await;
        refused.problem_at(422, "validation_failed", "/reason");
        assert!(!refused.text().contains("closed"), "{}", refused.text());
    }
}

#[tokio::test]
async fn a_condition_on_the_version_is_for_those_who_read_it() {
    let app = start().await;
    let id = app.admin().make("tickets", json!({"name": "a"})).await;
    let rules = Rules::none()
        .allow("read", "ticket", json!({"fields": ["name"]}))
        .allow("update", "ticket", json!({"fields": ["name"]}));
    for client in app.person_and_key("names", rules).await {
        for version in [1, 2] {
            let refused = patch_if(&client, &id, &json!({"name": "b"}), version).await;
            refused.problem(403, "forbidden");
        }
        let path = format!("/v1/data/tickets/{id}");
        for tag in ["\"1\"", "\"7\""] {
            let request = client
                .request(Method::DELETE, &path)
                .header("If-Match", tag);
            client.send(request).await.problem(403, "forbidden");
        }
    }
    let admin = app.admin();
    patch_if(&admin, &id, &json!({"name": "b"}), 7)
        .await
        .problem(412, "version_mismatch");
    patch_if(&admin, &id, &json!({"name": "b"}), 1).await.ok();
}

#[tokio::test]
async fn a_guess_of_an_unreadable_value_looks_like_any_other_write() {
    let app = start().await;
    let id = app
        .admin()
        .make("tickets", json!({"name": "a", "note": "secret"}))
        .await;
    let rules = Rules::none()
        .allow(
            "read",
            "ticket",
            json!({"fields": ["name", "version", "updatedAt"]}),
        )
        .allow("update", "ticket", json!({"fields": ["note"]}));
    for client in app.person_and_key("notes", rules).await {
        let before = app.admin().get("tickets", &id).await.ok();
        let version = before["version"].as_i64().expect("a version");
        for guess in ["secret", "wrong", "secret"] {
            client
                .patch("tickets", &id, json!({"note": guess}))
                .await
                .ok();
        }
        let after = client.get("tickets", &id).await.ok();
        assert_eq!(after["version"], json!(version + 3));
    }
}

#[tokio::test]
async fn a_conflict_names_no_field_that_the_caller_neither_reads_nor_writes() {
    let app = start().await;
    app.admin()
        .make("tickets", json!({"name": "a", "badge": "gold"}))
        .await;
    let rules = Rules::none()
        .allow("read", "ticket", json!({"fields": ["name"]}))
        .allow(
            "create",
            "ticket",
            json!({"fields": ["name"], "presets": {"badge": "gold"}}),
        );
    for client in app.person_and_key("maker", rules).await {
        let refused = client.create("tickets", json!({"name": "b"})).await;
        refused.problem(409, "unique_conflict");
        assert!(!refused.text().contains("badge"), "{}", refused.text());
        let document = "mutation { createTicket(input: {name: \"b\"}) { id } }";
        let refused = client.graphql(document, Json::Null).await;
        refused.error("unique_conflict");
        assert!(!refused.text().contains("badge"), "{}", refused.text());
    }
}

#[tokio::test]
async fn a_deleted_record_that_one_may_not_restore_was_never_there() {
    let app = start().await;
    let admin = app.admin();
    let ours = admin
        .make("tickets", json!({"name": "a", "team": "ours"}))
        .await;
    let theirs = admin
        .make("tickets", json!({"name": "b", "team": "theirs"}))
        .await;
    for id in [&ours, &theirs] {
        admin.delete("tickets", id).await.status(204);
    }
    let rules = Rules::none().read("ticket").allow(
        "delete",
        "ticket",
        json!({"where": {"team": {"eq": "ours"}}}),
    );
    for client in app.person_and_key("cleaner", rules).await {
        let hidden = client.restore("tickets", &theirs).await;
        hidden.problem(404, "record_not_found");
        let missing = "01900000-0000-7000-8000-000000000000";
        super::same(
            &hidden,
            (&theirs, missing),
            &client.restore("tickets", missing).await,
        );
        client.restore("tickets", &ours).await.ok();
        client.delete("tickets", &ours).await.status(204);
    }
}
