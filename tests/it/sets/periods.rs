//! Sets of links that hold for a period.

use serde_json::json;

use super::define;
use crate::support::TestApp;

#[tokio::test]
async fn a_set_ends_what_holds_and_begins_what_is_new() {
    let app = TestApp::start().await;
    let admin = app.admin();
    for fleet in define(&app).await {
        let relation = format!("{}Command", fleet.ship);
        let command = json!({"op": "addRelationType", "name": relation, "temporal": true,
            "source": {"object": fleet.person, "name": "commands"},
            "target": {"object": fleet.ship, "name": "captain", "cardinality": "one"}});
        admin.change(json!([command])).await.ok();
        let [a, b, c] = fleet.people(&admin, ["a", "b", "c"]).await;
        let ship = fleet.ship(&admin, "Argo").await;
        let path = format!("/v1/data/{}/{ship}/captain", fleet.ships);
        let since = json!([{"id": a, "validFrom": "2020-01-01"}]);
        admin.call("PUT", &path, &since).await.ok();
        let now = admin.call("PUT", &path, &json!([b])).await;
        assert_eq!(now.column("lastName"), ["b"]);
        let link = now.ok()["data"][0]["link"].clone();
        assert!(
            link["validFrom"].is_string() && link["validUntil"].is_null(),
            "{link}"
        );
        let then = admin.get_path(&path, "asOf=2024-05-01").await;
        assert_eq!(then.column("lastName"), ["a"]);
        let ended = then.ok()["data"][0]["link"].clone();
        assert_eq!(ended["validUntil"], link["validFrom"]);

        // What began today never held: it is deleted. What is over stays as it is.
        let change = json!({"remove": [b], "add": [c]});
        let now = admin.call("PATCH", &path, &change).await;
        assert_eq!(now.column("lastName"), ["c"]);
        let all = admin.get_path(&path, "validity=all&sort=lastName").await;
        assert_eq!(all.column("lastName"), ["a", "c"]);
        admin
            .call("PATCH", &path, &json!({"remove": [a]}))
            .await
            .ok();
        let then = admin.get_path(&path, "asOf=2024-05-01").await;
        assert_eq!(then.ok()["data"][0]["link"], ended);

        // At an end with one place a second member is refused, and nothing is written.
        let two = json!([c, {"id": a}]);
        admin
            .call("PUT", &path, &two)
            .await
            .problem(409, "conflict");
        let now = admin.get_path(&path, "").await;
        assert_eq!(now.column("lastName"), ["c"]);
        // A link that is to begin is deleted with its member.
        let later = json!({"add": [{"id": a, "validFrom": "2999-01-01"}], "remove": [c]});
        admin.call("PATCH", &path, &later).await.ok();
        admin
            .call("PATCH", &path, &json!({"remove": [a]}))
            .await
            .ok();
        let later = admin.get_path(&path, "asOf=2999-06-01").await;
        assert_eq!(later.ids(), Vec::<String>::new());
    }
}
