//! Diagrams as Mermaid and SVG.

use serde_json::{Value as Json, json};

use crate::support::{Client, TestApp};

async fn diagram(client: &Client, parameters: &str, accept: &str) -> (String, String) {
    let path = format!("/v1/meta/diagram?{parameters}");
    let request = client.request(reqwest::Method::GET, &path);
    let answer = client.send(request.header("accept", accept)).await;
    let media_type = answer
        .status(200)
        .header("content-type")
        .unwrap_or_default();
    (media_type.to_owned(), answer.text())
}

#[tokio::test]
async fn the_schema_is_drawn() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let label = "<script>\"&'; %% ]";
    let odd = json!([
        {"op": "addObjectType", "name": "odd", "plural": "odds", "label": label, "fields": [
            {"name": "holder", "type": "reference", "target": "product", "required": true,
             "inverse": {"name": "odds", "label": "Odds"}}]},
    ]);
    admin.change(odd).await.ok();
    let (media_type, text) = diagram(&admin, "", "*/*").await;
    assert_eq!(media_type, "text/vnd.mermaid; charset=utf-8");
    assert!(text.starts_with("erDiagram\n"), "{text}");
    for line in [
        "odd }o--|| product : \"holder\"",
        "person }o--o{ organization : \"employment\"",
    ] {
        assert!(text.contains(&format!("    {line}\n")), "{line} in {text}");
    }
    assert!(!text.contains("<script>"), "{text}");

    let (media_type, picture) = diagram(&admin, "format=svg", "*/*").await;
    assert_eq!(media_type, "image/svg+xml");
    assert!(
        picture.starts_with("<svg ") && picture.ends_with("</svg>\n"),
        "{picture}"
    );
    assert!(!picture.contains("<script"), "{picture}");
    let negotiated = diagram(&admin, "", "image/svg+xml").await;
    assert_eq!(negotiated.1, picture);
    let asked = diagram(&admin, "format=mermaid", "image/svg+xml").await;
    assert_eq!(asked.1, text);

    let (_, near) = diagram(&admin, "around=odd&depth=1", "*/*").await;
    assert!(near.contains("product[") && near.contains("odd["), "{near}");
    assert!(!near.contains("task["), "{near}");
    let (_, alone) = diagram(&admin, "around=odd&depth=0", "*/*").await;
    assert!(!alone.contains("product["), "{alone}");
    let unknown = admin
        .meta("GET", "diagram?around=nothing", Json::Null)
        .await;
    unknown.problem(404, "not_found");
}
