//! Deletions: the operations that delete, bring back and end for good, as they are sent, and what a
//! changeset notes of them.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

/// Deletes a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeleteField {
    /// The object type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The relation type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// The field.
    pub field: String,
}

/// Deletes an object type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeleteObjectType {
    /// The object type.
    pub object: String,
}

/// Deletes a relation type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeleteRelationType {
    /// The relation type.
    pub relation: String,
}

/// Brings a deleted field back with its values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UndeleteField {
    /// The field.
    pub id: Uuid,
    /// Another name, when somebody else has the old one by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another name of the inverse of a reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inverse: Option<NewName>,
    /// `false` when records that were made meanwhile have no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// `false` when records share a value by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique: Option<bool>,
}

/// Brings a deleted object type back with its records, and what went with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UndeleteObjectType {
    /// The object type.
    pub id: Uuid,
    /// Another singular name, when somebody else has the old one by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another plural name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plural: Option<String>,
    /// Fields and relation types that stay deleted, each to be brought back by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<Uuid>,
}

/// Brings a deleted relation type back with its links.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UndeleteRelationType {
    /// The relation type.
    pub id: Uuid,
    /// Another name, when somebody else has the old one by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another name of the collection at the source end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<NewName>,
    /// Another name of the collection at the target end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<NewName>,
}

/// Brings a deleted option list back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UndeleteOptionList {
    /// The list.
    pub id: Uuid,
    /// Another name, when somebody else has the old one by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Ends something deleted for good: its values, records or links are taken out of the database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Purge {
    /// The field, object type, relation type or option list.
    pub id: Uuid,
}

/// The name that a member gets instead of its old one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewName {
    /// The API name.
    pub name: String,
}

/// What sort of thing was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeletedKind {
    /// An object type.
    Object,
    /// A field of an object or relation type.
    Field,
    /// A relation type.
    Relation,
    /// A shared option list.
    OptionList,
}

impl DeletedKind {
    /// Every kind with its text, as rows and answers have it.
    const ALL: &[(Self, &'static str)] = &[
        (Self::Object, "objectType"),
        (Self::Field, "field"),
        (Self::Relation, "relationType"),
        (Self::OptionList, "optionList"),
    ];

    /// The text.
    pub(crate) fn text(self) -> &'static str {
        let mut all = Self::ALL.iter();
        let found = all.find(|(kind, _)| *kind == self);
        found.map_or("", |(_, text)| text)
    }

    /// The kind with this text.
    pub(crate) fn find(text: &str) -> Option<Self> {
        let mut all = Self::ALL.iter();
        all.find(|(_, known)| *known == text).map(|(kind, _)| *kind)
    }

    /// What people call it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Object => "object type",
            Self::Field => "field",
            Self::Relation => "relation type",
            Self::OptionList => "option list",
        }
    }

    /// The operation that brings one back.
    pub(crate) fn undelete(self) -> &'static str {
        match self {
            Self::Object => "undeleteObjectType",
            Self::Field => "undeleteField",
            Self::Relation => "undeleteRelationType",
            Self::OptionList => "undeleteOptionList",
        }
    }
}

/// Something that a changeset hides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deletion {
    /// What is hidden.
    pub(crate) thing: Uuid,
    /// What sort of thing it is.
    pub(crate) kind: DeletedKind,
    /// The type that has the field.
    pub(crate) owner: Option<Uuid>,
    /// What it goes with; itself when the operation names it.
    pub(crate) root: Uuid,
}

/// What a changeset changes in the book of deletions.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ChangedDeletions {
    /// What it hides.
    pub(crate) hidden: Vec<Deletion>,
    /// What it brings back.
    pub(crate) undone: Vec<Uuid>,
    /// What waits for something else from now on: the thing, and what it comes back with.
    pub(crate) moved: Vec<(Uuid, Uuid)>,
    /// What can't come back any more.
    pub(crate) purged: Vec<Uuid>,
}

impl ChangedDeletions {
    /// Puts them into the book as it was, for those who look ahead: nobody has carried them out.
    pub(crate) fn put_into(&self, book: &mut Vec<entity::meta_deletion::Model>) {
        let epoch = OffsetDateTime::UNIX_EPOCH;
        book.retain(|row| !self.undone.contains(&row.thing_id));
        for row in book.iter_mut() {
            if let Some((_, root)) = self.moved.iter().find(|(thing, _)| *thing == row.thing_id) {
                row.root_id = *root;
            }
            if self.purged.contains(&row.thing_id) {
                row.purged_at.get_or_insert(epoch);
            }
        }
        book.extend(
            self.hidden
                .iter()
                .map(|hidden| entity::meta_deletion::Model {
                    id: hidden.thing,
                    thing_id: hidden.thing,
                    kind: hidden.kind.text().to_owned(),
                    owner_id: hidden.owner,
                    root_id: hidden.root,
                    deleted_at: epoch,
                    actor_kind: String::new(),
                    actor_id: None,
                    purged_at: None,
                }),
        );
    }
}
