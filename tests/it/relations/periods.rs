//! Links that hold for a period, and the day of a read.

use serde_json::{Value as Json, json};
use time::Duration;

use super::define_chiefs;
use crate::support::{Client, TestApp};

/// The ids of the members that a list shows.
async fn members(client: &Client, path: &str, parameters: &str) -> Vec<String> {
    let list = client
        .get_path(&format!("/v1/data/{path}"), parameters)
        .await;
    list.ok();
    list.ids()
}

#[tokio::test]
async fn a_collection_shows_the_links_of_its_day() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in define_chiefs(&app).await {
        let house = kind.house(&admin, "house").await;
        let (old, new, next) = (
            kind.person(&admin, "old").await,
            kind.person(&admin, "new").await,
            kind.person(&admin, "next").await,
        );
        let chiefs = kind.chiefs(&house);
        for (person, from, until) in [
            (&old, Json::Null, json!("2020-01-01")),
            (&new, json!("2020-01-01"), json!("2999-01-01")),
            (&next, json!("2999-01-01"), Json::Null),
        ] {
            let link = admin
                .link(
                    &chiefs,
                    person,
                    json!({"validFrom": from, "validUntil": until}),
                )
                .await;
            let link = link.status(201).json();
            assert_eq!((&link["validFrom"], &link["validUntil"]), (&from, &until));
        }
        for (parameters, expected) in [
            ("", vec![&new]),
            ("validity=current", vec![&new]),
            ("validity=at:2019-12-31", vec![&old]),
            ("validity=at:2020-01-01", vec![&new]),
            ("asOf=1900-01-01", vec![&old]),
            ("asOf=2998-12-31", vec![&new]),
            ("asOf=2999-01-01", vec![&next]),
            ("asOf=2999-01-01&validity=current", vec![&next]),
            ("asOf=2999-01-01&validity=at:2000-01-01", vec![&old]),
            ("validity=all&sort=link.validFrom", vec![&new, &next, &old]),
            ("validity=all&sort=-link.validFrom", vec![&next, &new, &old]),
            ("current[eq]=false&sort=link.validFrom", vec![&next, &old]),
            ("validity=all&link.validUntil[eq]=2020-01-01", vec![&old]),
            ("validity=all&validUntil[eq]=2020-01-01", vec![&old]),
        ] {
            assert_eq!(
                members(&admin, &chiefs, parameters).await,
                expected.into_iter().cloned().collect::<Vec<_>>(),
                "{} {parameters}",
                kind.houses
            );
        }
        let counted = admin
            .get_path(
                &format!("/v1/data/{chiefs}"),
                "validity=all&count=exact&limit=1",
            )
            .await
            .ok();
        assert_eq!(counted["count"], 3);

        // The day of a read holds for the whole tree, a validity for one collection.
        let nested = |body: Json| {
            let admin = admin.clone();
            async move {
                let answer = admin.query(kind.houses, &body).await.ok();
                let chiefs = answer["data"][0]["chiefs"]["data"].clone();
                let chiefs = chiefs.as_array().expect("members").clone();
                let ids = chiefs
                    .iter()
                    .map(|one| one["id"].as_str().expect("an id").to_owned());
                ids.collect::<Vec<_>>()
            }
        };
        let only = json!({"id": {"eq": house}});
        let select = json!({"chiefs": true});
        let body = json!({"filter": only, "select": select});
        assert_eq!(nested(body).await, [new.clone()]);
        let body = json!({"filter": only, "asOf": "2010-01-01", "select": select});
        assert_eq!(nested(body).await, [old.clone()]);
        let body = json!({"filter": only, "select": {"chiefs": {"validity": "all"}}});
        assert_eq!(nested(body).await.len(), 3);
        let record = admin
            .get_path(
                &format!("/v1/data/{}/{house}", kind.houses),
                "fields=chiefs.id&asOf=2999-06-01",
            )
            .await
            .ok();
        assert_eq!(record["chiefs"]["data"][0]["id"], json!(next));

        // From the other end, and in filters.
        let leads = format!("{}/{old}/leads", kind.people);
        assert!(members(&admin, &leads, "").await.is_empty());
        assert_eq!(
            members(&admin, &leads, "asOf=2000-01-01").await,
            [house.clone()]
        );
        for (filter, parameters, expected) in [
            (json!({"leads": {"some": {}}}), "", vec![&new]),
            (
                json!({"leads": {"some": {}}}),
                "asOf=2000-01-01",
                vec![&old],
            ),
            (
                json!({"leads": {"some": {"current": true}}}),
                "",
                vec![&new],
            ),
            (
                json!({"leads": {"some": {"current": false}}}),
                "sort=id",
                vec![&old, &next],
            ),
            (
                json!({"leads": {"some": {"asOf": "2999-01-01"}}}),
                "",
                vec![&next],
            ),
            (
                json!({"leads": {"some": {"link": {"asOf": "2999-01-01"}}}}),
                "",
                vec![&next],
            ),
            (
                json!({"leads": {"some": {"validity": "all"}}}),
                "sort=id",
                vec![&old, &new, &next],
            ),
            (
                json!({"leads": {"some": {"validity": "all", "validUntil": {"isNull": true}}}}),
                "",
                vec![&next],
            ),
            (json!({"leads": {"count": {"gte": 1}}}), "", vec![&new]),
        ] {
            let found = admin.filter(kind.people, &filter, parameters).await;
            found.ok();
            let expected: Vec<String> = expected.into_iter().cloned().collect();
            assert_eq!(found.ids(), expected, "{filter} {parameters}");
        }
    }
}

#[tokio::test]
async fn graphql_chooses_links_by_their_period() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in define_chiefs(&app).await {
        let house = kind.house(&admin, "house").await;
        let (old, new) = (
            kind.person(&admin, "old").await,
            kind.person(&admin, "new").await,
        );
        let pascal = if kind.house == "vessel" {
            "Vessel"
        } else {
            "Organization"
        };
        let document = format!(
            "mutation($id: ID!, $old: ID!, $new: ID!) {{
               a: link{pascal}Chiefs(id: $id, target: $old, input: {{validUntil: \"2020-01-01\", role: \"CEO\"}}) {{ link {{ validFrom validUntil }} }}
               b: link{pascal}Chiefs(id: $id, target: $new, input: {{validFrom: \"2020-01-01\", role: \"CFO\"}}) {{ link {{ validFrom validUntil }} }}
             }}"
        );
        let made = admin
            .graphql(&document, json!({"id": house, "old": old, "new": new}))
            .await
            .data();
        assert_eq!(
            made["a"]["link"],
            json!({"validFrom": null, "validUntil": "2020-01-01"})
        );
        let document = format!(
            "query($id: ID!) {{
               now: {0}(id: $id) {{ chiefs {{ nodes {{ id }} edges {{ link {{ role validFrom }} }} }} }}
               then: {0}(id: $id, asOf: \"2010-01-01\") {{ chiefs {{ nodes {{ id leads {{ totalCount }} }} }} }}
               mixed: {0}(id: $id) {{
                 all: chiefs(validity: ALL, sort: [{{link: {{role: DESC}}}}]) {{ nodes {{ id }} totalCount }}
                 day: chiefs(asOf: \"2010-01-01\") {{ nodes {{ id }} }}
                 role: chiefs(filter: {{role: {{eq: \"CEO\"}}, current: false}}) {{ nodes {{ id }} }}
               }}
               list: {1}(filter: {{leads: {{some: {{role: {{eq: \"CFO\"}}, current: true}}, count: {{eq: 1}}}}}}) {{ nodes {{ id }} }}
               before: {1}(asOf: \"2010-01-01\", filter: {{leads: {{some: {{link: {{role: {{eq: \"CEO\"}}}}}}}}}}) {{ nodes {{ id }} }}
             }}",
            kind.house, kind.people,
        );
        let data = admin.graphql(&document, json!({"id": house})).await.data();
        assert_eq!(data["now"]["chiefs"]["nodes"], json!([{"id": new}]));
        let link = &data["now"]["chiefs"]["edges"][0]["link"];
        assert_eq!(link, &json!({"role": "CFO", "validFrom": "2020-01-01"}));
        let then = json!([{"id": old, "leads": {"totalCount": 1}}]);
        assert_eq!(data["then"]["chiefs"]["nodes"], then);
        let mixed = &data["mixed"];
        assert_eq!(mixed["all"]["nodes"], json!([{"id": new}, {"id": old}]));
        assert_eq!(mixed["all"]["totalCount"], 2);
        assert_eq!(mixed["day"]["nodes"], json!([{"id": old}]));
        assert_eq!(mixed["role"]["nodes"], json!([{"id": old}]));
        assert_eq!(data["list"]["nodes"], json!([{"id": new}]));
        assert_eq!(data["before"]["nodes"], json!([{"id": old}]));
    }
}

#[tokio::test]
async fn a_choice_that_makes_no_sense_is_refused() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let [kind, _] = define_chiefs(&app).await;
    let house = kind.house(&admin, "house").await;
    let chiefs = format!("/v1/data/{}", kind.chiefs(&house));
    for (path, parameters, status, place) in [
        (&chiefs, "validity=sometimes", 422, "validity"),
        (&chiefs, "validity=at:2026-02-30", 422, "validity"),
        (&chiefs, "asOf=yesterday", 422, "asOf"),
        (&chiefs, "validity=all&current[eq]=true", 400, "validity"),
        (&chiefs, "current[eq]=maybe", 422, "current[eq]"),
        (
            &format!("/v1/data/organizations/{house}/employees"),
            "validity=all",
            400,
            "validity",
        ),
        (
            &format!("/v1/data/organizations/{house}/orders"),
            "validity=all",
            400,
            "validity",
        ),
        (
            &"/v1/data/organizations".to_owned(),
            "validity=all",
            400,
            "validity",
        ),
    ] {
        let answer = admin.get_path(path, parameters).await;
        let problem = answer.json();
        assert_eq!(answer.code(), status, "{path} {parameters}: {problem}");
        assert_eq!(
            problem["errors"][0]["parameter"], place,
            "{parameters}: {problem}"
        );
    }
    for filter in [
        json!({"leads": {"some": {"current": "yes"}}}),
        json!({"leads": {"some": {"current": true, "asOf": "2020-01-01"}}}),
        json!({"leads": {"some": {"asOf": 7}}}),
        json!({"leads": {"count": {"isNull": true}}}),
        json!({"leads": {"count": {"gte": "two"}}}),
        json!({"leads": {"count": 2}}),
        json!({"employers": {"some": {"current": true}}}),
    ] {
        let answer = admin.filter(kind.people, &filter, "").await;
        assert!(
            matches!(answer.code(), 400 | 422),
            "{filter}: {}",
            answer.text()
        );
    }
    let house = kind.house(&admin, "another").await;
    let person = kind.person(&admin, "somebody").await;
    let path = kind.chiefs(&house);
    for (values, place) in [
        (
            json!({"validFrom": "2020-01-01", "validUntil": "2020-01-01"}),
            "/validUntil",
        ),
        (
            json!({"validFrom": "2020-01-02", "validUntil": "2020-01-01"}),
            "/validUntil",
        ),
        (json!({"validFrom": "soon"}), "/validFrom"),
    ] {
        let refused = admin.link(&path, &person, values).await;
        refused.problem_at(422, "validation_failed", place);
    }
    let values = json!({"validUntil": "2020-01-01"});
    let link = admin.link(&path, &person, values).await.status(201).json();
    let path = format!("/v1/data/{path}/{}", link["id"].as_str().expect("an id"));
    let begun = json!({"validFrom": "2021-01-01"});
    let refused = admin.call("PATCH", &path, &begun).await;
    refused.problem_at(422, "validation_failed", "/validFrom");
}

#[tokio::test]
async fn a_link_ends_by_its_day_and_not_by_a_write() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let [kind, _] = define_chiefs(&app).await;
    let house = kind.house(&admin, "house").await;
    let person = kind.person(&admin, "somebody").await;
    let path = kind.chiefs(&house);
    let link = admin
        .link(&path, &person, json!({}))
        .await
        .status(201)
        .json();
    let tomorrow = time::OffsetDateTime::now_utc().date() + Duration::days(1);
    let ended = json!({"validUntil": tomorrow.to_string()});
    let address = format!("/v1/data/{path}/{}", link["id"].as_str().expect("an id"));
    let changed = admin.call("PATCH", &address, &ended).await.ok();
    assert_eq!(changed["version"], 2);
    assert_eq!(members(&admin, &path, "").await, [person.clone()]);
    app.advance(Duration::days(1));
    let admin = app.sign_in(crate::support::ADMIN_EMAIL, crate::support::ADMIN_PASSWORD);
    let admin = admin.await;
    assert!(members(&admin, &path, "").await.is_empty());
    assert_eq!(members(&admin, &path, "validity=all").await, [person]);
}

#[tokio::test]
async fn a_standard_relation_type_can_become_temporal() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let seller = admin.make("organizations", json!({"name": "Seller"})).await;
    let tea = admin.make("products", json!({"name": "Tea"})).await;
    let path = format!("organizations/{seller}/suppliedProducts");
    let made = admin.link(&path, &tea, json!({"supplierSku": "T"})).await;
    let link = made.status(201).json();
    assert!(link.get("validFrom").is_none());
    let relation = admin
        .meta("PATCH", "relations/supplies", json!({"temporal": true}))
        .await
        .ok();
    assert_eq!(
        (&relation["temporal"], &relation["symmetric"]),
        (&json!(true), &json!(false))
    );
    let list = admin.get_path(&format!("/v1/data/{path}"), "").await.ok();
    let shown = &list["data"][0]["link"];
    assert_eq!(
        (&shown["validFrom"], &shown["supplierSku"]),
        (&Json::Null, &json!("T"))
    );
    let address = format!("/v1/data/{path}/{}", link["id"].as_str().expect("an id"));
    let ended = json!({"validUntil": "2021-01-01"});
    admin.call("PATCH", &address, &ended).await.ok();
    assert!(members(&admin, &path, "").await.is_empty());
    assert_eq!(members(&admin, &path, "asOf=2020-12-31").await, [tea]);

    let back = admin
        .meta("PATCH", "relations/supplies", json!({"temporal": false}))
        .await;
    back.problem_at(422, "validation_failed", "/temporal");
    let taken = json!({"name": "validFrom", "type": "date"});
    let refused = admin.meta("POST", "relations/supplies/fields", taken).await;
    refused.problem(422, "validation_failed");
    let field = json!({"name": "validUntil", "type": "date"});
    admin
        .meta("POST", "relations/employment/fields", field)
        .await
        .status(201);
    let refused = admin
        .meta("PATCH", "relations/employment", json!({"temporal": true}))
        .await;
    refused.problem_at(422, "validation_failed", "/temporal");
}
