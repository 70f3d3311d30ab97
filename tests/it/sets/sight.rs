//! What sets tell and do for a caller with narrow rights.

use serde_json::json;

use super::define;
use crate::support::{Rules, TestApp};

#[tokio::test]
async fn a_set_leaves_what_its_caller_does_not_see() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for fleet in define(&app).await {
        let [seen, hidden, secret, new] = fleet
            .people(&admin, ["seen", "x-hidden", "secret", "new"])
            .await;
        let ship = fleet.ship(&admin, "Argo").await;
        let crew = json!([seen, hidden, {"id": secret, "rank": "spy"}]);
        admin.call("PUT", &fleet.crew(&ship), &crew).await.ok();
        let visible = json!({"where": {"lastName": {"neq": "x-hidden"}}});
        let links = json!({"where": {"not": {"rank": {"eq": "spy"}}}});
        let rules = Rules::none()
            .allow("read", fleet.person, visible.clone())
            .allow("link", fleet.person, visible)
            .read(fleet.ship)
            .allow("link", fleet.ship, json!({}))
            .allow("read", fleet.relation, links.clone())
            .allow("link", fleet.relation, links);
        for (number, narrow) in app
            .person_and_key(&format!("{}narrow", fleet.ship), rules)
            .await
            .into_iter()
            .enumerate()
        {
            let path = fleet.crew(&ship);
            let set = narrow.call("PUT", &path, &json!([new])).await;
            assert_eq!(set.column("lastName"), ["new"], "{number}");
            let all = ["new", "secret", "x-hidden"].map(str::to_owned);
            assert_eq!(fleet.aboard(&admin, &ship).await, all);
            // A member that is hidden is one that does not exist, to be added and to be removed.
            let nobody = "01890000-0000-7000-8000-000000000000";
            for (list, place) in [("remove", "/remove/0"), ("add", "/add/0/id")] {
                let of = async |id: &str| {
                    let answer = narrow.call("PATCH", &path, &json!({list: [id]})).await;
                    let problem = answer.problem_at(422, "validation_failed", place);
                    problem["errors"].clone()
                };
                assert_eq!(of(&hidden).await, of(nobody).await);
            }
            // A hidden link to a record in sight: there is nothing to remove, and a new one is in its way.
            narrow
                .call("PATCH", &path, &json!({"remove": [secret]}))
                .await
                .ok();
            let again = narrow.call("PATCH", &path, &json!({"add": [secret]})).await;
            let problem = again.problem(409, "conflict");
            assert!(
                !problem["detail"]
                    .as_str()
                    .expect("a detail")
                    .contains("link 0")
            );
            assert_eq!(fleet.aboard(&admin, &ship).await, all);
            // To change links the record itself need not be changeable, but the rest of it stays closed.
            let fields = json!({"name": "mine", "crew": {"add": [seen]}});
            narrow
                .patch(fleet.ships, &ship, fields)
                .await
                .problem(403, "forbidden");
            narrow
                .patch(fleet.ships, &ship, json!({"crew": {"set": [seen]}}))
                .await
                .ok();
            let patched = ["secret", "seen", "x-hidden"].map(str::to_owned);
            assert_eq!(fleet.aboard(&admin, &ship).await, patched);
            // The boats are not theirs to know of.
            let boats = json!({"boats": {"add": [ship]}});
            let unknown = json!({"nothing": {"add": [ship]}});
            let refused = async |body| narrow.patch(fleet.ships, &ship, body).await.json();
            let (boats, unknown) = (refused(boats).await, refused(unknown).await);
            assert_eq!(boats["code"], unknown["code"]);
        }
    }
}

#[tokio::test]
async fn a_member_is_moved_only_by_who_may_change_it() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for fleet in define(&app).await {
        let boat = format!("{}Boat", fleet.ship);
        let (own, fixed) = (
            fleet.boat(&admin, "own").await,
            fleet.boat(&admin, "fixed").await,
        );
        let ship = admin
            .make(fleet.ships, json!({"name": "Argo", "boats": [own, fixed]}))
            .await;
        let rules = Rules::none()
            .read(fleet.ship)
            .allow("link", fleet.ship, json!({}))
            .read(&boat)
            .allow("update", &boat, json!({"where": {"name": {"eq": "own"}}}));
        let path = format!("/v1/data/{}/{ship}/boats", fleet.ships);
        for narrow in app
            .person_and_key(&format!("{}mover", fleet.ship), rules)
            .await
        {
            let set = narrow.call("PUT", &path, &json!([])).await;
            assert_eq!(set.column("name"), ["fixed"]);
            narrow
                .call("PATCH", &path, &json!({"remove": [fixed]}))
                .await
                .problem(403, "forbidden");
            narrow
                .call("PATCH", &path, &json!({"add": [own]}))
                .await
                .ok();
            assert_eq!(fleet.boats_of(&admin, &ship).await, ["fixed", "own"]);
        }
        let reader = Rules::none().read(fleet.ship).read(&boat);
        let reader = app.role(&format!("{}reader", fleet.ship), reader).await;
        reader
            .call("PATCH", &path, &json!({"add": [own]}))
            .await
            .problem(403, "forbidden");
    }
}
