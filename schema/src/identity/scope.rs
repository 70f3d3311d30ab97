//! The scopes of keys: as texts with names, and as they are stored, by ids.
//!
//! `data:<object>:<action>`, `data:<object>:<action>(<field>,<field>)`, or `changes:read`. A scope means the types and
//! fields that had these names when it was written: it follows renames, and never attaches to a new
//! field that takes an old name.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    access::{Action, Scope, Scopes},
    catalog::{Catalog, FieldList, Subject},
    error::{Fault, FaultCode, Place},
    id::FieldId,
};

/// A scope as it is stored. One with a member that this version does not know narrows in a way that it can't
/// follow, and is no scope to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum StoredScope {
    /// Of records and links.
    Data(DataScope),
    /// Of what is told of them. It leaves no records: those that are told of are those that other scopes leave.
    Feed(FeedScope),
}

/// A feed that a scope leaves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeedScope {
    pub(crate) feed: Feed,
}

/// A feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Feed {
    /// The changes of records, as they happen.
    Changes,
}

impl Feed {
    /// The scope that leaves it, as a text.
    const fn text(self) -> &'static str {
        match self {
            Self::Changes => "changes:read",
        }
    }
}

/// A scope of records or links: by ids.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DataScope {
    /// The object or relation type; null is every one.
    pub(crate) subject: Option<Uuid>,
    /// The action; null is every one.
    pub(crate) action: Option<Action>,
    /// The fields; absent is every one, also those that come later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fields: Option<BTreeSet<FieldId>>,
}

/// The scopes that the texts name, or every fault of them.
pub(crate) fn parse_scopes(
    catalog: &Catalog,
    texts: &[String],
    place: &Place,
) -> Result<BTreeSet<StoredScope>, Vec<Fault>> {
    let mut scopes = BTreeSet::new();
    let mut faults = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let mut refuse = |(code, message)| {
            faults.push(Fault {
                place: place.child(at),
                code,
                message,
            });
        };
        scopes.extend(parse_scope(catalog, text, &mut refuse));
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

/// Stored scopes as the API shows them. A type or field that is gone shows its id: it allows nothing.
pub(crate) fn scope_texts(catalog: &Catalog, scopes: &BTreeSet<StoredScope>) -> Vec<String> {
    let texts = scopes.iter().map(|scope| scope_text(catalog, scope));
    texts.collect()
}

fn scope_text(catalog: &Catalog, scope: &StoredScope) -> String {
    let scope = match scope {
        StoredScope::Data(scope) => scope,
        StoredScope::Feed(FeedScope { feed }) => return feed.text().to_owned(),
    };
    let subject = scope.subject.and_then(|id| catalog.find_subject_by_id(id));
    let object = match scope.subject {
        None => "*".to_owned(),
        Some(id) => {
            let name = subject.and_then(|subject| catalog.subject_name(subject));
            name.map_or_else(|| id.to_string(), str::to_owned)
        }
    };
    let action = scope.action.map_or("*", action_name);
    let fields = scope.fields.as_ref().map(|ids| {
        let known = subject.and_then(|subject| catalog.subject_fields(subject));
        format!("({})", field_names(known, ids).join(","))
    });
    format!("data:{object}:{action}{}", fields.unwrap_or_default())
}

/// The names in the order of the type's fields, what is gone behind them.
fn field_names(known: Option<&FieldList>, ids: &BTreeSet<FieldId>) -> Vec<String> {
    let known: Vec<_> = known.into_iter().flat_map(FieldList::iter).collect();
    let left = known.iter().filter(|field| ids.contains(&field.id));
    let gone = ids
        .iter()
        .filter(|id| known.iter().all(|field| field.id != **id));
    left.map(|field| field.name.to_string())
        .chain(gone.map(ToString::to_string))
        .collect()
}

impl From<&BTreeSet<StoredScope>> for Scopes {
    fn from(stored: &BTreeSet<StoredScope>) -> Self {
        let scope = |scope: &StoredScope| match scope {
            StoredScope::Data(scope) => Some(Scope {
                subject: scope.subject,
                action: scope.action,
                fields: scope.fields.clone(),
            }),
            StoredScope::Feed(_) => None,
        };
        Self(stored.iter().filter_map(scope).collect())
    }
}

/// What is wrong with a text.
type Refusal = (FaultCode, String);

/// The scope that a text names. What is wrong with it is told to `refuse`, once for each field.
fn parse_scope(
    catalog: &Catalog,
    text: &str,
    refuse: &mut impl FnMut(Refusal),
) -> Option<StoredScope> {
    if text == Feed::Changes.text() {
        let feed = Feed::Changes;
        return Some(StoredScope::Feed(FeedScope { feed }));
    }
    let parsed = split(text).and_then(|(object, action, fields)| {
        let subject = find_subject(catalog, object)?;
        let action = find_named_action(action)?;
        check_has_fields(subject, action, fields)?;
        Ok((subject, action, fields))
    });
    let (subject, action, fields) = parsed.map_err(&mut *refuse).ok()?;
    let known = subject.and_then(|subject| catalog.subject_fields(subject));
    let fields = match fields {
        None => None,
        Some(names) => Some(find_fields(known, names, refuse)?),
    };
    Some(StoredScope::Data(DataScope {
        subject: subject.map(Subject::uuid),
        action,
        fields,
    }))
}

/// Object, action, and what stands between the brackets.
fn split(text: &str) -> Result<(&str, &str, Option<&str>), Refusal> {
    let parts = text.strip_prefix("data:").and_then(|rest| {
        let (object, rest) = rest.split_once(':')?;
        match rest.split_once('(') {
            None => Some((object, rest, None)),
            Some((action, fields)) => Some((object, action, Some(fields.strip_suffix(')')?))),
        }
    });
    parts.ok_or_else(|| {
        let message = "is no scope; write data:<object>:<action> or data:<object>:<action>(<field>,<field>), such as data:shipment:read or data:*:read, or changes:read";
        (FaultCode::InvalidValue, message.to_owned())
    })
}

/// The type; `None` is every one.
fn find_subject(catalog: &Catalog, object: &str) -> Result<Option<Subject>, Refusal> {
    if object == "*" {
        return Ok(None);
    }
    let found = catalog.find_subject(object);
    found.map(Some).ok_or_else(|| {
        let message = format!(
            "there is no object type or relation type {object:?}; write its singular name, or *"
        );
        (FaultCode::UnknownObject, message)
    })
}

/// The action; `None` is every one.
fn find_named_action(name: &str) -> Result<Option<Action>, Refusal> {
    if name == "*" {
        return Ok(None);
    }
    let found = find_action(name);
    found.map(Some).ok_or_else(|| {
        let known: Vec<&str> = Action::ALL.iter().copied().map(action_name).collect();
        let message = format!(
            "{name:?} is no action; there are {}, and * for all",
            known.join(", ")
        );
        (FaultCode::InvalidValue, message)
    })
}

/// Refuses fields that could never have a meaning, so that no scope seems to say more than it does.
fn check_has_fields(
    subject: Option<Subject>,
    action: Option<Action>,
    fields: Option<&str>,
) -> Result<(), Refusal> {
    if fields.is_none() {
        return Ok(());
    }
    let message = match (subject, action) {
        (None, _) => "fields are those of one type; name it in place of the *",
        (Some(Subject::Object(_)), Some(Action::Read | Action::Create | Action::Update))
        | (Some(Subject::Relation(_)), Some(Action::Read | Action::Link)) => return Ok(()),
        (Some(Subject::Object(_)), _) => {
            "of an object type, the actions read, create and update have fields, and no other"
        }
        (Some(Subject::Relation(_)), _) => {
            "of a relation type, the actions read and link have fields, and no other"
        }
    };
    Err((FaultCode::InvalidValue, message.to_owned()))
}

fn find_fields(
    known: Option<&FieldList>,
    names: &str,
    refuse: &mut impl FnMut(Refusal),
) -> Option<BTreeSet<FieldId>> {
    let mut ids = BTreeSet::new();
    let mut all_are_known = true;
    for name in names.split(',').map(str::trim) {
        if let Some(field) = known.and_then(|known| known.find(name)) {
            ids.insert(field.id);
            continue;
        }
        all_are_known = false;
        let message = match name {
            "" => "a field name is missing between the brackets".to_owned(),
            name => format!("there is no field {name:?}"),
        };
        refuse((FaultCode::UnknownField, message));
    }
    all_are_known.then_some(ids)
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
        Action::Share => "share",
    }
}
