//! Sign-in by a provider: the flow, and what has to fit.

use serde_json::{Value as Json, json};
use time::Duration;

use super::{
    make_user,
    provider::{Back, TestProvider},
    refresh,
};
use crate::support::{Client, Options, Response, TestApp};

const EMAIL: &str = "ann@example.com";
const PAGE: &str = "https://app.example.com/signed-in";
/// Identities become those of users with their addresses.
pub(super) const BY_EMAIL: &str = "  linkByEmail: true\n";

/// A sign-in that waits for the browser to come back.
pub(super) struct Begun {
    pub(super) url: String,
    pub(super) transaction: String,
}

/// An installation that knows the provider as `corporate`, with these lines more in the settings.
pub(super) async fn install(provider: &TestProvider, more: &str) -> TestApp {
    install_with(&provider.settings("corporate", more), Options::default()).await
}

pub(super) async fn install_with(settings: &str, options: Options) -> TestApp {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), settings).expect("it is written");
    let providers = api::config::OidcProvider::read_all(file.path());
    let options = Options {
        providers: providers.unwrap_or_else(|error| panic!("{error}\n{settings}")),
        ..options
    };
    TestApp::start_with(options).await
}

pub(super) async fn start(client: &Client, provider: &str) -> Response {
    let path = format!("/v1/auth/oidc/{provider}/start");
    client
        .call("POST", &path, &json!({"redirectUri": PAGE}))
        .await
}

pub(super) async fn begin_at(app: &TestApp, provider: &str) -> Begun {
    let begun = start(&app.anonymous(), provider).await.ok();
    let text = |name: &str| begun[name].as_str().expect("a text").to_owned();
    assert_eq!(begun["expiresIn"], 600);
    assert!(text("transaction").starts_with("rlo_"), "{begun}");
    Begun {
        url: text("authorizationUrl"),
        transaction: text("transaction"),
    }
}

pub(super) async fn finish(app: &TestApp, back: &Back, transaction: &str) -> Response {
    let body = json!({"code": back.code, "state": back.state, "transaction": transaction});
    let path = "/v1/auth/oidc/corporate/finish";
    app.anonymous().call("POST", path, &body).await
}

/// The whole way.
pub(super) async fn sign_in(app: &TestApp, provider: &TestProvider) -> Response {
    let begun = begin_at(app, "corporate").await;
    let back = provider.sign_in(&begun.url).await;
    finish(app, &back, &begun.transaction).await
}

/// The reasons of refused sign-ins, as the audit log has them.
pub(super) async fn reasons(app: &TestApp) -> Vec<String> {
    let admin = app.admin_anew().await;
    let log = admin
        .get_path("/v1/meta/audit", "kind=signInFailed&limit=200")
        .await;
    let log = log.ok();
    let entries = log["data"].as_array().expect("entries").iter();
    let reasons = entries.map(|entry| entry["details"]["reason"].as_str().unwrap_or_default());
    reasons.map(str::to_owned).collect()
}

/// Checks that it is the one answer to all that is refused, and what the log says.
#[track_caller]
pub(super) fn is_refused(answer: &Response) {
    let problem = answer.problem(401, "unauthenticated");
    let detail = problem["detail"].as_str().expect("a text");
    assert!(detail.starts_with("the sign-in is refused: "), "{answer}");
    assert!(problem.get("errors").is_none(), "{answer}");
}

pub(super) async fn me(app: &TestApp, session: &Json) -> Response {
    let token = session["accessToken"].as_str().expect("a token");
    let client = app.anonymous().with_token(token);
    client.call("GET", "/v1/auth/me", &Json::Null).await
}

pub(super) async fn identities(app: &TestApp, user: &str) -> Vec<Json> {
    let path = format!("users/{user}/identities");
    let admin = app.admin_anew().await;
    let listed = admin.meta("GET", &path, Json::Null).await.ok();
    listed["data"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn a_first_sign_in_links_the_identity_and_the_next_knows_it() {
    let provider = TestProvider::start().await;
    let app = install(&provider, BY_EMAIL).await;
    let user = make_user(&app, EMAIL, json!({})).await;
    let anonymous = app.anonymous();
    let listed = anonymous.get_path("/v1/auth/oidc", "").await.ok();
    let expected = json!([{"name": "corporate", "label": "Example Corp"}]);
    assert_eq!(listed["data"], expected);

    let session = sign_in(&app, &provider).await.ok();
    assert_eq!(me(&app, &session).await.ok()["email"], EMAIL);
    refresh(&app, &session).await.ok();
    let linked = identities(&app, &user).await;
    assert_eq!(linked.len(), 1);
    assert_eq!(linked[0]["issuer"], provider.base.as_str());
    assert_eq!(linked[0]["subject"], "248289761001");

    // From now on the address does not matter, here or there.
    provider.inner().person = json!({"sub": "248289761001"});
    let admin = app.admin_anew().await;
    let other = json!({"email": "ann.other@example.com"});
    admin
        .meta("PATCH", &format!("users/{user}"), other)
        .await
        .ok();
    let session = sign_in(&app, &provider).await.ok();
    assert_eq!(me(&app, &session).await.ok()["id"], user.as_str());

    let log = admin
        .get_path("/v1/meta/audit", &format!("object={user}"))
        .await
        .ok();
    let entries = log["data"].as_array().expect("entries");
    let linking = entries.iter().find(|it| it["kind"] == "identityLinked");
    let linking = linking.expect("an entry of the linking");
    assert_eq!(linking["details"]["after"]["subject"], "248289761001");
    assert_eq!(linking["details"]["email"], EMAIL);
    let log = admin
        .get_path("/v1/meta/audit", &format!("kind=signIn&principal={user}"))
        .await
        .ok();
    let entries = log["data"].as_array().expect("entries");
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0]["details"]["provider"], "corporate");
}

#[tokio::test]
async fn what_comes_back_has_to_fit_what_this_browser_began() {
    let provider = TestProvider::start().await;
    let settings = [
        provider.settings("corporate", BY_EMAIL),
        provider.settings("other", BY_EMAIL),
    ];
    let app = install_with(&settings.concat(), Options::default()).await;
    make_user(&app, EMAIL, json!({})).await;
    let (ours, theirs) = (
        begin_at(&app, "corporate").await,
        begin_at(&app, "corporate").await,
    );
    let elsewhere = begin_at(&app, "other").await;
    let back = provider.sign_in(&ours.url).await;
    let wrong = Back {
        state: "AAAA".to_owned(),
        ..back.clone()
    };
    is_refused(&finish(&app, &wrong, &ours.transaction).await);
    is_refused(&finish(&app, &back, &theirs.transaction).await);
    let other = provider.sign_in(&elsewhere.url).await;
    is_refused(&finish(&app, &other, &elsewhere.transaction).await);
    let mut changed = ours.transaction.clone();
    changed.replace_range(20..21, if &changed[20..21] == "A" { "B" } else { "A" });
    for transaction in ["", "rlo_", "rlr_0000", &changed, &ours.transaction[4..]] {
        is_refused(&finish(&app, &back, transaction).await);
    }
    // Nothing of it was shown to the provider, and the sign-in still stands.
    assert_eq!(provider.asked("/token"), 0);
    finish(&app, &back, &ours.transaction).await.ok();
    assert_eq!(provider.asked("/token"), 1);
    // Once.
    is_refused(&finish(&app, &back, &ours.transaction).await);
    assert_eq!(provider.asked("/token"), 1);
    // The code of one sign-in is no good for another one, which has another verifier.
    let stolen = provider.sign_in(&theirs.url).await;
    let third = begin_at(&app, "corporate").await;
    let own = provider.sign_in(&third.url).await;
    let mixed = Back {
        code: stolen.code,
        ..own
    };
    is_refused(&finish(&app, &mixed, &third.transaction).await);
    assert_eq!(provider.asked("/token"), 2);
    let mut told = reasons(&app).await;
    told.sort();
    told.dedup();
    let expected = ["code", "state", "transaction", "used"];
    assert_eq!(told, expected.map(|reason| format!("corporate: {reason}")));
}

#[tokio::test]
async fn a_sign_in_is_over_after_ten_minutes_and_comes_back_once_on_all_nodes() {
    let provider = TestProvider::start().await;
    let app = install(&provider, BY_EMAIL).await;
    make_user(&app, EMAIL, json!({})).await;
    let begun = begin_at(&app, "corporate").await;
    let back = provider.sign_in(&begun.url).await;
    app.advance(Duration::seconds(600));
    is_refused(&finish(&app, &back, &begun.transaction).await);
    assert_eq!(reasons(&app).await, ["corporate: expired"]);
    // Two at once.
    let begun = begin_at(&app, "corporate").await;
    let back = provider.sign_in(&begun.url).await;
    let (one, other) = tokio::join!(
        finish(&app, &back, &begun.transaction),
        finish(&app, &back, &begun.transaction),
    );
    let mut codes = [one.code(), other.code()];
    codes.sort_unstable();
    assert_eq!(codes, [200, 401], "{one}\n{other}");
    // What was used is forgotten when it would be refused anyway.
    app.advance(Duration::seconds(601));
    sign_in(&app, &provider).await.ok();
    assert_eq!(app.number("SELECT count(*) FROM used_sign_ins").await, 1);
}

#[tokio::test]
async fn people_are_sent_back_to_the_pages_of_the_settings_alone() {
    let provider = TestProvider::start().await;
    let app = install(&provider, BY_EMAIL).await;
    let anonymous = app.anonymous();
    for page in [
        "https://evil.example.com/",
        "https://app.example.com/signed-in/",
        "https://app.example.com/",
        "",
    ] {
        let body = json!({"redirectUri": page});
        let refused = anonymous
            .call("POST", "/v1/auth/oidc/corporate/start", &body)
            .await;
        refused.problem_at(422, "validation_failed", "/redirectUri");
    }
    start(&anonymous, "nobody").await.problem(404, "not_found");
    let body = json!({"code": "c", "state": "s", "transaction": "t"});
    let unknown = anonymous
        .call("POST", "/v1/auth/oidc/nobody/finish", &body)
        .await;
    unknown.problem(404, "not_found");
    // Where the provider says who it is, that has to be right.
    let begun = begin_at(&app, "corporate").await;
    let back = provider.sign_in(&begun.url).await;
    let mut body = json!({
        "code": back.code, "state": back.state, "transaction": begun.transaction, "iss": "https://evil.example.com",
    });
    make_user(&app, EMAIL, json!({})).await;
    let path = "/v1/auth/oidc/corporate/finish";
    is_refused(&anonymous.call("POST", path, &body).await);
    body["iss"] = json!(provider.base);
    anonymous.call("POST", path, &body).await.ok();
}
