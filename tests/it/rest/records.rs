//! Records: create, read, change, delete and restore, and the values of every field type.

use serde_json::{Value as Json, json};

use crate::support::{Kind, TestApp};

#[tokio::test]
async fn a_record_is_created_read_changed_and_deleted() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let values = json!({"name": "Acme", "city": "Utrecht"});
        let created = admin.create(kind.plural, values).await;
        let record = created.status(201).json();
        let id = record["id"].as_str().expect("an id");
        let at = format!("/v1/data/{}/{id}", kind.plural);
        assert_eq!(created.header("location"), Some(at.as_str()));
        assert_eq!(created.header("etag"), Some("\"1\""));
        assert_eq!(record["version"], 1);
        assert_eq!(record["city"], "Utrecht");
        assert_eq!(record["country"], Json::Null);

        let read = admin.get(kind.plural, id).await;
        assert_eq!(read.ok(), record);
        assert_eq!(read.header("etag"), Some("\"1\""));

        let patch = json!({"city": null, "country": "NL"});
        let changed = admin.patch(kind.plural, id, patch).await;
        let after = changed.status(200).json();
        assert_eq!(changed.header("etag"), Some("\"2\""));
        assert_eq!(
            (&after["city"], &after["country"]),
            (&Json::Null, &json!("NL"))
        );
        assert_eq!(after["name"], "Acme", "what is absent stays");
        assert_eq!(after["createdAt"], record["createdAt"]);

        admin.delete(kind.plural, id).await.status(204);
        admin
            .get(kind.plural, id)
            .await
            .problem(404, "record_not_found");
        admin
            .patch(kind.plural, id, json!({}))
            .await
            .problem(404, "record_not_found");
        admin
            .delete(kind.plural, id)
            .await
            .problem(404, "record_not_found");
        assert_eq!(
            admin.list(kind.plural, "").await.ids(),
            Vec::<String>::new()
        );

        let restored = admin.restore(kind.plural, id).await;
        assert_eq!(restored.ok()["country"], "NL");
        assert_eq!(restored.header("etag"), Some("\"4\""));
        admin
            .restore(kind.plural, id)
            .await
            .problem(404, "record_not_found");
        assert_eq!(admin.list(kind.plural, "").await.ids(), [id]);
    }
}

#[tokio::test]
async fn a_patch_that_changes_nothing_makes_no_version() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let id = kind.make(&admin, "Acme").await;
        for patch in [json!({}), json!({"name": "Acme"}), json!({"city": null})] {
            let answer = admin.patch(kind.plural, &id, patch).await;
            assert_eq!(answer.ok()["version"], 1);
        }
    }
}

#[tokio::test]
async fn if_match_keeps_a_stale_writer_out() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let id = kind.make(&admin, "Acme").await;
        let path = format!("/v1/data/{}/{id}", kind.plural);
        let patch = |tag: &'static str, city: &'static str| {
            let request = admin.request(reqwest::Method::PATCH, &path);
            admin.send(request.header("if-match", tag).json(&json!({"city": city})))
        };
        patch("\"1\"", "Utrecht").await.status(200);
        patch("\"1\"", "Breda")
            .await
            .problem(412, "version_mismatch");
        patch("W/\"2\"", "Gouda").await.status(200);
        patch("*", "Assen").await.status(200);
        patch("3", "Breda").await.problem(400, "invalid_header");
        let delete = admin.request(reqwest::Method::DELETE, &path);
        let refused = admin.send(delete.header("if-match", "\"3\"")).await;
        refused.problem(412, "version_mismatch");
        let read = admin.get(kind.plural, &id).await.ok();
        assert_eq!(
            (&read["city"], &read["version"]),
            (&json!("Assen"), &json!(4))
        );
    }
}

#[tokio::test]
async fn if_none_match_answers_304_while_the_record_is_as_it_was() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let id = kind.make(&admin, "Acme").await;
        let record = format!("/v1/data/{}/{id}", kind.plural);
        let path = format!("{record}?fields=name,city");
        let read = |path: String, tag: &'static str| {
            let request = admin.request(reqwest::Method::GET, &path);
            admin.send(request.header("if-none-match", tag))
        };
        let known = read(path.clone(), "\"1\"").await;
        assert!(known.status(304).text().is_empty());
        assert_eq!(known.header("etag"), Some("\"1\""));
        read(path.clone(), "\"2\"").await.status(200);
        // A reference reads as null when its target is deleted, and what is nested changes as well,
        // without a new version of this record.
        for fields in ["parent", "name,children"] {
            let path = format!("{record}?fields={fields}");
            read(path, "\"1\"").await.status(200);
        }
        admin
            .patch(kind.plural, &id, json!({"city": "Utrecht"}))
            .await
            .ok();
        read(path, "\"1\"").await.status(200);
    }
}

#[tokio::test]
async fn a_unique_value_belongs_to_one_live_record() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let values = |name: &str| json!({"name": name, "externalId": "A-1"});
        let first = admin.make(kind.plural, values("first")).await;
        let refused = admin.create(kind.plural, values("second")).await;
        let problem = refused.problem(409, "unique_conflict");
        assert!(
            problem["detail"]
                .as_str()
                .expect("a detail")
                .contains("externalId")
        );
        let second = kind.make(&admin, "second").await;
        let patch = json!({"externalId": "A-1"});
        admin
            .patch(kind.plural, &second, patch.clone())
            .await
            .problem(409, "unique_conflict");

        admin.delete(kind.plural, &first).await.status(204);
        admin.patch(kind.plural, &second, patch).await.ok();
        admin
            .restore(kind.plural, &first)
            .await
            .problem(409, "unique_conflict");
    }
}

#[tokio::test]
async fn each_field_type_answers_what_was_written() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let parent = kind.make(&admin, "Parent").await;
        for (field, written, read) in round_trips(&parent) {
            let values = json!({"name": "x", (field): written});
            let created = admin.create(kind.plural, values).await;
            let record = created.status(201).json();
            assert_eq!(record[field], read, "{field} of {written}\n{created}");
            let id = record["id"].as_str().expect("an id");
            let text = admin.get(kind.plural, id).await.text();
            let expected = format!("{}:{read}", json!(field));
            assert!(text.contains(&expected), "{expected} in {text}");
            let cleared = admin.patch(kind.plural, id, json!({(field): null})).await;
            assert_eq!(cleared.ok()[field], Json::Null, "{cleared}");
            let again = admin
                .patch(kind.plural, id, json!({(field): written}))
                .await;
            assert_eq!(again.ok()[field], read, "{again}");
        }
    }
}

/// Field, what is written, what is read.
fn round_trips(parent: &str) -> Vec<(&'static str, Json, Json)> {
    let same = |field: &'static str, value: Json| (field, value.clone(), value);
    let money = |amount: &str| json!({"amount": amount, "currency": "EUR"});
    let set = |items: &[&str]| json!(items);
    vec![
        same(
            "description",
            json!("line 1\nline 2\r\n\ttab \"quoted\" \\ back"),
        ),
        same("description", json!("🦀 👩‍👩‍👧‍👦 \u{1F1F3}\u{1F1F1} e\u{301}")),
        same("description", json!("مرحبا \u{202E}abc\u{202C} שלום")),
        same("description", json!("'; DROP TABLE organizations; --")),
        same("city", json!("")),
        same("city", json!(" % _ \\ ' ")),
        same("employeeCount", json!(-2_147_483_648_i64)),
        same("employeeCount", json!(2_147_483_647)),
        same("serial", json!("9223372036854775807")),
        same("serial", json!("-9223372036854775808")),
        (
            "serial",
            json!(9_007_199_254_740_993_i64),
            json!("9007199254740993"),
        ),
        ("weight", json!("12.5"), json!("12.500")),
        ("weight", json!(-0.125), json!("-0.125")),
        ("weight", json!("0"), json!("0.000")),
        same("weight", json!("999999999.999")),
        ("share", json!("0.15"), json!("0.150000")),
        ("annualRevenue", money("12.5"), money("12.5000")),
        ("annualRevenue", money("-0.0001"), money("-0.0001")),
        same("annualRevenue", money("99999999999999.9999")),
        same("listed", json!(true)),
        same("listed", json!(false)),
        same("founded", json!("2024-02-29")),
        same("founded", json!("0001-01-01")),
        same("founded", json!("9999-12-31")),
        (
            "seenAt",
            json!("2026-02-28T09:30:00Z"),
            json!("2026-02-28T09:30:00.000000Z"),
        ),
        (
            "seenAt",
            json!("2026-02-28T09:30:00.1234567+02:00"),
            json!("2026-02-28T07:30:00.123456Z"),
        ),
        (
            "seenAt",
            json!("1960-01-01T00:00:00.5Z"),
            json!("1960-01-01T00:00:00.500000Z"),
        ),
        same("status", json!("inactive")),
        same("kinds", set(&["supplier", "customer"])),
        ("kinds", set(&["carrier", "carrier"]), set(&["carrier"])),
        same("kinds", set(&[])),
        same("email", json!("ann.o'neil+x@example.com")),
        ("phone", json!("+31 (0)30 123-4567"), json!("+31301234567")),
        same("website", json!("https://example.com/a?b=c#d")),
        same(
            "extra",
            json!({"b": 1, "a": [true, null, {"z": "é", "y": 1.5}], "": {}}),
        ),
        same("extra", json!([])),
        same("extra", json!("text")),
        same("extra", json!(false)),
        same("token", json!("018f4e6a-7c1d-7abc-8def-0123456789ab")),
        (
            "token",
            json!("018F4E6A-7C1D-7ABC-8DEF-0123456789AB"),
            json!("018f4e6a-7c1d-7abc-8def-0123456789ab"),
        ),
        ("parent", json!(parent), json!({"id": parent})),
        ("parent", json!({"id": parent}), json!({"id": parent})),
    ]
}
