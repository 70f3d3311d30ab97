//! Filters on the number of members that fit a filter of their own.

use serde_json::{Value as Json, json};

use crate::support::{Kind, Rules, TestApp};

/// A hub with two children in X, one in Y, and two allies, one of them by a loose link.
async fn grow(app: &TestApp, kind: Kind) -> String {
    let admin = app.admin();
    let hub = kind.make(&admin, "hub").await;
    for (name, city) in [("one", "X"), ("two", "X"), ("three", "Y")] {
        let child = json!({"name": name, "city": city, "parent": hub});
        admin.make(kind.plural, child).await;
    }
    for (name, terms) in [("loose", "loose"), ("close", "close")] {
        let ally = kind.make(&admin, name).await;
        let path = format!("{}/{hub}/allies", kind.plural);
        admin
            .link(&path, &ally, json!({"terms": terms}))
            .await
            .status(201);
    }
    hub
}

fn count(filter: &Json, compared: &Json) -> Json {
    let mut count = compared.clone();
    count["filter"] = filter.clone();
    json!({ "count": count })
}

#[tokio::test]
async fn members_that_match_are_counted() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        grow(&app, kind).await;
        let in_x = json!({"city": {"eq": "X"}});
        let loose = json!({"link": {"terms": {"eq": "loose"}}});
        for (collection, filter, compared, found) in [
            ("children", &in_x, json!({"eq": 2}), true),
            ("children", &in_x, json!({"gte": 3}), false),
            ("children", &in_x, json!({"gte": 1, "lte": 2}), true),
            ("children", &json!({}), json!({"eq": 3}), true),
            ("allies", &loose, json!({"eq": 1}), true),
            (
                "allies",
                &json!({"terms": {"eq": "loose"}}),
                json!({"eq": 2}),
                false,
            ),
            (
                "allies",
                &json!({"name": {"eq": "close"}, "terms": {"eq": "loose"}}),
                json!({"gte": 1}),
                false,
            ),
            (
                "children",
                &json!({"children": {"count": {"filter": in_x, "eq": 0}}}),
                json!({"eq": 3}),
                true,
            ),
        ] {
            let filter = json!({collection: count(filter, &compared), "name": {"eq": "hub"}});
            let page = admin.filter(kind.plural, &filter, "").await;
            let names = page.column("name");
            assert_eq!(names.len(), usize::from(found), "{filter}");
            let document =
                "query ($filter: ThingFilter) { things(filter: $filter) { nodes { name } } }";
            let data = kind
                .graphql(&admin, document, json!({"filter": filter}))
                .await
                .data();
            let nodes = data[kind.plural]["nodes"].as_array().expect("nodes").len();
            assert_eq!(nodes, usize::from(found), "{filter}");
        }
        // None at all is a number too.
        let none =
            json!({"children": count(&in_x, &json!({"eq": 0})), "name": {"in": ["hub", "one"]}});
        assert_eq!(
            admin.filter(kind.plural, &none, "").await.column("name"),
            ["one"]
        );
    }
}

#[tokio::test]
async fn a_count_that_compares_nothing_or_names_the_unknown_is_refused() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let [kind, _] = Kind::both(&app).await;
    for (count, status, code) in [
        (json!({"filter": {}}), 400, "invalid_request"),
        (json!({"filter": 1, "gte": 1}), 400, "invalid_request"),
        (
            json!({"filter": {"nothing": {"eq": 1}}, "gte": 1}),
            400,
            "unknown_field",
        ),
        (
            json!({"filter": {"city": {"near": 1}}, "gte": 1}),
            400,
            "unknown_operator",
        ),
        (
            json!({"filter": {}, "isNull": true}),
            400,
            "unknown_operator",
        ),
    ] {
        let filter = json!({"children": {"count": count}});
        let refused = admin.filter(kind.plural, &filter, "").await;
        assert_eq!(refused.code(), status, "{}", refused.text());
        assert!(refused.text().contains(code), "{code}: {}", refused.text());
    }
}

#[tokio::test]
async fn a_count_is_of_what_its_caller_sees() {
    let app = TestApp::start().await;
    for kind in Kind::both(&app).await {
        let hub = grow(&app, kind).await;
        let some = json!({"where": {"name": {"neq": "two"}}, "fields": {"except": ["country"]}});
        let rules = Rules::none().allow("read", kind.name, some);
        for narrow in app
            .person_and_key(&format!("{}counter", kind.name), rules)
            .await
        {
            let in_x = json!({"city": {"eq": "X"}});
            for (number, found) in [(1, vec![hub.clone()]), (2, vec![])] {
                let filter = json!({"children": count(&in_x, &json!({"eq": number}))});
                assert_eq!(narrow.filter(kind.plural, &filter, "").await.ids(), found);
            }
            let of = |field: &str| {
                let filter = count(&json!({field: {"eq": "NL"}}), &json!({"gte": 1}));
                json!({"children": filter})
            };
            let hidden = narrow.filter(kind.plural, &of("country"), "").await;
            let unknown = narrow.filter(kind.plural, &of("nothing"), "").await;
            let text = hidden.json()["errors"].to_string();
            assert_eq!(
                text.replace("country", "nothing"),
                unknown.json()["errors"].to_string()
            );
        }
    }
}

#[tokio::test]
async fn a_rule_keeps_its_count_through_renames() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let [_, kind] = Kind::both(&app).await;
    let hub = grow(&app, kind).await;
    let rule =
        json!({"where": {"children": {"count": {"filter": {"city": {"eq": "X"}}, "gte": 2}}}});
    let rules = Rules::none().allow("read", kind.name, rule);
    let reader = app.role("parents", rules).await;
    assert_eq!(reader.list(kind.plural, "").await.ids(), [hub.clone()]);
    let rename = json!({"op": "updateField", "object": kind.name, "field": "city", "name": "town", "aliasUntil": null});
    admin.change(json!([rename])).await.ok();
    assert_eq!(reader.list(kind.plural, "").await.ids(), [hub]);
    let shown = admin
        .meta("GET", "roles/parents/rules", Json::Null)
        .await
        .ok();
    assert!(shown.to_string().contains("\"town\""), "{shown}");
}
