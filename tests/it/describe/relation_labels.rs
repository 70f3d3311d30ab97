//! Labels in other languages on the side of relations: relation types, their ends, inverses and shared option
//! lists.

use serde_json::{Value as Json, json};

use crate::support::{Client, TestApp};

async fn in_german(client: &Client, path: &str) -> Json {
    let request = client.request(reqwest::Method::GET, &format!("/v1/meta/{path}"));
    client
        .send(request.header("accept-language", "de"))
        .await
        .ok()
}

fn named<'j>(list: &'j Json, name: &str) -> &'j Json {
    let mut items = list.as_array().into_iter().flatten();
    items.find(|item| item["name"] == name).expect("the item")
}

async fn with_labels(admin: &Client) {
    let de = |text: &str| json!({"de": text});
    let operations = json!([
        {"op": "addOptionList", "name": "ranks", "labels": de("Ränge"), "options": [{"name": "high"}]},
        {"op": "addObjectType", "name": "ship", "plural": "ships", "fields": [
            {"name": "port", "type": "reference", "target": "organization",
             "labels": de("Hafen"), "inverse": {"name": "ships", "labels": de("Schiffe")}}]},
        {"op": "addRelationType", "name": "charter", "labels": de("Charter"),
         "source": {"object": "ship", "name": "charterers", "labels": de("Charterer")},
         "target": {"object": "organization", "name": "chartered", "labels": de("Gechartert")}},
    ]);
    admin.change(operations).await.ok();
}

#[tokio::test]
async fn they_come_in_the_best_language() {
    let app = TestApp::start().await;
    let admin = app.admin();
    with_labels(&admin).await;
    let list = in_german(&admin, "option-lists/ranks").await;
    assert_eq!(
        (&list["label"], &list["labels"]),
        (&json!("Ränge"), &json!({"de": "Ränge"}))
    );
    let relation = in_german(&admin, "relations/charter").await;
    let found = [
        &relation["label"],
        &relation["source"]["label"],
        &relation["target"]["label"],
        &relation["source"]["labels"]["de"],
    ];
    assert_eq!(found, ["Charter", "Charterer", "Gechartert", "Charterer"]);
    let ship = in_german(&admin, "objects/ship").await;
    let port = named(&ship["fields"], "port");
    assert_eq!(
        port["inverse"],
        json!({"name": "ships", "label": "Schiffe", "labels": {"de": "Schiffe"}})
    );
    let charterers = named(&ship["relations"], "charterers");
    assert_eq!(charterers["label"], "Charterer");
    assert_eq!(charterers["back"]["label"], "Gechartert");
    let organization = in_german(&admin, "objects/organization").await;
    let ships = named(&organization["relations"], "ships");
    assert_eq!(
        (&ships["label"], &ships["back"]["label"]),
        (&json!("Schiffe"), &json!("Hafen"))
    );
    let plain = admin.meta("GET", "relations/charter", Json::Null).await;
    assert_eq!(plain.ok()["source"]["label"], "Charterers");
}

#[tokio::test]
async fn they_change_and_are_checked() {
    let app = TestApp::start().await;
    let admin = app.admin();
    with_labels(&admin).await;
    let operations = json!([
        {"op": "updateOptionList", "optionList": "ranks", "labels": {"fr": "Rangs"}},
        {"op": "updateRelationType", "relation": "charter", "labels": {},
         "source": {"labels": {"nl": "Huurders"}}},
        {"op": "updateField", "object": "ship", "field": "port",
         "inverse": {"name": "ships", "label": "Fleet", "labels": {"de": "Flotte"}}},
    ]);
    let report = admin
        .meta(
            "POST",
            "changesets",
            json!({"operations": operations, "dryRun": true}),
        )
        .await
        .ok();
    let reverse = &report["reverse"]["operations"];
    assert!(reverse.to_string().contains("Charterer"), "{report}");
    admin.change(operations).await.ok();
    let relation = in_german(&admin, "relations/charter").await;
    assert_eq!(relation["labels"], json!({}));
    assert_eq!(relation["source"]["label"], "Charterers");
    assert_eq!(relation["target"]["labels"], json!({"de": "Gechartert"}));
    let ships = in_german(&admin, "objects/organization").await;
    assert_eq!(named(&ships["relations"], "ships")["label"], "Flotte");

    let wrong = json!({"no tag": "x"});
    let rows = [
        (
            json!({"op": "updateOptionList", "optionList": "ranks", "labels": wrong}),
            "labels/no tag",
        ),
        (
            json!({"op": "updateRelationType", "relation": "charter", "labels": wrong}),
            "labels/no tag",
        ),
        (
            json!({"op": "updateRelationType", "relation": "charter", "target": {"labels": wrong}}),
            "target/labels/no tag",
        ),
        (
            json!({"op": "updateField", "object": "ship", "field": "port",
                   "inverse": {"name": "ships", "labels": wrong}}),
            "inverse/labels/no tag",
        ),
    ];
    for (operation, place) in rows {
        let refused = admin.change(json!([operation])).await;
        let place = format!("/operations/0/{place}");
        refused.problem_at(422, "validation_failed", &place);
    }
}
