//! Providers that do not do their part.

use serde_json::{Value as Json, json};
use time::Duration;

use super::{
    make_user,
    provider::{Fault, TestProvider},
    providers::{BY_EMAIL, begin_at, finish, install, install_with, sign_in, start},
};
use crate::support::{Options, Response};

const EMAIL: &str = "ann@example.com";
const DISCOVERY: &str = "/.well-known/openid-configuration";

/// Checks the one answer to all that a provider does wrong: nothing of why stands in it.
#[track_caller]
fn failed(answer: &Response) {
    let problem = answer.problem(502, "provider_failed");
    let detail = problem["detail"].as_str().expect("a text");
    assert!(
        detail.starts_with("the provider \"corporate\" can't be reached"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_provider_that_is_down_is_told_and_not_asked_in_a_row() {
    let provider = TestProvider::start().await;
    let app = install(&provider, BY_EMAIL).await;
    let anonymous = app.anonymous();
    provider.inner().fault = Some((DISCOVERY, Fault::Answers(503, "{}".to_owned())));
    for _ in 0..5 {
        failed(&start(&anonymous, "corporate").await);
    }
    assert_eq!(provider.asked(DISCOVERY), 1);
    app.advance(Duration::seconds(11));
    failed(&start(&anonymous, "corporate").await);
    assert_eq!(provider.asked(DISCOVERY), 2);
    // It is back.
    provider.inner().fault = None;
    app.advance(Duration::seconds(11));
    let sent = (0..8).map(|_| start(&anonymous, "corporate"));
    for answer in futures::future::join_all(sent).await {
        answer.ok();
    }
    assert_eq!(provider.asked(DISCOVERY), 3);
    assert_eq!(provider.asked("/keys"), 1);
    // The password, or another provider, is another way in.
    provider.stop();
    app.advance(Duration::hours(2));
    failed(&start(&anonymous, "corporate").await);
    app.admin_anew().await;
}

#[tokio::test]
async fn what_a_provider_says_of_itself_has_to_be_right() {
    let long = json!({"padding": "x".repeat(300_000)}).to_string();
    for fault in [
        Fault::Answers(200, "no JSON".to_owned()),
        Fault::Answers(200, "{}".to_owned()),
        Fault::Answers(200, long),
        Fault::Answers(500, String::new()),
        Fault::Redirects("https://evil.example.com/".to_owned()),
    ] {
        for path in [DISCOVERY, "/keys"] {
            let provider = TestProvider::start().await;
            let app = install(&provider, BY_EMAIL).await;
            provider.inner().fault = Some((path, fault.clone()));
            failed(&start(&app.anonymous(), "corporate").await);
        }
    }
    for document in [
        json!({"issuer": "https://evil.example.com"}),
        json!({"authorization_endpoint": "http://login.example.com/authorize"}),
        json!({"authorization_endpoint": "javascript:alert(1)"}),
        json!({"jwks_uri": "http://192.0.2.1/keys"}),
        json!({"jwks_uri": "file:///etc/passwd"}),
        json!({"jwks_uri": null}),
    ] {
        let provider = TestProvider::start().await;
        let app = install(&provider, BY_EMAIL).await;
        provider.inner().document = document;
        failed(&start(&app.anonymous(), "corporate").await);
    }
}

#[tokio::test]
async fn what_a_provider_answers_to_a_code_has_to_be_right() {
    let provider = TestProvider::start().await;
    let app = install(&provider, BY_EMAIL).await;
    make_user(&app, EMAIL, json!({})).await;
    let without = json!({"access_token": "opaque", "token_type": "Bearer"});
    let broken = json!({"access_token": "opaque", "token_type": "Bearer", "id_token": "a.b.c"});
    let refuses = json!({"error": "invalid_client", "error_description": "who is that?"});
    for fault in [
        Fault::Answers(200, without.to_string()),
        Fault::Answers(200, broken.to_string()),
        Fault::Answers(200, "[]".to_owned()),
        Fault::Answers(200, String::new()),
        Fault::Answers(401, refuses.to_string()),
        Fault::Answers(500, "sorry".to_owned()),
        Fault::Redirects("http://127.0.0.1:1/".to_owned()),
    ] {
        provider.inner().fault = Some(("/token", fault));
        failed(&sign_in(&app, &provider).await);
    }
    provider.inner().fault = None;
    sign_in(&app, &provider).await.ok();
    // What was begun is used up by then.
    let begun = begin_at(&app, "corporate").await;
    let back = provider.sign_in(&begun.url).await;
    provider.stop();
    failed(&finish(&app, &back, &begun.transaction).await);
    finish(&app, &back, &begun.transaction)
        .await
        .problem(401, "unauthenticated");
}

#[tokio::test]
async fn the_secret_goes_as_the_provider_takes_it() {
    let provider = TestProvider::start().await;
    provider.inner().document =
        json!({"token_endpoint_auth_methods_supported": ["client_secret_post"]});
    let app = install(&provider, BY_EMAIL).await;
    make_user(&app, EMAIL, json!({})).await;
    sign_in(&app, &provider).await.ok();
}

#[tokio::test]
async fn an_access_token_that_fits_into_no_header_is_not_sent_back() {
    let provider = TestProvider::start().await;
    let app = install(&provider, BY_EMAIL).await;
    make_user(&app, EMAIL, json!({})).await;
    let begun = begin_at(&app, "corporate").await;
    let back = provider.sign_in(&begun.url).await;
    let nonce = begun
        .url
        .split('&')
        .find_map(|pair| pair.strip_prefix("nonce="));
    let token = provider.token(nonce.expect("a nonce"), &json!({"email": null}));
    let answer = json!({"access_token": "a\nb", "token_type": "Bearer", "id_token": token});
    provider.inner().fault = Some(("/token", Fault::Answers(200, answer.to_string())));
    let refused = finish(&app, &back, &begun.transaction).await;
    refused.problem(401, "unauthenticated");
    assert_eq!(provider.asked("/userinfo"), 0);
}

#[tokio::test]
async fn wrong_answers_are_counted_and_right_ones_are_not() {
    let provider = TestProvider::start().await;
    let options = Options {
        rates: Some("anonymous=100000"),
        still: true,
        ..Options::default()
    };
    let app = install_with(&provider.settings("corporate", BY_EMAIL), options).await;
    make_user(&app, EMAIL, json!({})).await;
    let mut codes = Vec::new();
    for _ in 0..31 {
        let body = json!({"code": "c", "state": "s", "transaction": "rlo_nothing"});
        let path = "/v1/auth/oidc/corporate/finish";
        codes.push(app.anonymous().call("POST", path, &body).await.code());
    }
    assert_eq!(codes[..30], [401; 30]);
    assert_eq!(codes[30], 429);
    app.advance(Duration::seconds(61));
    for _ in 0..40 {
        sign_in(&app, &provider).await.ok();
    }
    let none: Json = start(&app.anonymous(), "nobody")
        .await
        .problem(404, "not_found");
    assert!(none.get("errors").is_none());
}
