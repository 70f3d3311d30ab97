//! References: detach, restrict, cascade.

use serde_json::{Value as Json, json};

use super::{account, field, make, names, start};

#[tokio::test]
async fn what_is_detached_stays_and_is_attached_again() {
    let app = start().await;
    let admin = app.admin();
    let acme = account(&admin, "Acme").await;
    let memo = make(&admin, "memos", "Call", ("account", &acme)).await;
    admin.delete("accounts", &acme).await.status(204);
    assert_eq!(field(&admin, "memos", &memo, "account").await, Json::Null);
    admin.restore("accounts", &acme).await.ok();
    assert_eq!(
        field(&admin, "memos", &memo, "account").await["id"],
        json!(acme)
    );
    assert_eq!(field(&admin, "memos", &memo, "version").await, json!(1));
}

#[tokio::test]
async fn what_restricts_stands_in_the_way_until_it_is_gone() {
    let app = start().await;
    let admin = app.admin();
    let acme = account(&admin, "Acme").await;
    let other = account(&admin, "Other").await;
    let invoice = make(&admin, "invoices", "2026-1", ("account", &acme)).await;
    let problem = admin
        .delete("accounts", &acme)
        .await
        .problem(409, "conflict");
    let detail = problem["detail"].as_str().expect("a detail");
    assert!(
        detail.contains("invoices point at it") && detail.contains(&invoice),
        "{detail}"
    );
    let document = "mutation($id: ID!) { deleteAccount(id: $id) { id } }";
    let refused = admin.graphql(document, json!({"id": acme})).await;
    refused.error("conflict");
    assert_eq!(names(&admin, "accounts").await, ["Acme", "Other"]);

    admin
        .patch("invoices", &invoice, json!({"account": other}))
        .await
        .ok();
    admin.delete("accounts", &acme).await.status(204);
    admin
        .delete("accounts", &other)
        .await
        .problem(409, "conflict");
    admin.delete("invoices", &invoice).await.status(204);
    admin.delete("accounts", &other).await.status(204);
    // It comes back, though what it points at is away.
    admin.restore("invoices", &invoice).await.ok();
    assert_eq!(
        field(&admin, "invoices", &invoice, "account").await,
        Json::Null
    );
}

#[tokio::test]
async fn what_cascades_goes_and_comes_back_with_it() {
    let app = start().await;
    let admin = app.admin();
    let acme = account(&admin, "Acme").await;
    let other = account(&admin, "Other").await;
    let mut contracts = Vec::new();
    for (name, of) in [("A", &acme), ("B", &acme), ("C", &other)] {
        let contract = make(&admin, "contracts", name, ("account", of)).await;
        for number in 1..=3 {
            let clause = format!("{name}{number}");
            make(&admin, "clauses", &clause, ("contract", &contract)).await;
        }
        contracts.push(contract);
    }
    // What went before does not come back.
    let gone = make(&admin, "contracts", "D", ("account", &acme)).await;
    admin.delete("contracts", &gone).await.status(204);
    let b1 = admin.list("clauses", "name[eq]=B1").await.ids();
    admin.delete("clauses", &b1[0]).await.status(204);
    let version = field(&admin, "contracts", &contracts[1], "version").await;

    admin.delete("accounts", &acme).await.status(204);
    assert_eq!(names(&admin, "contracts").await, ["C"]);
    assert_eq!(names(&admin, "clauses").await, ["C1", "C2", "C3"]);
    for (objects, id) in [("accounts", &acme), ("contracts", &contracts[0])] {
        admin
            .get(objects, id)
            .await
            .problem(404, "record_not_found");
    }

    admin.restore("accounts", &acme).await.ok();
    assert_eq!(names(&admin, "contracts").await, ["A", "B", "C"]);
    assert_eq!(
        names(&admin, "clauses").await,
        ["A1", "A2", "A3", "B2", "B3", "C1", "C2", "C3"]
    );
    assert_eq!(
        field(&admin, "accounts", &acme, "contractCount").await,
        json!(2)
    );
    let count = |id| field(&admin, "contracts", id, "clauseCount");
    assert_eq!(count(&contracts[0]).await, json!(3));
    assert_eq!(count(&contracts[1]).await, json!(2));
    // Deleted and restored: two changes, each with a version.
    let now = field(&admin, "contracts", &contracts[1], "version").await;
    assert_eq!(now.as_i64(), version.as_i64().map(|version| version + 2));
    // A second restore finds nothing to restore.
    admin
        .restore("accounts", &acme)
        .await
        .problem(404, "record_not_found");
}

#[tokio::test]
async fn what_restricts_below_refuses_the_whole_unless_it_goes_too() {
    let app = start().await;
    let admin = app.admin();
    let operations = json!([
        {"op": "addObjectType", "name": "seal", "plural": "seals", "fields": [
            {"name": "name", "type": "text"},
            {"name": "clause", "type": "reference", "target": "clause", "onDelete": "restrict",
             "inverse": {"name": "seals"}},
            {"name": "account", "type": "reference", "target": "account", "onDelete": "cascade",
             "inverse": {"name": "seals"}}]},
    ]);
    admin.change(operations).await.ok();
    let acme = account(&admin, "Acme").await;
    let contract = make(&admin, "contracts", "A", ("account", &acme)).await;
    let clause = make(&admin, "clauses", "A1", ("contract", &contract)).await;
    let seal = make(&admin, "seals", "red", ("clause", &clause)).await;
    for (objects, id) in [
        ("accounts", &acme),
        ("contracts", &contract),
        ("clauses", &clause),
    ] {
        let problem = admin.delete(objects, id).await.problem(409, "conflict");
        assert!(
            problem["detail"]
                .as_str()
                .expect("a detail")
                .contains(&seal),
            "{problem}"
        );
    }
    assert_eq!(names(&admin, "clauses").await, ["A1"]);
    assert_eq!(field(&admin, "accounts", &acme, "version").await, json!(2));
    // A seal that is deleted with the account is in nobody's way.
    admin
        .patch("seals", &seal, json!({"account": acme}))
        .await
        .ok();
    admin.delete("accounts", &acme).await.status(204);
    assert!(names(&admin, "seals").await.is_empty());
    admin.restore("accounts", &acme).await.ok();
    assert_eq!(names(&admin, "seals").await, ["red"]);
}

#[tokio::test]
async fn records_that_hang_on_each_other_in_a_circle_go_together() {
    let app = start().await;
    let admin = app.admin();
    let operations = json!([
        {"op": "addObjectType", "name": "station", "plural": "stations", "fields": [
            {"name": "name", "type": "text"},
            {"name": "next", "type": "reference", "target": "station", "onDelete": "cascade",
             "inverse": {"name": "previous"}}]},
    ]);
    admin.change(operations).await.ok();
    let first = admin.make("stations", json!({"name": "0"})).await;
    let mut last = first.clone();
    for number in 1..5 {
        last = make(&admin, "stations", &number.to_string(), ("next", &last)).await;
    }
    admin
        .patch("stations", &first, json!({"next": last}))
        .await
        .ok();
    let lonely = admin.make("stations", json!({"name": "x"})).await;
    admin
        .patch("stations", &lonely, json!({"next": lonely}))
        .await
        .ok();
    admin.delete("stations", &last).await.status(204);
    assert_eq!(names(&admin, "stations").await, ["x"]);
    admin.delete("stations", &lonely).await.status(204);
    admin.restore("stations", &lonely).await.ok();
    admin.restore("stations", &last).await.ok();
    assert_eq!(names(&admin, "stations").await.len(), 6);
}

#[tokio::test]
async fn references_to_several_types_cascade_by_the_type_too() {
    let app = start().await;
    let admin = app.admin();
    let operations = json!([
        {"op": "addObjectType", "name": "note", "plural": "notes", "fields": [
            {"name": "name", "type": "text"},
            {"name": "about", "type": "reference", "targets": ["account", "memo"], "onDelete": "cascade"},
            {"name": "source", "type": "reference", "any": true, "onDelete": "restrict"}]},
    ]);
    admin.change(operations).await.ok();
    let acme = account(&admin, "Acme").await;
    let memo = make(&admin, "memos", "Call", ("account", &acme)).await;
    for (name, of_type, id) in [("on account", "account", &acme), ("on memo", "memo", &memo)] {
        let values = json!({"name": name, "about": {"type": of_type, "id": id}});
        admin.make("notes", values).await;
    }
    admin.delete("memos", &memo).await.status(204);
    assert_eq!(names(&admin, "notes").await, ["on account"]);
    let person = admin
        .make("people", json!({"firstName": "Ada", "lastName": "L"}))
        .await;
    let values = json!({"name": "from a person", "source": {"type": "person", "id": person}});
    admin.make("notes", values).await;
    admin
        .delete("people", &person)
        .await
        .problem(409, "conflict");
    admin.delete("accounts", &acme).await.status(204);
    assert_eq!(names(&admin, "notes").await, ["from a person"]);
}

#[tokio::test]
async fn the_precondition_is_on_the_record_that_is_named() {
    let app = start().await;
    let admin = app.admin();
    let acme = account(&admin, "Acme").await;
    make(&admin, "contracts", "A", ("account", &acme)).await;
    let version = field(&admin, "accounts", &acme, "version").await;
    let delete = |tag: String| {
        let path = format!("/v1/data/accounts/{acme}");
        let request = admin.request(reqwest::Method::DELETE, &path);
        admin.send(request.header("if-match", format!("\"{tag}\"")))
    };
    delete("1".to_owned())
        .await
        .problem(412, "version_mismatch");
    assert_eq!(names(&admin, "contracts").await, ["A"]);
    delete(version.to_string()).await.status(204);
    assert!(names(&admin, "contracts").await.is_empty());
}

#[tokio::test]
async fn a_name_that_was_taken_meanwhile_keeps_all_of_it_away() {
    let app = start().await;
    let admin = app.admin();
    let acme = account(&admin, "Acme").await;
    let contract = make(&admin, "contracts", "A", ("account", &acme)).await;
    make(&admin, "clauses", "A1", ("contract", &contract)).await;
    let other = make(
        &admin,
        "contracts",
        "B",
        ("account", &account(&admin, "Other").await),
    )
    .await;
    admin.delete("accounts", &acme).await.status(204);
    let taker = make(&admin, "clauses", "A1", ("contract", &other)).await;
    let problem = admin.restore("accounts", &acme).await;
    problem.problem(409, "unique_conflict");
    assert_eq!(names(&admin, "accounts").await, ["Other"]);
    assert_eq!(names(&admin, "contracts").await, ["B"]);
    admin.delete("clauses", &taker).await.status(204);
    admin.restore("accounts", &acme).await.ok();
    assert_eq!(names(&admin, "clauses").await, ["A1"]);
}

#[tokio::test]
async fn so_much_goes_at_a_time_and_no_more() {
    let app = start().await;
    let admin = app.admin();
    let acme = account(&admin, "Acme").await;
    let contract = make(&admin, "contracts", "A", ("account", &acme)).await;
    let mut made = 0;
    while made < 1_200 {
        let mut document = String::from("mutation {");
        for number in made..made + 50 {
            let values = format!("name: \"c{number}\", contract: \"{contract}\"");
            document.push_str(&format!(
                " c{number}: createClause(input: {{ {values} }}) {{ id }}"
            ));
        }
        document.push('}');
        admin.graphql(&document, json!({})).await.data();
        made += 50;
    }
    admin.delete("accounts", &acme).await.status(204);
    assert!(names(&admin, "clauses").await.is_empty());
    admin.restore("accounts", &acme).await.ok();
    let count = field(&admin, "contracts", &contract, "clauseCount").await;
    assert_eq!(count, json!(1_200));
}
