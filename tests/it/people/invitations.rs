//! Invitations: an admin makes a user, who chooses the password with a mailed link.

use serde_json::{Value as Json, json};
use time::Duration;

use super::{MailServer, login, make_user, reset, with_mail};
use crate::support::{Client, Options, Response, Rules, TestApp};

const EMAIL: &str = "ann@example.com";

async fn invite(client: &Client, id: &str) -> Response {
    let path = format!("users/{id}/invite");
    client.meta("POST", &path, Json::Null).await
}

#[tokio::test]
async fn an_invited_user_chooses_the_password_and_signs_in() {
    let (app, mut mail) = with_mail().await;
    let user = json!({"email": EMAIL, "name": "Ann", "invite": true});
    let made = app.admin().meta("POST", "users", user).await;
    let invitation = made.status(201).json()["invitation"].clone();
    assert_eq!(invitation["sent"], true);
    assert!(invitation["expiresAt"].is_string());
    for secret in ["token", "url"] {
        assert!(invitation.get(secret).is_none(), "the mail alone has it");
    }

    let letter = mail.next().await;
    assert_eq!(letter.from, "FROM:<relata@example.com>");
    assert_eq!(letter.to, [format!("TO:<{EMAIL}>")]);
    let header = letter.header();
    for line in [
        "From: Relata <relata@example.com>",
        "To: ann@example.com",
        "Subject: Your invitation to Relata",
        "Content-Type: text/plain; charset=utf-8",
        "Auto-Submitted: auto-generated",
    ] {
        assert!(header.contains(&line), "{line}\n{header:#?}");
    }
    let token = letter.token("welcome");
    assert!(!made.text().contains(&token));

    login(&app.anonymous(), EMAIL, "").await.status(401);
    reset(&app, &token, "my first password").await.status(204);
    app.sign_in(EMAIL, "my first password").await;
    let again = reset(&app, &token, "my second password").await;
    again.problem_at(422, "validation_failed", "/token");
    app.sign_in(EMAIL, "my first password").await;
    // Users that are read later say nothing of it.
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    let path = format!("users/{id}");
    let shown = app.admin().meta("GET", &path, Json::Null).await.ok();
    assert!(shown.get("invitation").is_none());
}

#[tokio::test]
async fn the_server_for_mail_is_told_who_sends() {
    let mut mail = MailServer::start();
    let options = Options {
        smtp_url: Some(mail.url_with_password()),
        ..Options::default()
    };
    let app = TestApp::start_with(options).await;
    make_user(&app, EMAIL, json!({"invite": true})).await;
    // "\0relata\0p@ss", as RFC 4616 has it.
    let expected = Some("AHJlbGF0YQBwQHNz".to_owned());
    assert_eq!(mail.next().await.credentials, expected);
}

#[tokio::test]
async fn without_a_server_for_mail_the_admin_is_given_the_token() {
    let app = TestApp::start().await;
    let user = json!({"email": EMAIL, "name": "Ann", "invite": true});
    let made = app
        .admin()
        .meta("POST", "users", user)
        .await
        .status(201)
        .json();
    let invitation = &made["invitation"];
    assert_eq!(invitation["sent"], false);
    assert!(invitation.get("url").is_none(), "no page is configured");
    let token = invitation["token"].as_str().expect("a token");
    reset(&app, token, "my first password").await.status(204);
    app.sign_in(EMAIL, "my first password").await;
}

#[tokio::test]
async fn an_invitation_that_can_not_be_mailed_stands_and_is_given_to_the_admin() {
    let mail = MailServer::that_refuses();
    let options = Options {
        smtp_url: Some(mail.url()),
        ..Options::default()
    };
    let app = TestApp::start_with(options).await;
    let user = json!({"email": EMAIL, "name": "Ann", "invite": true});
    let made = app
        .admin()
        .meta("POST", "users", user)
        .await
        .status(201)
        .json();
    let invitation = &made["invitation"];
    assert_eq!(invitation["sent"], false);
    let token = invitation["token"].as_str().expect("a token");
    let url = format!("https://app.example.com/welcome#token={token}");
    assert_eq!(invitation["url"], url);
    reset(&app, token, "my first password").await.status(204);
}

#[tokio::test]
async fn an_invitation_ends_the_one_before() {
    let (app, mut mail) = with_mail().await;
    let id = make_user(&app, EMAIL, json!({"invite": true})).await;
    let first = mail.next().await.token("welcome");
    invite(&app.admin(), &id).await.ok();
    let second = mail.next().await.token("welcome");
    let refused = reset(&app, &first, "my first password").await;
    refused.problem_at(422, "validation_failed", "/token");
    reset(&app, &second, "my first password").await.status(204);
}

#[tokio::test]
async fn an_invitation_lasts_seven_days_and_outlives_a_change_of_roles() {
    let (app, mut mail) = with_mail().await;
    app.add_role("reader", &Rules::none().read("organization"))
        .await;
    let id = make_user(&app, EMAIL, json!({"invite": true})).await;
    let token = mail.next().await.token("welcome");
    let roles = json!({"roles": ["reader"], "name": "Ann B."});
    app.admin()
        .meta("PATCH", &format!("users/{id}"), roles)
        .await
        .ok();
    app.advance(Duration::days(7) - Duration::minutes(1));
    reset(&app, &token, "my first password").await.status(204);

    make_user(&app, "bea@example.com", json!({"invite": true})).await;
    let token = mail.next().await.token("welcome");
    app.advance(Duration::days(7) + Duration::seconds(1));
    let refused = reset(&app, &token, "my first password").await;
    refused.problem_at(422, "validation_failed", "/token");
}

#[tokio::test]
async fn an_invitation_is_void_when_address_or_activity_change() {
    let (app, mut mail) = with_mail().await;
    for change in [
        json!({"email": "other@example.com"}),
        json!({"active": false}),
    ] {
        let id = make_user(&app, EMAIL, json!({"invite": true})).await;
        let token = mail.next().await.token("welcome");
        let admin = app.admin();
        let path = format!("users/{id}");
        admin.meta("PATCH", &path, change).await.ok();
        let back = json!({"active": true, "email": format!("{id}@example.com")});
        admin.meta("PATCH", &path, back).await.ok();
        let refused = reset(&app, &token, "my first password").await;
        refused.problem_at(422, "validation_failed", "/token");
    }
}

#[tokio::test]
async fn only_active_users_are_invited_and_only_by_those_who_may() {
    let (app, mut mail) = with_mail().await;
    let id = make_user(&app, EMAIL, json!({})).await;
    let admin = app.admin();
    let user = app.user(&[]).await;
    invite(&user, &id).await.problem(403, "forbidden");
    let unknown = uuid::Uuid::now_v7().to_string();
    invite(&user, &unknown).await.problem(403, "forbidden");
    invite(&admin, &unknown).await.problem(404, "not_found");
    let deactivated = json!({"active": false});
    admin
        .meta("PATCH", &format!("users/{id}"), deactivated)
        .await
        .ok();
    invite(&admin, &id).await.problem(409, "conflict");
    let both = json!({"email": "b@example.com", "name": "B", "password": "a long password", "invite": true});
    let both = admin.meta("POST", "users", both).await;
    both.problem_at(422, "validation_failed", "/invite");
    assert!(!mail.has_more(), "no letter was sent");
}

#[tokio::test]
async fn nothing_that_is_entered_becomes_a_line_of_a_letter() {
    let (app, mut mail) = with_mail().await;
    let name = "Ann\r\nBcc: thief@example.com\r\n\r\nhttps://evil.example.com/";
    make_user(&app, EMAIL, json!({"name": name, "invite": true})).await;
    let letter = mail.next().await;
    assert_eq!(letter.to.len(), 1);
    for entered in ["thief", "evil", "Ann\r"] {
        assert!(!letter.data.contains(entered), "{entered}\n{}", letter.data);
    }
    for email in [
        "ann@example.com\r\nBcc: thief@example.com",
        "ann@example.com\nRCPT TO:<thief@example.com>",
        "ann@example.com, thief@example.com",
        "<ann@example.com>",
        "Ann <ann@example.com>",
    ] {
        let user = json!({"email": email, "name": "Ann", "invite": true});
        let refused = app.admin().meta("POST", "users", user).await;
        refused.problem_at(422, "validation_failed", "/email");
    }
    assert!(!mail.has_more());
}
