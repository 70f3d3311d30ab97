//! Passwords that people choose themselves: forgotten ones, and others for oneself.

use serde_json::{Value as Json, json};
use time::Duration;

use super::{forget, login, make_user, refresh, reset, with_mail};
use crate::support::{Client, Options, Response, Rules, TestApp};

const EMAIL: &str = "ann@example.com";
const OLD: &str = "the old password";
const NEW: &str = "the new password";

async fn me(client: &Client) -> Response {
    client.call("GET", "/v1/auth/me", &Json::Null).await
}

async fn change(client: &Client, current: &str, new: &str) -> Response {
    let body = json!({"currentPassword": current, "newPassword": new});
    client.call("POST", "/v1/auth/password/change", &body).await
}

#[tokio::test]
async fn a_forgotten_password_is_chosen_anew_by_a_mailed_link() {
    let (app, mut mail) = with_mail().await;
    make_user(&app, EMAIL, json!({"password": OLD})).await;
    let session = login(&app.anonymous(), EMAIL, OLD).await.ok();
    let signed_in = app
        .anonymous()
        .with_token(session["accessToken"].as_str().expect("a token"));
    me(&signed_in).await.ok();

    forget(&app, " Ann@Example.com ").await.status(202);
    let letter = mail.next().await;
    assert_eq!(letter.to, [format!("TO:<{EMAIL}>")]);
    assert!(
        letter
            .header()
            .contains(&"Subject: A new password for Relata")
    );
    let token = letter.token("reset");
    // Asking changes nothing.
    me(&signed_in).await.ok();
    app.sign_in(EMAIL, OLD).await;

    // A password that is refused does not use the link up.
    let short = reset(&app, &token, "short").await;
    short.problem_at(422, "validation_failed", "/password");
    reset(&app, &token, NEW).await.status(204);
    me(&signed_in).await.problem(401, "unauthenticated");
    refresh(&app, &session)
        .await
        .problem(401, "unauthenticated");
    login(&app.anonymous(), EMAIL, OLD)
        .await
        .problem(401, "unauthenticated");
    app.sign_in(EMAIL, NEW).await;
    let again = reset(&app, &token, OLD).await;
    again.problem_at(422, "validation_failed", "/token");
    app.sign_in(EMAIL, NEW).await;
}

#[tokio::test]
async fn who_has_forgotten_a_password_is_told_the_same_as_a_stranger() {
    let (app, mut mail) = with_mail().await;
    make_user(&app, EMAIL, json!({"password": OLD})).await;
    make_user(&app, "no-password@example.com", json!({})).await;
    let gone = make_user(&app, "gone@example.com", json!({"password": OLD})).await;
    app.admin()
        .meta("DELETE", &format!("users/{gone}"), Json::Null)
        .await
        .status(204);
    let told = |answer: &Response| {
        let headers = answer.headers_but(&["x-request-id", "date"]);
        (answer.code(), answer.text(), headers)
    };
    let stranger = forget(&app, "stranger@example.com").await;
    stranger.status(202);
    for email in [
        "no-password@example.com",
        "gone@example.com",
        "no address at all",
        "",
        "a@b\r\nc",
        EMAIL,
    ] {
        let answer = forget(&app, email).await;
        assert_eq!(told(&answer), told(&stranger), "{email}");
    }
    assert_eq!(mail.next().await.to, [format!("TO:<{EMAIL}>")]);
    assert!(!mail.has_more());
    let links = app.number("SELECT count(*) FROM mailed_links").await;
    assert_eq!(links, 1);
}

#[tokio::test]
async fn a_link_ends_with_the_next_and_within_the_hour() {
    let (app, mut mail) = with_mail().await;
    make_user(&app, EMAIL, json!({"password": OLD})).await;
    forget(&app, EMAIL).await.status(202);
    let first = mail.next().await.token("reset");
    forget(&app, EMAIL).await.status(202);
    let second = mail.next().await.token("reset");
    let refused = reset(&app, &first, NEW).await;
    refused.problem_at(422, "validation_failed", "/token");
    app.advance(Duration::minutes(61));
    let refused = reset(&app, &second, NEW).await;
    refused.problem_at(422, "validation_failed", "/token");
    app.sign_in(EMAIL, OLD).await;
    forget(&app, EMAIL).await.status(202);
    let third = mail.next().await.token("reset");
    app.advance(Duration::minutes(59));
    reset(&app, &third, NEW).await.status(204);
}

#[tokio::test]
async fn a_link_is_void_when_password_address_or_activity_change() {
    let (app, mut mail) = with_mail().await;
    let id = make_user(&app, EMAIL, json!({"password": OLD})).await;
    let admin = app.admin();
    for changed in [
        json!({"password": "another password"}),
        json!({"email": "other@example.com"}),
        json!({"active": false}),
    ] {
        forget(&app, EMAIL).await.status(202);
        let token = mail.next().await.token("reset");
        let path = format!("users/{id}");
        admin.meta("PATCH", &path, changed.clone()).await.ok();
        let back = json!({"email": EMAIL, "active": true});
        admin.meta("PATCH", &path, back).await.ok();
        let refused = reset(&app, &token, NEW).await;
        refused.problem_at(422, "validation_failed", "/token");
    }
    // By oneself too.
    forget(&app, EMAIL).await.status(202);
    let token = mail.next().await.token("reset");
    let ann = app.sign_in(EMAIL, "another password").await;
    change(&ann, "another password", OLD).await.ok();
    let refused = reset(&app, &token, NEW).await;
    refused.problem_at(422, "validation_failed", "/token");
}

#[tokio::test]
async fn nobody_can_fill_a_mailbox_nor_keep_its_owner_out() {
    let (app, mut mail) = with_mail().await;
    make_user(&app, EMAIL, json!({"password": OLD})).await;
    let mut token = String::new();
    for _ in 0..5 {
        forget(&app, EMAIL).await.status(202);
        token = mail.next().await.token("reset");
    }
    for _ in 0..3 {
        forget(&app, EMAIL).await.status(202);
    }
    // The last link works on.
    reset(&app, &token, NEW).await.status(204);
    app.advance(Duration::minutes(61));
    forget(&app, EMAIL).await.status(202);
    mail.next().await.token("reset");
    assert!(!mail.has_more());
}

#[tokio::test]
async fn what_is_no_token_of_a_link_is_refused() {
    let (app, mut mail) = with_mail().await;
    make_user(&app, EMAIL, json!({"password": OLD})).await;
    let session = login(&app.anonymous(), EMAIL, OLD).await.ok();
    forget(&app, EMAIL).await.status(202);
    let token = mail.next().await.token("reset");
    let refresh = session["refreshToken"].as_str().expect("a token");
    let bare = token.trim_start_matches("rlm_");
    let upper = token.to_uppercase();
    for text in ["", "rlm_", bare, refresh, &upper, &token[1..]] {
        let refused = reset(&app, text, NEW).await;
        refused.problem_at(422, "validation_failed", "/token");
    }
    // Nor is it good for anything else.
    let bearer = app.anonymous().with_token(&token);
    me(&bearer).await.problem(401, "unauthenticated");
    let stored = app.number("SELECT count(*) FROM mailed_links WHERE length(token_hash) = 32");
    assert_eq!(stored.await, 1);
}

#[tokio::test]
async fn of_two_who_use_a_link_at_once_one_has_it() {
    let (app, mut mail) = with_mail().await;
    make_user(&app, EMAIL, json!({"password": OLD})).await;
    forget(&app, EMAIL).await.status(202);
    let token = mail.next().await.token("reset");
    let both = tokio::join!(
        reset(&app, &token, "the first password"),
        reset(&app, &token, "the second password"),
    );
    let mut codes = [both.0.code(), both.1.code()];
    codes.sort_unstable();
    assert_eq!(codes, [204, 422], "{}\n{}", both.0, both.1);
    let password = if both.0.code() == 204 {
        "the first password"
    } else {
        "the second password"
    };
    app.sign_in(EMAIL, password).await;
}

#[tokio::test]
async fn without_a_server_for_mail_nothing_is_sent_and_the_answer_is_the_same() {
    let app = TestApp::start().await;
    make_user(&app, EMAIL, json!({"password": OLD})).await;
    for email in [EMAIL, "stranger@example.com"] {
        forget(&app, email).await.status(202);
    }
    let links = app.number("SELECT count(*) FROM mailed_links").await;
    assert_eq!(links, 0);
}

#[tokio::test]
async fn people_change_their_own_password() {
    let app = TestApp::start().await;
    make_user(&app, EMAIL, json!({"password": OLD})).await;
    let session = login(&app.anonymous(), EMAIL, OLD).await.ok();
    let ann = app
        .anonymous()
        .with_token(session["accessToken"].as_str().expect("a token"));
    let elsewhere = app.sign_in(EMAIL, OLD).await;
    let wrong = change(&ann, "something else", NEW).await;
    wrong.problem_at(422, "validation_failed", "/currentPassword");
    let short = change(&ann, OLD, "short").await;
    short.problem_at(422, "validation_failed", "/newPassword");
    me(&ann).await.ok();

    let next = change(&ann, OLD, NEW).await.ok();
    for client in [&ann, &elsewhere] {
        me(client).await.problem(401, "unauthenticated");
    }
    refresh(&app, &session)
        .await
        .problem(401, "unauthenticated");
    let token = next["accessToken"].as_str().expect("a token");
    let again = app.anonymous().with_token(token);
    assert_eq!(me(&again).await.ok()["email"], EMAIL);
    refresh(&app, &next).await.ok();
    login(&app.anonymous(), EMAIL, OLD).await.status(401);
    app.sign_in(EMAIL, NEW).await;

    app.add_role("empty", &Rules::none()).await;
    let key = app.key(&["empty"], json!({})).await;
    change(&key, OLD, NEW).await.problem(403, "forbidden");
}

/// Passwords that others know, with their SHA-1, in the order of these.
const KNOWN: [(&str, &str); 2] = [
    (
        "hunter2 hunter2",
        "59F82E9E7C06A040FD3664C3E4BE5BB2653EB008",
    ),
    (
        "letmein letmein",
        "ACBE3813D5C0FE3365084EC565EDA9811E062403",
    ),
];

#[tokio::test]
async fn passwords_that_others_know_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("hashes.txt");
    let lines = format!("{}:12\n{}:3\n", KNOWN[0].1, KNOWN[1].1);
    std::fs::write(&file, lines).expect("a file");
    let options = Options {
        breached_passwords: Some(file),
        ..Options::default()
    };
    let app = TestApp::start_with(options).await;
    let id = make_user(&app, EMAIL, json!({"password": OLD})).await;
    let ann = app.sign_in(EMAIL, OLD).await;
    for (known, _) in KNOWN {
        let refused = change(&ann, OLD, known).await;
        refused.problem_at(422, "validation_failed", "/newPassword");
        let password = json!({"password": known});
        let admin = app.admin();
        let path = format!("users/{id}");
        let refused = admin.meta("PATCH", &path, password).await;
        refused.problem_at(422, "validation_failed", "/password");
    }
    change(&ann, OLD, NEW).await.ok();
}

#[tokio::test]
async fn nobody_gets_round_the_present_password_of_the_own_account() {
    let app = TestApp::start().await;
    let manager = json!({"name": "manager", "permissions": ["manageAccess"]});
    app.admin().meta("POST", "roles", manager).await.status(201);
    let more = json!({"password": OLD, "roles": ["manager"]});
    let id = make_user(&app, EMAIL, more).await;
    let client = app.sign_in(EMAIL, OLD).await;
    let own = format!("users/{id}");
    for (change, place) in [
        (json!({"password": "another password"}), "/password"),
        (json!({"email": "else@example.com"}), "/email"),
    ] {
        let refused = client.meta("PATCH", &own, change).await;
        refused.problem_at(422, "validation_failed", place);
    }
    let refused = client
        .meta("POST", &format!("{own}/invite"), Json::Null)
        .await;
    refused.problem(403, "forbidden");
    let refused = client
        .meta("DELETE", &format!("{own}/totp"), Json::Null)
        .await;
    refused.problem(403, "forbidden");
    // The rest of it is its own to change, and what is sent back as it is changes nothing.
    let change = json!({"name": "Ann B.", "email": EMAIL});
    client.meta("PATCH", &own, change).await.ok();
    login(&app.anonymous(), EMAIL, OLD).await.ok();
    // Another administrator may.
    let change = json!({"password": "another password", "email": "else@example.com"});
    app.admin_anew()
        .await
        .meta("PATCH", &own, change)
        .await
        .ok();
    login(&app.anonymous(), "else@example.com", "another password")
        .await
        .ok();
}
