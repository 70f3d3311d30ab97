//! What is deleted, as the draft sees it: found in the rows, brought back into the draft, or ended.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{Draft, DraftField, Entry, Gone};
use crate::{
    catalog::{
        OptionListDefinition,
        definition::{FieldDefinition, ObjectDefinition, RelationDefinition},
        standard_fields,
    },
    change::deletion::{ChangedDeletions, DeletedKind, Deletion},
    id::{FieldId, ObjectTypeId, OptionListId, RelationTypeId},
};

/// The root of what is hidden and was never seen, so that it can't come back.
pub(super) const KEPT: Uuid = Uuid::nil();

/// What a draft knows of deletions beside the rows.
#[derive(Debug, Default)]
pub(super) struct Deletions {
    /// What the present operation deletes: whatever else it hides goes with that.
    root: Option<Uuid>,
    undone: BTreeSet<Uuid>,
    moved: BTreeMap<Uuid, Uuid>,
    purged: BTreeSet<Uuid>,
}

/// Something deleted that can't be seen in the draft.
#[derive(Clone, Copy, Debug)]
pub(in crate::change) struct Dead {
    /// What it is.
    pub(in crate::change) thing: Uuid,
    /// What sort of thing it is.
    pub(in crate::change) kind: DeletedKind,
    /// The type that has the field.
    pub(in crate::change) owner: Option<Uuid>,
    /// What it comes back with.
    pub(in crate::change) root: Uuid,
    /// Whether it can't come back any more.
    pub(in crate::change) is_purged: bool,
    /// Whether this changeset deletes it.
    pub(in crate::change) is_fresh: bool,
}

impl Draft<'_> {
    /// Says what the present operation deletes: what is hidden until the next such call goes with it.
    pub(in crate::change) fn deletes(&mut self, root: Option<Uuid>) {
        self.deletions.root = root;
    }

    /// Gives an object type back what names a deleted field, which the catalog leaves out: with the field
    /// it comes back.
    pub(super) fn keep_hidden(&self, id: ObjectTypeId, definition: &mut ObjectDefinition) {
        let id = Some(id.uuid());
        if !self.rows.deletions.iter().any(|row| row.owner_id == id) {
            return;
        }
        let row = self.rows.objects.iter().find(|row| Some(row.id) == id);
        let stored: Option<ObjectDefinition> = row.and_then(|row| parse(&row.definition));
        if let Some(stored) = stored {
            definition.title = stored.title;
            definition.attributes.default_sort = stored.attributes.default_sort;
        }
    }

    /// What a thing that is hidden now goes with.
    pub(super) fn root_of(&self, thing: Uuid) -> Uuid {
        self.deletions.root.unwrap_or(thing)
    }

    /// Everything deleted that has not come back.
    pub(in crate::change) fn dead(&self) -> Vec<Dead> {
        let stored = self.rows.deletions.iter();
        let stored = stored.filter(|row| !self.deletions.undone.contains(&row.thing_id));
        let stored = stored.filter_map(|row| {
            Some(Dead {
                thing: row.thing_id,
                kind: DeletedKind::find(&row.kind)?,
                owner: row.owner_id,
                root: self
                    .deletions
                    .moved
                    .get(&row.thing_id)
                    .copied()
                    .unwrap_or(row.root_id),
                is_purged: row.purged_at.is_some() || self.deletions.purged.contains(&row.thing_id),
                is_fresh: false,
            })
        });
        let now = self.gone.iter().filter(|(_, root)| *root != KEPT);
        let now = now.map(|(gone, root)| {
            let Deletion {
                thing,
                kind,
                owner,
                root,
            } = gone.deletion(*root);
            Dead {
                thing,
                kind,
                owner,
                root,
                is_purged: false,
                is_fresh: true,
            }
        });
        stored.chain(now).collect()
    }

    /// One of them.
    pub(in crate::change) fn find_dead(&self, thing: Uuid) -> Option<Dead> {
        self.dead().into_iter().find(|dead| dead.thing == thing)
    }

    /// The name of something deleted.
    pub(in crate::change) fn dead_name(&self, dead: Dead) -> String {
        let Dead { thing, kind, .. } = dead;
        let rows = self.rows;
        let name = match kind {
            DeletedKind::Object => rows
                .objects
                .iter()
                .find(|row| row.id == thing)
                .map(|row| &row.name),
            DeletedKind::Field => rows
                .fields
                .iter()
                .find(|row| row.id == thing)
                .map(|row| &row.name),
            DeletedKind::Relation => rows
                .relations
                .iter()
                .find(|row| row.id == thing)
                .map(|row| &row.name),
            DeletedKind::OptionList => rows
                .option_lists
                .iter()
                .find(|row| row.id == thing)
                .map(|row| &row.name),
        };
        name.cloned().unwrap_or_default()
    }

    /// A deleted field as it was.
    pub(in crate::change) fn deleted_field(&self, id: Uuid) -> Option<DraftField> {
        let row = self.rows.fields.iter().find(|row| row.id == id)?;
        let definition: FieldDefinition = parse(&row.definition)?;
        Some(DraftField {
            id: FieldId::new(id),
            // What a job was to do with it ended with the deletion.
            definition: Arc::new(FieldDefinition {
                work: None,
                ..definition
            }),
            // One that the database insists on can't be deleted.
            nullable: true,
            is_new: false,
        })
    }

    /// A deleted object type as it was, with the fields that were not deleted before it.
    pub(in crate::change) fn deleted_object(
        &self,
        id: Uuid,
    ) -> Option<(ObjectDefinition, Vec<DraftField>)> {
        let row = self.rows.objects.iter().find(|row| row.id == id)?;
        Some((parse(&row.definition)?, self.stored_fields(id)))
    }

    /// A deleted relation type as it was, with the fields that were not deleted before it.
    pub(in crate::change) fn deleted_relation(
        &self,
        id: Uuid,
    ) -> Option<(RelationDefinition, Vec<DraftField>)> {
        let row = self.rows.relations.iter().find(|row| row.id == id)?;
        Some((parse(&row.definition)?, self.stored_fields(id)))
    }

    /// A deleted option list as it was.
    pub(in crate::change) fn deleted_option_list(&self, id: Uuid) -> Option<OptionListDefinition> {
        let mut rows = self.rows.option_lists.iter();
        parse(&rows.find(|row| row.id == id)?.definition)
    }

    /// The fields of a type that are hidden only because the type is.
    fn stored_fields(&self, owner: Uuid) -> Vec<DraftField> {
        let mut fields: Vec<DraftField> = standard_fields(owner)
            .into_iter()
            .map(|(id, definition, nullable)| DraftField {
                id,
                definition: Arc::new(definition),
                nullable,
                is_new: false,
            })
            .collect();
        for row in self.rows.fields.iter().filter(|row| row.owner_id == owner) {
            let id = FieldId::new(row.id);
            let at = fields.iter().position(|field| field.id == id);
            let definition: Option<FieldDefinition> = parse(&row.definition);
            match (row.deleted_at, at, definition) {
                (Some(_), Some(at), _) => drop(fields.remove(at)),
                (None, Some(at), Some(definition)) => fields[at].definition = definition.into(),
                (None, None, Some(definition)) => {
                    fields.push(DraftField {
                        id,
                        definition: definition.into(),
                        nullable: true,
                        is_new: false,
                    });
                }
                (Some(_), None, _) | (None, _, None) => {}
            }
        }
        fields.sort_by_key(|field| (field.definition.position, field.id));
        fields
    }

    /// Puts a field back.
    pub(in crate::change) fn revive_field(&mut self, owner: Uuid, field: DraftField) {
        let id = field.id.uuid();
        self.fields.entry(owner).or_default().push(field);
        self.touched.insert(id);
        self.deletions.undone.insert(id);
    }

    /// Puts an object type back.
    pub(in crate::change) fn revive_object(
        &mut self,
        id: Uuid,
        definition: ObjectDefinition,
        fields: Vec<DraftField>,
    ) {
        let entry = Entry {
            definition,
            is_new: false,
        };
        self.objects.insert(ObjectTypeId::new(id), entry);
        self.take_back(id, fields);
        self.touched.insert(id);
        self.deletions.undone.insert(id);
    }

    /// Puts a relation type back.
    pub(in crate::change) fn revive_relation(
        &mut self,
        id: Uuid,
        definition: RelationDefinition,
        fields: Vec<DraftField>,
    ) {
        let entry = Entry {
            definition,
            is_new: false,
        };
        self.relations.insert(RelationTypeId::new(id), entry);
        self.take_back(id, fields);
        self.touched.insert(id);
        self.deletions.undone.insert(id);
    }

    /// Puts the fields of a type back, without what jobs were to do with them: that ended with the deletion.
    fn take_back(&mut self, owner: Uuid, mut fields: Vec<DraftField>) {
        for field in &mut fields {
            if field.definition.work.is_some() {
                field.definition_mut().work = None;
                self.touched.insert(field.id.uuid());
            }
        }
        self.fields.insert(owner, fields);
    }

    /// Puts an option list back.
    pub(in crate::change) fn revive_option_list(
        &mut self,
        id: Uuid,
        definition: OptionListDefinition,
    ) {
        let entry = Entry {
            definition,
            is_new: false,
        };
        self.option_lists.insert(OptionListId::new(id), entry);
        self.touched.insert(id);
        self.deletions.undone.insert(id);
    }

    /// Lets something deleted come back with another thing than before.
    pub(in crate::change) fn wait_for(&mut self, thing: Uuid, root: Uuid) {
        self.deletions.moved.insert(thing, root);
    }

    /// Ends something deleted for good.
    pub(in crate::change) fn purge(&mut self, thing: Uuid) {
        self.deletions.purged.insert(thing);
    }

    /// What the book of deletions gets and loses.
    pub(super) fn changed_deletions(&self) -> ChangedDeletions {
        let Deletions {
            undone,
            moved,
            purged,
            ..
        } = &self.deletions;
        let hidden = self.gone.iter().filter(|(_, root)| *root != KEPT);
        let hidden = hidden.map(|(gone, root)| gone.deletion(*root));
        ChangedDeletions {
            hidden: hidden.collect(),
            undone: undone.iter().copied().collect(),
            moved: moved.iter().map(|(thing, root)| (*thing, *root)).collect(),
            purged: purged.iter().copied().collect(),
        }
    }
}

impl Gone {
    fn deletion(&self, root: Uuid) -> Deletion {
        let (thing, kind, owner) = match self {
            Self::Object(id, _) => (id.uuid(), DeletedKind::Object, None),
            Self::Relation(id, _) => (id.uuid(), DeletedKind::Relation, None),
            Self::Field(owner, field) => (field.id.uuid(), DeletedKind::Field, Some(*owner)),
            Self::OptionList(id, _) => (id.uuid(), DeletedKind::OptionList, None),
        };
        Deletion {
            thing,
            kind,
            owner,
            root,
        }
    }
}

fn parse<D: DeserializeOwned>(json: &serde_json::Value) -> Option<D> {
    D::deserialize(json).ok()
}
