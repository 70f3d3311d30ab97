//! What a document wants and was deleted: it comes back with its data rather than being made anew.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{Entry, SchemaDocument, fields_of, is_deleted, name_of};
use crate::{
    catalog::{MetadataRows, definition::FieldDefinition},
    change::DeletedKind,
    id::{ObjectTypeId, RelationTypeId},
};
use entity::meta_deletion::Model;

/// What was deleted, as a document looks for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lost<'r> {
    /// The metadata.
    pub(crate) rows: &'r MetadataRows,
    /// What may be found by its name alone, for entries that have no id: what a package had brought.
    pub(crate) by_name: &'r BTreeSet<Uuid>,
}

impl Lost<'_> {
    /// The operations that bring back what the document names and was deleted.
    pub(crate) fn undeletions(self, wanted: &SchemaDocument) -> Vec<Json> {
        let mut found: Vec<(&Model, Json)> = Vec::new();
        for entry in wanted.option_lists.iter().filter(|it| !is_deleted(it)) {
            found.extend(self.undelete(DeletedKind::OptionList, entry, None));
        }
        let objects = wanted.objects.iter().filter(|it| !is_deleted(it));
        let objects = objects.filter_map(|entry| self.undelete(DeletedKind::Object, entry, None));
        found.extend(self.targets_first(objects.collect()));
        let types: BTreeSet<Uuid> = found.iter().map(|(row, _)| row.thing_id).collect();
        // What went with a type comes back with it.
        let by_itself = |(row, _): &(&Model, Json)| !types.contains(&row.root_id);
        for entry in wanted.relations.iter().filter(|it| !is_deleted(it)) {
            let back = self.undelete(DeletedKind::Relation, entry, None);
            found.extend(back.filter(by_itself));
        }
        for entry in wanted.objects.iter().chain(&wanted.relations) {
            for field in fields_of(entry).iter().filter(|it| !is_deleted(it)) {
                let back = self.undelete(DeletedKind::Field, field, Some(entry));
                found.extend(back.filter(by_itself));
            }
        }
        found.into_iter().map(|(_, operation)| operation).collect()
    }

    /// Object types in an order in which what the references of one point at comes before it, so that no
    /// reference has to wait for its target; of those in a circle the first one begins.
    fn targets_first<'m>(&self, mut left: Vec<(&'m Model, Json)>) -> Vec<(&'m Model, Json)> {
        let mut waiting: BTreeSet<Uuid> = left.iter().map(|(row, _)| row.thing_id).collect();
        let mut targets: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
        let fields = self.rows.fields.iter();
        for row in fields.filter(|row| waiting.contains(&row.owner_id)) {
            if let Ok(field) = FieldDefinition::deserialize(&*row.definition) {
                let named = field.settings.named_targets().map(ObjectTypeId::uuid);
                targets.entry(row.owner_id).or_default().extend(named);
            }
        }
        let mut ordered = Vec::with_capacity(left.len());
        while !left.is_empty() {
            let is_ready = |(row, _): &(&Model, Json)| {
                let mut others = targets.get(&row.thing_id).into_iter().flatten();
                others.all(|target| *target == row.thing_id || !waiting.contains(target))
            };
            let at = left.iter().position(is_ready).unwrap_or_default();
            let next = left.remove(at);
            waiting.remove(&next.0.thing_id);
            ordered.push(next);
        }
        ordered
    }

    fn undelete(
        &self,
        kind: DeletedKind,
        entry: &Entry,
        owner: Option<&Entry>,
    ) -> Option<(&Model, Json)> {
        let row = self.find(kind, entry, owner)?;
        let mut operation = json!({"op": kind.undelete(), "id": row.thing_id.to_string()});
        for key in ["name", "plural"] {
            if let Some(text) = entry
                .get(key)
                .filter(|_| kind == DeletedKind::Object || key == "name")
            {
                operation[key] = text.clone();
            }
        }
        Some((row, operation))
    }

    /// The deletion of what an entry means: by its id, or of one that has none by its name.
    fn find(&self, kind: DeletedKind, entry: &Entry, owner: Option<&Entry>) -> Option<&Model> {
        let rows = self.rows.deletions.iter();
        let mut rows = rows.filter(|row| row.purged_at.is_none() && row.kind == kind.text());
        let id = entry.get("id").and_then(Json::as_str);
        if let Some(id) = id.and_then(|id| Uuid::try_parse(id).ok()) {
            return rows.find(|row| row.thing_id == id);
        }
        let named = rows.filter(|row| {
            self.by_name.contains(&row.thing_id)
                && self.name(row.thing_id) == Some(name_of(entry))
                && owner.is_none_or(|owner| self.is(row.owner_id, owner))
        });
        named.max_by_key(|row| row.id)
    }

    fn name(&self, thing: Uuid) -> Option<&str> {
        let rows = self.rows;
        let objects = rows.objects.iter().map(|row| (row.id, &row.name));
        let fields = rows.fields.iter().map(|row| (row.id, &row.name));
        let relations = rows.relations.iter().map(|row| (row.id, &row.name));
        let lists = rows.option_lists.iter().map(|row| (row.id, &row.name));
        let mut all = objects.chain(fields).chain(relations).chain(lists);
        all.find(|(id, _)| *id == thing)
            .map(|(_, name)| name.as_str())
    }

    /// Whether an entry means this type.
    fn is(&self, owner: Option<Uuid>, entry: &Entry) -> bool {
        let Some(owner) = owner else { return false };
        if let Some(id) = entry.get("id").and_then(Json::as_str) {
            return id == owner.to_string();
        }
        let name = name_of(entry);
        self.name(owner).map_or_else(
            || {
                ObjectTypeId::standard(name).uuid() == owner
                    || RelationTypeId::standard(name).uuid() == owner
            },
            |known| known == name,
        )
    }
}
