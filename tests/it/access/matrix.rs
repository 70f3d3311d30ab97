//! Who may do what: role by action by object type, found out by requests and printed as one picture.

use serde_json::{Value as Json, json};

use crate::support::{Client, Kind, Rules, TestApp};

/// What each request answers: its status, REST first and GraphQL (`yes` or the code) behind it.
async fn row(app: &TestApp, client: &Client, kind: Kind) -> String {
    let admin = app.admin();
    let id = kind.make(&admin, "x").await;
    let gone = kind.make(&admin, "y").await;
    admin.delete(kind.plural, &gone).await.status(204);
    let rest = [
        client.list(kind.plural, "").await.code(),
        client
            .create(kind.plural, json!({"name": "z"}))
            .await
            .code(),
        client
            .patch(kind.plural, &id, json!({"city": "Utrecht"}))
            .await
            .code(),
        client
            .link(&format!("{}/{id}/allies", kind.plural), &id, json!({}))
            .await
            .code(),
        client.restore(kind.plural, &gone).await.code(),
        client.delete(kind.plural, &id).await.code(),
    ];
    let id = kind.make(&admin, "x").await;
    let mut graphql = Vec::new();
    for document in [
        "{ things { totalCount } }",
        "mutation { createThing(input: {name: \"z\"}) { id } }",
        "mutation { updateThing(id: \"ID\", input: {city: \"Utrecht\"}) { id } }",
        "mutation { linkThingAllies(id: \"ID\", target: \"ID\") { id } }",
        "mutation { restoreThing(id: \"ID\") { id } }",
        "mutation { deleteThing(id: \"ID\") { id } }",
    ] {
        let body = kind
            .graphql(client, &document.replace("ID", &id), Json::Null)
            .await
            .json();
        let code = body["errors"][0]["extensions"]["code"].as_str();
        graphql.push(code.unwrap_or("yes").to_owned());
    }
    let cells = rest
        .iter()
        .zip(graphql)
        .map(|(status, code)| format!("{:<22}", format!("{status} {code}")));
    cells.collect::<String>()
}

#[tokio::test]
async fn roles_actions_and_types() {
    let app = TestApp::start().await;
    let kinds = Kind::both(&app).await;
    let of = |actions: &[&str], kind: Kind| {
        actions.iter().fold(Rules::none(), |rules, action| {
            rules.allow(action, kind.name, json!({"fields": "*"}))
        })
    };
    let all = kinds.into_iter().fold(Rules::none(), |rules, kind| {
        let actions = ["read", "create", "update", "delete", "link"];
        let rules = actions.iter().fold(rules, |rules, action| {
            rules.allow(action, kind.name, json!({}))
        });
        let relation = format!("{}Alliance", kind.name);
        rules.read(&relation).allow("link", &relation, json!({}))
    });
    app.add_role("all", &all).await;
    app.add_role("readVentures", &of(&["read"], kinds[1])).await;
    app.add_role("createVentures", &of(&["create"], kinds[1]))
        .await;
    app.add_role("updateOrganizations", &of(&["read", "update"], kinds[0]))
        .await;
    app.add_role("deleteOrganizations", &of(&["read", "delete"], kinds[0]))
        .await;
    app.add_role("nothing", &Rules::none()).await;
    let heads =
        ["list", "create", "update", "link", "restore", "delete"].map(|head| format!("{head:<22}"));
    let mut lines = vec![format!("{:<34}{}", "", heads.concat())];
    for role in [
        "all",
        "readVentures",
        "createVentures",
        "updateOrganizations",
        "deleteOrganizations",
        "nothing",
    ] {
        let mut rows = Vec::new();
        for client in [app.user(&[role]).await, app.key(&[role], json!({})).await] {
            let mut both = Vec::new();
            for kind in kinds {
                both.push(format!(
                    "{role:<20} {:<13}{}",
                    kind.name,
                    row(&app, &client, kind).await
                ));
            }
            rows.push(both);
        }
        assert_eq!(rows[0], rows[1], "a person and a key of the same role");
        lines.append(&mut rows[0]);
    }
    let picture: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    insta::assert_snapshot!(picture.join("\n"));
}
