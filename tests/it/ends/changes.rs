//! Later changes of ends of several types: widened, narrowed, renamed, and what goes with deleted types.

use serde_json::{Value as Json, json};

use super::{Meeting, attend, lead, meeting, members, start};

fn types(names: &[&str]) -> Json {
    json!([{"op": "updateRelationType", "relation": "attendance", "target": {"objects": names}}])
}

#[tokio::test]
async fn an_end_is_widened_and_narrowed() {
    let app = start().await;
    let admin = app.admin();
    let one = Meeting::make(&admin).await;
    let house = admin.make("organizations", json!({"name": "House"})).await;
    let early = admin
        .link(&one.path(), &house, json!({"type": "organization"}))
        .await;
    early.problem(422, "validation_failed");
    admin
        .change(types(&["person", "lead", "organization"]))
        .await
        .ok();
    attend(
        &admin,
        &one.id,
        ("organization", &house),
        json!({"minutes": 1}),
    )
    .await;
    assert_eq!(
        members(&admin, &format!("organizations/{house}/meetings"), "").await,
        [one.id.clone()]
    );

    let mut trial = json!({"operations": types(&["person", "organization"]), "dryRun": true});
    let report = admin.meta("POST", "changesets", trial.clone()).await.ok();
    let dependants = report["operations"][0]["dependants"].to_string();
    assert!(
        dependants.contains("lead.meetings") && dependants.contains("hidden"),
        "{report}"
    );
    trial["dryRun"] = json!(false);
    admin.meta("POST", "changesets", trial).await.ok();
    assert_eq!(
        members(&admin, &one.path(), "").await,
        [one.ada.clone(), house.clone()]
    );
    let counted = json!({"attendees": {"count": {"eq": 2}}});
    assert_eq!(
        admin.filter("meetings", &counted, "").await.ids(),
        [one.id.clone()]
    );
    admin
        .get_path(&format!("/v1/data/leads/{}/meetings", one.bob), "")
        .await
        .status(404);
    let refused = admin
        .link(&one.path(), &one.bob, json!({"type": "lead"}))
        .await;
    refused.problem(422, "validation_failed");
    // The hidden link can't be reached from the meeting either.
    let address = format!("/v1/data/{}/{}", one.path(), one.links[1]);
    admin
        .call("PATCH", &address, &json!({"minutes": 9}))
        .await
        .status(404);
    admin
        .change(types(&["lead", "person", "organization"]))
        .await
        .ok();
    assert_eq!(members(&admin, &one.path(), "").await.len(), 4);
    assert_eq!(
        members(&admin, &format!("leads/{}/meetings", one.bob), "").await,
        [one.id.clone()]
    );
}

#[tokio::test]
async fn an_end_of_one_type_is_not_widened() {
    let app = start().await;
    let admin = app.admin();
    let operations = json!([{"op": "updateRelationType", "relation": "attendance", "source": {"objects": ["meeting", "lead"]}}]);
    let refused = admin.change(operations).await;
    let problem = refused.problem_at(422, "validation_failed", "/operations/0/source/objects");
    assert!(
        problem
            .to_string()
            .contains("define a new relation type with `objects`"),
        "{problem}"
    );
    for (end, place) in [
        (json!({"objects": []}), "/operations/0/target/objects"),
        (
            json!({"objects": ["person", "nonsense"]}),
            "/operations/0/target/objects/1",
        ),
        (
            json!({"objects": ["person", "person"]}),
            "/operations/0/target/objects/1",
        ),
        (json!({"object": "person"}), "/operations/0/target/object"),
        (
            json!({"cardinality": "one"}),
            "/operations/0/target/cardinality",
        ),
    ] {
        let operations =
            json!([{"op": "updateRelationType", "relation": "attendance", "target": end}]);
        let refused = admin.change(operations).await;
        assert_eq!(
            refused.json()["errors"][0]["pointer"],
            place,
            "{}",
            refused.text()
        );
    }
    // The name of the collection must be free on a type that is added.
    let operations = json!([
        {"op": "addField", "object": "organization", "field": {"name": "meetings", "type": "text"}},
        {"op": "updateRelationType", "relation": "attendance", "target": {"objects": ["person", "lead", "organization"]}},
    ]);
    let refused = admin.change(operations).await;
    assert_eq!(
        refused.json()["errors"][0]["code"],
        "name_taken",
        "{}",
        refused.text()
    );
}

#[tokio::test]
async fn a_relation_goes_on_without_a_deleted_type_and_goes_with_the_last() {
    let app = start().await;
    let admin = app.admin();
    let one = Meeting::make(&admin).await;
    let report = admin
        .change(json!([{"op": "deleteObjectType", "object": "lead"}]))
        .await
        .ok();
    assert!(
        report["operations"][0]["dependants"]
            .to_string()
            .contains("goes on with the other types"),
        "{report}"
    );
    assert_eq!(members(&admin, &one.path(), "").await, [one.ada.clone()]);
    let relation = admin
        .meta("GET", "relations/attendance", Json::Null)
        .await
        .ok();
    assert_eq!(relation["target"]["objects"], json!(["person"]));
    let refused = admin
        .link(&one.path(), &one.bob, json!({"type": "lead"}))
        .await;
    refused.problem(422, "validation_failed");
    // A new type of the old name has none of the old links.
    let again = json!([
        {"op": "addObjectType", "name": "lead", "plural": "leads", "fields": [{"name": "name", "type": "text"}]},
        {"op": "updateRelationType", "relation": "attendance", "target": {"objects": ["person", "lead"]}},
    ]);
    admin.change(again).await.ok();
    assert_eq!(members(&admin, &one.path(), "").await, [one.ada.clone()]);
    let new = admin.make("leads", json!({"name": "New"})).await;
    attend(&admin, &one.id, ("lead", &new), json!({})).await;
    assert_eq!(
        members(&admin, &one.path(), "").await,
        [one.ada.clone(), new]
    );
    admin.change(json!([{"op": "updateRelationType", "relation": "attendance", "target": {"objects": ["lead"]}},
        {"op": "deleteObjectType", "object": "lead"}])).await.ok();
    admin
        .meta("GET", "relations/attendance", Json::Null)
        .await
        .status(404);
    let described = admin.meta("GET", "objects/meeting", Json::Null).await.ok();
    assert_eq!(described["relations"], json!([]));
    admin
        .get_path(&format!("/v1/data/{}", one.path()), "")
        .await
        .status(404);
}

#[tokio::test]
async fn a_renamed_type_keeps_its_links_and_answers_to_its_old_name() {
    let app = start().await;
    let admin = app.admin();
    let one = Meeting::make(&admin).await;
    let rename = json!([{"op": "updateObjectType", "object": "lead", "name": "prospect", "plural": "prospects"}]);
    admin.change(rename).await.ok();
    let list = admin
        .get_path(
            &format!("/v1/data/{}", one.path()),
            "fields=prospect.name&type[eq]=lead",
        )
        .await
        .ok();
    assert_eq!(list["data"][0]["type"], "prospect");
    assert_eq!(list["data"][0]["prospect"]["name"], "Bob");
    let dan = admin.make("prospects", json!({"name": "Dan"})).await;
    let second = meeting(&admin, "Second").await;
    attend(&admin, &second, ("lead", &dan), json!({})).await;
    attend(&admin, &one.id, ("prospect", &dan), json!({})).await;
    let filter = json!({"attendees": {"some": {"prospect": {"name": {"eq": "Dan"}}}}});
    assert_eq!(admin.filter("meetings", &filter, "").await.ids().len(), 2);
}

#[tokio::test]
async fn a_hidden_link_is_in_nobodys_way() {
    let app = start().await;
    let admin = app.admin();
    let operations = json!([
        {"op": "addRelationType", "name": "lead2", "source": {"object": "meeting", "name": "hosts", "cardinality": "one"},
         "target": {"objects": ["person", "lead"], "name": "hosted"}},
    ]);
    admin.change(operations).await.ok();
    let one = meeting(&admin, "One").await;
    let bob = lead(&admin, "Bob", 1).await;
    let ada = admin.make("people", json!({"lastName": "Ada"})).await;
    let hosts = format!("meetings/{one}/hosts");
    admin
        .link(&hosts, &bob, json!({"type": "lead"}))
        .await
        .status(201);
    admin
        .link(&hosts, &ada, json!({"type": "person"}))
        .await
        .problem(409, "conflict");
    let narrow = json!([{"op": "updateRelationType", "relation": "lead2", "target": {"objects": ["person"]}}]);
    admin.change(narrow).await.ok();
    assert_eq!(members(&admin, &hosts, "").await, Vec::<String>::new());
    admin
        .link(&hosts, &ada, json!({"type": "person"}))
        .await
        .status(201);
    let wide = json!([{"op": "updateRelationType", "relation": "lead2", "target": {"objects": ["person", "lead"]}}]);
    admin.change(wide).await.ok();
    assert_eq!(members(&admin, &hosts, "").await, [ada]);
}
