//! `POST …/query`: a tree of records in one request.

use serde_json::{Value as Json, json};

use crate::support::{Client, Kind, TestApp};

/// Two parents with three children each, and a link from each parent to its first child.
async fn fill(admin: &Client, kind: Kind) -> Vec<String> {
    let mut parents = vec![];
    for parent in ["x", "y"] {
        let id = kind.make(admin, parent).await;
        let mut first = None;
        for at in 1..=3 {
            let values =
                json!({"name": format!("{parent}{at}"), "parent": id, "employeeCount": at});
            let child = admin.make(kind.plural, values).await;
            first.get_or_insert(child);
        }
        let path = format!("{}/{id}/allies", kind.plural);
        let first = first.expect("a child");
        admin
            .link(&path, &first, json!({"terms": parent}))
            .await
            .status(201);
        parents.push(id);
    }
    parents
}

#[tokio::test]
async fn a_tree_is_answered_level_by_level() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        fill(&admin, kind).await;
        let body = json!({
            "filter": {"parent": {"isNull": true}},
            "sort": "name",
            "count": "exact",
            "select": {
                "name": true,
                "children": {
                    "select": {"name": true, "parent": {"select": ["name"]}},
                    "filter": {"employeeCount": {"gte": 2}}, "sort": "-name", "count": "exact",
                },
                "allies": {"select": {"name": true, "link": {"select": ["terms"]}}},
            },
        });
        let answer = admin.query(kind.plural, &body).await.ok();
        assert_eq!(answer["count"], 2);
        for (at, parent) in ["x", "y"].into_iter().enumerate() {
            let record = &answer["data"][at];
            assert_eq!(record["name"], parent);
            let children = &record["children"];
            assert_eq!(children["count"], 2);
            let names: Vec<&Json> = children["data"]
                .as_array()
                .expect("children")
                .iter()
                .map(|child| &child["name"])
                .collect();
            assert_eq!(
                names,
                [&json!(format!("{parent}3")), &json!(format!("{parent}2"))]
            );
            assert_eq!(children["data"][0]["parent"]["name"], parent);
            let ally = &record["allies"]["data"][0];
            assert_eq!(
                (&ally["name"], &ally["link"]["terms"]),
                (&json!(format!("{parent}1")), &json!(parent))
            );
        }
    }
}

#[tokio::test]
async fn a_nested_collection_has_a_page_for_each_parent() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let parents = fill(&admin, kind).await;
        let body = json!({
            "filter": {"parent": {"isNull": true}}, "sort": "name",
            "select": {"children": {"select": ["name"], "sort": "name", "limit": 2}},
        });
        let answer = admin.query(kind.plural, &body).await.ok();
        for (at, parent) in ["x", "y"].into_iter().enumerate() {
            let children = &answer["data"][at]["children"];
            assert_eq!(
                children["data"].as_array().map(Vec::len),
                Some(2),
                "{answer}"
            );
            assert_eq!(children["page"]["hasNext"], true);
            // The cursor goes on in the list of the members of this record.
            let next = children["page"]["next"].as_str().expect("a cursor");
            let path = format!("/v1/data/{}/{}/children", kind.plural, parents[at]);
            let rest = admin
                .get_path(&path, &format!("sort=name&limit=2&after={next}"))
                .await;
            assert_eq!(rest.column("name"), [format!("{parent}3")], "{rest}");
        }
    }
}

#[tokio::test]
async fn a_tree_names_the_place_of_what_it_does_not_know() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let cases = [
            (
                json!({"select": {"colour": true}}),
                "unknown_field",
                "/select/colour",
            ),
            (
                json!({"select": ["name", "colour"]}),
                "unknown_field",
                "/select/1",
            ),
            (
                json!({"select": {"children": {"select": {"colour": true}}}}),
                "unknown_field",
                "/select/children/select/colour",
            ),
            (
                json!({"select": {"parent": {"select": ["colour"]}}}),
                "unknown_field",
                "/select/parent/select/0",
            ),
            (
                json!({"filter": {"colour": {"eq": 1}}}),
                "unknown_field",
                "/filter/colour",
            ),
            (
                json!({"filter": {"name": {"like": "x"}}}),
                "unknown_operator",
                "/filter/name/like",
            ),
            (json!({"sort": "colour"}), "unknown_field", "/sort"),
            (
                json!({"select": {"children": {"filter": {"colour": {"eq": 1}}}}}),
                "unknown_field",
                "/select/children/filter/colour",
            ),
            (
                json!({"select": {"name": 1}}),
                "invalid_request",
                "/select/name",
            ),
            (json!({"colour": 1}), "invalid_request", "/colour"),
            (json!({"count": "many"}), "validation_failed", "/count"),
            (json!({"limit": "2"}), "validation_failed", "/limit"),
        ];
        for (body, code, place) in cases {
            let status = if code == "validation_failed" {
                422
            } else {
                400
            };
            admin
                .query(kind.plural, &body)
                .await
                .problem_at(status, code, place);
        }
    }
}

#[tokio::test]
async fn a_path_of_fields_is_told_whole_and_a_name_beside_its_part_is_all_of_it() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let revenue = json!({"amount": "5.00", "currency": "EUR"});
    let values = json!({"name": "a", "annualRevenue": revenue});
    let organization = admin.make("organizations", values).await;
    let refused = admin
        .list("people", "fields=lastName,organization.nothing")
        .await;
    refused.problem_at(400, "unknown_field", "fields.organization.nothing");
    let refused = admin.list("people", "fields=nothing").await;
    refused.problem_at(400, "unknown_field", "fields");
    let path = format!("/v1/data/organizations/{organization}");
    for fields in [
        "annualRevenue.currency,annualRevenue",
        "annualRevenue,annualRevenue.currency",
    ] {
        let answer = admin
            .get_path(&path, &format!("fields={fields}"))
            .await
            .ok();
        assert_eq!(answer["annualRevenue"]["amount"], "5.0000", "{fields}");
        assert_eq!(answer["annualRevenue"]["currency"], "EUR", "{fields}");
    }
}
