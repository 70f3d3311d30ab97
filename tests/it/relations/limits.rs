//! At most one link at an instant, and at most one between two records.

use futures::future::join_all;
use serde_json::{Value as Json, json};

use super::define_chiefs;
use crate::support::TestApp;

#[tokio::test]
async fn two_chiefs_at_a_time_are_one_too_many() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in define_chiefs(&app).await {
        let house = kind.house(&admin, "house").await;
        let (first, second) = (
            kind.person(&admin, "first").await,
            kind.person(&admin, "second").await,
        );
        let path = kind.chiefs(&house);
        let period = |from: Json, until: Json| json!({"validFrom": from, "validUntil": until});
        let made = admin
            .link(
                &path,
                &first,
                period(json!("2020-01-01"), json!("2021-01-01")),
            )
            .await;
        let link = made.status(201).json()["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        for (from, until) in [
            (json!("2020-12-31"), json!("2022-01-01")),
            (json!("2019-01-01"), json!("2020-01-02")),
            (json!("2020-06-01"), json!("2020-06-02")),
            (json!("2019-01-01"), json!("2022-01-01")),
            (Json::Null, json!("2020-01-02")),
            (json!("2020-12-31"), Json::Null),
            (Json::Null, Json::Null),
        ] {
            let refused = admin.link(&path, &second, period(from, until)).await;
            let problem = refused.problem(409, "conflict");
            let detail = problem["detail"].as_str().expect("a detail");
            assert!(
                detail.contains("chiefs at a time") && detail.contains(&link),
                "{detail}"
            );
            // The same from the other end.
        }
        let other_end = format!("{}/{second}/leads", kind.people);
        let refused = admin
            .link(&other_end, &house, period(json!("2020-12-31"), Json::Null))
            .await;
        refused.problem(409, "conflict");
        let later = admin
            .link(&other_end, &house, period(json!("2021-01-01"), Json::Null))
            .await;
        let later = later.status(201).json()["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        let before = admin
            .link(&path, &second, period(Json::Null, json!("2020-01-01")))
            .await;
        before.status(201);

        // A change of the period is checked again, from either end; the link is not in its own way.
        let address = format!("/v1/data/{path}/{later}");
        let earlier = json!({"validFrom": "2020-12-31"});
        admin
            .call("PATCH", &address, &earlier)
            .await
            .problem(409, "conflict");
        let address = format!("/v1/data/{}/{first}/leads/{link}", kind.people);
        let longer = json!({"validUntil": "2021-01-02"});
        admin
            .call("PATCH", &address, &longer)
            .await
            .problem(409, "conflict");
        let shorter = json!({"validUntil": "2020-12-01", "role": "acting"});
        admin.call("PATCH", &address, &shorter).await.ok();
        let back = json!({"validUntil": "2021-01-01"});
        admin.call("PATCH", &address, &back).await.ok();
        let chiefs = format!("/v1/data/{path}");
        for (day, expected) in [
            ("2019-12-31", &second),
            ("2020-12-31", &first),
            ("2021-01-01", &second),
        ] {
            let list = admin.get_path(&chiefs, &format!("asOf={day}")).await;
            assert_eq!(list.ids(), [expected.clone()], "{day}");
        }
        // A link that is removed is in nobody's way.
        admin
            .call("DELETE", &address, &Json::Null)
            .await
            .status(204);
        admin
            .link(
                &path,
                &second,
                period(json!("2020-01-01"), json!("2021-01-01")),
            )
            .await
            .status(201);
    }
}

#[tokio::test]
async fn of_parallel_chiefs_one_wins() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in define_chiefs(&app).await {
        let house = kind.house(&admin, "house").await;
        let mut people = Vec::new();
        for number in 0..8 {
            people.push(kind.person(&admin, &format!("p{number}")).await);
        }
        let path = kind.chiefs(&house);
        let writes = people.iter().enumerate().map(|(number, person)| {
            let (admin, path) = (admin.clone(), path.clone());
            // Every one of them holds on 2020-01-08.
            let from = format!("2020-01-0{}", number + 1);
            let values = json!({"validFrom": from, "validUntil": "2020-02-01"});
            let (house, person) = (house.clone(), person.clone());
            async move {
                let from_the_person = number % 2 == 0;
                if from_the_person {
                    let path = format!("{}/{person}/leads", kind.people);
                    admin.link(&path, &house, values).await.code()
                } else {
                    admin.link(&path, &person, values).await.code()
                }
            }
        });
        let codes = join_all(writes).await;
        let won = codes.iter().filter(|code| **code == 201).count();
        let lost = codes.iter().filter(|code| **code == 409).count();
        assert_eq!((won, lost), (1, 7), "{codes:?}");
        let list = admin
            .get_path(&format!("/v1/data/{path}"), "asOf=2020-01-31")
            .await;
        assert_eq!(list.ids().len(), 1);
    }
}

#[tokio::test]
async fn links_to_deleted_records_are_in_nobodys_way() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in define_chiefs(&app).await {
        let house = kind.house(&admin, "house").await;
        let (gone, next) = (
            kind.person(&admin, "gone").await,
            kind.person(&admin, "next").await,
        );
        let path = kind.chiefs(&house);
        admin.link(&path, &gone, json!({})).await.status(201);
        admin.delete(kind.people, &gone).await.status(204);
        admin.link(&path, &next, json!({})).await.status(201);
        admin.restore(kind.people, &gone).await.ok();
        let list = admin
            .get_path(&format!("/v1/data/{path}"), "validity=all")
            .await;
        assert_eq!(list.ids(), [next]);
    }
}

#[tokio::test]
async fn two_records_are_linked_once_unless_the_type_allows_more() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let kind_of = |name: &str, more: Json| {
        let mut operation = json!({
            "op": "addRelationType", "name": name,
            "source": {"object": "organization", "name": format!("{name}Of")},
            "target": {"object": "organization", "name": format!("{name}By")},
        });
        if let (Some(members), Json::Object(more)) = (operation.as_object_mut(), more) {
            members.extend(more);
        }
        operation
    };
    let operations = json!([
        kind_of("plain", json!({})),
        kind_of("many", json!({"allowDuplicates": true})),
        kind_of("dated", json!({"temporal": true})),
    ]);
    admin.change(operations).await.ok();
    let (a, b) = (
        admin.make("organizations", json!({"name": "a"})).await,
        admin.make("organizations", json!({"name": "b"})).await,
    );
    let plain = format!("organizations/{a}/plainOf");
    let link = admin.link(&plain, &b, json!({})).await.status(201).json();
    let problem = admin
        .link(&plain, &b, json!({}))
        .await
        .problem(409, "conflict");
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|it| it.contains("linked already")),
        "{problem}"
    );
    let back = format!("organizations/{b}/plainBy");
    admin
        .link(&back, &a, json!({}))
        .await
        .problem(409, "conflict");
    let turned = format!("organizations/{b}/plainOf");
    admin.link(&turned, &a, json!({})).await.status(201);
    let address = format!("/v1/data/{plain}/{}", link["id"].as_str().expect("an id"));
    admin
        .call("DELETE", &address, &Json::Null)
        .await
        .status(204);
    admin.link(&plain, &b, json!({})).await.status(201);

    let many = format!("organizations/{a}/manyOf");
    for _ in 0..2 {
        admin.link(&many, &b, json!({})).await.status(201);
    }
    let dated = format!("organizations/{a}/datedOf");
    let first = json!({"validUntil": "2020-01-01"});
    admin.link(&dated, &b, first.clone()).await.status(201);
    admin.link(&dated, &b, first).await.problem(409, "conflict");
    let second = json!({"validFrom": "2020-01-01"});
    admin.link(&dated, &b, second).await.status(201);

    let refused = admin
        .meta("PATCH", "relations/many", json!({"allowDuplicates": false}))
        .await;
    refused.problem_at(422, "validation_failed", "/allowDuplicates");
    let relation = admin
        .meta("PATCH", "relations/plain", json!({"allowDuplicates": true}))
        .await
        .ok();
    assert_eq!(relation["allowDuplicates"], true);
    admin.link(&plain, &b, json!({})).await.status(201);

    // Many at once: one is made.
    let c = admin.make("organizations", json!({"name": "c"})).await;
    let writes = (0..6).map(|number| {
        let admin = admin.clone();
        let (near, far, name) = if number % 2 == 0 {
            (a.clone(), c.clone(), "datedOf")
        } else {
            (c.clone(), a.clone(), "datedBy")
        };
        async move {
            let path = format!("organizations/{near}/{name}");
            admin.link(&path, &far, json!({})).await.code()
        }
    });
    let codes = join_all(writes).await;
    let won = codes.iter().filter(|code| **code == 201).count();
    let lost = codes.iter().filter(|code| **code == 409).count();
    assert_eq!((won, lost), (1, 5), "{codes:?}");
}
