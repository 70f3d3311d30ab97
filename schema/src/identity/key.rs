//! API keys as the API shows them, and their scopes.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    access::{Action, Scope, Scopes},
    catalog::Catalog,
    error::{Fault, FaultCode, Place},
    id::{KeyId, PartnerId},
};

/// A key as the API shows it. The secret shows once, in [`CreatedKey`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Key {
    /// The key.
    pub id: KeyId,
    /// The public part of the key's text, which stands in logs.
    pub key_id: String,
    /// What people call it.
    pub name: String,
    /// The partner that it acts for.
    pub partner: Option<PartnerId>,
    /// The names of its roles.
    pub roles: Vec<String>,
    /// What it is narrowed to; null narrows nothing.
    pub scopes: Option<Vec<String>>,
    /// From when on it is refused.
    pub expires_at: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<String>,
    /// The minute of its last use.
    pub last_used_at: Option<String>,
    /// When it was created.
    pub created_at: String,
}

/// A new key with its text.
#[derive(Clone, Debug, Serialize)]
pub struct CreatedKey {
    /// The key.
    #[serde(flatten)]
    pub key: Key,
    /// The whole text, to be sent as `Authorization: Bearer …`. It can't be read again.
    pub secret: String,
}

/// A key to create.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewKey {
    /// What people call it.
    pub name: String,
    /// The id of the partner that it acts for.
    #[serde(default)]
    pub partner: Option<String>,
    /// The names or ids of its roles, at least one.
    pub roles: Vec<String>,
    /// What it is narrowed to, each `data:<object>:<action>`.
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
    /// From when on it is refused, RFC 3339.
    #[serde(default)]
    pub expires_at: Option<String>,
}

/// A scope as it is stored: by ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct StoredScope {
    /// The object or relation type; null is every one.
    pub(crate) subject: Option<Uuid>,
    /// The action; null is every one.
    pub(crate) action: Option<Action>,
}

/// The scopes that the texts name, or one fault for each text that names none.
pub(crate) fn parse_scopes(
    catalog: &Catalog,
    texts: &[String],
    place: &Place,
) -> Result<BTreeSet<StoredScope>, Vec<Fault>> {
    let mut scopes = BTreeSet::new();
    let mut faults = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        match parse_scope(catalog, text) {
            Some(scope) => {
                scopes.insert(scope);
            }
            None => faults.push(Fault {
                place: place.child(at),
                code: FaultCode::InvalidValue,
                message: "is no scope; write data:<object>:<action>, such as data:shipment:read or data:*:read".to_owned(),
            }),
        }
    }
    if texts.is_empty() {
        faults.push(Fault {
            place: place.clone(),
            code: FaultCode::InvalidValue,
            message: "must name at least one scope; leave it out to narrow nothing".to_owned(),
        });
    }
    if faults.is_empty() {
        Ok(scopes)
    } else {
        Err(faults)
    }
}

/// Stored scopes as the API shows them. One whose type is gone shows its id: it allows nothing.
pub(crate) fn scope_texts(catalog: &Catalog, scopes: &BTreeSet<StoredScope>) -> Vec<String> {
    scopes
        .iter()
        .map(|scope| {
            let subject = scope.subject.map_or_else(
                || "*".to_owned(),
                |id| {
                    let subject = catalog.find_subject_by_id(id);
                    let name = subject.and_then(|subject| catalog.subject_name(subject));
                    name.map_or_else(|| id.to_string(), str::to_owned)
                },
            );
            format!("data:{subject}:{}", scope.action.map_or("*", action_name))
        })
        .collect()
}

impl From<&BTreeSet<StoredScope>> for Scopes {
    fn from(stored: &BTreeSet<StoredScope>) -> Self {
        let scope = |scope: &StoredScope| Scope {
            subject: scope.subject,
            action: scope.action,
        };
        Self(stored.iter().map(scope).collect())
    }
}

fn parse_scope(catalog: &Catalog, text: &str) -> Option<StoredScope> {
    let (data, rest) = text.split_once(':')?;
    let (object, action) = rest.split_once(':')?;
    if data != "data" {
        return None;
    }
    let subject = match object {
        "*" => None,
        name => Some(catalog.find_subject(name)?.uuid()),
    };
    let action = match action {
        "*" => None,
        name => Some(find_action(name)?),
    };
    Some(StoredScope { subject, action })
}

/// The action with this API name.
pub(crate) fn find_action(name: &str) -> Option<Action> {
    let mut all = Action::ALL.iter().copied();
    all.find(|action| action_name(*action) == name)
}

/// The API name of an action.
pub(crate) fn action_name(action: Action) -> &'static str {
    match action {
        Action::Read => "read",
        Action::Create => "create",
        Action::Update => "update",
        Action::Delete => "delete",
        Action::Link => "link",
        Action::Aggregate => "aggregate",
        Action::Export => "export",
    }
}
