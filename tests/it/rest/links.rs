//! Links of relation types: made, read, changed and ended from either side.

use serde_json::{Value as Json, json};

use crate::support::{Kind, TestApp};

#[tokio::test]
async fn a_link_is_made_read_changed_and_ended_from_either_side() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let (a, b) = (kind.make(&admin, "a").await, kind.make(&admin, "b").await);
        let (near, far) = (
            format!("{}/{a}/allies", kind.plural),
            format!("{}/{b}/alliedBy", kind.plural),
        );
        let made = admin
            .link(&near, &b, json!({"terms": "loose", "since": "2020-02-29"}))
            .await;
        let link = made.status(201).json();
        let id = link["id"].as_str().expect("an id").to_owned();
        assert_eq!(
            (&link["version"], &link["terms"]),
            (&json!(1), &json!("loose"))
        );
        assert_eq!(
            made.header("location"),
            None,
            "a link has no address of its own"
        );

        for (path, name) in [(&near, "b"), (&far, "a")] {
            let members = admin
                .get_path(&format!("/v1/data/{path}"), "count=exact")
                .await
                .ok();
            assert_eq!(
                (&members["count"], &members["data"][0]["name"]),
                (&json!(1), &json!(name))
            );
            let expected = json!({"id": id, "version": 1, "since": "2020-02-29", "terms": "loose"});
            assert_eq!(members["data"][0]["link"], expected);
        }

        let changed = admin
            .call(
                "PATCH",
                &format!("/v1/data/{far}/{id}"),
                &json!({"terms": null}),
            )
            .await;
        assert_eq!(
            (
                changed.ok()["version"].clone(),
                changed.ok()["terms"].clone()
            ),
            (json!(2), Json::Null)
        );
        admin
            .call("DELETE", &format!("/v1/data/{near}/{id}"), &Json::Null)
            .await
            .status(204);
        for path in [&near, &far] {
            let members = admin.get_path(&format!("/v1/data/{path}"), "").await;
            assert_eq!(members.ids(), Vec::<String>::new());
            let gone = admin
                .call("DELETE", &format!("/v1/data/{path}/{id}"), &Json::Null)
                .await;
            gone.problem(404, "record_not_found");
        }
    }
}

#[tokio::test]
async fn a_link_needs_both_ends() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let (a, b) = (kind.make(&admin, "a").await, kind.make(&admin, "b").await);
        let path = format!("{}/{a}/allies", kind.plural);
        let nobody = "01890000-0000-7000-8000-000000000000";
        admin
            .link(&path, nobody, json!({}))
            .await
            .problem_at(422, "validation_failed", "/id");
        admin
            .link(&path, "nobody", json!({}))
            .await
            .problem_at(422, "validation_failed", "/id");
        let body = json!({"terms": "loose"});
        admin
            .call("POST", &format!("/v1/data/{path}"), &body)
            .await
            .problem_at(422, "validation_failed", "/id");
        let elsewhere = format!("{}/{nobody}/allies", kind.plural);
        admin
            .link(&elsewhere, &b, json!({}))
            .await
            .problem(404, "record_not_found");
        let unknown = format!("{}/{a}/enemies", kind.plural);
        assert!(admin.link(&unknown, &b, json!({})).await.code() < 405);
        admin
            .link(&path, &b, json!({"colour": 1}))
            .await
            .problem_at(400, "unknown_field", "/colour");
        admin
            .link(&path, &b, json!({"since": "2026-02-30"}))
            .await
            .problem_at(422, "validation_failed", "/since");
        admin.delete(kind.plural, &b).await.status(204);
        admin
            .link(&path, &b, json!({}))
            .await
            .problem(422, "validation_failed");
        let members = admin.get_path(&format!("/v1/data/{path}"), "").await;
        assert_eq!(members.ids(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn the_link_of_another_record_is_no_link_of_this_one() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let (a, b, c) = (
            kind.make(&admin, "a").await,
            kind.make(&admin, "b").await,
            kind.make(&admin, "c").await,
        );
        let path = format!("{}/{a}/allies", kind.plural);
        let link = admin.link(&path, &b, json!({})).await.status(201).json();
        let id = link["id"].as_str().expect("an id");
        for wrong in [
            format!("{}/{c}/allies", kind.plural),
            format!("{}/{a}/alliedBy", kind.plural),
        ] {
            let path = format!("/v1/data/{wrong}/{id}");
            admin
                .call("PATCH", &path, &json!({"terms": "x"}))
                .await
                .problem(404, "record_not_found");
            admin
                .call("DELETE", &path, &Json::Null)
                .await
                .problem(404, "record_not_found");
        }
    }
}

#[tokio::test]
async fn the_links_of_a_deleted_record_are_hidden_until_it_is_restored() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let (a, b) = (kind.make(&admin, "a").await, kind.make(&admin, "b").await);
        admin
            .link(&format!("{}/{a}/allies", kind.plural), &b, json!({}))
            .await
            .status(201);
        let allies = format!("/v1/data/{}/{a}/allies", kind.plural);
        admin.delete(kind.plural, &b).await.status(204);
        assert_eq!(
            admin.get_path(&allies, "").await.ids(),
            Vec::<String>::new()
        );
        admin.restore(kind.plural, &b).await.ok();
        assert_eq!(admin.get_path(&allies, "").await.ids(), [b]);
    }
}

#[tokio::test]
async fn a_standard_relation_has_its_fields_and_both_sides() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let acme = admin.make("organizations", json!({"name": "Acme"})).await;
    let ann = admin.make("people", json!({"lastName": "Ann"})).await;
    let values = json!({"title": "CFO", "isPrimary": true, "startDate": "2020-01-01"});
    admin
        .link(&format!("organizations/{acme}/employees"), &ann, values)
        .await
        .status(201);
    let employers = admin
        .get_path(&format!("/v1/data/people/{ann}/employers"), "")
        .await;
    assert_eq!(employers.ok()["data"][0]["name"], "Acme");
    assert_eq!(employers.ok()["data"][0]["link"]["title"], "CFO");
    let parameters = "filter={\"employers\":{\"some\":{\"link\":{\"isPrimary\":{\"eq\":true}}}}}";
    assert_eq!(admin.list("people", parameters).await.ids(), [ann]);
}

#[tokio::test]
async fn the_members_of_a_relation_are_filtered_by_their_links() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in Kind::both(&app).await {
        let a = kind.make(&admin, "a").await;
        let path = format!("{}/{a}/allies", kind.plural);
        for (name, terms) in [("b", "loose"), ("c", "tight"), ("d", "tight")] {
            let ally = kind.make(&admin, name).await;
            admin
                .link(&path, &ally, json!({"terms": terms}))
                .await
                .status(201);
        }
        let path = format!("/v1/data/{path}");
        for (parameters, expected) in [
            ("link.terms[eq]=tight&sort=name", "cd"),
            ("filter={\"link\":{\"terms\":{\"eq\":\"loose\"}}}", "b"),
            ("link.terms[eq]=tight&name[gt]=c", "d"),
        ] {
            let members = admin
                .get_path(&path, &format!("{parameters}&count=exact"))
                .await;
            assert_eq!(members.column("name").concat(), expected, "{members}");
            assert_eq!(members.json()["count"], expected.len(), "{members}");
        }
        let unknown = admin.get_path(&path, "link.colour[eq]=x").await;
        unknown.problem_at(400, "unknown_field", "link.colour[eq]");
        // Where there is no link, `link` is a field like any other that does not exist.
        admin
            .list(kind.plural, "link.terms[eq]=x")
            .await
            .problem(400, "unknown_field");
    }
}
