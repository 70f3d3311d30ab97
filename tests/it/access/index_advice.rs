//! The indexes that rules ask for: told, built by the operations that the advice gives, and then asked for no more.

use serde_json::{Value as Json, json};

use crate::support::{Kind, Rules, TestApp};

/// What the advice says of a kind: the fields with their rules counted, and how many rules nothing serves.
async fn advice(app: &TestApp, kind: Kind) -> (Vec<(String, usize)>, usize) {
    let advice = app.admin().meta("GET", "indexes/advice", Json::Null).await;
    let advice = advice.ok();
    let list = |name: &str| advice[name].as_array().cloned().expect("a list");
    let own = list("indexes").into_iter();
    let own = own.filter(|it| it["operation"]["object"] == kind.name);
    let fields = own.map(|it| {
        let field = it["operation"]["field"].as_str().expect("a field");
        let rules = it["rules"].as_array().expect("rules");
        (field.to_owned(), rules.len())
    });
    let unserved = list("unserved");
    let unserved = unserved.iter().filter(|it| it["object"] == kind.name);
    (fields.collect(), unserved.count())
}

async fn role(app: &TestApp, name: &str, kind: Kind, conditions: &[Json]) {
    let rules = conditions.iter().fold(Rules::none(), |rules, condition| {
        rules.allow(
            "read",
            kind.name,
            json!({"fields": ["name"], "where": condition}),
        )
    });
    app.add_role(&format!("{name}{}", kind.pascal()), &rules)
        .await;
}

#[tokio::test]
async fn what_rules_compare_is_advised_until_it_has_an_index() {
    let app = TestApp::start().await;
    for kind in Kind::both(&app).await {
        let utrecht = json!({"city": {"eq": "Utrecht"}});
        role(&app, "one", kind, &[utrecht.clone()]).await;
        role(
            &app,
            "two",
            kind,
            &[json!({"or": [utrecht, {"status": {"in": ["active"]}}]})],
        )
        .await;
        let wanted = vec![("city".to_owned(), 2), ("status".to_owned(), 1)];
        assert_eq!(advice(&app, kind).await, (wanted, 0));

        let whole = app
            .admin()
            .meta("GET", "indexes/advice", Json::Null)
            .await
            .ok();
        let indexes = whole["indexes"].as_array().expect("indexes");
        let operations: Vec<&Json> = indexes.iter().map(|it| &it["operation"]).collect();
        app.admin().change(json!(operations)).await.ok();
        for _ in 0..200 {
            if advice(&app, kind).await.0.is_empty() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(advice(&app, kind).await, (Vec::new(), 0));
    }
}

#[tokio::test]
async fn what_has_an_index_or_needs_none_is_not_advised() {
    let app = TestApp::start().await;
    for kind in Kind::both(&app).await {
        let parent = "01a20035-4d8d-7054-91b2-74bc0295d687";
        role(
            &app,
            "served",
            kind,
            &[
                json!({"ownerId": {"eq": "$user.id"}}),
                json!({"ownerId": {"in": "$user.teamTree"}}),
                json!({"$shared": "read"}),
                json!({"parent": {"eq": parent}}),
                json!({"parent": {"id": {"eq": parent}}, "city": {"eq": "Utrecht"}}),
                json!({"allies": {"some": {"ownerId": {"eq": "$user.id"}}}}),
                json!({"city": {"neq": "Utrecht"}}),
                json!({"not": {"city": {"eq": "Utrecht"}}}),
                json!({"city": {"isNull": false}}),
            ],
        )
        .await;
        assert_eq!(advice(&app, kind).await, (Vec::new(), 0));
        role(
            &app,
            "unserved",
            kind,
            &[
                json!({"name": {"contains": "a"}}),
                json!({"or": [{"kinds": {"has": "customer"}}, {"city": {"eq": "Utrecht"}}]}),
            ],
        )
        .await;
        assert_eq!(advice(&app, kind).await, (Vec::new(), 2));
        // Of records elsewhere the field is asked for where it is.
        role(
            &app,
            "elsewhere",
            kind,
            &[json!({"parent": {"country": {"eq": "NL"}}})],
        )
        .await;
        let wanted = vec![("country".to_owned(), 1)];
        assert_eq!(advice(&app, kind).await, (wanted, 2));
    }
}

#[tokio::test]
async fn a_role_that_sees_all_records_asks_for_nothing() {
    let app = TestApp::start().await;
    for kind in Kind::both(&app).await {
        let rules = Rules::none().read(kind.name).allow(
            "read",
            kind.name,
            json!({"fields": ["name"], "where": {"city": {"eq": "Utrecht"}}}),
        );
        app.add_role(&format!("all{}", kind.pascal()), &rules).await;
        assert_eq!(advice(&app, kind).await, (Vec::new(), 0));
    }
}

#[tokio::test]
async fn advice_is_for_those_who_change_the_schema_and_rules_for_those_who_manage_them() {
    let app = TestApp::start().await;
    let [kind, _] = Kind::both(&app).await;
    let utrecht = json!({"city": {"eq": "Utrecht"}});
    role(
        &app,
        "one",
        kind,
        &[utrecht, json!({"name": {"contains": "a"}})],
    )
    .await;
    for (name, permissions, status) in [
        ("neither", json!([]), 403),
        ("rules", json!(["manageAccess"]), 403),
        ("schema", json!(["manageSchema"]), 200),
    ] {
        let new = json!({"name": name, "permissions": permissions});
        app.admin().meta("POST", "roles", new).await.status(201);
        let user = app.user(&[name]).await;
        let answer = user.meta("GET", "indexes/advice", Json::Null).await;
        let answer = answer.status(status).json();
        if status == 200 {
            assert_eq!(answer["indexes"][0]["operation"]["field"], "city");
            assert_eq!(answer["indexes"][0]["rules"], json!([]));
            assert_eq!(answer["unserved"], json!([]));
        }
    }
    let key = app.key(&["neither"], json!({})).await;
    let answer = key.meta("GET", "indexes/advice", Json::Null).await;
    answer.problem(403, "forbidden");
}
