//! Who reads the log, its pages, and its filters.

use serde_json::{Value as Json, json};

use super::all;
use crate::support::{Rules, TestApp};

#[tokio::test]
async fn only_who_manages_access_reads_it_and_nobody_writes_it() {
    let app = TestApp::start().await;
    app.add_role("everything", &Rules::none().read("*")).await;
    for client in [
        app.user(&["everything"]).await,
        app.key(&["everything"], json!({})).await,
    ] {
        for parameters in ["", "limit=0", "kind=nothing"] {
            let answer = client.get_path("/v1/meta/audit", parameters).await;
            let told = answer.problem(403, "forbidden");
            let users = client.get_path("/v1/meta/users", "").await;
            assert_eq!(told["detail"], users.problem(403, "forbidden")["detail"]);
        }
    }
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let answer = app.admin().meta(method, "audit", json!({})).await;
        answer.problem(405, "method_not_allowed");
    }
}

#[tokio::test]
async fn it_is_paged_newest_first() {
    let app = TestApp::start().await;
    for name in ["one", "two", "three"] {
        app.add_role(name, &Rules::none()).await;
    }
    let mut whole = all(&app).await;
    whole.reverse();
    let mut pages = Vec::new();
    let mut parameters = "limit=2".to_owned();
    loop {
        let page = app
            .admin()
            .get_path("/v1/meta/audit", &parameters)
            .await
            .ok();
        let data = page["data"].as_array().expect("entries");
        assert!(data.len() <= 2);
        pages.extend(data.iter().cloned());
        let Some(next) = page["page"]["next"].as_str() else {
            assert_eq!(page["page"]["hasNext"], false);
            break;
        };
        parameters = format!("limit=2&after={next}");
        // What comes meanwhile moves no page.
        app.user(&[]).await;
    }
    assert_eq!(pages, whole);
}

#[tokio::test]
async fn it_is_filtered_by_time_principal_kind_and_object() {
    let app = TestApp::start().await;
    app.add_role("early", &Rules::none()).await;
    app.advance(time::Duration::minutes(2));
    let between = schema_text(app.now());
    app.advance(time::Duration::minutes(2));
    app.add_role("late", &Rules::none().read("organization"))
        .await;
    let user = app.user(&[]).await.get_path("/v1/auth/me", "").await.ok();
    let admin = app.admin().get_path("/v1/auth/me", "").await.ok();
    let (user, admin) = (text(&user["id"]), text(&admin["id"]));
    let names = |parameters: String| {
        let app = &app;
        async move {
            let answer = app.admin().get_path("/v1/meta/audit", &parameters).await;
            answer.column("kind")
        }
    };
    assert_eq!(
        names(format!("from={between}&kind=roleCreated"))
            .await
            .len(),
        1
    );
    assert_eq!(
        names(format!("until={between}&kind=roleCreated"))
            .await
            .len(),
        1
    );
    assert_eq!(names("kind=roleCreated".to_owned()).await.len(), 2);
    assert_eq!(names(format!("principal={user}")).await, ["signIn"]);
    assert_eq!(names(format!("object={user}")).await, ["userCreated"]);
    let by_admin = names(format!("principal={admin}&from={between}")).await;
    assert_eq!(by_admin, ["userCreated", "ruleCreated", "roleCreated"]);
    assert_eq!(
        names(format!("objectType=rule&from={between}")).await,
        ["ruleCreated"]
    );
    assert_eq!(
        names(format!("objectType=key&from={between}")).await.len(),
        0
    );
}

fn text(json: &Json) -> String {
    json.as_str().expect("a text").to_owned()
}

/// An instant in a form that travels in an address.
fn schema_text(instant: time::OffsetDateTime) -> String {
    let instant = instant.replace_nanosecond(0).expect("no fraction");
    let text = instant.format(&time::format_description::well_known::Rfc3339);
    text.expect("an instant")
}

#[tokio::test]
async fn what_is_wrong_with_a_filter_is_told_at_its_parameter() {
    let app = TestApp::start().await;
    for (parameter, value) in [
        ("from", "yesterday"),
        ("until", "2026-01-01"),
        ("principal", "me"),
        ("object", "1"),
        ("kind", "nothing"),
        ("objectType", "organization"),
        ("after", "first"),
        ("after", "99999999999999999999"),
        ("limit", "0"),
        ("limit", "201"),
    ] {
        let answer = app
            .admin()
            .get_path("/v1/meta/audit", &format!("{parameter}={value}"))
            .await;
        answer.problem_at(422, "validation_failed", parameter);
    }
    let unknown = app.admin().get_path("/v1/meta/audit", "who=me").await;
    unknown.problem(400, "invalid_parameter");
    for value in ["0", "-5", "999999999"] {
        let answer = app
            .admin()
            .get_path("/v1/meta/audit", &format!("after={value}"))
            .await;
        answer.ok();
    }
}
