//! What a caller with narrow rights learns of a tree.

use serde_json::json;

use super::{chain, found, start, unit};
use crate::support::Rules;

#[tokio::test]
async fn a_way_through_what_is_hidden_leads_nowhere() {
    let app = start().await;
    let admin = app.admin();
    let ids = chain(&admin, &["a", "b", "secret", "d"]).await;
    unit(&admin, "b2", Some(&ids[0])).await;
    let but = json!({"where": {"name": {"neq": "secret"}}});
    let rules = Rules::none().allow("read", "unit", but);
    for reader in app.person_and_key("reader", rules).await {
        assert_eq!(found(&reader, "descendantsOf", &ids[0]).await, ["b", "b2"]);
        assert_eq!(
            found(&reader, "ancestorsOf", &ids[3]).await,
            Vec::<String>::new()
        );
        assert_eq!(found(&reader, "ancestorsOrSelfOf", &ids[3]).await, ["d"]);
        // A hidden record is as good as none.
        let nothing = "01900000-0000-7000-8000-000000000000";
        for operator in [
            "descendantsOf",
            "descendantsOrSelfOf",
            "ancestorsOf",
            "ancestorsOrSelfOf",
        ] {
            let hidden = found(&reader, operator, &ids[2]).await;
            assert_eq!(
                hidden,
                found(&reader, operator, nothing).await,
                "{operator}"
            );
        }
    }
    // A reference that shows on some records alone leads from those.
    let some = json!({"where": {"name": {"neq": "secret"}}, "fields": "*"});
    let names = json!({"fields": ["name"]});
    let rules = Rules::none()
        .allow("read", "unit", some)
        .allow("read", "unit", names);
    for reader in app.person_and_key("partly", rules).await {
        assert_eq!(found(&reader, "descendantsOf", &ids[0]).await, ["b", "b2"]);
        assert_eq!(found(&reader, "ancestorsOf", &ids[3]).await, ["secret"]);
    }
    // Where the reference is hidden, there is none to ask by.
    let rules = Rules::none().allow("read", "unit", json!({"fields": ["name"]}));
    for reader in app.person_and_key("names", rules).await {
        let asked = json!({"parent": {"descendantsOf": ids[0]}});
        let refused = reader
            .filter("units", &asked, "")
            .await
            .problem(400, "unknown_field");
        let asked = json!({"nothing": {"descendantsOf": ids[0]}});
        let unknown = reader
            .filter("units", &asked, "")
            .await
            .problem(400, "unknown_field");
        let text = |problem: serde_json::Value| problem["errors"].to_string();
        assert_eq!(text(refused).replace("parent", "nothing"), text(unknown));
    }
}

#[tokio::test]
async fn a_rule_gives_what_lies_below_a_record() {
    let app = start().await;
    let admin = app.admin();
    let ids = chain(&admin, &["a", "b", "c", "d"]).await;
    let e = unit(&admin, "e", None).await;
    let below = json!({"where": {"parent": {"descendantsOrSelfOf": ids[1]}}});
    let rules = Rules::none()
        .allow("read", "unit", below.clone())
        .allow("update", "unit", below);
    for reader in app.person_and_key("branch", rules).await {
        let seen = reader.list("units", "sort=name").await.column("name");
        assert_eq!(seen, ["b", "c", "d"]);
        // The rule looks further than the caller: it sees its own branch alone.
        assert_eq!(found(&reader, "ancestorsOf", &ids[3]).await, ["b", "c"]);
        let renamed = reader.patch("units", &ids[2], json!({"name": "c"})).await;
        renamed.ok();
        reader
            .patch("units", &e, json!({"name": "x"}))
            .await
            .problem(404, "record_not_found");
        let refused = reader
            .patch("units", &ids[1], json!({"parent": null}))
            .await;
        refused.ok();
    }
    // A rule that names what is no tree any more gives nothing.
    admin
        .meta(
            "PATCH",
            "objects/unit/fields/parent",
            json!({"tree": false}),
        )
        .await
        .ok();
    let reader = app.user(&["branch"]).await;
    let nothing = reader.list("units", "").await;
    nothing.problem(404, "object_not_found");
}
