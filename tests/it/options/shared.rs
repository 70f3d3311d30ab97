//! Option lists that several fields share.

use serde_json::{Value as Json, json};

use crate::support::{Client, Rules, TestApp};

/// A list of regions, shared by a select, a multiSelect and a field of a relation type.
async fn regions(admin: &Client) {
    let operations = json!([
        {"op": "addOptionList", "name": "regions", "label": "Regions", "options": [
            {"name": "emea", "label": "EMEA"}, {"name": "apac", "label": "APAC"}, {"name": "latam"}]},
        {"op": "addObjectType", "name": "office", "plural": "offices", "fields": [
            {"name": "region", "type": "select", "optionList": "regions"},
            {"name": "serves", "type": "multiSelect", "optionList": "regions"}]},
        {"op": "addRelationType", "name": "tenancy",
         "source": {"object": "organization", "name": "offices"},
         "target": {"object": "office", "name": "tenants"},
         "fields": [{"name": "market", "type": "select", "optionList": "regions"}]},
    ]);
    admin.change(operations).await.ok();
}

#[tokio::test]
async fn fields_offer_the_options_of_the_list() {
    let app = TestApp::start().await;
    let admin = app.admin();
    regions(&admin).await;
    let list = admin
        .meta("GET", "option-lists/regions", Json::Null)
        .await
        .ok();
    assert_eq!(
        list["options"][2],
        json!({"name": "latam", "label": "Latam"})
    );
    assert_eq!(
        list["usedBy"],
        json!(["office.region", "office.serves", "tenancy.market"])
    );
    let described = admin.meta("GET", "objects/office", Json::Null).await.ok();
    let fields = described["fields"].as_array().expect("fields");
    let region = fields
        .iter()
        .find(|field| field["name"] == "region")
        .expect("it");
    assert_eq!(
        (&region["optionList"], &region["options"]),
        (&json!("regions"), &list["options"])
    );

    let office = admin
        .make(
            "offices",
            json!({"region": "emea", "serves": ["apac", "emea"]}),
        )
        .await;
    admin
        .create("offices", json!({"region": "mars"}))
        .await
        .problem_at(422, "validation_failed", "/region");

    // One change of the list reaches all fields.
    let options = json!([{"name": "anz", "label": "Oceania"}, {"name": "apac", "active": false}, {"name": "emea"}, {"name": "latam"}]);
    let changed = admin
        .meta(
            "PATCH",
            "option-lists/regions",
            json!({"options": options, "name": "markets"}),
        )
        .await
        .ok();
    assert_eq!(changed["options"][0]["name"], json!("anz"));
    admin
        .meta("GET", "option-lists/regions", Json::Null)
        .await
        .status(404);
    admin.make("offices", json!({"region": "anz"})).await;
    admin
        .create("offices", json!({"serves": ["apac"]}))
        .await
        .problem_at(422, "validation_failed", "/serves");
    admin
        .patch("offices", &office, json!({"serves": ["apac"]}))
        .await
        .ok();
    let acme = admin.make("organizations", json!({"name": "Acme"})).await;
    admin
        .link(
            &format!("organizations/{acme}/offices"),
            &office,
            json!({"market": "apac"}),
        )
        .await
        .problem_at(422, "validation_failed", "/market");
    admin
        .link(
            &format!("organizations/{acme}/offices"),
            &office,
            json!({"market": "anz"}),
        )
        .await
        .status(201);

    // The names hold after a restart, for what is kept is the id of the list.
    let mut app = app;
    app.restart().await;
    let described = app
        .admin()
        .meta("GET", "objects/office", Json::Null)
        .await
        .ok();
    assert!(described.to_string().contains("\"optionList\":\"markets\""));
}

#[tokio::test]
async fn a_list_in_use_stays_and_so_do_its_options() {
    let app = TestApp::start().await;
    let admin = app.admin();
    regions(&admin).await;
    let office = admin
        .make(
            "offices",
            json!({"region": "emea", "serves": ["apac", "emea"]}),
        )
        .await;
    let refused = admin
        .meta("DELETE", "option-lists/regions", Json::Null)
        .await;
    let text = refused
        .problem_at(422, "validation_failed", "/optionList")
        .to_string();
    for user in ["office.region", "office.serves", "tenancy.market"] {
        assert!(text.contains(user), "{user}: {text}");
    }
    let rest = json!([{"name": "apac"}, {"name": "latam"}]);
    let refused = admin
        .meta("PATCH", "option-lists/regions", json!({"options": rest}))
        .await;
    let text = refused.problem(422, "validation_failed").to_string();
    assert!(
        text.contains("office.region") && text.contains("office.serves"),
        "{text}"
    );
    let change = json!({"options": rest, "replaceOptions": {"emea": "apac"}});
    admin
        .meta("PATCH", "option-lists/regions", change)
        .await
        .ok();
    let read = admin.get("offices", &office).await.ok();
    assert_eq!(
        (&read["region"], &read["serves"]),
        (&json!("apac"), &json!(["apac"]))
    );

    // A field may go over to options of its own, and then the list may go.
    let own = json!({"optionList": null, "options": [{"name": "apac"}]});
    for field in ["region", "serves"] {
        admin
            .meta(
                "PATCH",
                &format!("objects/office/fields/{field}"),
                own.clone(),
            )
            .await
            .ok();
    }
    admin
        .meta("DELETE", "relations/tenancy/fields/market", Json::Null)
        .await
        .status(204);
    admin
        .meta("DELETE", "option-lists/regions", Json::Null)
        .await
        .status(204);
    admin
        .meta("DELETE", "option-lists/regions", Json::Null)
        .await
        .status(404);
    admin.make("offices", json!({"region": "apac"})).await;
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_its_place() {
    let app = TestApp::start().await;
    let admin = app.admin();
    regions(&admin).await;
    for (operation, place) in [
        (
            json!({"op": "addOptionList", "name": "regions", "options": [{"name": "a"}]}),
            "name",
        ),
        (
            json!({"op": "addOptionList", "name": "No name", "options": [{"name": "a"}]}),
            "name",
        ),
        (
            json!({"op": "addOptionList", "name": "empty", "options": []}),
            "options",
        ),
        (
            json!({"op": "addOptionList", "name": "text", "options": "a"}),
            "options",
        ),
        (
            json!({"op": "addOptionList", "name": "whens", "options": [{"name": "a", "when": ["b"]}]}),
            "options",
        ),
        (
            json!({"op": "updateOptionList", "optionList": "nope", "label": "N"}),
            "optionList",
        ),
        (
            json!({"op": "deleteOptionList", "optionList": "nope"}),
            "optionList",
        ),
        (
            json!({"op": "addField", "object": "office", "field": {"name": "a", "type": "select", "optionList": "nope"}}),
            "field/optionList",
        ),
        (
            json!({"op": "addField", "object": "office", "field": {"name": "a", "type": "select", "optionList": "regions", "options": [{"name": "a"}]}}),
            "field",
        ),
        (
            json!({"op": "addField", "object": "office", "field": {"name": "a", "type": "text", "optionList": "regions"}}),
            "field/optionList",
        ),
        (
            json!({"op": "addField", "object": "office", "field": {"name": "a", "type": "select", "optionList": "regions", "default": "mars"}}),
            "field/default",
        ),
        (
            json!({"op": "updateField", "object": "office", "field": "region", "options": [{"name": "a"}]}),
            "",
        ),
        (
            json!({"op": "updateField", "object": "office", "field": "region", "optionList": 7}),
            "optionList",
        ),
    ] {
        let refused = admin.change(json!([operation])).await;
        assert!(
            [400, 409, 422].contains(&refused.code()),
            "{operation}: {refused:?}"
        );
        let pointer = format!("/operations/0/{place}");
        let pointer = pointer.trim_end_matches('/');
        assert!(
            refused.text().contains(&format!("{pointer}\"")),
            "{operation}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn a_list_shows_to_those_who_see_a_field_that_uses_it() {
    let app = TestApp::start().await;
    let admin = app.admin();
    regions(&admin).await;
    let other = json!({"name": "secrets", "options": [{"name": "a"}]});
    admin.meta("POST", "option-lists", other).await.status(201);
    let rules = Rules::none().allow("read", "office", json!({"fields": ["serves"]}));
    for client in app.person_and_key("visitor", rules).await {
        let lists = client.meta("GET", "option-lists", Json::Null).await.ok();
        assert_eq!(lists["data"].as_array().map(Vec::len), Some(1));
        assert_eq!(lists["data"][0]["usedBy"], json!(["office.serves"]));
        let hidden = client.meta("GET", "option-lists/secrets", Json::Null).await;
        let missing = client.meta("GET", "option-lists/nothing", Json::Null).await;
        let (hidden, missing) = (hidden.status(404).text(), missing.status(404).text());
        let strip = |text: String| text.replace("secrets", "nothing").replace(' ', "");
        let cut = |text: &str| {
            text.split("requestId")
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        assert_eq!(cut(&strip(hidden)), cut(&strip(missing)));
        client
            .meta("DELETE", "option-lists/regions", Json::Null)
            .await
            .status(403);
    }
    let outsider = app
        .role("outsider", Rules::none().read("organization"))
        .await;
    let lists = outsider.meta("GET", "option-lists", Json::Null).await.ok();
    assert_eq!(lists["data"], json!([]));
}
