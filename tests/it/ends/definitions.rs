//! Defining ends of several types: what is refused, and how such a relation type is described.

use serde_json::{Value as Json, json};

use super::start;

fn relation(source: Json, target: Json) -> Json {
    json!([{"op": "addRelationType", "name": "thing", "source": source, "target": target}])
}

#[tokio::test]
async fn a_definition_that_makes_no_sense_is_refused_at_its_place() {
    let app = start().await;
    let admin = app.admin();
    let mut many = Vec::new();
    for number in 0..21 {
        many.push(format!("kind{number}"));
    }
    let types: Vec<Json> = many
        .iter()
        .map(|name| json!({"op": "addObjectType", "name": name, "plural": format!("{name}s")}))
        .collect();
    admin.change(Json::Array(types)).await.ok();
    let meeting = || json!({"object": "meeting", "name": "things"});
    for (target, place) in [
        (json!({"name": "x"}), "/operations/0/target/object"),
        (
            json!({"object": "person", "objects": ["lead"], "name": "x"}),
            "/operations/0/target/objects",
        ),
        (
            json!({"objects": [], "name": "x"}),
            "/operations/0/target/objects",
        ),
        (
            json!({"objects": many, "name": "x"}),
            "/operations/0/target/objects",
        ),
        (
            json!({"objects": ["lead", "lead"], "name": "x"}),
            "/operations/0/target/objects/1",
        ),
        (
            json!({"objects": ["lead", "nonsense"], "name": "x"}),
            "/operations/0/target/objects/1",
        ),
        (
            json!({"objects": ["lead", "person"], "name": "lastName"}),
            "/operations/0/target/name",
        ),
        (
            json!({"objects": ["lead", "person"], "name": "meetings"}),
            "/operations/0/target/name",
        ),
        (
            json!({"objects": ["lead", "meeting"], "name": "things"}),
            "/operations/0/target/name",
        ),
    ] {
        let refused = admin.change(relation(meeting(), target.clone())).await;
        assert!(
            matches!(refused.code(), 400 | 422),
            "{target}: {}",
            refused.text()
        );
        assert_eq!(
            refused.json()["errors"][0]["pointer"],
            place,
            "{target}: {}",
            refused.text()
        );
    }
    let mut symmetric = relation(
        json!({"objects": ["lead", "person"], "name": "peers"}),
        Json::Null,
    );
    symmetric[0]["symmetric"] = json!(true);
    let members = symmetric[0].as_object_mut().expect("an operation");
    members.remove("target");
    let refused = admin.change(symmetric).await;
    assert_eq!(
        refused.json()["errors"][0]["pointer"],
        "/operations/0/symmetric",
        "{}",
        refused.text()
    );
    let mut typed = relation(meeting(), json!({"objects": ["lead"], "name": "x"}));
    typed[0]["fields"] = json!([{"name": "type", "type": "text"}]);
    let refused = admin.change(typed).await;
    assert_eq!(
        refused.json()["errors"][0]["code"],
        "name_taken",
        "{}",
        refused.text()
    );
    // Twenty are not too many, and both ends may have several, with types in common.
    let ends = relation(
        json!({"objects": ["meeting", "lead"], "name": "things"}),
        json!({"objects": many[..20], "name": "users"}),
    );
    admin.change(ends).await.ok();
}

#[tokio::test]
async fn it_is_described_drawn_and_in_the_contracts() {
    let app = start().await;
    let admin = app.admin();
    let relation = admin
        .meta("GET", "relations/attendance", Json::Null)
        .await
        .ok();
    assert_eq!(
        relation["target"],
        json!({"objects": ["person", "lead"], "name": "meetings", "label": "Meetings", "labels": {}, "cardinality": "many",
               "onDelete": "detach", "ordered": false})
    );
    assert_eq!(relation["source"]["object"], "meeting");
    let described = admin.meta("GET", "objects/meeting", Json::Null).await.ok();
    let attendees = &described["relations"][0];
    assert_eq!(
        (&attendees["name"], &attendees["target"]),
        (&json!("attendees"), &Json::Null)
    );
    let names: Vec<&Json> = attendees["targetTypes"]
        .as_array()
        .expect("types")
        .iter()
        .map(|it| &it["plural"])
        .collect();
    assert_eq!(names, ["people", "leads"]);
    let described = admin.meta("GET", "objects/lead", Json::Null).await.ok();
    assert_eq!(described["relations"][0]["target"], "meeting");

    let diagram = admin
        .get_path("/v1/meta/diagram", "around=meeting&depth=1")
        .await
        .text();
    for line in [
        "meeting }o--o{ person : \"attendance\"",
        "meeting }o--o{ lead : \"attendance\"",
    ] {
        assert!(diagram.contains(line), "{diagram}");
    }
    let openapi = admin.get_path("/openapi.json", "").await.ok();
    let schemas = &openapi["components"]["schemas"];
    let create = &schemas["MeetingAttendeesLinkCreate"];
    assert_eq!(create["required"], json!(["type", "id"]), "{create}");
    assert_eq!(
        create["properties"]["type"]["enum"],
        json!(["person", "lead"])
    );
    let list = &schemas["MeetingAttendeesList"]["properties"]["data"]["items"]["properties"];
    assert!(
        list["person"].is_object() && list["lead"].is_object() && list["link"].is_object(),
        "{list}"
    );
    let filter = schemas["MeetingAttendeesFilter"].to_string();
    assert!(filter.contains("LeadFilter"), "{filter}");
}

#[tokio::test]
async fn it_goes_through_the_words_of_changesets() {
    let app = start().await;
    let admin = app.admin();
    let described = admin
        .meta(
            "POST",
            "relations?dryRun=true",
            json!({
        "name": "support", "source": {"objects": ["person", "lead"], "name": "supports"},
        "target": {"objects": ["meeting"], "name": "supporters"}}),
        )
        .await;
    assert!(
        matches!(described.code(), 200 | 201),
        "{}",
        described.text()
    );
    let patched = admin
        .meta(
            "PATCH",
            "relations/attendance",
            json!({
        "target": {"name": "appointments", "objects": ["person", "lead", "organization"]}}),
        )
        .await
        .ok();
    assert_eq!(
        patched["target"]["objects"],
        json!(["person", "lead", "organization"])
    );
    assert_eq!(patched["target"]["name"], "appointments");
    for plural in ["people", "leads", "organizations"] {
        let list = admin
            .filter(plural, &json!({"appointments": {"none": {}}}), "")
            .await;
        list.status(200);
    }
    // The old name is an alias, at each of the types that had it.
    admin
        .filter("leads", &json!({"meetings": {"none": {}}}), "")
        .await
        .status(200);
}
