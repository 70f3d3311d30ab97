//! The packages of `examples/packages/` install, and are the same when they are installed again.

use std::{fs, path::PathBuf};

use serde_json::{Value as Json, json};

use super::relata;
use crate::support::TestApp;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples/packages")
}

#[tokio::test]
async fn each_package_installs_and_has_nothing_left_to_do() {
    let mut names = Vec::new();
    for item in fs::read_dir(folder()).expect("the packages") {
        let path = item.expect("a package").path();
        let files = path.display().to_string();
        let mut app = TestApp::start().await;
        let url = app.stop().await;
        if let Err(refused) = relata(&url, &["package", "install", &files]).await {
            panic!("{files}: {refused}");
        }
        app.restart().await;
        let version = app.admin().meta("GET", "version", Json::Null).await.ok();
        assert_eq!(version["version"], json!(2), "{files} is one changeset");
        let url = app.stop().await;
        relata(&url, &["package", "install", &files])
            .await
            .expect("nothing to do");
        app.restart().await;
        let again = app.admin().meta("GET", "version", Json::Null).await.ok();
        assert_eq!(again, version, "{files} has nothing left to do");
        let name = path.file_name().expect("a name");
        let name = name.to_string_lossy().into_owned();
        let url = app.stop().await;
        for [verb, what] in [["uninstall", &name], ["install", &files]] {
            if let Err(refused) = relata(&url, &["package", verb, what]).await {
                panic!("{verb} {what}: {refused}");
            }
        }
        app.restart().await;
        let back = app.admin().meta("GET", "version", Json::Null).await.ok();
        assert_eq!(back["version"], json!(4), "{name} goes and comes back");
        names.push(name);
    }
    names.sort();
    assert_eq!(names, ["espocrm", "logistics", "membership"]);
}
