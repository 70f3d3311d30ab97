//! Many writers who link the same records at once, each in an order of its own: none of them fails.

use futures::future::join_all;
use serde_json::{Value as Json, json};

use super::define;
use crate::support::{Client, TestApp};

const WRITERS: usize = 24;
const HUBS: usize = 6;

/// The hubs in the order of one writer: forwards or backwards, from another one on.
fn order(hubs: &[String], writer: usize) -> Vec<String> {
    let mut order = hubs.to_vec();
    order.rotate_left(writer % hubs.len());
    if writer % 2 == 1 {
        order.reverse();
    }
    order
}

async fn count(client: &Client, objects: &str, id: &str, field: &str) -> Json {
    client.get(objects, id).await.ok()[field].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_who_link_the_same_hubs_in_opposite_orders_all_succeed() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for fleet in define(&app).await {
        let mut hubs = Vec::new();
        for number in 0..HUBS {
            hubs.push(fleet.ship(&admin, &format!("hub {number}")).await);
        }
        // One transaction of several links each, from either end.
        let document = |order: &[String], person: &str| {
            let links = order.iter().enumerate().map(|(at, hub)| {
                let call = if at % 2 == 0 {
                    format!("linkShipCrew(id: \"{hub}\", target: \"{person}\")")
                } else {
                    let pascal = fleet.person[..1].to_uppercase() + &fleet.person[1..];
                    format!("link{pascal}Serves(id: \"{person}\", target: \"{hub}\")")
                };
                format!("m{at}: {call} {{ id }}")
            });
            let links: Vec<String> = links.collect();
            fleet.document(&format!("mutation {{ {} }}", links.join(" ")))
        };
        let writers = (0..WRITERS).map(|number| {
            let (admin, order) = (admin.clone(), order(&hubs, number));
            let document = &document;
            async move {
                let person = fleet.person(&admin, &format!("p{number}")).await;
                admin
                    .graphql(&document(&order, &person), json!({}))
                    .await
                    .data();
            }
        });
        join_all(writers).await;
        for hub in &hubs {
            assert_eq!(count(&admin, fleet.ships, hub, "crewCount").await, WRITERS);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sets_from_both_ends_at_once_all_succeed() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for fleet in define(&app).await {
        let mut ships = Vec::new();
        let mut people = Vec::new();
        for number in 0..HUBS {
            ships.push(fleet.ship(&admin, &format!("s{number}")).await);
            people.push(fleet.person(&admin, &format!("p{number}")).await);
        }
        let writers = (0..WRITERS).map(|number| {
            let admin = admin.clone();
            let (near, far, path) = if number % 2 == 0 {
                (&ships, &people, format!("{}/$/crew", fleet.ships))
            } else {
                (&people, &ships, format!("{}/$/serves", fleet.crew))
            };
            let path = path.replace('$', &near[number / 2 % HUBS]);
            let members = json!(order(far, number));
            async move {
                let path = format!("/v1/data/{path}");
                let set = admin.call("PUT", &path, &members).await;
                // Both ends may come to the same link: one of them is first.
                assert!(matches!(set.code(), 200 | 409), "{}", set.text());
                admin
                    .call("PATCH", &path, &json!({"remove": members}))
                    .await
                    .ok();
                admin
                    .call("PATCH", &path, &json!({"add": members}))
                    .await
                    .ok();
            }
        });
        join_all(writers).await;
        for ship in &ships {
            assert_eq!(count(&admin, fleet.ships, ship, "crewCount").await, HUBS);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_that_are_moved_to_and_fro_by_many_all_arrive() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for fleet in define(&app).await {
        let (a, b) = (fleet.ship(&admin, "a").await, fleet.ship(&admin, "b").await);
        let mut boats = Vec::new();
        for number in 0..HUBS {
            boats.push(fleet.boat(&admin, &format!("boat {number}")).await);
        }
        let writers = (0..WRITERS).map(|number| {
            let (admin, members) = (admin.clone(), order(&boats, number));
            let ship = if number % 2 == 0 { &a } else { &b };
            async move {
                let path = format!("/v1/data/{}/{ship}/boats", fleet.ships);
                admin
                    .call("PATCH", &path, &json!({"add": members}))
                    .await
                    .ok();
            }
        });
        join_all(writers).await;
        let counts = [
            count(&admin, fleet.ships, &a, "boatCount").await,
            count(&admin, fleet.ships, &b, "boatCount").await,
        ];
        let counts = counts.map(|count| count.as_u64().expect("a count"));
        assert_eq!(counts.iter().sum::<u64>(), HUBS as u64);
        assert!(counts.contains(&0), "all of a write or none: {counts:?}");
    }
}
