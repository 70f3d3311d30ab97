//! API names: the names of object types, fields and relation types as callers write them.
//!
//! A name is camelCase ASCII, starts with a lower-case letter and has at most [`MAX_LENGTH`]
//! characters. It is metadata: no physical table or column is looked up by it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The most characters that a name may have.
const MAX_LENGTH: usize = 60;

/// Names that have a meaning of their own in requests and answers, so that no field may take them.
const RESERVED: &[&str] = &[
    "and",
    "or",
    "not",
    "some",
    "none",
    "every",
    "count",
    "link",
    "id",
    "version",
    "createdAt",
    "createdBy",
    "updatedAt",
    "updatedBy",
    "ownerId",
    "deletedAt",
    "displayName",
    "restore",
    "history",
    "data",
    "page",
    "nodes",
    "edges",
    "query",
    "mutation",
    "subscription",
    "node",
    "true",
    "false",
    "null",
];

/// Endings of GraphQL type names that are generated from an object type's name.
const RESERVED_ENDINGS: &[&str] = &[
    "Filter",
    "Sort",
    "Connection",
    "Edge",
    "Input",
    "Patch",
    "Payload",
    "Link",
    "Aggregate",
    "Key",
];

/// A checked API name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ApiName(String);

/// Why a text is no API name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NameError {
    /// Wrong first character, wrong characters, empty or too long.
    #[error(
        "{0:?} is no name: use camelCase ASCII letters and digits, starting with a lower-case letter, at most 60 characters"
    )]
    Malformed(String),
    /// The name has another meaning already.
    #[error("{0:?} is reserved; choose another name")]
    Reserved(String),
}

impl ApiName {
    /// Parses a name that an admin gives to an object type, a relation type, a field or a collection.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let well_formed = text.len() <= MAX_LENGTH
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_alphanumeric());
        if !well_formed {
            let shown: String = text.chars().take(80).collect();
            return Err(NameError::Malformed(shown));
        }
        let reserved = RESERVED.iter().any(|word| word.eq_ignore_ascii_case(text))
            || RESERVED_ENDINGS.iter().any(|ending| text.ends_with(ending));
        if reserved {
            Err(NameError::Reserved(text.to_owned()))
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// A name that stands in code (system fields, standard types), where reserved words are meant.
    pub(crate) fn of_code(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in `PascalCase`, as GraphQL types are called.
    pub fn pascal_case(&self) -> String {
        let mut characters = self.0.chars();
        characters.next().map_or_else(String::new, |first| {
            first.to_ascii_uppercase().to_string() + characters.as_str()
        })
    }

    /// The name in `snake_case`, as physical tables and columns are called.
    pub fn snake_case(&self) -> String {
        let mut snake = String::with_capacity(self.0.len() + 4);
        for character in self.0.chars() {
            if character.is_ascii_uppercase() {
                snake.push('_');
            }
            snake.push(character.to_ascii_lowercase());
        }
        snake
    }
}

impl fmt::Display for ApiName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
