//! Relation types that say the same from either end.

use futures::future::join_all;
use serde_json::{Value as Json, json};

use crate::support::{Client, Rules, TestApp};

/// Defines `alliances` between organizations and between custom records, and marriages of people.
async fn define(app: &TestApp) -> [&'static str; 2] {
    let end = |object: &str, name: &str| json!({"object": object, "name": name, "label": "Ties"});
    let operations = json!([
        {"op": "addObjectType", "name": "house", "plural": "houses",
         "fields": [{"name": "name", "type": "text", "required": true}]},
        {"op": "addRelationType", "name": "tie", "symmetric": true,
         "source": end("organization", "ties"), "target": end("organization", "ties"),
         "fields": [{"name": "strength", "type": "integer"}]},
        {"op": "addRelationType", "name": "bond", "symmetric": true, "source": end("house", "ties"),
         "fields": [{"name": "strength", "type": "integer"}]},
        {"op": "addRelationType", "name": "marriage", "symmetric": true, "temporal": true,
         "source": {"object": "person", "name": "spouses", "cardinality": "one"}},
    ]);
    app.admin().change(operations).await.ok();
    ["organizations", "houses"]
}

async fn three(client: &Client, plural: &str) -> [String; 3] {
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        ids.push(client.make(plural, json!({"name": name})).await);
    }
    ids.try_into().expect("three")
}

#[tokio::test]
async fn a_link_shows_once_from_either_end() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for plural in define(&app).await {
        let [a, b, c] = three(&admin, plural).await;
        let ties = |id: &str| format!("{plural}/{id}/ties");
        let link = admin
            .link(&ties(&b), &a, json!({"strength": 1}))
            .await
            .status(201)
            .json();
        let id = link["id"].as_str().expect("an id").to_owned();
        admin
            .link(&ties(&a), &c, json!({"strength": 2}))
            .await
            .status(201);
        for (near, expected) in [(&a, vec!["b", "c"]), (&b, vec!["a"]), (&c, vec!["a"])] {
            let list = admin
                .get_path(&format!("/v1/data/{}", ties(near)), "sort=name&count=exact")
                .await;
            assert_eq!(list.column("name"), expected, "{plural}");
            assert_eq!(list.ok()["count"], expected.len());
        }
        for (near, far) in [(&a, &b), (&b, &a)] {
            admin
                .link(&ties(near), far, json!({}))
                .await
                .problem(409, "conflict");
        }
        let itself = admin.link(&ties(&a), &a, json!({})).await;
        itself.problem_at(422, "validation_failed", "/id");

        // Pages, sorts and filters go through the links.
        let first = admin
            .get_path(
                &format!("/v1/data/{}", ties(&a)),
                "sort=-link.strength&limit=1",
            )
            .await;
        assert_eq!(first.column("name"), ["c"]);
        let next = first.ok()["page"]["next"]
            .as_str()
            .expect("a cursor")
            .to_owned();
        let rest = admin
            .get_path(
                &format!("/v1/data/{}", ties(&a)),
                &format!("sort=-link.strength&limit=1&after={next}"),
            )
            .await;
        assert_eq!(rest.column("name"), ["b"]);
        for (filter, expected) in [
            (
                json!({"ties": {"some": {"name": {"eq": "a"}}}}),
                vec!["b", "c"],
            ),
            (
                json!({"ties": {"some": {"strength": {"eq": 2}}}}),
                vec!["a", "c"],
            ),
            (
                json!({"ties": {"every": {"name": {"neq": "a"}}}, "name": {"in": ["a", "b", "c"]}}),
                vec!["a"],
            ),
            (json!({"ties": {"count": {"gte": 2}}}), vec!["a"]),
            (
                json!({"ties": {"count": {"between": [1, 1]}}}),
                vec!["b", "c"],
            ),
            (
                json!({"ties": {"some": {"ties": {"some": {"name": {"eq": "c"}}}}}}),
                vec!["b", "c"],
            ),
        ] {
            let found = admin.filter(plural, &filter, "sort=name").await;
            found.ok();
            assert_eq!(found.column("name"), expected, "{filter}");
        }
        let all = admin
            .query(plural, &json!({"sort": "name", "select": {"name": true, "ties": {"sort": "name", "select": ["name"]}}}))
            .await
            .ok();
        let names: Vec<Vec<String>> = all["data"]
            .as_array()
            .expect("records")
            .iter()
            .map(|one| {
                let ties = one["ties"]["data"].as_array().expect("ties").iter();
                ties.map(|tie| tie["name"].as_str().unwrap_or_default().to_owned())
                    .collect()
            })
            .collect();
        assert_eq!(names, [vec!["b", "c"], vec!["a"], vec!["a"]]);

        // Changed and removed from either end.
        let address = |near: &str| format!("/v1/data/{}/{id}", ties(near));
        admin
            .call("PATCH", &address(&a), &json!({"strength": 5}))
            .await
            .ok();
        admin
            .call("PATCH", &address(&b), &json!({"strength": 6}))
            .await
            .ok();
        let elsewhere = admin
            .call("PATCH", &address(&c), &json!({"strength": 7}))
            .await;
        elsewhere.problem(404, "record_not_found");
        admin
            .call("DELETE", &address(&a), &Json::Null)
            .await
            .status(204);
        let list = admin.get_path(&format!("/v1/data/{}", ties(&b)), "").await;
        assert!(list.ids().is_empty());
    }
}

#[tokio::test]
async fn graphql_has_one_collection_for_both_ends() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for plural in define(&app).await {
        let [a, b, _] = three(&admin, plural).await;
        let (name, pascal) = if plural == "houses" {
            ("house", "House")
        } else {
            ("organization", "Organization")
        };
        let document = format!(
            "mutation($a: ID!, $b: ID!) {{ link{pascal}Ties(id: $b, target: $a, input: {{strength: 3}}) {{ id link {{ strength }} }} }}"
        );
        let variables = json!({"a": a, "b": b});
        admin.graphql(&document, variables.clone()).await.data();
        let document = format!(
            "query($a: ID!, $b: ID!) {{
               a: {name}(id: $a) {{ ties {{ nodes {{ name }} edges {{ link {{ strength }} }} }} }}
               b: {name}(id: $b) {{ ties {{ nodes {{ name ties {{ nodes {{ name }} }} }} totalCount }} }}
             }}"
        );
        let data = admin.graphql(&document, variables).await.data();
        assert_eq!(data["a"]["ties"]["nodes"], json!([{"name": "b"}]));
        assert_eq!(
            data["a"]["ties"]["edges"],
            json!([{"link": {"strength": 3}}])
        );
        let nodes = json!([{"name": "a", "ties": {"nodes": [{"name": "b"}]}}]);
        assert_eq!(data["b"]["ties"], json!({"nodes": nodes, "totalCount": 1}));
    }
}

#[tokio::test]
async fn one_spouse_at_a_time_counts_both_ends() {
    let app = TestApp::start().await;
    let admin = app.admin();
    define(&app).await;
    let mut people = Vec::new();
    for name in ["a", "b", "c", "d"] {
        let values = json!({"firstName": name, "lastName": name});
        people.push(admin.make("people", values).await);
    }
    let spouses = |id: &str| format!("people/{id}/spouses");
    let first = json!({"validFrom": "2000-01-01", "validUntil": "2010-01-01"});
    admin
        .link(&spouses(&people[0]), &people[1], first)
        .await
        .status(201);
    let overlapping = json!({"validFrom": "2009-12-31"});
    for (near, far) in [(1, 2), (2, 1), (0, 2), (2, 0), (0, 1), (1, 0)] {
        let refused = admin
            .link(&spouses(&people[near]), &people[far], overlapping.clone())
            .await;
        refused.problem(409, "conflict");
    }
    let adjoining = json!({"validFrom": "2010-01-01"});
    admin
        .link(&spouses(&people[2]), &people[1], adjoining)
        .await
        .status(201);
    let list = admin
        .get_path(
            &format!("/v1/data/{}", spouses(&people[1])),
            "asOf=2009-12-31",
        )
        .await;
    assert_eq!(list.ids(), [people[0].clone()]);

    let pairs = [(0, 3), (3, 0), (0, 3), (3, 0)]
        .into_iter()
        .map(|(near, far)| {
            let (admin, path) = (admin.clone(), spouses(&people[near]));
            let far = people[far].clone();
            async move {
                admin
                    .link(&path, &far, json!({"validFrom": "2020-01-01"}))
                    .await
                    .code()
            }
        });
    let codes = join_all(pairs).await;
    assert_eq!(
        codes.iter().filter(|code| **code == 201).count(),
        1,
        "{codes:?}"
    );
    assert_eq!(
        codes.iter().filter(|code| **code == 409).count(),
        3,
        "{codes:?}"
    );
}

#[tokio::test]
async fn the_ends_of_a_symmetric_type_are_one() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let kind = |more: Json| {
        let mut operation = json!({"op": "addRelationType", "name": "knows"});
        if let (Some(members), Json::Object(more)) = (operation.as_object_mut(), more) {
            members.extend(more);
        }
        json!([operation])
    };
    let person = |name: &str| json!({"object": "person", "name": name});
    for (definition, place) in [
        (json!({"source": person("friends")}), "/operations/0/target"),
        (
            json!({"source": person("friends"), "target": person("friends")}),
            "/operations/0/target/name",
        ),
        (
            json!({"symmetric": true, "source": person("friends"), "target": person("friendOf")}),
            "/operations/0/target",
        ),
        (
            json!({"symmetric": true, "source": person("friends"),
                   "target": {"object": "organization", "name": "friends"}}),
            "/operations/0/target",
        ),
    ] {
        let refused = admin.change(kind(definition)).await;
        refused.problem_at(422, "validation_failed", place);
    }
    let definition = json!({"symmetric": true, "source": person("friends")});
    admin.change(kind(definition)).await.ok();
    let refused = admin
        .meta("PATCH", "relations/knows", json!({"symmetric": false}))
        .await;
    refused.problem_at(422, "validation_failed", "/symmetric");
    let renamed = json!({"source": {"name": "acquaintances", "label": "Acquaintances"}});
    let relation = admin.meta("PATCH", "relations/knows", renamed).await.ok();
    assert_eq!(relation["source"], relation["target"]);
    assert_eq!(relation["source"]["name"], "acquaintances");
    let object = admin.meta("GET", "objects/person", Json::Null).await.ok();
    let shown: Vec<&Json> = object["relations"]
        .as_array()
        .expect("relations")
        .iter()
        .filter(|one| one["relation"] == "knows")
        .collect();
    assert_eq!(shown.len(), 1);
    assert_eq!(
        (&shown[0]["symmetric"], &shown[0]["temporal"]),
        (&json!(true), &json!(false))
    );
}

#[tokio::test]
async fn rules_see_symmetric_links_from_both_ends() {
    let app = TestApp::start().await;
    let admin = app.admin();
    define(&app).await;
    let [a, b, c] = three(&admin, "organizations").await;
    for (near, far) in [(&a, &b), (&c, &a)] {
        let path = format!("organizations/{near}/ties");
        admin
            .link(&path, far, json!({"strength": 1}))
            .await
            .status(201);
    }
    let allied = json!({"where": {"ties": {"some": {"id": {"eq": a}, "strength": {"gte": 1}}}}});
    let rules = Rules::none()
        .allow("read", "organization", allied)
        .read("tie");
    let reader = app.role("ally", rules).await;
    let seen = reader.list("organizations", "sort=name").await;
    assert_eq!(seen.column("name"), ["b", "c"]);
    // The far end is hidden, and so is the link to it.
    let list = reader
        .get_path(&format!("/v1/data/organizations/{b}/ties"), "")
        .await;
    assert!(list.ids().is_empty());
    let roles = admin.meta("GET", "roles/ally/rules", Json::Null).await.ok();
    let shown = roles["data"]
        .as_array()
        .expect("rules")
        .iter()
        .find(|rule| !rule["where"].is_null())
        .expect("the rule");
    let expected = json!({"ties": {"some": {"id": {"eq": a}, "link": {"strength": {"gte": 1}}}}});
    assert_eq!(shown["where"], expected);
}
