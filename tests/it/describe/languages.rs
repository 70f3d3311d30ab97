//! Labels and help texts in the language of the caller, on standard and custom types.

use serde_json::json;

use crate::support::{Kind, TestApp};

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
