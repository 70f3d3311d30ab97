//! Members of several types over GraphQL: the same as over REST.

use serde_json::{Value as Json, json};

use super::{Meeting, lead, members, start};

#[tokio::test]
async fn members_are_read_filtered_and_sorted() {
    let app = start().await;
    let admin = app.admin();
    let one = Meeting::make(&admin).await;
    let document = "query($id: ID!) { meeting(id: $id) {
        attendees(sort: [{link: {minutes: ASC}}]) {
          totalCount nodes { __typename id type lead { name meetings { nodes { subject } } } person { lastName } }
          edges { cursor node { id } link { minutes acceptance } } }
        leads: attendees(filter: {type: {eq: \"lead\"}, minutes: {gt: 20}}) { nodes { lead { name } } }
        named: attendees(filter: {or: [{lead: {name: {eq: \"Bob\"}}}, {person: {lastName: {eq: \"Ada\"}}}]},
          sort: [{lead: {name: DESC}}]) { nodes { type } } } }";
    let data = admin.graphql(document, json!({"id": one.id})).await.data();
    let found = &data["meeting"]["attendees"];
    assert_eq!(found["totalCount"], 3);
    assert_eq!(
        found["nodes"][0],
        json!({"__typename": "AttendanceTargetReference", "id": one.bob, "type": "lead",
               "lead": {"name": "Bob", "meetings": {"nodes": [{"subject": "Kick-off"}]}}, "person": null})
    );
    assert_eq!(found["nodes"][2]["person"]["lastName"], "Ada");
    assert_eq!(
        found["edges"][1]["link"],
        json!({"minutes": 30, "acceptance": "yes"})
    );
    assert_eq!(
        data["meeting"]["leads"]["nodes"],
        json!([{"lead": {"name": "Cid"}}])
    );
    assert_eq!(
        data["meeting"]["named"]["nodes"],
        json!([{"type": "lead"}, {"type": "person"}])
    );

    let document = "{ meetings(filter: {attendees: {some: {lead: {score: {gte: 30}}, link: {acceptance: {eq: \"yes\"}}}, count: {eq: 3}}}) { nodes { subject } }
        people(filter: {meetings: {some: {subject: {eq: \"Kick-off\"}}}}) { nodes { lastName meetings { edges { link { minutes } } } } } }";
    let data = admin.graphql(document, Json::Null).await.data();
    assert_eq!(data["meetings"]["nodes"], json!([{"subject": "Kick-off"}]));
    assert_eq!(
        data["people"]["nodes"],
        json!([{"lastName": "Ada", "meetings": {"edges": [{"link": {"minutes": 60}}]}}])
    );
    for wrong in [
        "{ meetings { nodes { attendees { nodes { lastName } } } } }",
        "{ meetings { nodes { attendees { nodes { organization { name } } } } } }",
        "{ meetings(filter: {attendees: {some: {organization: {name: {eq: \"x\"}}}}}) { nodes { id } } }",
    ] {
        let answer = admin.graphql(wrong, Json::Null).await.json();
        assert!(
            answer["errors"].is_array() && answer["data"].is_null(),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn members_are_linked_and_unlinked() {
    let app = start().await;
    let admin = app.admin();
    let one = Meeting::make(&admin).await;
    let dan = lead(&admin, "Dan", 1).await;
    let document = "mutation($id: ID!, $who: ReferenceInput!) {
        linkMeetingAttendees(id: $id, target: $who, input: {minutes: 7}) { id version link { minutes } } }";
    let who = json!({"type": "lead", "id": dan});
    let made = admin
        .graphql(document, json!({"id": one.id, "who": who}))
        .await
        .data();
    let made = &made["linkMeetingAttendees"];
    assert_eq!(made["link"]["minutes"], 7);
    assert_eq!(members(&admin, &one.path(), "").await.len(), 4);
    for who in [
        json!({"type": "person", "id": dan}),
        json!({"type": "nonsense", "id": dan}),
    ] {
        let answer = admin
            .graphql(document, json!({"id": one.id, "who": who}))
            .await
            .json();
        assert!(answer["errors"].is_array(), "{answer}");
    }
    let document = "mutation($id: ID!, $link: ID!) {
        updateLeadMeetingsLink(id: $id, link: $link, input: {minutes: 8}) { link { minutes } }
        unlinkLeadMeetings(id: $id, link: $link) { id } }";
    let done = admin
        .graphql(document, json!({"id": dan, "link": made["id"]}))
        .await
        .data();
    assert_eq!(done["updateLeadMeetingsLink"]["link"]["minutes"], 8);
    assert_eq!(members(&admin, &one.path(), "").await.len(), 3);
}
