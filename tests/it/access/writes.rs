//! Writes under rules: one rule must justify the whole of a write, before and after; what the server
//! presets can't be sent; and a write that is refused leaves nothing behind.

use serde_json::{Value as Json, json};

use super::same;
use crate::support::{Kind, Rules, TestApp};

const UTRECHT: &str = r#"{"city": {"eq": "Utrecht"}}"#;

fn utrecht() -> Json {
    serde_json::from_str(UTRECHT).expect("a filter")
}

async fn start() -> (TestApp, [Kind; 2]) {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    (app, kinds)
}

fn for_both(kinds: [Kind; 2], rule: impl Fn(Rules, Kind) -> Rules) -> Rules {
    kinds.into_iter().fold(Rules::none(), rule)
}

#[tokio::test]
async fn a_record_can_not_be_moved_out_of_the_check() {
    let (app, kinds) = start().await;
    let rules = for_both(kinds, |rules, kind| {
        rules
            .allow("read", kind.name, json!({"fields": "*"}))
            .allow(
                "update",
                kind.name,
                json!({"fields": "*", "where": utrecht()}),
            )
    });
    for client in app.person_and_key("editor", rules).await {
        for kind in kinds {
            let inside = app
                .admin()
                .make(kind.plural, json!({"name": "in", "city": "Utrecht"}))
                .await;
            let outside = app
                .admin()
                .make(kind.plural, json!({"name": "out", "city": "Zeist"}))
                .await;
            for (id, patch) in [
                (&inside, json!({"city": "Zeist"})),
                (&inside, json!({"city": null, "name": "x"})),
                (&outside, json!({"name": "x"})),
                (&outside, json!({"city": "Utrecht"})),
            ] {
                let before = app.admin().get(kind.plural, id).await.ok();
                client
                    .patch(kind.plural, id, patch.clone())
                    .await
                    .problem(403, "forbidden");
                let document =
                    "mutation($p: ThingPatch!) { updateThing(id: \"ID\", input: $p) { id } }"
                        .replace("ID", id);
                kind.graphql(&client, &document, json!({"p": patch}))
                    .await
                    .error("forbidden");
                assert_eq!(app.admin().get(kind.plural, id).await.ok(), before);
            }
            client
                .patch(kind.plural, &inside, json!({"name": "y"}))
                .await
                .ok();
        }
    }
}

#[tokio::test]
async fn a_check_may_allow_what_the_condition_does_not() {
    let (app, kinds) = start().await;
    let rules = for_both(kinds, |rules, kind| {
        let check = json!({"city": {"in": ["Utrecht", "Zeist"]}});
        rules
            .allow(
                "read",
                kind.name,
                json!({"fields": "*", "where": utrecht()}),
            )
            .allow(
                "update",
                kind.name,
                json!({"fields": "*", "where": utrecht(), "check": check}),
            )
    });
    for client in app.person_and_key("mover", rules).await {
        for kind in kinds {
            let id = app
                .admin()
                .make(kind.plural, json!({"name": "in", "city": "Utrecht"}))
                .await;
            client
                .patch(kind.plural, &id, json!({"city": "Bunnik"}))
                .await
                .problem(403, "forbidden");
            let moved = client
                .patch(kind.plural, &id, json!({"city": "Zeist"}))
                .await;
            assert!((200..300).contains(&moved.code()), "{moved}");
            assert!(
                !moved.text().contains("Zeist"),
                "the answer shows what is out of sight\n{moved}"
            );
            client
                .get(kind.plural, &id)
                .await
                .problem(404, "record_not_found");
            assert_eq!(
                app.admin().get(kind.plural, &id).await.ok()["city"],
                "Zeist"
            );
        }
    }
}

#[tokio::test]
async fn a_new_record_must_fit_the_check() {
    let (app, kinds) = start().await;
    let rules = for_both(kinds, |rules, kind| {
        rules
            .allow("read", kind.name, json!({"fields": "*"}))
            .allow(
                "create",
                kind.name,
                json!({"fields": "*", "check": utrecht()}),
            )
    });
    for client in app.person_and_key("creator", rules).await {
        for kind in kinds {
            let before = client.list(kind.plural, "count=exact").await.ok()["count"].clone();
            for values in [
                json!({"name": "x"}),
                json!({"name": "x", "city": "Zeist"}),
                json!({"name": "x", "city": "utrecht"}),
            ] {
                client
                    .create(kind.plural, values.clone())
                    .await
                    .problem(403, "forbidden");
                let document = "mutation($i: ThingInput!) { createThing(input: $i) { id } }";
                kind.graphql(&client, document, json!({"i": values}))
                    .await
                    .error("forbidden");
            }
            // One that is refused takes the others of its transaction along.
            let document =
                "mutation { a: createThing(input: {name: \"a\", city: \"Utrecht\"}) { id }
                b: createThing(input: {name: \"b\", city: \"Zeist\"}) { id } }";
            kind.graphql(&client, document, Json::Null)
                .await
                .error("forbidden");
            assert_eq!(
                client.list(kind.plural, "count=exact").await.ok()["count"],
                before
            );
            client
                .create(kind.plural, json!({"name": "x", "city": "Utrecht"}))
                .await
                .status(201);
        }
    }
}

#[tokio::test]
async fn a_preset_is_set_and_can_not_be_sent() {
    let (app, kinds) = start().await;
    let rules = for_both(kinds, |rules, kind| {
        let presets = json!({"city": "Utrecht", "seenAt": "$now", "annualRevenue": null});
        rules
            .allow("read", kind.name, json!({"fields": "*"}))
            .allow(
                "create",
                kind.name,
                json!({"fields": "*", "presets": presets}),
            )
            .allow(
                "update",
                kind.name,
                json!({"fields": ["name", "city"], "presets": {"city": "Zeist"}}),
            )
    });
    for client in app.person_and_key("preset", rules).await {
        for kind in kinds {
            for values in [
                json!({"name": "x", "city": "Utrecht"}),
                json!({"name": "x", "city": null}),
                json!({"name": "x", "annualRevenue": {"amount": "1", "currency": "EUR"}}),
            ] {
                client
                    .create(kind.plural, values)
                    .await
                    .problem(422, "validation_failed");
            }
            kind.graphql(
                &client,
                "mutation { createThing(input: {name: \"x\", city: \"Utrecht\"}) { id } }",
                Json::Null,
            )
            .await
            .error("invalid_query");
            let created = client
                .create(kind.plural, json!({"name": "x"}))
                .await
                .status(201)
                .json();
            assert_eq!(created["city"], "Utrecht");
            assert!(created["seenAt"].is_string(), "{created}");
            let id = created["id"].as_str().expect("an id");
            client
                .patch(kind.plural, id, json!({"city": "Utrecht"}))
                .await
                .problem(422, "validation_failed");
            let patched = client
                .patch(kind.plural, id, json!({"name": "y"}))
                .await
                .ok();
            assert_eq!(
                (&patched["name"], &patched["city"]),
                (&json!("y"), &json!("Zeist"))
            );
        }
    }
}

#[tokio::test]
async fn one_rule_must_justify_the_whole_write() {
    let (app, kinds) = start().await;
    let rules = for_both(kinds, |rules, kind| {
        rules
            .allow("read", kind.name, json!({"fields": "*"}))
            .allow(
                "update",
                kind.name,
                json!({"fields": ["name"], "where": utrecht()}),
            )
            .allow("update", kind.name, json!({"fields": ["country"]}))
            .allow(
                "create",
                kind.name,
                json!({"fields": ["name", "city"], "check": utrecht()}),
            )
            .allow(
                "create",
                kind.name,
                json!({"fields": ["name", "country"], "check": {"city": {"isNull": true}}}),
            )
    });
    for client in app.person_and_key("patchwork", rules).await {
        for kind in kinds {
            let id = app
                .admin()
                .make(kind.plural, json!({"name": "x", "city": "Utrecht"}))
                .await;
            let refused = client
                .patch(kind.plural, &id, json!({"name": "y", "country": "NL"}))
                .await;
            refused.problem(403, "forbidden");
            assert_eq!(app.admin().get(kind.plural, &id).await.ok()["name"], "x");
            client
                .patch(kind.plural, &id, json!({"name": "y"}))
                .await
                .ok();
            client
                .patch(kind.plural, &id, json!({"country": "NL"}))
                .await
                .ok();
            let both = json!({"name": "x", "city": "Utrecht", "country": "NL"});
            client
                .create(kind.plural, both)
                .await
                .problem(403, "forbidden");
            client
                .create(kind.plural, json!({"name": "x", "city": "Utrecht"}))
                .await
                .status(201);
            client
                .create(kind.plural, json!({"name": "x", "country": "NL"}))
                .await
                .status(201);
        }
    }
}

#[tokio::test]
async fn what_is_visible_but_not_allowed_is_forbidden() {
    let (app, kinds) = start().await;
    let rules = for_both(kinds, |rules, kind| {
        let relation = format!("{}Alliance", kind.name);
        rules
            .allow("read", kind.name, json!({"fields": "*"}))
            .allow("read", &relation, json!({"fields": "*"}))
    });
    for client in app.person_and_key("reader", rules).await {
        for kind in kinds {
            let id = kind.make(&app.admin(), "x").await;
            let allies = format!("{}/{id}/allies", kind.plural);
            let link = app.admin().link(&allies, &id, json!({})).await.ok();
            let link = link["link"]["id"]
                .as_str()
                .or(link["id"].as_str())
                .expect("an id")
                .to_owned();
            client
                .create(kind.plural, json!({"name": "x"}))
                .await
                .problem(403, "forbidden");
            client
                .patch(kind.plural, &id, json!({"name": "y"}))
                .await
                .problem(403, "forbidden");
            client
                .delete(kind.plural, &id)
                .await
                .problem(403, "forbidden");
            client
                .link(&allies, &id, json!({}))
                .await
                .problem(403, "forbidden");
            let path = format!("/v1/data/{allies}/{link}");
            client
                .call("PATCH", &path, &json!({"terms": "x"}))
                .await
                .problem(403, "forbidden");
            client
                .call("DELETE", &path, &Json::Null)
                .await
                .problem(403, "forbidden");
        }
    }
}

#[tokio::test]
async fn a_writer_without_sight_learns_nothing_but_the_id() {
    let (app, kinds) = start().await;
    let rules = for_both(kinds, |rules, kind| {
        rules.allow("create", kind.name, json!({"fields": "*"}))
    });
    for client in app.person_and_key("letterbox", rules).await {
        for kind in kinds {
            let created = client.create(kind.plural, json!({"name": "x"})).await;
            let body = created.status(201).json();
            let id = body["id"].as_str().expect("an id").to_owned();
            assert!(body.get("name").is_none(), "{created}");
            let nothing = "01900000-0000-7000-8000-000000000000";
            for (method, body) in [
                ("GET", Json::Null),
                ("PATCH", json!({"name": "y"})),
                ("DELETE", Json::Null),
            ] {
                let at = |id: &str| format!("/v1/data/{}/{id}", kind.plural);
                let stored = client.call(method, &at(&id), &body).await;
                assert!([403, 404].contains(&stored.code()), "{stored}");
                same(
                    &stored,
                    (&id, nothing),
                    &client.call(method, &at(nothing), &body).await,
                );
            }
            let answer = kind
                .graphql(
                    &client,
                    "mutation { createThing(input: {name: \"x\"}) { id } }",
                    Json::Null,
                )
                .await;
            assert!(
                answer.data()["createThing".replace("Thing", &kind.pascal()).as_str()]["id"]
                    .is_string(),
                "{answer}"
            );
        }
    }
}
