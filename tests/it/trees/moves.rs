//! Moves in a tree: nothing comes to lie below itself, whoever else moves, deletes and restores.

use serde_json::json;
use tokio::task::JoinSet;

use super::{chain, found, plant, start, unit};

#[tokio::test]
async fn nothing_is_put_below_itself() {
    let app = start().await;
    let admin = app.admin();
    let ids = chain(&admin, &["a", "b", "c", "d"]).await;
    for below in &ids {
        let refused = admin
            .patch("units", &ids[0], json!({"parent": below}))
            .await;
        refused.problem_at(422, "validation_failed", "/parent");
        let document =
            "mutation($id: ID!, $to: ID!) { updateUnit(id: $id, input: {parent: $to}) { id } }";
        let refused = admin
            .graphql(document, json!({"id": ids[0], "to": below}))
            .await;
        refused.error("validation_failed");
    }
    assert_eq!(
        found(&admin, "descendantsOf", &ids[0]).await,
        ["b", "c", "d"]
    );
    // Moved out of the way first, it can be.
    admin
        .patch("units", &ids[2], json!({"parent": null}))
        .await
        .ok();
    admin
        .patch("units", &ids[0], json!({"parent": ids[3]}))
        .await
        .ok();
    assert_eq!(found(&admin, "ancestorsOf", &ids[1]).await, ["a", "c", "d"]);
    // In one transaction, too.
    let document = "mutation($a: ID!, $b: ID!, $c: ID!) { \
        one: updateUnit(id: $c, input: {parent: $b}) { id } \
        two: updateUnit(id: $a, input: {parent: $c}) { id } }";
    let variables = json!({"a": ids[0], "b": ids[1], "c": ids[2]});
    admin
        .graphql(document, variables)
        .await
        .error("validation_failed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_put_each_below_the_other_one_wins() {
    let app = start().await;
    let admin = app.admin();
    for round in 0..6 {
        let left = chain(&admin, &["l1", "l2", "l3"]).await;
        let right = chain(&admin, &["r1", "r2", "r3"]).await;
        let (one, other) = tokio::join!(
            admin.patch("units", &left[0], json!({"parent": right[2]})),
            admin.patch("units", &right[0], json!({"parent": left[2]}))
        );
        let mut codes = [one.code(), other.code()];
        codes.sort_unstable();
        assert_eq!(
            codes,
            [200, 422],
            "{round}: {} {}",
            one.text(),
            other.text()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_moves_at_once_leave_a_tree() {
    let app = start().await;
    let admin = app.admin();
    let units: Vec<_> = (0..12)
        .map(|number| (format!("u{number:02}"), None))
        .collect();
    let ids = plant(&admin, &units).await;
    let mut movers = JoinSet::new();
    for mover in 0..8_usize {
        let (admin, ids) = (admin.clone(), ids.clone());
        movers.spawn(async move {
            for round in 0..6_usize {
                let (of, to) = ((mover * 5 + round) % 12, (mover * 7 + round * 5 + 1) % 12);
                let answer = admin
                    .patch("units", &ids[of], json!({"parent": ids[to]}))
                    .await;
                assert!(matches!(answer.code(), 200 | 422), "{}", answer.text());
            }
        });
    }
    movers.join_all().await;
    for id in &ids {
        let above = found(&admin, "ancestorsOf", id).await;
        let name = admin.get("units", id).await.ok()["name"].clone();
        assert!(
            above.iter().all(|one| json!(one) != name),
            "{name}: {above:?}"
        );
    }
    let tops = admin.list("units", "parent[isNull]=true").await.ids();
    assert!(!tops.is_empty());
}

#[tokio::test]
async fn a_restored_record_does_not_close_a_circle() {
    let app = start().await;
    let admin = app.admin();
    let ids = chain(&admin, &["a", "b", "c"]).await;
    admin.delete("units", &ids[1]).await.status(204);
    // Without b in between c lies at the top.
    assert!(found(&admin, "descendantsOf", &ids[0]).await.is_empty());
    admin
        .patch("units", &ids[0], json!({"parent": ids[2]}))
        .await
        .ok();
    admin
        .restore("units", &ids[1])
        .await
        .problem(409, "conflict");
    admin
        .patch("units", &ids[0], json!({"parent": null}))
        .await
        .ok();
    admin.restore("units", &ids[1]).await.ok();
    assert_eq!(found(&admin, "descendantsOf", &ids[0]).await, ["b", "c"]);
}

#[tokio::test]
async fn a_tree_that_cascades_goes_with_its_top() {
    let app = start().await;
    let admin = app.admin();
    let cascade = json!({"onDelete": "cascade"});
    admin
        .meta("PATCH", "objects/unit/fields/parent", cascade)
        .await
        .ok();
    let ids = chain(&admin, &["a", "b", "c", "d"]).await;
    unit(&admin, "z", None).await;
    admin.delete("units", &ids[1]).await.status(204);
    assert_eq!(
        admin.list("units", "sort=name").await.column("name"),
        ["a", "z"]
    );
    admin.restore("units", &ids[1]).await.ok();
    assert_eq!(
        found(&admin, "descendantsOf", &ids[0]).await,
        ["b", "c", "d"]
    );
}

#[tokio::test]
async fn a_tree_is_no_deeper_than_it_can_be_walked() {
    let app = start().await;
    let admin = app.admin();
    let mut ids: Vec<String> = Vec::new();
    for level in 0..=100 {
        let parent = ids.last().map(String::as_str);
        ids.push(unit(&admin, &format!("{level:03}"), parent).await);
    }
    let values = json!({"name": "one more", "parent": ids[100]});
    let refused = admin.create("units", values).await;
    refused.problem_at(422, "validation_failed", "/parent");
    assert_eq!(found(&admin, "descendantsOf", &ids[0]).await.len(), 100);
    assert_eq!(found(&admin, "ancestorsOf", &ids[100]).await.len(), 100);
    let above = chain(&admin, &["x"]).await;
    let refused = admin
        .patch("units", &ids[0], json!({"parent": above[0]}))
        .await;
    refused.problem_at(422, "validation_failed", "/parent");
    admin
        .patch("units", &ids[1], json!({"parent": above[0]}))
        .await
        .ok();
}
