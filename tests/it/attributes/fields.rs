//! Attributes of fields: read-only, write-once, audited, and those that are only described.

use serde_json::{Value as Json, json};

use crate::support::{Client, Kind, Rules, TestApp};

/// Changes a field of a kind.
async fn update(admin: &Client, kind: Kind, field: &str, changes: Json) {
    let path = format!("objects/{}/fields/{field}", kind.name);
    admin.meta("PATCH", &path, changes).await.ok();
}

/// A field of a kind as a caller has it described.
async fn described(client: &Client, kind: Kind, field: &str) -> Json {
    let path = format!("objects/{}", kind.name);
    let object = client.meta("GET", &path, Json::Null).await.ok();
    let fields = object["fields"].as_array().cloned().unwrap_or_default();
    let found = fields.into_iter().find(|it| it["name"] == field);
    found.unwrap_or_else(|| panic!("no field {field} in {object}"))
}

#[tokio::test]
async fn a_read_only_field_is_for_presets() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        update(&admin, kind, "city", json!({"readOnly": true})).await;
        let rules = Rules::none()
            .read(kind.name)
            .allow("create", kind.name, json!({}))
            .allow("update", kind.name, json!({}));
        let role = format!("{}Writer", kind.name);
        let [person, key] = app.person_and_key(&role, rules).await;
        for client in [admin.clone(), person, key] {
            let refused = client
                .create(kind.plural, json!({"name": "A", "city": "Utrecht"}))
                .await;
            let body = refused.problem_at(422, "validation_failed", "/city");
            assert_eq!(body["errors"][0]["code"], "read_only_field");
            let id = kind.make(&client, "A").await;
            let refused = client
                .patch(kind.plural, &id, json!({"city": "Utrecht"}))
                .await;
            refused.problem_at(422, "validation_failed", "/city");
            client.get(kind.plural, &id).await.ok();
        }
        let flags = described(&admin, kind, "city").await;
        let flags = [
            &flags["readOnly"],
            &flags["readable"],
            &flags["creatable"],
            &flags["updatable"],
        ];
        assert_eq!(flags, [true, true, false, false]);

        let inputs = "{ create: __type(name: \"ThingInput\") { inputFields { name } } \
                       patch: __type(name: \"ThingPatch\") { inputFields { name } } }";
        let types = kind.graphql(&admin, inputs, json!({})).await.data();
        for of in ["create", "patch"] {
            let names = types[of]["inputFields"].to_string();
            assert!(
                names.contains("\"country\"") && !names.contains("\"city\""),
                "{names}"
            );
        }
        let sent = "mutation { createThing(input: {name: \"B\", city: \"Utrecht\"}) { id } }";
        let refused = kind.graphql(&admin, sent, json!({})).await.json();
        assert!(refused["errors"].is_array(), "{refused}");

        let rules = Rules::none()
            .read(kind.name)
            .allow("create", kind.name, json!({"presets": {"city": "Preset"}}))
            .allow("update", kind.name, json!({"presets": {"city": "Changed"}}));
        let role = format!("{}Clerk", kind.name);
        for client in app.person_and_key(&role, rules).await {
            let id = kind.make(&client, "C").await;
            assert_eq!(client.get(kind.plural, &id).await.ok()["city"], "Preset");
            let changed = client
                .patch(kind.plural, &id, json!({"name": "D"}))
                .await
                .ok();
            assert_eq!(changed["city"], "Changed");
        }
        update(&admin, kind, "city", json!({"readOnly": null})).await;
        admin
            .make(kind.plural, json!({"name": "E", "city": "Utrecht"}))
            .await;
    }
}

#[tokio::test]
async fn a_required_read_only_field_says_who_sets_it() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let field = json!({"name": "batch", "type": "text", "required": true, "readOnly": true});
    let lot = json!([{"op": "addObjectType", "name": "lot", "plural": "lots", "fields": [field]}]);
    admin.change(lot).await.ok();
    let body = admin
        .create("lots", json!({}))
        .await
        .problem_at(422, "validation_failed", "/batch");
    let message = body["errors"][0]["message"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(message.contains("preset"), "{message}");
}

#[tokio::test]
async fn a_write_once_field_keeps_its_first_value() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        update(&admin, kind, "city", json!({"writeOnce": true})).await;
        update(&admin, kind, "annualRevenue", json!({"writeOnce": true})).await;
        let revenue = |amount: &str| json!({"amount": amount, "currency": "EUR"});
        let values = json!({"name": "A", "city": "Utrecht"});
        let id = admin.make(kind.plural, values).await;
        for other in [json!("Delft"), Json::Null] {
            let refused = admin.patch(kind.plural, &id, json!({"city": other})).await;
            let body = refused.problem_at(422, "validation_failed", "/city");
            assert_eq!(body["errors"][0]["code"], "read_only_field");
        }
        let same = admin
            .patch(kind.plural, &id, json!({"city": "Utrecht", "name": "B"}))
            .await;
        assert_eq!(same.ok()["name"], "B");
        let first = json!({"annualRevenue": revenue("10")});
        admin.patch(kind.plural, &id, first).await.ok();
        let second = json!({"annualRevenue": revenue("11")});
        let refused = admin.patch(kind.plural, &id, second.clone()).await;
        refused.problem_at(422, "validation_failed", "/annualRevenue");

        let document =
            "mutation ($id: ID!) { updateThing(id: $id, input: {city: \"Delft\"}) { id } }";
        let refused = kind.graphql(&admin, document, json!({"id": id})).await;
        refused.error("validation_failed");
        let document =
            "mutation ($id: ID!) { updateThing(id: $id, input: {city: \"Utrecht\"}) { id } }";
        kind.graphql(&admin, document, json!({"id": id}))
            .await
            .data();

        // Who can't read the field can't find out what is stored by sending guesses.
        let rules = Rules::none()
            .allow("read", kind.name, json!({"fields": ["name"]}))
            .allow("update", kind.name, json!({"fields": ["name", "city"]}));
        let role = format!("{}Blind", kind.name);
        for client in app.person_and_key(&role, rules).await {
            let right = client
                .patch(kind.plural, &id, json!({"city": "Utrecht"}))
                .await;
            let wrong = client
                .patch(kind.plural, &id, json!({"city": "Gouda"}))
                .await;
            let [right, wrong] = [right, wrong].map(|answer| {
                let body = answer.problem_at(422, "validation_failed", "/city");
                body["errors"].clone()
            });
            assert_eq!(right, wrong);
        }
        // Presets are the admin's word.
        let rules = Rules::none().read(kind.name).allow(
            "update",
            kind.name,
            json!({"fields": ["name"], "presets": {"city": "Preset"}}),
        );
        let client = app.role(&format!("{}Setter", kind.name), rules).await;
        let changed = client
            .patch(kind.plural, &id, json!({"name": "C"}))
            .await
            .ok();
        assert_eq!(changed["city"], "Preset");
    }
}

#[tokio::test]
async fn write_once_holds_under_parallel_writers() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let [kind, _] = Kind::both(&app).await;
    update(&admin, kind, "city", json!({"writeOnce": true})).await;
    let id = kind.make(&admin, "A").await;
    let writers = (0..8).map(|number| {
        let (admin, id) = (admin.clone(), id.clone());
        async move {
            let city = format!("City {number}");
            let answer = admin.patch(kind.plural, &id, json!({"city": city})).await;
            (answer.code(), city)
        }
    });
    let answers = futures::future::join_all(writers).await;
    let won: Vec<_> = answers.iter().filter(|(code, _)| *code == 200).collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    assert_eq!(
        admin.get(kind.plural, &id).await.ok()["city"],
        json!(won[0].1)
    );
}

#[tokio::test]
async fn a_link_keeps_attributes_too() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let [kind, _] = Kind::both(&app).await;
    let relation = "relations/organizationAlliance/fields";
    let change = json!({"writeOnce": true});
    admin
        .meta("PATCH", &format!("{relation}/terms"), change)
        .await
        .ok();
    let change = json!({"readOnly": true});
    admin
        .meta("PATCH", &format!("{relation}/since"), change)
        .await
        .ok();
    let (from, to) = (kind.make(&admin, "A").await, kind.make(&admin, "B").await);
    let path = format!("organizations/{from}/allies");
    let refused = admin.link(&path, &to, json!({"since": "2026-01-01"})).await;
    refused.problem_at(422, "validation_failed", "/since");
    let link = admin
        .link(&path, &to, json!({"terms": "first"}))
        .await
        .status(201)
        .json();
    let link = format!("/v1/data/{path}/{}", link["id"].as_str().expect("an id"));
    let refused = admin
        .call("PATCH", &link, &json!({"terms": "second"}))
        .await;
    refused.problem_at(422, "validation_failed", "/terms");
}

#[tokio::test]
async fn attributes_are_described_and_checked() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let flags = described(&admin, kind, "city").await;
        let expected = [
            ("readOnly", json!(false)),
            ("writeOnce", json!(false)),
            ("audited", json!(true)),
            ("personalData", json!("none")),
            ("searchable", json!(false)),
            ("indexed", json!(false)),
        ];
        for (name, value) in expected {
            assert_eq!(flags[name], value, "{name} of {flags}");
        }
        let changes = json!({"audited": false, "personalData": "sensitive", "searchable": true,
            "labels": {"de": "Stadt"}, "helps": {"de": "Wo?"}});
        update(&admin, kind, "city", changes.clone()).await;
        let flags = described(&admin, kind, "city").await;
        for (name, value) in changes.as_object().into_iter().flatten() {
            assert_eq!(flags[name], *value, "{name} of {flags}");
        }
        let path = format!("objects/{}/fields/city", kind.name);
        let bad = [
            (json!({"readOnly": true, "writeOnce": true}), "writeOnce"),
            (json!({"readOnly": "yes"}), "readOnly"),
            (json!({"personalData": "secret"}), "personalData"),
            (json!({"audited": 1}), "audited"),
        ];
        for (changes, place) in bad {
            let refused = admin.meta("PATCH", &path, changes).await;
            refused.problem_at(422, "validation_failed", &format!("/{place}"));
        }
        let path = format!("objects/{}/fields/employeeCount", kind.name);
        let refused = admin
            .meta("PATCH", &path, json!({"searchable": true}))
            .await;
        refused.problem_at(422, "validation_failed", "/searchable");
    }
}

#[tokio::test]
async fn a_required_text_that_says_nothing_is_missing() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let id = kind.make(&admin, "A").await;
        for blank in ["", " ", "\t\n "] {
            for refused in [
                admin.create(kind.plural, json!({"name": blank})).await,
                admin.patch(kind.plural, &id, json!({"name": blank})).await,
            ] {
                let body = refused.problem_at(422, "validation_failed", "/name");
                assert_eq!(body["errors"][0]["code"], "required", "{body}");
            }
            let sent = "mutation ($name: String!) { createThing(input: {name: $name}) { id } }";
            let refused = kind.graphql(&admin, sent, json!({"name": blank})).await;
            refused.error("validation_failed");
            assert!(refused.text().contains("required"), "{refused}");
            // What is not required may be empty.
            let changed = admin.patch(kind.plural, &id, json!({"city": blank})).await;
            assert_eq!(changed.ok()["city"], blank);
        }
        admin
            .patch(kind.plural, &id, json!({"name": " B "}))
            .await
            .ok();
        let name = described(&admin, kind, "name").await;
        assert_eq!(name["minLength"], 1);
        update(
            &admin,
            kind,
            "city",
            json!({"requiredWhen": "name == \"C\""}),
        )
        .await;
        let refused = admin
            .create(kind.plural, json!({"name": "C", "city": "  "}))
            .await;
        refused.problem_at(422, "validation_failed", "/city");
    }
}
