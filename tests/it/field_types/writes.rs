//! Create and update: what is sent is read back in the form of the type, and what is no value is refused
//! where it stands.

use serde_json::{Map, Value as Json, json};

use super::{Bench, table::Row};

#[tokio::test]
async fn each_type_is_created_updated_and_cleared() {
    let bench = Bench::start().await;
    let admin = bench.admin();
    for row in &bench.rows {
        let plural = row.plural();
        let mut ids = Vec::new();
        for (at, read) in row.read.iter().enumerate() {
            let created = admin.create(&plural, row.values(at)).await;
            let created = created.status(201).json();
            assert_eq!(created["value"], *read, "{}: value {at} created", row.name);
            ids.push(created["id"].as_str().expect("an id").to_owned());
        }
        let found = admin.list(&plural, "sort=createdAt").await.ok();
        for (record, read) in found["data"]
            .as_array()
            .expect("a list")
            .iter()
            .zip(&row.read)
        {
            assert_eq!(record["value"], *read, "{}: {record}", row.name);
        }
        if row.computed {
            let sent = json!({"value": row.read[0]});
            let answer = admin.patch(&plural, &ids[0], sent).await;
            answer.problem_at(422, "validation_failed", "/value");
            let updated = admin.patch(&plural, &ids[0], row.values(2)).await.ok();
            assert_eq!(updated["value"], row.read[2], "{}", row.name);
            continue;
        }
        for (sent, read) in row.sent.iter().zip(&row.read).rev() {
            let updated = admin.patch(&plural, &ids[0], json!({"value": sent})).await;
            assert_eq!(updated.ok()["value"], *read, "{}: {sent} updated", row.name);
        }
        let before = admin.get(&plural, &ids[0]).await.ok();
        let same = admin
            .patch(&plural, &ids[0], json!({"value": row.sent[0]}))
            .await;
        let changed = same.ok()["version"] != before["version"];
        assert_eq!(changed, !row.compared, "{}: the same once more", row.name);
        if row.compared {
            let again = admin
                .patch(&plural, &ids[0], json!({"value": row.read[0]}))
                .await;
            assert_eq!(
                again.ok()["version"],
                before["version"],
                "{}: as it is read",
                row.name
            );
        }
        let cleared = admin.patch(&plural, &ids[0], json!({"value": null})).await;
        assert_eq!(cleared.ok()["value"], Json::Null, "{}", row.name);
    }
}

#[tokio::test]
async fn each_type_refuses_what_is_no_value_of_it() {
    let bench = Bench::start().await;
    let admin = bench.admin();
    for row in &bench.rows {
        let id = admin.make(&row.plural(), json!({})).await;
        for refused in &row.refused {
            let values = json!({"value": refused});
            let answer = admin.create(&row.plural(), values.clone()).await;
            answer.problem_at(422, "validation_failed", "/value");
            let answer = admin.patch(&row.plural(), &id, values).await;
            answer.problem_at(422, "validation_failed", "/value");
        }
    }
}

#[tokio::test]
async fn a_standard_type_and_a_link_have_fields_of_each_type() {
    let bench = Bench::start().await;
    let admin = bench.admin();
    let name = |row: &Row| format!("own{}", row.object());
    let rows: Vec<Row> = bench
        .rows
        .iter()
        .filter(|row| !row.computed)
        .cloned()
        .collect();
    let mut operations: Vec<Json> = rows
        .iter()
        .map(|row| json!({"op": "addField", "object": "organization", "field": row.field(&name(row))}))
        .collect();
    let on_links = |row: &&Row| row.name != "reference";
    let fields: Json = rows
        .iter()
        .filter(on_links)
        .map(|row| row.field(&name(row)))
        .collect();
    operations.push(json!({
        "op": "addRelationType", "name": "tie", "fields": fields,
        "source": {"object": "organization", "name": "ties"},
        "target": {"object": "organization", "name": "tiedBy"},
    }));
    admin.change(Json::Array(operations)).await.ok();
    let values = |rows: &mut dyn Iterator<Item = &Row>, read: bool| -> Json {
        let value = |row: &Row| {
            if read {
                row.read[1].clone()
            } else {
                row.sent[1].clone()
            }
        };
        let members: Map<_, _> = rows.map(|row| (name(row), value(row))).collect();
        Json::Object(members)
    };
    let mut sent = values(&mut rows.iter(), false);
    sent["name"] = json!("Acme");
    let created = admin.create("organizations", sent).await.status(201).json();
    let read = values(&mut rows.iter(), true);
    for (name, value) in read.as_object().expect("an object") {
        assert_eq!(created[name], *value, "{name}");
    }
    let id = created["id"].as_str().expect("an id");
    let other = admin.make("organizations", json!({"name": "Other"})).await;
    let sent = values(&mut rows.iter().filter(on_links), false);
    let path = format!("organizations/{id}/ties");
    admin.link(&path, &other, sent).await.status(201);
    let ties = admin.get_path(&format!("/v1/data/{path}"), "").await.ok();
    let read = values(&mut rows.iter().filter(on_links), true);
    for (name, value) in read.as_object().expect("an object") {
        assert_eq!(ties["data"][0]["link"][name], *value, "{name} of a link");
    }
}
