//! Rights to manage are judged when the change happens, not when its request began: a body that takes its time
//! outlives nothing that was taken away meanwhile.

use reqwest::Method;
use serde_json::{Value as Json, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{Client, Rules, TestApp};

const PASSWORD: &str = "a password of a test";

/// A request whose caller is known to the server and whose body has not come yet.
struct Begun {
    stream: TcpStream,
    body: String,
}

impl Begun {
    /// Sends the head. The server asks for the body when it has found out who asks.
    async fn of(client: &Client, method: &str, path: &str, body: &Json) -> Self {
        let path = format!("/v1/meta/{path}");
        let request = client.request(Method::GET, &path).build();
        let url = request.expect("a request").url().clone();
        let address = (url.host_str().expect("a host"), url.port().expect("a port"));
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        let body = body.to_string();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: relata\r\nauthorization: Bearer {}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
            client.token(),
            body.len()
        );
        stream.write_all(head.as_bytes()).await.expect("it is sent");
        let mut asked = [0; 25];
        stream.read_exact(&mut asked).await.expect("an answer");
        assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
        Self { stream, body }
    }

    /// Sends the body; gives the answer as text.
    async fn finish(mut self) -> String {
        let sent = self.stream.write_all(self.body.as_bytes()).await;
        sent.expect("it is sent");
        let mut answer = Vec::new();
        let read = self.stream.read_to_end(&mut answer).await;
        read.expect("an answer");
        String::from_utf8(answer).expect("a text")
    }

    async fn is(self, status: u16) -> String {
        let answer = self.finish().await;
        let expected = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&expected), "{answer}");
        answer
    }
}

/// A user of the company or of a partner, signed in, and its id.
async fn person(app: &TestApp, name: &str, role: &str, partner: Option<&Json>) -> (Client, String) {
    let email = format!("{name}@example.com");
    let mut body = json!({"email": email, "name": name, "password": PASSWORD, "roles": [role]});
    if let Some(partner) = partner {
        body["partner"] = partner.clone();
    }
    let made = app.admin().meta("POST", "users", body).await;
    let id = made.status(201).json()["id"].clone();
    let id = id.as_str().expect("an id").to_owned();
    (app.sign_in(&email, PASSWORD).await, id)
}

/// Requests of each sort of management, with bodies.
fn changes(of: &str) -> Vec<(&'static str, String, Json)> {
    let rule = json!({"object": "organization", "action": "read", "fields": "*"});
    vec![
        (
            "POST",
            "users".to_owned(),
            json!({"email": "late@example.com", "name": "Late"}),
        ),
        ("PATCH", format!("users/{of}"), json!({"name": "Late"})),
        (
            "POST",
            "keys".to_owned(),
            json!({"name": "Late", "roles": ["plain"]}),
        ),
        ("POST", "teams".to_owned(), json!({"name": "Late"})),
        ("POST", "roles".to_owned(), json!({"name": "late"})),
        ("POST", "roles/plain/rules".to_owned(), rule),
    ]
}

/// How much of what these make there is.
async fn made(app: &TestApp) -> i64 {
    let mut all = 0;
    for (table, name) in [
        ("users", "name"),
        ("api_keys", "name"),
        ("teams", "name"),
        ("roles", "name"),
    ] {
        let count = format!("SELECT count(*) FROM {table} WHERE lower({name}) = 'late'");
        all += app.number(&count).await;
    }
    all + app.number("SELECT count(*) FROM rules WHERE role_id = (SELECT id FROM roles WHERE name = 'plain')").await
}

async fn manager(app: &TestApp) {
    let role = json!({"name": "manager", "permissions": ["manageAccess"]});
    app.admin().meta("POST", "roles", role).await.status(201);
    app.add_role("plain", &Rules::none()).await;
}

#[tokio::test]
async fn who_may_manage_no_more_changes_nothing_by_a_request_that_has_begun() {
    let app = TestApp::start().await;
    manager(&app).await;
    let admin = app.admin();
    let (client, id) = person(&app, "manager", "manager", None).await;
    // What is taken away, what gives it back, and what the answer is.
    let ends = [
        (
            json!({"permissions": []}),
            json!({"permissions": ["manageAccess"]}),
            "roles/manager".to_owned(),
            403,
        ),
        (
            json!({"roles": []}),
            json!({"roles": ["manager"]}),
            format!("users/{id}"),
            401,
        ),
        (
            json!({"active": false}),
            json!({"active": true}),
            format!("users/{id}"),
            401,
        ),
    ];
    let mut client = client;
    for (taken, given, path, status) in ends {
        let mut begun = Vec::new();
        for (method, path, body) in changes(&id) {
            begun.push(Begun::of(&client, method, &path, &body).await);
        }
        admin.meta("PATCH", &path, taken).await.ok();
        for request in begun {
            request.is(status).await;
        }
        assert_eq!(made(&app).await, 0);
        admin.meta("PATCH", &path, given).await.ok();
        client = app.sign_in("manager@example.com", PASSWORD).await;
    }
    // The same requests of somebody who goes on are carried out.
    for (method, path, body) in changes(&id) {
        let begun = Begun::of(&client, method, &path, &body).await;
        begun.is(if method == "POST" { 201 } else { 200 }).await;
    }
    assert_eq!(made(&app).await, 6);
}

#[tokio::test]
async fn a_session_that_has_ended_ends_what_it_has_begun() {
    let app = TestApp::start().await;
    manager(&app).await;
    let (client, id) = person(&app, "manager", "manager", None).await;
    let role = json!({"name": "late"});
    let begun = Begun::of(&client, "POST", "roles", &role).await;
    let sessions = format!("users/{id}/sessions");
    app.admin()
        .meta("DELETE", &sessions, Json::Null)
        .await
        .status(204);
    begun.is(401).await;
    assert_eq!(made(&app).await, 0);
}

#[tokio::test]
async fn a_lead_reaches_as_far_as_it_does_when_the_change_happens() {
    let app = TestApp::start().await;
    let admin = app.admin();
    app.add_role("own", &Rules::none().read("organization"))
        .await;
    let lead = json!({"name": "lead", "permissions": ["managePartnerAccess"], "inherits": ["own"]});
    admin.meta("POST", "roles", lead).await.status(201);
    let organization = admin.make("organizations", json!({"name": "Ours"})).await;
    let partner = json!({"organization": organization, "name": "Ours"});
    let partner = admin
        .meta("POST", "partners", partner)
        .await
        .status(201)
        .json()["id"]
        .clone();
    let (client, _) = person(&app, "lead", "lead", Some(&partner)).await;
    let user = json!({"email": "late@example.com", "name": "late", "roles": ["own"]});
    let key = json!({"name": "late", "roles": ["own"]});
    let scoped = json!({"name": "late", "roles": ["lead"], "scopes": ["data:organization:read"]});
    let begun = [
        (Begun::of(&client, "POST", "users", &user).await, "/roles/0"),
        (Begun::of(&client, "POST", "keys", &key).await, "/roles/0"),
        (
            Begun::of(&client, "POST", "keys", &scoped).await,
            "/scopes/0",
        ),
    ];
    admin
        .meta("PATCH", "roles/lead", json!({"inherits": []}))
        .await
        .ok();
    for (request, place) in begun {
        let answer = request.is(422).await;
        assert!(
            answer.contains(&format!("\"pointer\":\"{place}\"")),
            "{answer}"
        );
    }
    // With its partner, all ends.
    admin
        .meta("PATCH", "roles/lead", json!({"inherits": ["own"]}))
        .await
        .ok();
    let begun = Begun::of(&client, "POST", "users", &user).await;
    let id = partner.as_str().expect("an id");
    admin
        .meta("PATCH", &format!("partners/{id}"), json!({"active": false}))
        .await
        .ok();
    begun.is(401).await;
    assert_eq!(
        app.number("SELECT count(*) FROM users WHERE name = 'late'")
            .await,
        0
    );
}
