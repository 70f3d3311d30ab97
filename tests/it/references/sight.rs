//! What a narrow caller sees of references to several types: hidden targets are not there, in whatever
//! way it asks.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde_json::{Value as Json, json};

use super::{NOTHING, activity, parties, pointer, start, subjects};
use crate::support::{Rules, TestApp};

/// Sees activities, and accounts in Utrecht; contacts do not exist for it.
fn rules() -> Rules {
    let utrecht = json!({"where": {"city": {"eq": "Utrecht"}}});
    Rules::none()
        .read("activity")
        .allow("create", "activity", json!({}))
        .allow("update", "activity", json!({}))
        .allow("read", "account", utrecht)
        .allow("link", "account", json!({}))
}

async fn fill(app: &TestApp) -> [String; 4] {
    let admin = app.admin();
    let all = parties(&admin).await;
    let [alfa, beta, carla, delta] = &all;
    for (subject, of_type, id) in [
        ("a", "account", alfa),
        ("b", "account", beta),
        ("c", "contact", carla),
        ("d", "organization", delta),
    ] {
        let values = json!({"subject": subject, "regarding": pointer(of_type, id), "about": pointer(of_type, id)});
        admin.make("activities", values).await;
    }
    activity(&admin, "e", Json::Null).await;
    all
}

#[tokio::test]
async fn a_target_out_of_sight_reads_as_none() {
    let app = start().await;
    let [alfa, beta, carla, _] = fill(&app).await;
    for narrow in app.person_and_key("narrow", rules()).await {
        let rows = narrow.list("activities", "sort=subject").await.ok()["data"].clone();
        for field in ["regarding", "about"] {
            assert_eq!(rows[0][field], json!({"id": alfa, "type": "account"}));
            for row in 1..5 {
                assert_eq!(rows[row][field], Json::Null, "{row} {field}");
            }
            for (filter, expected) in [
                (json!({"isNull": true}), "bcde"),
                (json!({"isNull": false}), "a"),
                (json!({"eq": beta}), ""),
                (json!({"eq": carla}), ""),
                (json!({"in": [alfa, beta, carla]}), "a"),
                (json!({"neq": beta}), "abcde"),
                (json!({"id": {"gt": NOTHING}}), "a"),
                (json!({"type": {"eq": "account"}}), "a"),
                (json!({"type": {"neq": "account"}}), "bcde"),
                (json!({"account": {}}), "a"),
                (json!({"account": {"city": {"eq": "Zeist"}}}), ""),
            ] {
                let found = subjects(&narrow, &json!({field: filter})).await;
                assert_eq!(found.concat(), expected, "{field} {filter}");
            }
        }
        let fields = "fields=regarding.account.name&sort=subject";
        let rows = narrow.list("activities", fields).await.ok()["data"].clone();
        assert_eq!(rows[0]["regarding"]["account"]["name"], json!("Alfa"));
        assert_eq!(rows[1]["regarding"], Json::Null);
    }
}

#[tokio::test]
async fn a_hidden_type_is_an_unknown_type() {
    let app = start().await;
    let [_, beta, carla, _] = fill(&app).await;
    for narrow in app.person_and_key("narrow", rules()).await {
        // The same bytes for a hidden and an unknown name, but for the name itself and the request.
        let same = |hidden: Json, unknown: Json| {
            let mut pair = [hidden, unknown].map(|body| {
                let text = body.to_string();
                let text = text.replace("contact", "NAME").replace("zzzzzzz", "NAME");
                let body: Json = serde_json::from_str(&text).expect("JSON");
                body
            });
            for body in &mut pair {
                body["requestId"] = Json::Null;
            }
            assert_eq!(pair[0], pair[1]);
        };
        for field in ["regarding", "about"] {
            let by = |name: &str| json!({field: {name: {"name": {"eq": "x"}}}});
            let type_is = |name: &str| json!({field: {"type": {"eq": name}}});
            same(
                narrow.filter("activities", &by("contact"), "").await.json(),
                narrow.filter("activities", &by("zzzzzzz"), "").await.json(),
            );
            same(
                narrow
                    .filter("activities", &type_is("contact"), "")
                    .await
                    .json(),
                narrow
                    .filter("activities", &type_is("zzzzzzz"), "")
                    .await
                    .json(),
            );
            let select = |name: &str| format!("fields={field}.{name}.name");
            same(
                narrow.list("activities", &select("contact")).await.json(),
                narrow.list("activities", &select("zzzzzzz")).await.json(),
            );
            let write = |name: &str| json!({"subject": "x", field: pointer(name, &carla)});
            same(
                narrow.create("activities", write("contact")).await.json(),
                narrow.create("activities", write("zzzzzzz")).await.json(),
            );
        }
        let invisible = narrow
            .create(
                "activities",
                json!({"subject": "x", "regarding": pointer("account", &beta)}),
            )
            .await;
        invisible.problem_at(422, "validation_failed", "/regarding");
        let types = narrow
            .graphql(
                "{ __schema { types { name fields { name } inputFields { name } } } }",
                Json::Null,
            )
            .await;
        assert!(!types.text().to_lowercase().contains("contact"), "{types}");
        for path in ["/openapi.json", "/v1/meta/objects"] {
            let shown = narrow.call("GET", path, &Json::Null).await.ok();
            let shown = shown.to_string();
            assert!(!shown.contains("contact\""), "{path}");
        }
        let create = r"mutation($i: ActivityInput!) { createActivity(input: $i) { id } }";
        let hidden = json!({"i": {"subject": "x", "regarding": pointer("contact", &carla)}});
        narrow
            .graphql(create, hidden)
            .await
            .error("validation_failed");
    }
}

#[tokio::test]
async fn a_reference_without_a_visible_target_is_hidden() {
    let app = start().await;
    let [alfa, ..] = fill(&app).await;
    let rules = Rules::none()
        .read("activity")
        .allow("create", "activity", json!({}));
    for blind in app.person_and_key("blind", rules).await {
        let rows = blind.list("activities", "sort=subject").await.ok()["data"].clone();
        assert!(rows[0].get("regarding").is_none(), "{rows}");
        // Activities are of some type themselves, so that `about` still has a target.
        assert_eq!(rows[0]["about"], Json::Null);
        for asked in [
            "fields=regarding",
            "regarding[isNull]=true",
            "sort=regarding",
        ] {
            blind
                .list("activities", asked)
                .await
                .problem(400, "unknown_field");
        }
        let sent = json!({"subject": "x", "regarding": pointer("account", &alfa)});
        let refused = blind.create("activities", sent).await;
        refused.problem_at(400, "unknown_field", "/regarding");
    }
}

#[tokio::test]
async fn pointing_needs_the_right_to_link() {
    let app = start().await;
    let [alfa, ..] = fill(&app).await;
    let rules =
        Rules::none()
            .read("activity")
            .read("account")
            .allow("create", "activity", json!({}));
    let reader = app.role("reader", rules).await;
    let sent = json!({"subject": "x", "regarding": pointer("account", &alfa)});
    let refused = reader.create("activities", sent).await;
    refused.problem_at(422, "validation_failed", "/regarding");
}

#[tokio::test]
async fn rules_walk_it_and_preset_it() {
    let app = start().await;
    let [_, _, _, delta] = fill(&app).await;
    let admin = app.admin();
    let partner = json!({"organization": delta, "name": "Delta"});
    let partner = admin.meta("POST", "partners", partner).await.ok();
    let mine = json!({"where": {"regarding": {"organization": {"id": {"eq": "$partner.id"}}}}});
    let preset = json!({"presets": {"regarding": pointer("organization", &delta)}});
    let rules = Rules::none()
        .allow("read", "activity", mine)
        .read("organization")
        .allow("create", "activity", preset);
    app.add_role("partner", &rules).await;
    let key = app
        .key(&["partner"], json!({"partner": partner["id"]}))
        .await;
    assert_eq!(subjects(&key, &json!({})).await, ["d"]);
    let made = key
        .create("activities", json!({"subject": "mine"}))
        .await
        .ok();
    assert_eq!(
        made["regarding"],
        json!({"id": delta, "type": "organization"})
    );
    let shown = admin
        .meta("GET", "roles/partner/rules", Json::Null)
        .await
        .ok();
    assert!(
        shown
            .to_string()
            .contains(&pointer("organization", &delta).to_string())
            || shown.to_string().contains(r#""type":"organization""#),
        "{shown}"
    );
}

/// Whoever points at a record keeps it from being deleted until it has committed: afterwards either
/// the record is gone and nothing points at it, or it was pointed at and deleted later.
#[tokio::test]
async fn a_target_is_there_on_both_sides_of_a_race() {
    let app = start().await;
    let admin = app.admin();
    for _ in 0..8 {
        let [alfa, ..] = parties(&admin).await;
        let gone = Arc::new(AtomicBool::new(false));
        let writers = (0..4).map(|_| {
            let (admin, alfa, gone) = (admin.clone(), alfa.clone(), Arc::clone(&gone));
            tokio::spawn(async move {
                for _ in 0..6 {
                    let after = gone.load(Ordering::SeqCst);
                    let values = json!({"subject": "x", "regarding": pointer("account", &alfa)});
                    let made = admin.create("activities", values).await;
                    assert!(!after || made.code() == 422, "{made}");
                    assert!(matches!(made.code(), 201 | 422 | 503), "{made}");
                }
            })
        });
        let writers: Vec<_> = writers.collect();
        admin.delete("accounts", &alfa).await.status(204);
        gone.store(true, Ordering::SeqCst);
        for writer in writers {
            writer.await.expect("a writer");
        }
    }
}
