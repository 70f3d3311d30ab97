//! Links: what a deletion at an end does to the records at the other one.

use serde_json::{Value as Json, json};

use super::{account, field, names, start};
use crate::support::{Client, Rules, TestApp};

/// Relations between accounts and projects: `staffing` goes from an account to its projects, `watch`
/// stands in the way at the end of the project.
async fn projects(app: &TestApp) -> Client {
    let admin = app.admin();
    let operations = json!([
        {"op": "addObjectType", "name": "project", "plural": "projects", "title": "name",
         "fields": [{"name": "name", "type": "text", "required": true}]},
        {"op": "addRelationType", "name": "staffing",
         "source": {"object": "account", "name": "projects", "onDelete": "cascade"},
         "target": {"object": "project", "name": "staff"}},
        {"op": "addRelationType", "name": "watch",
         "source": {"object": "account", "name": "watched"},
         "target": {"object": "project", "name": "watchers", "onDelete": "restrict"}},
        {"op": "addRelationType", "name": "alliance", "symmetric": true, "temporal": true,
         "source": {"object": "account", "name": "allies", "onDelete": "restrict"}},
    ]);
    admin.change(operations).await.ok();
    admin
}

async fn project(client: &Client, name: &str) -> String {
    client.make("projects", json!({"name": name})).await
}

async fn linked(client: &Client, account: &str, side: &str, other: &str) -> String {
    let path = format!("accounts/{account}/{side}");
    let link = client.link(&path, other, json!({})).await;
    link.status(201).json()["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

#[tokio::test]
async fn links_cascade_from_the_end_that_says_so_and_come_back() {
    let app = start().await;
    let admin = projects(&app).await;
    let (acme, other) = (
        account(&admin, "Acme").await,
        account(&admin, "Other").await,
    );
    let (tower, bridge) = (
        project(&admin, "Tower").await,
        project(&admin, "Bridge").await,
    );
    linked(&admin, &acme, "projects", &tower).await;
    let ended = linked(&admin, &acme, "projects", &bridge).await;
    linked(&admin, &other, "projects", &tower).await;
    let path = format!("/v1/data/accounts/{acme}/projects/{ended}");
    admin.call("DELETE", &path, &Json::Null).await.status(204);
    // From the other end nothing follows.
    admin.delete("projects", &tower).await.status(204);
    assert_eq!(names(&admin, "accounts").await, ["Acme", "Other"]);
    admin.restore("projects", &tower).await.ok();
    admin.delete("accounts", &acme).await.status(204);
    assert_eq!(names(&admin, "projects").await, ["Bridge"]);
    admin.restore("accounts", &acme).await.ok();
    assert_eq!(names(&admin, "projects").await, ["Bridge", "Tower"]);
    let staff = admin
        .get_path(&format!("/v1/data/projects/{tower}/staff"), "sort=name")
        .await;
    assert_eq!(staff.column("name"), ["Acme", "Other"]);
}

#[tokio::test]
async fn links_restrict_at_the_end_that_says_so() {
    let app = start().await;
    let admin = projects(&app).await;
    let acme = account(&admin, "Acme").await;
    let tower = project(&admin, "Tower").await;
    let link = linked(&admin, &acme, "watched", &tower).await;
    let problem = admin
        .delete("projects", &tower)
        .await
        .problem(409, "conflict");
    let detail = problem["detail"].as_str().expect("a detail");
    assert!(
        detail.contains("watchers") && detail.contains(&acme),
        "{detail}"
    );
    // The other end is free, and a link to a deleted record holds nobody.
    admin.delete("accounts", &acme).await.status(204);
    admin.delete("projects", &tower).await.status(204);
    admin.restore("projects", &tower).await.ok();
    admin.restore("accounts", &acme).await.ok();
    // What is deleted with an account is held by its watchers as well.
    linked(&admin, &acme, "projects", &tower).await;
    let problem = admin.delete("accounts", &acme).await;
    problem.status(204);
    assert!(names(&admin, "projects").await.is_empty());
    admin.restore("accounts", &acme).await.ok();
    let other = account(&admin, "Other").await;
    linked(&admin, &other, "watched", &tower).await;
    admin
        .delete("accounts", &acme)
        .await
        .problem(409, "conflict");
    let path = format!("/v1/data/accounts/{acme}/watched/{link}");
    admin.call("DELETE", &path, &Json::Null).await.status(204);
    admin
        .delete("accounts", &acme)
        .await
        .problem(409, "conflict");
    assert_eq!(names(&admin, "projects").await, ["Tower"]);
}

#[tokio::test]
async fn links_that_are_over_hold_nobody() {
    let app = start().await;
    let admin = projects(&app).await;
    let (acme, other) = (
        account(&admin, "Acme").await,
        account(&admin, "Other").await,
    );
    let link = linked(&admin, &other, "allies", &acme).await;
    for id in [&acme, &other] {
        admin.delete("accounts", id).await.problem(409, "conflict");
    }
    let path = format!("/v1/data/accounts/{other}/allies/{link}");
    let over = json!({"validUntil": "2020-01-01"});
    admin.call("PATCH", &path, &over).await.ok();
    admin.delete("accounts", &acme).await.status(204);
}

#[tokio::test]
async fn an_end_changes_what_it_does() {
    let app = start().await;
    let admin = projects(&app).await;
    let acme = account(&admin, "Acme").await;
    let tower = project(&admin, "Tower").await;
    linked(&admin, &acme, "watched", &tower).await;
    let ends = |target: Json| json!({"target": target});
    let change = |body: Json| admin.meta("PATCH", "relations/watch", body);
    let described = change(ends(json!({"onDelete": "cascade"}))).await.ok();
    assert_eq!(described["target"]["onDelete"], "cascade");
    assert_eq!(described["source"]["onDelete"], "detach");
    admin.delete("projects", &tower).await.status(204);
    assert!(names(&admin, "accounts").await.is_empty());
    admin.restore("projects", &tower).await.ok();
    change(ends(json!({"onDelete": null}))).await.ok();
    admin.delete("projects", &tower).await.status(204);
    assert_eq!(names(&admin, "accounts").await, ["Acme"]);
    change(ends(json!({"onDelete": "set null"})))
        .await
        .status(400);
    // The ends of a symmetric type are one.
    let body = json!({"source": {"onDelete": "cascade"}});
    let described = admin.meta("PATCH", "relations/alliance", body).await.ok();
    assert_eq!(described["target"]["onDelete"], "cascade");
}

#[tokio::test]
async fn standard_relation_types_take_it_too() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let body = json!({"target": {"onDelete": "restrict"}});
    admin.meta("PATCH", "relations/employment", body).await.ok();
    let org = admin.make("organizations", json!({"name": "Acme"})).await;
    let ada = admin
        .make("people", json!({"firstName": "Ada", "lastName": "L"}))
        .await;
    let path = format!("people/{ada}/employers");
    let link = admin.link(&path, &org, json!({})).await.status(201).json();
    assert!(link.is_object());
    admin
        .delete("organizations", &org)
        .await
        .problem(409, "conflict");
    admin.delete("people", &ada).await.status(204);
    admin.delete("organizations", &org).await.status(204);
}

#[tokio::test]
async fn linked_records_are_named_to_those_who_see_them() {
    let app = start().await;
    let admin = projects(&app).await;
    let (acme, other) = (
        account(&admin, "Acme").await,
        account(&admin, "Other").await,
    );
    let tower = project(&admin, "Tower").await;
    linked(&admin, &acme, "watched", &tower).await;
    linked(&admin, &other, "watched", &tower).await;
    let projects = || {
        Rules::none()
            .read("project")
            .allow("delete", "project", json!({}))
    };
    let some = json!({"where": {"name": {"eq": "Other"}}});
    let mut told = Vec::new();
    for (role, rules) in [
        ("noAccounts", projects().read("watch")),
        ("noLinks", projects().read("account")),
    ] {
        for client in app.person_and_key(role, rules).await {
            let problem = client
                .delete("projects", &tower)
                .await
                .problem(409, "conflict");
            told.push(problem["detail"].as_str().expect("a detail").to_owned());
        }
    }
    told.dedup();
    assert!(told.len() == 1 && !told[0].contains("watchers"), "{told:?}");
    let rules = projects().read("watch").allow("read", "account", some);
    for client in app.person_and_key("some", rules).await {
        let problem = client
            .delete("projects", &tower)
            .await
            .problem(409, "conflict");
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(
            detail.contains(&other) && !detail.contains(&acme),
            "{detail}"
        );
    }
    // What goes by a link needs a right of its own.
    linked(&admin, &acme, "projects", &tower).await;
    let accounts = Rules::none()
        .read("account")
        .allow("delete", "account", json!({}));
    let clerk = app.role("clerk", accounts).await;
    clerk
        .delete("accounts", &acme)
        .await
        .problem(403, "forbidden");
    assert_eq!(
        field(&admin, "projects", &tower, "name").await,
        json!("Tower")
    );
}
