//! Explanations say what the requests of the one who is explained answer.

use serde_json::{Value as Json, json};

use crate::support::{Client, Kind, Rules, TestApp};

/// A record in Utrecht and one in Paris of each kind.
async fn records(app: &TestApp, kind: Kind) -> [String; 2] {
    let make = |city: &'static str| async move {
        let record = json!({"name": city, "city": city, "country": "NL"});
        app.admin().make(kind.plural, record).await
    };
    [make("Utrecht").await, make("Paris").await]
}

async fn explain(app: &TestApp, principal: &Json, action: &str, more: Json) -> Json {
    let mut question = json!({"principal": principal, "action": action});
    if let (Some(question), Json::Object(more)) = (question.as_object_mut(), more) {
        question.extend(more);
    }
    let answer = app.admin().meta("POST", "access/explain", question).await;
    answer.ok()
}

/// The principal of a client, as questions name it.
async fn principal(client: &Client) -> Json {
    let me = client.get_path("/v1/auth/me", "").await.ok();
    json!({me["kind"].as_str().expect("a kind"): me["id"]})
}

#[tokio::test]
async fn an_explanation_says_what_a_read_answers() {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    let rules = kinds.into_iter().fold(Rules::none(), |rules, kind| {
        let utrecht = json!({"fields": ["name", "city"], "where": {"city": {"eq": "Utrecht"}}});
        let dutch = json!({"fields": ["name", "weight"], "where": {"country": {"eq": "NL"}}});
        rules
            .allow("read", kind.name, utrecht.clone())
            .allow("read", kind.name, dutch)
            .allow("update", kind.name, utrecht)
    });
    let clients = app.person_and_key("clerk", rules).await;
    for client in &clients {
        let who = principal(client).await;
        for kind in kinds {
            let [utrecht, paris] = records(&app, kind).await;
            let all = explain(&app, &who, "read", json!({"object": kind.name})).await;
            assert_eq!(all["allowed"], true, "{all}");
            assert_eq!(all["principal"]["roles"], json!(["clerk"]));
            assert_eq!(all["rules"].as_array().map(Vec::len), Some(2));
            assert_eq!(all["fields"]["always"], json!(["id", "name"]), "{all}");
            assert_eq!(
                all["fields"]["sometimes"],
                json!(["city", "weight"]),
                "{all}"
            );
            // The filter that it gives finds what the principal sees.
            let seen = client.list(kind.plural, "").await.ids();
            let found = app
                .admin()
                .filter(kind.plural, &all["where"], "")
                .await
                .ids();
            assert_eq!(seen, found);
            for (id, fields) in [
                (&utrecht, json!(["id", "name", "city", "weight"])),
                (&paris, json!(["id", "name", "weight"])),
            ] {
                let one = json!({"object": kind.name, "record": id});
                let told = explain(&app, &who, "read", one.clone()).await;
                assert_eq!(told["allowed"], true, "{told}");
                let mut always = told["fields"]["always"].as_array().expect("names").clone();
                let mut fields = fields.as_array().expect("names").clone();
                always.sort_by_key(Json::to_string);
                fields.sort_by_key(Json::to_string);
                assert_eq!(always, fields, "{told}");
                let told = explain(&app, &who, "update", one).await;
                let patched = client.patch(kind.plural, id, json!({"name": "x"})).await;
                assert_eq!(told["allowed"], patched.code() == 200, "{told}\n{patched}");
                assert_eq!(told["rules"][0]["matches"], told["allowed"], "{told}");
            }
            let told = explain(&app, &who, "delete", json!({"object": kind.name})).await;
            assert_eq!(told["allowed"], false, "{told}");
            assert_eq!(told["reason"], "none of its roles has a rule for this");
        }
    }
}

#[tokio::test]
async fn an_explanation_says_which_rules_do_not_count() {
    let app = TestApp::start().await;
    let [kind, _] = Kind::both(&app).await;
    let own = json!({"where": {"ownerId": {"eq": "$user.id"}}});
    let gone = json!({"fields": ["weight"]});
    let rules = Rules::none()
        .allow("read", kind.name, own)
        .allow("read", kind.name, gone)
        .allow("create", kind.name, json!({}));
    app.add_role("clerk", &rules).await;
    let scopes = json!({"scopes": [format!("data:{}:read", kind.name)]});
    let key = principal(&app.key(&["clerk"], scopes).await).await;
    let operation = json!({"op": "deleteField", "object": kind.name, "field": "weight"});
    app.admin().change(json!([operation])).await.ok();
    let about = json!({"object": kind.name});
    let read = explain(&app, &key, "read", about.clone()).await;
    assert_eq!(read["allowed"], false, "{read}");
    assert_eq!(read["where"], json!({"or": []}));
    let reasons: Vec<&str> = read["rules"]
        .as_array()
        .expect("rules")
        .iter()
        .filter_map(|rule| rule["reason"].as_str())
        .collect();
    assert_eq!(
        reasons,
        [
            "it names a variable that this principal has no value for",
            "it speaks of a field or type that is deleted"
        ]
    );
    let create = explain(&app, &key, "create", about.clone()).await;
    assert_eq!(create["allowed"], false, "{create}");
    assert_eq!(
        create["rules"][0]["reason"],
        "the scopes of the key leave it out"
    );
    let id = key["key"].as_str().expect("an id");
    app.admin()
        .meta("DELETE", &format!("keys/{id}"), Json::Null)
        .await
        .status(204);
    let revoked = explain(&app, &key, "read", about).await;
    assert_eq!(revoked["principal"]["active"], false, "{revoked}");
    assert_eq!(revoked["allowed"], false, "{revoked}");
}

#[tokio::test]
async fn a_question_about_nothing_is_refused_at_its_place() {
    let app = TestApp::start().await;
    let [kind, _] = Kind::both(&app).await;
    let me = principal(&app.admin()).await;
    let id = "0190a6e2-0000-7000-8000-000000000000";
    let question = json!({"principal": me, "action": "read", "object": kind.name});
    for (member, value, place) in [
        ("principal", json!({}), "/principal"),
        ("principal", json!({"user": id, "key": id}), "/principal"),
        ("principal", json!({"user": id}), "/principal/user"),
        ("principal", json!({"key": "x"}), "/principal/key"),
        ("action", json!("see"), "/action"),
        ("object", json!("nothing"), "/object"),
        ("record", json!("x"), "/record"),
        ("record", json!(id), "/record"),
    ] {
        let mut asked = question.clone();
        asked[member] = value;
        let refused = app.admin().meta("POST", "access/explain", asked).await;
        refused.problem_at(422, "validation_failed", place);
    }
    let mut create = question.clone();
    create["action"] = json!("create");
    create["record"] = json!(id);
    let refused = app.admin().meta("POST", "access/explain", create).await;
    refused.problem_at(422, "validation_failed", "/record");
    // Only those who manage access may ask, be it about themselves.
    for client in app.person_and_key("none", Rules::none()).await {
        let asked = client
            .meta("POST", "access/explain", question.clone())
            .await;
        asked.problem(403, "forbidden");
    }
}

#[tokio::test]
async fn with_a_record_the_masks_of_the_rules_that_match_it_are_told() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let rules = Rules::none()
        .allow("read", "organization", json!({
            "fields": ["name", "city", "phone"], "where": {"country": {"eq": "NL"}}, "masks": {"phone": "last4"},
        }))
        .allow("read", "organization", json!({
            "fields": ["name", "city", "phone"], "where": {"country": {"eq": "DE"}}, "masks": {"city": "last4"},
        }))
        .allow("read", "organization", json!({"fields": ["phone"], "where": {"name": {"eq": "Open"}}}));
    let client = app.role("reader", rules).await;
    let me = principal(&client).await;
    let make = async |name: &str, country: &str| {
        let record = json!({"name": name, "country": country, "city": "Bergen op Zoom", "phone": "+31612345678"});
        admin.make("organizations", record).await
    };
    let about = |record: &str| json!({"object": "organization", "record": record});
    for (name, country, masked, always) in [
        ("Dutch", "NL", json!(["phone"]), "city"),
        ("German", "DE", json!(["city"]), "phone"),
        ("Open", "NL", json!([]), "phone"),
    ] {
        let record = make(name, country).await;
        let told = explain(&app, &me, "read", about(&record)).await;
        assert_eq!(told["fields"]["masked"], masked, "{name}: {told}");
        let shown = told["fields"]["always"].as_array().expect("fields");
        assert!(shown.contains(&json!(always)), "{name}: {told}");
    }
    let told = explain(&app, &me, "read", json!({"object": "organization"})).await;
    assert_eq!(told["fields"]["masked"], json!(["phone", "city"]), "{told}");
}
