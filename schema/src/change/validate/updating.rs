//! Changes of what is there: names, labels, options, and whether a field is required or unique.

use serde_json::{Map, Value as Json};
use time::OffsetDateTime;

use super::{
    super::{
        changeset::{UpdateField, UpdateObjectType},
        draft::DraftField,
        plan::{Ask, Question, Step},
        rules::Member,
    },
    Validation,
    dependants::GOES_ON,
    objects::ObjectChanges,
    options::Replaced,
};
use crate::{
    catalog::{
        Subject,
        definition::{FieldAttributes, FieldDefinition},
    },
    error::{FaultCode, Place},
    field_type::{Bound, FieldType, Inverse, Settings, find_field_type},
    id::ObjectTypeId,
    name::ApiName,
    value::Storage,
};

impl Validation<'_> {
    pub(super) fn update_object_type(&mut self, input: &UpdateObjectType, place: &Place) {
        let before = self.faults.len();
        self.summarize(format!("changes the object type {}", input.object));
        let Some(id) = self.object(&input.object, place) else {
            return;
        };
        let Some(entry) = self.draft.objects.get(&id) else {
            return;
        };
        let (mut definition, entry_is_new) = (entry.definition.clone(), entry.is_new);
        let end = self.alias_end(&input.alias_until, place);
        let end = end.filter(|_| !entry_is_new);
        if let Some(text) = &input.name
            && let Some(name) = self.renamed((id, &definition.name), text, &place.child("name"))
        {
            definition.plural_aliases.remove(name.as_str());
            self.rename((&mut definition.name, &mut definition.aliases), name, end);
        }
        if let Some(text) = &input.plural
            && let Some(name) = self.renamed((id, &definition.plural), text, &place.child("plural"))
        {
            definition.aliases.remove(name.as_str());
            let named = (&mut definition.plural, &mut definition.plural_aliases);
            self.rename(named, name, end);
        }
        if input.name.is_some() || input.plural.is_some() {
            self.touches(id.uuid(), GOES_ON);
            let names = [Some(&definition.name), Some(&definition.plural)];
            self.plural_differs(&definition.name, &definition.plural, &place.child("plural"));
            let place = place.child("name");
            self.graphql_names_are_free(names, Some(id.uuid()), (&place, before));
        }
        if let Some(label) = &input.label {
            self.label_fits(label, &place.child("label"));
            definition.label.clone_from(label);
        }
        if let Some(label) = &input.plural_label {
            self.label_fits(label, &place.child("pluralLabel"));
            definition.plural_label.clone_from(label);
        }
        if let Some(description) = &input.description {
            self.description_fits(description, &place.child("description"));
            definition.description.clone_from(description);
        }
        if let Some(title) = &input.title {
            let place = place.child("title");
            definition.title = title
                .as_deref()
                .and_then(|title| self.title(id, title, &place));
        }
        if let Some(rules) = &input.validations {
            definition.validations = self.rules(Subject::Object(id), rules, place);
        }
        self.object_attributes(id, &mut definition, &ObjectChanges::of_known(input), place);
        self.draft.put_object(id, definition);
    }

    fn renamed(
        &mut self,
        (id, old): (ObjectTypeId, &ApiName),
        text: &str,
        place: &Place,
    ) -> Option<ApiName> {
        if text == old.as_str() {
            return None;
        }
        let name = self.well_formed(text, place)?;
        self.type_name_is_free(&name, Some(id.uuid()), place);
        Some(name)
    }

    pub(super) fn update_field(&mut self, input: &UpdateField, place: &Place) {
        let owner = input.object.as_deref().or(input.relation.as_deref());
        let owner = owner.unwrap_or_default();
        self.summarize(format!("changes the field {owner}.{}", input.field));
        let owner = self.owner(input.object.as_deref(), input.relation.as_deref(), place);
        let Some(owner) = owner else { return };
        let Some(id) = self.field(owner, &input.field, place) else {
            return;
        };
        let Some(field) = self.draft.find_field(owner.uuid(), &input.field).cloned() else {
            return;
        };
        let Some(field_type) = find_field_type(&field.definition.field_type) else {
            return;
        };
        if !self.change_suits_conversion(input, &field, place) {
            return;
        }
        let mut definition = field.to_definition();
        let alias_end = self.alias_end(&input.alias_until, place);
        let alias_end = alias_end.filter(|_| !field.is_new);
        self.update_names(owner, (input, alias_end), &mut definition, (id, place));
        let (attributes, settings): (Map<_, _>, Map<_, _>) = input
            .settings
            .clone()
            .into_iter()
            .partition(|(key, _)| FieldAttributes::KEYS.contains(&key.as_str()));
        if !attributes.is_empty() {
            self.update_attributes(owner, field_type, &mut definition, (&attributes, place));
        }
        self.plan_index(owner, (id, Some(&field)), &definition);
        let settings = self.updated_settings(owner, &settings, (&field, field_type), place);
        let settings = settings.unwrap_or_else(|| definition.settings.clone());
        let old = std::mem::replace(&mut definition.settings, settings);
        self.order_inverse(owner, (id, Some(&old)), &definition, place);
        self.keep_inverse(&mut definition, old.inverse, alias_end);
        let default = input.default.as_ref().and_then(Option::as_ref);
        self.computed_takes(field_type, (input.required == Some(true), default), place);
        self.update_default(input, &field, &mut definition, place);
        definition.position = input.position.map_or(definition.position, i64::from);
        if let Some(required) = input.required {
            self.update_required(owner, &field, required, place);
            definition.required = required;
        }
        if let Some(unique) = input.unique {
            if unique {
                self.type_can_be_unique(field_type, &definition.settings, place);
            } else {
                self.stays_unique(&definition, place);
            }
            self.update_unique(owner, &field, unique, place);
            definition.unique = unique;
        }
        let bond = (&definition.settings, definition.required);
        self.bond_fits(owner, Some(id), bond, place);
        self.summarize_bond((owner, input), (&field.definition.settings, bond.0));
        self.ask_for_circles(owner, (&field, bond.0), place);
        self.index_fits(&definition, &place.child("indexed"));
        self.touches(id.uuid(), GOES_ON);
        self.draft.put_field(owner.uuid(), id, definition);
    }

    /// A new default fits, and so does the old one after the settings have changed.
    fn update_default(
        &mut self,
        input: &UpdateField,
        field: &DraftField,
        definition: &mut FieldDefinition,
        place: &Place,
    ) {
        let Some(field_type) = find_field_type(&definition.field_type) else {
            return;
        };
        if let Some(default) = &input.default {
            if let Some(default) = default.as_ref().filter(|_| !field_type.is_computed()) {
                self.default_fits(field_type, &definition.settings, default, place);
            }
            definition.default.clone_from(default);
        } else if let Some(default) = &definition.default.clone()
            && definition.settings != field.definition.settings
        {
            self.default_fits(field_type, &definition.settings, default, place);
        }
    }

    pub(super) fn update_attributes(
        &mut self,
        owner: Subject,
        field_type: &'static dyn FieldType,
        definition: &mut FieldDefinition,
        (changes, place): (&Map<String, Json>, &Place),
    ) {
        let merged = self.merged_attributes(&definition.attributes, changes, place);
        if let Some(merged) = merged {
            definition.attributes = merged;
        }
        let of_type = (field_type, &definition.settings);
        self.attributes_suit(&definition.attributes, of_type, place);
        let is_sent = |key: &str| changes.contains_key(key);
        let merged = &mut definition.attributes;
        self.attributes_are_read(owner, merged, of_type, (is_sent, place));
    }

    fn update_names(
        &mut self,
        owner: Subject,
        (input, alias_end): (&UpdateField, Option<OffsetDateTime>),
        definition: &mut FieldDefinition,
        (id, place): (crate::id::FieldId, &Place),
    ) {
        if let Some(text) = &input.name
            && text != definition.name.as_str()
        {
            let place = place.child("name");
            if let Some(name) = self.well_formed(text, &place) {
                self.member_name_is_free(owner, &name, Member::Field(id), &place);
                self.is_no_position(owner, name.as_str(), &place);
                let named = (&mut definition.name, &mut definition.aliases);
                self.rename(named, name, alias_end);
            }
        }
        if let Some(label) = &input.label {
            self.label_fits(label, &place.child("label"));
            definition.label.clone_from(label);
        }
        if let Some(help) = &input.help {
            self.description_fits(help, &place.child("help"));
            definition.help.clone_from(help);
        }
    }

    /// Keeps the old name of an inverse that was renamed.
    fn keep_inverse(
        &mut self,
        definition: &mut FieldDefinition,
        old: Option<Inverse>,
        alias_end: Option<OffsetDateTime>,
    ) {
        let (Some(new), Some(old)) = (&definition.settings.inverse, old) else {
            return;
        };
        if new.name != old.name {
            let mut name = old.name;
            let named = (&mut name, &mut definition.inverse_aliases);
            self.rename(named, new.name.clone(), alias_end);
        }
    }

    fn updated_settings(
        &mut self,
        owner: Subject,
        changes: &Map<String, Json>,
        (field, field_type): (&DraftField, &dyn FieldType),
        place: &Place,
    ) -> Option<Settings> {
        let before = self.faults.len();
        let mut changes = self.options_by_id(owner, changes, place);
        let changeable = field_type.changeable_settings();
        let replaced = if changeable.contains(&"options") {
            self.taken_replacements(&mut changes, place)
        } else {
            Replaced::new()
        };
        for key in changes.keys() {
            if !changeable.contains(&key.as_str()) {
                let known = match changeable {
                    [] => "none".to_owned(),
                    some => format!("only {}", some.join(" and ")),
                };
                let message = format!(
                    "there is nothing called {key:?} that can be changed; of the settings of the type {} {known} can",
                    field_type.name()
                );
                self.refuse(place.child(key), FaultCode::UnknownField, message);
            }
        }
        if (changes.is_empty() && replaced.is_empty()) || self.faults.len() > before {
            return None;
        }
        let stored = &field.definition.settings;
        if field_type.is_formula() {
            self.note_computed(owner, (field.id, field.is_new), place);
            return self.updated_formula(owner, stored, &changes, place);
        }
        if field_type.is_rollup() {
            self.note_computed(owner, (field.id, field.is_new), place);
            return self.updated_rollup(owner, stored, &changes, place);
        }
        let mut merged = self.merged(stored, &changes);
        keep_order(stored, &mut merged);
        let mut settings = self.settings_are_allowed(field_type, &merged, place)?;
        if changes.contains_key("targets") {
            self.widen_targets(stored, &mut settings, place);
        }
        if changes.contains_key("inverse") || changes.contains_key("targets") {
            self.inverse_is_free(&settings, Some(field.id), place);
        }
        self.options_fit(owner, Some(field.id), &settings, place);
        let old = self.draft.with_shared(stored).options;
        let new = self.draft.with_shared(&settings).options;
        self.replacements_fit((&old, &new), &replaced, place);
        self.options_change(owner, field, (&old, &new), (&replaced, place));
        self.ask_for_broken_bounds(owner, (field, field_type), &settings, place);
        if field.definition.unique {
            self.type_can_be_unique(field_type, &settings, place);
        }
        Some(settings)
    }

    /// A reference to several types may get more targets, and loses none: values point at them.
    fn widen_targets(&mut self, stored: &Settings, settings: &mut Settings, place: &Place) {
        for target in &stored.targets {
            if settings.targets.contains(target) {
                continue;
            }
            if self.draft.objects.contains_key(target) {
                let name = self.owner_name(target.uuid());
                let message =
                    format!("must keep {name:?}: targets are added, and go with their type");
                self.refuse(place.child("targets"), FaultCode::InvalidValue, message);
            }
            // A deleted type stays in the list, so that it comes back with the type.
            settings.targets.push(*target);
        }
    }

    /// The settings as they would be sent, with the changes put in.
    fn merged(&self, stored: &Settings, changes: &Map<String, Json>) -> Map<String, Json> {
        let mut merged = match serde_json::to_value(stored) {
            Ok(Json::Object(members)) => members,
            Ok(_) | Err(_) => Map::new(),
        };
        if let Some(target) = stored.target {
            let name = Json::String(self.owner_name(target.uuid()));
            merged.insert("target".to_owned(), name);
        }
        if !stored.targets.is_empty() {
            let live = stored.targets.iter();
            let live = live.filter(|target| self.draft.objects.contains_key(target));
            let names = live.map(|target| self.owner_name(target.uuid())).collect();
            merged.insert("targets".to_owned(), names);
        }
        let lists = changes
            .get("optionList")
            .is_some_and(|list| !list.is_null());
        if lists {
            merged.shift_remove("options");
        }
        for (key, value) in changes {
            merged.insert(key.clone(), value.clone());
        }
        merged
    }

    /// A bound that is drawn tighter holds of what is stored. A pattern is for what is written from now on:
    /// neither database can look for it, but a dry run tells which records do not match.
    fn ask_for_broken_bounds(
        &mut self,
        owner: Subject,
        (field, field_type): (&DraftField, &dyn FieldType),
        settings: &Settings,
        place: &Place,
    ) {
        let parts = field_type.parts(settings);
        let Some(part) = parts.first() else { return };
        for (name, bound) in Bound::tightened(field_type, &field.definition.settings, settings) {
            let ask = Ask::Breaks {
                column: field.definition.column.clone(),
                storage: part.storage,
                bound,
            };
            self.ask(owner, field, ask, place.child(name));
        }
        let old = &field.definition.settings.pattern;
        if let Some(pattern) = settings
            .pattern
            .clone()
            .filter(|new| Some(new) != old.as_ref())
        {
            let ask = Ask::Mismatches {
                column: field.definition.column.clone(),
                storage: part.storage,
                pattern,
            };
            self.ask(owner, field, ask, place.child("pattern"));
        }
    }

    fn update_required(
        &mut self,
        owner: Subject,
        field: &DraftField,
        required: bool,
        place: &Place,
    ) {
        let place = place.child("required");
        if !required && !field.nullable {
            let message = "the database needs a value of this standard field";
            self.refuse(place, FaultCode::InvalidValue, message);
        } else if required && !field.definition.required {
            let column = field.definition.column.clone();
            self.ask(owner, field, Ask::Missing { column }, place);
        }
    }

    fn update_unique(&mut self, owner: Subject, field: &DraftField, unique: bool, place: &Place) {
        if unique == field.definition.unique {
            return;
        }
        let (table, _) = self.draft.table(owner);
        let column = field.definition.column.clone();
        if unique {
            let ask = Ask::Duplicates {
                column: column.clone(),
                storage: storage_of(&field.definition),
            };
            self.ask(owner, field, ask, place.child("unique"));
            self.step(Step::AddUniqueIndex { table, column });
        } else {
            self.step(Step::DropUniqueIndex { table, column });
        }
    }

    pub(super) fn ask(&mut self, owner: Subject, field: &DraftField, ask: Ask, place: Place) {
        let (table, _) = self.draft.table(owner);
        let subject = format!(
            "{}.{}",
            self.owner_name(owner.uuid()),
            field.definition.name
        );
        self.step(Step::Ask(Question {
            table,
            ask,
            stands: !field.is_new,
            place,
            code: FaultCode::InvalidValue,
            subject,
        }));
    }
}

/// The form of the first column of a field.
pub(super) fn storage_of(definition: &FieldDefinition) -> Storage {
    let field_type = find_field_type(&definition.field_type);
    let parts = field_type.map(|it| it.parts(&definition.settings));
    let first = parts.and_then(|parts| parts.first().map(|part| part.storage));
    first.unwrap_or(Storage::Text)
}

/// An inverse that is sent anew, with another name or label, keeps its order unless it says otherwise.
fn keep_order(stored: &Settings, settings: &mut Map<String, Json>) {
    let is_ordered = stored.inverse.as_ref().is_some_and(|it| it.ordered);
    if let Some(Json::Object(inverse)) = settings.get_mut("inverse").filter(|_| is_ordered) {
        inverse.entry("ordered").or_insert(Json::Bool(true));
    }
}
