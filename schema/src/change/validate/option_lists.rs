//! Shared option lists: new ones, changes with what they mean for the fields that use them, deletion.

use serde_json::Value as Json;
use uuid::Uuid;

use super::{
    super::{
        draft::DraftField,
        option_list::{AddOptionList, DeleteOptionList, UpdateOptionList},
        rules::{label_of, with_labels},
    },
    Validation,
    dependants::GOES_ON,
};
use crate::{
    catalog::{OptionListDefinition, Subject},
    error::{FaultCode, Place},
    field_type::{FieldOption, check_options, find_field_type},
    id::{ObjectTypeId, OptionListId, RelationTypeId},
    name::ApiName,
};

/// The most option lists of an installation.
const MAX_LISTS: usize = 1_000;

impl Validation<'_> {
    pub(super) fn add_option_list(&mut self, input: &AddOptionList, place: &Place) {
        let before = self.faults.len();
        self.summarize(format!("adds the option list {}", input.name));
        let name = self.list_name(&input.name, None, &place.child("name"));
        let label = input.label.clone().unwrap_or_else(|| label_of(&input.name));
        self.label_fits(&label, &place.child("label"));
        self.labels_fit(&input.labels, &place.child("labels"));
        self.description_fits(&input.description, &place.child("description"));
        if self.draft.option_lists.len() >= MAX_LISTS {
            let message = format!("there are at most {MAX_LISTS} option lists");
            self.refuse(place.clone(), FaultCode::InvalidValue, message);
        }
        let options = self.listed_options(&input.options, &place.child("options"));
        let (Some(name), Some(options), true) = (name, options, self.faults.len() == before) else {
            self.refused.insert(input.name.clone());
            return;
        };
        let Some(id) = self.id_of(input.id, place).map(OptionListId::new) else {
            self.refused.insert(input.name.clone());
            return;
        };
        let definition = OptionListDefinition {
            name,
            label,
            labels: input.labels.clone(),
            description: input.description.clone(),
            options,
        };
        self.draft.put_option_list(id, definition);
    }

    pub(super) fn update_option_list(&mut self, input: &UpdateOptionList, place: &Place) {
        self.summarize(format!("changes the option list {}", input.option_list));
        let at = (&place.child("optionList"), FaultCode::UnknownField);
        let Some(id) = self.option_list(&input.option_list, at) else {
            return;
        };
        let Some(entry) = self.draft.option_lists.get(&id) else {
            return;
        };
        let mut definition = entry.definition.clone();
        if let Some(text) = &input.name
            && let Some(name) = self.list_name(text, Some(id), &place.child("name"))
        {
            definition.name = name;
        }
        self.touches(id.uuid(), GOES_ON);
        if let Some(label) = &input.label {
            self.label_fits(label, &place.child("label"));
            definition.label.clone_from(label);
        }
        if let Some(labels) = &input.labels {
            self.labels_fit(labels, &place.child("labels"));
            definition.labels.clone_from(labels);
        }
        if let Some(description) = &input.description {
            self.description_fits(description, &place.child("description"));
            definition.description.clone_from(description);
        }
        if let Some(options) = &input.options {
            if self.list_is_converting(id, &place.child("options")) {
                return;
            }
            let Some(options) = self.listed_options(options, &place.child("options")) else {
                return;
            };
            definition.options = options;
        }
        self.change_listed(id, &definition, &input.replace_options, place);
    }

    /// Puts the changed list in place. For each field that uses it the same rules hold as if its own
    /// options had changed.
    fn change_listed(
        &mut self,
        id: OptionListId,
        definition: &OptionListDefinition,
        replaced: &std::collections::BTreeMap<String, String>,
        place: &Place,
    ) {
        let users = self.users(id);
        let before: Vec<_> = users
            .iter()
            .map(|(_, field)| self.draft.with_shared(&field.definition.settings).options)
            .collect();
        let old = self.draft.option_lists.get(&id);
        let old = old.map_or_else(Vec::new, |entry| entry.definition.options.clone());
        self.draft.put_option_list(id, definition.clone());
        self.replacements_fit((&old, &definition.options), replaced, place);
        for ((owner, field), old) in users.into_iter().zip(before) {
            let lists = (old.as_slice(), definition.options.as_slice());
            self.options_change(owner, &field, lists, (replaced, place));
            if let (Some(default), Some(field_type)) = (
                &field.definition.default,
                find_field_type(&field.definition.field_type),
            ) {
                let settings = field.definition.settings.clone();
                let before = self.faults.len();
                self.default_fits(field_type, &settings, default, place);
                let name = self.qualified(owner, &field);
                for fault in &mut self.faults[before..] {
                    fault.place = place.child("options");
                    fault.message = format!("the default of {name} {}", fault.message);
                }
            }
        }
    }

    pub(super) fn delete_option_list(&mut self, input: &DeleteOptionList, place: &Place) {
        self.summarize(format!("deletes the option list {}", input.option_list));
        let place = place.child("optionList");
        let at = (&place, FaultCode::UnknownField);
        let Some(id) = self.option_list(&input.option_list, at) else {
            return;
        };
        let users = self.users(id).into_iter();
        let users: Vec<String> = users
            .map(|(owner, field)| self.qualified(owner, &field))
            .collect();
        if users.is_empty() {
            self.draft.delete_option_list(id);
            return;
        }
        let message = format!(
            "the list is used by {}; give these fields other options first",
            users.join(", ")
        );
        self.refuse(place, FaultCode::InvalidValue, message);
    }

    /// The list that an operation or a field names.
    pub(super) fn option_list(
        &mut self,
        name: &str,
        (place, code): (&Place, FaultCode),
    ) -> Option<OptionListId> {
        let mut lists = self.draft.option_lists.iter();
        let found = lists.find(|(_, entry)| entry.definition.name.as_str() == name);
        let found = found.map(|(id, _)| *id);
        if found.is_none() && !self.is_refused(name) {
            let message = format!("there is no option list {name:?}");
            self.refuse(place.clone(), code, message);
        }
        found
    }

    /// The fields that offer the options of a list.
    fn users(&self, list: OptionListId) -> Vec<(Subject, DraftField)> {
        let fields = self.draft.every_field().into_iter();
        let users = fields.filter(|(_, field)| field.definition.settings.option_list == Some(list));
        // What an operation before this one has hidden with its type uses nothing.
        users
            .filter(|(owner, _)| !self.owner_name(*owner).is_empty())
            .map(|(owner, field)| (self.subject(owner), field.clone()))
            .collect()
    }

    /// The type with this id, object or relation.
    pub(super) fn subject(&self, owner: Uuid) -> Subject {
        let object = ObjectTypeId::new(owner);
        if self.draft.objects.contains_key(&object) {
            Subject::Object(object)
        } else {
            Subject::Relation(RelationTypeId::new(owner))
        }
    }

    pub(super) fn qualified(&self, owner: Subject, field: &DraftField) -> String {
        format!(
            "{}.{}",
            self.owner_name(owner.uuid()),
            field.definition.name
        )
    }

    pub(super) fn list_name(
        &mut self,
        text: &str,
        own: Option<OptionListId>,
        place: &Place,
    ) -> Option<ApiName> {
        let name = self.well_formed(text, place)?;
        let mut others = self.draft.option_lists.iter();
        if others.any(|(id, entry)| Some(*id) != own && entry.definition.name == name) {
            let message = format!("an option list is called \"{name}\" already");
            self.refuse(place.clone(), FaultCode::NameTaken, message);
            return None;
        }
        Some(name)
    }

    /// The options of a list as they are sent.
    fn listed_options(&mut self, sent: &Json, place: &Place) -> Option<Vec<FieldOption>> {
        let parsed = serde_json::from_value::<Vec<FieldOption>>(with_labels(sent.clone()));
        let checked = parsed
            .map_err(|error| error.to_string())
            .and_then(|options| {
                check_options(&options)?;
                if options.iter().any(|option| !option.when.is_empty()) {
                    return Err("options of a shared list have no `when`".to_owned());
                }
                Ok(options)
            });
        match checked {
            Ok(options) => {
                self.option_labels_fit(&options, place);
                Some(options)
            }
            Err(message) => {
                self.refuse(place.clone(), FaultCode::InvalidValue, message);
                None
            }
        }
    }
}
