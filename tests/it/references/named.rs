//! Conditions on a target that is named by its id.

use serde_json::{Value as Json, json};

use crate::support::{Rules, TestApp};

/// The target that is named by its id is looked at once for all rows: those without a target, with another one and with
/// a deleted one must still be told apart.
#[tokio::test]
async fn a_target_named_by_its_id_is_that_of_no_other_row() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let [a, b] = ["A", "B"].map(|name| admin.make("organizations", json!({"name": name})));
    let (a, b) = (a.await, b.await);
    for (number, customer) in [("1", json!(a)), ("2", json!(b)), ("3", Json::Null)] {
        admin
            .make("orders", json!({"number": number, "customer": customer}))
            .await;
    }
    let is = |id: &str| json!({"customer": {"id": {"eq": id}}});
    let found = async |filter: Json| {
        let list = admin.filter("orders", &filter, "fields=number&sort=number");
        list.await.column("number")
    };
    assert_eq!(found(is(&a)).await, ["1"]);
    assert_eq!(found(json!({"not": is(&a)})).await, ["2", "3"]);
    assert_eq!(found(json!({"and": [is(&a), is(&b)]})).await.len(), 0);
    let either = json!({"or": [is(&a), is(&b)]});
    assert_eq!(found(either.clone()).await, ["1", "2"]);
    assert_eq!(found(json!({"not": either})).await, ["3"]);
    let named = json!({"customer": {"id": {"eq": a}, "name": {"eq": "B"}}});
    assert_eq!(found(named.clone()).await.len(), 0);
    assert_eq!(found(json!({"not": named})).await.len(), 3);
    let rule = json!({"fields": "*", "where": {"not": is(&a)}});
    let rules = Rules::none()
        .allow("read", "order", rule)
        .read("organization");
    for client in app.person_and_key("others", rules).await {
        let seen = client.list("orders", "fields=number&sort=number").await;
        assert_eq!(seen.column("number"), ["2", "3"]);
    }
}
