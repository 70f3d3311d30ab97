//! What an ID token has to be, and keys that follow each other.

use serde_json::{Value as Json, json};
use time::Duration;

use super::{
    make_user,
    provider::{Key, TestProvider},
    providers::{BY_EMAIL, install, is_refused, reasons, sign_in},
};

const EMAIL: &str = "ann@example.com";

#[tokio::test]
async fn an_id_token_has_to_be_for_this_sign_in_here_and_now() {
    let provider = TestProvider::start().await;
    let app = install(&provider, BY_EMAIL).await;
    make_user(&app, EMAIL, json!({})).await;
    let past = app.now().unix_timestamp() - 1;
    let mut expected = Vec::new();
    for (claims, reason) in [
        (json!({"nonce": "another one"}), "nonce"),
        (json!({"nonce": null}), "nonce"),
        (json!({"aud": "another client"}), "audience"),
        (
            json!({"aud": ["relata of the test", "another client"]}),
            "audience",
        ),
        (json!({"iss": "https://evil.example.com"}), "issuer"),
        (json!({"exp": past}), "tokenExpired"),
        (json!({"azp": "another client"}), "authorizedParty"),
        (
            json!({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}),
            "accessTokenHash",
        ),
    ] {
        provider.inner().claims = claims;
        is_refused(&sign_in(&app, &provider).await);
        expected.push(format!("corporate: {reason}"));
    }
    assert_eq!(app.number("SELECT count(*) FROM user_identities").await, 0);
    provider.inner().claims = json!({"azp": "relata of the test"});
    sign_in(&app, &provider).await.ok();
    expected.sort();
    expected.dedup();
    let mut told = reasons(&app).await;
    told.sort();
    told.dedup();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn an_id_token_is_signed_by_a_key_that_the_provider_shows() {
    let provider = TestProvider::start().await;
    let app = install(&provider, BY_EMAIL).await;
    make_user(&app, EMAIL, json!({})).await;
    let shown = vec![Key::ed25519("first", 1).public()];
    provider.inner().shown = shown;
    for key in [
        // Another key with the name of the right one.
        Key::ed25519("first", 2),
        Key::ed25519("unknown", 2),
        Key::rsa("first"),
        // The client could sign so itself.
        Key::shared("first", "s%cret: of+the test"),
    ] {
        provider.inner().key = key;
        is_refused(&sign_in(&app, &provider).await);
    }
    let told = reasons(&app).await;
    assert!(
        told.iter().all(|it| it == "corporate: signature"),
        "{told:?}"
    );
    provider.inner().key = Key::ed25519("first", 1);
    sign_in(&app, &provider).await.ok();
}

#[tokio::test]
async fn rsa_keys_sign_as_well() {
    let provider = TestProvider::start().await;
    provider.inner().key = Key::rsa("rsa");
    let app = install(&provider, BY_EMAIL).await;
    make_user(&app, EMAIL, json!({})).await;
    sign_in(&app, &provider).await.ok();
}

#[tokio::test]
async fn new_keys_are_asked_for_once_a_minute_at_most() {
    let provider = TestProvider::start().await;
    let app = install(&provider, BY_EMAIL).await;
    make_user(&app, EMAIL, json!({})).await;
    sign_in(&app, &provider).await.ok();
    assert_eq!(provider.asked("/keys"), 1);
    provider.inner().key = Key::ed25519("second", 2);
    for _ in 0..3 {
        is_refused(&sign_in(&app, &provider).await);
    }
    assert_eq!(provider.asked("/keys"), 1);
    app.advance(Duration::seconds(61));
    sign_in(&app, &provider).await.ok();
    sign_in(&app, &provider).await.ok();
    assert_eq!(provider.asked("/keys"), 2);
    // A key that is withdrawn counts for an hour at most.
    provider.inner().shown = vec![Key::ed25519("third", 3).public()];
    app.advance(Duration::seconds(61));
    sign_in(&app, &provider).await.ok();
    app.advance(Duration::hours(1));
    provider.inner().claims = json!({"exp": app.now().unix_timestamp() + 300});
    is_refused(&sign_in(&app, &provider).await);
    assert_eq!(provider.asked("/keys"), 3);
}

#[tokio::test]
async fn an_address_may_stand_in_userinfo_alone() {
    let provider = TestProvider::start().await;
    let app = install(&provider, BY_EMAIL).await;
    make_user(&app, EMAIL, json!({})).await;
    provider.inner().person = json!({"sub": "1"});
    // It gives no answer, one without a verified address, and one about somebody else.
    is_refused(&sign_in(&app, &provider).await);
    for told in [
        json!({"sub": "1", "email": EMAIL}),
        json!({"sub": "2", "email": EMAIL, "email_verified": true}),
    ] {
        provider.inner().userinfo = told;
        is_refused(&sign_in(&app, &provider).await);
    }
    provider.inner().userinfo = json!({"sub": "1", "email": EMAIL, "email_verified": true});
    sign_in(&app, &provider).await.ok();
    assert_eq!(provider.asked("/userinfo"), 4);
    // An ID token with an address is not looked behind.
    provider.inner().userinfo = Json::Null;
    provider.inner().person = json!({"sub": "3", "email": EMAIL, "email_verified": false});
    is_refused(&sign_in(&app, &provider).await);
    assert_eq!(provider.asked("/userinfo"), 4);
}
