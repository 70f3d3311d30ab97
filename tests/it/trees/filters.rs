//! Filters on the place in a tree.

use serde_json::{Value as Json, json};

use super::{chain, found, plant, start, unit};
use crate::support::TestApp;

#[tokio::test]
async fn what_lies_above_and_below_is_found_over_both_faces() {
    let app = start().await;
    let admin = app.admin();
    let ids = chain(&admin, &["a", "b", "c", "d", "e"]).await;
    unit(&admin, "b2", Some(&ids[0])).await;
    unit(&admin, "z", None).await;
    for (operator, of, expected) in [
        ("descendantsOf", 0, vec!["b", "b2", "c", "d", "e"]),
        ("descendantsOf", 2, vec!["d", "e"]),
        ("descendantsOf", 4, vec![]),
        ("descendantsOrSelfOf", 2, vec!["c", "d", "e"]),
        ("ancestorsOf", 4, vec!["a", "b", "c", "d"]),
        ("ancestorsOf", 0, vec![]),
        ("ancestorsOrSelfOf", 2, vec!["a", "b", "c"]),
    ] {
        let of = &ids[of];
        assert_eq!(found(&admin, operator, of).await, expected, "{operator}");
        let short = format!("parent[{operator}]={of}&sort=name");
        assert_eq!(admin.list("units", &short).await.column("name"), expected);
        let document = format!(
            "query($id: ID!) {{ units(filter: {{ parent: {{ {operator}: $id }} }}, sort: [{{name: ASC}}]) \
             {{ nodes {{ name }} }} }}"
        );
        let data = admin.graphql(&document, json!({"id": of})).await.data();
        let nodes = data["units"]["nodes"].as_array().expect("nodes").iter();
        let nodes: Vec<&str> = nodes.filter_map(|node| node["name"].as_str()).collect();
        assert_eq!(nodes, expected, "{operator} over GraphQL");
    }
    // With what else a filter can say.
    let filter = json!({"and": [
        {"parent": {"descendantsOf": ids[0]}},
        {"not": {"parent": {"descendantsOrSelfOf": ids[2]}}},
        {"children": {"some": {"parent": {"descendantsOf": ids[0]}}}}]});
    let answer = admin.filter("units", &filter, "sort=name").await;
    assert_eq!(answer.column("name"), ["b"]);
    let filter = json!({"parent": {"parent": {"descendantsOf": ids[1]}}});
    assert_eq!(
        admin.filter("units", &filter, "").await.column("name"),
        ["d", "e"]
    );
    let nothing = "01900000-0000-7000-8000-000000000000";
    assert!(
        found(&admin, "descendantsOrSelfOf", nothing)
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn a_tree_of_some_hundreds_on_five_levels_is_walked() {
    let app = start().await;
    let admin = app.admin();
    // Each unit has three below it: 1 + 3 + 9 + 27 + 81 + 243.
    let mut units = vec![("n".to_owned(), None)];
    let mut from = 0;
    for _ in 0..5 {
        let to = units.len();
        for parent in from..to {
            for child in 0..3 {
                let name = format!("{}{child}", units[parent].0);
                units.push((name, Some(parent)));
            }
        }
        from = to;
    }
    let ids = plant(&admin, &units).await;
    for (of, number) in [(0, 363), (1, 120), (4, 39), (13, 12), (40, 3), (121, 0)] {
        let body = json!({"filter": {"parent": {"descendantsOf": ids[of]}}, "count": "exact", "limit": 200});
        let answer = admin.query("units", &body).await.ok();
        assert_eq!(answer["count"], json!(number), "{}", units[of].0);
        let names = answer["data"].as_array().expect("units").iter();
        let mut names = names.filter_map(|one| one["name"].as_str());
        assert!(names.all(|name| name.starts_with(&units[of].0)));
    }
    let last = ids.last().expect("a unit");
    assert_eq!(
        found(&admin, "ancestorsOf", last).await,
        ["n", "n2", "n22", "n222", "n2222"]
    );
}

#[tokio::test]
async fn people_make_a_tree_by_whom_they_report_to() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let person = |name: &'static str, boss: Json| {
        let values = json!({"firstName": name, "lastName": "X", "reportsTo": boss});
        let admin = admin.clone();
        async move { admin.make("people", values).await }
    };
    let ann = person("Ann", Json::Null).await;
    let bob = person("Bob", json!(ann)).await;
    person("Cid", json!(bob)).await;
    let below = format!("reportsTo[descendantsOf]={ann}&sort=firstName");
    let answer = admin.list("people", &below).await;
    assert_eq!(answer.column("firstName"), ["Bob", "Cid"]);
    let refused = admin.patch("people", &ann, json!({"reportsTo": bob})).await;
    refused.problem_at(422, "validation_failed", "/reportsTo");
}

#[tokio::test]
async fn what_makes_no_tree_has_no_places() {
    let app = start().await;
    let admin = app.admin();
    let person = admin
        .make("people", json!({"firstName": "A", "lastName": "B"}))
        .await;
    let asked = format!("contact[descendantsOf]={person}");
    admin
        .list("orders", &asked)
        .await
        .problem(400, "unknown_operator");
    let asked = json!({"parent": {"descendantsOf": "x"}});
    admin.filter("units", &asked, "").await.status(422);
    let asked = json!({"parent": {"descendantsOf": null}});
    admin.filter("units", &asked, "").await.status(422);
    let asked = json!({"parent": {"ancestorsOf": [person]}});
    admin.filter("units", &asked, "").await.status(422);
    let asked = json!({"name": {"descendantsOf": person}});
    admin
        .filter("units", &asked, "")
        .await
        .problem(400, "unknown_operator");
    // What is stored follows no tree.
    let rollup = json!({"name": "number", "type": "rollup", "of": "children", "function": "count",
                        "filter": {"parent": {"descendantsOf": person}}});
    let refused = admin.meta("POST", "objects/unit/fields", rollup).await;
    refused.problem_at(422, "validation_failed", "/filter");
}

#[tokio::test]
async fn a_tree_is_defined_over_one_type_and_without_circles() {
    let app = start().await;
    let admin = app.admin();
    for (more, place) in [
        (json!({"target": "organization", "tree": true}), "/tree"),
        (json!({"targets": ["unit", "person"], "tree": true}), ""),
        (
            json!({"target": "unit", "tree": true, "owned": true, "required": true}),
            "",
        ),
    ] {
        let mut field =
            json!({"name": "other", "type": "reference", "inverse": {"name": "others"}});
        if let (Some(field), Json::Object(more)) = (field.as_object_mut(), more) {
            field.extend(more);
        }
        let refused = admin.meta("POST", "objects/unit/fields", field).await;
        refused.problem_at(422, "validation_failed", place);
    }
    let described = admin.meta("GET", "objects/unit", Json::Null).await.ok();
    let fields = described["fields"].as_array().expect("fields").iter();
    let mut parents = fields.filter(|field| field["name"] == "parent");
    let parent = parents.next().expect("the parent");
    assert_eq!(parent["tree"], true);
    assert!(
        parent["operators"]
            .to_string()
            .contains("ancestorsOrSelfOf")
    );

    let path = "objects/unit/fields/parent";
    admin.meta("PATCH", path, json!({"tree": false})).await.ok();
    let ids = chain(&admin, &["a", "b", "c"]).await;
    admin
        .list("units", &format!("parent[ancestorsOf]={}", ids[0]))
        .await
        .problem(400, "unknown_operator");
    admin
        .patch("units", &ids[0], json!({"parent": ids[1]}))
        .await
        .ok();
    let tried = admin
        .meta(
            "PATCH",
            &format!("{path}?dryRun=true"),
            json!({"tree": true}),
        )
        .await
        .ok();
    assert_eq!(tried["applicable"], false, "{tried}");
    assert_eq!(tried["operations"][0]["rowsFailing"], json!(3));
    admin
        .meta("PATCH", path, json!({"tree": true}))
        .await
        .problem_at(422, "validation_failed", "/tree");
    admin
        .patch("units", &ids[0], json!({"parent": null}))
        .await
        .ok();
    admin.meta("PATCH", path, json!({"tree": true})).await.ok();
    assert_eq!(found(&admin, "descendantsOf", &ids[0]).await, ["b", "c"]);
}
