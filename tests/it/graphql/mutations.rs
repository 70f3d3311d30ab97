//! Mutations: each operation is one transaction, and writes what REST writes.

use serde_json::{Value as Json, json};

use crate::support::{Kind, TestApp};

#[tokio::test]
async fn a_record_is_written_over_graphql() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let create = "mutation ($input: ThingInput!) { createThing(input: $input) { id version thing { id name city parent { name } } } }";
        let money = json!({"amount": "1", "currency": "EUR"});
        let input =
            json!({"name": "a", "city": "X", "annualRevenue": money, "kinds": ["customer"]});
        let answer = kind
            .graphql(&admin, create, json!({"input": input}))
            .await
            .data();
        let created = &answer[format!("create{}", kind.pascal())];
        let id = created["id"].as_str().expect("an id").to_owned();
        assert_eq!(
            created[kind.name],
            json!({"id": id, "name": "a", "city": "X", "parent": null})
        );
        assert_eq!(
            admin.get(kind.plural, &id).await.ok()["annualRevenue"]["amount"],
            "1.0000"
        );

        let update = "mutation ($id: ID!, $match: Int) { updateThing(id: $id, input: {city: null, parent: $id}, ifMatch: $match) { version thing { city parent { name } } } }";
        let answer = kind
            .graphql(&admin, update, json!({"id": id, "match": 1}))
            .await
            .data();
        let updated = &answer[format!("update{}", kind.pascal())];
        assert_eq!(
            *updated,
            json!({"version": 2, (kind.name): {"city": null, "parent": {"name": "a"}}})
        );
        let stale = kind
            .graphql(&admin, update, json!({"id": id, "match": 1}))
            .await;
        stale.error("version_mismatch");

        let delete = "mutation ($id: ID!) { deleteThing(id: $id) { id version } }";
        let answer = kind.graphql(&admin, delete, json!({"id": id})).await.data();
        assert_eq!(
            answer[format!("delete{}", kind.pascal())],
            json!({"id": id, "version": 3})
        );
        admin
            .get(kind.plural, &id)
            .await
            .problem(404, "record_not_found");
        kind.graphql(&admin, delete, json!({"id": id}))
            .await
            .error("record_not_found");
        let restore = "mutation ($id: ID!) { restoreThing(id: $id) { version thing { name } } }";
        let answer = kind
            .graphql(&admin, restore, json!({"id": id}))
            .await
            .data();
        assert_eq!(answer[format!("restore{}", kind.pascal())]["version"], 4);
    }
}

#[tokio::test]
async fn a_link_is_written_over_graphql() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let (a, b) = (kind.make(&admin, "a").await, kind.make(&admin, "b").await);
        let link = "mutation ($a: ID!, $b: ID!) { made: linkThingAllies(id: $a, target: $b, input: {terms: \"loose\"}) { id version link { terms since } } }";
        let answer = kind
            .graphql(&admin, link, json!({"a": a, "b": b}))
            .await
            .data();
        let id = answer["made"]["id"].as_str().expect("an id").to_owned();
        assert_eq!(
            answer["made"]["link"],
            json!({"terms": "loose", "since": null})
        );
        let update = "mutation ($a: ID!, $link: ID!) { updateThingAlliesLink(id: $a, link: $link, input: {since: \"2020-01-01\"}, ifMatch: 1) { version link { terms since } } }";
        let answer = kind
            .graphql(&admin, update, json!({"a": a, "link": id}))
            .await
            .data();
        let changed = &answer[kind.document("updateThingAlliesLink")];
        assert_eq!(
            *changed,
            json!({"version": 2, "link": {"terms": "loose", "since": "2020-01-01"}})
        );
        let unlink = "mutation ($b: ID!, $link: ID!) { unlinkThingAlliedBy(id: $b, link: $link) { id version } }";
        kind.graphql(&admin, unlink, json!({"b": b, "link": id}))
            .await
            .data();
        let allies = admin
            .get_path(&format!("/v1/data/{}/{a}/allies", kind.plural), "")
            .await;
        assert_eq!(allies.ids(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn an_operation_is_one_transaction() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let both = "mutation ($second: String!) {
            a: createThing(input: {name: \"a\", externalId: \"1\"}) { id }
            b: createThing(input: {name: \"b\", externalId: $second}) { thing { name } } }";
        let refused = kind.graphql(&admin, both, json!({"second": "1"})).await;
        refused.error("unique_conflict");
        assert_eq!(refused.json()["data"], Json::Null);
        assert_eq!(
            admin.list(kind.plural, "").await.ids(),
            Vec::<String>::new()
        );
        let done = kind
            .graphql(&admin, both, json!({"second": "2"}))
            .await
            .data();
        assert_eq!(done["b"], json!({(kind.name): {"name": "b"}}));
        assert_eq!(admin.list(kind.plural, "").await.ids().len(), 2);
    }
}

#[tokio::test]
async fn faults_say_which_input_they_speak_of() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let create = "mutation ($input: ThingInput!) { createThing(input: $input) { id } }";
        let nobody = "01890000-0000-7000-8000-000000000000";
        let cases = [
            (
                json!({"name": "a", "founded": "2026-02-30"}),
                "/input/founded",
            ),
            (json!({"name": "a", "email": "nobody"}), "/input/email"),
            (json!({"name": "a", "status": "gone"}), "/input/status"),
            (json!({"name": "a", "parent": nobody}), "/input/parent"),
            (json!({"name": "a\0"}), "/input/name"),
        ];
        for (input, pointer) in cases {
            let answer = kind.graphql(&admin, create, json!({"input": input})).await;
            let error = answer.error("validation_failed");
            let fault = error["extensions"]["errors"][0]["pointer"]
                .as_str()
                .unwrap_or_default();
            assert!(fault.ends_with(pointer), "{pointer}\n{answer}");
        }
        let unknown = [
            json!({}),
            json!({"name": null}),
            json!({"name": "a", "colour": 1}),
            json!({"name": "a", "version": 7}),
        ];
        for input in unknown {
            let answer = kind.graphql(&admin, create, json!({"input": input})).await;
            answer.error("invalid_query");
        }
        assert_eq!(
            admin.list(kind.plural, "").await.ids(),
            Vec::<String>::new()
        );
    }
}
