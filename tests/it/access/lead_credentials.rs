//! What the lead of a partner knows of passwords and secrets ends when an administrator gives their holders more; and a
//! lead makes only so many of them.

use serde_json::{Value as Json, json};

use crate::support::{Client, Response, Rules, TestApp};

const PASSWORD: &str = "known to the lead";

struct World {
    app: TestApp,
    lead: Client,
    partner: String,
}

async fn start() -> World {
    let app = TestApp::start().await;
    let admin = app.admin();
    app.add_role("own", &Rules::none().read("organization"))
        .await;
    app.add_role("more", &Rules::none().read("person")).await;
    let lead = json!({"name": "lead", "permissions": ["managePartnerAccess"], "inherits": ["own"]});
    admin.meta("POST", "roles", lead).await.status(201);
    let organization = admin.make("organizations", json!({"name": "Ours"})).await;
    let partner = json!({"organization": organization, "name": "Ours"});
    let partner = admin
        .meta("POST", "partners", partner)
        .await
        .status(201)
        .json();
    let partner = id_of(&partner);
    let lead = json!({
        "email": "lead@example.com", "name": "Lead", "password": PASSWORD, "partner": partner, "roles": ["lead"],
    });
    admin.meta("POST", "users", lead).await.status(201);
    let lead = app.sign_in("lead@example.com", PASSWORD).await;
    World { app, lead, partner }
}

fn id_of(made: &Json) -> String {
    made["id"].as_str().expect("an id").to_owned()
}

fn user(name: &str, more: &Json) -> Json {
    let mut body = json!({"email": format!("{name}@example.com"), "name": name, "roles": ["own"]});
    let body_of = body.as_object_mut().expect("a body");
    body_of.extend(more.as_object().cloned().unwrap_or_default());
    body
}

async fn sign_in(app: &TestApp, name: &str, password: &str) -> Response {
    let body = json!({"email": format!("{name}@example.com"), "password": password});
    app.anonymous().call("POST", "/v1/auth/login", &body).await
}

#[tokio::test]
async fn a_password_that_a_lead_knows_ends_when_the_user_is_given_more() {
    let World { app, lead, .. } = start().await;
    let admin = app.admin();
    admin
        .meta("POST", "teams", json!({"name": "T"}))
        .await
        .status(201);
    for (name, given) in [
        ("roles", json!({"roles": ["own", "more"]})),
        ("teams", json!({"teams": ["T"]})),
    ] {
        let made = user(name, &json!({"password": PASSWORD}));
        let made = lead.meta("POST", "users", made).await.status(201).json();
        assert_eq!(made["hasPassword"], true, "{made}");
        let path = format!("users/{}", id_of(&made));
        let signed_in = app.sign_in(&format!("{name}@example.com"), PASSWORD).await;
        // Less, or what it has, ends nothing.
        admin
            .meta("PATCH", &path, json!({"name": "N", "teams": []}))
            .await
            .ok();
        sign_in(&app, name, PASSWORD).await.ok();
        let changed = admin.meta("PATCH", &path, given).await.ok();
        assert_eq!(changed["hasPassword"], false, "{changed}");
        sign_in(&app, name, PASSWORD)
            .await
            .problem(401, "unauthenticated");
        let me = signed_in.get_path("/v1/auth/me", "").await;
        me.problem(401, "unauthenticated");
        let log = admin
            .get_path("/v1/meta/audit", "kind=userChanged&limit=1")
            .await
            .ok();
        assert_eq!(log["data"][0]["details"]["credentialsEnded"], true, "{log}");
        // An invitation, which the lead can't make any more, opens it again.
        lead.meta("POST", &format!("{path}/invite"), Json::Null)
            .await
            .problem(403, "forbidden");
        let invited = admin
            .meta("POST", &format!("{path}/invite"), Json::Null)
            .await
            .ok();
        let body = json!({"token": invited["token"], "password": "its own password"});
        let reset = app
            .anonymous()
            .call("POST", "/v1/auth/password/reset", &body)
            .await;
        reset.status(204);
        sign_in(&app, name, "its own password").await.ok();
        // What is its own from then on stays with it.
        admin
            .meta("PATCH", &path, json!({"roles": ["own", "more", "lead"]}))
            .await
            .ok();
        sign_in(&app, name, "its own password").await.ok();
    }
}

#[tokio::test]
async fn a_password_that_comes_with_the_rights_or_that_no_lead_knows_stays() {
    let World { app, lead, partner } = start().await;
    let admin = app.admin();
    let more = json!({"roles": ["own", "more"]});
    let made = user("ann", &json!({"password": PASSWORD}));
    let made = lead.meta("POST", "users", made).await.status(201).json();
    let path = format!("users/{}", id_of(&made));
    let given = json!({"roles": ["own", "more"], "password": "from the administrator"});
    let changed = admin.meta("PATCH", &path, given).await.ok();
    assert_eq!(changed["hasPassword"], true, "{changed}");
    sign_in(&app, "ann", "from the administrator").await.ok();
    // Whom an administrator has made, no lead knows; until he sets the password, or the address that a link goes to.
    for (name, change) in [
        ("ben", json!({"name": "Ben B."})),
        ("cas", json!({"password": "another password"})),
        ("dan", json!({"email": "lead+dan@example.com"})),
    ] {
        let made = user(name, &json!({"password": PASSWORD, "partner": partner}));
        let made = admin.meta("POST", "users", made).await.status(201).json();
        let path = format!("users/{}", id_of(&made));
        lead.meta("PATCH", &path, change).await.ok();
        let changed = admin.meta("PATCH", &path, more.clone()).await.ok();
        assert_eq!(changed["hasPassword"], name == "ben", "{changed}");
    }
}

#[tokio::test]
async fn a_secret_that_a_lead_knows_ends_when_the_key_is_given_more() {
    let World { app, lead, partner } = start().await;
    let admin = app.admin();
    let client = |made: &Json| {
        app.anonymous()
            .with_token(made["secret"].as_str().expect("a secret"))
    };
    for (scopes, given) in [
        (json!(null), json!({"roles": ["own", "more"]})),
        (
            json!(["data:organization:read(name)"]),
            json!({"scopes": ["data:organization:read"]}),
        ),
        (json!(["data:organization:read"]), json!({"scopes": null})),
    ] {
        let key = json!({"name": "k", "roles": ["own"], "scopes": scopes});
        let made = lead.meta("POST", "keys", key).await.status(201).json();
        assert_eq!(
            (&made["hasSecret"], &made["rateClass"]),
            (&json!(true), &json!("standard"))
        );
        let path = format!("keys/{}", id_of(&made));
        let rotated = json!({"overlap": "PT1H"});
        let rotated = lead
            .meta("POST", &format!("{path}/rotate"), rotated)
            .await
            .ok();
        admin
            .meta("PATCH", &path, json!({"name": "l", "roles": ["own"]}))
            .await
            .ok();
        for secret in [&made, &rotated] {
            client(secret).list("organizations", "").await.ok();
        }
        let changed = admin.meta("PATCH", &path, given).await.ok();
        assert_eq!(
            (&changed["hasSecret"], &changed["oldSecretUntil"]),
            (&json!(false), &json!(null))
        );
        for secret in [&made, &rotated] {
            client(secret)
                .list("organizations", "")
                .await
                .problem(401, "unauthenticated");
        }
        let rotated = json!({"overlap": "PT1H"});
        let rotated = admin
            .meta("POST", &format!("{path}/rotate"), rotated)
            .await
            .ok();
        assert_eq!(
            (&rotated["hasSecret"], &rotated["oldSecretUntil"]),
            (&json!(true), &json!(null))
        );
        client(&rotated).list("organizations", "").await.ok();
        // Now no lead knows it.
        admin
            .meta(
                "PATCH",
                &path,
                json!({"roles": ["own", "more", "own"], "scopes": null}),
            )
            .await
            .ok();
        client(&rotated).list("organizations", "").await.ok();
    }
    // Nor does one know that of a key that an administrator has made.
    let key = json!({"name": "k", "roles": ["own"], "partner": partner});
    let made = admin.meta("POST", "keys", key).await.status(201).json();
    let path = format!("keys/{}", id_of(&made));
    admin
        .meta("PATCH", &path, json!({"roles": ["own", "more"]}))
        .await
        .ok();
    client(&made).list("organizations", "").await.ok();
}

#[tokio::test]
async fn a_lead_makes_only_so_many_keys_and_users() {
    let World { app, lead, partner } = start().await;
    let admin = app.admin();
    let key = json!({"name": "k", "roles": ["own"]});
    let first = lead
        .meta("POST", "keys", key.clone())
        .await
        .status(201)
        .json();
    for _ in 1..50 {
        lead.meta("POST", "keys", key.clone()).await.status(201);
    }
    let refused = lead.meta("POST", "keys", key.clone()).await;
    assert!(
        refused
            .problem(409, "conflict")
            .to_string()
            .contains("50 keys"),
        "{refused}"
    );
    let mut of_admin = key.clone();
    of_admin["partner"] = json!(partner);
    let made = admin
        .meta("POST", "keys", of_admin)
        .await
        .status(201)
        .json();
    for gone in [first, made] {
        lead.meta("DELETE", &format!("keys/{}", id_of(&gone)), Json::Null)
            .await
            .status(204);
    }
    lead.meta("POST", "keys", key.clone()).await.status(201);
    lead.meta("POST", "keys", key)
        .await
        .problem(409, "conflict");

    let mut last = String::new();
    for number in 1..200 {
        let made = user(&format!("u{number}"), &json!({}));
        last = id_of(&lead.meta("POST", "users", made).await.status(201).json());
    }
    let another = user("another", &json!({}));
    let refused = lead.meta("POST", "users", another.clone()).await;
    assert!(
        refused
            .problem(409, "conflict")
            .to_string()
            .contains("200 active users"),
        "{refused}"
    );
    let path = format!("users/{last}");
    lead.meta("DELETE", &path, Json::Null).await.status(204);
    lead.meta("POST", "users", another).await.status(201);
    lead.meta("PATCH", &path, json!({"active": true}))
        .await
        .problem(409, "conflict");
    admin
        .meta("PATCH", &path, json!({"active": true}))
        .await
        .ok();
}
