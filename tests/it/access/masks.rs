//! Masks: what is left of a value shows, and nothing else tells the rest of it.

use serde_json::{Value as Json, json};

use crate::support::{Client, Kind, Rules, TestApp};

/// People, and a type of the same fields.
async fn kinds(app: &TestApp) -> [Kind; 2] {
    Kind::both(app).await
}

/// A rule that masks, beside one that shows the field in full on records of Breda.
fn rules(kinds: [Kind; 2], mask: &str) -> Rules {
    kinds.into_iter().fold(Rules::none(), |rules, kind| {
        let masked = json!({
            "fields": ["name", "city"], "where": {"country": {"eq": "NL"}}, "masks": {"city": mask},
        });
        let full = json!({"fields": ["city"], "where": {"city": {"eq": "Breda"}}});
        rules
            .allow("read", kind.name, masked)
            .allow("read", kind.name, full)
    })
}

/// The cities that a client reads, by name, over both faces.
async fn cities(client: &Client, kind: Kind) -> Vec<Json> {
    let listed = client
        .list(kind.plural, "fields=name,city&sort=name")
        .await
        .ok();
    let read: Vec<Json> = listed["data"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|record| record["city"].clone())
        .collect();
    let document = kind.document("{ things(sort: {name: ASC}) { nodes { city again: city } } }");
    let data = client.graphql(&document, Json::Null).await.data();
    let things = data
        .as_object()
        .and_then(|data| data.values().next())
        .expect("things")
        .clone();
    let nodes = things["nodes"].as_array().expect("nodes").clone();
    for name in ["city", "again"] {
        let same: Vec<Json> = nodes.iter().map(|node| node[name].clone()).collect();
        assert_eq!(same, read);
    }
    read
}

async fn make(app: &TestApp, kind: Kind) {
    for (name, city) in [
        ("a", "Breda"),
        ("b", "Bergen op Zoom"),
        ("c", "Ede"),
        ("d", "Bergen op Zoom"),
    ] {
        let record = json!({"name": name, "city": city, "country": "NL"});
        app.admin().make(kind.plural, record).await;
    }
}

#[tokio::test]
async fn a_masked_value_shows_what_is_left_of_it_where_no_rule_shows_it_in_full() {
    let app = TestApp::start().await;
    let kinds = kinds(&app).await;
    for kind in kinds {
        make(&app, kind).await;
    }
    for (mask, left) in [
        ("last4", json!(["Breda", "****Zoom", "****", "****Zoom"])),
        ("null", json!(["Breda", null, null, null])),
    ] {
        for client in app
            .person_and_key(&format!("{mask}Reader"), rules(kinds, mask))
            .await
        {
            for kind in kinds {
                assert_eq!(json!(cities(&client, kind).await), left, "{mask}");
            }
        }
    }
    for client in app.person_and_key("hashReader", rules(kinds, "hash")).await {
        for kind in kinds {
            let read = cities(&client, kind).await;
            assert_eq!(read[0], json!("Breda"));
            assert_eq!(read[1], read[3], "the same value has the same name");
            assert_ne!(read[1], read[2]);
            assert!(!read[1].to_string().contains("Zoom"));
        }
    }
}

#[tokio::test]
async fn filters_and_sorts_find_no_value_where_it_is_masked() {
    let app = TestApp::start().await;
    let kinds = kinds(&app).await;
    for client in app.person_and_key("reader", rules(kinds, "last4")).await {
        for kind in kinds {
            if app.admin().list(kind.plural, "").await.ids().is_empty() {
                make(&app, kind).await;
            }
            let names = async |filter: &str| {
                let parameters = format!("fields=name&sort=name&{filter}");
                client
                    .list(kind.plural, &parameters)
                    .await
                    .column("name")
                    .join("")
            };
            for (filter, found) in [
                ("city[eq]=Bergen op Zoom", ""),
                ("city[eq]=****Zoom", ""),
                ("city[endsWith]=Zoom", ""),
                ("city[eq]=Breda", "a"),
                ("city[isNull]=true", "bcd"),
                ("city[neq]=Ede", "abcd"),
            ] {
                assert_eq!(names(filter).await, found, "{filter}");
            }
            let sorted = client
                .list(kind.plural, "fields=name&sort=city,name")
                .await
                .column("name");
            assert_eq!(sorted.join(""), "abcd");
            let page = client
                .list(kind.plural, "fields=name&sort=city,name&limit=1")
                .await
                .json();
            let cursor = page["page"]["next"].as_str().expect("a cursor").to_owned();
            let next = client
                .list(
                    kind.plural,
                    &format!("fields=name&sort=city,name&limit=1&after={cursor}"),
                )
                .await;
            assert_eq!(next.column("name").join(""), "b");
        }
    }
}

#[tokio::test]
async fn another_role_shows_more_and_never_less() {
    let app = TestApp::start().await;
    let kinds = kinds(&app).await;
    for kind in kinds {
        make(&app, kind).await;
    }
    for mask in ["null", "hash", "last4"] {
        app.add_role(mask, &rules(kinds, mask)).await;
    }
    let all = kinds
        .into_iter()
        .fold(Rules::none(), |rules, kind| rules.read(kind.name));
    app.add_role("all", &all).await;
    for (roles, left) in [
        (
            vec!["null", "last4"],
            json!(["Breda", "****Zoom", "****", "****Zoom"]),
        ),
        (
            vec!["last4", "hash", "null"],
            json!(["Breda", "****Zoom", "****", "****Zoom"]),
        ),
        (
            vec!["last4", "all"],
            json!(["Breda", "Bergen op Zoom", "Ede", "Bergen op Zoom"]),
        ),
    ] {
        for client in [app.user(&roles).await, app.key(&roles, json!({})).await] {
            for kind in kinds {
                assert_eq!(json!(cities(&client, kind).await), left, "{roles:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_mask_fits_the_type_of_its_field_and_reading_alone() {
    let app = TestApp::start().await;
    let admin = app.admin();
    app.add_role("r", &Rules::none()).await;
    let rule = |action: &str, masks: Json| json!({"object": "person", "action": action, "fields": "*", "masks": masks});
    let made = admin
        .meta(
            "POST",
            "roles/r/rules",
            rule("read", json!({"email": "domain", "phone": "last4"})),
        )
        .await
        .status(201)
        .json();
    assert_eq!(made["masks"], json!({"email": "domain", "phone": "last4"}));
    for (masks, place) in [
        (json!({"email": "last4"}), "/masks/email"),
        (json!({"phone": "domain"}), "/masks/phone"),
        (json!({"phone": "upper"}), "/masks/phone"),
        (json!({"phone": 4}), "/masks/phone"),
        (json!({"id": "null"}), "/masks/id"),
    ] {
        admin
            .meta("POST", "roles/r/rules", rule("read", masks))
            .await
            .problem_at(422, "validation_failed", place);
    }
    admin
        .meta(
            "POST",
            "roles/r/rules",
            rule("read", json!({"nothing": "null"})),
        )
        .await
        .problem_at(400, "unknown_field", "/masks/nothing");
    admin
        .meta(
            "POST",
            "roles/r/rules",
            rule("update", json!({"phone": "last4"})),
        )
        .await
        .problem_at(422, "validation_failed", "/masks");
    let person = json!({"firstName": "A", "lastName": "B", "email": "ann@example.com", "phone": "+31612345678"});
    admin.make("people", person).await;
    let client = app.user(&["r"]).await;
    let read = client.list("people", "fields=email,phone").await.ok();
    assert_eq!(read["data"][0]["email"], "*@example.com");
    assert_eq!(read["data"][0]["phone"], "****5678");
}
