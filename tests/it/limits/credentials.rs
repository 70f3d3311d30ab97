//! Wrong passwords, keys and refresh tokens: limited by what nobody can choose, without shutting anybody out.

use serde_json::{Value as Json, json};
use time::Duration;

use super::{start, wait};
use crate::support::{Client, Response, Rules, TestApp};

const EMAIL: &str = "ann@example.com";
const PASSWORD: &str = "a password of a test";

/// Units that are never used up.
const RATES: &str = "standard=1000000,anonymous=1000000";

async fn with_ann() -> TestApp {
    let app = start(RATES).await;
    let user = json!({"email": EMAIL, "name": "Ann", "password": PASSWORD, "roles": []});
    app.admin().meta("POST", "users", user).await.status(201);
    app
}

async fn sign_in(app: &TestApp, address: &str, email: &str, password: &str) -> Response {
    let client = app.anonymous().at(address);
    let body = json!({"email": email, "password": password});
    client.call("POST", "/v1/auth/login", &body).await
}

/// What an answer tells, but for its request id.
fn told(answer: &Response) -> (u16, Json, Vec<String>) {
    let mut body = answer.json();
    body["requestId"] = Json::Null;
    let headers = answer.headers_but(&["date", "x-request-id"]);
    (answer.code(), body, headers)
}

#[tokio::test]
async fn wrong_passwords_are_refused_alike_whether_or_not_there_is_such_a_user() {
    let app = with_ann().await;
    let mut refused = 0;
    for _ in 0..12 {
        let ann = sign_in(&app, "127.0.0.2", EMAIL, "wrong").await;
        let nobody = sign_in(&app, "127.0.0.3", "nobody@example.com", "wrong").await;
        let no_email = sign_in(&app, "127.0.0.4", "nobody", "wrong").await;
        assert_eq!(told(&ann), told(&nobody));
        assert_eq!(told(&ann), told(&no_email));
        if ann.code() == 401 {
            ann.problem(401, "unauthenticated");
        } else {
            ann.problem(429, "too_many_attempts");
            refused += 1;
        }
    }
    assert_eq!(refused, 2);
    // The right one is not told from there either, until the time has passed that was told.
    let right = sign_in(&app, "127.0.0.2", EMAIL, PASSWORD).await;
    right.problem(429, "too_many_attempts");
    app.advance(Duration::seconds(wait(&right)));
    sign_in(&app, "127.0.0.2", EMAIL, PASSWORD).await.ok();
}

#[tokio::test]
async fn an_account_under_attack_stays_open_to_its_owner() {
    let app = with_ann().await;
    sign_in(&app, "127.0.0.2", EMAIL, PASSWORD).await.ok();
    let mut checked = 0;
    for address in 10..17 {
        let address = format!("127.0.0.{address}");
        for _ in 0..9 {
            let answer = sign_in(&app, &address, EMAIL, "wrong").await;
            checked += usize::from(answer.code() == 401);
        }
    }
    assert_eq!(checked, 50);
    // A network that nobody has seen has to wait, even with the right password; the owner's has not.
    let stranger = sign_in(&app, "127.0.0.30", EMAIL, PASSWORD).await;
    stranger.problem(429, "too_many_attempts");
    sign_in(&app, "127.0.0.2", EMAIL, PASSWORD).await.ok();
    // Ten wrong ones of the owner's own are checked, no more.
    for _ in 0..10 {
        let answer = sign_in(&app, "127.0.0.2", EMAIL, "wrong").await;
        answer.problem(401, "unauthenticated");
    }
    let answer = sign_in(&app, "127.0.0.2", EMAIL, PASSWORD).await;
    answer.problem(429, "too_many_attempts");
    app.advance(Duration::minutes(3));
    sign_in(&app, "127.0.0.2", EMAIL, PASSWORD).await.ok();
    // A network of long ago is strange again.
    app.advance(Duration::days(91));
    sign_in(&app, "127.0.0.30", EMAIL, PASSWORD).await.ok();
    let number = app.number("SELECT count(*) FROM sign_in_networks").await;
    assert!(number >= 2, "{number}");
}

#[tokio::test]
async fn one_address_tries_no_more_by_changing_the_name() {
    let app = with_ann().await;
    let mut checked = 0;
    for number in 0..40 {
        let email = format!("user{number}@example.com");
        let answer = sign_in(&app, "127.0.0.2", &email, "wrong").await;
        checked += usize::from(answer.code() == 401);
    }
    assert_eq!(checked, 30);
    sign_in(&app, "127.0.0.3", EMAIL, PASSWORD).await.ok();
}

/// A text in the form of a key that is none: the key with another id.
fn wrong_keys(key: &Client) -> impl Iterator<Item = Client> {
    (0..).map(|number| key.with_token(&format!("rlt_wrong{number}_{}", "a".repeat(49))))
}

#[tokio::test]
async fn wrong_keys_shut_out_no_key_that_was_right_there() {
    let app = start(RATES).await;
    app.add_role("reader", &Rules::none().read("organization"))
        .await;
    let known = app.key(&["reader"], json!({})).await.at("127.0.0.2");
    let other = app.key(&["reader"], json!({})).await;
    known.list("organizations", "").await.ok();
    let mut codes = Vec::new();
    for wrong in wrong_keys(&known).take(35) {
        let answer = wrong.list("organizations", "").await;
        codes.push(answer.code());
        if answer.code() == 429 {
            answer.problem(429, "too_many_attempts");
            assert!(wait(&answer) > 0);
        } else {
            answer.problem(401, "unauthenticated");
        }
    }
    assert_eq!(codes.iter().filter(|code| **code == 401).count(), 30);
    known.list("organizations", "").await.ok();
    other.at("127.0.0.3").list("organizations", "").await.ok();
    // A key that was never used there waits a moment.
    let answer = other.at("127.0.0.2").list("organizations", "").await;
    answer.problem(429, "too_many_attempts");
    app.advance(Duration::seconds(wait(&answer)));
    other.at("127.0.0.2").list("organizations", "").await.ok();
    // Signing in has a count of its own.
    app.anonymous()
        .at("127.0.0.2")
        .list("organizations", "")
        .await
        .problem(401, "unauthenticated");
}

#[tokio::test]
async fn wrong_refresh_tokens_shut_out_none_that_was_given_there() {
    let app = with_ann().await;
    let session = sign_in(&app, "127.0.0.2", EMAIL, PASSWORD).await.ok();
    let refresh = async |address: &str, token: &Json| {
        let client = app.anonymous().at(address);
        let body = json!({"refreshToken": token});
        client.call("POST", "/v1/auth/refresh", &body).await
    };
    let mut checked = 0;
    for number in 0..35 {
        let answer = refresh("127.0.0.2", &json!(format!("rlr_wrong{number}"))).await;
        checked += usize::from(answer.code() == 401);
    }
    assert_eq!(checked, 30);
    let next = refresh("127.0.0.2", &session["refreshToken"]).await.ok();
    refresh("127.0.0.2", &next["refreshToken"]).await.ok();
    let elsewhere = refresh("127.0.0.3", &json!("rlr_wrong")).await;
    elsewhere.problem(401, "unauthenticated");
}
