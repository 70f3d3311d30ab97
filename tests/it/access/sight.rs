//! Invisible records: for a caller they are not there, in whatever way it asks.

use serde_json::{Value as Json, json};

use super::same;
use crate::support::{Client, Kind, Rules, TestApp};

/// An id that no record has.
const NOTHING: &str = "01900000-0000-7000-8000-000000000000";

/// What one kind holds: `seen` is in Utrecht and visible, `hidden` in Zeist is not; each is the
/// parent and an ally of the other.
struct Records {
    kind: Kind,
    seen: String,
    hidden: String,
    deleted: String,
    /// The link from `seen` to `hidden`.
    link: String,
}

async fn fill(app: &TestApp, kind: Kind) -> Records {
    let admin = app.admin();
    let at = |name: &str, city: &str| json!({"name": name, "city": city, "externalId": name});
    let seen = admin.make(kind.plural, at("seen", "Utrecht")).await;
    let hidden = admin.make(kind.plural, at("hidden", "Zeist")).await;
    let deleted = admin.make(kind.plural, at("deleted", "Zeist")).await;
    admin.delete(kind.plural, &deleted).await.status(204);
    for (id, parent) in [(&seen, &hidden), (&hidden, &seen)] {
        admin
            .patch(kind.plural, id, json!({"parent": parent}))
            .await
            .ok();
    }
    let allies = format!("{}/{seen}/allies", kind.plural);
    let link = admin
        .link(&allies, &hidden, json!({"terms": "secret"}))
        .await
        .ok();
    let link = link["link"]["id"]
        .as_str()
        .or(link["id"].as_str())
        .expect("an id")
        .to_owned();
    Records {
        kind,
        seen,
        hidden,
        deleted,
        link,
    }
}

/// May do everything with what is in Utrecht.
fn rules(kinds: [Kind; 2]) -> Rules {
    kinds.into_iter().fold(Rules::none(), |rules, kind| {
        let utrecht = json!({"where": {"city": {"eq": "Utrecht"}}});
        let relation = format!("{}Alliance", kind.name);
        let rules = ["read", "update", "delete"]
            .into_iter()
            .fold(rules, |rules, action| {
                let mut more = utrecht.clone();
                if action != "delete" {
                    more["fields"] = json!("*");
                }
                rules.allow(action, kind.name, more)
            });
        rules
            .allow("create", kind.name, json!({"fields": "*"}))
            .allow("read", &relation, json!({"fields": "*"}))
            .allow("link", kind.name, json!({}))
            .allow("link", &relation, json!({}))
    })
}

async fn start() -> (TestApp, Vec<Records>, [Client; 2]) {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    let mut records = Vec::new();
    for kind in kinds {
        records.push(fill(&app, kind).await);
    }
    let clients = app.person_and_key("utrecht", rules(kinds)).await;
    (app, records, clients)
}

#[tokio::test]
async fn an_invisible_record_is_a_missing_record_over_rest() {
    let (_app, all, clients) = start().await;
    for (client, records) in clients
        .iter()
        .flat_map(|client| all.iter().map(move |records| (client, records)))
    {
        for (method, path, body) in [
            ("GET", "/ID", Json::Null),
            ("GET", "/ID?fields=name", Json::Null),
            ("GET", "/ID?fields=nonsense", Json::Null),
            ("GET", "/ID/children", Json::Null),
            ("GET", "/ID/allies", Json::Null),
            ("GET", "/ID/allies?count=exact", Json::Null),
            ("PATCH", "/ID", json!({"name": "x"})),
            ("PATCH", "/ID", json!({"nonsense": "x"})),
            ("PATCH", "/ID", json!({"id": NOTHING})),
            ("PATCH", "/ID", json!({"employeeCount": "x"})),
            ("PATCH", "/ID", json!({"externalId": "seen"})),
            ("DELETE", "/ID", Json::Null),
            ("POST", "/ID/restore", Json::Null),
            ("POST", "/ID/allies", json!({"id": records.seen})),
            (
                "POST",
                "/ID/allies",
                json!({"id": records.seen, "since": "x"}),
            ),
            ("PATCH", "/ID/allies/ID", json!({"since": null})),
            ("DELETE", "/ID/allies/ID", Json::Null),
        ] {
            let at =
                |id: &str| format!("/v1/data/{}{}", records.kind.plural, path.replace("ID", id));
            let missing = client.call(method, &at(NOTHING), &body).await;
            for id in [&records.hidden, &records.deleted] {
                let hidden = client.call(method, &at(id), &body).await;
                assert!((400..=404).contains(&hidden.code()), "{hidden}");
                same(&hidden, (id, NOTHING), &missing);
            }
        }
    }
}

#[tokio::test]
async fn a_version_tells_nothing_about_an_invisible_record() {
    let (_app, all, clients) = start().await;
    for (client, records) in clients
        .iter()
        .flat_map(|client| all.iter().map(move |records| (client, records)))
    {
        for (method, version) in [
            ("PATCH", "\"1\""),
            ("PATCH", "\"99\""),
            ("DELETE", "\"99\""),
        ] {
            let mut answers = Vec::new();
            for id in [&records.hidden, NOTHING] {
                let path = format!("/v1/data/{}/{id}", records.kind.plural);
                let request = client.request(method.parse().expect("a method"), &path);
                let request = request
                    .header("if-match", version)
                    .json(&json!({"name": "x"}));
                answers.push(client.send(request).await);
            }
            answers[0].problem(404, "record_not_found");
            same(&answers[0], (&records.hidden, NOTHING), &answers[1]);
        }
    }
}

#[tokio::test]
async fn an_invisible_record_is_a_missing_record_over_graphql() {
    let (_app, all, clients) = start().await;
    for (client, records) in clients
        .iter()
        .flat_map(|client| all.iter().map(move |records| (client, records)))
    {
        for document in [
            "{ thing(id: \"ID\") { id name } }",
            "{ things(filter: {id: {eq: \"ID\"}}) { totalCount nodes { id } } }",
            "{ things(filter: {parent: {id: {eq: \"ID\"}}}) { totalCount nodes { id } } }",
            "{ things(filter: {allies: {some: {id: {eq: \"ID\"}}}}) { totalCount nodes { id } } }",
            "mutation { updateThing(id: \"ID\", input: {name: \"x\"}) { id } }",
            "mutation { updateThing(id: \"ID\", ifMatch: 99, input: {name: \"x\"}) { id } }",
            "mutation { deleteThing(id: \"ID\") { id } }",
            "mutation { restoreThing(id: \"ID\") { id } }",
            "mutation { linkThingAllies(id: \"ID\", target: \"SEEN\") { id } }",
            "mutation { linkThingAllies(id: \"SEEN\", target: \"ID\") { id } }",
            "mutation { unlinkThingAllies(id: \"ID\", link: \"ID\") { id } }",
            "mutation { createThing(input: {name: \"x\", parent: \"ID\"}) { id } }",
            "mutation { updateThing(id: \"SEEN\", input: {parent: \"ID\"}) { id } }",
        ] {
            let document = document.replace("SEEN", &records.seen);
            let ask = async |id: &str| {
                records
                    .kind
                    .graphql(client, &document.replace("ID", id), Json::Null)
                    .await
            };
            let missing = ask(NOTHING).await;
            for id in [&records.hidden, &records.deleted] {
                same(&ask(id).await, (id, NOTHING), &missing);
            }
        }
    }
}

#[tokio::test]
async fn a_reference_or_link_to_an_invisible_record_can_not_be_written() {
    let (app, all, clients) = start().await;
    for (client, records) in clients
        .iter()
        .flat_map(|client| all.iter().map(move |records| (client, records)))
    {
        let plural = records.kind.plural;
        for (method, path, body) in [
            ("POST", String::new(), json!({"name": "x", "parent": "ID"})),
            (
                "POST",
                String::new(),
                json!({"name": "x", "parent": {"id": "ID"}}),
            ),
            (
                "PATCH",
                format!("/{}", records.seen),
                json!({"parent": "ID"}),
            ),
            (
                "POST",
                format!("/{}/allies", records.seen),
                json!({"id": "ID"}),
            ),
        ] {
            let path = format!("/v1/data/{plural}{path}");
            let with = |id: &str| {
                serde_json::from_str::<Json>(&body.to_string().replace("ID", id)).expect("JSON")
            };
            let missing = client.call(method, &path, &with(NOTHING)).await;
            missing.problem(422, "validation_failed");
            for id in [&records.hidden, &records.deleted] {
                same(
                    &client.call(method, &path, &with(id)).await,
                    (id, NOTHING),
                    &missing,
                );
            }
        }
    }
    for records in &all {
        let count = app
            .admin()
            .list(records.kind.plural, "count=exact")
            .await
            .ok()["count"]
            .clone();
        assert_eq!(count, 2, "nothing was written");
    }
}

#[tokio::test]
async fn what_is_out_of_sight_is_no_part_of_any_answer() {
    let (app, all, clients) = start().await;
    for (client, records) in clients
        .iter()
        .flat_map(|client| all.iter().map(move |records| (client, records)))
    {
        let plural = records.kind.plural;
        let fields = "fields=name,parent.name,children.name,allies.name,alliedBy.name&count=exact";
        let list = client.list(plural, fields).await;
        let body = list.ok();
        assert_eq!(list.ids(), [records.seen.as_str()], "{list}");
        assert_eq!(body["count"], 1, "{list}");
        assert_eq!(body["page"]["hasNext"], false, "{list}");
        let row = &body["data"][0];
        assert_eq!(row["parent"], Json::Null, "{list}");
        for collection in ["children", "allies", "alliedBy"] {
            assert_eq!(row[collection]["data"], json!([]), "{list}");
        }
        assert!(!list.text().contains(&records.hidden), "{list}");
        let document = "{ things { totalCount nodes { id parent { id name } children { totalCount nodes { id } }
            allies { totalCount edges { node { id } link { id terms } } } } } }";
        let answer = records.kind.graphql(client, document, Json::Null).await;
        let none = json!({"totalCount": 0, "nodes": []});
        let expected = json!({(plural): {"totalCount": 1, "nodes": [{"id": records.seen, "parent": null,
            "children": none, "allies": {"totalCount": 0, "edges": []}}]}});
        assert_eq!(answer.data(), expected, "{answer}");
        let path = format!("{plural}/{}/allies/{}", records.seen, records.link);
        client
            .call("PATCH", &format!("/v1/data/{path}"), &json!({"terms": "x"}))
            .await
            .problem(404, "record_not_found");
    }
    drop(app);
}

#[tokio::test]
async fn a_filter_counts_what_is_out_of_sight_as_nothing() {
    let (_app, all, clients) = start().await;
    for (client, records) in clients
        .iter()
        .flat_map(|client| all.iter().map(move |records| (client, records)))
    {
        for (filter, found) in [
            (json!({}), 1),
            (json!({"city": {"eq": "Zeist"}}), 0),
            (json!({"parent": {"isNull": true}}), 1),
            (json!({"parent": {"isNull": false}}), 0),
            (json!({"parent": {"eq": records.hidden}}), 0),
            (json!({"parent": {"neq": records.hidden}}), 1),
            (json!({"parent": {"in": [records.hidden]}}), 0),
            (json!({"parent": {"nin": [records.hidden]}}), 1),
            (json!({"parent": {"name": {"startsWith": ""}}}), 0),
            (json!({"parent": {"name": {"neq": "x"}}}), 0),
            (json!({"not": {"parent": {"name": {"eq": "hidden"}}}}), 1),
            (json!({"parent": {"parent": {"name": {"eq": "seen"}}}}), 0),
            (json!({"children": {"some": {}}}), 0),
            (json!({"children": {"none": {}}}), 1),
            (json!({"children": {"every": {"name": {"eq": "x"}}}}), 1),
            (json!({"allies": {"some": {}}}), 0),
            (
                json!({"allies": {"some": {"link": {"terms": {"eq": "secret"}}}}}),
                0,
            ),
            (json!({"allies": {"none": {"name": {"eq": "hidden"}}}}), 1),
            (json!({"alliedBy": {"every": {"name": {"eq": "x"}}}}), 1),
        ] {
            let answer = client
                .filter(records.kind.plural, &filter, "count=exact")
                .await;
            assert_eq!(answer.ok()["count"], found, "{answer}");
            assert_eq!(answer.ids().len(), found, "{answer}");
            let document =
                "query($f: ThingFilter) { things(filter: $f) { totalCount nodes { id } } }";
            let answer = records
                .kind
                .graphql(client, document, json!({"f": filter}))
                .await;
            assert_eq!(
                answer.data()[records.kind.plural]["totalCount"],
                found,
                "{answer}"
            );
        }
    }
}

#[tokio::test]
async fn pages_hold_what_is_in_sight_alone() {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    for kind in kinds {
        for at in 0..12 {
            let city = if at % 3 == 0 { "Utrecht" } else { "Zeist" };
            app.admin()
                .create(
                    kind.plural,
                    json!({"name": format!("n{at:02}"), "city": city}),
                )
                .await
                .ok();
        }
    }
    for client in app.person_and_key("utrecht", rules(kinds)).await {
        for kind in kinds {
            let first = client
                .list(kind.plural, "sort=-name&limit=2&count=bounded")
                .await;
            let body = first.ok();
            assert_eq!(first.column("name"), ["n09", "n06"], "{first}");
            assert_eq!(body["count"], 4, "{first}");
            let next = body["page"]["next"].as_str().expect("a cursor");
            let second = client
                .list(kind.plural, &format!("sort=-name&limit=2&after={next}"))
                .await;
            assert_eq!(second.column("name"), ["n03", "n00"], "{second}");
            assert_eq!(second.ok()["page"]["hasNext"], false, "{second}");
            let exact = client.list(kind.plural, "limit=4").await;
            assert_eq!(exact.ok()["page"]["hasNext"], false, "{exact}");
        }
    }
}

#[tokio::test]
async fn a_cursor_is_worth_nothing_to_others() {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    for kind in kinds {
        for name in ["a", "b", "c"] {
            app.admin()
                .create(kind.plural, json!({"name": name, "city": "Utrecht"}))
                .await
                .ok();
        }
    }
    let [person, key] = app.person_and_key("utrecht", rules(kinds)).await;
    let all = kinds.into_iter().fold(Rules::none(), |rules, kind| {
        rules.allow("read", kind.name, json!({"fields": "*"}))
    });
    let other = app.role("all", all).await;
    for kind in kinds {
        let list = person.list(kind.plural, "sort=name&limit=1").await.ok();
        let next = list["page"]["next"].as_str().expect("a cursor");
        let again = format!("sort=name&limit=1&after={next}");
        for client in [&other, &app.admin()] {
            client
                .list(kind.plural, &again)
                .await
                .problem(400, "invalid_cursor");
            let document = format!(
                "{{ things(sort: {{name: ASC}}, first: 1, after: \"{next}\") {{ nodes {{ id }} }} }}"
            );
            kind.graphql(client, &document, Json::Null)
                .await
                .error("invalid_cursor");
        }
        assert_eq!(person.list(kind.plural, &again).await.column("name"), ["b"]);
        // The same rights: the same list.
        assert_eq!(key.list(kind.plural, &again).await.column("name"), ["b"]);
    }
}
