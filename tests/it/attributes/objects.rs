//! Attributes of object types: unique keys, owners, singletons, the order of lists.

use serde_json::{Value as Json, json};

use crate::support::{Client, Kind, Rules, TestApp};

async fn update(admin: &Client, name: &str, changes: Json) -> Json {
    let path = format!("objects/{name}");
    admin.meta("PATCH", &path, changes).await.ok()
}

#[tokio::test]
async fn a_unique_key_holds_over_several_fields() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let parent = kind.make(&admin, "Parent").await;
        let key = json!({"uniqueKeys": [{"name": "perParent", "fields": ["parent", "city"]}]});
        let values = |city: Json| json!({"name": "A", "city": city, "parent": parent});
        let twins = [
            admin.make(kind.plural, values(json!("Utrecht"))).await,
            admin.make(kind.plural, values(json!("Utrecht"))).await,
        ];
        let path = format!("objects/{}", kind.name);
        let refused = admin.meta("PATCH", &path, key.clone()).await;
        let body = refused.problem_at(422, "validation_failed", "/uniqueKeys/0");
        let message = body["errors"][0]["message"].to_string();
        assert!(
            twins.iter().all(|id| message.contains(id.as_str())),
            "{message}"
        );
        let report = admin
            .meta("PATCH", &format!("{path}?dryRun=true"), key.clone())
            .await
            .ok();
        assert_eq!(report["applicable"], false);

        admin.delete(kind.plural, &twins[1]).await.ok();
        let described = update(&admin, kind.name, key).await;
        assert_eq!(
            described["uniqueKeys"],
            json!([{"name": "perParent", "fields": ["parent", "city"]}])
        );
        let refused = admin.create(kind.plural, values(json!("Utrecht"))).await;
        let body = refused.problem(409, "unique_conflict");
        assert!(
            body.to_string().contains("parent") && body.to_string().contains("city"),
            "{body}"
        );
        admin
            .restore(kind.plural, &twins[1])
            .await
            .problem(409, "unique_conflict");
        // A key with a missing part does not count; another value is free.
        for _ in 0..2 {
            admin.make(kind.plural, values(Json::Null)).await;
            admin
                .make(kind.plural, json!({"name": "A", "city": "Utrecht"}))
                .await;
        }
        let other = admin.make(kind.plural, values(json!("Delft"))).await;
        let refused = admin
            .patch(kind.plural, &other, json!({"city": "Utrecht"}))
            .await;
        refused.problem(409, "unique_conflict");
        let document =
            "mutation ($id: ID!) { updateThing(id: $id, input: {city: \"Utrecht\"}) { id } }";
        kind.graphql(&admin, document, json!({"id": other}))
            .await
            .error("unique_conflict");

        // The names of what a caller can't read are not told.
        let rules = Rules::none()
            .allow("read", kind.name, json!({"fields": ["name", "city"]}))
            .allow("update", kind.name, json!({"fields": ["city"]}));
        for client in app
            .person_and_key(&format!("{}Part", kind.name), rules)
            .await
        {
            let refused = client
                .patch(kind.plural, &other, json!({"city": "Utrecht"}))
                .await;
            let body = refused.problem(409, "unique_conflict");
            assert!(
                body.to_string().contains("city") && !body.to_string().contains("parent"),
                "{body}"
            );
            let described = client.meta("GET", &path, Json::Null).await.ok();
            assert_eq!(described["uniqueKeys"], json!([]));
        }
        let field = format!("{path}/fields/city");
        admin
            .meta("DELETE", &field, Json::Null)
            .await
            .problem(422, "validation_failed");
        update(&admin, kind.name, json!({"uniqueKeys": []})).await;
        admin.make(kind.plural, values(json!("Utrecht"))).await;
    }
}

#[tokio::test]
async fn a_unique_key_holds_under_parallel_writers() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let seat = json!([{"op": "addObjectType", "name": "seat", "plural": "seats",
        "uniqueKeys": [{"name": "place", "fields": ["row", "number"]}],
        "fields": [{"name": "row", "type": "text", "maxLength": 10}, {"name": "number", "type": "integer"}]}]);
    admin.change(seat).await.ok();
    let writers = (0..10).map(|_| {
        let admin = admin.clone();
        async move {
            admin
                .create("seats", json!({"row": "A", "number": 1}))
                .await
                .code()
        }
    });
    let mut codes = futures::future::join_all(writers).await;
    codes.sort_unstable();
    assert_eq!(codes[0], 201);
    assert!(codes[1..].iter().all(|code| *code == 409), "{codes:?}");
}

#[tokio::test]
async fn a_key_that_makes_no_sense_is_refused() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let rows = [
            (
                json!([{"name": "k", "fields": ["name"]}]),
                "/uniqueKeys/0/fields",
            ),
            (
                json!([{"name": "k", "fields": ["name", "nothing"]}]),
                "/uniqueKeys/0/fields/1",
            ),
            (
                json!([{"name": "k", "fields": ["city", "city"]}]),
                "/uniqueKeys/0/fields/1",
            ),
            (
                json!([{"name": "k", "fields": ["city", "extra"]}]),
                "/uniqueKeys/0/fields/1",
            ),
            (
                json!([{"name": "k", "fields": ["city", "annualRevenue"]}]),
                "/uniqueKeys/0/fields/1",
            ),
            (
                json!([{"name": "k", "fields": ["city", "description"]}]),
                "/uniqueKeys/0/fields/1",
            ),
            (
                json!([{"name": "K k", "fields": ["city", "country"]}]),
                "/uniqueKeys/0/name",
            ),
        ];
        for (keys, place) in rows {
            let path = format!("objects/{}", kind.name);
            let refused = admin
                .meta("PATCH", &path, json!({"uniqueKeys": keys}))
                .await;
            let code = refused.json()["code"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            assert!(
                code == "validation_failed" || code == "unknown_field",
                "{refused}"
            );
            refused.problem_at(refused.code(), &code, place);
        }
    }
}

#[tokio::test]
async fn a_type_can_do_without_owner() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let note = json!([{"op": "addObjectType", "name": "memo", "plural": "memos", "hasOwner": false,
        "fields": [{"name": "text", "type": "text"}]}]);
    admin.change(note).await.ok();
    let id = admin.make("memos", json!({"text": "a"})).await;
    let record = admin.get("memos", &id).await.ok();
    assert!(
        record.get("ownerId").is_none() && record.get("createdBy").is_some(),
        "{record}"
    );
    admin
        .create("memos", json!({"ownerId": null}))
        .await
        .problem_at(400, "unknown_field", "/ownerId");
    admin
        .list("memos", "ownerId[isNull]=true")
        .await
        .problem(400, "unknown_field");
    let type_of = "{ __type(name: \"Memo\") { fields { name } } }";
    let fields = admin.graphql(type_of, json!({})).await.data().to_string();
    assert!(!fields.contains("ownerId"), "{fields}");
    let described = admin.meta("GET", "objects/memo", Json::Null).await.ok();
    assert_eq!(described["hasOwner"], false);
    update(&admin, "memo", json!({"hasOwner": true})).await;
    assert_eq!(admin.get("memos", &id).await.ok()["ownerId"], Json::Null);
    let refused = admin
        .meta("PATCH", "objects/organization", json!({"hasOwner": false}))
        .await;
    refused.problem_at(422, "validation_failed", "/hasOwner");
}

#[tokio::test]
async fn a_singleton_has_one_record() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let settings = json!([{"op": "addObjectType", "name": "mailSetting", "plural": "mailSettings", "singleton": true,
        "fields": [{"name": "host", "type": "text"}]}]);
    admin.change(settings).await.ok();
    let writers = (0..8).map(|number| {
        let admin = admin.clone();
        async move {
            admin
                .create("mailSettings", json!({"host": format!("h{number}")}))
                .await
                .code()
        }
    });
    let mut codes = futures::future::join_all(writers).await;
    codes.sort_unstable();
    assert_eq!((codes[0], codes[1], codes[7]), (201, 409, 409), "{codes:?}");
    let id = admin.list("mailSettings", "").await.ids().remove(0);
    admin
        .create("mailSettings", json!({}))
        .await
        .problem(409, "conflict");
    let sent = "mutation { createMailSetting(input: {host: \"x\"}) { id } }";
    admin.graphql(sent, json!({})).await.error("conflict");
    admin
        .patch("mailSettings", &id, json!({"host": "new"}))
        .await
        .ok();
    admin.delete("mailSettings", &id).await.ok();
    let next = admin.make("mailSettings", json!({})).await;
    admin
        .restore("mailSettings", &id)
        .await
        .problem(409, "conflict");
    let described = admin
        .meta("GET", "objects/mailSetting", Json::Null)
        .await
        .ok();
    assert_eq!(described["singleton"], true);
    // Off, two records, and on again only when one is left.
    update(&admin, "mailSetting", json!({"singleton": false})).await;
    admin.restore("mailSettings", &id).await.ok();
    let refused = admin
        .meta("PATCH", "objects/mailSetting", json!({"singleton": true}))
        .await;
    refused.problem_at(422, "validation_failed", "/singleton");
    admin.delete("mailSettings", &next).await.ok();
    update(&admin, "mailSetting", json!({"singleton": true})).await;
    admin
        .create("mailSettings", json!({}))
        .await
        .problem(409, "conflict");
}

#[tokio::test]
async fn lists_come_in_the_order_of_the_type() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let parent = kind.make(&admin, "P").await;
        for (name, count, city) in [("A", 2, "x"), ("B", 3, "y"), ("C", 3, "x"), ("D", 1, "z")] {
            let values =
                json!({"name": name, "employeeCount": count, "city": city, "parent": parent});
            admin.make(kind.plural, values).await;
        }
        let sort = json!({"defaultSort": ["-employeeCount", "city"]});
        let described = update(&admin, kind.name, sort.clone()).await;
        assert_eq!(described["defaultSort"], sort["defaultSort"]);
        let first = admin
            .list(kind.plural, "limit=2&fields=name&name[neq]=P")
            .await;
        assert_eq!(first.column("name"), ["C", "B"]);
        let after = first.ok()["page"]["next"]
            .as_str()
            .expect("a cursor")
            .to_owned();
        let page = format!("limit=2&fields=name&name[neq]=P&after={after}");
        assert_eq!(
            admin.list(kind.plural, &page).await.column("name"),
            ["A", "D"]
        );
        let asked = admin.list(kind.plural, "sort=name&fields=name").await;
        assert_eq!(asked.column("name"), ["A", "B", "C", "D", "P"]);
        let tree = json!({"filter": {"name": {"eq": "P"}}, "select": {"children": {"select": {"name": true}}}});
        let tree = admin.query(kind.plural, &tree).await.ok();
        let names = |list: &Json| -> Vec<String> {
            let items = list.as_array().into_iter().flatten();
            items
                .map(|it| it["name"].as_str().unwrap_or_default().to_owned())
                .collect()
        };
        assert_eq!(
            names(&tree["data"][0]["children"]["data"]),
            ["C", "B", "A", "D"]
        );
        let document = "{ things(filter: {name: {neq: \"P\"}}) { nodes { name } } }";
        let listed = kind.graphql(&admin, document, json!({})).await.data();
        assert_eq!(names(&listed[kind.plural]["nodes"]), ["C", "B", "A", "D"]);

        // Who can't see a key of the order is not told it by the order.
        let rules = Rules::none().allow("read", kind.name, json!({"fields": ["name", "city"]}));
        let client = app.role(&format!("{}Reader", kind.name), rules).await;
        let seen = client
            .list(kind.plural, "fields=name,city&name[neq]=P")
            .await;
        assert_eq!(seen.column("city"), ["x", "x", "y", "z"]);
        let path = format!("objects/{}", kind.name);
        let described = client.meta("GET", &path, Json::Null).await.ok();
        assert_eq!(described["defaultSort"], json!(["city"]));

        update(&admin, kind.name, json!({"defaultSort": ["createdAt"]})).await;
        admin
            .list(kind.plural, &page)
            .await
            .problem(400, "invalid_cursor");
        for (at, key) in ["nothing", "extra", "parent", "annualRevenue.x"]
            .into_iter()
            .enumerate()
        {
            let refused = admin
                .meta("PATCH", &path, json!({"defaultSort": [key]}))
                .await;
            let code = if at == 0 {
                (400, "unknown_field")
            } else {
                (422, "validation_failed")
            };
            refused.problem_at(code.0, code.1, "/defaultSort/0");
        }
        update(
            &admin,
            kind.name,
            json!({"labels": {"de": "Firma"}, "pluralLabels": {"de": "Firmen"}}),
        )
        .await;
        let request = admin.request(reqwest::Method::GET, &format!("/v1/meta/{path}"));
        let german = admin
            .send(request.header("accept-language", "de"))
            .await
            .ok();
        assert_eq!(
            (&german["label"], &german["pluralLabel"]),
            (&json!("Firma"), &json!("Firmen"))
        );
    }
}
