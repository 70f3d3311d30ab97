//! Non-interference: two worlds that differ only in what a caller may not see answer it alike, whatever it
//! asks: status, headers, body, order, counts, errors, descriptions.
//!
//! The worlds are two copies of one database, to which an administrator does different things out of the
//! caller's sight. Random programs of requests are then sent to both, over every operation of REST and
//! GraphQL. Both take their time from one clock that stands still.

mod callers;
mod chance;
mod compare;
mod differences;
mod graphql;
mod pair;
mod rest;
mod vocabulary;

use std::collections::BTreeSet;

use chance::Chance;
use pair::{Pair, Sight};

use crate::support::{Kind, setting};

/// How many requests a program has.
const REQUESTS: usize = 250;

/// Runs programs as each caller of a pair of worlds. `TEST_SEED`, a number, gives other worlds and programs.
async fn run(sight: Sight, seed: u64) {
    let more: u64 = setting("TEST_SEED").map_or(0, |text| text.parse().expect("a number"));
    let seed = seed + 10 * more;
    let mut pair = Pair::start(sight, seed).await;
    let mut chance = Chance::new(seed);
    for caller in 0..pair.callers() {
        pair.act_as(caller);
        for _ in 0..REQUESTS {
            chance.begin();
            let request = if chance.one_in(3) {
                graphql::request(&mut chance, &pair)
            } else {
                rest::request(&mut chance, &pair)
            };
            pair.send(&request).await;
        }
    }
    pair.has_learned_something(sight);
}

#[tokio::test]
async fn a_caller_who_sees_some_rows_learns_nothing_of_the_others() {
    run(Sight::Rows, 1).await;
}

#[tokio::test]
async fn a_caller_who_sees_some_cells_learns_nothing_of_the_others() {
    run(Sight::Cells, 2).await;
}

#[tokio::test]
async fn a_caller_who_may_only_read_learns_nothing_of_what_is_hidden() {
    run(Sight::ReadsOnly, 3).await;
}

#[tokio::test]
async fn a_caller_who_sees_masked_cells_learns_nothing_of_the_rest_of_them() {
    run(Sight::Masked, 4).await;
}

#[tokio::test]
async fn a_caller_who_sees_what_is_shared_learns_nothing_of_the_others() {
    run(Sight::Shared, 5).await;
}

#[tokio::test]
async fn a_caller_who_sees_what_is_of_a_team_learns_nothing_of_the_others() {
    run(Sight::Team, 26).await;
}

#[tokio::test]
async fn every_operation_is_among_those_that_programs_are_made_of() {
    let app = crate::support::TestApp::start().await;
    let kinds = Kind::both(&app).await;
    let contract = app.admin().get_path("/openapi.json", "").await.ok();
    let known: BTreeSet<String> = rest::operations().map(str::to_owned).collect();
    let mut used = BTreeSet::new();
    for (path, item) in contract["paths"].as_object().expect("paths") {
        for method in ["get", "post", "put", "patch", "delete"] {
            if item[method].is_object() {
                let operation = rest::neutral(method, path);
                assert!(
                    known.contains(&operation),
                    "{operation} is new: add it to the table of tests/it/worlds/rest.rs"
                );
                used.insert(operation);
            }
        }
    }
    let stale: Vec<_> = known.difference(&used).collect();
    assert!(stale.is_empty(), "no operations any more: {stale:?}");
    graphql::every_root_field_is_known(&app.admin(), kinds).await;
}
