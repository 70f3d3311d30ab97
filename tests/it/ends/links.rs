//! Links to records of several types: made, changed and ended from either end, limited, refused.

use futures::future::join_all;
use serde_json::{Value as Json, json};

use super::{Meeting, NOTHING, attend, lead, meeting, members, person, start};

#[tokio::test]
async fn a_link_is_made_changed_and_ended_from_either_end() {
    let app = start().await;
    let admin = app.admin();
    let one = Meeting::make(&admin).await;
    let list = admin
        .get_path(&format!("/v1/data/{}", one.path()), "")
        .await
        .ok();
    assert_eq!(
        list["data"][0],
        json!({"id": one.ada, "type": "person",
               "link": {"id": one.links[0], "version": 1, "acceptance": "yes", "minutes": 60}})
    );
    assert_eq!(list["data"][1]["type"], "lead");
    let of_bob = format!("leads/{}/meetings", one.bob);
    let address = format!("/v1/data/{of_bob}");
    let meetings = admin
        .get_path(&address, "fields=subject,link.minutes")
        .await
        .ok();
    assert_eq!(meetings["data"][0]["subject"], "Kick-off");
    assert_eq!(meetings["data"][0]["link"]["minutes"], 15);

    let second = meeting(&admin, "Retrospective").await;
    // The far end of a lead is of one type: no type is named.
    let made = admin.link(&of_bob, &second, json!({"minutes": 5})).await;
    let link = made.status(201).json()["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let named = json!({"type": "meeting"});
    let refused = admin.link(&of_bob, &one.id, named).await;
    refused.problem_at(400, "unknown_field", "/type");
    let far = format!("meetings/{second}/attendees");
    assert_eq!(members(&admin, &far, "").await, [one.bob.clone()]);

    let from_meeting = format!("/v1/data/{far}/{link}");
    let patched = admin
        .call("PATCH", &from_meeting, &json!({"minutes": 6}))
        .await
        .ok();
    assert_eq!(patched["minutes"], 6);
    let from_lead = format!("/v1/data/{of_bob}/{link}");
    let patched = admin
        .call("PATCH", &from_lead, &json!({"acceptance": "no"}))
        .await
        .ok();
    assert_eq!(
        (patched["minutes"].clone(), patched["version"].clone()),
        (json!(6), json!(3))
    );
    // From another record, or one of the other type, the link is not there.
    for other in [
        format!("/v1/data/leads/{}/meetings/{link}", one.cid),
        format!("/v1/data/people/{}/meetings/{link}", one.ada),
        format!("/v1/data/people/{}/meetings/{link}", one.bob),
        format!("/v1/data/{}/{link}", one.path()),
    ] {
        admin
            .call("PATCH", &other, &json!({"minutes": 1}))
            .await
            .status(404);
        admin.call("DELETE", &other, &Json::Null).await.status(404);
    }
    admin
        .call("DELETE", &from_lead, &Json::Null)
        .await
        .status(204);
    assert_eq!(members(&admin, &far, "").await, Vec::<String>::new());
}

#[tokio::test]
async fn the_type_must_be_named_and_be_that_of_the_record() {
    let app = start().await;
    let admin = app.admin();
    let one = Meeting::make(&admin).await;
    let house = admin.make("organizations", json!({"name": "House"})).await;
    let dora = person(&admin, "Dora").await;
    for (id, of_type, code, at) in [
        (&dora, Json::Null, "validation_failed", "/type"),
        (&dora, json!(7), "validation_failed", "/type"),
        (&dora, json!("nonsense"), "validation_failed", "/type"),
        (&house, json!("organization"), "validation_failed", "/type"),
        (&dora, json!("lead"), "reference_not_found", "/id"),
        (&one.bob, json!("person"), "reference_not_found", "/id"),
        (&house, json!("lead"), "reference_not_found", "/id"),
        (
            &NOTHING.to_owned(),
            json!("lead"),
            "reference_not_found",
            "/id",
        ),
        (
            &"nonsense".to_owned(),
            json!("lead"),
            "reference_not_found",
            "/id",
        ),
    ] {
        let refused = admin.link(&one.path(), id, json!({"type": of_type})).await;
        assert_eq!(refused.code(), 422, "{of_type}: {}", refused.text());
        let problem = refused.json();
        assert_eq!(problem["errors"][0]["pointer"], at, "{problem}");
        let found = problem["errors"][0]["code"].as_str().unwrap_or_default();
        assert!(found == code || code == "validation_failed", "{problem}");
    }
    let untold = admin.link(&one.path(), &dora, json!({})).await;
    let problem = untold.problem(422, "validation_failed");
    assert!(
        problem["errors"][0]["message"]
            .as_str()
            .unwrap_or_default()
            .contains("person, lead")
    );
    assert_eq!(members(&admin, &one.path(), "").await.len(), 3);
}

#[tokio::test]
async fn two_records_are_linked_once_and_a_deleted_one_is_no_member() {
    let app = start().await;
    let admin = app.admin();
    let one = Meeting::make(&admin).await;
    let again = admin
        .link(&one.path(), &one.bob, json!({"type": "lead"}))
        .await;
    let detail = again.problem(409, "conflict")["detail"].to_string();
    assert!(
        detail.contains("linked already") && detail.contains(&one.links[1]),
        "{detail}"
    );
    let from_bob = admin
        .link(&format!("leads/{}/meetings", one.bob), &one.id, json!({}))
        .await;
    from_bob.problem(409, "conflict");

    admin.delete("leads", &one.bob).await.status(204);
    assert_eq!(
        members(&admin, &one.path(), "").await,
        [one.ada.clone(), one.cid.clone()]
    );
    let counted = admin
        .get_path(&format!("/v1/data/{}", one.path()), "count=exact")
        .await
        .ok();
    assert_eq!(counted["count"], 2);
    admin.restore("leads", &one.bob).await.ok();
    assert_eq!(members(&admin, &one.path(), "").await.len(), 3);
}

#[tokio::test]
async fn one_at_an_end_of_several_types_holds_for_each_record() {
    let app = start().await;
    let admin = app.admin();
    let operations = json!([
        {"op": "addObjectType", "name": "badge", "plural": "badges", "fields": [{"name": "code", "type": "text"}]},
        {"op": "addRelationType", "name": "wearing",
         "source": {"objects": ["person", "lead"], "name": "badges", "cardinality": "one"},
         "target": {"object": "badge", "name": "wearers"}},
    ]);
    admin.change(operations).await.ok();
    let (ada, bob) = (person(&admin, "Ada").await, lead(&admin, "Bob", 1).await);
    let mut badges = Vec::new();
    for number in 0..6 {
        badges.push(
            admin
                .make("badges", json!({"code": format!("b{number}")}))
                .await,
        );
    }
    // A badge is worn by both of them; each of them wears one.
    for (of_type, id) in [("person", &ada), ("lead", &bob)] {
        let writes = badges.iter().enumerate().map(|(number, badge)| {
            let admin = admin.clone();
            async move {
                if number % 2 == 0 {
                    let path = format!("badges/{badge}/wearers");
                    admin.link(&path, id, json!({"type": of_type})).await.code()
                } else {
                    let plural = if of_type == "person" {
                        "people"
                    } else {
                        "leads"
                    };
                    let path = format!("{plural}/{id}/badges");
                    admin.link(&path, badge, json!({})).await.code()
                }
            }
        });
        let mut codes = join_all(writes).await;
        codes.sort_unstable();
        assert_eq!(codes, [201, 409, 409, 409, 409, 409], "{of_type}");
    }
    let worn = members(&admin, &format!("people/{ada}/badges"), "").await;
    assert_eq!(worn.len(), 1);
    // A badge that is gone is in nobody's way.
    admin.delete("badges", &worn[0]).await.status(204);
    let other = badges.iter().find(|badge| **badge != worn[0]);
    let other = other.expect("another badge");
    let path = format!("people/{ada}/badges");
    admin.link(&path, other, json!({})).await.status(201);
    assert_eq!(members(&admin, &path, "").await, [other.clone()]);
}

#[tokio::test]
async fn links_to_several_types_hold_for_periods() {
    let app = start().await;
    let admin = app.admin();
    let operations = json!([
        {"op": "addRelationType", "name": "care", "temporal": true,
         "source": {"objects": ["meeting", "organization"], "name": "keepers", "cardinality": "one"},
         "target": {"objects": ["person", "lead"], "name": "kept"}},
    ]);
    admin.change(operations).await.ok();
    let (ada, bob) = (person(&admin, "Ada").await, lead(&admin, "Bob", 1).await);
    let house = admin.make("organizations", json!({"name": "House"})).await;
    let keepers = format!("organizations/{house}/keepers");
    let until = json!({"type": "person", "validUntil": "2020-01-01"});
    admin.link(&keepers, &ada, until).await.status(201);
    let overlapping = json!({"type": "organization", "validFrom": "2019-06-01"});
    let kept = format!("leads/{bob}/kept");
    admin
        .link(&kept, &house, overlapping)
        .await
        .problem(409, "conflict");
    let from = json!({"type": "organization", "validFrom": "2020-01-01"});
    admin.link(&kept, &house, from).await.status(201);
    for (day, expected) in [
        ("asOf=2019-05-01", &ada),
        ("asOf=2021-05-01", &bob),
        ("", &bob),
    ] {
        assert_eq!(
            members(&admin, &keepers, day).await,
            [expected.clone()],
            "{day}"
        );
    }
    assert_eq!(members(&admin, &keepers, "validity=all").await.len(), 2);
    let filter = json!({"keepers": {"some": {"type": {"eq": "person"}, "validity": "all"}}});
    let found = admin.filter("organizations", &filter, "").await;
    assert_eq!(found.ids(), [house.clone()]);
    let filter = json!({"keepers": {"some": {"type": {"eq": "person"}}}});
    let found = admin.filter("organizations", &filter, "").await;
    assert_eq!(found.ids(), Vec::<String>::new());
    // A meeting has its own keeper.
    let one = meeting(&admin, "One").await;
    let made = admin
        .link(
            &format!("meetings/{one}/keepers"),
            &bob,
            json!({"type": "lead"}),
        )
        .await;
    made.status(201);
    let kept = admin
        .get_path(&format!("/v1/data/leads/{bob}/kept"), "")
        .await
        .ok();
    let mut types: Vec<&str> = kept["data"]
        .as_array()
        .expect("members")
        .iter()
        .filter_map(|member| member["type"].as_str())
        .collect();
    types.sort_unstable();
    assert_eq!(types, ["meeting", "organization"]);
}

#[tokio::test]
async fn of_parallel_links_of_the_same_two_one_wins() {
    let app = start().await;
    let admin = app.admin();
    let (one, bob) = (meeting(&admin, "One").await, lead(&admin, "Bob", 1).await);
    let writes = (0..6).map(|number| {
        let (admin, one, bob) = (admin.clone(), one.clone(), bob.clone());
        async move {
            if number % 2 == 0 {
                let path = format!("meetings/{one}/attendees");
                admin
                    .link(&path, &bob, json!({"type": "lead"}))
                    .await
                    .code()
            } else {
                let path = format!("leads/{bob}/meetings");
                admin.link(&path, &one, json!({})).await.code()
            }
        }
    });
    let mut codes = join_all(writes).await;
    codes.sort_unstable();
    assert_eq!(codes, [201, 409, 409, 409, 409, 409]);
    attend(
        &admin,
        &meeting(&admin, "Two").await,
        ("lead", &bob),
        json!({}),
    )
    .await;
    assert_eq!(
        members(&admin, &format!("leads/{bob}/meetings"), "")
            .await
            .len(),
        2
    );
}
