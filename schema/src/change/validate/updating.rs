//! Changes of what is there: names, labels, options, and whether a field is required or unique.

use serde_json::{Map, Value as Json};

use super::{
    super::{
        changeset::{EndPatch, UpdateField, UpdateObjectType, UpdateRelationType},
        draft::DraftField,
        plan::{Ask, Question, Step},
        rules::Member,
    },
    Validation,
};
use crate::{
    catalog::{
        Subject,
        definition::{EndDefinition, FieldAttributes, FieldDefinition},
    },
    error::{FaultCode, Place},
    field_type::{FieldType, Settings, find_field_type},
    id::ObjectTypeId,
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
        let mut definition = entry.definition.clone();
        if let Some(text) = &input.name {
            definition.name = self.renamed(id, text, &place.child("name"), definition.name);
        }
        if let Some(text) = &input.plural {
            definition.plural = self.renamed(id, text, &place.child("plural"), definition.plural);
        }
        if input.name.is_some() || input.plural.is_some() {
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
        self.draft.put_object(id, definition);
    }

    fn renamed(
        &mut self,
        id: ObjectTypeId,
        text: &str,
        place: &Place,
        old: crate::name::ApiName,
    ) -> crate::name::ApiName {
        if text == old.as_str() {
            return old;
        }
        let Some(name) = self.well_formed(text, place) else {
            return old;
        };
        self.type_name_is_free(&name, Some(id.uuid()), place);
        name
    }

    pub(super) fn update_relation_type(&mut self, input: &UpdateRelationType, place: &Place) {
        let before = self.faults.len();
        self.summarize(format!("changes the relation type {}", input.relation));
        let Some(id) = self.relation(&input.relation, place) else {
            return;
        };
        let Some(entry) = self.draft.relations.get(&id) else {
            return;
        };
        let mut definition = entry.definition.clone();
        if let Some(text) = &input.name
            && text != definition.name.as_str()
            && let Some(name) = self.well_formed(text, &place.child("name"))
        {
            let place = place.child("name");
            self.type_name_is_free(&name, Some(id.uuid()), &place);
            self.graphql_names_are_free([Some(&name), None], Some(id.uuid()), (&place, before));
            definition.name = name;
        }
        if let Some(label) = &input.label {
            self.label_fits(label, &place.child("label"));
            definition.label.clone_from(label);
        }
        if let Some(description) = &input.description {
            self.description_fits(description, &place.child("description"));
            definition.description.clone_from(description);
        }
        if let Some(end) = &input.source {
            let member = Member::End(id.uuid(), true);
            self.update_end(&mut definition.source, end, member, &place.child("source"));
        }
        if let Some(end) = &input.target {
            let member = Member::End(id.uuid(), false);
            self.update_end(&mut definition.target, end, member, &place.child("target"));
        }
        self.draft.put_relation(id, definition);
    }

    fn update_end(
        &mut self,
        end: &mut EndDefinition,
        patch: &EndPatch,
        own: Member,
        place: &Place,
    ) {
        if let Some(label) = &patch.label {
            self.label_fits(label, &place.child("label"));
            end.label.clone_from(label);
        }
        let Some(text) = patch.name.as_deref().filter(|it| *it != end.name.as_str()) else {
            return;
        };
        let place = place.child("name");
        if let Some(name) = self.well_formed(text, &place) {
            self.collection_name_is_free(&name, &place);
            self.member_name_is_free(Subject::Object(end.object), &name, own, &place);
            end.name = name;
        }
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
        let mut definition = field.definition.clone();
        self.update_names(owner, input, &mut definition, (id, place));
        let (attributes, settings): (Map<_, _>, Map<_, _>) = input
            .settings
            .clone()
            .into_iter()
            .partition(|(key, _)| FieldAttributes::KEYS.contains(&key.as_str()));
        if !attributes.is_empty() {
            let merged = self.merged_attributes(&definition.attributes, &attributes, place);
            definition.attributes = merged.unwrap_or(definition.attributes);
            let of_type = (field_type, &definition.settings);
            self.attributes_suit(&definition.attributes, of_type, place);
        }
        self.plan_index(owner, (id, Some(&field)), &definition);
        let settings = self.updated_settings(owner, &settings, (&field, field_type), place);
        definition.settings = settings.unwrap_or(definition.settings);
        let default = input.default.as_ref().and_then(Option::as_ref);
        self.computed_takes(field_type, (input.required == Some(true), default), place);
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
        if let Some(required) = input.required {
            self.update_required(owner, &field, required, place);
            definition.required = required;
        }
        if let Some(unique) = input.unique {
            if unique {
                self.type_can_be_unique(field_type, &definition.settings, place);
            }
            self.update_unique(owner, &field, unique, place);
            definition.unique = unique;
        }
        self.index_fits(&definition, &place.child("indexed"));
        self.touches(id.uuid(), "goes on: it holds the id, not the name");
        self.draft.put_field(owner.uuid(), id, definition);
    }

    fn update_names(
        &mut self,
        owner: Subject,
        input: &UpdateField,
        definition: &mut FieldDefinition,
        (id, place): (crate::id::FieldId, &Place),
    ) {
        if let Some(text) = &input.name
            && text != definition.name.as_str()
        {
            let place = place.child("name");
            if let Some(name) = self.well_formed(text, &place) {
                self.member_name_is_free(owner, &name, Member::Field(id), &place);
                definition.name = name;
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

    fn updated_settings(
        &mut self,
        owner: Subject,
        changes: &Map<String, Json>,
        (field, field_type): (&DraftField, &dyn FieldType),
        place: &Place,
    ) -> Option<Settings> {
        let before = self.faults.len();
        let changeable = field_type.changeable_settings();
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
        if changes.is_empty() || self.faults.len() > before {
            return None;
        }
        if field_type.is_formula() {
            self.note_computed(owner, (field.id, field.is_new), place);
            return self.updated_formula(owner, &field.definition.settings, changes, place);
        }
        let merged = self.merged(&field.definition.settings, changes);
        let mut settings = self.settings_are_allowed(field_type, &merged, place)?;
        if changes.contains_key("targets") {
            self.widen_targets(&field.definition.settings, &mut settings, place);
        }
        if changes.contains_key("inverse") || changes.contains_key("targets") {
            self.inverse_is_free(&settings, Some(field.id), place);
        }
        self.ask_for_removed_options(owner, field, &settings, place);
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
        for (key, value) in changes {
            merged.insert(key.clone(), value.clone());
        }
        merged
    }

    fn ask_for_removed_options(
        &mut self,
        owner: Subject,
        field: &DraftField,
        settings: &Settings,
        place: &Place,
    ) {
        let stays = |name: &str| settings.options.iter().any(|option| option.name == name);
        let storage = find_field_type(&field.definition.field_type)
            .and_then(|field_type| field_type.parts(settings).first().map(|part| part.storage));
        let removed = field.definition.settings.options.iter();
        for option in removed.filter(|option| !stays(&option.name)) {
            let ask = Ask::Uses {
                column: field.definition.column.clone(),
                storage: storage.unwrap_or(Storage::Text),
                option: option.name.clone(),
            };
            self.ask(owner, field, ask, place.child("options"));
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
            };
            self.ask(owner, field, ask, place.child("unique"));
            self.step(Step::AddUniqueIndex { table, column });
        } else {
            self.step(Step::DropUniqueIndex { table, column });
        }
    }

    fn ask(&mut self, owner: Subject, field: &DraftField, ask: Ask, place: Place) {
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
