//! Whole collections in one write: members added and removed, or the set that there is to be, beside the
//! fields of a record or alone. The members of a relation type come and go with links of their own; those
//! of the inverse of a reference by a change of the reference, which is theirs to be allowed.
//!
//! A set replaces what the caller sees and may remove. What it does not see stays.

mod links;
mod members;
mod places;

use std::sync::Arc;

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{Done, Writing, path_id};
use crate::{
    access::{Grant, GrantedCollection, Read},
    catalog::{CollectionKind, ObjectType, Subject},
    error::{Error, Fault, FaultCode, Place, Result},
    plan::read::not_found,
    request::sets::CollectionChange,
    sql::{
        Sight,
        write::{Lock, RowState, Target},
    },
};

/// The most members that a set may find in sight: what it does not name it removes.
const MOST_REPLACED: usize = 1_000;

/// A change of one collection, with where it stands in the request.
struct Change<'a> {
    granted: GrantedCollection<'a>,
    asked: CollectionChange,
    place: Place,
}

/// A body of a record: its fields, and the changes of its collections.
struct Body<'a> {
    fields: Map<String, Json>,
    changes: Vec<Change<'a>>,
    faults: Vec<Fault>,
}

impl Body<'_> {
    fn is_plain(&self) -> bool {
        self.changes.is_empty() && self.faults.is_empty()
    }

    /// The faults of a write of the fields with those of the changes.
    fn fail(&mut self, written: Result<Done>) -> Result<Done> {
        let faults = std::mem::take(&mut self.faults);
        match written {
            Err(Error::Invalid(mut of_fields)) => {
                of_fields.extend(faults);
                Err(Error::Invalid(of_fields))
            }
            Ok(_) if !faults.is_empty() => Err(Error::Invalid(faults)),
            written => written,
        }
    }
}

impl<'a> Writing<'a> {
    /// A new record, and the members of its collections.
    pub(super) async fn create_whole(
        &self,
        plural: &str,
        sent: &Map<String, Json>,
        place: &Place,
    ) -> Result<Done> {
        let object = self.object(plural)?;
        let mut body = self.split(object, sent, place);
        let written = self.create(plural, &body.fields, place).await;
        let done = body.fail(written)?;
        self.change_collections((object, &done), body.changes)
            .await?;
        Ok(done)
    }

    /// A patch of a record and of its collections. Where only collections change, the right to change the
    /// record is not asked for.
    pub(super) async fn update_whole(
        &self,
        path: (&str, &str),
        patch: &Map<String, Json>,
        if_match: Option<i64>,
        place: &Place,
    ) -> Result<Done> {
        let object = self.object(path.0)?;
        let mut body = self.split(object, patch, place);
        let written = if body.is_plain() || !body.fields.is_empty() {
            self.update(path, &body.fields, if_match, place).await
        } else {
            self.look_at(object, path, if_match).await
        };
        let done = body.fail(written)?;
        self.change_collections((object, &done), body.changes)
            .await?;
        Ok(done)
    }

    /// A change of one collection of a record.
    pub(super) async fn change_collection(
        &self,
        (plural, id, name): (&str, &str, &str),
        json: &Json,
        if_match: Option<i64>,
        place: &Place,
    ) -> Result<Done> {
        let object = self.object(plural)?;
        let done = self.look_at(object, (plural, id), if_match).await?;
        let granted = self.checker.find_collection(object.id, name);
        let granted = granted.ok_or_else(|| Error::NotFound {
            kind: "relation",
            name: name.to_owned(),
        })?;
        let asked = CollectionChange::parse(json, place, self.is_ordered(&granted))
            .map_err(Error::Invalid)?;
        let change = Change {
            granted,
            asked,
            place: place.clone(),
        };
        self.change_collections((object, &done), vec![change])
            .await?;
        Ok(done)
    }

    /// Tells the changes of collections from the fields.
    fn split(&self, object: &ObjectType, sent: &Map<String, Json>, place: &Place) -> Body<'a> {
        let mut body = Body {
            fields: Map::new(),
            changes: Vec::new(),
            faults: Vec::new(),
        };
        for (name, json) in sent {
            let is_field = object.fields.find(name).is_some();
            let granted = self.checker.find_collection(object.id, name);
            let Some(granted) = granted.filter(|_| !is_field) else {
                body.fields.insert(name.clone(), json.clone());
                continue;
            };
            let place = place.child(name);
            let mut others = body.changes.iter();
            if others.any(|it| it.granted.collection.name == granted.collection.name) {
                let message = "is sent twice, by its name and by an alias".to_owned();
                body.faults.push(fault(&place, message));
                continue;
            }
            match CollectionChange::parse(json, &place, self.is_ordered(&granted)) {
                Ok(asked) => body.changes.push(Change {
                    granted,
                    asked,
                    place,
                }),
                Err(faults) => body.faults.extend(faults),
            }
        }
        body
    }

    fn is_ordered(&self, granted: &GrantedCollection<'_>) -> bool {
        self.catalog.is_ordered(granted.collection.kind)
    }

    /// The record as it is, if it is there for the caller and has the version that it expects.
    async fn look_at(
        &self,
        object: &Arc<ObjectType>,
        path: (&str, &str),
        if_match: Option<i64>,
    ) -> Result<Done> {
        let missing = || not_found(path.0, path.1);
        let id = path_id(path)?;
        let read: Grant<Read> = self.checker.grant(object).ok_or_else(missing)?;
        let visible = read.rows().into_condition();
        let lock = match if_match {
            Some(_) => Lock::Keep,
            None => Lock::None,
        };
        let target = live(object, id.uuid());
        let row = self
            .inspect(target, Sight::Of(&visible), (&[], &[], lock))
            .await?;
        let version = row.ok_or_else(missing)?.integer(0)?.unwrap_or(0);
        self.check_version((target.subject, id), if_match, version)?;
        Ok(Done {
            subject: Subject::Object(object.id),
            id,
            version,
        })
    }

    /// Carries the changes out and tells all their faults together.
    async fn change_collections(
        &self,
        (object, done): (&Arc<ObjectType>, &Done),
        changes: Vec<Change<'_>>,
    ) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        // What is computed of its members may raise the version of the record.
        self.note_change(done, "update", &Map::new());
        let near = done.id;
        let mut faults = Vec::new();
        for change in &changes {
            let changed = match change.granted.collection.kind {
                CollectionKind::Relation { .. } => self.change_links((object, near), change).await,
                CollectionKind::Inverse { field } => {
                    self.change_members((object, near), field, change).await
                }
            };
            collect(changed, &mut faults)?;
        }
        finish(faults)
    }
}

/// A live row of an object type.
fn live(object: &ObjectType, id: Uuid) -> Target<'_> {
    Target {
        subject: Subject::Object(object.id),
        table: &object.table,
        id,
        state: RowState::Live,
    }
}

fn fault(place: &Place, message: impl Into<String>) -> Fault {
    Fault {
        place: place.clone(),
        code: FaultCode::InvalidValue,
        message: message.into(),
    }
}

/// The fault of an id that names no record for the caller.
fn no_record(place: &Place) -> Fault {
    Fault {
        code: FaultCode::ReferenceNotFound,
        ..fault(place, "there is no record with this id")
    }
}

/// Keeps faults, so that all are told together; any other error ends the write.
fn collect<T>(result: Result<T>, faults: &mut Vec<Fault>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::Invalid(found)) => {
            faults.extend(found);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn finish(faults: Vec<Fault>) -> Result<()> {
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(faults))
    }
}
