//! How people come in: invitations, passwords that they choose themselves, second factors.

mod invitations;
mod mail_server;
mod passwords;
mod provider;
mod provider_faults;
mod provider_people;
mod provider_tokens;
mod providers;
mod second_factor;
mod signing_keys;

use mail_server::MailServer;
use serde_json::{Value as Json, json};

use crate::support::{Client, Options, Response, TestApp};

/// An installation that sends its mail to a server of the test.
async fn with_mail() -> (TestApp, MailServer) {
    let server = MailServer::start();
    let options = Options {
        smtp_url: Some(server.url()),
        ..Options::default()
    };
    (TestApp::start_with(options).await, server)
}

/// Makes a user, and gives its id.
async fn make_user(app: &TestApp, email: &str, more: Json) -> String {
    let mut user = json!({"email": email, "name": "Ann"});
    if let (Some(user), Json::Object(more)) = (user.as_object_mut(), more) {
        user.extend(more);
    }
    let made = app.admin_anew().await.meta("POST", "users", user).await;
    let id = made.status(201).json()["id"].clone();
    id.as_str().expect("an id").to_owned()
}

async fn login(client: &Client, email: &str, password: &str) -> Response {
    let body = json!({"email": email, "password": password});
    client.call("POST", "/v1/auth/login", &body).await
}

/// Chooses a password with the token of a link.
async fn reset(app: &TestApp, token: &str, password: &str) -> Response {
    let body = json!({"token": token, "password": password});
    let anonymous = app.anonymous();
    anonymous
        .call("POST", "/v1/auth/password/reset", &body)
        .await
}

/// Asks for a link, as somebody who has forgotten the password.
async fn forget(app: &TestApp, email: &str) -> Response {
    let anonymous = app.anonymous();
    let body = json!({"email": email});
    anonymous
        .call("POST", "/v1/auth/password/forgot", &body)
        .await
}

/// Exchanges the refresh token of a session.
async fn refresh(app: &TestApp, tokens: &Json) -> Response {
    let body = json!({"refreshToken": tokens["refreshToken"]});
    app.anonymous()
        .call("POST", "/v1/auth/refresh", &body)
        .await
}
