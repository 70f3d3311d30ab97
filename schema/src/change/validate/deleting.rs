//! Deletions: things are hidden at once and stay in the database.

use uuid::Uuid;

use super::{
    super::{
        deletion::{DeleteField, DeleteObjectType, DeleteRelationType},
        draft::DraftField,
        impact::Dependant,
        plan::Step,
    },
    Validation, ends,
};
use crate::{
    catalog::{Subject, definition::EndDefinition},
    error::{FaultCode, Place},
    id::{FieldId, ObjectTypeId},
};

/// What becomes of a rule that names a hidden thing.
const HIDDEN: &str = "grants nothing any more through what is hidden";

/// What becomes of a field or relation that can't be without it.
const HIDDEN_WITH_IT: &str = "hidden with it";

/// What becomes of a reference to several types, of which this is one.
const NARROWED: &str = "points at its other types only; what points at this one reads as null";

impl Validation<'_> {
    pub(super) fn delete_field(&mut self, input: &DeleteField, place: &Place) {
        let owner = input.object.as_deref().or(input.relation.as_deref());
        let owner = owner.unwrap_or_default();
        self.summarize(format!("hides the field {owner}.{}", input.field));
        let owner = self.owner(input.object.as_deref(), input.relation.as_deref(), place);
        let Some(owner) = owner else { return };
        let Some(field) = self.field(owner, &input.field, place) else {
            return;
        };
        let Some(found) = self.draft.find_field(owner.uuid(), &input.field).cloned() else {
            return;
        };
        self.field_can_go(&found, &place.child("field"));
        self.no_key_needs(owner, field, &place.child("field"));
        self.nothing_depends_on(owner, field, &place.child("field"));
        self.no_lookup_needs(field, &place.child("field"));
        self.hide_field(owner.uuid(), &found);
    }

    /// Takes a field away. It holds no value of a record that nobody can see any more, so that its index
    /// goes; that it is unique is asked anew when it comes back.
    pub(super) fn hide_field(&mut self, owner: Uuid, field: &DraftField) {
        self.touches(field.id.uuid(), HIDDEN);
        if field.definition.unique {
            let (table, _) = self.draft.table(self.subject(owner));
            let column = field.definition.column.clone();
            self.step(Step::DropUniqueIndex { table, column });
        }
        self.draft.delete_field(owner, field.id);
    }

    pub(super) fn delete_object_type(&mut self, input: &DeleteObjectType, place: &Place) {
        self.summarize(format!("hides the object type {}", input.object));
        let Some(object) = self.object(&input.object, place) else {
            return;
        };
        self.nothing_insists_on(object, &place.child("object"));
        self.touches(object.uuid(), HIDDEN);
        self.draft.deletes(Some(object.uuid()));
        self.hide_references_to(object);
        self.hide_relations_of(object, place);
        self.draft.delete_object(object);
    }

    fn hide_references_to(&mut self, object: ObjectTypeId) {
        let references: Vec<_> = self
            .draft
            .references()
            .filter(|(owner, field)| {
                let mut targets = field.definition.settings.named_targets();
                *owner != object.uuid() && targets.any(|target| target == object)
            })
            .map(|(owner, field)| (owner, field.clone()))
            .collect();
        for (owner, field) in references {
            let of = self.owner_name(owner);
            if of.is_empty() {
                // An operation before this one has hidden its type.
                continue;
            }
            let definition = &field.definition;
            let name = format!("{of}.{}", definition.name);
            let mut others = definition
                .settings
                .named_targets()
                .filter(|target| *target != object && self.draft.objects.contains_key(target));
            if others.next().is_some() {
                // The definition keeps the id: with the type the target comes back.
                self.touches(field.id.uuid(), HIDDEN);
                self.depends("field", name, NARROWED);
                continue;
            }
            self.depends("field", name, HIDDEN_WITH_IT);
            self.hide_lookups_on(field.id);
            self.hide_field(owner, &field);
        }
    }

    /// Takes the lookups away that are read through a field.
    pub(super) fn hide_lookups_on(&mut self, field: FieldId) {
        for (owner, lookup, name) in self.lookups_on(field) {
            let name = format!("{}.{name}", self.owner_name(owner));
            self.depends("field", name, HIDDEN_WITH_IT);
            self.touches(lookup.uuid(), HIDDEN);
            self.draft.delete_field(owner, lookup);
        }
    }

    fn hide_relations_of(&mut self, object: ObjectTypeId, place: &Place) {
        let mut relations = Vec::new();
        for (id, entry) in &self.draft.relations {
            let ends = [&entry.definition.source, &entry.definition.target];
            let of_object = ends.into_iter().filter(|end| end.has(object));
            let is_last = |end: &EndDefinition| {
                let mut others = end.types().filter(|other| *other != object);
                !others.any(|other| self.draft.objects.contains_key(&other))
            };
            let goes: Vec<bool> = of_object.map(is_last).collect();
            if !goes.is_empty() {
                let name = entry.definition.name.to_string();
                relations.push((*id, name, goes.contains(&true)));
            }
        }
        for (relation, name, goes) in relations {
            if !goes {
                // The definition keeps the id: with the type its links come back.
                self.depends("relation", name, ends::NARROWED);
                self.recompute_over(relation.uuid(), Some(object), place);
                continue;
            }
            self.depends("relation", name, HIDDEN_WITH_IT);
            self.touches(relation.uuid(), HIDDEN);
            self.draft.delete_relation(relation);
        }
    }

    pub(super) fn delete_relation_type(&mut self, input: &DeleteRelationType, place: &Place) {
        self.summarize(format!("hides the relation type {}", input.relation));
        if let Some(relation) = self.relation(&input.relation, place) {
            self.touches(relation.uuid(), HIDDEN);
            self.draft.delete_relation(relation);
        }
    }

    pub(super) fn depends(&mut self, kind: &'static str, name: String, effect: &'static str) {
        self.impact()
            .dependants
            .push(Dependant { kind, name, effect });
    }

    /// The field of a type that an operation names.
    pub(super) fn field(&mut self, owner: Subject, name: &str, place: &Place) -> Option<FieldId> {
        let found = self.draft.find_field(owner.uuid(), name).map(|it| it.id);
        if found.is_none() {
            let message = format!("there is no field {name:?}");
            self.refuse(place.child("field"), FaultCode::UnknownField, message);
        }
        found
    }
}
