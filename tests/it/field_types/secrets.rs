//! Secrets: nothing that anybody may ask tells more than whether there is one.

use serde_json::{Value as Json, json};

use crate::support::{Client, TestApp};

const TEXT: &str = "open sesame, 7f3a";

async fn vaults(app: &TestApp) -> (Client, String) {
    let admin = app.admin();
    let fields = json!([
        {"name": "name", "type": "text"},
        {"name": "passphrase", "type": "secret"},
    ]);
    let vault =
        json!({"op": "addObjectType", "name": "vault", "plural": "vaults", "fields": fields});
    admin.change(json!([vault])).await.ok();
    let id = admin
        .make("vaults", json!({"name": "A", "passphrase": TEXT}))
        .await;
    (admin, id)
}

#[tokio::test]
async fn a_secret_is_never_read_filtered_or_sorted_by() {
    let app = TestApp::start().await;
    let (admin, id) = vaults(&app).await;
    let read = admin.get("vaults", &id).await;
    assert_eq!(read.ok()["passphrase"], json!({"isSet": true}));
    let document = "query($id: ID!) { vault(id: $id) { passphrase { isSet } } }";
    let answer = admin.graphql(document, json!({"id": id})).await;
    assert_eq!(answer.data()["vault"]["passphrase"], json!({"isSet": true}));
    for filter in [
        json!({"passphrase": {"eq": TEXT}}),
        json!({"passphrase": {"startsWith": "o"}}),
        json!({"passphrase": {"in": [TEXT]}}),
        json!({"passphrase": {"isSet": {"eq": true}}}),
        json!({"passphrase": {"gt": "a"}}),
    ] {
        let answer = admin.filter("vaults", &filter, "").await;
        assert_eq!(answer.code(), 400, "{answer}");
    }
    for sort in ["passphrase", "-passphrase", "passphrase.isSet"] {
        let answer = admin.list("vaults", &format!("sort={sort}")).await;
        assert_eq!(answer.code(), 400, "{answer}");
    }
    let set = json!({"passphrase": {"isNull": false}});
    assert_eq!(admin.filter("vaults", &set, "").await.ids(), [id.clone()]);
}

#[tokio::test]
async fn an_error_does_not_repeat_a_secret() {
    let app = TestApp::start().await;
    let (admin, id) = vaults(&app).await;
    let long = TEXT.repeat(400);
    let sent = [
        json!({"passphrase": long}),
        json!({"passphrase": [TEXT]}),
        json!({"passphrase": {"isSet": TEXT}}),
        json!({"passphrase": format!("{TEXT}\0")}),
    ];
    for values in sent {
        let answer = admin.patch("vaults", &id, values).await;
        let problem = answer.problem_at(422, "validation_failed", "/passphrase");
        assert!(!problem.to_string().contains("sesame"), "{problem}");
    }
}

#[tokio::test]
async fn a_secret_that_is_written_again_is_a_change_whatever_it_is() {
    let app = TestApp::start().await;
    let (admin, id) = vaults(&app).await;
    let before = admin.get("vaults", &id).await.ok()["version"].as_i64();
    for (at, text) in [TEXT, "another"].into_iter().enumerate() {
        let updated = admin
            .patch("vaults", &id, json!({"passphrase": text}))
            .await
            .ok();
        let expected = before.map(|version| version + 1 + i64::try_from(at).expect("small"));
        assert_eq!(updated["version"].as_i64(), expected, "{updated}");
        assert_eq!(updated["passphrase"], json!({"isSet": true}));
    }
    let cleared = admin
        .patch("vaults", &id, json!({"passphrase": null}))
        .await
        .ok();
    assert_eq!(cleared["passphrase"], Json::Null);
}

#[tokio::test]
async fn a_rule_cannot_hold_a_secret() {
    let app = TestApp::start().await;
    let (admin, _) = vaults(&app).await;
    admin
        .meta("POST", "roles", json!({"name": "clerk", "label": "Clerk"}))
        .await
        .ok();
    let rule = json!({"object": "vault", "action": "create", "fields": "*",
                      "presets": {"passphrase": TEXT}});
    let answer = admin.meta("POST", "roles/clerk/rules", rule).await;
    let problem = answer.problem_at(422, "validation_failed", "/presets/passphrase");
    assert!(!problem.to_string().contains("sesame"), "{problem}");
}
