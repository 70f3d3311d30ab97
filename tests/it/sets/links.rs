//! Sets of links.

use serde_json::{Value as Json, json};

use super::define;
use crate::support::TestApp;

#[tokio::test]
async fn a_record_is_made_with_its_links() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for fleet in define(&app).await {
        let [a, b] = fleet.people(&admin, ["a", "b"]).await;
        let crew = json!({"add": [a, {"id": b, "rank": "mate", "pay": 7}]});
        let made = admin
            .create(fleet.ships, json!({"name": "Argo", "crew": crew}))
            .await;
        let made = made.status(201);
        let ship = made.json()["id"].as_str().expect("an id").to_owned();
        assert_eq!(made.json()["crewCount"], 2);
        let version = made.json()["version"].to_string();
        assert_eq!(
            made.header("etag"),
            Some(&*format!("\"{version}\"")),
            "the version that it has when its links are counted"
        );
        let now = admin.get(fleet.ships, &ship).await.ok();
        assert_eq!(now["version"].to_string(), version);
        assert_eq!(fleet.aboard(&admin, &ship).await, ["a", "b"]);
        let crew = admin
            .get_path(&fleet.crew(&ship), "sort=lastName")
            .await
            .ok();
        assert_eq!(crew["data"][1]["link"]["rank"], "mate");
        assert_eq!(crew["data"][1]["link"]["pay"], 7);

        // A list is short for the set.
        let other = json!({"name": "Fram", "crew": [b]});
        let other = admin.make(fleet.ships, other).await;
        assert_eq!(fleet.aboard(&admin, &other).await, ["b"]);
    }
}

#[tokio::test]
async fn links_are_added_removed_and_set_by_a_patch() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for fleet in define(&app).await {
        let [a, b, c, d] = fleet.people(&admin, ["a", "b", "c", "d"]).await;
        let ship = fleet.ship(&admin, "Argo").await;
        let patch = |crew: Json| admin.patch(fleet.ships, &ship, json!({"crew": crew}));
        patch(json!({"add": [a, b]})).await.ok();
        let answer = patch(json!({"remove": [a], "add": [c]})).await.ok();
        assert_eq!(answer["crewCount"], 2);
        assert_eq!(fleet.aboard(&admin, &ship).await, ["b", "c"]);

        // What is there stays, with its link; what is sent with it goes to the link.
        let link_of = async |name: &str| {
            let filter = format!("lastName[eq]={name}");
            let crew = admin.get_path(&fleet.crew(&ship), &filter).await.ok();
            crew["data"][0]["link"].clone()
        };
        let before = link_of("b").await;
        patch(json!({"add": [b, {"id": c, "rank": "cook"}]}))
            .await
            .ok();
        assert_eq!(link_of("b").await, before);
        assert_eq!(link_of("c").await["rank"], "cook");
        assert_eq!(link_of("c").await["version"], 2);

        patch(json!({"set": [{"id": c, "pay": 3}, d]})).await.ok();
        assert_eq!(fleet.aboard(&admin, &ship).await, ["c", "d"]);
        assert_eq!(link_of("c").await["rank"], "cook");
        assert_eq!(link_of("c").await["pay"], 3);

        // By the link, and twice by the record: what is not linked need not be removed.
        let link = link_of("d").await["id"].clone();
        patch(json!({"remove": [{"link": link}, {"id": c}]}))
            .await
            .ok();
        patch(json!({"remove": [c]})).await.ok();
        assert_eq!(fleet.aboard(&admin, &ship).await, Vec::<String>::new());
        // Fields and links in one write.
        let both = json!({"name": "Fram", "crew": {"add": [a]}});
        let answer = admin.patch(fleet.ships, &ship, both).await.ok();
        assert_eq!(
            (&answer["name"], &answer["crewCount"]),
            (&json!("Fram"), &json!(1))
        );
        patch(json!({"set": []})).await.ok();
        assert_eq!(fleet.aboard(&admin, &ship).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_collection_is_put_and_patched_by_itself() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for fleet in define(&app).await {
        let [a, b, c] = fleet.people(&admin, ["a", "b", "c"]).await;
        let ship = fleet.ship(&admin, "Argo").await;
        let path = fleet.crew(&ship);
        let answer = admin
            .call("PUT", &path, &json!([a, {"id": b, "pay": 1}]))
            .await;
        assert_eq!(answer.ok()["data"].as_array().expect("members").len(), 2);
        assert!(answer.header("etag").is_some());
        let etag = answer.header("etag").map(str::to_owned).expect("a version");
        let change = json!({"remove": [a], "add": [c]});
        let answer = admin.call("PATCH", &path, &change).await;
        let names = answer.column("lastName");
        assert_eq!(names.len(), 2);
        assert!(!names.contains(&"a".to_owned()), "{names:?}");
        assert_eq!(answer.ok()["page"]["hasNext"], false);
        // From the other end.
        let other = format!("/v1/data/{}/{c}/serves", fleet.crew);
        let answer = admin.call("PUT", &other, &json!([])).await;
        assert_eq!(answer.ok()["data"], json!([]));
        assert_eq!(fleet.aboard(&admin, &ship).await, ["b"]);

        // The condition is on the record: its count has changed since.
        let now = admin.get(fleet.ships, &ship).await;
        let now = now.header("etag").map(str::to_owned).expect("a version");
        for (tag, code) in [(&etag, 412), (&now, 200), (&now, 412)] {
            let request = admin.request(reqwest::Method::PUT, &path);
            let members = json!(if code == 200 { vec![&a, &c] } else { vec![&a] });
            let request = request.header("if-match", tag).json(&members);
            assert_eq!(admin.send(request).await.code(), code);
        }
        assert_eq!(fleet.aboard(&admin, &ship).await, ["a", "c"]);
        let nobody = "01890000-0000-7000-8000-000000000000";
        let missing = fleet.crew(nobody);
        for (method, body) in [
            ("PUT", json!([a])),
            ("PATCH", json!({"add": [a]})),
            ("PATCH", json!({"x": 1})),
        ] {
            admin
                .call(method, &missing, &body)
                .await
                .problem(404, "record_not_found");
        }
        admin
            .call("PUT", &path, &json!({"add": [a]}))
            .await
            .problem_at(422, "validation_failed", "");
    }
}

#[tokio::test]
async fn all_faults_of_a_write_are_told_at_once_and_nothing_is_written() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for fleet in define(&app).await {
        let [a, b] = fleet.people(&admin, ["a", "b"]).await;
        let ship = fleet.ship(&admin, "Argo").await;
        let nobody = "01890000-0000-7000-8000-000000000000";
        let places = |answer: crate::support::Response| {
            let problem = answer.json();
            let errors = problem["errors"].as_array().expect("errors").iter();
            let places = errors.map(|one| one["pointer"].as_str().expect("a pointer").to_owned());
            let mut places: Vec<String> = places.collect();
            places.sort();
            (answer.code(), places)
        };
        let crew = json!({"add": [7, {"rank": "x"}, {"id": 1}], "remove": [{"id": a, "link": a}], "more": 1});
        let answer = admin
            .patch(fleet.ships, &ship, json!({"name": 1, "crew": crew}))
            .await;
        let malformed = [
            "/crew/add/0",
            "/crew/add/1/id",
            "/crew/add/2/id",
            "/crew/more",
            "/crew/remove/0",
            "/name",
        ];
        assert_eq!(places(answer).1, malformed);
        let crew = json!({"add": [a, nobody, {"id": b, "pay": "much"}, a, {"id": b, "nothing": 1}], "remove": [nobody, {"link": nobody}]});
        let boats = json!({"add": [nobody, a]});
        let answer = admin
            .patch(
                fleet.ships,
                &ship,
                json!({"name": "Fram", "crew": crew, "boats": boats}),
            )
            .await;
        let wrong = [
            "/boats/add/0",
            "/boats/add/1",
            "/crew/add/1/id",
            "/crew/add/2/pay",
            "/crew/add/3",
            "/crew/add/4",
            "/crew/remove/0",
            "/crew/remove/1/link",
        ];
        let (code, found) = places(answer);
        assert_eq!(
            (code, found.as_slice()),
            (422, wrong.map(str::to_owned).as_slice())
        );
        assert_eq!(admin.get(fleet.ships, &ship).await.ok()["name"], "Argo");
        assert_eq!(fleet.aboard(&admin, &ship).await, Vec::<String>::new());

        let both = json!({"set": [a], "add": [b]});
        for (crew, place) in [
            (both, "/crew/set"),
            (json!({}), "/crew"),
            (json!(null), "/crew"),
            (json!("x"), "/crew"),
            (json!({"set": a}), "/crew/set"),
            (json!({"data": []}), "/crew/data"),
        ] {
            let answer = admin.patch(fleet.ships, &ship, json!({"crew": crew})).await;
            let problem = answer.problem(422, "validation_failed");
            let errors = problem["errors"].as_array().expect("errors").clone();
            assert!(
                errors.iter().any(|one| one["pointer"] == place),
                "{problem}"
            );
        }
        let many: Vec<Json> = (0..501).map(|_| json!(a)).collect();
        let answer = admin
            .patch(fleet.ships, &ship, json!({"crew": {"add": many}}))
            .await;
        answer.problem_at(422, "validation_failed", "/crew");
    }
}

#[tokio::test]
async fn where_two_records_may_be_linked_twice_a_set_counts_its_links() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for kind in crate::support::Kind::both(&app).await {
        let relation = format!("{}Alliance", kind.name);
        let twice =
            json!({"op": "updateRelationType", "relation": relation, "allowDuplicates": true});
        admin.change(json!([twice])).await.ok();
        let (a, b) = (kind.make(&admin, "a").await, kind.make(&admin, "b").await);
        let path = format!("/v1/data/{}/{a}/allies", kind.plural);
        let set = async |items: Json| admin.call("PUT", &path, &items).await.ok();
        let links = |page: &Json| -> Vec<String> {
            let data = page["data"].as_array().expect("members").iter();
            data.map(|one| one["link"]["id"].to_string()).collect()
        };
        let two = set(json!([b, {"id": b, "terms": "loose"}])).await;
        assert_eq!(links(&two).len(), 2);
        assert_eq!(links(&set(json!([b, b])).await), links(&two));
        let three = admin.call("PATCH", &path, &json!({"add": [b]})).await.ok();
        assert_eq!(links(&three).len(), 3);
        let one = set(json!([b])).await;
        assert_eq!(links(&one), links(&two)[..1]);
        admin
            .call("PATCH", &path, &json!({"add": [b, b]}))
            .await
            .ok();
        let none = admin
            .call("PATCH", &path, &json!({"remove": [b]}))
            .await
            .ok();
        assert_eq!(none["data"], json!([]));
    }
}

#[tokio::test]
async fn sets_are_written_over_graphql() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for fleet in define(&app).await {
        let [a, b, c] = fleet.people(&admin, ["a", "b", "c"]).await;
        let create = fleet.document(
            "mutation ($input: ShipInput!) { createShip(input: $input) { id version ship { crewCount crew(sort: [{lastName: ASC}]) { edges { link { rank } node { lastName } } } } } }",
        );
        let crew = json!({"add": [{"id": a}, {"id": b, "rank": "mate"}]});
        let input = json!({"name": "Argo", "crew": crew});
        let data = admin.graphql(&create, json!({"input": input})).await.data();
        let made = data
            .as_object()
            .expect("data")
            .values()
            .next()
            .expect("a payload")
            .clone();
        let id = made["id"].clone();
        let shown = &made[fleet.ship];
        assert_eq!(shown["crewCount"], 2);
        assert_eq!(shown["crew"]["edges"][1]["link"]["rank"], "mate");

        let update = fleet.document(
            "mutation ($id: ID!, $input: ShipPatch!) { updateShip(id: $id, input: $input) { ship { crewCount crew { nodes { lastName } } } } }",
        );
        let change = async |input: Json| {
            let answer = admin.graphql(&update, json!({"id": id, "input": input}));
            answer.await
        };
        let crew = json!({"remove": [{"id": a}], "add": [{"id": c}]});
        change(json!({"crew": crew})).await.data();
        assert_eq!(
            fleet.aboard(&admin, id.as_str().expect("an id")).await,
            ["b", "c"]
        );
        change(json!({"crew": {"set": [{"id": a}]}})).await.data();
        assert_eq!(
            fleet.aboard(&admin, id.as_str().expect("an id")).await,
            ["a"]
        );
        let boat = fleet.boat(&admin, "dinghy").await;
        change(json!({"boats": {"add": [{"id": boat}]}}))
            .await
            .data();
        assert_eq!(
            fleet.boats_of(&admin, id.as_str().expect("an id")).await,
            ["dinghy"]
        );

        let error = change(json!({"crew": {"add": [{"id": "nobody"}]}})).await;
        let error = error.error("validation_failed");
        let place = error["extensions"]["errors"][0]["pointer"]
            .as_str()
            .expect("a pointer");
        assert!(place.ends_with("/input/crew/add/0/id"), "{place}");
        let both = json!({"crew": {"remove": [{"id": a, "link": a}]}});
        assert!(change(both).await.json()["errors"].is_array());
    }
}
