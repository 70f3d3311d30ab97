//! Callers: who asks, with the verbs of the API as methods.

use std::{net::IpAddr, time::Duration};

use reqwest::{Method, RequestBuilder};
use serde_json::{Value as Json, json};

use super::{Response, contract};

/// How long a test waits for one answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody who asks: a user, a key or nobody.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

impl Client {
    /// Nobody in particular.
    pub(crate) fn anonymous(base: String) -> Self {
        let http = http().build().expect("a client");
        Self {
            http,
            base,
            token: None,
        }
    }

    /// The same caller at another address of this machine.
    pub(crate) fn at(&self, address: &str) -> Self {
        let address: IpAddr = address.parse().expect("an address");
        let http = http().local_address(address).build();
        Self {
            http: http.expect("a client"),
            ..self.clone()
        }
    }

    /// The same server, asked with this token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// The token that it sends.
    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// A request with the credentials.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request as it stands.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Response {
        let request = request.build().expect("a well-formed request");
        let sent = request
            .body()
            .and_then(|body| body.as_bytes())
            .unwrap_or_default();
        let sent: String = String::from_utf8_lossy(sent).chars().take(2_000).collect();
        let line = format!("{} {} {sent}", request.method(), request.url());
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let answer = self.http.execute(request).await;
        let answer = answer.unwrap_or_else(|error| panic!("no answer to {line}: {error}"));
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await;
        let body = body.unwrap_or_else(|error| panic!("no body of {line}: {error}"));
        let response = Response {
            request: line,
            status,
            headers,
            body: body.to_vec(),
        };
        contract::check(method.as_str(), &path, &response);
        response
    }

    /// Any method on any path, with a JSON body unless it is null.
    pub(crate) async fn call(&self, method: &str, path: &str, body: &Json) -> Response {
        let method = method.parse().expect("a method");
        let request = self.request(method, path);
        let request = if body.is_null() {
            request
        } else {
            request.json(body)
        };
        self.send(request).await
    }

    /// `POST /v1/data/{objects}`
    pub(crate) async fn create(&self, objects: &str, values: Json) -> Response {
        self.call("POST", &format!("/v1/data/{objects}"), &values)
            .await
    }

    /// Creates a record and gives its id.
    pub(crate) async fn make(&self, objects: &str, values: Json) -> String {
        let created = self.create(objects, values).await.status(201).json();
        created["id"].as_str().expect("an id").to_owned()
    }

    /// `GET /v1/data/{objects}/{id}`
    pub(crate) async fn get(&self, objects: &str, id: &str) -> Response {
        self.call("GET", &format!("/v1/data/{objects}/{id}"), &Json::Null)
            .await
    }

    /// `GET /v1/data/{objects}?…`, the parameters written as `a=1&b[eq]=x y`.
    pub(crate) async fn list(&self, objects: &str, parameters: &str) -> Response {
        self.get_path(&format!("/v1/data/{objects}"), parameters)
            .await
    }

    /// A list with a filter as JSON and further parameters.
    pub(crate) async fn filter(&self, objects: &str, filter: &Json, parameters: &str) -> Response {
        let mut query = encode(parameters);
        query.append_pair("filter", &filter.to_string());
        let path = format!("/v1/data/{objects}?{}", query.finish());
        self.call("GET", &path, &Json::Null).await
    }

    /// A read of any path with parameters.
    pub(crate) async fn get_path(&self, path: &str, parameters: &str) -> Response {
        let query = encode(parameters).finish();
        let question = if query.is_empty() { "" } else { "?" };
        let path = format!("{path}{question}{query}");
        self.call("GET", &path, &Json::Null).await
    }

    /// `POST /v1/data/{objects}/query`
    pub(crate) async fn query(&self, objects: &str, body: &Json) -> Response {
        self.call("POST", &format!("/v1/data/{objects}/query"), body)
            .await
    }

    /// `PATCH /v1/data/{objects}/{id}`
    pub(crate) async fn patch(&self, objects: &str, id: &str, patch: Json) -> Response {
        self.call("PATCH", &format!("/v1/data/{objects}/{id}"), &patch)
            .await
    }

    /// `DELETE /v1/data/{objects}/{id}`
    pub(crate) async fn delete(&self, objects: &str, id: &str) -> Response {
        self.call("DELETE", &format!("/v1/data/{objects}/{id}"), &Json::Null)
            .await
    }

    /// `POST /v1/data/{objects}/{id}/restore`
    pub(crate) async fn restore(&self, objects: &str, id: &str) -> Response {
        let path = format!("/v1/data/{objects}/{id}/restore");
        self.call("POST", &path, &Json::Null).await
    }

    /// `POST /v1/data/{objects}/{id}/{relation}`; `path` is the part behind `/v1/data/`.
    pub(crate) async fn link(&self, path: &str, target: &str, values: Json) -> Response {
        let mut body = values;
        body["id"] = json!(target);
        self.call("POST", &format!("/v1/data/{path}"), &body).await
    }

    /// `POST /graphql`
    pub(crate) async fn graphql(&self, query: &str, variables: Json) -> Response {
        let body = json!({"query": query, "variables": variables});
        self.call("POST", "/graphql", &body).await
    }

    /// Something below `/v1/meta/`.
    pub(crate) async fn meta(&self, method: &str, path: &str, body: Json) -> Response {
        self.call(method, &format!("/v1/meta/{path}"), &body).await
    }

    /// Applies a changeset.
    pub(crate) async fn change(&self, operations: Json) -> Response {
        let body = json!({"operations": operations});
        self.meta("POST", "changesets", body).await
    }
}

fn http() -> reqwest::ClientBuilder {
    let http = reqwest::Client::builder();
    http.timeout(PATIENCE).no_proxy()
}

fn encode(parameters: &str) -> url::form_urlencoded::Serializer<'static, String> {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for pair in parameters.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        query.append_pair(name, value);
    }
    query
}
