//! What callers with narrow rights see of members of several types: those of hidden types are not there,
//! are not counted, and can't be named.

use serde_json::{Value as Json, json};

use super::{Meeting, attend, lead, meeting, members, person, start, subjects};
use crate::support::{Client, Rules};

fn rules() -> Rules {
    Rules::none().read("meeting").read("attendance")
}

#[tokio::test]
async fn members_of_a_hidden_type_are_not_there() {
    let app = start().await;
    let admin = app.admin();
    let one = Meeting::make(&admin).await;
    let only_leads = meeting(&admin, "Leads only").await;
    attend(&admin, &only_leads, ("lead", &one.bob), json!({})).await;
    let size = json!({"name": "size", "type": "rollup", "of": "attendees", "function": "count"});
    admin
        .meta("POST", "objects/meeting/fields", size)
        .await
        .status(201);
    for reader in app.person_and_key("people", rules().read("person")).await {
        assert_eq!(members(&reader, &one.path(), "").await, [one.ada.clone()]);
        let counted = reader
            .get_path(&format!("/v1/data/{}", one.path()), "count=exact")
            .await
            .ok();
        assert_eq!(counted["count"], 1);
        for (filter, expected) in [
            (
                json!({"attendees": {"count": {"eq": 1}}}),
                &["Kick-off"][..],
            ),
            (json!({"attendees": {"count": {"gte": 2}}}), &[]),
            (json!({"attendees": {"none": {}}}), &["Leads only"]),
            (json!({"attendees": {"some": {"id": {"eq": one.bob}}}}), &[]),
            (
                json!({"attendees": {"some": {"id": {"neq": one.ada}}}}),
                &[],
            ),
            (
                json!({"attendees": {"some": {"link": {"minutes": {"eq": 15}}}}}),
                &[],
            ),
            (
                json!({"attendees": {"every": {"type": {"eq": "person"}}}}),
                &["Kick-off", "Leads only"],
            ),
            (
                json!({"attendees": {"some": {"type": {"neq": "person"}}}}),
                &[],
            ),
        ] {
            assert_eq!(subjects(&reader, &filter).await, expected, "{filter}");
        }
        same_as_nonsense(&reader, &one).await;
        let described = reader.meta("GET", "objects/meeting", Json::Null).await.ok();
        let relations = &described["relations"];
        let relation = reader
            .meta("GET", "relations/attendance", Json::Null)
            .await
            .ok();
        assert_eq!(relation["target"]["objects"], json!(["person"]));
        assert_eq!(
            relations[0]["targetTypes"].as_array().map(Vec::len),
            Some(1)
        );
        for text in [described.to_string(), relation.to_string()] {
            assert!(!text.contains("lead\""), "{text}");
        }
        let related = reader
            .get_path(&format!("/v1/data/meetings/{}/related", one.id), "")
            .await
            .ok();
        assert!(!related.to_string().contains(&one.bob), "{related}");
        let introspection = "{ __type(name: \"AttendanceTargetReference\") { fields { name } } }";
        let fields = reader.graphql(introspection, Json::Null).await.data();
        assert_eq!(
            fields["__type"]["fields"],
            json!([{"name": "id"}, {"name": "type"}, {"name": "person"}])
        );
    }
}

/// A hidden type is as unknown as one that never was.
async fn same_as_nonsense(reader: &Client, one: &Meeting) {
    let address = format!("/v1/data/{}", one.path());
    for parameters in [
        "fields=lead.name",
        "lead.name[eq]=Bob",
        "sort=lead.name",
        "type[eq]=lead",
    ] {
        let hidden = reader.get_path(&address, parameters).await;
        let unknown = reader
            .get_path(&address, &parameters.replace("lead", "nonsense"))
            .await;
        let hidden = (hidden.code(), hidden.json()["errors"].to_string());
        let unknown = (
            unknown.code(),
            unknown.json()["errors"]
                .to_string()
                .replace("nonsense", "lead"),
        );
        assert_eq!(hidden, unknown);
    }
}

#[tokio::test]
async fn with_no_type_in_sight_there_is_no_collection() {
    let app = start().await;
    let admin = app.admin();
    let one = Meeting::make(&admin).await;
    for reader in app.person_and_key("none", rules()).await {
        let hidden = reader
            .get_path(&format!("/v1/data/{}", one.path()), "")
            .await;
        let unknown = reader
            .get_path(&format!("/v1/data/meetings/{}/nonsense", one.id), "")
            .await;
        assert_eq!((hidden.code(), unknown.code()), (404, 404));
        let filter = json!({"attendees": {"count": {"gte": 0}}});
        reader
            .filter("meetings", &filter, "")
            .await
            .problem(400, "unknown_field");
        let relations = reader.meta("GET", "relations", Json::Null).await.ok();
        assert!(!relations.to_string().contains("attendance"), "{relations}");
    }
}

#[tokio::test]
async fn rules_on_rows_hold_for_the_members_of_each_type() {
    let app = start().await;
    let admin = app.admin();
    let one = Meeting::make(&admin).await;
    let strong = json!({"where": {"score": {"gte": 30}}});
    let with = rules().read("person").allow("read", "lead", strong);
    for reader in app.person_and_key("strong", with).await {
        assert_eq!(
            members(&reader, &one.path(), "").await,
            [one.ada.clone(), one.cid.clone()]
        );
        let filter = json!({"attendees": {"count": {"eq": 2}}});
        assert_eq!(subjects(&reader, &filter).await, ["Kick-off"]);
        let filter = json!({"attendees": {"some": {"lead": {"name": {"eq": "Bob"}}}}});
        assert_eq!(subjects(&reader, &filter).await, Vec::<String>::new());
    }
    let yes = json!({"where": {"acceptance": {"eq": "yes"}}});
    let with = Rules::none()
        .read("meeting")
        .read("person")
        .read("lead")
        .allow("read", "attendance", yes);
    for reader in app.person_and_key("yes", with).await {
        assert_eq!(
            members(&reader, &one.path(), "").await,
            [one.ada.clone(), one.cid.clone()]
        );
    }
    // A rule that looks through the links of the relation.
    let where_bob = json!({"where": {"attendees": {"some": {"lead": {"name": {"eq": "Bob"}}, "minutes": {"eq": 15}}}}});
    meeting(&admin, "Other").await;
    let with = Rules::none().allow("read", "meeting", where_bob);
    for reader in app.person_and_key("bob", with).await {
        assert_eq!(
            reader.list("meetings", "").await.column("subject"),
            ["Kick-off"]
        );
    }
    let of_meeting = json!({"where": {"meetings": {"some": {"subject": {"eq": "Kick-off"}}}}});
    let dan = lead(&admin, "Dan", 1).await;
    let with = Rules::none().allow("read", "lead", of_meeting);
    for reader in app.person_and_key("kickoff", with).await {
        let ids = reader.list("leads", "sort=name").await.ids();
        assert_eq!(ids, [one.bob.clone(), one.cid.clone()]);
        reader.get("leads", &dan).await.status(404);
    }
}

#[tokio::test]
async fn a_link_needs_the_right_to_point_at_both_records() {
    let app = start().await;
    let admin = app.admin();
    let one = meeting(&admin, "One").await;
    let (ada, bob) = (person(&admin, "Ada").await, lead(&admin, "Bob", 1).await);
    let path = format!("meetings/{one}/attendees");
    let all = || json!({});
    let with = rules()
        .read("person")
        .allow("link", "meeting", all())
        .allow("link", "person", all())
        .allow("link", "lead", all())
        .allow("link", "attendance", all());
    for writer in app.person_and_key("seesPeople", with).await {
        let hidden = writer.link(&path, &bob, json!({"type": "lead"})).await;
        let unknown = writer.link(&path, &bob, json!({"type": "nonsense"})).await;
        assert_eq!((hidden.code(), unknown.code()), (422, 422));
        let text = |json: Json| json["errors"].to_string();
        assert_eq!(
            text(hidden.json()),
            text(unknown.json()).replace("nonsense", "lead")
        );
        let made = writer.link(&path, &ada, json!({"type": "person"})).await;
        let link = made.status(201).json()["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        let address = format!("/v1/data/{path}/{link}");
        writer
            .call("DELETE", &address, &Json::Null)
            .await
            .status(204);
    }
    let with = rules()
        .read("person")
        .read("lead")
        .allow("link", "meeting", all())
        .allow("link", "lead", all())
        .allow("link", "attendance", all());
    let link = attend(&admin, &one, ("person", &ada), json!({})).await;
    for writer in app.person_and_key("linksLeads", with).await {
        let refused = writer.link(&path, &ada, json!({"type": "person"})).await;
        refused.problem_at(422, "validation_failed", "/id");
        let address = format!("/v1/data/{path}/{link}");
        writer
            .call("DELETE", &address, &Json::Null)
            .await
            .status(404);
        let made = writer.link(&path, &bob, json!({"type": "lead"})).await;
        let link = made.status(201).json()["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        let address = format!("/v1/data/{path}/{link}");
        writer
            .call("DELETE", &address, &Json::Null)
            .await
            .status(204);
    }
}
