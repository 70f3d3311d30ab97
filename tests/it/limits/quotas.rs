//! Units: what requests cost, how the quota is told, and what happens when it is used up.

use reqwest::Method;
use serde_json::{Value as Json, json};
use time::Duration;

use super::{left, start, wait};
use crate::support::{Client, Response, Rules, TestApp};

const ONE: &str = "{ organizations(first: 1) { nodes { name } } }";

#[tokio::test]
async fn each_answer_tells_how_the_quota_stands() {
    let app = start("standard=600").await;
    let admin = app.admin();
    let answer = admin.list("organizations", "limit=1&fields=name").await;
    answer.ok();
    let policy = answer.header("ratelimit-policy");
    assert_eq!(policy, Some("\"standard\";q=600;qu=\"cost\";w=60"));
    assert_eq!(answer.header("ratelimit"), Some("\"standard\";r=599;t=1"));
    // Faults, and things that are not there, cost as well.
    let answer = admin.list("organizations", "limit=1&fields=nothing").await;
    answer.problem(400, "unknown_field");
    assert_eq!(left(&answer), 598);
    let answer = admin.graphql(ONE, Json::Null).await;
    answer.data();
    assert_eq!(left(&answer), 597);
    let answer = app.anonymous().list("organizations", "").await;
    answer.problem(401, "unauthenticated");
    assert_eq!(answer.header("ratelimit"), None);
}

#[tokio::test]
async fn a_quota_refills_evenly() {
    let app = start("standard=600").await;
    let admin = app.admin();
    let mut last = admin.list("organizations", "limit=1&fields=name").await;
    for _ in 0..9 {
        last = admin.list("organizations", "limit=1&fields=name").await;
    }
    assert_eq!(left(&last), 590);
    app.advance(Duration::seconds(1));
    let answer = admin.list("organizations", "limit=1&fields=name").await;
    assert_eq!(left(&answer), 599);
}

/// The units that a request of this client costs.
async fn cost(client: &Client, method: &str, path: &str, body: Json) -> u64 {
    let before = left(&client.call("GET", "/v1/auth/me", &Json::Null).await);
    let answer = client.call(method, path, &body).await;
    answer.ok();
    assert!(answer.json().get("errors").is_none(), "{answer}");
    before - left(&answer)
}

#[tokio::test]
async fn what_asks_for_more_costs_more() {
    let app = start("standard=100000").await;
    let admin = app.admin();
    let list = async |parameters: &str| {
        let path = format!("/v1/data/organizations?{parameters}");
        cost(&admin, "GET", &path, Json::Null).await
    };
    let flat = list("fields=name").await;
    assert_eq!(flat, 1);
    let nested = list("limit=10&fields=name,orders.number").await;
    let deep = list("limit=10&fields=name,orders.number,orders.lines.quantity").await;
    assert!(flat < nested && nested < deep, "{flat} {nested} {deep}");
    assert!(list("limit=200").await > list("limit=10").await);
    assert_eq!(list("fields=name&count=exact").await, flat + 5);
    let record = json!({"name": "A"});
    let write = cost(&admin, "POST", "/v1/data/organizations", record).await;
    assert_eq!(write, 5);
    let id = admin.make("organizations", json!({"name": "B"})).await;
    let related = format!("/v1/data/organizations/{id}/related?depth=2");
    assert_eq!(cost(&admin, "GET", &related, Json::Null).await, 20);
    let role = json!({"name": "nobody", "label": "Nobody"});
    assert_eq!(cost(&admin, "POST", "/v1/meta/roles", role).await, 10);
}

#[tokio::test]
async fn each_root_field_and_alias_costs_anew() {
    let app = start("standard=100000").await;
    let admin = app.admin();
    let graphql =
        async |query: String| cost(&admin, "POST", "/graphql", json!({"query": query})).await;
    let aliases = |number: usize, field: &str| -> String {
        (0..number).map(|at| format!("a{at}: {field} ")).collect()
    };
    let field = "organizations(first: 100) { nodes { name orders { nodes { number } } } }";
    let one = graphql(format!("{{ {field} }}")).await;
    assert!(one > 2, "{one}");
    assert_eq!(
        graphql(format!("{{ {} }}", aliases(10, field))).await,
        10 * one
    );
    // An alias below a root field, and one in a fragment, are no cheaper.
    let below = "orders { nodes { number } }";
    let inside = |number| {
        let aliases = aliases(number, below);
        format!(
            "{{ organizations(first: 100) {{ nodes {{ ...F }} }} }} fragment F on Organization {{ {aliases} }}"
        )
    };
    let (single, ten) = (graphql(inside(1)).await, graphql(inside(10)).await);
    assert!(ten >= 10 * (single - 1), "{single} {ten}");
    let make = "createOrganization(input: {name: \"A\"}) { id }";
    let written = graphql(format!("mutation {{ {} }}", aliases(3, make))).await;
    assert_eq!(written, 15);
}

/// That a quota is used up: 429, a time to wait, the policy.
#[track_caller]
fn is_used_up(answer: &Response, policy: &str) {
    let body = answer.problem(429, "quota_exceeded");
    assert_eq!(body["violatedPolicies"], json!([policy]), "{answer}");
    assert!(wait(answer) > 0, "{answer}");
}

#[tokio::test]
async fn a_quota_that_is_used_up_refuses_until_it_has_refilled() {
    let app = start("standard=60").await;
    let admin = app.admin();
    for _ in 0..12 {
        admin.make("organizations", json!({"name": "A"})).await;
    }
    let answer = admin.list("organizations", "fields=name").await;
    is_used_up(&answer, "standard");
    assert_eq!((wait(&answer), left(&answer)), (1, 0));
    app.advance(Duration::seconds(1));
    admin.list("organizations", "fields=name").await.ok();
    // What is refused at the door costs nothing; what is refused by its shape costs the unit of the door.
    app.advance(Duration::seconds(3));
    let answer = admin
        .create("organizations", json!({"name": "Refused"}))
        .await;
    is_used_up(&answer, "standard");
    assert_eq!(left(&answer), 2);
    app.advance(Duration::seconds(wait(&answer)));
    admin
        .create("organizations", json!({"name": "B"}))
        .await
        .ok();
    app.advance(Duration::minutes(1));
    let refused = json!({"name": {"eq": "Refused"}});
    let found = admin.filter("organizations", &refused, "").await;
    assert!(found.ids().is_empty(), "nothing of it ran");
    // Others have quotas of their own.
    app.user(&["administrator"])
        .await
        .list("organizations", "")
        .await
        .ok();
}

#[tokio::test]
async fn graphql_tells_in_its_own_form_that_a_quota_is_used_up() {
    let app = start("standard=60").await;
    let admin = app.admin();
    let make = |number: usize| -> Json {
        let fields = (0..number)
            .map(|at| format!("a{at}: createOrganization(input: {{name: \"A\"}}) {{ id }} "));
        json!({"query": format!("mutation {{ {} }}", fields.collect::<String>())})
    };
    admin.call("POST", "/graphql", &make(11)).await.data();
    let forms = ["application/json", "application/graphql-response+json"];
    let refused = async |accept: &str, body: &Json| {
        let request = admin.request(Method::POST, "/graphql");
        let request = request.header("accept", accept).json(body);
        let answer = admin.send(request).await;
        answer.status(429).error("quota_exceeded");
        let media_type = answer.header("content-type").unwrap_or_default();
        assert!(media_type.starts_with(accept), "{media_type}");
        (wait(&answer), left(&answer))
    };
    // By its shape.
    for (accept, seconds, units) in [(forms[0], 6, 4), (forms[1], 7, 3)] {
        assert_eq!(refused(accept, &make(2)).await, (seconds, units));
    }
    while admin.graphql(ONE, Json::Null).await.code() == 200 {}
    // At the door.
    for accept in forms {
        assert_eq!(refused(accept, &json!({"query": ONE})).await, (1, 0));
    }
}

#[tokio::test]
async fn a_request_that_no_wait_helps_is_told_so() {
    let app = start("standard=12").await;
    let admin = app.admin();
    let parameters = "limit=200&fields=name,orders.number";
    let answer = admin.list("organizations", parameters).await;
    let body = answer.problem(400, "cost_too_high");
    let detail = body["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("smaller pages"), "{detail}");
    assert_eq!(answer.header("retry-after"), None);
    let query =
        "{ organizations(first: 200) { nodes { name orders(first: 100) { nodes { number } } } } }";
    let answer = admin.graphql(query, Json::Null).await;
    answer.error("cost_too_high");
    assert_eq!(answer.header("retry-after"), None);
    admin
        .list("organizations", "limit=10&fields=name")
        .await
        .ok();
}

#[tokio::test]
async fn a_key_has_the_quota_of_its_class() {
    let app = start("low=10,standard=1000,high=5000").await;
    app.add_role("reader", &Rules::none().read("organization"))
        .await;
    let admin = app.admin();
    let made = app.create_key(&["reader"], json!({})).await;
    assert_eq!(made["rateClass"], "standard");
    let made = app
        .create_key(&["reader"], json!({"rateClass": "low"}))
        .await;
    assert_eq!(made["rateClass"], "low");
    let key = app
        .anonymous()
        .with_token(made["secret"].as_str().expect("a secret"));
    let answer = key.list("organizations", "fields=name").await;
    let policy = answer.header("ratelimit-policy");
    assert_eq!(policy, Some("\"low\";q=10;qu=\"cost\";w=60"));
    for _ in 0..9 {
        key.list("organizations", "fields=name").await.ok();
    }
    is_used_up(&key.list("organizations", "fields=name").await, "low");
    let path = format!("keys/{}", made["id"].as_str().expect("an id"));
    let change = async |class: Json| {
        admin
            .meta("PATCH", &path, json!({"rateClass": class}))
            .await
    };
    for (class, policy) in [
        ("high", Some("\"high\";q=5000;qu=\"cost\";w=60")),
        ("unlimited", None),
    ] {
        let changed = change(json!(class)).await;
        assert_eq!(changed.ok()["rateClass"], class);
        let answer = key.list("organizations", "fields=name").await;
        answer.ok();
        assert_eq!(answer.header("ratelimit-policy"), policy);
    }
    let shown = admin.meta("GET", &path, Json::Null).await.ok();
    assert_eq!(shown["rateClass"], "unlimited");
    let answer = change(json!("enormous")).await;
    answer.problem_at(422, "validation_failed", "/rateClass");
    let answer = change(Json::Null).await;
    assert_eq!(answer.code(), 422, "{answer}");
    let new = json!({"name": "K", "roles": ["reader"], "rateClass": "Low"});
    let answer = admin.meta("POST", "keys", new).await;
    answer.problem_at(422, "validation_failed", "/rateClass");
}

#[tokio::test]
async fn whoever_is_nobody_is_counted_by_address() {
    let app = start("anonymous=10").await;
    let [here, there] = ["127.0.0.2", "127.0.0.3"].map(|at| app.anonymous().at(at));
    let wrong = here.with_token("eyJ.wrong.token");
    for client in [&here, &wrong] {
        for _ in 0..5 {
            client
                .list("organizations", "")
                .await
                .problem(401, "unauthenticated");
        }
    }
    for path in [
        "/v1/data/organizations",
        "/nowhere",
        "/docs/",
        "/.well-known/jwks.json",
    ] {
        for client in [&here, &wrong] {
            let answer = client.call("GET", path, &Json::Null).await;
            is_used_up(&answer, "anonymous");
            assert_eq!(answer.header("ratelimit"), None);
        }
    }
    there
        .list("organizations", "")
        .await
        .problem(401, "unauthenticated");
    app.admin()
        .at("127.0.0.2")
        .list("organizations", "")
        .await
        .ok();
    // What watches the server is never refused.
    here.call("GET", "/healthz", &Json::Null).await.ok();
    here.call("GET", "/readyz", &Json::Null).await.ok();
    app.advance(Duration::seconds(6));
    here.list("organizations", "")
        .await
        .problem(401, "unauthenticated");
}

#[tokio::test]
async fn without_rates_nothing_is_counted() {
    let app = TestApp::start().await;
    for client in [app.admin(), app.anonymous()] {
        for _ in 0..30 {
            let answer = client.call("GET", "/v1/auth/me", &Json::Null).await;
            assert_ne!(answer.code(), 429);
            assert_eq!(answer.header("ratelimit"), None);
            assert_eq!(answer.header("ratelimit-policy"), None);
        }
    }
}

#[tokio::test]
async fn the_routes_of_a_sign_in_are_paid_for_whatever_stands_beside() {
    let app = start("anonymous=20").await;
    let bodies = [
        (
            "/v1/auth/login/verify",
            json!({"challenge": "x", "code": "123456"}),
        ),
        (
            "/v1/auth/password/forgot",
            json!({"email": "nobody@example.com"}),
        ),
        (
            "/v1/auth/password/reset",
            json!({"token": "x", "password": "a password of a test"}),
        ),
        (
            "/v1/auth/oidc/none/start",
            json!({"redirectUri": "https://app.example.com/"}),
        ),
        (
            "/v1/auth/oidc/none/finish",
            json!({"code": "x", "state": "x", "transaction": "x"}),
        ),
    ];
    for (at, (path, body)) in bodies.into_iter().enumerate() {
        let client = app.anonymous().at(&format!("127.0.0.{}", at + 20));
        let client = client.with_token("eyJ.wrong.token");
        let mut codes = Vec::new();
        for _ in 0..22 {
            codes.push(client.call("POST", path, &body).await.code());
        }
        assert!(!codes[..4].contains(&429), "{path}: {codes:?}");
        assert_eq!(codes.last(), Some(&429), "{path}: {codes:?}");
    }
}
