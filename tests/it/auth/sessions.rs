//! Sessions: listed and ended by whoever signed in, and by admins.

use reqwest::Method;
use serde_json::{Value as Json, json};
use time::Duration;

use crate::support::{Client, Rules, TestApp};

const PASSWORD: &str = "a password of a test";

/// Makes a user and gives its email and id.
async fn make_user(app: &TestApp, name: &str) -> (String, String) {
    let email = format!("{name}@example.com");
    let user = json!({"email": email, "name": name, "password": PASSWORD});
    let user = app
        .admin()
        .meta("POST", "users", user)
        .await
        .status(201)
        .json();
    (email, user["id"].as_str().expect("an id").to_owned())
}

/// Signs in with a program of this name; the client and the refresh token.
async fn sign_in(app: &TestApp, email: &str, agent: &str) -> (Client, Json) {
    let anonymous = app.anonymous();
    let request = anonymous.request(Method::POST, "/v1/auth/login");
    let request = request.header("user-agent", agent);
    let body = json!({"email": email, "password": PASSWORD});
    let tokens = anonymous.send(request.json(&body)).await.ok();
    let client = anonymous.with_token(tokens["accessToken"].as_str().expect("a token"));
    (client, tokens["refreshToken"].clone())
}

async fn sessions(client: &Client) -> Vec<Json> {
    let list = client.get_path("/v1/auth/sessions", "").await.ok();
    list["data"].as_array().expect("sessions").clone()
}

async fn refresh(client: &Client, token: &Json) -> crate::support::Response {
    let body = json!({"refreshToken": token});
    client.call("POST", "/v1/auth/refresh", &body).await
}

async fn end(client: &Client, path: &str) -> crate::support::Response {
    client.call("DELETE", path, &Json::Null).await
}

async fn is_in(client: &Client) -> bool {
    client.get_path("/v1/auth/me", "").await.code() == 200
}

#[tokio::test]
async fn people_see_their_own_open_sessions() {
    let app = TestApp::start().await;
    let (ann, _) = make_user(&app, "ann").await;
    let (ben, _) = make_user(&app, "ben").await;
    let (phone, _) = sign_in(&app, &ann, "Phone/1.0").await;
    let (desk, token) = sign_in(&app, &ann, &format!("Desk/{}", "2".repeat(400))).await;
    let (other, _) = sign_in(&app, &ben, "Other").await;
    let seen = sessions(&phone).await;
    assert_eq!(seen.len(), 2, "{seen:#?}");
    assert_eq!(seen[0]["userAgent"], "Phone/1.0");
    assert_eq!(seen[0]["address"], "127.0.0.1");
    assert_eq!(seen[0]["current"], true);
    assert_eq!(seen[0]["createdAt"], seen[0]["lastUsedAt"]);
    assert_eq!(seen[1]["current"], false);
    assert_eq!(seen[1]["userAgent"].as_str().expect("an agent").len(), 200);
    assert_eq!(sessions(&other).await.len(), 1);
    let text = seen[0].to_string().to_lowercase();
    assert!(!text.contains("hash") && !text.contains("token"), "{text}");

    app.advance(Duration::minutes(5));
    refresh(&desk, &token).await.ok();
    let after = sessions(&desk).await;
    assert_eq!(after.len(), 2, "a refresh makes no new session: {after:#?}");
    assert_eq!(after[1]["id"], seen[1]["id"]);
    assert_eq!(after[1]["createdAt"], seen[1]["createdAt"]);
    assert_eq!(after[1]["userAgent"], seen[1]["userAgent"]);
    assert!(after[1]["lastUsedAt"].as_str() > seen[1]["lastUsedAt"].as_str());
    assert_eq!(after[1]["current"], true);

    let first = desk.get_path("/v1/auth/sessions", "limit=1").await.ok();
    assert_eq!(first["data"], json!([after[0]]));
    let next = first["page"]["next"].as_str().expect("a cursor");
    let second = desk
        .get_path("/v1/auth/sessions", &format!("limit=1&after={next}"))
        .await
        .ok();
    assert_eq!(second["data"], json!([after[1]]));
    assert_eq!(second["page"]["hasNext"], false);

    app.advance(Duration::days(15));
    let (desk, _) = sign_in(&app, &ann, "Desk/2").await;
    assert_eq!(
        sessions(&desk).await.len(),
        1,
        "those that have expired are gone"
    );
}

#[tokio::test]
async fn an_ended_session_is_refused_at_once_and_the_others_stay() {
    let app = TestApp::start().await;
    let (ann, id) = make_user(&app, "ann").await;
    let (phone, token) = sign_in(&app, &ann, "Phone").await;
    let (desk, _) = sign_in(&app, &ann, "Desk").await;
    assert!(is_in(&phone).await);
    let lost = sessions(&desk).await[0]["id"].clone();
    let path = format!("/v1/auth/sessions/{}", lost.as_str().expect("an id"));
    end(&desk, &path).await.status(204);
    assert!(!is_in(&phone).await);
    refresh(&phone, &token)
        .await
        .problem(401, "unauthenticated");
    assert!(is_in(&desk).await);
    end(&desk, &path).await.problem(404, "not_found");
    let told = app
        .admin()
        .get_path("/v1/meta/audit", "kind=sessionsRevoked")
        .await
        .ok();
    assert_eq!(told["data"][0]["details"]["sessions"], json!([lost]));
    assert_eq!(
        told["data"][0]["principal"],
        json!({"kind": "user", "id": id})
    );
    assert_eq!(told["data"].as_array().expect("entries").len(), 1);

    let own = sessions(&desk).await[0]["id"].clone();
    end(
        &desk,
        &format!("/v1/auth/sessions/{}", own.as_str().expect("an id")),
    )
    .await
    .status(204);
    assert!(!is_in(&desk).await);
}

#[tokio::test]
async fn the_session_of_another_is_as_one_that_is_not_there() {
    let app = TestApp::start().await;
    let (ann, _) = make_user(&app, "ann").await;
    let (ben, _) = make_user(&app, "ben").await;
    let (ann, _) = sign_in(&app, &ann, "A").await;
    let (ben, _) = sign_in(&app, &ben, "B").await;
    let id = sessions(&ann).await[0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let missing = uuid::Uuid::now_v7().to_string();
    let answers = [&id, &missing].map(|id| {
        let (path, id) = (format!("/v1/auth/sessions/{id}"), id.clone());
        let ben = &ben;
        async move {
            let answer = end(ben, &path).await;
            let body = answer.problem(404, "not_found");
            body["detail"].as_str().expect("a text").replace(&id, "")
        }
    });
    let [of_ann, of_nobody] = answers;
    assert_eq!(of_ann.await, of_nobody.await);
    end(&ben, "/v1/auth/sessions/nonsense")
        .await
        .problem(404, "not_found");
    assert!(is_in(&ann).await);
}

#[tokio::test]
async fn admins_see_and_end_the_sessions_of_others_on_every_node() {
    let app = TestApp::start().await;
    let node = app.another_node().await;
    let (ann, id) = make_user(&app, "ann").await;
    let mut clients = Vec::new();
    for agent in ["One", "Two", "Three"] {
        let (client, _) = sign_in(&app, &ann, agent).await;
        let there = node.admin().with_token(client.token());
        assert!(is_in(&there).await);
        clients.push((client, there));
    }
    let path = format!("/v1/meta/users/{id}/sessions");
    let list = app.admin().get_path(&path, "").await;
    assert_eq!(list.column("userAgent"), ["One", "Two", "Three"]);
    assert_eq!(list.column("current"), ["false", "false", "false"]);
    let second = list.ids()[1].clone();
    end(&app.admin(), &format!("{path}/{second}"))
        .await
        .status(204);
    assert!(!is_in(&clients[1].0).await);
    assert!(is_in(&clients[0].0).await);
    app.advance(Duration::seconds(1));
    assert!(
        !is_in(&clients[1].1).await,
        "on the other node within a second"
    );
    assert!(is_in(&clients[0].1).await);
    end(&app.admin(), &format!("{path}/{second}"))
        .await
        .problem(404, "not_found");

    end(&app.admin(), &path).await.status(204);
    app.advance(Duration::seconds(1));
    for (here, there) in &clients {
        assert!(!is_in(here).await);
        assert!(!is_in(there).await);
    }
    assert!(app.admin().get_path(&path, "").await.ids().is_empty());
    end(&app.admin(), &path).await.status(204);
    let told = app
        .admin()
        .get_path(
            "/v1/meta/audit",
            &format!("kind=sessionsRevoked&object={id}"),
        )
        .await;
    let told = told.ok();
    let told = told["data"].as_array().expect("entries");
    assert_eq!(told.len(), 2, "what ended nothing is not told: {told:#?}");
    assert_eq!(
        told[0]["details"]["sessions"].as_array().map(Vec::len),
        Some(2)
    );

    for method in ["GET", "DELETE"] {
        for user in [uuid::Uuid::now_v7().to_string(), "nobody".to_owned()] {
            let path = format!("/v1/meta/users/{user}/sessions");
            let answer = app.admin().call(method, &path, &Json::Null).await;
            answer.problem(404, "not_found");
        }
    }
    let other = app
        .admin()
        .get_path("/v1/auth/sessions", "")
        .await
        .ids()
        .remove(0);
    end(&app.admin(), &format!("{path}/{other}"))
        .await
        .problem(404, "not_found");
    assert!(
        is_in(&app.admin()).await,
        "a session of somebody else is none of Ann's"
    );
}

#[tokio::test]
async fn keys_have_no_sessions_and_others_manage_none() {
    let app = TestApp::start().await;
    let (_, id) = make_user(&app, "ann").await;
    let rules = Rules::none().read("organization");
    let [person, key] = app.person_and_key("narrow", rules).await;
    key.get_path("/v1/auth/sessions", "")
        .await
        .problem(403, "forbidden");
    let any = format!("/v1/auth/sessions/{}", uuid::Uuid::now_v7());
    end(&key, &any).await.problem(403, "forbidden");
    for (client, shown) in [(&person, true), (&key, false)] {
        let contract = client.get_path("/openapi.json", "").await;
        contract.ok();
        assert_eq!(contract.text().contains("/v1/auth/sessions"), shown);
        assert_eq!(contract.text().contains("UserSession"), shown);
    }
    for client in [person, key] {
        for user in [id.clone(), uuid::Uuid::now_v7().to_string()] {
            let path = format!("/v1/meta/users/{user}/sessions");
            client.get_path(&path, "").await.problem(403, "forbidden");
            end(&client, &path).await.problem(403, "forbidden");
            let one = format!("{path}/{}", uuid::Uuid::now_v7());
            end(&client, &one).await.problem(403, "forbidden");
        }
    }
}
