//! Whole collections of members of several types in one write.

use serde_json::{Value as Json, json};

use super::{Meeting, lead, members, person, start};

#[tokio::test]
async fn members_are_added_removed_and_set_by_type() {
    let app = start().await;
    let admin = app.admin();
    let one = Meeting::make(&admin).await;
    let (dora, eve) = (person(&admin, "Dora").await, lead(&admin, "Eve", 1).await);
    let address = format!("/v1/data/{}", one.path());
    let change = json!({
        "add": [{"id": dora, "type": "person", "minutes": 3}, {"id": one.cid, "type": "lead", "minutes": 31}],
        "remove": [one.ada, {"id": one.bob, "type": "lead"}]});
    admin.call("PATCH", &address, &change).await.ok();
    assert_eq!(
        members(&admin, &one.path(), "").await,
        [one.cid.clone(), dora.clone()]
    );
    let minutes = admin.get_path(&address, "fields=link.minutes").await.ok();
    assert_eq!(minutes["data"][0]["link"]["minutes"], 31);

    let set = json!([{"id": eve, "type": "lead"}, {"id": dora, "type": "person"}]);
    admin.call("PUT", &address, &set).await.ok();
    assert_eq!(
        members(&admin, &one.path(), "").await,
        [dora.clone(), eve.clone()]
    );
    let body = json!({"subject": "New", "attendees": [{"id": eve, "type": "lead"}]});
    let new = admin.make("meetings", body).await;
    let path = format!("meetings/{new}/attendees");
    assert_eq!(members(&admin, &path, "").await, [eve.clone()]);
    // From the side of one type nothing is said of types.
    let of_eve = format!("/v1/data/leads/{eve}/meetings");
    let gone = json!({"remove": [new]});
    admin.call("PATCH", &of_eve, &gone).await.ok();
    assert_eq!(members(&admin, &path, "").await, Vec::<String>::new());
    for (change, place) in [
        (json!({"add": [dora]}), "/add/0/type"),
        (
            json!({"add": [{"id": dora, "type": "nonsense"}]}),
            "/add/0/type",
        ),
        (json!({"add": [{"id": dora, "type": "lead"}]}), "/add/0/id"),
        (json!({"set": [{"id": dora}]}), "/set/0/type"),
        (
            json!({"remove": [{"id": dora, "type": "nonsense"}]}),
            "/remove/0/type",
        ),
        (
            json!({"remove": [{"id": dora, "type": "lead"}]}),
            "/remove/0",
        ),
    ] {
        let refused = admin.call("PATCH", &address, &change).await;
        assert_eq!(refused.code(), 422, "{change}: {}", refused.text());
        assert_eq!(
            refused.json()["errors"][0]["pointer"],
            place,
            "{change}: {}",
            refused.text()
        );
    }
    let typed = json!({"remove": [{"id": one.id, "type": "meeting"}]});
    let refused = admin.call("PATCH", &of_eve, &typed).await;
    refused.problem_at(422, "validation_failed", "/remove/0/type");
    assert_eq!(members(&admin, &one.path(), "").await, [dora, eve]);
}

#[tokio::test]
async fn graphql_changes_them_too() {
    let app = start().await;
    let admin = app.admin();
    let one = Meeting::make(&admin).await;
    let eve = lead(&admin, "Eve", 1).await;
    let document = "mutation($id: ID!, $eve: ID!, $ada: ID!) { updateMeeting(id: $id, input: {attendees: {
        add: [{id: $eve, type: \"lead\", minutes: 2}], remove: [{id: $ada}]}}) { meeting { attendees { totalCount nodes { id } } } } }";
    let variables = json!({"id": one.id, "eve": eve, "ada": one.ada});
    let data = admin.graphql(document, variables).await.data();
    let attendees = &data["updateMeeting"]["meeting"]["attendees"];
    assert_eq!(attendees["totalCount"], 3, "{data}");
    assert!(!attendees.to_string().contains(&one.ada), "{data}");
    let nothing = admin.get("people", &one.ada).await.ok();
    assert_ne!(nothing, Json::Null);
}
