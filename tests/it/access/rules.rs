//! Row rules: through references, collections and relations, with variables, alone and added up; and
//! how long a rule holds.

use serde_json::{Value as Json, json};

use crate::support::{Client, Kind, Rules, TestApp};

/// Both kinds with a reference to the organization that acts for a record.
async fn start() -> (TestApp, [Kind; 2]) {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    let fields = kinds.iter().map(|kind| {
        json!({"op": "addField", "object": kind.name, "field": {"name": "agent", "type": "reference",
            "target": "organization", "inverse": {"name": format!("{}Agencies", kind.name), "label": "Agencies"}}})
    });
    app.admin().change(fields.collect()).await.ok();
    (app, kinds)
}

/// A rule to read what a condition matches.
fn read_where(kind: Kind, condition: &Json) -> Rules {
    Rules::none().allow(
        "read",
        kind.name,
        json!({"fields": "*", "where": condition}),
    )
}

/// The names that a caller reads, over both faces.
async fn names(client: &Client, kind: Kind) -> Vec<String> {
    let list = client.list(kind.plural, "sort=name&count=exact").await;
    let names = list.column("name");
    assert_eq!(list.ok()["count"], names.len(), "{list}");
    let answer = kind
        .graphql(
            client,
            "{ things(sort: {name: ASC}) { totalCount nodes { name } } }",
            Json::Null,
        )
        .await;
    let data = answer.data()[kind.plural].clone();
    let nodes: Vec<Json> = names.iter().map(|name| json!({"name": name})).collect();
    assert_eq!(
        data,
        json!({"totalCount": names.len(), "nodes": nodes}),
        "{answer}"
    );
    names
}

#[tokio::test]
async fn a_row_rule_walks_references_collections_and_relations() {
    let (app, kinds) = start().await;
    let admin = app.admin();
    for kind in kinds {
        let partner = admin
            .make("organizations", json!({"name": "~ partner"}))
            .await;
        let other = admin
            .make("organizations", json!({"name": "~ other"}))
            .await;
        let root = kind.make(&admin, "root").await;
        let own = admin
            .make(
                kind.plural,
                json!({"name": "own", "agent": partner, "parent": root}),
            )
            .await;
        admin
            .make(kind.plural, json!({"name": "child", "parent": own}))
            .await;
        admin
            .make(kind.plural, json!({"name": "stranger", "agent": other}))
            .await;
        let friend = kind.make(&admin, "friend").await;
        let former = kind.make(&admin, "former").await;
        for (id, terms) in [(&friend, "now"), (&former, "then")] {
            admin
                .link(
                    &format!("{}/{id}/allies", kind.plural),
                    &own,
                    json!({"terms": terms}),
                )
                .await
                .ok();
        }
        let mine = json!({"agent": {"eq": "$partner.id"}});
        let with_link = json!({"agent": {"eq": "$partner.id"}, "link": {"terms": {"eq": "now"}}});
        for (at, (condition, seen)) in [
            (mine.clone(), vec!["own"]),
            (json!({"agent": {"id": {"eq": "$partner.id"}}}), vec!["own"]),
            (json!({"parent": mine}), vec!["child"]),
            (
                json!({"parent": {"parent": {"name": {"eq": "root"}}}}),
                vec!["child"],
            ),
            (json!({"children": {"some": mine}}), vec!["root"]),
            (json!({"allies": {"some": mine}}), vec!["former", "friend"]),
            (json!({"allies": {"some": with_link}}), vec!["friend"]),
            (
                json!({"alliedBy": {"some": {"name": {"eq": "friend"}}}}),
                vec!["own"],
            ),
            (
                json!({"or": [mine, {"name": {"eq": "root"}}]}),
                vec!["own", "root"],
            ),
            (json!({"and": [mine, {"name": {"eq": "root"}}]}), vec![]),
        ]
        .into_iter()
        .enumerate()
        {
            let role = format!("{}{at}", kind.name);
            let key = partner_key(&app, &partner, &role, read_where(kind, &condition)).await;
            assert_eq!(names(&key, kind).await, seen, "{condition}");
        }
    }
}

/// A key of a partner, made once for an organization.
async fn partner_key(app: &TestApp, organization: &str, role: &str, rules: Rules) -> Client {
    app.add_role(role, &rules).await;
    let partner = json!({"organization": organization, "name": "Partner"});
    let made = app.admin().meta("POST", "partners", partner).await;
    let all = app.admin().meta("GET", "partners", Json::Null).await.ok();
    let rows = all["data"].as_array().expect("a list");
    let found = rows
        .iter()
        .find(|row| row["organization"]["id"] == organization);
    let id = found.unwrap_or_else(|| panic!("no partner\n{made}"))["id"].clone();
    app.key(&[role], json!({"partner": id})).await
}

#[tokio::test]
async fn a_missing_variable_is_no_right() {
    let (app, kinds) = start().await;
    for kind in kinds {
        let mine = kind.make(&app.admin(), "mine").await;
        for (variable, field) in [("$partner.id", "agent"), ("$user.id", "token")] {
            let conditions = [
                json!({(field): {"eq": variable}}),
                json!({(field): {"neq": variable}}),
                json!({"not": {(field): {"eq": variable}}}),
                json!({"or": [{}, {(field): {"eq": variable}}]}),
            ];
            for (at, condition) in conditions.iter().enumerate() {
                let role = format!("{}{field}{at}", kind.name);
                app.add_role(&role, &read_where(kind, condition)).await;
                let nobody = if field == "agent" {
                    app.user(&[&role]).await
                } else {
                    app.key(&[&role], json!({})).await
                };
                nobody
                    .list(kind.plural, "")
                    .await
                    .problem(404, "object_not_found");
                nobody
                    .get(kind.plural, &mine)
                    .await
                    .problem(404, "object_not_found");
                let answer = kind
                    .graphql(&nobody, "{ things { totalCount } }", Json::Null)
                    .await;
                assert!(answer.json()["errors"].is_array(), "{answer}");
            }
        }
    }
}

#[tokio::test]
async fn the_rules_of_several_roles_add_up_cell_by_cell() {
    let (app, kinds) = start().await;
    let (mut basic, mut utrecht) = (Rules::none(), Rules::none());
    for kind in kinds {
        basic = basic.allow("read", kind.name, json!({"fields": ["name", "city"]}));
        utrecht = utrecht.allow("read", kind.name,
            json!({"fields": ["name", "employeeCount", "annualRevenue"], "where": {"city": {"eq": "Utrecht"}}}));
        for (name, city, count) in [
            ("a", "Utrecht", 3),
            ("b", "Zeist", 1),
            ("c", "Utrecht", 2),
            ("d", "Zeist", 9),
        ] {
            let row = json!({"name": name, "city": city, "employeeCount": count,
                "annualRevenue": {"amount": count.to_string(), "currency": "EUR"}});
            app.admin().create(kind.plural, row).await.ok();
        }
    }
    app.add_role("basic", &basic).await;
    app.add_role("utrecht", &utrecht).await;
    let roles = ["basic", "utrecht"];
    for client in [app.user(&roles).await, app.key(&roles, json!({})).await] {
        for kind in kinds {
            let list = client.list(kind.plural, "sort=name").await;
            assert_eq!(
                list.column("employeeCount"),
                ["3", "null", "2", "null"],
                "{list}"
            );
            let money = list.ok()["data"][1]["annualRevenue"].clone();
            assert_eq!(money, Json::Null, "{list}");
            for (parameters, seen) in [
                ("employeeCount[eq]=1&sort=name", ""),
                ("employeeCount[gte]=1&sort=name", "ac"),
                ("employeeCount[neq]=3&sort=name", "bcd"),
                ("employeeCount[isNull]=true&sort=name", "bd"),
                ("annualRevenue.amount[gt]=0&sort=name", "ac"),
                ("sort=employeeCount,name", "cabd"),
                ("sort=-employeeCount,name", "acbd"),
                ("sort=annualRevenue.amount,-name", "cadb"),
            ] {
                let list = client.list(kind.plural, parameters).await;
                assert_eq!(list.column("name").concat(), seen, "{list}");
            }
            // Page by page, the cursors hold masked values.
            let (mut seen, mut after) = (String::new(), String::new());
            for _ in 0..4 {
                let list = client
                    .list(
                        kind.plural,
                        &format!("sort=-employeeCount,name&limit=1{after}"),
                    )
                    .await;
                seen += &list.column("name").concat();
                after = format!(
                    "&after={}",
                    list.ok()["page"]["next"].as_str().unwrap_or_default()
                );
            }
            assert_eq!(seen, "acbd");
            let document = "{ things(sort: {name: ASC}) { nodes { n: employeeCount annualRevenue { amount } } } }";
            let answer = kind.graphql(&client, document, Json::Null).await.data();
            assert_eq!(
                answer[kind.plural]["nodes"][1],
                json!({"n": null, "annualRevenue": null})
            );
        }
    }
}

#[tokio::test]
async fn the_fields_of_a_rule_are_all_some_or_all_but_some() {
    let (app, kinds) = start().await;
    let all = "*";
    for (at, (fields, shown, hidden)) in [
        (json!(all), vec!["name", "city", "added"], vec![]),
        (
            json!(["name"]),
            vec!["name"],
            vec!["city", "added", "version", "createdAt"],
        ),
        (json!([]), vec!["id"], vec!["name", "city", "added"]),
        (
            json!({"except": ["city", "createdBy"]}),
            vec!["name", "version", "added"],
            vec!["city", "createdBy"],
        ),
        (json!({"except": []}), vec!["name", "city", "added"], vec![]),
    ]
    .into_iter()
    .enumerate()
    {
        let role = format!("r{at}");
        let mut rules = Rules::none();
        for kind in kinds {
            rules = rules.allow("read", kind.name, json!({"fields": fields}));
        }
        let clients = app.person_and_key(&role, rules).await;
        for kind in kinds {
            if at == 0 {
                let added = json!([{"op": "addField", "object": kind.name, "field": {"name": "added", "type": "text"}}]);
                app.admin().change(added).await.ok();
            }
            let id = kind.make(&app.admin(), "x").await;
            for client in &clients {
                let record = client.get(kind.plural, &id).await.ok();
                let record = record.as_object().expect("a record");
                assert!(
                    shown.iter().all(|name| record.contains_key(*name)),
                    "{fields} {record:?}"
                );
                assert!(
                    !hidden.iter().any(|name| record.contains_key(*name)),
                    "{fields} {record:?}"
                );
            }
        }
    }
}

/// The rules of a role as the API shows them.
async fn rules_of(app: &TestApp, role: &str) -> Vec<Json> {
    let rules = app
        .admin()
        .meta("GET", &format!("roles/{role}/rules"), Json::Null)
        .await
        .ok();
    let rules = rules.get("data").unwrap_or(&rules).as_array().cloned();
    rules.expect("a list")
}

#[tokio::test]
async fn a_rule_never_passes_to_a_new_field_of_the_same_name() {
    let (app, kinds) = start().await;
    for kind in kinds {
        kind.make(&app.admin(), "x").await;
        let add = json!([{"op": "addField", "object": kind.name, "field": {"name": "flag", "type": "text"}}]);
        app.admin().change(add.clone()).await.ok();
        for (role, more) in [
            (
                "Where",
                json!({"fields": "*", "where": {"flag": {"isNull": true}}}),
            ),
            (
                "Not",
                json!({"fields": "*", "where": {"not": {"flag": {"eq": "x"}}}}),
            ),
            ("Only", json!({"fields": ["flag"]})),
            (
                "Through",
                json!({"fields": "*", "where": {"children": {"none": {"flag": {"eq": "x"}}}}}),
            ),
        ] {
            let role = format!("{}{role}", kind.name);
            let rules = Rules::none().allow("read", kind.name, more);
            for client in app.person_and_key(&role, rules).await {
                client.list(kind.plural, "").await.ok();
            }
        }
        app.admin()
            .change(json!([{"op": "deleteField", "object": kind.name, "field": "flag"}]))
            .await
            .ok();
        for again in [false, true] {
            if again {
                app.admin().change(add.clone()).await.ok();
            }
            for role in ["Where", "Not", "Only", "Through"] {
                let role = format!("{}{role}", kind.name);
                let client = app.user(&[&role]).await;
                client
                    .list(kind.plural, "")
                    .await
                    .problem(404, "object_not_found");
                let rules = rules_of(&app, &role).await;
                assert_eq!(rules[0]["valid"], false, "{role}: {rules:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_rule_stays_with_a_field_that_gets_another_name() {
    let (app, kinds) = start().await;
    for kind in kinds {
        let rules = Rules::none().allow(
            "read",
            kind.name,
            json!({"fields": ["name", "city"], "where": {"city": {"eq": "Utrecht"}}}),
        );
        let client = app.role(kind.name, rules).await;
        app.admin()
            .create(kind.plural, json!({"name": "a", "city": "Utrecht"}))
            .await
            .ok();
        app.admin()
            .create(kind.plural, json!({"name": "b", "city": "Zeist"}))
            .await
            .ok();
        let rename = json!([{"op": "updateField", "object": kind.name, "field": "city", "name": "town", "aliasUntil": null}]);
        app.admin().change(rename).await.ok();
        let add = json!([{"op": "addField", "object": kind.name, "field": {"name": "city", "type": "text"}}]);
        app.admin().change(add).await.ok();
        let list = client.list(kind.plural, "").await;
        assert_eq!(list.column("town"), ["Utrecht"], "{list}");
        client
            .list(kind.plural, "fields=city")
            .await
            .problem(400, "unknown_field");
    }
}

#[tokio::test]
async fn a_changed_rule_holds_for_the_next_request() {
    let (app, kinds) = start().await;
    for kind in kinds {
        for city in ["Utrecht", "Zeist"] {
            app.admin()
                .create(kind.plural, json!({"name": city, "city": city}))
                .await
                .ok();
        }
        let rules = read_where(kind, &json!({"city": {"eq": "Utrecht"}}));
        let clients = app.person_and_key(kind.name, rules).await;
        let rule = rules_of(&app, kind.name).await[0]["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        let path = format!("roles/{}/rules/{rule}", kind.name);
        for city in ["Zeist", "Utrecht"] {
            let changed = json!({"action": "read", "object": kind.name, "fields": "*", "where": {"city": {"eq": city}}});
            app.admin().meta("PUT", &path, changed).await.ok();
            for client in &clients {
                assert_eq!(names(client, kind).await, [city]);
            }
        }
        app.admin()
            .meta("DELETE", &path, Json::Null)
            .await
            .status(204);
        for client in &clients {
            client
                .list(kind.plural, "")
                .await
                .problem(404, "object_not_found");
        }
    }
}
