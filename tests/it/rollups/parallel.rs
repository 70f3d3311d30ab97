//! Many writers to one parent.

use serde_json::json;
use tokio::task::JoinSet;

use super::{add, of, rollup, ventures};
use crate::support::{Client, TestApp};

/// How many write at once.
const WRITERS: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_writers_to_one_parent_leave_it_right() {
    let app = TestApp::start().await;
    let admin = ventures(&app).await;
    for field in [
        rollup("number", "deals", "count", ""),
        rollup("total", "deals", "sum", "amount"),
        rollup("most", "deals", "max", "amount"),
    ] {
        add(&admin, "venture", field).await;
    }
    add(
        &admin,
        "region",
        rollup("total", "regionDeals", "sum", "amount"),
    )
    .await;
    let acme = admin.make("ventures", json!({"name": "Acme"})).await;
    let other = admin.make("ventures", json!({"name": "Other"})).await;
    let north = admin.make("regionss", json!({"name": "North"})).await;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let places = (acme.clone(), other.clone(), north.clone());
        writers.spawn(write(admin.clone(), writer, places));
    }
    let kept: Vec<(i64, bool)> = writers.join_all().await.into_iter().flatten().collect();

    for (venture, is_other) in [(&acme, false), (&other, true)] {
        let mine = kept.iter().filter(|(_, moved)| *moved == is_other);
        let amounts: Vec<i64> = mine.map(|(amount, _)| *amount).collect();
        let total: i64 = amounts.iter().sum();
        let most = amounts.iter().max().map(|most| format!("{most}.00"));
        let expected = json!([amounts.len(), format!("{total}.00"), most]);
        let found = of(&admin, "ventures", venture, &["number", "total", "most"]).await;
        assert_eq!(json!(found), expected);
    }
    let total: i64 = kept.iter().map(|(amount, _)| amount).sum();
    let found = of(&admin, "regionss", &north, &["total"]).await;
    assert_eq!(found, [json!(format!("{total}.00"))]);
}

/// Creates deals, changes, moves and deletes some; gives the amounts of those that are left, and whether
/// they were moved.
async fn write(
    admin: Client,
    writer: usize,
    (acme, other, north): (String, String, String),
) -> Vec<(i64, bool)> {
    let mut kept = Vec::new();
    for round in 0..4 {
        let amount = i64::try_from(writer * 100 + round).expect("a small number");
        let deal = json!({"venture": acme, "region": north, "amount": amount.to_string()});
        let id = admin.make("deals", deal).await;
        match (writer + round) % 4 {
            0 => {
                let more = json!({"amount": (amount + 1).to_string()});
                admin.patch("deals", &id, more).await.ok();
                kept.push((amount + 1, false));
            }
            1 => {
                admin
                    .patch("deals", &id, json!({"venture": other}))
                    .await
                    .ok();
                if writer.is_multiple_of(2) {
                    kept.push((amount, true));
                } else {
                    admin
                        .patch("deals", &id, json!({"venture": acme}))
                        .await
                        .ok();
                    kept.push((amount, false));
                }
            }
            2 => {
                admin.delete("deals", &id).await.status(204);
            }
            _ => {
                admin.delete("deals", &id).await.status(204);
                admin.restore("deals", &id).await.ok();
                kept.push((amount, false));
            }
        }
    }
    kept
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_made_from_both_ends_at_once_are_all_counted() {
    let app = TestApp::start().await;
    let admin = ventures(&app).await;
    add(&admin, "venture", rollup("number", "holders", "count", "")).await;
    add(
        &admin,
        "organization",
        rollup("number", "holdings", "count", ""),
    )
    .await;
    let acme = admin.make("ventures", json!({"name": "Acme"})).await;
    let org = admin.make("organizations", json!({"name": "Org"})).await;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (admin, acme, org) = (admin.clone(), acme.clone(), org.clone());
        writers.spawn(async move {
            let (path, target) = if writer % 2 == 0 {
                (format!("ventures/{acme}/holders"), org)
            } else {
                (format!("organizations/{org}/holdings"), acme)
            };
            admin.link(&path, &target, json!({})).await.status(201);
        });
    }
    writers.join_all().await;
    let expected = vec![json!(WRITERS)];
    assert_eq!(of(&admin, "ventures", &acme, &["number"]).await, expected);
    assert_eq!(
        of(&admin, "organizations", &org, &["number"]).await,
        expected
    );
}

/// What is computed through two references: who makes or restores a record has nothing of the one at
/// the far end, and who changes that one does not see a record that is not committed yet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_read_through_two_references_follows_under_parallel_writers() {
    let app = TestApp::start().await;
    let admin = ventures(&app).await;
    let lead = json!({"name": "lead", "type": "reference", "target": "venture",
        "inverse": {"name": "led", "label": "Led"}});
    add(&admin, "region", lead).await;
    let formula = json!({"name": "leadName", "type": "formula", "result": "text",
        "expression": "region.lead.name"});
    add(&admin, "deal", formula).await;
    let acme = admin.make("ventures", json!({"name": "0"})).await;
    let other = admin.make("ventures", json!({"name": "other"})).await;
    let north = admin
        .make("regionss", json!({"name": "North", "lead": acme}))
        .await;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let admin = admin.clone();
        let (acme, other, north) = (acme.clone(), other.clone(), north.clone());
        writers.spawn(async move {
            let mut deals = Vec::new();
            for round in 0..6 {
                match writer % 4 {
                    0 | 1 => {
                        let deal = json!({"region": north, "amount": "1"});
                        let id = admin.make("deals", deal).await;
                        if round % 2 == 0 {
                            admin.delete("deals", &id).await.status(204);
                            admin.restore("deals", &id).await.ok();
                        }
                        deals.push(id);
                    }
                    2 => {
                        let name = json!({"name": format!("{writer}.{round}")});
                        admin.patch("ventures", &acme, name).await.ok();
                    }
                    _ => {
                        let lead = if round % 2 == 0 { &other } else { &acme };
                        let lead = json!({"lead": lead});
                        admin.patch("regionss", &north, lead).await.ok();
                    }
                }
            }
            deals
        });
    }
    let deals: Vec<String> = writers.join_all().await.into_iter().flatten().collect();
    let [lead] = &of(&admin, "regionss", &north, &["lead"]).await[..] else {
        panic!("one lead");
    };
    let lead = lead["id"].as_str().expect("a lead");
    let name = of(&admin, "ventures", lead, &["name"]).await;
    for deal in &deals {
        assert_eq!(of(&admin, "deals", deal, &["leadName"]).await, name);
    }
}
