//! Deletions while others make something that hangs on what is deleted.

use serde_json::json;
use tokio::task::JoinSet;

use super::{account, make, start};
use crate::support::Client;

/// How many accounts are deleted, each while several others write to it.
const ACCOUNTS: usize = 6;
/// How many write at once to one account.
const WRITERS: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_left_to_hang_on_what_is_deleted() {
    let app = start().await;
    let admin = app.admin();
    let mut writers = JoinSet::new();
    let mut accounts = Vec::new();
    for number in 0..ACCOUNTS {
        let acme = account(&admin, &format!("Acme {number}")).await;
        let contract = make(&admin, "contracts", "A", ("account", &acme)).await;
        for writer in 0..WRITERS {
            let (admin, acme, contract) = (admin.clone(), acme.clone(), contract.clone());
            writers.spawn(async move {
                write(&admin, (number, writer), (&acme, &contract)).await;
            });
        }
        let (admin, id) = (admin.clone(), acme.clone());
        writers.spawn(async move {
            admin.delete("accounts", &id).await.status(204);
        });
        accounts.push((acme, contract));
    }
    writers.join_all().await;
    for objects in ["contracts", "clauses"] {
        let left = admin.list(objects, "fields=name,id").await.ids();
        assert!(left.is_empty(), "{objects}: {left:?}");
    }
    // All of it comes back, and nothing else.
    for (acme, contract) in accounts {
        admin.restore("accounts", &acme).await.ok();
        let of_contract = format!("contract[eq]={contract}&limit=100");
        let clauses = admin.list("clauses", &of_contract).await.ids().len();
        let counted = admin.get("contracts", &contract).await.ok()["clauseCount"].clone();
        assert_eq!(counted, json!(clauses));
        let of_account = format!("account[eq]={acme}&limit=100");
        let contracts = admin.list("contracts", &of_account).await.ids().len();
        let counted = admin.get("accounts", &acme).await.ok()["contractCount"].clone();
        assert_eq!(counted, json!(contracts));
    }
}

/// Makes and changes clauses and contracts until the account is gone.
async fn write(admin: &Client, (number, writer): (usize, usize), (acme, contract): (&str, &str)) {
    for round in 0..8 {
        let name = format!("{number}-{writer}-{round}");
        let answer = if round % 2 == 0 {
            let clause = json!({"name": name, "contract": contract});
            admin.create("clauses", clause).await
        } else {
            let contract = json!({"name": name, "account": acme});
            admin.create("contracts", contract).await
        };
        match answer.code() {
            201 => {
                let objects = if round % 2 == 0 {
                    "clauses"
                } else {
                    "contracts"
                };
                let id = answer.json()["id"].as_str().expect("an id").to_owned();
                let patch = json!({"name": format!("{name}!")});
                let answer = admin.patch(objects, &id, patch).await;
                assert!(matches!(answer.code(), 200 | 404), "{}", answer.text());
            }
            422 => return,
            other => panic!("{other}: {}", answer.text()),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_restricts_comes_before_the_deletion_or_not_at_all() {
    let app = start().await;
    let admin = app.admin();
    for number in 0..10 {
        let acme = account(&admin, &format!("Acme {number}")).await;
        let invoice = json!({"name": number.to_string(), "account": acme});
        let (made, deleted) = tokio::join!(
            admin.create("invoices", invoice),
            admin.delete("accounts", &acme)
        );
        match (made.code(), deleted.code()) {
            (201, 409) | (422, 204) => {}
            codes => panic!("{codes:?}: {} {}", made.text(), deleted.text()),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_is_not_restored_while_its_owner_goes() {
    let app = start().await;
    let admin = app.admin();
    let acme = account(&admin, "Acme").await;
    for number in 0..10 {
        let contract = make(&admin, "contracts", "A", ("account", &acme)).await;
        let name = number.to_string();
        let clause = make(&admin, "clauses", &name, ("contract", &contract)).await;
        admin.delete("clauses", &clause).await.status(204);
        let (restored, deleted) = tokio::join!(
            admin.restore("clauses", &clause),
            admin.delete("contracts", &contract)
        );
        deleted.status(204);
        assert!(matches!(restored.code(), 200 | 409), "{}", restored.text());
        admin
            .get("clauses", &clause)
            .await
            .problem(404, "record_not_found");
    }
}
