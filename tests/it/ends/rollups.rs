//! Rollups over members of several types.

use serde_json::{Value as Json, json};

use super::{Meeting, attend, lead, meeting, start};
use crate::support::Client;

async fn add(admin: &Client, object: &str, field: Json) -> u16 {
    let answer = admin
        .meta("POST", &format!("objects/{object}/fields"), field)
        .await;
    answer.code()
}

async fn shown(admin: &Client, objects: &str, id: &str, names: &[&str]) -> Vec<Json> {
    let record = admin.get(objects, id).await.ok();
    names.iter().map(|name| record[*name].clone()).collect()
}

#[tokio::test]
async fn members_and_their_links_are_counted_and_summed() {
    let app = start().await;
    let admin = app.admin();
    let one = Meeting::make(&admin).await;
    let count = json!({"name": "size", "type": "rollup", "of": "attendees", "function": "count"});
    let strong = json!({"name": "strong", "type": "rollup", "of": "attendees", "function": "count",
        "filter": {"lead": {"score": {"gte": 30}}}});
    let minutes = json!({"name": "total", "type": "rollup", "of": "attendees", "function": "sum", "field": "link.minutes",
        "filter": {"acceptance": {"eq": "yes"}}});
    for field in [count, strong, minutes] {
        assert_eq!(add(&admin, "meeting", field).await, 201);
    }
    let busy = json!({"name": "busy", "type": "rollup", "of": "meetings", "function": "sum", "field": "link.minutes"});
    assert_eq!(add(&admin, "person", busy.clone()).await, 201);
    assert_eq!(add(&admin, "lead", busy).await, 201);
    let of = ["size", "strong", "total"];
    assert_eq!(
        shown(&admin, "meetings", &one.id, &of).await,
        [json!(3), json!(1), json!("90")]
    );
    assert_eq!(
        shown(&admin, "people", &one.ada, &["busy"]).await,
        [json!("60")]
    );
    let described = admin.meta("GET", "objects/meeting", Json::Null).await.ok();
    let fields = described["fields"].as_array().expect("fields");
    let field = fields
        .iter()
        .find(|it| it["name"] == "strong")
        .expect("the field");
    assert_eq!(field["filter"], json!({"lead": {"score": {"gte": 30}}}));

    let dan = lead(&admin, "Dan", 50).await;
    let link = attend(
        &admin,
        &one.id,
        ("lead", &dan),
        json!({"minutes": 4, "acceptance": "yes"}),
    )
    .await;
    assert_eq!(
        shown(&admin, "meetings", &one.id, &of).await,
        [json!(4), json!(2), json!("94")]
    );
    assert_eq!(shown(&admin, "leads", &dan, &["busy"]).await, [json!("4")]);
    admin.patch("leads", &dan, json!({"score": 1})).await.ok();
    assert_eq!(
        shown(&admin, "meetings", &one.id, &of).await,
        [json!(4), json!(1), json!("94")]
    );
    let address = format!("/v1/data/leads/{dan}/meetings/{link}");
    admin
        .call("PATCH", &address, &json!({"minutes": 5}))
        .await
        .ok();
    assert_eq!(
        shown(&admin, "meetings", &one.id, &of).await,
        [json!(4), json!(1), json!("95")]
    );
    admin.delete("people", &one.ada).await.status(204);
    assert_eq!(
        shown(&admin, "meetings", &one.id, &of).await,
        [json!(3), json!(1), json!("35")]
    );
    admin.restore("people", &one.ada).await.ok();
    assert_eq!(
        shown(&admin, "meetings", &one.id, &of).await,
        [json!(4), json!(1), json!("95")]
    );
    admin
        .call("DELETE", &address, &Json::Null)
        .await
        .status(204);
    assert_eq!(
        shown(&admin, "meetings", &one.id, &of).await,
        [json!(3), json!(1), json!("90")]
    );

    // What an end loses and gets back is computed anew.
    let narrow = json!([{"op": "updateRelationType", "relation": "attendance", "target": {"objects": ["lead"]}}]);
    let refused = admin.change(narrow.clone()).await;
    assert!(refused.text().contains("person.busy"), "{}", refused.text());
    admin
        .meta("DELETE", "objects/person/fields/busy", Json::Null)
        .await
        .status(204);
    admin.change(narrow).await.ok();
    assert_eq!(
        shown(&admin, "meetings", &one.id, &of).await,
        [json!(2), json!(1), json!("30")]
    );
    let wide = json!([{"op": "updateRelationType", "relation": "attendance", "target": {"objects": ["lead", "person"]}}]);
    admin.change(wide).await.ok();
    assert_eq!(
        shown(&admin, "meetings", &one.id, &of).await,
        [json!(3), json!(1), json!("90")]
    );
    admin
        .change(
            json!([{"op": "deleteField", "object": "meeting", "field": "strong"},
        {"op": "deleteObjectType", "object": "lead"}]),
        )
        .await
        .ok();
    assert_eq!(
        shown(&admin, "meetings", &one.id, &["size", "total"]).await,
        [json!(1), json!("60")]
    );
}

#[tokio::test]
async fn a_field_of_the_members_is_refused() {
    let app = start().await;
    let admin = app.admin();
    for field in ["score", "name", "lead.score", "createdAt"] {
        let rollup = json!({"name": "x", "type": "rollup", "of": "attendees", "function": "max", "field": field});
        let refused = admin.meta("POST", "objects/meeting/fields", rollup).await;
        let problem = refused.problem_at(422, "validation_failed", "/field");
        assert!(problem.to_string().contains("several types"), "{problem}");
    }
    let first = json!({"name": "first", "type": "rollup", "of": "attendees", "function": "min", "field": "link.createdAt"});
    assert_eq!(add(&admin, "meeting", first).await, 201);
    let id = meeting(&admin, "Empty").await;
    assert_eq!(
        shown(&admin, "meetings", &id, &["first"]).await,
        [Json::Null]
    );
}
