//! Changes of the schema that can't be made: nothing of them is made.

use serde_json::{Value as Json, json};

use super::refused;
use crate::support::{Client, TestApp};

/// Names that are no names.
fn bad_names() -> Vec<String> {
    let names = [
        "",
        " ",
        "\"; drop table",
        "x\"; drop table organizations; --",
        "a b",
        "a-b",
        "a.b",
        "1a",
        "_a",
        "é",
        "😀",
        "a\u{0}",
        "'",
        "A",
        "a[b]",
        "$x",
    ];
    let mut names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    names.push("x".repeat(1_000));
    names
}

/// Version and types of the schema.
async fn picture(client: &Client) -> (Json, Json) {
    (
        client.meta("GET", "version", Json::Null).await.ok(),
        client.meta("GET", "objects", Json::Null).await.ok(),
    )
}

#[tokio::test]
async fn what_is_no_name_is_refused_and_nothing_is_made() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let before = picture(&admin).await;
    for name in bad_names() {
        for (operation, place) in [
            (
                json!({"op": "addObjectType", "name": name, "plural": "goods"}),
                "/operations/0/name",
            ),
            (
                json!({"op": "addObjectType", "name": "good", "plural": name}),
                "/operations/0/plural",
            ),
            (
                json!({"op": "addField", "object": "organization", "field": {"name": name, "type": "text"}}),
                "/operations/0/field/name",
            ),
            (
                json!({"op": "addRelationType", "name": name, "source": {"object": "organization", "name": "a"},
                "target": {"object": "organization", "name": "b"}}),
                "/operations/0/name",
            ),
            (
                json!({"op": "addRelationType", "name": "x", "source": {"object": "organization", "name": name},
                "target": {"object": "organization", "name": "b"}}),
                "/operations/0/source/name",
            ),
        ] {
            admin
                .change(json!([operation]))
                .await
                .problem_at(422, "validation_failed", place);
        }
    }
    assert_eq!(picture(&admin).await, before);
}

#[tokio::test]
async fn a_name_that_is_an_sql_keyword_is_a_name_like_any_other() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for (name, plural) in [
        ("select", "selects"),
        ("table", "tables"),
        ("user", "users"),
        ("group", "groups"),
        ("index", "indexes"),
        ("sqlite", "pragmas"),
    ] {
        let fields = [
            "from", "where", "order", "select", "desc", "primary", "null", "rowid", "oid", "ctid",
            "default",
        ];
        let fields: Vec<Json> = fields
            .iter()
            .map(|name| json!({"name": name, "type": "text"}))
            .collect();
        let operation =
            json!({"op": "addObjectType", "name": name, "plural": plural, "fields": fields});
        let answer = admin.change(json!([operation])).await;
        if answer.code() == 422 {
            // A name may be kept for ourselves, but then it is refused with its place.
            refused(&answer);
            continue;
        }
        answer.ok();
        let values = json!({"from": "a", "where": "b", "order": "c", "select": "d", "desc": "e", "primary": "f", "null": "g", "rowid": "h", "oid": "i", "ctid": "j"});
        let id = admin.make(plural, values.clone()).await;
        let record = admin.get(plural, &id).await.ok();
        for (field, value) in values.as_object().expect("an object") {
            assert_eq!(&record[field], value, "{record}");
            let list = admin
                .list(
                    plural,
                    &format!(
                        "{field}[eq]={}&sort={field}",
                        value.as_str().expect("a text")
                    ),
                )
                .await;
            assert_eq!(list.ids(), [id.as_str()], "{list}");
        }
        let answer = admin
            .graphql(
                &format!("{{ {plural} {{ nodes {{ from where order select null rowid }} }} }}"),
                Json::Null,
            )
            .await;
        assert_eq!(answer.data()[plural]["nodes"][0]["rowid"], "h", "{answer}");
        admin.patch(plural, &id, json!({"order": null})).await.ok();
        admin.delete(plural, &id).await.status(204);
    }
}

#[tokio::test]
async fn a_field_named_like_a_system_field_is_refused() {
    let app = TestApp::start().await;
    let admin = app.admin();
    admin
        .change(json!([{"op": "addObjectType", "name": "good", "plural": "goods"}]))
        .await
        .ok();
    let before = picture(&admin).await;
    for object in ["organization", "good"] {
        for name in [
            "id",
            "version",
            "createdAt",
            "createdBy",
            "updatedAt",
            "updatedBy",
        ] {
            let operation = json!({"op": "addField", "object": object, "field": {"name": name, "type": "text"}});
            admin.change(json!([operation])).await.problem_at(
                422,
                "validation_failed",
                "/operations/0/field/name",
            );
            let field = json!({"name": name, "type": "text"});
            refused(
                &admin
                    .meta("POST", &format!("objects/{object}/fields"), field)
                    .await,
            );
        }
        // Words of the filter language.
        for name in ["and", "or", "not", "link"] {
            let operation = json!({"op": "addField", "object": object, "field": {"name": name, "type": "text"}});
            refused(&admin.change(json!([operation])).await);
        }
    }
    assert_eq!(picture(&admin).await, before);
}

#[tokio::test]
async fn a_changeset_that_fails_half_way_changes_nothing() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let before = picture(&admin).await;
    let good = json!({"op": "addObjectType", "name": "good", "plural": "goods", "fields": [{"name": "size", "type": "text"}]});
    let field = json!({"op": "addField", "object": "organization", "field": {"name": "added", "type": "text"}});
    for bad in [
        json!({"op": "addField", "object": "nothing", "field": {"name": "x", "type": "text"}}),
        json!({"op": "addField", "object": "good", "field": {"name": "size", "type": "text"}}),
        json!({"op": "addField", "object": "good", "field": {"name": "x", "type": "nonsense"}}),
        json!({"op": "addField", "object": "good", "field": {"name": "x", "type": "reference", "target": "nothing"}}),
        json!({"op": "deleteField", "object": "good", "field": "nothing"}),
        json!({"op": "addObjectType", "name": "good", "plural": "others"}),
        json!({"op": "addObjectType", "name": "other", "plural": "goods"}),
        json!({"op": "addObjectType", "name": "organization", "plural": "x"}),
        json!({"op": "nonsense"}),
        json!({}),
        json!(1),
        json!(null),
    ] {
        let answer = admin.change(json!([good, field, bad])).await;
        refused(&answer);
        let body = answer.json();
        let pointer = body["errors"][0]["pointer"].as_str().unwrap_or_default();
        assert!(pointer.starts_with("/operations/2"), "{answer}");
        assert_eq!(picture(&admin).await, before, "{bad}");
    }
    // The same names are free.
    admin.change(json!([good, field])).await.ok();
    admin
        .create("goods", json!({"size": "x"}))
        .await
        .status(201);
}

#[tokio::test]
async fn a_change_that_stored_values_forbid_changes_nothing() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for _ in 0..2 {
        admin
            .create("organizations", json!({"name": "same", "city": "Utrecht"}))
            .await
            .ok();
    }
    let before = picture(&admin).await;
    let add = json!({"op": "addField", "object": "organization", "field": {"name": "added", "type": "text"}});
    for change in [json!({"unique": true}), json!({"maxLength": 2})] {
        let mut operation = json!({"op": "updateField", "object": "organization", "field": "city"});
        operation
            .as_object_mut()
            .expect("an object")
            .extend(change.as_object().expect("an object").clone());
        let answer = admin.change(json!([add, operation])).await;
        refused(&answer);
        assert_eq!(picture(&admin).await, before, "{answer}");
    }
}

#[tokio::test]
async fn of_two_changesets_that_expect_the_same_version_one_wins() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for round in 0..5 {
        let version = admin.meta("GET", "version", Json::Null).await.ok();
        let version = version["version"]
            .as_i64()
            .or(version["schemaVersion"].as_i64())
            .expect("a version");
        let body = |side: &str| {
            let field = json!({"name": format!("{side}{round}"), "type": "text"});
            json!({"expectedVersion": version, "operations": [{"op": "addField", "object": "organization", "field": field}]})
        };
        let (left, right) = tokio::join!(
            admin.meta("POST", "changesets", body("left")),
            admin.meta("POST", "changesets", body("right"))
        );
        let (won, lost) = if left.code() < 300 {
            (&left, &right)
        } else {
            (&right, &left)
        };
        won.ok();
        lost.problem(409, "schema_version_mismatch");
        let fields = admin
            .meta("GET", "objects/organization", Json::Null)
            .await
            .ok()["fields"]
            .to_string();
        let made = ["left", "right"]
            .iter()
            .filter(|side| fields.contains(&format!("\"{side}{round}\"")))
            .count();
        assert_eq!(made, 1, "{fields}");
    }
    for version in [json!(0), json!(-1), json!(99_999), json!(i64::MAX)] {
        let body = json!({"expectedVersion": version, "operations": [{"op": "addObjectType", "name": "late", "plural": "lates"}]});
        admin
            .meta("POST", "changesets", body)
            .await
            .problem(409, "schema_version_mismatch");
    }
    for version in [json!("x"), json!(1.5), json!([])] {
        refused(
            &admin
                .meta(
                    "POST",
                    "changesets",
                    json!({"expectedVersion": version, "operations": []}),
                )
                .await,
        );
    }
}
