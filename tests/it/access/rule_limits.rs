//! Limits of rules: how many records one page shows.

use serde_json::{Value as Json, json};

use crate::support::{Client, Kind, Rules, TestApp};

/// A role that reads the type, at most so many records at once.
fn reading(kind: Kind, limits: &Json) -> Rules {
    Rules::none().allow(
        "read",
        kind.name,
        json!({"fields": ["name"], "limits": limits}),
    )
}

async fn names(client: &Client, kind: Kind, parameters: &str) -> Vec<String> {
    let parameters = format!("fields=name&sort=name{parameters}");
    client.list(kind.plural, &parameters).await.column("name")
}

#[tokio::test]
async fn a_page_shows_no_more_than_the_rule_that_allows_most() {
    let app = TestApp::start().await;
    for kind in Kind::both(&app).await {
        for name in ["a", "b", "c", "d"] {
            app.admin().make(kind.plural, json!({"name": name})).await;
        }
        let [two, three, any] = ["Two", "Three", "Any"].map(|role| format!("{}{role}", kind.name));
        for (role, limits) in [
            (&two, json!({"maxRows": 2})),
            (&three, json!({"maxRows": 3})),
            (&any, json!({})),
        ] {
            app.add_role(role, &reading(kind, &limits)).await;
        }
        for client in [app.user(&[&two]).await, app.key(&[&two], json!({})).await] {
            assert_eq!(names(&client, kind, "").await, ["a", "b"]);
            assert_eq!(names(&client, kind, "&limit=1").await, ["a"]);
            let first = client.list(kind.plural, "fields=name&sort=name").await.ok();
            let next = first["page"]["next"].as_str().expect("a next page");
            let rest = names(&client, kind, &format!("&after={next}")).await;
            assert_eq!(rest, ["c", "d"]);
            let refused = client.list(kind.plural, "limit=3").await;
            let refused = refused.problem_at(422, "validation_failed", "limit");
            assert!(refused.to_string().contains("from 1 to 2"), "{refused}");
            client
                .query(kind.plural, &json!({"limit": 3, "select": {"name": true}}))
                .await
                .problem_at(422, "validation_failed", "/limit");
            let all = kind.document("{ things(sort: {name: ASC}) { nodes { name } } }");
            let data = client.graphql(&all, Json::Null).await.data();
            assert_eq!(data.to_string().matches("\"name\"").count(), 2, "{data}");
            let more = kind.document("{ things(first: 3) { nodes { name } } }");
            client
                .graphql(&more, Json::Null)
                .await
                .error("validation_failed");
            let described = client.meta("GET", "objects", Json::Null).await.ok();
            let objects = described["data"].as_array().expect("types").clone();
            let described = objects.iter().find(|it| it["name"] == kind.name);
            assert_eq!(described.expect("the type")["maxRows"], 2);
            let contract = client.get_path("/openapi.json", "").await.ok();
            let list = &contract["paths"][format!("/v1/data/{}", kind.plural)]["get"];
            let parameters = list["parameters"].as_array().expect("parameters");
            let limit = parameters.iter().find(|it| it["name"] == "limit");
            let schema = &limit.expect("its limit")["schema"];
            assert_eq!(schema["maximum"], 2, "{schema}");
            assert_eq!(schema["default"], 2, "{schema}");
        }
        // Another role never takes away, and one without a limit has none.
        let client = app.user(&[&two, &three]).await;
        assert_eq!(names(&client, kind, "").await.len(), 3);
        let client = app.user(&[&two, &any]).await;
        assert_eq!(names(&client, kind, "&limit=4").await.len(), 4);
    }
}

#[tokio::test]
async fn members_and_the_records_around_one_keep_to_it_too() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let order = admin.make("orders", json!({"number": "1"})).await;
    for position in 1..=3 {
        let line = json!({"order": order, "position": position, "quantity": "1"});
        admin.make("orderLines", line).await;
    }
    let rules = Rules::none().read("order").allow(
        "read",
        "orderLine",
        json!({"fields": "*", "limits": {"maxRows": 2}}),
    );
    for client in app.person_and_key("clerk", rules).await {
        let nested = client.list("orders", "fields=number,lines.position").await;
        let nested = nested.ok()["data"][0]["lines"]["data"].clone();
        assert_eq!(nested.as_array().map(Vec::len), Some(2), "{nested}");
        let wish = json!({"select": {"lines": {"limit": 3, "select": {"position": true}}}});
        client.query("orders", &wish).await.problem_at(
            422,
            "validation_failed",
            "/select/lines/limit",
        );
        let document = "{ orders { nodes { lines { nodes { position } } } } }";
        let data = client.graphql(document, Json::Null).await.data();
        assert_eq!(data.to_string().matches("position").count(), 2, "{data}");
        let path = format!("/v1/data/orders/{order}/lines");
        let members = client.get_path(&path, "").await.ok();
        assert_eq!(members["data"].as_array().map(Vec::len), Some(2));
        let around = format!("/v1/data/orders/{order}/related");
        let around = client.get_path(&around, "depth=1").await.ok();
        assert_eq!(
            around["nodes"].as_array().map(Vec::len),
            Some(3),
            "{around}"
        );
    }
}

#[tokio::test]
async fn what_is_no_limit_is_refused_at_its_place() {
    let app = TestApp::start().await;
    let admin = app.admin();
    app.add_role("r", &Rules::none()).await;
    let rule = |object: &str, action: &str, limits: Json| json!({"object": object, "action": action, "fields": "*", "limits": limits});
    for (rule, place) in [
        (
            rule("person", "read", json!({"maxRows": 0})),
            "/limits/maxRows",
        ),
        (
            rule("person", "read", json!({"maxRows": 201})),
            "/limits/maxRows",
        ),
        (
            rule("person", "read", json!({"maxRows": "2"})),
            "/limits/maxRows",
        ),
        (
            rule("person", "update", json!({"maxRows": 2})),
            "/limits/maxRows",
        ),
        (rule("*", "read", json!({"maxRows": 2})), "/limits/maxRows"),
        (
            rule("carriesFor", "read", json!({"maxRows": 2})),
            "/limits/maxRows",
        ),
        (rule("person", "read", json!({"rows": 2})), "/limits/rows"),
    ] {
        admin
            .meta("POST", "roles/r/rules", rule)
            .await
            .problem_at(422, "validation_failed", place);
    }
    let kept = rule("person", "read", json!({"maxRows": 20}));
    let kept = admin.meta("POST", "roles/r/rules", kept).await;
    assert_eq!(kept.status(201).json()["limits"], json!({"maxRows": 20}));
    let access = admin.meta("GET", "access", Json::Null).await.ok();
    let roles = access["roles"].as_array().expect("roles").clone();
    let role = roles.iter().find(|it| it["name"] == "r").expect("the role");
    assert_eq!(role["rules"][0]["limits"], json!({"maxRows": 20}));
    let again = admin
        .meta("POST", "access/preview", json!({"roles": [role]}))
        .await
        .ok();
    assert_eq!(again["roles"], json!([]), "{again}");
    let mut free = role.clone();
    free["rules"][0]["limits"] = json!({});
    let freed = json!({"roles": [free]});
    let freed = admin.meta("POST", "access/preview", freed).await.ok();
    assert_eq!(freed["roles"][0]["change"], "changed", "{freed}");
}
