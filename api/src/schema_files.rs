//! A schema as files: one YAML file for each object type, relation type, list of options and role, in folders
//! of their own. The same schema gives the same bytes.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use schema::{
    change::SchemaDocument,
    identity::{AccessDocument, RoleDocument},
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

/// Where each kind of thing stands.
const OBJECT_TYPES: &str = "object-types";
const RELATION_TYPES: &str = "relation-types";
const OPTION_LISTS: &str = "option-lists";
const ROLES: &str = "access/roles";

/// Why files can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is no YAML of the form that is needed.
    #[error("{}: {source}", path.display())]
    Yaml {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: serde_yaml_ng::Error,
    },
    /// A file says something that can't be.
    #[error("{}: {message}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
}

/// Writes a schema into a folder, and takes files away that are no part of it.
pub(crate) fn write(folder: &Path, document: &SchemaDocument) -> Result<usize, FileError> {
    let kinds = [
        (OPTION_LISTS, &document.option_lists),
        (OBJECT_TYPES, &document.objects),
        (RELATION_TYPES, &document.relations),
    ];
    let mut written = 0;
    for (kind, entries) in kinds {
        written += write_all(&folder.join(kind), entries)?;
    }
    Ok(written)
}

/// Writes the roles into a folder, in the same way.
pub(crate) fn write_access(folder: &Path, document: &AccessDocument) -> Result<usize, FileError> {
    let mut entries = Vec::with_capacity(document.roles.len());
    for role in &document.roles {
        match serde_json::to_value(role) {
            Ok(Json::Object(entry)) => entries.push(entry),
            Ok(_) | Err(_) => return Err(content(folder, "a role can't be written")),
        }
    }
    write_all(&folder.join(ROLES), &entries)
}

/// Writes a file for each entry, and takes those away that are of none.
fn write_all(folder: &Path, entries: &[Map<String, Json>]) -> Result<usize, FileError> {
    let mut names = BTreeSet::new();
    if !entries.is_empty() {
        fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
    }
    for entry in entries {
        let name = entry.get("name").and_then(Json::as_str).unwrap_or_default();
        let path = folder.join(format!("{name}.yaml"));
        let text = serde_yaml_ng::to_string(entry).map_err(|source| FileError::Yaml {
            path: path.clone(),
            source,
        })?;
        fs::write(&path, text).map_err(|source| failed(&path, source))?;
        names.insert(path);
    }
    for path in yaml_files(folder)? {
        if !names.contains(&path) {
            fs::remove_file(&path).map_err(|source| failed(&path, source))?;
        }
    }
    Ok(entries.len())
}

/// Reads the schema of a folder.
pub(crate) fn read(folder: &Path) -> Result<SchemaDocument, FileError> {
    if !folder.is_dir() {
        return Err(content(folder, "is no folder"));
    }
    Ok(SchemaDocument {
        option_lists: entries(&folder.join(OPTION_LISTS))?,
        objects: entries(&folder.join(OBJECT_TYPES))?,
        relations: entries(&folder.join(RELATION_TYPES))?,
    })
}

/// Reads the roles of a folder; nothing where it has none to say.
pub(crate) fn read_access(folder: &Path) -> Result<Option<AccessDocument>, FileError> {
    let folder = folder.join(ROLES);
    if !folder.is_dir() {
        return Ok(None);
    }
    let mut roles: Vec<RoleDocument> = Vec::new();
    for entry in entries(&folder)? {
        let name = entry.get("name").and_then(Json::as_str).unwrap_or_default();
        let path = folder.join(format!("{name}.yaml"));
        let role = serde_path_to_error::deserialize(Json::Object(entry));
        roles.push(role.map_err(|error| content(&path, error.to_string()))?);
    }
    Ok(Some(AccessDocument { roles }))
}

fn entries(folder: &Path) -> Result<Vec<Map<String, Json>>, FileError> {
    let mut entries: Vec<Map<String, Json>> = Vec::new();
    for path in yaml_files(folder)? {
        let entry: Map<String, Json> = read_yaml(&path)?;
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        if entry.get("name").and_then(Json::as_str) != stem {
            let message = "the member \"name\" must be the name of the file";
            return Err(content(&path, message));
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// The YAML files of a folder by name; none where there is no folder.
pub(crate) fn yaml_files(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for item in fs::read_dir(folder).map_err(|source| failed(folder, source))? {
        let path = item.map_err(|source| failed(folder, source))?.path();
        if path.extension().is_some_and(|ending| ending == "yaml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// What a YAML file says.
pub(crate) fn read_yaml<T: DeserializeOwned>(path: &Path) -> Result<T, FileError> {
    let text = fs::read_to_string(path).map_err(|source| failed(path, source))?;
    serde_yaml_ng::from_str(&text).map_err(|source| FileError::Yaml {
        path: path.to_owned(),
        source,
    })
}

/// A file that says something that can't be.
pub(crate) fn content(path: &Path, message: impl Into<String>) -> FileError {
    FileError::Content {
        path: path.to_owned(),
        message: message.into(),
    }
}

fn failed(path: &Path, source: io::Error) -> FileError {
    FileError::Io {
        path: path.to_owned(),
        source,
    }
}
