//! What comes back with a type, what stays behind because it needs something else, and whether all that
//! came back has what it needs.

use serde_json::Value as Json;
use uuid::Uuid;

use super::{
    super::{
        deletion::DeletedKind,
        draft::{Dead, DraftField},
        rules::Member,
    },
    Validation,
    undeleting::{COMES_BACK, Coming, GRANTS_AGAIN, WAITS},
};
use crate::{
    catalog::{
        Subject,
        definition::{EndDefinition, FieldDefinition, RelationDefinition, RuleDefinition},
    },
    error::{FaultCode, Place},
    expression,
    field_type::{FieldType, find_field_type},
    id::{FieldId, ObjectTypeId, RelationTypeId},
};

impl Validation<'_> {
    /// Brings back what went with a thing, but for what needs something else that is still deleted: that
    /// waits for it.
    pub(super) fn bring_those_with(&mut self, root: Uuid, without: &[Uuid], place: &Place) {
        let dead = self.draft.dead().into_iter();
        let mut members: Vec<Dead> = dead
            .filter(|dead| dead.root == root && dead.thing != root)
            .filter(|dead| !dead.is_purged && !dead.is_fresh)
            .collect();
        // A lookup comes after the reference that it is read through.
        members.sort_by_key(|dead| (self.is_lookup(dead.thing), dead.thing));
        for dead in members {
            let name = self.dead_path(dead);
            let kind = match dead.kind {
                DeletedKind::Relation => "relation",
                DeletedKind::Object | DeletedKind::Field | DeletedKind::OptionList => "field",
            };
            if without.contains(&dead.thing) {
                self.draft.wait_for(dead.thing, dead.thing);
                self.depends(kind, name, WAITS);
                continue;
            }
            if let Some(other) = self.missing(dead) {
                let is_purged = self.draft.find_dead(other).is_none_or(|it| it.is_purged);
                let root = if is_purged { dead.thing } else { other };
                self.draft.wait_for(dead.thing, root);
                self.depends(kind, name, WAITS);
            } else {
                self.depends(kind, name, COMES_BACK);
                self.bring(dead, place);
                self.bring_those_with(dead.thing, without, place);
            }
        }
    }

    fn bring(&mut self, dead: Dead, place: &Place) {
        let coming = Coming {
            place,
            alone: false,
        };
        match (dead.kind, dead.owner) {
            (DeletedKind::Field, Some(owner)) => {
                if let Some(field) = self.draft.deleted_field(dead.thing) {
                    self.bring_field(self.subject(owner), field, coming);
                }
            }
            (DeletedKind::Relation, _) => {
                if let Some((definition, fields)) = self.draft.deleted_relation(dead.thing) {
                    self.bring_relation((dead.thing, definition, fields), coming);
                }
            }
            (DeletedKind::Field | DeletedKind::Object | DeletedKind::OptionList, _) => {}
        }
    }

    /// Puts a relation type back between types that are there.
    pub(super) fn bring_relation(
        &mut self,
        (id, mut definition, fields): (Uuid, RelationDefinition, Vec<DraftField>),
        coming: Coming<'_>,
    ) {
        let own = Some(id);
        let place = coming.place;
        let before = self.faults.len();
        let (name, at) = (definition.name.clone(), coming.at_name());
        self.with_remedy(coming.other_name(), |it| {
            it.type_name_is_free(&name, own, &at);
            it.graphql_names_are_free([Some(&name), None], own, (&at, before));
        });
        for (end, is_source, key) in [
            (&mut definition.source, true, "source"),
            (&mut definition.target, false, "target"),
        ] {
            let at = if coming.alone {
                place.child(key).child("name")
            } else {
                place.child("id")
            };
            let member = Member::End(id, is_source);
            let name = end.name.clone();
            let owners: Vec<Subject> = end.types().map(Subject::Object).collect();
            self.with_remedy(coming.other_end(), |it| {
                it.collection_name_is_free(&name, &at);
                for owner in &owners {
                    it.member_name_is_free(*owner, &name, member, &at);
                }
            });
            self.keep_free_aliases(&mut end.aliases, |it, name| {
                for owner in &owners {
                    it.member_name_is_free(*owner, name, member, place);
                }
            });
        }
        let (source, target) = (&definition.source, &definition.target);
        self.ends_fit(source, target, definition.symmetric, place);
        self.keep_free_aliases(&mut definition.aliases, |it, name| {
            it.type_name_is_free(name, own, place);
        });
        self.touches(id, GRANTS_AGAIN);
        let conditions = !definition.validations.is_empty();
        self.draft.revive_relation(id, definition, fields);
        self.undeleted.push((id, place.clone()));
        let subject = Subject::Relation(RelationTypeId::new(id));
        self.wake_fields(subject, conditions, place);
    }

    /// Takes fields of a type that comes back away again, each to be brought back by itself.
    pub(super) fn leave_out(&mut self, object: ObjectTypeId, without: &[Uuid]) {
        for field in self.draft.fields(object.uuid()).to_vec() {
            if without.contains(&field.id.uuid()) {
                let name = format!(
                    "{}.{}",
                    self.owner_name(object.uuid()),
                    field.definition.name
                );
                self.depends("field", name, WAITS);
                self.draft.deletes(Some(field.id.uuid()));
                self.hide_lookups_on(field.id);
                self.hide_field(object.uuid(), &field);
            }
        }
        self.draft.deletes(None);
    }

    /// Takes those references of a type that comes back away again whose targets were deleted after it:
    /// they come back with these.
    pub(super) fn leave_dead_references(&mut self, object: ObjectTypeId) {
        for field in self.draft.fields(object.uuid()).to_vec() {
            let mut targets = field.definition.settings.named_targets().peekable();
            let Some(first) = targets.peek().copied() else {
                continue;
            };
            if targets.any(|target| self.draft.objects.contains_key(&target)) {
                continue;
            }
            let dead = self.draft.find_dead(first.uuid());
            let waits = dead.filter(|dead| !dead.is_purged);
            let root = waits.map_or(field.id.uuid(), |dead| dead.thing);
            let name = format!(
                "{}.{}",
                self.owner_name(object.uuid()),
                field.definition.name
            );
            self.depends("field", name, WAITS);
            self.draft.deletes(Some(root));
            self.hide_lookups_on(field.id);
            self.hide_field(object.uuid(), &field);
        }
        self.draft.deletes(None);
    }

    /// No two members of a type that comes back have the same name: references to several types may have
    /// given their inverses other names meanwhile.
    pub(super) fn members_differ(&mut self, object: ObjectTypeId, place: &Place) {
        let fields = self.draft.fields(object.uuid()).iter();
        let fields: Vec<_> = fields.map(|it| it.definition.name.clone()).collect();
        let collections = self.collections(object).into_iter();
        let collections: Vec<_> = collections.map(|(name, _)| name).collect();
        for (at, name) in collections.iter().enumerate() {
            if fields.contains(name) || collections[..at].contains(name) {
                let message = format!(
                    "two members of {} would be called \"{name}\"; rename the collection that is \
                     there first, with `aliasUntil: null`",
                    self.owner_name(object.uuid())
                );
                self.refuse(place.child("id"), FaultCode::NameTaken, message);
            }
        }
    }

    /// A deleted object type of an end of a relation type that has no other one.
    pub(super) fn dead_end(&self, definition: &RelationDefinition) -> Option<Uuid> {
        let live = &self.draft.objects;
        let is_dead = |end: &&EndDefinition| !end.types().any(|object| live.contains_key(&object));
        let mut ends = [&definition.source, &definition.target].into_iter();
        let dead = ends.find(is_dead)?.types().next();
        dead.map(ObjectTypeId::uuid)
    }

    /// The relation types that have other object types at the same end went on without one that comes back
    /// now: what is computed over their links is so of its links again.
    pub(super) fn widen_relations(&mut self, object: ObjectTypeId, place: &Place) {
        let relations = self.draft.relations.iter().filter(|(_, entry)| {
            let ends = [&entry.definition.source, &entry.definition.target];
            ends.into_iter().any(|end| end.has(object))
        });
        let relations: Vec<Uuid> = relations.map(|(id, _)| id.uuid()).collect();
        for relation in relations {
            self.recompute_over(relation, None, place);
        }
    }

    /// What something deleted can't be without and is deleted too.
    fn missing(&self, dead: Dead) -> Option<Uuid> {
        match (dead.kind, dead.owner) {
            (DeletedKind::Relation, _) => {
                let (definition, _) = self.draft.deleted_relation(dead.thing)?;
                self.dead_end(&definition)
            }
            (DeletedKind::Field, Some(owner)) => {
                let objects = &self.draft.objects;
                let relations = &self.draft.relations;
                let is_live = objects.contains_key(&ObjectTypeId::new(owner))
                    || relations.contains_key(&RelationTypeId::new(owner));
                if !is_live {
                    return Some(owner);
                }
                let field = self.draft.deleted_field(dead.thing)?;
                self.first_missing(&field.definition)
            }
            (DeletedKind::Field | DeletedKind::Object | DeletedKind::OptionList, _) => None,
        }
    }

    /// The first deleted thing that a field can't be without.
    fn first_missing(&self, definition: &FieldDefinition) -> Option<Uuid> {
        let dead = self.draft.dead();
        let is_dead = |id: &Uuid| dead.iter().any(|dead| dead.thing == *id);
        let targets = &definition.settings.targets;
        let live = &self.draft.objects;
        let all_dead = !targets.iter().any(|target| live.contains_key(target));
        let target = targets.first().filter(|_| all_dead).map(|it| it.uuid());
        let needed = target.into_iter().chain(needs(definition));
        needed.into_iter().find(is_dead)
    }

    /// Everything that came back has what it needs.
    pub(super) fn undeleted_fit(&mut self) {
        for (thing, place) in self.undeleted.clone() {
            let place = place.child("id");
            let fields = self.draft.every_field().into_iter();
            let of_it: Vec<_> = fields
                .filter(|(owner, field)| field.id.uuid() == thing || *owner == thing)
                .map(|(owner, field)| (owner, field.clone()))
                .collect();
            for (owner, field) in of_it {
                if let Some(other) = self.first_missing(&field.definition) {
                    let name = format!("{}.{}", self.owner_name(owner), field.definition.name);
                    self.refuse_without(other, &place, &format!("{name} needs"));
                }
            }
            for rule in self.rules_of(thing) {
                let read = expression::fields_in(&rule.condition).into_iter();
                let mut read = read.map(FieldId::uuid);
                if let Some(dead) = read.find_map(|id| self.draft.find_dead(id)) {
                    let what = format!("the validation rule {} needs", rule.name);
                    self.refuse_without(dead.thing, &place, &what);
                }
            }
        }
    }

    /// Whether a field came back by this changeset, with the place of the operation.
    pub(super) fn came_back(&self, owner: Uuid, field: Uuid) -> Option<Place> {
        let mut undeleted = self.undeleted.iter();
        let found = undeleted.find(|(thing, _)| *thing == field || *thing == owner);
        found.map(|(_, place)| place.child("id"))
    }

    fn rules_of(&self, owner: Uuid) -> Vec<RuleDefinition> {
        let object = self.draft.objects.get(&ObjectTypeId::new(owner));
        let relation = self.draft.relations.get(&RelationTypeId::new(owner));
        let of_object = object.map(|entry| entry.definition.validations.clone());
        let of_relation = relation.map(|entry| entry.definition.validations.clone());
        of_object.or(of_relation).unwrap_or_default()
    }

    fn is_lookup(&self, thing: Uuid) -> bool {
        let field = self.draft.deleted_field(thing);
        let field_type = field.and_then(|field| find_field_type(&field.definition.field_type));
        field_type.is_some_and(FieldType::is_virtual)
    }

    /// `shipment.order` or the name of a relation type.
    pub(super) fn dead_path(&self, dead: Dead) -> String {
        let name = self.draft.dead_name(dead);
        let owner = dead.owner.map(|owner| {
            let live = self.owner_name(owner);
            let dead = self.draft.find_dead(owner);
            dead.map_or(live, |dead| self.draft.dead_name(dead))
        });
        owner.map_or(name.clone(), |owner| format!("{owner}.{name}"))
    }
}

/// The ids of the things that a field can't be without: its only target, its list, what it is computed
/// of. System fields are among them.
fn needs(definition: &FieldDefinition) -> Vec<Uuid> {
    let mut settings = serde_json::to_value(&definition.settings).unwrap_or_default();
    if let Some(members) = settings.as_object_mut() {
        // Of several targets one is enough.
        members.shift_remove("targets");
    }
    let mut found = Vec::new();
    collect(&settings, &mut found);
    let attributes = &definition.attributes;
    for stored in [&attributes.required_when, &attributes.default_expression] {
        collect_text(stored.as_deref().unwrap_or_default(), &mut found);
    }
    found
}

fn collect(json: &Json, found: &mut Vec<Uuid>) {
    match json {
        Json::String(text) => collect_text(text, found),
        Json::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Json::Object(members) => {
            for (key, value) in members {
                collect_text(key, found);
                collect(value, found);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

fn collect_text(text: &str, found: &mut Vec<Uuid>) {
    match Uuid::try_parse(text) {
        Ok(id) => found.push(id),
        Err(_) => found.extend(expression::fields_in(text).into_iter().map(FieldId::uuid)),
    }
}
