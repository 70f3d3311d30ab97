//! The second factor: codes of an app by the time, and recovery codes.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value as Json, json};
use sha1::Sha1;
use time::Duration;

use super::{login, make_user, refresh};
use crate::support::{Client, Response, Rules, TestApp};

const EMAIL: &str = "ann@example.com";
const PASSWORD: &str = "a password of a test";

/// A user with a second factor, as an app holds it.
struct Person {
    app: TestApp,
    client: Client,
    id: String,
    secret: Vec<u8>,
    recovery_codes: Vec<String>,
}

impl Person {
    /// The code that the app shows at the time of the server, or some steps later.
    fn code(&self, later: i64) -> String {
        let step = self.app.now().unix_timestamp().div_euclid(30) + later;
        code_of(&self.secret, step)
    }

    /// A code that is wrong now.
    fn wrong_code(&self) -> String {
        let right: Vec<String> = (-2..=2).map(|later| self.code(later)).collect();
        let mut codes = (0..10).map(|digit| digit.to_string().repeat(6));
        codes.find(|it| !right.contains(it)).expect("a wrong code")
    }

    /// The next step, for a code that was not used yet.
    fn wait(&self) {
        self.app.advance(Duration::seconds(60));
    }

    async fn challenge(&self) -> String {
        challenge(&self.app, EMAIL).await
    }

    async fn verify(&self, challenge: &str, code: &str) -> Response {
        verify(&self.app, challenge, code).await
    }
}

/// HOTP as RFC 4226 has it.
pub(super) fn code_of(secret: &[u8], step: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("a key of any length");
    mac.update(&step.to_be_bytes());
    let mac = mac.finalize().into_bytes();
    let offset = usize::from(mac[19] & 0xf);
    let word = [
        mac[offset],
        mac[offset + 1],
        mac[offset + 2],
        mac[offset + 3],
    ];
    let number = (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000;
    format!("{number:06}")
}

/// Reads base32 as an app does.
pub(super) fn secret_of(text: &str) -> Vec<u8> {
    let digits = text.bytes().map(|byte| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'2'..=b'7' => byte - b'2' + 26,
        _ => panic!("{text} is no base32"),
    });
    let bits = digits.flat_map(|digit| (0..5).rev().map(move |bit| digit >> bit & 1));
    let bits: Vec<u8> = bits.collect();
    let bytes = bits.chunks_exact(8);
    bytes
        .map(|eight| eight.iter().fold(0_u8, |value, bit| value << 1 | bit))
        .collect()
}

async fn challenge(app: &TestApp, email: &str) -> String {
    let asked = login(&app.anonymous(), email, PASSWORD).await.ok();
    assert_eq!(asked["factors"], json!(["totp", "recoveryCode"]));
    assert_eq!(asked["expiresIn"], 300);
    assert!(asked.get("accessToken").is_none(), "{asked}");
    asked["challenge"].as_str().expect("a challenge").to_owned()
}

pub(super) async fn verify(app: &TestApp, challenge: &str, code: &str) -> Response {
    let body = json!({"challenge": challenge, "code": code});
    let anonymous = app.anonymous();
    anonymous.call("POST", "/v1/auth/login/verify", &body).await
}

pub(super) async fn begin(client: &Client, password: &str) -> Response {
    let body = json!({"password": password});
    client.call("POST", "/v1/auth/totp", &body).await
}

pub(super) async fn confirm(client: &Client, code: &str) -> Response {
    let body = json!({"code": code});
    client.call("POST", "/v1/auth/totp/confirm", &body).await
}

async fn remove(client: &Client, password: &str, code: &str) -> Response {
    let body = json!({"password": password, "code": code});
    client.call("DELETE", "/v1/auth/totp", &body).await
}

/// A user who signs in with a second factor.
async fn start() -> Person {
    let app = TestApp::start().await;
    let id = make_user(&app, EMAIL, json!({"password": PASSWORD})).await;
    let client = app.sign_in(EMAIL, PASSWORD).await;
    let begun = begin(&client, PASSWORD).await.ok();
    let secret = secret_of(begun["secret"].as_str().expect("a secret"));
    let mut person = Person {
        app,
        client,
        id,
        secret,
        recovery_codes: Vec::new(),
    };
    let confirmed = confirm(&person.client, &person.code(0)).await.ok();
    let codes = confirmed["recoveryCodes"].as_array().expect("codes");
    let codes = codes.iter().map(|code| code.as_str().expect("a text"));
    person.recovery_codes = codes.map(str::to_owned).collect();
    person.wait();
    person
}

#[tokio::test]
async fn a_second_factor_is_in_force_when_its_first_code_was_right() {
    let app = TestApp::start().await;
    make_user(&app, EMAIL, json!({"password": PASSWORD})).await;
    let client = app.sign_in(EMAIL, PASSWORD).await;
    let none = confirm(&client, "123456").await;
    none.problem(409, "conflict");
    let refused = begin(&client, "something else").await;
    refused.problem_at(422, "validation_failed", "/password");

    let first = begin(&client, PASSWORD).await.ok();
    let begun = begin(&client, PASSWORD).await.ok();
    assert_ne!(first["secret"], begun["secret"], "another beginning");
    let text = begun["secret"].as_str().expect("a secret");
    let expected = format!(
        "otpauth://totp/Relata:ann%40example.com?secret={text}&issuer=Relata&algorithm=SHA1&digits=6&period=30"
    );
    assert_eq!(begun["uri"], expected);
    let secret = secret_of(text);
    assert_eq!(secret.len(), 20);
    // Until it is confirmed, the password is enough.
    app.sign_in(EMAIL, PASSWORD).await;

    let step = app.now().unix_timestamp().div_euclid(30);
    for code in ["", "12345", "abcdef", &code_of(&secret, step + 5)] {
        let wrong = confirm(&client, code).await;
        wrong.problem_at(422, "validation_failed", "/code");
    }
    let spaced = code_of(&secret, step);
    let spaced = format!("{} {}", &spaced[..3], &spaced[3..]);
    let confirmed = confirm(&client, &spaced).await.ok();
    assert_eq!(
        confirmed["recoveryCodes"].as_array().map(Vec::len),
        Some(10)
    );
    confirm(&client, &spaced).await.problem(409, "conflict");
    begin(&client, PASSWORD).await.problem(409, "conflict");
    challenge(&app, EMAIL).await;
    let me = client.call("GET", "/v1/auth/me", &Json::Null).await.ok();
    assert_eq!(me["secondFactor"], true);
    // What is stored is sealed.
    let open = format!("SELECT count(*) FROM users WHERE totp_secret LIKE '%{text}%'");
    assert_eq!(app.number(&open).await, 0);
    let sealed = "SELECT count(*) FROM users WHERE totp_secret LIKE '1:%'";
    assert_eq!(app.number(sealed).await, 1);
}

#[tokio::test]
async fn a_sign_in_needs_the_password_and_then_a_code() {
    let person = start().await;
    let wrong = login(&person.app.anonymous(), EMAIL, "something else").await;
    wrong.problem(401, "unauthenticated");
    let challenge = person.challenge().await;
    let bearer = person.app.anonymous().with_token(&challenge);
    let me = bearer.call("GET", "/v1/auth/me", &Json::Null).await;
    me.problem(401, "unauthenticated");
    let session = person.verify(&challenge, &person.code(0)).await.ok();
    let token = session["accessToken"].as_str().expect("a token");
    let client = person.app.anonymous().with_token(token);
    let me = client.call("GET", "/v1/auth/me", &Json::Null).await.ok();
    assert_eq!(me["email"], EMAIL);
    refresh(&person.app, &session).await.ok();
    // A challenge is answered once.
    let again = person.verify(&challenge, &person.code(1)).await;
    again.problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_code_is_good_for_one_step_around_and_once() {
    let person = start().await;
    for (later, good) in [
        (-3, false),
        (3, false),
        (0, true),
        (0, false),
        (-1, false),
        (1, true),
    ] {
        let challenge = person.challenge().await;
        let answer = person.verify(&challenge, &person.code(later)).await;
        let expected = if good { 200 } else { 401 };
        assert_eq!(answer.code(), expected, "{later}\n{answer}");
    }
}

#[tokio::test]
async fn a_code_is_used_once_by_two_at_once_and_on_two_nodes() {
    let person = start().await;
    let other = person.app.another_node().await;
    let (first, second) = (person.challenge().await, person.challenge().await);
    let code = person.code(0);
    let body = json!({"challenge": second, "code": code});
    let elsewhere = other.admin();
    let (here, there) = tokio::join!(
        person.verify(&first, &code),
        elsewhere.call("POST", "/v1/auth/login/verify", &body),
    );
    let mut codes = [here.code(), there.code()];
    codes.sort_unstable();
    assert_eq!(codes, [200, 401], "{here}\n{there}");
}

#[tokio::test]
async fn wrong_codes_are_counted_over_all_challenges_of_a_user() {
    let person = start().await;
    let wrong = person.wrong_code();
    let mut challenges = Vec::new();
    for _ in 0..6 {
        challenges.push(person.challenge().await);
    }
    for challenge in &challenges[..5] {
        person.verify(challenge, &wrong).await.status(401);
    }
    // All are over, and a right code does not help for a while, on no node.
    let refused = person.verify(&challenges[5], &person.code(0)).await;
    refused.problem(401, "unauthenticated");
    let challenge = person.challenge().await;
    let refused = person.verify(&challenge, &person.code(0)).await;
    refused.problem(401, "unauthenticated");
    // Who has a recovery code comes in, and ends that.
    person
        .verify(&challenge, &person.recovery_codes[0])
        .await
        .ok();
    let challenge = person.challenge().await;
    person.verify(&challenge, &person.code(0)).await.ok();
}

#[tokio::test]
async fn guessing_gets_slower_and_slower() {
    let person = start().await;
    for minutes in [15, 30, 60] {
        for _ in 0..5 {
            let challenge = person.challenge().await;
            let wrong = person.wrong_code();
            person.verify(&challenge, &wrong).await.status(401);
        }
        person
            .app
            .advance(Duration::minutes(minutes) - Duration::minutes(1));
        let challenge = person.challenge().await;
        person.verify(&challenge, &person.code(0)).await.status(401);
        person.app.advance(Duration::minutes(2));
    }
    let challenge = person.challenge().await;
    person.verify(&challenge, &person.code(0)).await.ok();
}

#[tokio::test]
async fn a_recovery_code_works_once() {
    let person = start().await;
    let code = &person.recovery_codes[3];
    let typed = code.replace('-', " ").to_uppercase();
    let challenge = person.challenge().await;
    person.verify(&challenge, &typed).await.ok();
    let challenge = person.challenge().await;
    person.verify(&challenge, code).await.status(401);
    person
        .verify(&challenge, &person.recovery_codes[4])
        .await
        .ok();
    let left = person.app.number("SELECT count(*) FROM recovery_codes");
    assert_eq!(left.await, 8);
}

#[tokio::test]
async fn a_challenge_is_over_in_five_minutes_and_when_the_credentials_change() {
    let person = start().await;
    let challenge = person.challenge().await;
    person.app.advance(Duration::seconds(301));
    person.verify(&challenge, &person.code(0)).await.status(401);

    let challenge = person.challenge().await;
    let admin = person.app.admin_anew().await;
    let path = format!("users/{}", person.id);
    let password = json!({"password": PASSWORD});
    admin.meta("PATCH", &path, password).await.ok();
    person.verify(&challenge, &person.code(0)).await.status(401);

    for text in ["", "rlc_", &challenge[4..], "rlr_0000"] {
        let refused = person.verify(text, &person.code(0)).await;
        refused.problem(401, "unauthenticated");
    }
    let challenge = person.challenge().await;
    person.verify(&challenge, &person.code(0)).await.ok();
}

#[tokio::test]
async fn a_second_factor_is_taken_away_with_password_and_code() {
    let person = start().await;
    let client = &person.client;
    let wrong = remove(client, "something else", &person.code(0)).await;
    wrong.problem_at(422, "validation_failed", "/password");
    let wrong = remove(client, PASSWORD, &person.wrong_code()).await;
    wrong.problem_at(422, "validation_failed", "/code");
    challenge(&person.app, EMAIL).await;
    remove(client, PASSWORD, &person.code(0)).await.status(204);
    person.app.sign_in(EMAIL, PASSWORD).await;
    remove(client, PASSWORD, &person.code(1))
        .await
        .problem(404, "not_found");
    let left = person.app.number("SELECT count(*) FROM recovery_codes");
    assert_eq!(left.await, 0);
    // Another one has codes of its own.
    begin(client, PASSWORD).await.ok();
    confirm(client, &person.code(0))
        .await
        .problem_at(422, "validation_failed", "/code");
}

#[tokio::test]
async fn guesses_at_taking_it_away_are_counted_too() {
    let person = start().await;
    for _ in 0..5 {
        let wrong = remove(&person.client, PASSWORD, &person.wrong_code()).await;
        wrong.problem_at(422, "validation_failed", "/code");
    }
    let refused = remove(&person.client, PASSWORD, &person.code(0)).await;
    refused.problem_at(422, "validation_failed", "/code");
    let code = &person.recovery_codes[0];
    remove(&person.client, PASSWORD, code).await.status(204);
}

#[tokio::test]
async fn an_admin_helps_whoever_has_lost_the_app() {
    let person = start().await;
    let path = format!("users/{}/totp", person.id);
    let stranger = person.app.user(&[]).await;
    stranger
        .meta("DELETE", &path, Json::Null)
        .await
        .problem(403, "forbidden");
    let admin = person.app.admin_anew().await;
    let shown = format!("users/{}", person.id);
    let shown = admin.meta("GET", &shown, Json::Null).await.ok();
    assert_eq!(shown["secondFactor"], true);
    let challenge = person.challenge().await;
    admin.meta("DELETE", &path, Json::Null).await.status(204);
    person.verify(&challenge, &person.code(0)).await.status(401);
    let me = person.client.call("GET", "/v1/auth/me", &Json::Null).await;
    me.problem(401, "unauthenticated");
    person.app.sign_in(EMAIL, PASSWORD).await;
    // Nothing to take away is no failure; nobody to take it from is.
    admin.meta("DELETE", &path, Json::Null).await.status(204);
    let nobody = format!("users/{}/totp", uuid::Uuid::now_v7());
    admin
        .meta("DELETE", &nobody, Json::Null)
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn only_people_have_a_second_factor() {
    let app = TestApp::start().await;
    app.add_role("empty", &Rules::none()).await;
    let key = app.key(&["empty"], json!({})).await;
    begin(&key, PASSWORD).await.problem(403, "forbidden");
    confirm(&key, "123456").await.problem(403, "forbidden");
    remove(&key, PASSWORD, "123456")
        .await
        .problem(403, "forbidden");
    let me = key.call("GET", "/v1/auth/me", &Json::Null).await.ok();
    assert!(me.get("secondFactor").is_none());
}

#[tokio::test]
async fn a_changed_password_opens_no_session_without_a_code() {
    let person = start().await;
    let body = json!({"currentPassword": PASSWORD, "newPassword": "another password"});
    let changed = person
        .client
        .call("POST", "/v1/auth/password/change", &body)
        .await
        .ok();
    assert_eq!(changed.get("accessToken"), None, "{changed}");
    let challenge = changed["challenge"].as_str().expect("a challenge");
    let session = person.verify(challenge, &person.code(0)).await.ok();
    refresh(&person.app, &session).await.ok();
}

#[tokio::test]
async fn a_few_wrong_codes_end_what_was_begun() {
    let app = TestApp::start().await;
    let id = make_user(&app, EMAIL, json!({"password": PASSWORD})).await;
    let client = app.sign_in(EMAIL, PASSWORD).await;
    let begun = begin(&client, PASSWORD).await.ok();
    let secret = secret_of(begun["secret"].as_str().expect("a secret"));
    let person = Person {
        app,
        client,
        id,
        secret,
        recovery_codes: Vec::new(),
    };
    for _ in 0..5 {
        let wrong = confirm(&person.client, &person.wrong_code()).await;
        wrong.problem_at(422, "validation_failed", "/code");
    }
    let late = confirm(&person.client, &person.code(0)).await;
    late.problem(409, "conflict");
}
