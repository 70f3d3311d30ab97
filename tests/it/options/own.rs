//! Options of one field: what may be chosen, and what a change of the list means for the records.

use serde_json::{Value as Json, json};

use crate::support::{Client, Rules, TestApp};

/// A ticket with a priority (one of) and topics (several of).
async fn tickets(admin: &Client) {
    let operations = json!([{"op": "addObjectType", "name": "ticket", "plural": "tickets", "fields": [
        {"name": "title", "type": "text"},
        {"name": "priority", "type": "select", "options": priorities()},
        {"name": "topics", "type": "multiSelect", "options": [{"name": "a"}, {"name": "b"}, {"name": "c"}]},
    ]}]);
    admin.change(operations).await.ok();
}

fn priorities() -> Json {
    json!([
        {"name": "low", "label": "Low", "labels": {"de": "Niedrig"}, "color": "#00ff00"},
        {"name": "mid", "label": "Mid"},
        {"name": "high", "label": "High"},
    ])
}

async fn update(admin: &Client, field: &str, change: Json) -> crate::support::Response {
    let path = format!("objects/ticket/fields/{field}");
    admin.meta("PATCH", &path, change).await
}

#[tokio::test]
async fn an_option_has_labels_a_colour_and_a_place() {
    let app = TestApp::start().await;
    let admin = app.admin();
    tickets(&admin).await;
    let described = admin.meta("GET", "objects/ticket", Json::Null).await.ok();
    let fields = described["fields"].as_array().expect("fields");
    let field = fields.iter().find(|field| field["name"] == "priority");
    let field = field.expect("the field");
    assert_eq!(field["options"], priorities());

    let reordered = json!({"options": [{"name": "high"}, {"name": "mid", "label": "Medium"}, {"name": "low", "active": false}]});
    let field = update(&admin, "priority", reordered).await.ok();
    let expected = json!([
        {"name": "high", "label": "High"},
        {"name": "mid", "label": "Medium"},
        {"name": "low", "label": "Low", "active": false},
    ]);
    assert_eq!(field["options"], expected);

    for (options, word) in [
        (json!([{"name": "a", "color": "green"}]), "rrggbb"),
        (json!([{"name": "a", "labels": {"": "A"}}]), "BCP 47"),
        (json!([{"name": "a"}, {"name": "a"}]), "twice"),
        (json!([{"name": "a", "when": ["b"]}]), "dependsOn"),
        (json!([]), "1 to 500"),
    ] {
        let refused = update(&admin, "priority", json!({"options": options})).await;
        let text = refused.problem(422, "validation_failed").to_string();
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[tokio::test]
async fn five_hundred_options_are_a_list() {
    let app = TestApp::start().await;
    let admin = app.admin();
    tickets(&admin).await;
    let many: Vec<Json> = (0..500).map(|n| json!({"name": format!("o{n}")})).collect();
    let mut with_old = many[..497].to_vec();
    with_old.extend(["a", "b", "c"].map(|name| json!({"name": name})));
    update(&admin, "topics", json!({"options": with_old}))
        .await
        .ok();
    let ticket = admin
        .make("tickets", json!({"topics": ["o0", "o496", "a"]}))
        .await;
    assert_eq!(
        admin.get("tickets", &ticket).await.ok()["topics"],
        json!(["o0", "o496", "a"])
    );
    with_old.push(json!({"name": "one too many"}));
    update(&admin, "topics", json!({"options": with_old}))
        .await
        .problem(422, "validation_failed");
}

#[tokio::test]
async fn an_inactive_option_stays_and_is_not_newly_chosen() {
    let app = TestApp::start().await;
    let admin = app.admin();
    tickets(&admin).await;
    let old = json!({"title": "old", "priority": "low", "topics": ["a", "b"]});
    let old = admin.make("tickets", old).await;
    let new = admin
        .make(
            "tickets",
            json!({"title": "new", "priority": "high", "topics": ["b"]}),
        )
        .await;
    let priorities = json!([{"name": "low", "active": false}, {"name": "mid"}, {"name": "high"}]);
    update(&admin, "priority", json!({"options": priorities}))
        .await
        .ok();
    let topics = json!([{"name": "a", "active": false}, {"name": "b"}, {"name": "c"}]);
    update(&admin, "topics", json!({"options": topics}))
        .await
        .ok();

    let read = admin.get("tickets", &old).await.ok();
    assert_eq!(
        (&read["priority"], &read["topics"]),
        (&json!("low"), &json!(["a", "b"]))
    );
    let filter = json!({"priority": {"eq": "low"}, "topics": {"has": "a"}});
    assert_eq!(
        admin.filter("tickets", &filter, "").await.ids(),
        std::slice::from_ref(&old)
    );
    let sorted = admin.list("tickets", "sort=priority").await;
    assert_eq!(
        sorted.column("priority"),
        ["high", "low"],
        "by the stored name"
    );

    // What is stored may be sent again, alone or with more.
    let same = json!({"priority": "low", "topics": ["c", "a"]});
    admin.patch("tickets", &old, same).await.ok();
    admin
        .patch("tickets", &new, json!({"priority": "low"}))
        .await
        .problem_at(422, "validation_failed", "/priority");
    admin
        .patch("tickets", &new, json!({"topics": ["b", "a"]}))
        .await
        .problem_at(422, "validation_failed", "/topics");
    admin
        .create("tickets", json!({"priority": "low"}))
        .await
        .problem_at(422, "validation_failed", "/priority");
    let mutation = r"mutation($i: TicketInput!) { createTicket(input: $i) { ticket { id } } }";
    let refused = admin
        .graphql(mutation, json!({"i": {"priority": "low"}}))
        .await;
    assert!(refused.text().contains("not active"), "{refused:?}");
    update(&admin, "priority", json!({"default": "low"}))
        .await
        .problem_at(422, "validation_failed", "/default");
    let unused = json!({"options": [{"name": "low"}, {"name": "mid", "active": false}, {"name": "high"}], "default": "mid"});
    update(&admin, "priority", unused).await.status(422);
}

#[tokio::test]
async fn an_option_in_use_goes_only_when_another_takes_its_place() {
    let app = TestApp::start().await;
    let admin = app.admin();
    tickets(&admin).await;
    let low = admin
        .make("tickets", json!({"priority": "low", "topics": ["a", "b"]}))
        .await;
    let gone = admin.make("tickets", json!({"priority": "low"})).await;
    admin.delete("tickets", &gone).await.status(204);

    let rest = json!([{"name": "mid"}, {"name": "high"}]);
    let refused = update(&admin, "priority", json!({"options": rest})).await;
    let text = refused.problem(422, "validation_failed").to_string();
    for word in ["used by 1 record", "active: false", "replaceOptions"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    for wrong in [
        json!({"low": "none"}),
        json!({"nope": "mid"}),
        json!({"mid": "high"}),
        json!(7),
    ] {
        let change = json!({"options": rest, "replaceOptions": wrong});
        update(&admin, "priority", change).await.status(422);
    }
    let change = json!({"options": rest, "replaceOptions": {"low": "mid"}});
    let path = "objects/ticket/fields/priority?dryRun=true";
    let report = admin.meta("PATCH", path, change.clone()).await.ok();
    assert_eq!(report["operations"][0]["rowsAffected"], json!(2));
    assert_eq!(
        admin.get("tickets", &low).await.ok()["priority"],
        json!("low")
    );

    let before = admin.get("tickets", &low).await;
    update(&admin, "priority", change).await.ok();
    let after = admin.get("tickets", &low).await;
    assert_eq!(after.ok()["priority"], json!("mid"));
    assert_ne!(
        before.header("etag"),
        after.header("etag"),
        "a change is a new version"
    );
    admin.restore("tickets", &gone).await.ok();
    assert_eq!(
        admin.get("tickets", &gone).await.ok()["priority"],
        json!("mid")
    );

    let topics = json!({"options": [{"name": "b"}, {"name": "c"}], "replaceOptions": {"a": "b"}});
    update(&admin, "topics", topics).await.ok();
    assert_eq!(
        admin.get("tickets", &low).await.ok()["topics"],
        json!(["b"])
    );
}

#[tokio::test]
async fn a_rule_does_not_let_a_key_choose_what_is_inactive() {
    let app = TestApp::start().await;
    let admin = app.admin();
    tickets(&admin).await;
    let priorities = json!([{"name": "low", "active": false}, {"name": "mid"}, {"name": "high"}]);
    update(&admin, "priority", json!({"options": priorities}))
        .await
        .ok();
    let rules = Rules::none().read("ticket").allow(
        "create",
        "ticket",
        json!({"fields": ["title", "priority"]}),
    );
    for client in app.person_and_key("desk", rules).await {
        client
            .create("tickets", json!({"priority": "low"}))
            .await
            .problem_at(422, "validation_failed", "/priority");
        client
            .create("tickets", json!({"priority": "mid"}))
            .await
            .status(201);
    }
}
