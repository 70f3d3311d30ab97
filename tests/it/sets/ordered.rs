//! Collections that keep the order of their members.

use futures::future::join_all;
use serde_json::{Value as Json, json};

use super::{Fleet, define};
use crate::support::{Client, Rules, TestApp};

async fn make_ordered(app: &TestApp, fleet: Fleet) {
    let boat = format!("{}Boat", fleet.ship);
    let inverse = json!({"name": "boats", "ordered": true});
    let operations = json!([
        {"op": "updateRelationType", "relation": fleet.relation, "target": {"ordered": true}},
        {"op": "updateField", "object": boat, "field": "ship", "inverse": inverse},
    ]);
    app.admin().change(operations).await.ok();
}

/// The names of the crew and of the boats in the order of the collection, by every way that leads to them.
async fn order(client: &Client, fleet: Fleet, ship: &str) -> [Vec<String>; 2] {
    let mut found = Vec::new();
    for (collection, name) in [("crew", "lastName"), ("boats", "name")] {
        let path = format!("/v1/data/{}/{ship}/{collection}", fleet.ships);
        let flat = client.get_path(&path, "").await.column(name);
        let mut paged = Vec::new();
        let mut after = String::new();
        loop {
            let page = client.get_path(&path, &format!("limit=2{after}")).await;
            paged.extend(page.column(name));
            let page = page.ok()["page"].clone();
            if page["hasNext"] != true {
                break;
            }
            after = format!("&after={}", page["next"].as_str().expect("a cursor"));
        }
        assert_eq!(paged, flat);
        let nested = format!("fields={collection}.{name}");
        let nested = client
            .get_path(&format!("/v1/data/{}/{ship}", fleet.ships), &nested)
            .await
            .ok();
        let members = nested[collection]["data"].as_array().expect("members");
        let nested: Vec<&str> = members.iter().filter_map(|it| it[name].as_str()).collect();
        assert_eq!(nested, flat);
        let document = format!(
            "query ($id: ID!) {{ ship(id: $id) {{ {collection} {{ nodes {{ {name} }} }} }} }}"
        );
        let document = fleet.document(&document);
        let data = client.graphql(&document, json!({"id": ship})).await.data();
        let nodes = data[fleet.ship][collection]["nodes"]
            .as_array()
            .expect("nodes");
        let nodes: Vec<&str> = nodes.iter().filter_map(|it| it[name].as_str()).collect();
        assert_eq!(nodes, flat);
        found.push(flat);
    }
    found.try_into().expect("two collections")
}

fn names(text: &str) -> [Vec<String>; 2] {
    let names: Vec<String> = text.chars().map(String::from).collect();
    [names.clone(), names]
}

/// A ship with people and boats of these names, not in the order of their ids.
async fn grow(client: &Client, fleet: Fleet, text: &str) -> (String, Vec<[String; 2]>) {
    let mut members = Vec::new();
    for name in text.chars() {
        let name = name.to_string();
        let person = fleet.person(client, &name).await;
        members.push([person, fleet.boat(client, &name).await]);
    }
    let all = |at: usize| members.iter().map(|it| &it[at]).collect::<Vec<_>>();
    let ship = json!({"name": "Argo", "crew": all(0), "boats": all(1)});
    (client.make(fleet.ships, ship).await, members)
}

async fn change(client: &Client, fleet: Fleet, ship: &str, of: impl Fn(usize) -> Json) {
    let body = json!({"crew": of(0), "boats": of(1)});
    client.patch(fleet.ships, ship, body).await.ok();
}

#[tokio::test]
async fn members_keep_the_order_that_a_set_gives_and_move_one_by_one() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for fleet in define(&app).await {
        make_ordered(&app, fleet).await;
        let (ship, ids) = grow(&admin, fleet, "abcde").await;
        let is = async |text: &str| assert_eq!(order(&admin, fleet, &ship).await, names(text));
        is("abcde").await;
        let set = |text: &'static str, ids: &[[String; 2]]| {
            let ids = ids.to_vec();
            move |of: usize| {
                let listed = text
                    .bytes()
                    .map(|it| ids[usize::from(it - b'a')][of].clone());
                json!({"set": listed.collect::<Vec<_>>()})
            }
        };
        change(&admin, fleet, &ship, set("ebadc", &ids)).await;
        is("ebadc").await;
        for (moved, position, expected) in [
            (2, json!({"at": 0}), "cebad"),
            (4, json!({"at": 99}), "cbade"),
            (0, json!({"after": 4}), "cbdea"),
            (0, json!({"before": 1}), "cabde"),
            (0, json!({"before": 1}), "cabde"),
            (3, json!({"at": 1}), "cdabe"),
            (2, json!({"after": 1}), "dabce"),
        ] {
            let at = |of: usize| {
                let mut position = position.clone();
                for key in ["before", "after"] {
                    if let Some(other) = position[key].as_u64() {
                        position[key] = json!(ids[usize::try_from(other).expect("small")][of]);
                    } else if let Some(members) = position.as_object_mut() {
                        members.remove(key);
                    }
                }
                json!({"add": [{"id": ids[moved][of], "position": position}]})
            };
            change(&admin, fleet, &ship, at).await;
            is(expected).await;
        }
        // New ones come last, and so does one that comes back.
        let remove = |of: usize| json!({"remove": [ids[3][of]]});
        change(&admin, fleet, &ship, remove).await;
        change(&admin, fleet, &ship, |of| json!({"add": [ids[3][of]]})).await;
        is("abced").await;
        // Another sort is one that is asked for.
        assert_eq!(fleet.aboard(&admin, &ship).await, ["a", "b", "c", "d", "e"]);
        change(&admin, fleet, &ship, set("dce", &ids)).await;
        is("dce").await;
    }
}

#[tokio::test]
async fn what_was_there_before_stands_in_the_order_of_its_ids() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for fleet in define(&app).await {
        let (ship, ids) = grow(&admin, fleet, "ba").await;
        let version = admin.get(&fleet.boats(), &ids[0][1]).await.ok()["version"].clone();
        make_ordered(&app, fleet).await;
        assert_eq!(order(&admin, fleet, &ship).await, names("ba"));
        let now = admin.get(&fleet.boats(), &ids[0][1]).await.ok();
        assert_eq!(now["version"], version);
        let first = |of: usize| json!({"add": [{"id": ids[1][of], "position": {"at": 0}}]});
        change(&admin, fleet, &ship, first).await;
        assert_eq!(order(&admin, fleet, &ship).await, names("ab"));

        // It is told, it is kept by what does not speak of it, and it can't be taken back.
        let described = admin
            .meta("GET", &format!("relations/{}", fleet.relation), Json::Null)
            .await
            .ok();
        assert_eq!(
            (
                &described["target"]["ordered"],
                &described["source"]["ordered"]
            ),
            (&json!(true), &json!(false))
        );
        let boat = format!("{}Boat", fleet.ship);
        let rename = json!({"op": "updateField", "object": boat, "field": "ship", "inverse": {"name": "boats", "label": "All boats"}});
        admin.change(json!([rename])).await.ok();
        assert_eq!(order(&admin, fleet, &ship).await, names("ab"));
        let object = admin
            .meta("GET", &format!("objects/{}", fleet.ship), Json::Null)
            .await
            .ok();
        let collections = object["relations"].as_array().expect("collections");
        let ordered = collections
            .iter()
            .filter(|it| it["ordered"] == true)
            .count();
        assert_eq!(ordered, 2);
        for back in [
            json!({"op": "updateRelationType", "relation": fleet.relation, "target": {"ordered": false}}),
            json!({"op": "updateField", "object": boat, "field": "ship", "inverse": {"name": "boats", "ordered": false}}),
            json!({"op": "addField", "relation": fleet.relation, "field": {"name": "position", "type": "text"}}),
        ] {
            let refused = admin.change(json!([back])).await;
            assert_eq!(refused.code(), 422, "{}", refused.text());
        }
    }
}

#[tokio::test]
async fn a_place_is_named_by_what_its_caller_sees() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for fleet in define(&app).await {
        make_ordered(&app, fleet).await;
        let (ship, ids) = grow(&admin, fleet, "axbxc").await;
        let visible = |field: &str| json!({"where": {field: {"neq": "x"}}});
        let boat = format!("{}Boat", fleet.ship);
        let rules = Rules::none()
            .allow("read", fleet.person, visible("lastName"))
            .allow("link", fleet.person, visible("lastName"))
            .read(fleet.ship)
            .allow("link", fleet.ship, json!({}))
            .read(fleet.relation)
            .allow("link", fleet.relation, json!({}))
            .allow("read", &boat, visible("name"))
            .allow("update", &boat, visible("name"));
        for narrow in app
            .person_and_key(&format!("{}mover", fleet.ship), rules)
            .await
        {
            change(
                &admin,
                fleet,
                &ship,
                |of| json!({"set": [ids[0][of], ids[1][of], ids[2][of], ids[3][of], ids[4][of]]}),
            )
            .await;
            let to = |place: usize| {
                let ids = ids.clone();
                move |of: usize| json!({"add": [{"id": ids[4][of], "position": {"at": place}}]})
            };
            change(&narrow, fleet, &ship, to(1)).await;
            assert_eq!(order(&narrow, fleet, &ship).await, names("acb"));
            assert_eq!(order(&admin, fleet, &ship).await, names("axcbx"));
            let nobody = "01890000-0000-7000-8000-000000000000";
            for (collection, of) in [("crew", 0), ("boats", 1)] {
                let refused = async |other: &str| {
                    let item = json!({"id": ids[0][of], "position": {"after": other}});
                    let body = json!({collection: {"add": [item]}});
                    let place = format!("/{collection}/add/0/position/after");
                    let answer = narrow.patch(fleet.ships, &ship, body).await;
                    answer.problem_at(422, "validation_failed", &place)["errors"].clone()
                };
                assert_eq!(refused(&ids[1][of]).await, refused(nobody).await);
            }
        }
        for (position, place) in [
            (json!({"at": -1}), "/add/0/position"),
            (json!({"at": 1, "before": ids[0][0]}), "/add/0/position"),
            (json!("first"), "/add/0/position"),
            (json!({"before": ids[1][0]}), "/add/0/position/before"),
        ] {
            let change = json!({"add": [{"id": ids[1][0], "position": position}]});
            let answer = admin.call("PATCH", &fleet.crew(&ship), &change).await;
            answer.problem_at(422, "validation_failed", place);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_that_many_move_at_once_keep_a_whole_order() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for fleet in define(&app).await {
        make_ordered(&app, fleet).await;
        let (ship, ids) = grow(&admin, fleet, "abcdefgh").await;
        let moves = (0..32_usize).map(|number| {
            let (admin, ids, ship) = (admin.clone(), ids.clone(), ship.clone());
            async move {
                let place = number * 5 % 8;
                let to = |of: usize| {
                    let id = &ids[number % 8][of];
                    json!({"add": [{"id": id, "position": {"at": place}}]})
                };
                change(&admin, fleet, &ship, to).await;
            }
        });
        join_all(moves).await;
        for mut found in order(&admin, fleet, &ship).await {
            found.sort();
            assert_eq!(found.concat(), "abcdefgh");
        }
        // A member moves again and again to the same place, and there is room.
        for number in 0..24 {
            let to =
                |of: usize| json!({"add": [{"id": ids[number % 8][of], "position": {"at": 1}}]});
            change(&admin, fleet, &ship, to).await;
            let second = order(&admin, fleet, &ship)
                .await
                .map(|found| found[1].clone());
            let expected = char::from(b'a' + u8::try_from(number % 8).expect("small")).to_string();
            assert_eq!(second, [expected.clone(), expected]);
        }
    }
}
