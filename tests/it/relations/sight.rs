//! What periods and limits tell a caller with narrow rights.

use serde_json::{Value as Json, json};

use super::define_chiefs;
use crate::support::{Rules, TestApp};

#[tokio::test]
async fn who_may_not_see_the_period_sees_links_without_one() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in define_chiefs(&app).await {
        let house = kind.house(&admin, "house").await;
        let (old, new) = (
            kind.person(&admin, "old").await,
            kind.person(&admin, "new").await,
        );
        let path = kind.chiefs(&house);
        let ended = json!({"validUntil": "2020-01-01", "role": "CEO"});
        admin.link(&path, &old, ended).await.status(201);
        let begun = json!({"validFrom": "2020-01-01", "role": "CEO"});
        admin.link(&path, &new, begun).await.status(201);
        for (number, hidden) in ["validFrom", "validUntil"].into_iter().enumerate() {
            let but = json!({"fields": {"except": [hidden]}});
            let rules =
                Rules::none()
                    .read(kind.person)
                    .read(kind.house)
                    .allow("read", kind.relation, but);
            let role = format!("{}{number}", kind.relation);
            for reader in app.person_and_key(&role, rules).await {
                let address = format!("/v1/data/{path}");
                assert_eq!(reader.get_path(&address, "").await.ids(), [new.clone()]);
                // The day of the read is not theirs to choose by.
                let then = reader.get_path(&address, "asOf=2010-01-01").await;
                assert_eq!(then.ids(), [new.clone()], "{hidden}");
                for parameters in ["validity=all", "validity=at:2010-01-01"] {
                    let refused = reader.get_path(&address, parameters).await;
                    let untold = reader.get_path("/v1/data/organizations", parameters).await;
                    assert_eq!(refused.code(), 400, "{}", refused.text());
                    if kind.house == "organization" {
                        let [refused, untold] = [refused, untold].map(|answer| answer.json());
                        assert_eq!(refused["errors"], untold["errors"]);
                    }
                }
                for word in ["current", "asOf", "validity"] {
                    let filter = json!({"leads": {"some": {word: true}}});
                    let unknown = json!({"leads": {"some": {"nothing": true}}});
                    let refused = reader.filter(kind.people, &filter, "").await;
                    let unknown = reader.filter(kind.people, &unknown, "").await;
                    assert_eq!((refused.code(), unknown.code()), (400, 400));
                    let text = |json: Json| json["errors"].to_string();
                    assert_eq!(
                        text(refused.json()).replace(word, "nothing"),
                        text(unknown.json())
                    );
                }
                let document = format!(
                    "query($id: ID!) {{ {}(id: $id) {{ chiefs(validity: ALL) {{ nodes {{ id }} }} }} }}",
                    kind.house
                );
                let answer = reader.graphql(&document, json!({"id": house})).await.json();
                assert!(
                    answer["errors"].is_array() && answer["data"].is_null(),
                    "{answer}"
                );
                let relations = reader.meta("GET", "relations", Json::Null).await.ok();
                let shown = relations["data"].as_array().expect("relations").iter();
                let mut shown = shown.filter(|one| one["name"] == kind.relation);
                assert_eq!(shown.next().expect("the relation")["temporal"], false);
            }
        }
    }
}

#[tokio::test]
async fn a_period_that_shows_on_some_links_chooses_among_those() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in define_chiefs(&app).await {
        let (house, other) = (kind.house(&admin, "a").await, kind.house(&admin, "b").await);
        let person = kind.person(&admin, "somebody").await;
        for (house, role) in [(&house, "open"), (&other, "secret")] {
            let ended = json!({"validUntil": "2020-01-01", "role": role});
            admin
                .link(&kind.chiefs(house), &person, ended)
                .await
                .status(201);
            let begun = json!({"validFrom": "2020-01-01", "role": role});
            admin
                .link(&kind.chiefs(house), &person, begun)
                .await
                .status(201);
        }
        let rules = Rules::none()
            .read(kind.person)
            .read(kind.house)
            .allow("read", kind.relation, json!({"fields": ["role"]}))
            .allow(
                "read",
                kind.relation,
                json!({"where": {"role": {"eq": "open"}}}),
            );
        for reader in app.person_and_key(kind.relation, rules).await {
            let address = format!("/v1/data/{}/{person}/leads", kind.people);
            for (parameters, open, secret) in [
                ("", 1, 1),
                ("validity=all", 2, 1),
                ("asOf=2010-01-01", 1, 1),
                ("current[eq]=false", 1, 1),
            ] {
                let list = reader.get_path(&address, parameters).await;
                let list = list.ok();
                let roles = list["data"].as_array().expect("members").iter();
                let roles: Vec<&str> = roles
                    .filter_map(|one| one["link"]["role"].as_str())
                    .collect();
                let count = |role: &str| roles.iter().filter(|it| **it == role).count();
                assert_eq!(
                    (count("open"), count("secret")),
                    (open, secret),
                    "{parameters}"
                );
            }
            let hidden = reader.get_path(&address, "asOf=2010-01-01").await.ok();
            let hidden = hidden["data"].as_array().expect("members").iter();
            let hidden = hidden.filter(|one| one["link"]["role"] == "secret");
            for one in hidden {
                assert_eq!(one["link"]["validUntil"], Json::Null);
            }
        }
    }
}

#[tokio::test]
async fn a_conflict_names_no_hidden_link() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in define_chiefs(&app).await {
        let house = kind.house(&admin, "house").await;
        let (hidden, own) = (
            kind.person(&admin, "hidden").await,
            kind.person(&admin, "own").await,
        );
        let made = admin
            .link(&kind.chiefs(&house), &hidden, json!({"role": "secret"}))
            .await;
        let link = made.status(201).json()["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        let seen = json!({"where": {"id": {"eq": own}}});
        let rules = Rules::none()
            .allow("read", kind.person, seen.clone())
            .allow("link", kind.person, seen)
            .read(kind.house)
            .allow("link", kind.house, json!({}))
            .read(kind.relation)
            .allow("link", kind.relation, json!({}));
        for partner in app.person_and_key(kind.relation, rules).await {
            let list = partner
                .get_path(&format!("/v1/data/{}", kind.chiefs(&house)), "validity=all")
                .await;
            assert!(list.ids().is_empty());
            for path in [kind.chiefs(&house), format!("{}/{own}/leads", kind.people)] {
                let far = if path.starts_with(kind.houses) {
                    &own
                } else {
                    &house
                };
                let refused = partner.link(&path, far, json!({"role": "mine"})).await;
                refused.problem(409, "conflict");
                let text = refused.text();
                for secret in [&link, &hidden, &"secret".to_owned()] {
                    assert!(!text.contains(secret.as_str()), "{text}");
                }
            }
            // A hidden person can't be linked, whether it is in the way or not.
            let refused = partner.link(&kind.chiefs(&house), &hidden, json!({})).await;
            refused.problem_at(422, "validation_failed", "/id");
        }
    }
}

/// Who may not read the period sees the links of today alone, and so can name no other one.
#[tokio::test]
async fn a_link_that_does_not_hold_today_is_out_of_reach_without_sight_of_the_period() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in define_chiefs(&app).await {
        let house = kind.house(&admin, "house").await;
        let person = kind.person(&admin, "chief").await;
        let mut links = Vec::new();
        for period in [
            json!({"role": "old", "validFrom": "2019-01-01", "validUntil": "2020-01-01"}),
            json!({"role": "coming", "validFrom": "2101-01-01"}),
        ] {
            let made = admin.link(&kind.chiefs(&house), &person, period).await;
            let made = made.status(201).json();
            links.push(made["id"].as_str().expect("an id").to_owned());
        }
        let rules = Rules::none()
            .read(kind.person)
            .allow("link", kind.person, json!({}))
            .read(kind.house)
            .allow("link", kind.house, json!({}))
            .allow("read", kind.relation, json!({"fields": ["role"]}))
            .allow("link", kind.relation, json!({"fields": ["role"]}));
        for partner in app.person_and_key(kind.relation, rules).await {
            let path = kind.chiefs(&house);
            let list = partner.get_path(&format!("/v1/data/{path}"), "").await;
            assert!(list.ids().is_empty());
            let refused = partner.link(&path, &person, json!({"role": "mine"})).await;
            refused.problem(409, "conflict");
            for link in &links {
                assert!(
                    !refused.text().contains(link.as_str()),
                    "{}",
                    refused.text()
                );
                let at = format!("/v1/data/{path}/{link}");
                let patched = partner.call("PATCH", &at, &json!({"role": "x"})).await;
                patched.problem(404, "record_not_found");
                let gone = partner.call("DELETE", &at, &Json::Null).await;
                gone.problem(404, "record_not_found");
                let removal = json!({"chiefs": {"remove": [{"link": link}]}});
                let refused = partner.patch(kind.houses, &house, removal).await;
                refused.problem(422, "validation_failed");
            }
            let removal = json!({"chiefs": {"remove": [person]}});
            partner.patch(kind.houses, &house, removal).await.ok();
        }
        let all = admin
            .get_path(&format!("/v1/data/{}", kind.chiefs(&house)), "validity=all")
            .await;
        assert_eq!(all.ids().len(), 2);
    }
}

#[tokio::test]
async fn a_rule_walks_the_links_that_hold_now() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in define_chiefs(&app).await {
        let (now, then) = (
            kind.house(&admin, "now").await,
            kind.house(&admin, "then").await,
        );
        let person = kind.person(&admin, "chief").await;
        admin
            .link(&kind.chiefs(&now), &person, json!({"role": "CEO"}))
            .await
            .status(201);
        let ended = json!({"validUntil": "2020-01-01", "role": "CEO"});
        admin
            .link(&kind.chiefs(&then), &person, ended)
            .await
            .status(201);
        let seen = |inner: Json| json!({"where": {"chiefs": {"some": inner}}});
        let cases = [
            (json!({"id": {"eq": person}}), vec!["now"]),
            (json!({"role": {"eq": "CEO"}, "current": true}), vec!["now"]),
            (json!({"current": false}), vec!["then"]),
            (json!({"asOf": "2010-01-01"}), vec!["now", "then"]),
            (
                json!({"validity": "all", "role": {"eq": "CEO"}}),
                vec!["now", "then"],
            ),
        ];
        for (number, (inner, expected)) in cases.into_iter().enumerate() {
            let rules = Rules::none().allow("read", kind.house, seen(inner.clone()));
            let role = format!("{}{number}", kind.relation);
            let reader = app.role(&role, rules).await;
            // Whatever day the caller reads by, the rule goes by today.
            for parameters in ["sort=name", "sort=name&asOf=2010-01-01"] {
                let list = reader.list(kind.houses, parameters).await;
                assert_eq!(list.column("name"), expected, "{inner} {parameters}");
            }
        }
    }
}
