//! Labels and help texts in the language of the caller, on standard and custom types.

use serde_json::{Value as Json, json};

use crate::support::{Client, Kind, TestApp};

#[tokio::test]
async fn texts_come_in_the_best_language() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let labels = json!({"labels": {"de": "Ort", "pt-BR": "Cidade"}, "helps": {"de": "Wo sie sitzt"}, "label": "Town"});
        let path = format!("objects/{}/fields/city", kind.name);
        admin.meta("PATCH", &path, labels.clone()).await.ok();
        let rows = [
            ("", "Town", ""),
            ("de", "Ort", "Wo sie sitzt"),
            ("de-AT, en;q=0.5", "Ort", "Wo sie sitzt"),
            ("pt-br", "Cidade", ""),
            ("fr;q=0.9, de;q=0.8", "Ort", "Wo sie sitzt"),
            ("en, de;q=0.8", "Town", ""),
            ("nonsense;;q=, ?", "Town", ""),
        ];
        for (sent, label, help) in rows {
            let address = format!("/v1/meta/objects/{}", kind.name);
            let request = admin.request(reqwest::Method::GET, &address);
            let object = admin
                .send(request.header("accept-language", sent))
                .await
                .ok();
            let mut fields = object["fields"].as_array().into_iter().flatten();
            let city = fields
                .find(|field| field["name"] == "city")
                .expect("the field");
            assert_eq!(city["label"], label, "{sent:?}");
            assert_eq!(city["labels"], labels["labels"]);
            if !help.is_empty() {
                assert_eq!(city["help"], help, "{sent:?}");
            }
        }
        let refused = admin
            .meta("PATCH", &path, json!({"labels": {"not a tag": "x"}}))
            .await;
        refused.problem_at(422, "validation_failed", "/labels/not a tag");
    }
}

async fn in_german(client: &Client, path: &str) -> Json {
    let request = client.request(reqwest::Method::GET, &format!("/v1/meta/{path}"));
    client
        .send(request.header("accept-language", "de"))
        .await
        .ok()
}

#[tokio::test]
async fn labels_of_options_come_in_the_best_language() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let options = json!([{"name": "red", "label": "Red", "labels": {"de": "Rot"}},
        {"name": "blue", "label": "Blue", "labels": {"fr": "Bleu"}}]);
    let operations = json!([
        {"op": "addOptionList", "name": "colours", "options": options},
        {"op": "addObjectType", "name": "paint", "plural": "paints", "fields": [
            {"name": "own", "type": "select", "options": options},
            {"name": "shared", "type": "multiSelect", "optionList": "colours"}]},
        {"op": "addObjectType", "name": "wall", "plural": "walls", "fields": [
            {"name": "paint", "type": "reference", "target": "paint", "inverse": {"name": "walls"}},
            {"name": "colour", "type": "lookup", "via": "paint", "field": "own"}]},
    ]);
    admin.change(operations).await.ok();
    let labels = |options: &Json| json!([options[0]["label"], options[1]["label"]]);
    let (plain, german) = (json!(["Red", "Blue"]), json!(["Rot", "Blue"]));
    let paint = in_german(&admin, "objects/paint").await;
    let fields = paint["fields"].as_array().into_iter().flatten();
    let selects: Vec<&Json> = fields.filter(|field| field["options"].is_array()).collect();
    assert_eq!(selects.len(), 2);
    for field in selects {
        assert_eq!(labels(&field["options"]), german, "{field}");
        assert_eq!(field["options"][0]["labels"], json!({"de": "Rot"}));
    }
    let wall = in_german(&admin, "objects/wall").await;
    let mut fields = wall["fields"].as_array().into_iter().flatten();
    let colour = fields.find(|it| it["name"] == "colour").expect("it");
    assert_eq!(labels(&colour["result"]["options"]), german);
    let list = in_german(&admin, "option-lists/colours").await;
    assert_eq!(labels(&list["options"]), german);
    let lists = in_german(&admin, "option-lists").await;
    assert_eq!(labels(&lists["data"][0]["options"]), german);
    let list = admin.meta("GET", "option-lists/colours", Json::Null).await;
    assert_eq!(labels(&list.ok()["options"]), plain);
}
