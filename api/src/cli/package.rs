//! `relata package` on the terminal: packages of types and records.
//!
//! A package is a folder: `package.yaml` with its name and version, the files of its types as `relata
//! schema export` writes them, and in `seeds/` lists of records by the plural name of their type.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Subcommand;
use schema::{Package, Seed, SystemClock};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::{
    print,
    schema::{caller, told},
};
use crate::{
    Config, StartError,
    schema_files::{self, FileError, content, read_yaml, yaml_files},
};

/// What to do with packages.
#[derive(Debug, Subcommand)]
pub(super) enum PackageCommand {
    /// Install a package, or bring an installed one to the version of the folder.
    Install {
        /// The folder of the package.
        folder: PathBuf,
        /// Show what it would do, and do nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Delete what a package brought. It can come back with the package for a while.
    Uninstall {
        /// The name of the package.
        name: String,
        /// Show what it would do, and do nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// List the installed packages.
    List,
}

/// `package.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    name: String,
    version: String,
    #[serde(default, rename = "description")]
    _description: String,
    /// The files of `seeds/` in the order in which they are needed; by name when absent.
    #[serde(default)]
    seeds: Vec<String>,
}

/// Runs the command.
pub(super) async fn run(command: PackageCommand, config: Config) -> Result<(), StartError> {
    crate::migrate(config.database_url.expose()).await?;
    let state = crate::open(config, Arc::new(SystemClock)).await?;
    let (engine, caller) = (&state.engine, caller(&state));
    let report = match command {
        PackageCommand::Install { folder, dry_run } => {
            let package = read(&folder)?;
            engine.install_package(&caller, &package, dry_run).await
        }
        PackageCommand::Uninstall { name, dry_run } => {
            engine.uninstall_package(&caller, &name, dry_run).await
        }
        PackageCommand::List => {
            for package in engine
                .list_packages(&caller)
                .await
                .map_err(StartError::Refused)?
            {
                print(&format!("{} {}\n", package.name, package.version));
            }
            return Ok(());
        }
    };
    let report = report.map_err(StartError::Refused)?;
    if let Some(change) = &report.change {
        print(&told(change, &[]));
    }
    print(&format!("{} records.\n", report.records));
    Ok(())
}

/// The package of a folder.
fn read(folder: &Path) -> Result<Package, FileError> {
    let manifest: Manifest = read_yaml(&folder.join("package.yaml"))?;
    let seeds = folder.join("seeds");
    let files = if manifest.seeds.is_empty() {
        yaml_files(&seeds)?
    } else {
        let named = manifest.seeds.iter();
        named
            .map(|name| seeds.join(format!("{name}.yaml")))
            .collect()
    };
    let mut package = Package {
        name: manifest.name,
        version: manifest.version,
        document: schema_files::read(folder)?,
        seeds: Vec::new(),
    };
    for file in files {
        let stem = file.file_stem().and_then(|stem| stem.to_str());
        let object = stem.unwrap_or_default().to_owned();
        let records: Map<String, Json> = read_yaml(&file)?;
        for (key, values) in records {
            let Json::Object(values) = values else {
                return Err(content(&file, format!("the seed {key:?} is no object")));
            };
            if package.seeds.iter().any(|seed| seed.key == key) {
                return Err(content(&file, format!("the seed {key:?} occurs twice")));
            }
            package.seeds.push(Seed {
                key,
                object: object.clone(),
                values,
            });
        }
    }
    Ok(package)
}
