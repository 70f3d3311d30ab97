//! What a caller is told of a value that another record has: names that it may know, never those of the
//! database.

use std::sync::Arc;

use super::Writing;
use crate::{
    access::{Create, Grant, Link, Read, Update},
    catalog::{Field, ObjectType, definition::SINGLETON_COLUMN},
    error::Error,
    store::Taken,
};

impl Writing<'_> {
    /// The conflict: a second record of a singleton, a unique key with those of its fields that the
    /// caller can read, or those of its unique fields whose column the database names.
    pub(super) fn conflict(&self, taken: &Taken, unique: &[&Arc<Field>]) -> Error {
        let objects = self.catalog.objects().into_iter();
        let mut of_table = objects.filter(|object| object.table == taken.table());
        if let Some(object) = of_table.next() {
            if object.attributes.singleton && taken.is_about(SINGLETON_COLUMN) {
                return Error::Conflict(format!(
                    "there is one record of {} already, and there can be no other",
                    object.plural
                ));
            }
            if let Some(fields) = self.key_fields(object, taken) {
                return Error::UniqueConflict { fields };
            }
        }
        let nameable: Vec<&Arc<Field>> = unique
            .iter()
            .filter(|field| self.may_name(taken.table(), field))
            .copied()
            .collect();
        unique_conflict(taken, &nameable)
    }

    /// Whether the caller may know of a field of a table: it reads or writes it. Presets and defaults of
    /// others are not named.
    fn may_name(&self, table: &str, field: &Field) -> bool {
        let name = field.name.as_str();
        let mut objects = self.catalog.objects().into_iter();
        if let Some(object) = objects.find(|object| object.table == table) {
            let creates: Option<Grant<Create>> = self.checker.grant(object);
            let updates: Option<Grant<Update>> = self.checker.grant(object);
            return self.can_read(object, name)
                || creates.is_some_and(|grant| grant.field(name).is_some())
                || updates.is_some_and(|grant| grant.field(name).is_some());
        }
        let mut relations = self.catalog.relations().into_iter();
        let relation = relations.find(|relation| relation.table == table);
        relation.is_some_and(|relation| {
            let reads: Option<Grant<Read>> = self.checker.grant_relation(relation);
            let links: Option<Grant<Link>> = self.checker.grant_relation(relation);
            reads.is_some_and(|grant| grant.field(name).is_some())
                || links.is_some_and(|grant| grant.field(name).is_some())
        })
    }

    /// The fields of the unique key that the database names, as far as the caller can read them.
    fn key_fields(&self, object: &Arc<ObjectType>, taken: &Taken) -> Option<Vec<String>> {
        let keys = object.attributes.unique_keys.iter();
        let fields = keys
            .map(|key| key.fields.iter())
            .map(|ids| ids.filter_map(|id| object.fields.find_by_id(*id)))
            .map(Iterator::collect::<Vec<_>>)
            .find(|fields| {
                let columns = fields.iter().map(|field| field.column().name.clone());
                taken.is_about_key(&columns.collect::<Vec<_>>())
            })?;
        let names = fields.into_iter().map(|field| field.name.to_string());
        Some(names.filter(|name| self.can_read(object, name)).collect())
    }
}

/// The fields of the conflict: those of the caller's unique fields whose column the database names.
fn unique_conflict(taken: &Taken, unique: &[&Arc<Field>]) -> Error {
    let named: Vec<&&Arc<Field>> = unique
        .iter()
        .filter(|field| taken.is_about(&field.column().name))
        .collect();
    let fields = if named.is_empty() {
        unique.iter().collect()
    } else {
        named
    };
    Error::UniqueConflict {
        fields: fields
            .into_iter()
            .map(|field| field.name.to_string())
            .collect(),
    }
}
