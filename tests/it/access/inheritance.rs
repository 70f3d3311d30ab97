//! Roles that inherit others: what their holders may do is what the union of all of them grants.

use serde_json::{Value as Json, json};

use crate::support::{Client, Kind, Rules, TestApp};

/// Three roles of which each inherits the one before, and one that inherits nothing.
async fn start() -> (TestApp, [Kind; 2]) {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    let utrecht = json!({"fields": ["name"], "where": {"city": {"eq": "Utrecht"}}});
    let dutch = json!({"fields": ["city"], "where": {"country": {"eq": "NL"}}});
    let all = |allow: &dyn Fn(Rules, &str) -> Rules| {
        kinds
            .into_iter()
            .fold(Rules::none(), |rules, kind| allow(rules, kind.name))
    };
    let read = |more: Json| all(&|rules, name| rules.allow("read", name, more.clone()));
    app.add_role("low", &read(utrecht)).await;
    app.add_role("middle", &read(dutch)).await;
    app.add_role(
        "high",
        &all(&|rules, name| rules.allow("update", name, json!({"fields": ["name"]}))),
    )
    .await;
    inherit(&app, "middle", &["low"]).await;
    inherit(&app, "high", &["middle"]).await;
    for kind in kinds {
        for (city, country) in [
            ("Utrecht", "NL"),
            ("Breda", "NL"),
            ("Utrecht", "US"),
            ("Paris", "FR"),
        ] {
            let record = json!({"name": "a", "city": city, "country": country});
            app.admin().make(kind.plural, record).await;
        }
    }
    (app, kinds)
}

async fn inherit(app: &TestApp, role: &str, inherited: &[&str]) {
    let path = format!("roles/{role}");
    let body = json!({"inherits": inherited});
    let changed = app.admin().meta("PATCH", &path, body).await.ok();
    assert_eq!(changed["inherits"], json!(inherited));
}

/// What a client is shown, over both faces.
async fn sight(client: &Client, kind: Kind) -> Json {
    let rest = client.list(kind.plural, "fields=name,city&sort=name").await;
    let document = kind.document("{ things(sort: {name: ASC}) { nodes { name city } } }");
    json!([
        rest.json()["data"],
        client.graphql(&document, Json::Null).await.json()
    ])
}

#[tokio::test]
async fn an_heir_has_what_the_holder_of_all_has() {
    let (app, kinds) = start().await;
    let heirs = [
        app.user(&["high"]).await,
        app.key(&["high"], json!({})).await,
    ];
    let flat = ["low", "middle", "high"];
    let holders = [app.user(&flat).await, app.key(&flat, json!({})).await];
    for kind in kinds {
        let wanted = sight(&holders[0], kind).await;
        assert_eq!(wanted[0].as_array().map(Vec::len), Some(3), "{wanted}");
        for client in heirs.iter().chain(&holders) {
            assert_eq!(sight(client, kind).await, wanted);
            let id = client
                .list(kind.plural, "city[eq]=Breda")
                .await
                .ids()
                .remove(0);
            client
                .patch(kind.plural, &id, json!({"name": "b"}))
                .await
                .ok();
            client
                .patch(kind.plural, &id, json!({"city": "b"}))
                .await
                .problem_at(422, "validation_failed", "/city");
        }
    }
}

#[tokio::test]
async fn what_is_no_longer_inherited_is_gone_by_the_next_request() {
    let (app, kinds) = start().await;
    let clients = [
        app.user(&["high"]).await,
        app.key(&["high"], json!({})).await,
    ];
    for kind in kinds {
        for client in &clients {
            assert_eq!(client.list(kind.plural, "").await.ids().len(), 3);
        }
    }
    inherit(&app, "middle", &[]).await;
    for kind in kinds {
        for client in &clients {
            assert_eq!(client.list(kind.plural, "").await.ids().len(), 2);
            client
                .list(kind.plural, "fields=name")
                .await
                .problem(400, "unknown_field");
        }
    }
}

#[tokio::test]
async fn circles_and_unknown_roles_are_refused_and_heirs_keep_a_role() {
    let (app, _) = start().await;
    let admin = app.admin();
    for (role, inherited) in [("low", "high"), ("low", "low"), ("low", "middle")] {
        let body = json!({"inherits": ["administrator", inherited]});
        admin
            .meta("PATCH", &format!("roles/{role}"), body)
            .await
            .problem_at(422, "validation_failed", "/inherits/1");
    }
    admin
        .meta(
            "POST",
            "roles",
            json!({"name": "new", "inherits": ["nobody"]}),
        )
        .await
        .problem_at(422, "validation_failed", "/inherits/0");
    admin
        .meta("DELETE", "roles/low", Json::Null)
        .await
        .problem(409, "conflict");
    inherit(&app, "middle", &[]).await;
    admin
        .meta("DELETE", "roles/low", Json::Null)
        .await
        .status(204);
}

#[tokio::test]
async fn permissions_are_inherited_but_never_by_keys() {
    let (app, _) = start().await;
    let admin = app.admin();
    let role = json!({"name": "chief", "inherits": ["administrator"]});
    admin.meta("POST", "roles", role).await.status(201);
    let chief = app.user(&["chief"]).await;
    chief.meta("GET", "roles", Json::Null).await.ok();
    admin
        .meta("POST", "keys", json!({"name": "k", "roles": ["chief"]}))
        .await
        .problem_at(422, "validation_failed", "/roles/0");
    app.key(&["low"], json!({})).await;
    admin
        .meta("PATCH", "roles/low", json!({"inherits": ["chief"]}))
        .await
        .problem(409, "conflict");
}
