//! Members of several types: expanded, filtered, sorted, paged, walked.

use serde_json::{Value as Json, json};

use super::{Meeting, attend, lead, meeting, members, person, start, subjects};

#[tokio::test]
async fn members_show_their_records_by_type() {
    let app = start().await;
    let admin = app.admin();
    let one = Meeting::make(&admin).await;
    let address = format!("/v1/data/{}", one.path());
    let fields = "fields=person.lastName,lead.name,lead.meetings.subject,link.minutes";
    let rows = admin.get_path(&address, fields).await.ok()["data"].clone();
    assert_eq!(
        rows[0],
        json!({"id": one.ada, "type": "person", "person": {"id": one.ada, "lastName": "Ada"},
               "lead": null, "link": {"id": one.links[0], "minutes": 60}})
    );
    let bob = &rows[1]["lead"];
    assert_eq!(
        (&bob["name"], &bob["meetings"]["data"][0]["subject"]),
        (&json!("Bob"), &json!("Kick-off"))
    );
    assert_eq!(rows[1]["person"], Json::Null);

    let nested = "fields=subject,attendees.lead.name,attendees.link.acceptance";
    let nested = admin
        .get_path(&format!("/v1/data/meetings/{}", one.id), nested)
        .await
        .ok();
    assert_eq!(nested["attendees"]["data"][2]["lead"]["name"], "Cid");
    assert_eq!(nested["attendees"]["data"][2]["link"]["acceptance"], "yes");
    let select = json!({"select": {"attendees": {
        "select": {"type": true, "person": {"select": ["lastName"]}},
        "filter": {"type": {"eq": "person"}}, "count": "exact"}}});
    let tree = admin.query("meetings", &select).await.ok()["data"][0]["attendees"].clone();
    assert_eq!(
        (
            tree["count"].clone(),
            tree["data"][0]["person"]["lastName"].clone()
        ),
        (json!(1), json!("Ada"))
    );
    for unknown in [
        "nonsense",
        "organization.name",
        "lead.nonsense",
        "lastName",
        "version",
        "minutes",
    ] {
        let asked = admin.get_path(&address, &format!("fields={unknown}")).await;
        asked.problem(400, "unknown_field");
    }
}

#[tokio::test]
async fn members_are_filtered_by_type_and_by_link() {
    let app = start().await;
    let admin = app.admin();
    let one = Meeting::make(&admin).await;
    let other = meeting(&admin, "Other").await;
    attend(
        &admin,
        &other,
        ("lead", &one.cid),
        json!({"acceptance": "no", "minutes": 5}),
    )
    .await;
    meeting(&admin, "Void").await;
    for (filter, expected) in [
        (
            json!({"attendees": {"some": {"lead": {"name": {"eq": "Cid"}}}}}),
            &["Kick-off", "Other"][..],
        ),
        (
            json!({"attendees": {"some": {"person": {"lastName": {"eq": "Ada"}}}}}),
            &["Kick-off"],
        ),
        (
            json!({"attendees": {"some": {"type": {"eq": "person"}}}}),
            &["Kick-off"],
        ),
        (
            json!({"attendees": {"some": {"type": {"in": ["person", "lead"]}}}}),
            &["Kick-off", "Other"],
        ),
        (
            json!({"attendees": {"some": {"id": {"eq": one.bob}}}}),
            &["Kick-off"],
        ),
        (
            json!({"attendees": {"some": {"id": {"in": [one.cid]}, "acceptance": {"eq": "yes"}}}}),
            &["Kick-off"],
        ),
        (
            json!({"attendees": {"some": {"lead": {"score": {"gte": 30}}, "link": {"acceptance": {"eq": "no"}}}}}),
            &["Other"],
        ),
        (
            json!({"attendees": {"some": {"or": [{"person": {"lastName": {"eq": "Zed"}}}, {"lead": {"name": {"eq": "Bob"}}}]}}}),
            &["Kick-off"],
        ),
        (
            json!({"attendees": {"some": {"not": {"type": {"eq": "lead"}}}}}),
            &["Kick-off"],
        ),
        (
            json!({"attendees": {"none": {"type": {"eq": "person"}}}}),
            &["Other", "Void"],
        ),
        (json!({"attendees": {"none": {}}}), &["Void"]),
        (
            json!({"attendees": {"every": {"type": {"eq": "lead"}}}}),
            &["Other", "Void"],
        ),
        (json!({"attendees": {"count": {"gte": 2}}}), &["Kick-off"]),
        (json!({"attendees": {"count": {"eq": 0}}}), &["Void"]),
        (
            json!({"attendees": {"some": {"lead": {"eq": one.cid}}}}),
            &["Kick-off", "Other"],
        ),
        (
            json!({"attendees": {"some": {"lead": {"meetings": {"some": {"subject": {"eq": "Other"}}}}}}}),
            &["Kick-off", "Other"],
        ),
    ] {
        assert_eq!(subjects(&admin, &filter).await, expected, "{filter}");
    }
    let short = admin
        .list("meetings", "attendees.some.lead.name[eq]=Bob")
        .await;
    assert_eq!(short.column("subject"), ["Kick-off"]);
    for (objects, filter, expected) in [
        (
            "people",
            json!({"meetings": {"some": {"subject": {"eq": "Kick-off"}}}}),
            vec![one.ada.clone()],
        ),
        (
            "leads",
            json!({"meetings": {"some": {"minutes": {"eq": 15}}}}),
            vec![one.bob.clone()],
        ),
        (
            "leads",
            json!({"meetings": {"count": {"eq": 2}}}),
            vec![one.cid.clone()],
        ),
    ] {
        assert_eq!(
            admin.filter(objects, &filter, "").await.ids(),
            expected,
            "{filter}"
        );
    }
    for (parameters, expected) in [
        ("type[eq]=lead", vec![one.bob.clone(), one.cid.clone()]),
        ("lead.name[eq]=Cid", vec![one.cid.clone()]),
        (
            "link.minutes[gt]=20",
            vec![one.ada.clone(), one.cid.clone()],
        ),
        ("minutes[gt]=20&type[neq]=person", vec![one.cid.clone()]),
    ] {
        assert_eq!(
            members(&admin, &one.path(), parameters).await,
            expected,
            "{parameters}"
        );
    }
    for (filter, code) in [
        (
            json!({"organization": {"name": {"eq": "x"}}}),
            "unknown_field",
        ),
        (json!({"nonsense": {"eq": 1}}), "unknown_field"),
        (json!({"lead": {"nonsense": {"eq": 1}}}), "unknown_field"),
        (json!({"type": {"eq": "organization"}}), "validation_failed"),
        (json!({"type": {"contains": "x"}}), "unknown_operator"),
        (json!({"eq": one.ada}), "unknown_field"),
        (json!([]), "invalid_request"),
    ] {
        let wrapped = json!({"attendees": {"some": filter}});
        let refused = admin.filter("meetings", &wrapped, "").await;
        assert!(
            matches!(refused.code(), 400 | 422),
            "{filter}: {}",
            refused.text()
        );
        if code != "validation_failed" {
            assert_eq!(refused.json()["errors"][0]["code"], code, "{filter}");
        }
    }
}

#[tokio::test]
async fn members_are_sorted_by_link_or_by_a_type_and_paged() {
    let app = start().await;
    let admin = app.admin();
    let one = Meeting::make(&admin).await;
    let [ada, bob, cid] = [&one.ada, &one.bob, &one.cid].map(Clone::clone);
    for (sort, expected) in [
        ("link.minutes", [&bob, &cid, &ada]),
        ("-link.minutes", [&ada, &cid, &bob]),
        ("-lead.score", [&cid, &bob, &ada]),
        ("person.lastName,lead.name", [&ada, &bob, &cid]),
    ] {
        let expected = expected.map(Clone::clone);
        assert_eq!(
            members(&admin, &one.path(), &format!("sort={sort}")).await,
            expected,
            "{sort}"
        );
        let mut paged = Vec::new();
        let mut after = String::new();
        loop {
            let parameters = format!("sort={sort}&limit=1{after}");
            let page = admin
                .get_path(&format!("/v1/data/{}", one.path()), &parameters)
                .await;
            paged.extend(page.ids());
            match page.ok()["page"]["next"].as_str() {
                Some(cursor) => after = format!("&after={cursor}"),
                None => break,
            }
        }
        assert_eq!(paged, expected, "{sort}");
    }
    for sort in ["lastName", "name", "organization.name", "type", "nonsense"] {
        let asked = admin
            .get_path(&format!("/v1/data/{}", one.path()), &format!("sort={sort}"))
            .await;
        asked.problem(400, "unknown_field");
    }
}

#[tokio::test]
async fn walks_and_paths_go_through_members_of_any_type() {
    let app = start().await;
    let admin = app.admin();
    let one = Meeting::make(&admin).await;
    let related = admin
        .get_path(&format!("/v1/data/meetings/{}/related", one.id), "depth=1")
        .await
        .ok();
    let text = related.to_string();
    for id in [&one.ada, &one.bob, &one.cid] {
        assert!(text.contains(id.as_str()), "{related}");
    }
    let other = meeting(&admin, "Other").await;
    attend(&admin, &other, ("lead", &one.bob), json!({})).await;
    let address = format!("/v1/data/people/{}/path", one.ada);
    let found = admin
        .get_path(&address, &format!("to=meetings/{other}&depth=4"))
        .await
        .ok();
    let titles: Vec<&str> = found["nodes"]
        .as_array()
        .expect("nodes")
        .iter()
        .map(|node| node["title"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(titles[1..], ["Kick-off", "Bob", "Other"], "{found}");
    let dora = person(&admin, "Dora").await;
    let eve = lead(&admin, "Eve", 1).await;
    attend(&admin, &other, ("person", &dora), json!({})).await;
    attend(&admin, &other, ("lead", &eve), json!({})).await;
    let related = admin
        .get_path(
            &format!("/v1/data/people/{}/related", one.ada),
            "depth=4&through=attendance",
        )
        .await
        .ok();
    assert!(related.to_string().contains(&eve), "{related}");
}
