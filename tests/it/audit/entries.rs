//! What stands in the log of sign-ins and of changes, and what never does.

use serde_json::{Value as Json, json};

use super::{all, last, of_kind};
use crate::support::{Client, TestApp};

/// The kinds and objects of the entries that a request makes.
async fn made(app: &TestApp, method: &str, path: &str, body: Json) -> (Vec<Json>, Json) {
    let before = all(app).await.len();
    let answer = app.admin().meta(method, path, body).await;
    let answer = answer.ok();
    (all(app).await.split_off(before), answer)
}

#[tokio::test]
async fn every_change_of_access_is_told_with_before_and_after() {
    let app = TestApp::start().await;
    let organization = app
        .admin()
        .make("organizations", json!({"name": "Speedy"}))
        .await;
    let mut user = String::new();
    let mut key = String::new();
    let mut partner = String::new();
    let mut rule = String::new();
    let rule_body = json!({"object": "organization", "action": "read", "fields": ["name"]});
    let other_rule = json!({"object": "organization", "action": "read", "fields": ["city"]});
    let user_body =
        json!({"email": "ann@example.com", "name": "Ann", "password": "a long enough one"});
    let key_body = json!({"name": "One", "roles": ["sales"], "scopes": ["data:organization:read"]});
    for (method, path, body, kind, before, after) in [
        (
            "POST",
            "roles",
            json!({"name": "sales"}),
            "roleCreated",
            "",
            "/after/name",
        ),
        (
            "PATCH",
            "roles/sales",
            json!({"label": "Sales"}),
            "roleChanged",
            "/before/label",
            "/after/label",
        ),
        (
            "POST",
            "roles/sales/rules",
            rule_body,
            "ruleCreated",
            "",
            "/after/fields/0",
        ),
        (
            "PUT",
            "roles/sales/rules/{rule}",
            other_rule,
            "ruleChanged",
            "/before/fields/0",
            "/after/fields/0",
        ),
        (
            "POST",
            "users",
            user_body,
            "userCreated",
            "",
            "/after/email",
        ),
        (
            "PATCH",
            "users/{user}",
            json!({"roles": ["sales"]}),
            "userChanged",
            "/before/name",
            "/after/roles/0",
        ),
        (
            "DELETE",
            "users/{user}",
            Json::Null,
            "userChanged",
            "/before/active",
            "/after/active",
        ),
        (
            "POST",
            "partners",
            json!({"organization": organization, "name": "Speedy"}),
            "partnerCreated",
            "",
            "/after/organization/id",
        ),
        (
            "PATCH",
            "partners/{partner}",
            json!({"active": false}),
            "partnerChanged",
            "/before/active",
            "/after/active",
        ),
        (
            "POST",
            "keys",
            key_body,
            "keyCreated",
            "",
            "/after/scopes/0",
        ),
        (
            "PATCH",
            "keys/{key}",
            json!({"scopes": null}),
            "keyChanged",
            "/before/scopes/0",
            "/after/keyId",
        ),
        (
            "POST",
            "keys/{key}/rotate",
            json!({"overlap": "PT1H"}),
            "keyRotated",
            "/before/keyId",
            "/after/oldSecretUntil",
        ),
        (
            "DELETE",
            "keys/{key}",
            Json::Null,
            "keyRevoked",
            "/before/name",
            "/after/revokedAt",
        ),
        (
            "DELETE",
            "roles/sales/rules/{rule}",
            Json::Null,
            "ruleDeleted",
            "/before/fields/0",
            "",
        ),
    ] {
        let path = path.replace("{user}", &user).replace("{key}", &key);
        let path = path.replace("{partner}", &partner).replace("{rule}", &rule);
        let (entries, answer) = made(&app, method, &path, body).await;
        let [entry] = entries.as_slice() else {
            panic!("{method} {path}: {entries:#?}");
        };
        assert_eq!(entry["kind"], kind);
        assert_eq!(entry["principal"]["kind"], "user");
        assert_eq!(entry["address"], "127.0.0.1");
        assert!(entry["session"].is_string(), "{entry:#}");
        for (pointer, other) in [(before, "before"), (after, "after")] {
            let value = entry["details"].pointer(pointer);
            match pointer {
                "" => assert!(entry["details"].get(other).is_none(), "{entry:#}"),
                _ => assert!(
                    value.is_some_and(|value| !value.is_null()),
                    "{pointer} {entry:#}"
                ),
            }
        }
        let id = answer["id"].as_str();
        if let Some(id) = id {
            assert_eq!(entry["object"]["id"], id, "{entry:#}");
        }
        let slot = match kind {
            "userCreated" => &mut user,
            "keyCreated" => &mut key,
            "partnerCreated" => &mut partner,
            "ruleCreated" => &mut rule,
            _ => continue,
        };
        id.expect("an id").clone_into(slot);
    }
    let changed = of_kind(&app, "userChanged").await;
    assert_eq!(changed[0]["details"]["sessionsEnded"], true);
    assert_eq!(changed[0]["details"]["passwordChanged"], false);

    app.add_role("gone", &crate::support::Rules::none().read("order"))
        .await;
    app.admin()
        .meta("DELETE", "roles/gone", Json::Null)
        .await
        .status(204);
    let gone = last(&app, "roleDeleted").await;
    assert_eq!(gone["details"]["before"]["name"], "gone");
    assert_eq!(gone["details"]["rules"][0]["object"], "order");
}

#[tokio::test]
async fn the_first_administrator_is_the_first_entry() {
    let app = TestApp::start().await;
    let first = all(&app).await.remove(0);
    assert_eq!(first["sequence"], 1);
    assert_eq!(first["kind"], "userCreated");
    assert_eq!(first["principal"]["kind"], "system");
    assert_eq!(first["details"]["after"]["roles"], json!(["administrator"]));
}

#[tokio::test]
async fn a_change_that_is_rolled_back_leaves_no_entry() {
    let app = TestApp::start().await;
    app.add_role("sales", &crate::support::Rules::none()).await;
    let me = app.admin().get_path("/v1/auth/me", "").await.ok();
    let before = all(&app).await;
    let own = format!("users/{}", me["id"].as_str().expect("an id"));
    for (method, path, body, status) in [
        ("POST", "roles", json!({"name": "sales"}), 409),
        ("POST", "roles", json!({"name": "no name"}), 422),
        ("DELETE", own.as_str(), Json::Null, 409),
        ("PATCH", own.as_str(), json!({"roles": []}), 409),
        (
            "POST",
            "roles/sales/rules",
            json!({"object": "nothing", "action": "read"}),
            422,
        ),
        (
            "POST",
            "keys",
            json!({"name": "k", "roles": ["administrator"]}),
            422,
        ),
    ] {
        app.admin().meta(method, path, body).await.status(status);
    }
    assert_eq!(all(&app).await, before);
}

async fn sign_in(app: &TestApp, email: &str, password: &str) -> Json {
    let body = json!({"email": email, "password": password});
    let answer = app.anonymous().call("POST", "/v1/auth/login", &body).await;
    answer.ok()
}

async fn send_token(client: &Client, what: &str, token: &Json) -> u16 {
    let body = json!({"refreshToken": token});
    client
        .call("POST", &format!("/v1/auth/{what}"), &body)
        .await
        .code()
}

#[tokio::test]
async fn signing_in_and_out_is_told_and_so_is_a_token_in_two_hands() {
    let app = TestApp::start().await;
    let user = json!({"email": "ann@example.com", "name": "Ann", "password": "a long enough one"});
    let user = app.admin().meta("POST", "users", user).await.ok();
    let tokens = sign_in(&app, "Ann@example.com", "a long enough one").await;
    let entry = last(&app, "signIn").await;
    assert_eq!(
        entry["principal"],
        json!({"kind": "user", "id": user["id"]})
    );
    assert_eq!(entry["address"], "127.0.0.1");
    assert_eq!(
        entry["object"],
        json!({"type": "session", "id": entry["session"]})
    );

    let nobody = app.anonymous();
    let old = &tokens["refreshToken"];
    assert_eq!(send_token(&nobody, "refresh", old).await, 200);
    app.advance(time::Duration::seconds(30));
    assert_eq!(send_token(&nobody, "refresh", old).await, 401);
    let reused = last(&app, "refreshReused").await;
    assert_eq!(reused["principal"], entry["principal"]);
    assert_eq!(reused["session"], entry["session"]);
    assert_eq!(send_token(&nobody, "logout", old).await, 204);
    assert!(
        of_kind(&app, "signOut").await.is_empty(),
        "it had ended already"
    );

    let tokens = sign_in(&app, "ann@example.com", "a long enough one").await;
    assert_eq!(
        send_token(&nobody, "logout", &tokens["refreshToken"]).await,
        204
    );
    assert_eq!(
        send_token(&nobody, "logout", &tokens["refreshToken"]).await,
        204
    );
    let out = of_kind(&app, "signOut").await;
    assert_eq!(out.len(), 1);
    assert_eq!(out[0]["principal"], entry["principal"]);
    assert_ne!(out[0]["session"], entry["session"]);
}

#[tokio::test]
async fn failed_sign_ins_are_told_by_user_never_by_what_was_typed() {
    let app = TestApp::start().await;
    let user = json!({"email": "ann@example.com", "name": "Ann", "password": "a long enough one"});
    let user = app.admin().meta("POST", "users", user).await.ok();
    for (email, password) in [
        ("ann@example.com", "typed wrongly"),
        ("ann@example.com", "typed wrongly again"),
        ("my password is hunter22", "typed into the wrong place"),
    ] {
        let body = json!({"email": email, "password": password});
        let answer = app.anonymous().call("POST", "/v1/auth/login", &body).await;
        answer.problem(401, "unauthenticated");
    }
    app.advance(time::Duration::seconds(61));
    let failed = of_kind(&app, "signInFailed").await;
    let of = |object: Json| {
        let told = failed.iter().filter(|entry| entry["object"] == object);
        told.map(|entry| entry["details"]["count"].as_u64().expect("a count"))
            .sum::<u64>()
    };
    assert_eq!(of(json!({"type": "user", "id": user["id"]})), 2);
    assert_eq!(of(Json::Null), 1);
    for entry in &failed {
        assert_eq!(entry["principal"]["kind"], "anonymous");
        assert_eq!(entry["address"], "127.0.0.1");
        for typed in ["typed", "hunter22", "ann@"] {
            assert!(!entry.to_string().contains(typed), "{entry:#}");
        }
    }
}

#[tokio::test]
async fn no_secret_stands_in_any_entry() {
    let app = TestApp::start().await;
    let passwords = ["the first password of Ann", "the second password of Ann"];
    let user = json!({"email": "ann@example.com", "name": "Ann", "password": passwords[0]});
    let user = app.admin().meta("POST", "users", user).await.ok();
    let mut secrets: Vec<String> = passwords.map(str::to_owned).into();
    secrets.push("a wrong password of Ann".to_owned());
    let first = sign_in(&app, "ann@example.com", passwords[0]).await;
    let wrong = json!({"email": "ann@example.com", "password": "a wrong password of Ann"});
    app.anonymous()
        .call("POST", "/v1/auth/login", &wrong)
        .await
        .status(401);
    let path = format!("users/{}", user["id"].as_str().expect("an id"));
    app.admin()
        .meta("PATCH", &path, json!({"password": passwords[1]}))
        .await
        .ok();
    let second = sign_in(&app, "ann@example.com", passwords[1]).await;
    let refreshed = app
        .anonymous()
        .call(
            "POST",
            "/v1/auth/refresh",
            &json!({"refreshToken": second["refreshToken"]}),
        )
        .await
        .ok();
    app.add_role("sales", &crate::support::Rules::none()).await;
    let key = app.create_key(&["sales"], json!({})).await;
    let path = format!("keys/{}", key["id"].as_str().expect("an id"));
    let rotated = app
        .admin()
        .meta(
            "POST",
            &format!("{path}/rotate"),
            json!({"overlap": "PT1H"}),
        )
        .await
        .ok();
    app.admin()
        .meta("DELETE", &path, Json::Null)
        .await
        .status(204);
    for secret in [&key["secret"], &rotated["secret"]] {
        let client = app
            .anonymous()
            .with_token(secret.as_str().expect("a secret"));
        client.get_path("/v1/auth/me", "").await.status(401);
    }
    for tokens in [&first, &second, &refreshed] {
        secrets.extend(
            ["accessToken", "refreshToken"]
                .map(|name| tokens[name].as_str().expect("a token").to_owned()),
        );
    }
    for key in [&key, &rotated] {
        let text = key["secret"].as_str().expect("a secret").to_owned();
        secrets.push(text.rsplit('_').next().expect("the secret part").to_owned());
        secrets.push(text);
    }
    let entries = all(&app).await;
    assert!(entries.len() > 10, "{entries:#?}");
    for entry in entries {
        let text = entry.to_string();
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{secret:?} in {entry:#}");
        }
        let details = entry["details"].to_string().to_lowercase();
        for word in ["hash", "argon2", "\"secret\"", "\"password\""] {
            assert!(!details.contains(word), "{word:?} in {entry:#}");
        }
    }
}
