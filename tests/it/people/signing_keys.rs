//! The keys of access tokens follow each other, by command and by age.

use std::time::{Duration as Span, Instant};

use api::{
    Config, Secret,
    cli::{Arguments, execute},
};
use serde_json::Value as Json;
use time::Duration;

use super::{login, refresh};
use crate::support::{ADMIN_EMAIL, ADMIN_PASSWORD, Client, TestApp};

/// How long a server may take to notice.
const PATIENCE: Span = Span::from_secs(20);

/// The ids of the public keys.
async fn public(app: &TestApp) -> Vec<String> {
    let keys = app
        .anonymous()
        .call("GET", "/.well-known/jwks.json", &Json::Null)
        .await
        .ok();
    let keys = keys["keys"].as_array().expect("keys");
    let ids = keys.iter().map(|key| key["kid"].as_str().expect("an id"));
    ids.map(str::to_owned).collect()
}

/// Waits until there are so many public keys.
async fn wait_for(app: &TestApp, count: usize) -> Vec<String> {
    let begun = Instant::now();
    loop {
        let keys = public(app).await;
        if keys.len() == count {
            return keys;
        }
        assert!(
            begun.elapsed() < PATIENCE,
            "{count} keys are awaited: {keys:?}"
        );
    }
}

/// The key that signs now.
async fn signs(app: &TestApp) -> String {
    let session = login(&app.anonymous(), ADMIN_EMAIL, ADMIN_PASSWORD).await;
    let session = session.ok();
    let token = session["accessToken"].as_str().expect("a token");
    let header = token.split('.').next().expect("a header");
    let keys = public(app).await;
    let named = |key: &&String| decoded(header).contains(key.as_str());
    keys.iter().find(named).expect("a public key").clone()
}

/// The text of unpadded base64url.
fn decoded(text: &str) -> String {
    let digits = text.bytes().map(|byte| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'-' => 62,
        _ => 63,
    });
    let bits = digits.flat_map(|digit| (0..6).rev().map(move |bit| digit >> bit & 1));
    let bits: Vec<u8> = bits.collect();
    let bytes = bits.chunks_exact(8);
    let bytes = bytes.map(|eight| eight.iter().fold(0_u8, |value, bit| value << 1 | bit));
    String::from_utf8(bytes.collect()).expect("a text")
}

async fn rotate(app: &TestApp, words: &[&str]) {
    let arguments = Arguments::of(&[&["keys", "rotate"], words].concat()).expect("a command");
    let config = Config {
        database_url: Secret::new(app.url()),
        max_connections: 2,
        ..Config::default()
    };
    execute(arguments, config).await.expect("it rotates");
}

async fn me(client: &Client) -> u16 {
    client.call("GET", "/v1/auth/me", &Json::Null).await.code()
}

#[tokio::test]
async fn a_rotated_key_signs_later_and_nobody_is_signed_out() {
    let app = TestApp::start().await;
    let admin = app.admin_anew().await;
    let first = public(&app).await;
    rotate(&app, &[]).await;
    let both = wait_for(&app, 2).await;
    assert_eq!(both[0], first[0]);
    assert_eq!(signs(&app).await, both[0]);
    assert_eq!(me(&admin).await, 200);
    app.advance(Duration::minutes(11));
    let later = app.admin_anew().await;
    assert_eq!(signs(&app).await, both[1]);
    app.advance(Duration::minutes(9) + Duration::seconds(30));
    assert_eq!(me(&later).await, 200);
    assert_eq!(wait_for(&app, 1).await, both[1..]);
    assert_eq!(signs(&app).await, both[1]);
    // The old one is forgotten.
    let begun = Instant::now();
    let kept = "SELECT count(*) FROM signing_keys WHERE kind = 'jwt'";
    while app.number(kept).await > 1 {
        assert!(begun.elapsed() < PATIENCE, "the old key is kept");
    }
}

#[tokio::test]
async fn a_key_that_may_be_in_other_hands_ends_at_once() {
    let app = TestApp::start().await;
    let session = login(&app.anonymous(), ADMIN_EMAIL, ADMIN_PASSWORD).await;
    let session = session.ok();
    let token = session["accessToken"].as_str().expect("a token");
    let admin = app.anonymous().with_token(token);
    assert_eq!(me(&admin).await, 200);
    let first = public(&app).await;
    rotate(&app, &["--now"]).await;
    let begun = Instant::now();
    while me(&admin).await == 200 {
        assert!(begun.elapsed() < PATIENCE, "the old key counts on");
    }
    let second = public(&app).await;
    assert_eq!(second.len(), 1);
    assert_ne!(second, first);
    let next = refresh(&app, &session).await.ok();
    let token = next["accessToken"].as_str().expect("a token");
    assert_eq!(me(&app.anonymous().with_token(token)).await, 200);
}

#[tokio::test]
async fn a_key_is_rotated_when_it_is_old() {
    let app = TestApp::start().await;
    let first = public(&app).await;
    app.advance(Duration::days(89));
    assert_eq!(public(&app).await, first);
    app.advance(Duration::days(1));
    let both = wait_for(&app, 2).await;
    assert_eq!(both[0], first[0]);
    assert_eq!(signs(&app).await, first[0]);
    let admin = app.admin_anew().await;
    let log = admin
        .get_path("/v1/meta/audit", "kind=signingKeyRotated")
        .await
        .ok();
    let entries = log["data"].as_array().expect("entries");
    assert_eq!(entries.len(), 1, "{log}");
    assert_eq!(entries[0]["principal"]["kind"], "system", "{log}");
    assert_eq!(entries[0]["details"]["oldOnesEnd"], false, "{log}");
}

#[tokio::test]
async fn a_rotation_that_can_not_be_logged_does_not_happen() {
    let app = TestApp::start().await;
    let first = public(&app).await;
    app.sql("ALTER TABLE audit_entries RENAME TO elsewhere")
        .await;
    for words in [&[][..], &["--now"]] {
        let arguments = Arguments::of(&[&["keys", "rotate"], words].concat()).expect("a command");
        let config = Config {
            database_url: Secret::new(app.url()),
            max_connections: 2,
            ..Config::default()
        };
        assert!(execute(arguments, config).await.is_err());
    }
    assert_eq!(
        app.number("SELECT count(*) FROM signing_keys WHERE kind = 'jwt'")
            .await,
        1
    );
    assert_eq!(public(&app).await, first);
}
