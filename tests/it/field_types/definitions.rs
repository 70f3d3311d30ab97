//! What a definition asks of the values of a type: default, required, unique, and another name.

use serde_json::{Value as Json, json};

use super::Bench;

#[tokio::test]
async fn each_type_has_a_default_or_refuses_one() {
    let bench = Bench::start().await;
    let admin = bench.admin();
    for row in &bench.rows {
        let mut field = row.field("preset");
        field["default"] = row.sent[1].clone();
        let operation = json!([{"op": "addField", "object": row.object(), "field": field}]);
        let answer = admin.change(operation).await;
        if !row.default {
            answer.problem_at(422, "validation_failed", "/operations/0/field/default");
            continue;
        }
        answer.ok();
        let created = admin
            .create(&row.plural(), json!({}))
            .await
            .status(201)
            .json();
        assert_eq!(created["preset"], row.read[1], "{}", row.name);
        let none = admin.create(&row.plural(), json!({"preset": null})).await;
        assert_eq!(none.ok()["preset"], Json::Null, "{}", row.name);
        for refused in row.refused.iter().filter(|value| !value.is_null()) {
            let operation = json!([{"op": "updateField", "object": row.object(), "field": "preset",
                                    "default": refused}]);
            let answer = admin.change(operation).await;
            answer.problem_at(422, "validation_failed", "/operations/0/default");
        }
    }
}

#[tokio::test]
async fn each_type_can_be_required() {
    let bench = Bench::start().await;
    let admin = bench.admin();
    for row in &bench.rows {
        let (object, plural) = (row.object(), row.plural());
        if row.computed {
            let require = json!([{"op": "updateField", "object": object, "field": "value",
                                  "required": true}]);
            let refused = admin.change(require).await;
            refused.problem_at(422, "validation_failed", "/operations/0/required");
            continue;
        }
        let require =
            json!([{"op": "updateField", "object": object, "field": "value", "required": true}]);
        let ids = bench.fill(row).await;
        let refused = admin.change(require.clone()).await;
        refused.problem_at(422, "validation_failed", "/operations/0/required");
        admin.delete(&plural, &ids[3]).await.ok();
        admin.change(require).await.ok();
        let missing = admin.create(&plural, json!({"mark": "x"})).await;
        missing.problem_at(422, "validation_failed", "/value");
        let cleared = admin.patch(&plural, &ids[0], json!({"value": null})).await;
        cleared.problem_at(422, "validation_failed", "/value");
        admin
            .create(&plural, json!({"value": row.sent[0]}))
            .await
            .status(201);
    }
}

#[tokio::test]
async fn each_type_can_be_unique_or_refuses_to() {
    let bench = Bench::start().await;
    let admin = bench.admin();
    let types = admin.meta("GET", "field-types", Json::Null).await.ok();
    for row in &bench.rows {
        let described = types["data"].as_array().expect("types").iter();
        let described = described.clone().find(|it| it["name"] == row.name);
        let told = &described.expect("the type")["canBeUnique"];
        let mut field = row.field("single");
        field["unique"] = json!(true);
        let operation = json!([{"op": "addField", "object": row.object(), "field": field}]);
        let answer = admin.change(operation).await;
        assert_eq!(*told, row.unique, "{}", row.name);
        if !row.unique {
            answer.problem_at(422, "validation_failed", "/operations/0/field/unique");
            continue;
        }
        answer.ok();
        let values = json!({"single": row.sent[1]});
        let id = admin.make(&row.plural(), values).await;
        let read = if row.name == "reference" {
            row.sent[1].clone()
        } else {
            row.read[1].clone()
        };
        let taken = admin.create(&row.plural(), json!({"single": read})).await;
        taken.problem(409, "unique_conflict");
        admin
            .make(&row.plural(), json!({"single": row.sent[0]}))
            .await;
        admin.make(&row.plural(), json!({"single": null})).await;
        admin.make(&row.plural(), json!({"single": null})).await;
        admin.delete(&row.plural(), &id).await.ok();
        admin
            .make(&row.plural(), json!({"single": row.sent[1]}))
            .await;
    }
}

#[tokio::test]
async fn each_type_goes_on_under_another_name() {
    let bench = Bench::start().await;
    let admin = bench.admin();
    for row in &bench.rows {
        let ids = bench.fill(row).await;
        let rename = json!([{"op": "updateField", "object": row.object(), "field": "value",
                             "name": "worth"}]);
        admin.change(rename).await.ok();
        let record = admin.get(&row.plural(), &ids[1]).await.ok();
        assert_eq!(record["worth"], row.read[1], "{}", row.name);
        assert!(record.get("value").is_none(), "{}: {record}", row.name);
        let patch = if row.computed {
            row.values(2)
        } else {
            json!({"worth": row.sent[2]})
        };
        let updated = admin.patch(&row.plural(), &ids[1], patch).await.ok();
        assert_eq!(updated["worth"], row.read[2], "{}", row.name);
        let old = json!({"value": {"isNull": true}});
        let by_old_name = admin.filter(&row.plural(), &old, "").await;
        assert_eq!(by_old_name.ids(), [ids[3].clone()], "{}", row.name);
        if !row.computed {
            let patch = json!({"value": row.sent[1]});
            let updated = admin.patch(&row.plural(), &ids[1], patch).await.ok();
            assert_eq!(updated["worth"], row.read[1], "{}", row.name);
        }
    }
}
