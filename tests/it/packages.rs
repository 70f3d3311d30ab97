//! The schema as files, and packages: what the command line does with them, seen over HTTP.

mod examples;
mod files;
mod installing;
mod roles;

use std::{fs, path::Path};

use api::{Config, Secret, cli};

use crate::support::TestApp;

/// Runs a command on a database; what it refuses, as text.
async fn relata(url: &str, words: &[&str]) -> Result<(), String> {
    let arguments = cli::Arguments::of(words).expect("a command");
    let config = Config {
        database_url: Secret::new(url),
        ..Config::default()
    };
    cli::execute(arguments, config)
        .await
        .map_err(|error| error.to_string())
}

/// Writes a file of a package.
fn put(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
    fs::write(path, text).expect("the file is written");
}

/// All files of types in a folder with their texts, by path.
fn texts(folder: &Path) -> Vec<(String, String)> {
    texts_in(folder, &["object-types", "relation-types", "option-lists"])
}

/// All files in these folders of a folder with their texts, by path.
fn texts_in(folder: &Path, kinds: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for kind in kinds {
        let Ok(files) = fs::read_dir(folder.join(kind)) else {
            continue;
        };
        for file in files {
            let path = file.expect("a file").path();
            let name = path.strip_prefix(folder).expect("a file of the folder");
            let text = fs::read_to_string(&path).expect("a text");
            found.push((name.display().to_string(), text));
        }
    }
    found.sort();
    found
}

/// A database on which nobody serves, as after a stop.
async fn stopped() -> (TestApp, String) {
    let mut app = TestApp::start().await;
    let url = app.stop().await;
    (app, url)
}
