//! What a caller with narrow rights deletes, and what it is told.

use serde_json::json;

use super::{account, make, names, start};
use crate::support::Rules;

#[tokio::test]
async fn who_deletes_needs_the_right_to_all_that_is_not_a_part() {
    let app = start().await;
    let admin = app.admin();
    let acme = account(&admin, "Acme").await;
    let contract = make(&admin, "contracts", "A", ("account", &acme)).await;
    make(&admin, "clauses", "A1", ("contract", &contract)).await;
    let accounts = || {
        Rules::none()
            .read("account")
            .allow("delete", "account", json!({}))
    };
    let some = json!({"where": {"name": {"eq": "B"}}});
    let mut told = Vec::new();
    for (role, rules) in [
        ("none", accounts()),
        (
            "others",
            accounts()
                .read("contract")
                .allow("delete", "contract", some.clone()),
        ),
        (
            "unseen",
            accounts().allow("read", "contract", some.clone()).allow(
                "delete",
                "contract",
                json!({}),
            ),
        ),
    ] {
        for client in app.person_and_key(role, rules).await {
            let problem = client
                .delete("accounts", &acme)
                .await
                .problem(403, "forbidden");
            told.push(problem["detail"].clone());
        }
    }
    told.dedup();
    assert_eq!(told.len(), 1, "one answer to all of them: {told:?}");
    assert_eq!(names(&admin, "contracts").await, ["A"]);
    // The right to the clauses is not asked: they are parts.
    let rules = accounts()
        .read("contract")
        .allow("delete", "contract", json!({}));
    let [person, key] = app.person_and_key("all", rules).await;
    person.delete("accounts", &acme).await.status(204);
    assert!(names(&admin, "clauses").await.is_empty());
    let narrow = app.role("narrow", accounts()).await;
    narrow
        .restore("accounts", &acme)
        .await
        .problem(403, "forbidden");
    key.restore("accounts", &acme).await.ok();
    assert_eq!(names(&admin, "clauses").await, ["A1"]);
}

#[tokio::test]
async fn what_stands_in_the_way_is_named_to_those_who_see_it() {
    let app = start().await;
    let admin = app.admin();
    let acme = account(&admin, "Acme").await;
    let hidden = make(&admin, "invoices", "hidden", ("account", &acme)).await;
    let shown = make(&admin, "invoices", "shown", ("account", &acme)).await;
    let accounts = || {
        Rules::none()
            .read("account")
            .allow("delete", "account", json!({}))
    };
    let but = json!({"fields": {"except": ["account"]}});
    let unseen = json!({"where": {"name": {"eq": "nothing"}}});
    let mut told = Vec::new();
    for (role, rules) in [
        ("noInvoices", accounts()),
        ("noReference", accounts().allow("read", "invoice", but)),
        ("noSuchInvoice", accounts().allow("read", "invoice", unseen)),
    ] {
        for client in app.person_and_key(role, rules).await {
            let problem = client
                .delete("accounts", &acme)
                .await
                .problem(409, "conflict");
            told.push(problem["detail"].as_str().expect("a detail").to_owned());
        }
    }
    told.dedup();
    assert_eq!(told.len(), 1, "one answer to all of them: {told:?}");
    assert!(
        !told[0].contains("invoice") && !told[0].contains(&hidden),
        "{told:?}"
    );
    let some = json!({"where": {"name": {"eq": "shown"}}});
    let rules = accounts().allow("read", "invoice", some);
    for client in app.person_and_key("some", rules).await {
        let problem = client
            .delete("accounts", &acme)
            .await
            .problem(409, "conflict");
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(
            detail.contains(&shown) && !detail.contains(&hidden),
            "{detail}"
        );
    }
}

#[tokio::test]
async fn a_record_that_is_not_seen_is_missing_whatever_hangs_on_it() {
    let app = start().await;
    let admin = app.admin();
    let acme = account(&admin, "Acme").await;
    make(&admin, "invoices", "1", ("account", &acme)).await;
    let some = json!({"where": {"name": {"eq": "Other"}}});
    let rules = Rules::none()
        .allow("read", "account", some)
        .allow("delete", "account", json!({}));
    for client in app.person_and_key("blind", rules).await {
        let hidden = client
            .delete("accounts", &acme)
            .await
            .problem(404, "record_not_found");
        let missing = "01900000-0000-7000-8000-000000000000";
        let missing = client
            .delete("accounts", missing)
            .await
            .problem(404, "record_not_found");
        assert_eq!(hidden["title"], missing["title"]);
    }
}

#[tokio::test]
async fn the_owner_of_a_part_is_named_to_those_who_see_it() {
    let app = start().await;
    let admin = app.admin();
    let acme = account(&admin, "Acme").await;
    let contract = make(&admin, "contracts", "A", ("account", &acme)).await;
    let clause = make(&admin, "clauses", "A1", ("contract", &contract)).await;
    admin.delete("contracts", &contract).await.status(204);
    let rules = Rules::none()
        .read("clause")
        .allow("delete", "clause", json!({}));
    for client in app.person_and_key("clauses", rules).await {
        let problem = client
            .restore("clauses", &clause)
            .await
            .problem(409, "conflict");
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(!detail.contains("contract"), "{detail}");
    }
}
