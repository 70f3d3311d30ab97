//! What was deleted comes back: under names that are free, with all that it needs, and with its values as
//! far as they keep what it asks of them.

use uuid::Uuid;

use super::{
    super::{
        deletion::{
            DeletedKind, UndeleteField, UndeleteObjectType, UndeleteOptionList,
            UndeleteRelationType,
        },
        draft::{Dead, DraftField},
        plan::{Ask, Question, Step},
        rules::Member,
    },
    Validation,
    updating::storage_of,
};
use crate::{
    catalog::{Aliases, Subject},
    error::{FaultCode, Place},
    field_type::{FieldType, find_field_type},
    id::{ObjectTypeId, OptionListId, RelationTypeId},
    name::ApiName,
    value::Storage,
};

/// What becomes of a rule that names what comes back.
pub(super) const GRANTS_AGAIN: &str = "grants again what it granted through what comes back";

/// What becomes of what went with the thing that comes back.
pub(super) const COMES_BACK: &str = "comes back with it";

/// What becomes of what needs another deleted thing besides.
pub(super) const WAITS: &str =
    "stays deleted until the other deleted thing that it needs comes back";

/// How something comes back.
#[derive(Clone, Copy)]
pub(super) struct Coming<'p> {
    /// The operation.
    pub(super) place: &'p Place,
    /// Whether the operation names it; otherwise it comes with what the operation names.
    pub(super) alone: bool,
}

impl Coming<'_> {
    /// The place of a fault of its name.
    pub(super) fn at_name(self) -> Place {
        self.place.child(if self.alone { "name" } else { "id" })
    }

    /// What to do about a name that somebody else has.
    pub(super) fn other_name(self) -> &'static str {
        if self.alone {
            "bring it back with another `name`"
        } else {
            RENAME_OTHER
        }
    }

    /// What to do about the name of an end that somebody else has.
    pub(super) fn other_end(self) -> &'static str {
        if self.alone {
            "bring it back with another `source` or `target`"
        } else {
            RENAME_OTHER
        }
    }

    /// What to do about values that are not what a member of the field asks for.
    fn without(self, member: &'static str) -> &'static str {
        match (self.alone, member) {
            (true, "required") => "bring it back with `required: false`, and fill it",
            (true, "unique") => "bring it back with `unique: false`, and tell them apart",
            (true, _) => "give the list these options again, and let the records change over",
            (false, _) => LEAVE_OUT,
        }
    }
}

/// What to do about the name of a member that comes with a type.
const RENAME_OTHER: &str = "rename the other one first (with `aliasUntil: null`, so that the name is free \
                            at once), or leave this one out by `without`";

/// What to do about values of a member that comes with a type.
const LEAVE_OUT: &str = "leave it out by `without`, and bring it back by itself";

impl Validation<'_> {
    pub(super) fn undelete_field(&mut self, input: &UndeleteField, place: &Place) {
        self.summarize("brings a field back".to_owned());
        let Some(dead) = self.dead(input.id, DeletedKind::Field, place) else {
            return;
        };
        let Some(mut field) = self.draft.deleted_field(dead.thing) else {
            return;
        };
        let Some(owner) = dead.owner.and_then(|owner| self.live_owner(owner, place)) else {
            return;
        };
        let of = self.owner_name(owner.uuid());
        self.summarize(format!(
            "brings the field {of}.{} back",
            field.definition.name
        ));
        let definition = field.definition_mut();
        if let Some(name) = &input.name
            && let Some(name) = self.well_formed(name, &place.child("name"))
        {
            definition.name = name;
        }
        if let Some(new) = &input.inverse {
            let place = place.child("inverse");
            let name = self.well_formed(&new.name, &place.child("name"));
            match (&mut definition.settings.inverse, name) {
                (Some(inverse), Some(name)) => inverse.name = name,
                (Some(_), None) => {}
                (None, _) => {
                    let message = "the field has no inverse";
                    self.refuse(place, FaultCode::InvalidValue, message);
                }
            }
        }
        definition.required &= input.required != Some(false);
        if input.unique == Some(false) {
            self.stays_unique(definition, place);
            definition.unique = false;
        }
        self.bring_field(owner, field, Coming { place, alone: true });
        self.bring_those_with(dead.thing, &[], place);
    }

    pub(super) fn undelete_object_type(&mut self, input: &UndeleteObjectType, place: &Place) {
        self.summarize("brings an object type back".to_owned());
        let Some(dead) = self.dead(input.id, DeletedKind::Object, place) else {
            return;
        };
        let Some((mut definition, fields)) = self.draft.deleted_object(dead.thing) else {
            return;
        };
        self.summarize(format!("brings the object type {} back", definition.name));
        let before = self.faults.len();
        let own = Some(dead.thing);
        let (at_name, at_plural) = (place.child("name"), place.child("plural"));
        for (sent, name, at) in [
            (&input.name, &mut definition.name, &at_name),
            (&input.plural, &mut definition.plural, &at_plural),
        ] {
            if let Some(text) = sent
                && let Some(parsed) = self.well_formed(text, at)
            {
                *name = parsed;
            }
        }
        let (name, plural) = (definition.name.clone(), definition.plural.clone());
        self.with_remedy("bring it back with another `name` and `plural`", |it| {
            it.type_name_is_free(&name, own, &at_name);
            it.type_name_is_free(&plural, own, &at_plural);
            it.plural_differs(&name, &plural, &at_plural);
            it.graphql_names_are_free([Some(&name), Some(&plural)], own, (&at_name, before));
        });
        for aliases in [&mut definition.aliases, &mut definition.plural_aliases] {
            self.keep_free_aliases(aliases, |it, name| {
                it.type_name_is_free(name, own, place);
            });
        }
        self.touches(dead.thing, GRANTS_AGAIN);
        let id = ObjectTypeId::new(dead.thing);
        let conditions = !definition.validations.is_empty();
        self.draft.revive_object(dead.thing, definition, fields);
        self.undeleted.push((dead.thing, place.clone()));
        self.leave_out(id, &input.without);
        self.leave_dead_references(id);
        for field in self.draft.fields(dead.thing).to_vec() {
            self.with_remedy(RENAME_OTHER, |it| {
                it.inverse_is_free(
                    &field.definition.settings,
                    Some(field.id),
                    &place.child("id"),
                );
            });
        }
        self.bring_those_with(dead.thing, &input.without, place);
        self.members_differ(id, place);
        self.widen_relations(id, place);
        self.wake_fields(Subject::Object(id), conditions, place);
    }

    pub(super) fn undelete_relation_type(&mut self, input: &UndeleteRelationType, place: &Place) {
        self.summarize("brings a relation type back".to_owned());
        let Some(dead) = self.dead(input.id, DeletedKind::Relation, place) else {
            return;
        };
        let Some((mut definition, fields)) = self.draft.deleted_relation(dead.thing) else {
            return;
        };
        self.summarize(format!("brings the relation type {} back", definition.name));
        if let Some(end) = self.dead_end(&definition) {
            self.refuse_without(end, &place.child("id"), "leads to");
            return;
        }
        if let Some(text) = &input.name
            && let Some(name) = self.well_formed(text, &place.child("name"))
        {
            definition.name = name;
        }
        for (new, end, key) in [
            (&input.source, &mut definition.source, "source"),
            (&input.target, &mut definition.target, "target"),
        ] {
            if let Some(new) = new
                && let Some(name) = self.well_formed(&new.name, &place.child(key).child("name"))
            {
                end.name = name;
            }
        }
        if definition.symmetric {
            let (renamed, other) = if input.source.is_some() {
                (definition.source.clone(), &mut definition.target)
            } else {
                (definition.target.clone(), &mut definition.source)
            };
            *other = renamed;
        }
        let coming = Coming { place, alone: true };
        self.bring_relation((dead.thing, definition, fields), coming);
        self.bring_those_with(dead.thing, &[], place);
    }

    pub(super) fn undelete_option_list(&mut self, input: &UndeleteOptionList, place: &Place) {
        self.summarize("brings an option list back".to_owned());
        let Some(dead) = self.dead(input.id, DeletedKind::OptionList, place) else {
            return;
        };
        let Some(mut definition) = self.draft.deleted_option_list(dead.thing) else {
            return;
        };
        self.summarize(format!("brings the option list {} back", definition.name));
        let name = input.name.clone();
        let name = name.unwrap_or_else(|| definition.name.to_string());
        let id = OptionListId::new(dead.thing);
        let remedy = "bring it back with another `name`";
        let named = self.with_remedy(remedy, |it| {
            it.list_name(&name, Some(id), &place.child("name"))
        });
        if let Some(name) = named {
            definition.name = name;
            self.draft.revive_option_list(dead.thing, definition);
        }
    }

    /// What an operation brings back: something of its kind that is deleted and not purged.
    fn dead(&mut self, id: Uuid, kind: DeletedKind, place: &Place) -> Option<Dead> {
        let dead = self.draft.find_dead(id);
        let place = place.child("id");
        let refused = match dead {
            Some(dead) if dead.is_fresh => {
                "is deleted in this changeset; leave that operation out".to_owned()
            }
            Some(dead) if dead.is_purged => "was purged, so that it can't come back".to_owned(),
            Some(dead) if dead.kind != kind => {
                format!(
                    "is the id of the {}; use {}",
                    dead.kind.words(),
                    dead.kind.undelete()
                )
            }
            Some(dead) => return Some(dead),
            None => {
                let message = format!("there is no deleted {} \"{id}\"", kind.words());
                self.refuse(place, FaultCode::UnknownField, message);
                return None;
            }
        };
        self.refuse(place, FaultCode::InvalidValue, refused);
        None
    }

    /// The type of a field that comes back, which must be there.
    fn live_owner(&mut self, owner: Uuid, place: &Place) -> Option<Subject> {
        let object = self.draft.objects.contains_key(&ObjectTypeId::new(owner));
        let relation = self
            .draft
            .relations
            .contains_key(&RelationTypeId::new(owner));
        if object || relation {
            return Some(self.subject(owner));
        }
        self.refuse_without(owner, &place.child("id"), "belongs to");
        None
    }

    /// Says which other thing has to come back first.
    pub(super) fn refuse_without(&mut self, other: Uuid, place: &Place, how: &str) {
        let message = match self.draft.find_dead(other) {
            Some(dead) if !dead.is_purged => format!(
                "{how} the {} {:?}, which is deleted: bring that back too, by {} with the id {other}",
                dead.kind.words(),
                self.draft.dead_name(dead),
                dead.kind.undelete()
            ),
            Some(_) | None => format!("{how} something that is gone for good"),
        };
        self.refuse(place.clone(), FaultCode::InvalidValue, message);
    }

    /// Puts a field back on a type that is there, with the questions and steps that this takes.
    pub(super) fn bring_field(
        &mut self,
        owner: Subject,
        mut field: DraftField,
        coming: Coming<'_>,
    ) {
        let (id, place) = (field.id, coming.place);
        let settings = field.definition.settings.clone();
        self.there_is_room(owner, place);
        if settings.is_reference() {
            self.there_is_room_for_a_reference(owner, place);
        }
        let name = field.definition.name.clone();
        self.with_remedy(coming.other_name(), |it| {
            it.member_name_is_free(owner, &name, Member::Field(id), &coming.at_name());
        });
        let remedy = if coming.alone {
            "bring it back with another `inverse`"
        } else {
            RENAME_OTHER
        };
        let at = if coming.alone {
            place.clone()
        } else {
            place.child("id")
        };
        self.with_remedy(remedy, |it| {
            it.inverse_differs(owner, Some(&name), &settings, &at);
            it.inverse_is_free(&settings, Some(id), &at);
        });
        let definition = field.definition_mut();
        self.keep_free_aliases(&mut definition.aliases, |it, name| {
            it.member_name_is_free(owner, name, Member::Field(id), place);
        });
        self.keep_free_aliases(&mut definition.inverse_aliases, |it, name| {
            for target in settings.named_targets() {
                let target = Subject::Object(target);
                it.member_name_is_free(target, name, Member::Inverse(id), place);
            }
        });
        self.touches(id.uuid(), GRANTS_AGAIN);
        self.draft.revive_field(owner.uuid(), field.clone());
        self.undeleted.push((id.uuid(), place.clone()));
        self.ask_of_values(owner, &field, coming);
        self.wake_field(owner, &field, place);
    }

    /// Whether the values, those that were written meanwhile too, are what the field asks for.
    fn ask_of_values(&mut self, owner: Subject, field: &DraftField, coming: Coming<'_>) {
        let definition = &field.definition;
        let (table, _) = self.draft.table(owner);
        let column = definition.column.clone();
        let computed = find_field_type(&definition.field_type).is_some_and(FieldType::is_computed);
        let numbered = self.plan_missing_numbers(owner, field.id, definition);
        if definition.required && !computed && !numbered {
            let column = column.clone();
            let ask = Ask::Missing { column };
            self.ask_again((owner, field), ask, ("required", coming));
        }
        if definition.settings.tree {
            let column = column.clone();
            let ask = Ask::Circles { column };
            self.ask_again((owner, field), ask, ("tree", coming));
        }
        if definition.settings.option_list.is_some() {
            self.ask_again((owner, field), self.strange_options(field), ("id", coming));
        }
        if definition.unique {
            let ask = Ask::Duplicates {
                column: column.clone(),
                storage: storage_of(definition),
            };
            self.ask_again((owner, field), ask, ("unique", coming));
            // A field that was deleted by an earlier release has its index still.
            self.step(Step::DropUniqueIndex {
                table: table.clone(),
                column: column.clone(),
            });
            self.step(Step::AddUniqueIndex { table, column });
        }
    }

    /// The shared list may have lost options that values still have.
    fn strange_options(&self, field: &DraftField) -> Ask {
        let mut settings = self.draft.with_shared(&field.definition.settings);
        if let Some(list) = settings.option_list
            && !self.draft.option_lists.contains_key(&list)
            && let Some(list) = self.draft.deleted_option_list(list.uuid())
        {
            // It comes back as well, by a later operation, or there is a fault.
            settings.options = list.options;
        }
        let parts = find_field_type(&field.definition.field_type).map(|it| it.parts(&settings));
        let part = parts.and_then(|parts| parts.first().map(|part| part.storage));
        let options = settings.options.iter().map(|option| option.name.clone());
        Ask::Strange {
            column: field.definition.column.clone(),
            storage: part.unwrap_or(Storage::Text),
            options: options.collect(),
        }
    }

    fn ask_again(
        &mut self,
        (owner, field): (Subject, &DraftField),
        ask: Ask,
        (member, coming): (&'static str, Coming<'_>),
    ) {
        let (table, _) = self.draft.table(owner);
        let member_or_id = if coming.alone { member } else { "id" };
        let question = Question {
            table,
            ask: Ask::Undone {
                ask: Box::new(ask),
                remedy: coming.without(member),
            },
            stands: true,
            place: coming.place.child(member_or_id),
            code: FaultCode::InvalidValue,
            subject: self.qualified(owner, field),
        };
        self.step(Step::Ask(question));
    }

    /// What a field that comes back needs done: an index, values that are computed anew, conditions that
    /// hold again.
    pub(super) fn wake_field(&mut self, owner: Subject, field: &DraftField, place: &Place) {
        let definition = &field.definition;
        self.plan_index(owner, (field.id, None), definition);
        self.convert_default(owner, definition);
        let Some(field_type) = find_field_type(&definition.field_type) else {
            return;
        };
        let numbered = field_type.number_format(&definition.settings).is_some();
        if field_type.is_computed() && !field_type.is_virtual() && !numbered {
            self.note_computed(owner, (field.id, false), place);
        }
        if definition.attributes.required_when.is_some() {
            self.check_records(owner);
        }
    }

    /// The same for all fields of a type that comes back.
    pub(super) fn wake_fields(&mut self, owner: Subject, conditions: bool, place: &Place) {
        let coming = Coming {
            place,
            alone: false,
        };
        for field in self.draft.fields(owner.uuid()).to_vec() {
            self.wake_field(owner, &field, place);
            if field.definition.settings.option_list.is_some() {
                let ask = self.strange_options(&field);
                self.ask_again((owner, &field), ask, ("id", coming));
            }
        }
        if conditions {
            self.check_records(owner);
        }
    }

    /// A dry run tells which records do not keep the conditions of their type.
    fn check_records(&mut self, owner: Subject) {
        let operation = self.impacts.len().saturating_sub(1);
        if !self.checked.contains(&(owner, operation)) {
            self.checked.push((owner, operation));
        }
    }

    /// Faults that the checks find are told with what to do about them.
    pub(super) fn with_remedy<T>(
        &mut self,
        remedy: &str,
        checks: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let before = self.faults.len();
        let checked = checks(self);
        for fault in &mut self.faults[before..] {
            fault.message = format!("{}; {remedy}", fault.message);
        }
        checked
    }

    /// Drops old names that have ended or that somebody else has by now: to them they are worth more.
    pub(super) fn keep_free_aliases(
        &mut self,
        aliases: &mut Aliases,
        check: impl Fn(&mut Self, &ApiName),
    ) {
        let known: Vec<_> = aliases.iter().cloned().collect();
        for alias in known {
            let before = self.faults.len();
            check(self, &alias.name);
            let taken = self.faults.len() > before;
            self.faults.truncate(before);
            if taken || alias.until <= self.now {
                aliases.remove(alias.name.as_str());
            }
        }
    }
}
