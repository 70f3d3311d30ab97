//! A provider of OpenID Connect on loopback: discovery, keys, authorization, tokens and userinfo, as the standard has
//! them. It lets everybody in as the person that it is told, and can be told to do its part wrongly.

mod keys;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Json as Body, Router,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response as Answer},
    routing::{get, post},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use tokio::{net::TcpListener, task::JoinHandle};
use url::{Url, form_urlencoded};

pub(super) use keys::Key;

/// What the provider calls the installation.
const CLIENT_ID: &str = "relata of the test";
/// What they share; it has characters that a form writes otherwise.
const CLIENT_SECRET: &str = "s%cret: of+the test";

/// The provider.
pub(super) struct TestProvider {
    pub(super) base: String,
    inner: Shared,
    task: JoinHandle<()>,
}

type Shared = Arc<Mutex<Inner>>;

/// What it knows and does.
pub(super) struct Inner {
    base: String,
    /// What the claims of whoever signs in have beside those that the protocol asks for.
    pub(super) person: Json,
    /// Claims in the place of those that are right; null takes one out.
    pub(super) claims: Json,
    /// Members of the discovery document in the place of those that are right.
    pub(super) document: Json,
    /// What userinfo says.
    pub(super) userinfo: Json,
    /// The key that signs.
    pub(super) key: Key,
    /// The keys that it shows; the one that signs where there are none.
    pub(super) shown: Vec<Json>,
    /// What it answers at this path in place of what it should.
    pub(super) fault: Option<(&'static str, Fault)>,
    /// How often it was asked, by path.
    pub(super) asked: BTreeMap<String, u32>,
    codes: BTreeMap<String, Begun>,
}

/// What can be wrong with an answer.
#[derive(Clone)]
pub(super) enum Fault {
    /// This status and this body.
    Answers(u16, String),
    /// It sends us elsewhere.
    Redirects(String),
}

/// A sign-in that waits for its code to be shown.
struct Begun {
    redirect_uri: String,
    challenge: String,
    nonce: String,
}

/// What the browser brings back.
#[derive(Debug, Clone)]
pub(super) struct Back {
    pub(super) code: String,
    pub(super) state: String,
}

impl TestProvider {
    /// A provider at which Ann signs in, whose address it has verified.
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let base = format!("http://{address}");
        let inner = Arc::new(Mutex::new(Inner {
            base: base.clone(),
            person: json!({
                "sub": "248289761001", "name": "Ann Example", "email": "Ann@Example.com", "email_verified": true,
            }),
            claims: json!({}),
            document: json!({}),
            userinfo: Json::Null,
            key: Key::ed25519("first", 1),
            shown: Vec::new(),
            fault: None,
            asked: BTreeMap::new(),
            codes: BTreeMap::new(),
        }));
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .layer(axum::middleware::from_fn_with_state(
                Arc::clone(&inner),
                count,
            ))
            .with_state(Arc::clone(&inner));
        let task = tokio::spawn(async move {
            axum::serve(listener, app).await.expect("it serves");
        });
        Self { base, inner, task }
    }

    /// What it knows and does, to look at and to change.
    pub(super) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("a lock")
    }

    /// How often it was asked at this path.
    pub(super) fn asked(&self, path: &str) -> u32 {
        self.inner().asked.get(path).copied().unwrap_or_default()
    }

    /// An ID token for a sign-in with this nonce, with these claims more.
    pub(super) fn token(&self, nonce: &str, claims: &Json) -> String {
        let mut inner = self.inner();
        inner.claims = claims.clone();
        inner.token(nonce)
    }

    /// Nobody answers any more.
    pub(super) fn stop(&self) {
        self.task.abort();
    }

    /// It in the settings, with these lines more.
    pub(super) fn settings(&self, name: &str, more: &str) -> String {
        format!(
            "- name: {name}\n  label: Example Corp\n  issuer: {}\n  clientId: {CLIENT_ID}\n  clientSecret: '{CLIENT_SECRET}'\n  \
             redirectUris: [https://app.example.com/signed-in]\n{more}",
            self.base
        )
    }

    /// Signs in there, as a browser does that was sent to this address.
    pub(super) async fn sign_in(&self, authorization_url: &str) -> Back {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy();
        let http = http.build().expect("a client");
        let answer = http.get(authorization_url).send().await;
        let answer = answer.expect("an answer of the provider");
        let status = answer.status();
        let location = answer.headers().get("location");
        let location = location.unwrap_or_else(|| panic!("no way back: {status}"));
        let location = location.to_str().expect("a text");
        let back = Url::parse(location).expect("an address");
        assert!(location.starts_with("https://app.example.com/signed-in?"));
        let value = |name: &str| {
            let mut pairs = back.query_pairs();
            let found = pairs.find(|(key, _)| key == name);
            found
                .unwrap_or_else(|| panic!("no {name}: {back}"))
                .1
                .into_owned()
        };
        Back {
            code: value("code"),
            state: value("state"),
        }
    }
}

impl Drop for TestProvider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Inner {
    /// An ID token (OpenID Connect Core 1.0, section 2).
    fn token(&self, nonce: &str) -> String {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let claims = json!({
            "iss": self.base, "aud": CLIENT_ID, "iat": now, "exp": now + 3_600, "nonce": nonce,
        });
        let claims = with(with(claims, &self.person), &self.claims);
        self.key.sign(&claims)
    }
}

async fn count(
    State(inner): State<Shared>,
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> Answer {
    let path = request.uri().path().to_owned();
    let fault = {
        let mut inner = inner.lock().expect("a lock");
        *inner.asked.entry(path.clone()).or_default() += 1;
        let fault = inner.fault.clone();
        fault.filter(|(at, _)| *at == path).map(|(_, fault)| fault)
    };
    match fault {
        None => next.run(request).await,
        Some(Fault::Answers(status, body)) => {
            let status = StatusCode::from_u16(status).expect("a status");
            let json = [(header::CONTENT_TYPE, "application/json")];
            (status, json, body).into_response()
        }
        Some(Fault::Redirects(to)) => {
            (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response()
        }
    }
}

/// OpenID Connect Discovery 1.0.
async fn discovery(State(inner): State<Shared>) -> Body<Json> {
    let inner = inner.lock().expect("a lock");
    let base = &inner.base;
    let document = json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/token"),
        "userinfo_endpoint": format!("{base}/userinfo"),
        "jwks_uri": format!("{base}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "EdDSA", "HS256", "none"],
    });
    Body(with(document, &inner.document))
}

/// RFC 7517.
async fn keys(State(inner): State<Shared>) -> Body<Json> {
    let inner = inner.lock().expect("a lock");
    let shown = if inner.shown.is_empty() {
        vec![inner.key.public()]
    } else {
        inner.shown.clone()
    };
    Body(json!({"keys": shown}))
}

/// OpenID Connect Core 1.0, section 3.1.2.
async fn authorize(State(inner): State<Shared>, RawQuery(query): RawQuery) -> Answer {
    let asked = form(query.as_deref().unwrap_or_default());
    let of = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let expected = [
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("code_challenge_method", "S256"),
        ("scope", "openid email profile"),
    ];
    for (name, value) in expected {
        if of(name) != value {
            return (StatusCode::BAD_REQUEST, format!("{name}: {}", of(name))).into_response();
        }
    }
    let mut inner = inner.lock().expect("a lock");
    let code = format!("code/{}+{}", inner.codes.len(), inner.asked["/authorize"]);
    let mut back = Url::parse(&of("redirect_uri")).expect("an address");
    back.query_pairs_mut()
        .append_pair("code", &code)
        .append_pair("state", &of("state"));
    let begun = Begun {
        redirect_uri: of("redirect_uri"),
        challenge: of("code_challenge"),
        nonce: of("nonce"),
    };
    inner.codes.insert(code, begun);
    (StatusCode::FOUND, [(header::LOCATION, String::from(back))]).into_response()
}

/// OpenID Connect Core 1.0, section 3.1.3, with PKCE (RFC 7636).
async fn token(State(inner): State<Shared>, headers: HeaderMap, body: String) -> Answer {
    let asked = form(&body);
    let of = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let refuse =
        |error: &str| (StatusCode::BAD_REQUEST, Body(json!({"error": error}))).into_response();
    let mut inner = inner.lock().expect("a lock");
    let in_body = inner
        .document
        .get("token_endpoint_auth_methods_supported")
        .is_some();
    let shown = if in_body {
        (of("client_id"), of("client_secret"))
    } else {
        basic(&headers)
    };
    if shown != (CLIENT_ID.to_owned(), CLIENT_SECRET.to_owned()) {
        return refuse("invalid_client");
    }
    let Some(begun) = inner.codes.remove(&of("code")) else {
        return refuse("invalid_grant");
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(of("code_verifier")));
    let fits = of("grant_type") == "authorization_code"
        && of("redirect_uri") == begun.redirect_uri
        && challenge == begun.challenge;
    if !fits {
        return refuse("invalid_grant");
    }
    let id_token = inner.token(&begun.nonce);
    Body(json!({"access_token": "opaque", "token_type": "Bearer", "expires_in": 300, "id_token": id_token}))
        .into_response()
}

/// OpenID Connect Core 1.0, section 5.3.
async fn userinfo(State(inner): State<Shared>, headers: HeaderMap) -> Answer {
    let inner = inner.lock().expect("a lock");
    let bearer = headers.get(header::AUTHORIZATION);
    if bearer.is_none_or(|bearer| bearer != "Bearer opaque") || inner.userinfo.is_null() {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Body(inner.userinfo.clone()).into_response()
}

/// An object with members of another in the place of its own; null takes one out.
fn with(mut object: Json, more: &Json) -> Json {
    let members = object.as_object_mut().expect("an object");
    for (name, value) in more.as_object().expect("an object") {
        members.insert(name.clone(), value.clone());
    }
    members.retain(|_, value| !value.is_null());
    object
}

fn form(text: &str) -> BTreeMap<String, String> {
    form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect()
}

/// The user and the password of a client (RFC 6749, section 2.3.1).
fn basic(headers: &HeaderMap) -> (String, String) {
    let sent = headers.get(header::AUTHORIZATION);
    let sent = sent.and_then(|sent| sent.to_str().ok()?.strip_prefix("Basic "));
    let sent = sent.and_then(|sent| STANDARD.decode(sent).ok());
    let sent = String::from_utf8(sent.unwrap_or_default()).unwrap_or_default();
    let (id, secret) = sent.split_once(':').unwrap_or_default();
    let plain = |text: &str| form(text).into_keys().next().unwrap_or_default();
    (plain(id), plain(secret))
}
