//! People of partners: they act for their organization, and one of them may manage its users and keys,
//! as far as the own roles reach.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::support::{Client, Rules, TestApp};

const PASSWORD: &str = "a password of a test";

/// An organization that is a partner.
struct Partner {
    organization: String,
    id: String,
}

async fn partner(app: &TestApp, name: &str) -> Partner {
    let admin = app.admin();
    let organization = admin.make("organizations", json!({"name": name})).await;
    let body = json!({"organization": organization, "name": name});
    let made = admin
        .meta("POST", "partners", body)
        .await
        .status(201)
        .json();
    let id = made["id"].as_str().expect("an id").to_owned();
    Partner { organization, id }
}

/// A user of a partner, signed in.
async fn person(app: &TestApp, partner: &Partner, roles: &[&str]) -> (String, Client) {
    let email = format!("{}@example.com", Uuid::now_v7().simple());
    let body = json!({
        "email": email, "name": "Test", "password": PASSWORD, "partner": partner.id, "roles": roles,
    });
    let made = app
        .admin()
        .meta("POST", "users", body)
        .await
        .status(201)
        .json();
    assert_eq!(made["partner"], json!(partner.id));
    let id = made["id"].as_str().expect("an id").to_owned();
    (id, app.sign_in(&email, PASSWORD).await)
}

fn new_user(roles: &[&str]) -> Json {
    let email = format!("{}@example.com", Uuid::now_v7().simple());
    json!({"email": email, "name": "New", "password": PASSWORD, "roles": roles})
}

async fn roles(app: &TestApp) {
    let own = json!({"where": {"id": {"eq": "$partner.id"}}, "fields": ["name", "city"]});
    app.add_role("own", &Rules::none().allow("read", "organization", own))
        .await;
    app.add_role("more", &Rules::none().read("organization"))
        .await;
    let lead = json!({
        "name": "lead", "label": "Lead", "permissions": ["managePartnerAccess"], "inherits": ["own"],
    });
    app.admin().meta("POST", "roles", lead).await.status(201);
}

#[tokio::test]
async fn a_person_of_a_partner_acts_for_it() {
    let app = TestApp::start().await;
    roles(&app).await;
    let (ours, theirs) = (partner(&app, "Ours").await, partner(&app, "Theirs").await);
    let (_, client) = person(&app, &ours, &["own"]).await;
    assert_eq!(
        client.list("organizations", "").await.ids(),
        [ours.organization.clone()]
    );
    client
        .get("organizations", &theirs.organization)
        .await
        .problem(404, "record_not_found");
    let me = client.get_path("/v1/auth/me", "").await.ok();
    assert_eq!(
        me["partner"]["organization"]["id"],
        json!(ours.organization)
    );
    assert_eq!(me["permissions"], json!([]));
    for path in ["users", "keys", "roles", "partners"] {
        client
            .meta("GET", path, Json::Null)
            .await
            .problem(403, "forbidden");
    }
    // With its partner it has access, without it has none: by the next request, and at the door.
    let active = |active: bool| json!({"active": active});
    let path = format!("partners/{}", ours.id);
    app.admin().meta("PATCH", &path, active(false)).await.ok();
    client
        .list("organizations", "")
        .await
        .problem(401, "unauthenticated");
    app.admin().meta("PATCH", &path, active(true)).await.ok();
    client.list("organizations", "").await.ok();
}

#[tokio::test]
async fn a_person_of_a_partner_that_is_not_active_cannot_sign_in() {
    let app = TestApp::start().await;
    roles(&app).await;
    let ours = partner(&app, "Ours").await;
    let user = json!({
        "email": "ann@example.com", "name": "Ann", "password": PASSWORD, "partner": ours.id, "roles": ["own"],
    });
    app.admin().meta("POST", "users", user).await.status(201);
    let path = format!("partners/{}", ours.id);
    app.admin()
        .meta("PATCH", &path, json!({"active": false}))
        .await
        .ok();
    let sign_in = |password: &str| {
        let body = json!({"email": "ann@example.com", "password": password});
        let anonymous = app.anonymous();
        async move { anonymous.call("POST", "/v1/auth/login", &body).await }
    };
    let refused = sign_in(PASSWORD).await;
    refused.problem(401, "unauthenticated");
    let wrong = sign_in("not the password").await;
    super::same(&refused, ("x", "x"), &wrong);
}

#[tokio::test]
async fn people_of_partners_have_no_permissions_beyond_it() {
    let app = TestApp::start().await;
    roles(&app).await;
    let admin = app.admin();
    let ours = partner(&app, "Ours").await;
    let user = |roles: &[&str]| {
        let mut user = new_user(roles);
        user["partner"] = json!(ours.id);
        user
    };
    admin
        .meta("POST", "users", user(&["own", "administrator"]))
        .await
        .problem_at(422, "validation_failed", "/roles/1");
    let heir = json!({"name": "heir", "inherits": ["administrator"]});
    admin.meta("POST", "roles", heir).await.status(201);
    admin
        .meta("POST", "users", user(&["heir"]))
        .await
        .problem_at(422, "validation_failed", "/roles/0");
    let (id, _) = person(&app, &ours, &["own"]).await;
    admin
        .meta("PATCH", &format!("users/{id}"), json!({"roles": ["heir"]}))
        .await
        .problem_at(422, "validation_failed", "/roles/0");
    for change in [
        json!({"inherits": ["administrator"]}),
        json!({"permissions": ["manageSchema"]}),
    ] {
        admin
            .meta("PATCH", "roles/own", change)
            .await
            .problem(409, "conflict");
    }
    // A user of the company with the role for partners manages nobody.
    let nobody = app.user(&["lead"]).await;
    nobody
        .meta("GET", "users", Json::Null)
        .await
        .problem(403, "forbidden");
    assert_eq!(
        nobody.get_path("/v1/auth/me", "").await.ok()["permissions"],
        json!([])
    );
}

#[tokio::test]
async fn who_leads_a_partner_manages_its_users_and_keys_alone() {
    let app = TestApp::start().await;
    roles(&app).await;
    let (ours, theirs) = (partner(&app, "Ours").await, partner(&app, "Theirs").await);
    let (_, lead) = person(&app, &ours, &["lead"]).await;
    let (other, _) = person(&app, &theirs, &["own"]).await;
    let made = lead
        .meta("POST", "users", new_user(&["own"]))
        .await
        .status(201)
        .json();
    assert_eq!(made["partner"], json!(ours.id));
    let users = lead.meta("GET", "users", Json::Null).await.ok();
    assert_eq!(users["data"].as_array().map(Vec::len), Some(2), "{users}");
    let partners = lead.meta("GET", "partners", Json::Null).await.ok();
    assert_eq!(partners["data"][0]["id"], json!(ours.id));
    assert_eq!(partners["data"].as_array().map(Vec::len), Some(1));
    let roles = lead.meta("GET", "roles", Json::Null).await.ok();
    let names: Vec<&Json> = roles["data"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|it| &it["name"])
        .collect();
    assert_eq!(names, ["own", "lead"]);

    let key = json!({"name": "k", "roles": ["own"], "scopes": ["data:organization:read(name)"]});
    let key = lead.meta("POST", "keys", key).await.status(201).json();
    assert_eq!(key["partner"], json!(ours.id));
    let client = app
        .anonymous()
        .with_token(key["secret"].as_str().expect("a secret"));
    assert_eq!(
        client.list("organizations", "").await.ids(),
        [ours.organization.clone()]
    );
    let path = format!("keys/{}", key["id"].as_str().expect("an id"));
    lead.meta("PATCH", &path, json!({"name": "l"})).await.ok();
    lead.meta("POST", &format!("{path}/rotate"), json!({}))
        .await
        .ok();
    lead.meta("DELETE", &path, Json::Null).await.status(204);

    // The sessions of its people it sees and ends; those of others are as unknown as they are.
    let mine = made["id"].as_str().expect("an id");
    let sessions = format!("users/{mine}/sessions");
    lead.meta("GET", &sessions, Json::Null).await.ok();
    lead.meta("DELETE", &sessions, Json::Null).await.status(204);
    for method in ["GET", "DELETE"] {
        lead.meta(method, &format!("users/{other}/sessions"), Json::Null)
            .await
            .problem(404, "not_found");
    }

    // Others are as unknown as nobody.
    let unknown = Uuid::now_v7().to_string();
    for (method, body) in [
        ("GET", Json::Null),
        ("PATCH", json!({"name": "x"})),
        ("DELETE", Json::Null),
    ] {
        let foreign = lead
            .meta(method, &format!("users/{other}"), body.clone())
            .await;
        let missing = lead.meta(method, &format!("users/{unknown}"), body).await;
        foreign.problem(404, "not_found");
        super::same(&foreign, (&other, &unknown), &missing);
    }
    let contract = lead.get_path("/openapi.json", "").await.ok();
    for path in [
        "/v1/meta/audit",
        "/v1/meta/teams",
        "/v1/meta/access/explain",
    ] {
        assert!(contract["paths"].get(path).is_none(), "{path}");
    }
    assert!(
        contract["paths"]
            .get("/v1/meta/users/{id}/sessions")
            .is_some()
    );
    for (method, path) in [
        ("POST", "roles"),
        ("PATCH", "roles/own"),
        ("GET", "roles/own/rules"),
        ("GET", "audit"),
        ("GET", "teams"),
        ("POST", "access/explain"),
        ("POST", "partners"),
        ("PATCH", &format!("partners/{}", ours.id)),
    ] {
        let body = json!({"name": "x", "organization": ours.organization, "principal": {"user": other},
            "action": "read", "object": "organization"});
        let refused = lead
            .meta(
                method,
                path,
                if method == "GET" { Json::Null } else { body },
            )
            .await;
        assert!(
            [403, 400].contains(&refused.code()),
            "{method} {path}: {refused}"
        );
    }
}

#[tokio::test]
async fn who_leads_a_partner_gives_no_more_than_he_has() {
    let app = TestApp::start().await;
    roles(&app).await;
    let admin = app.admin();
    let (ours, theirs) = (partner(&app, "Ours").await, partner(&app, "Theirs").await);
    let (_, lead) = person(&app, &ours, &["lead"]).await;
    for path in ["users", "keys"] {
        let body = |roles: &[&str], more: Json| {
            let mut body = if path == "users" {
                new_user(roles)
            } else {
                json!({"name": "k", "roles": roles})
            };
            if let (Some(body), Json::Object(more)) = (body.as_object_mut(), more) {
                body.extend(more);
            }
            body
        };
        let more = lead.meta("POST", path, body(&["more"], json!({}))).await;
        let none = lead.meta("POST", path, body(&["nope"], json!({}))).await;
        more.problem_at(422, "validation_failed", "/roles/0");
        super::same(&more, ("more", "nope"), &none);
        let unknown = Uuid::now_v7().to_string();
        let foreign = lead
            .meta("POST", path, body(&["own"], json!({"partner": theirs.id})))
            .await;
        let missing = lead
            .meta("POST", path, body(&["own"], json!({"partner": unknown})))
            .await;
        foreign.problem_at(422, "validation_failed", "/partner");
        super::same(&foreign, (&theirs.id, &unknown), &missing);
    }
    // Scopes can't be asked about what the roles don't grant.
    for (hidden, missing) in [("order", "qrder"), ("organization", "qrganization")] {
        let scope = |name: &str| json!({"name": "k", "roles": ["own"], "scopes": [format!("data:{name}:update")]});
        let one = lead.meta("POST", "keys", scope(hidden)).await;
        let other = lead.meta("POST", "keys", scope(missing)).await;
        one.problem_at(422, "validation_failed", "/scopes/0");
        super::same(&one, (hidden, missing), &other);
    }
    // Who has more can't be taken over: a new password or secret would give it all.
    let (chief, _) = person(&app, &ours, &["own", "more"]).await;
    let key = json!({"name": "k", "partner": ours.id, "roles": ["own", "more"], "scopes": ["data:order:read", "data:organization:read"]});
    let key = admin.meta("POST", "keys", key).await.status(201).json();
    let key = key["id"].as_str().expect("an id").to_owned();
    let shown = lead
        .meta("GET", &format!("users/{chief}"), Json::Null)
        .await
        .ok();
    assert_eq!(shown["roles"], json!(["own"]));
    let shown = lead
        .meta("GET", &format!("keys/{key}"), Json::Null)
        .await
        .ok();
    assert_eq!(shown["roles"], json!(["own"]));
    assert_eq!(shown["scopes"], json!(["data:organization:read"]));
    for (method, path, body) in [
        (
            "PATCH",
            format!("users/{chief}"),
            json!({"password": "another password"}),
        ),
        ("PATCH", format!("users/{chief}"), json!({"roles": ["own"]})),
        ("PATCH", format!("keys/{key}"), json!({"roles": ["own"]})),
        ("POST", format!("keys/{key}/rotate"), json!({})),
    ] {
        lead.meta(method, &path, body)
            .await
            .problem(403, "forbidden");
    }
    // A link that the lead was given does not outlive what it may give.
    let mut invited = new_user(&["own"]);
    let invited = invited.as_object_mut().expect("a body");
    invited.remove("password");
    invited.insert("invite".to_owned(), json!(true));
    let invited = lead
        .meta("POST", "users", json!(invited))
        .await
        .status(201)
        .json();
    let token = invited["invitation"]["token"].as_str().expect("a token");
    let path = format!("users/{}", invited["id"].as_str().expect("an id"));
    admin
        .meta("PATCH", &path, json!({"roles": ["own", "more"]}))
        .await
        .ok();
    let body = json!({"token": token, "password": "known to the lead"});
    app.anonymous()
        .call("POST", "/v1/auth/password/reset", &body)
        .await
        .problem_at(422, "validation_failed", "/token");
    // Nor can who is in a team of the company, of which it does not learn.
    let (mate, _) = person(&app, &ours, &["own"]).await;
    admin
        .meta("POST", "teams", json!({"name": "T"}))
        .await
        .status(201);
    let path = format!("users/{mate}");
    admin
        .meta("PATCH", &path, json!({"teams": ["T"]}))
        .await
        .ok();
    assert_eq!(
        lead.meta("GET", &path, Json::Null).await.ok()["teams"],
        json!([])
    );
    for change in [
        json!({"password": "another password"}),
        json!({"teams": []}),
    ] {
        lead.meta("PATCH", &path, change)
            .await
            .problem(403, "forbidden");
    }
    lead.meta("DELETE", &format!("keys/{key}"), Json::Null)
        .await
        .status(204);
}
