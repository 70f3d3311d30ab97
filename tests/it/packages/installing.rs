//! `relata package install` and `uninstall`.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::{put, relata};
use crate::support::TestApp;

/// A package with a type, a field of a standard type, and records.
fn package(folder: &Path, version: &str, fields: &str) {
    let manifest = format!("name: fleet\nversion: {version}\nseeds: [organizations, trucks]\n");
    put(folder, "package.yaml", &manifest);
    let truck = format!(
        "name: truck\nplural: trucks\ntitle: plate\nfields:\n- {{name: plate, type: text, required: true}}\n\
        - {{name: keeper, type: reference, target: organization, inverse: {{name: trucks}}}}\n{fields}"
    );
    put(folder, "object-types/truck.yaml", &truck);
    put(
        folder,
        "object-types/organization.yaml",
        "name: organization\nfields:\n- {name: fleetSize, type: integer}\n",
    );
    put(
        folder,
        "seeds/organizations.yaml",
        "depot:\n  name: The depot\n  fleetSize: 2\n",
    );
    put(
        folder,
        "seeds/trucks.yaml",
        "one:\n  plate: AA-1\n  keeper: {$seed: depot}\ntwo:\n  plate: AA-2\n",
    );
}

async fn plates(app: &TestApp) -> Vec<String> {
    let trucks = app
        .admin()
        .list("trucks", "sort=plate&fields=plate,keeper.name")
        .await;
    trucks.column("plate")
}

#[tokio::test]
async fn a_package_is_installed_upgraded_and_uninstalled() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = folder.path().display().to_string();
    package(folder.path(), "1.0.0", "- {name: colour, type: text}\n");
    let mut app = TestApp::start().await;
    // What the admin has made of standard types is not the package's business.
    app.admin()
        .change(json!([{"op": "updateObjectType", "object": "organization", "label": "Company"}]))
        .await
        .ok();
    let url = app.stop().await;
    relata(&url, &["package", "install", &files, "--dry-run"])
        .await
        .expect("a report");
    relata(&url, &["package", "install", &files])
        .await
        .expect("an installation");
    relata(&url, &["package", "install", &files])
        .await
        .expect("nothing to do");
    app.restart().await;
    assert_eq!(
        plates(&app).await,
        ["AA-1", "AA-2"],
        "the records came once"
    );
    let first = app
        .admin()
        .list(
            "trucks",
            "plate[eq]=AA-1&fields=keeper.name,keeper.fleetSize",
        )
        .await
        .ok();
    assert_eq!(
        (
            &first["data"][0]["keeper"]["name"],
            &first["data"][0]["keeper"]["fleetSize"],
        ),
        (&json!("The depot"), &json!(2))
    );
    let organization = app
        .admin()
        .meta("GET", "objects/organization", Json::Null)
        .await
        .ok();
    assert_eq!(organization["label"], json!("Company"));

    package(folder.path(), "1.1.0", "- {name: axles, type: integer}\n");
    put(
        folder.path(),
        "seeds/trucks.yaml",
        "one:\n  plate: changed\nthree:\n  plate: AA-3\n",
    );
    let url = app.stop().await;
    relata(&url, &["package", "install", &files])
        .await
        .expect("an upgrade");
    app.restart().await;
    assert_eq!(
        plates(&app).await,
        ["AA-1", "AA-2", "AA-3"],
        "an upgrade brings what is new"
    );
    let truck = app
        .admin()
        .meta("GET", "objects/truck", Json::Null)
        .await
        .ok();
    let names = truck["fields"].as_array().expect("fields").iter();
    let names: Vec<&str> = names.filter_map(|field| field["name"].as_str()).collect();
    assert!(
        names.contains(&"axles") && !names.contains(&"colour"),
        "{names:?}"
    );

    let url = app.stop().await;
    relata(&url, &["package", "uninstall", "fleet"])
        .await
        .expect("it goes");
    let unknown = relata(&url, &["package", "uninstall", "fleet"]).await;
    assert!(unknown.expect_err("a refusal").contains("fleet"));
    app.restart().await;
    app.admin()
        .list("trucks", "")
        .await
        .problem(404, "object_not_found");
    let organizations = app.admin().list("organizations", "").await;
    assert_eq!(
        organizations.column("name"),
        [""; 0],
        "its records are gone"
    );
    let organization = app
        .admin()
        .meta("GET", "objects/organization", Json::Null)
        .await
        .ok();
    let fields = organization["fields"].as_array().expect("fields");
    assert!(fields.iter().all(|field| field["name"] != "fleetSize"));
    assert_eq!(organization["label"], json!("Company"));
}

#[tokio::test]
async fn a_package_that_comes_again_comes_with_its_data() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = folder.path().display().to_string();
    package(folder.path(), "1.0.0", "- {name: colour, type: text}\n");
    let mut app = TestApp::start().await;
    let url = app.stop().await;
    let install = ["package", "install", files.as_str()];
    relata(&url, &install).await.expect("an installation");
    app.restart().await;
    let admin = app.admin();
    let own = json!({"plate": "BB-1", "colour": "red"});
    let mine = admin.make("trucks", own).await;
    let values = json!({"name": "Mine", "fleetSize": 7});
    let organization = admin.make("organizations", values).await;

    let url = app.stop().await;
    let uninstall = ["package", "uninstall", "fleet"];
    relata(&url, &uninstall).await.expect("it goes");
    relata(&url, &install).await.expect("it comes again");
    relata(&url, &install).await.expect("nothing to do");
    app.restart().await;
    let admin = app.admin();
    assert_eq!(plates(&app).await, ["AA-1", "AA-2", "BB-1"]);
    assert_eq!(admin.get("trucks", &mine).await.ok()["colour"], "red");
    let read = admin.get("organizations", &organization).await.ok();
    assert_eq!(read["fleetSize"], json!(7));
    let listed = admin.meta("GET", "deleted", Json::Null).await.ok();
    assert_eq!(listed["data"], json!([]));
}

#[tokio::test]
async fn a_package_that_makes_no_sense_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = folder.path().display().to_string();
    let mut app = TestApp::start().await;
    let url = app.stop().await;
    for (fields, manifest, hint) in [
        ("- {name: plate, type: text}\n", None, "plate"),
        ("", Some("name: a b\nversion: 1\n"), "name"),
        ("", Some("version: 1\n"), "package.yaml"),
    ] {
        package(folder.path(), "1.0.0", fields);
        if let Some(manifest) = manifest {
            put(folder.path(), "package.yaml", manifest);
        }
        let refused = relata(&url, &["package", "install", &files])
            .await
            .expect_err("a refusal");
        assert!(refused.contains(hint), "{refused} should mention {hint}");
    }
    app.restart().await;
    let version = app.admin().meta("GET", "version", Json::Null).await.ok();
    assert_eq!(version["version"], json!(1));
}
