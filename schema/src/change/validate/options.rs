//! The options of a select: from which list they come, on which field they depend, and what becomes of
//! the records that use one which is left out.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::{
    super::{
        draft::DraftField,
        plan::{Ask, Replacement, Step},
    },
    Validation,
};
use crate::{
    catalog::Subject,
    error::{FaultCode, Place},
    field_type::{FieldOption, FieldType, Scalar, Settings, find_field_type},
    id::FieldId,
    value::Storage,
};

/// The member of a change that says what records get in place of options which are left out.
const REPLACE: &str = "replaceOptions";

/// Which options take the place of which.
pub(super) type Replaced = BTreeMap<String, String>;

impl Validation<'_> {
    /// The settings with the names of option lists and of fields of the same type turned into ids.
    pub(super) fn options_by_id(
        &mut self,
        owner: Subject,
        sent: &Map<String, Json>,
        place: &Place,
    ) -> Map<String, Json> {
        let mut settings = sent.clone();
        if let Some(Json::String(name)) = sent.get("optionList") {
            let at = (&place.child("optionList"), FaultCode::InvalidValue);
            match self.option_list(name, at) {
                Some(id) => settings.insert("optionList".to_owned(), Json::from(id.to_string())),
                None => settings.shift_remove("optionList"),
            };
        }
        if let Some(Json::String(name)) = sent.get("dependsOn") {
            let found = self.draft.find_field(owner.uuid(), name).map(|it| it.id);
            if found.is_none() {
                let message = format!(
                    "there is no field {name:?}; the field that decides is added before this one"
                );
                let place = place.child("dependsOn");
                self.refuse(place, FaultCode::UnknownField, message);
            }
            match found {
                Some(id) => settings.insert("dependsOn".to_owned(), Json::from(id.to_string())),
                None => settings.shift_remove("dependsOn"),
            };
        }
        settings
    }

    /// The options of a field make sense beside the other fields of the type.
    pub(super) fn options_fit(
        &mut self,
        owner: Subject,
        own: Option<FieldId>,
        settings: &Settings,
        place: &Place,
    ) {
        self.option_labels_fit(&settings.options, &place.child("options"));
        let Some(deciding) = settings.depends_on else {
            return;
        };
        let at = place.child("dependsOn");
        let fields = self.draft.fields(owner.uuid()).iter();
        let Some(field) = fields.clone().find(|field| field.id == deciding).cloned() else {
            return;
        };
        if scalar_of(&field) != Some(Scalar::Choice) {
            let message = format!("\"{}\" is no select", field.definition.name);
            self.refuse(at, FaultCode::InvalidValue, message);
            return;
        }
        let next = |id: FieldId| {
            let mut fields = self.draft.fields(owner.uuid()).iter();
            fields
                .find(|field| field.id == id)?
                .definition
                .settings
                .depends_on
        };
        let mut walked = std::iter::successors(Some(deciding), |id| next(*id)).take(1_000);
        if own.is_some_and(|own| walked.any(|id| id == own)) {
            let message = "a field can't depend on itself, nor on one that depends on it";
            self.refuse(at, FaultCode::InvalidValue, message);
            return;
        }
        let known = self.draft.with_shared(&field.definition.settings);
        for (at, option) in settings.options.iter().enumerate() {
            for name in option
                .when
                .iter()
                .filter(|name| known.find_option(name).is_none())
            {
                let place = place.child("options").child(at).child("when");
                let message = format!("\"{}\" has no option {name:?}", field.definition.name);
                self.refuse(place, FaultCode::InvalidValue, message);
            }
        }
    }

    /// The labels of options in other languages are told apart by language tags.
    pub(super) fn option_labels_fit(&mut self, options: &[FieldOption], place: &Place) {
        for (at, option) in options.iter().enumerate() {
            for locale in option.labels.keys() {
                let place = place.child(at).child("labels").child(locale);
                self.locale_is_well_formed(locale, &place);
            }
        }
    }

    /// Takes what says which options replace which out of the changes of a field.
    pub(super) fn taken_replacements(
        &mut self,
        changes: &mut Map<String, Json>,
        place: &Place,
    ) -> Replaced {
        let Some(sent) = changes.shift_remove(REPLACE) else {
            return Replaced::new();
        };
        serde_json::from_value(sent).unwrap_or_else(|error| {
            let place = place.child(REPLACE);
            self.refuse(place, FaultCode::InvalidValue, error.to_string());
            Replaced::new()
        })
    }

    /// Each replaced option goes, and each that takes a place is there to be chosen.
    pub(super) fn replacements_fit(
        &mut self,
        (old, new): (&[FieldOption], &[FieldOption]),
        replaced: &Replaced,
        place: &Place,
    ) {
        let has = |options: &[FieldOption], name: &str| options.iter().any(|it| it.name == name);
        for (from, to) in replaced {
            let offered = new.iter().any(|option| option.name == *to && option.active);
            let message = if !has(old, from) {
                format!("there is no option {from:?} to replace")
            } else if has(new, from) {
                format!("leave {from:?} out of `options`, for it is replaced")
            } else if !offered {
                format!("{to:?} is no active option of the new list")
            } else {
                continue;
            };
            let place = place.child(REPLACE).child(from);
            self.refuse(place, FaultCode::InvalidValue, message);
        }
    }

    /// What a change of the options means for the records and for the fields that depend on this one.
    pub(super) fn options_change(
        &mut self,
        owner: Subject,
        field: &DraftField,
        (old, new): (&[FieldOption], &[FieldOption]),
        (replaced, place): (&Replaced, &Place),
    ) {
        let stays = |name: &str| new.iter().any(|option| option.name == name);
        let column = field.definition.column.clone();
        let storage = storage_of(field);
        let at = place.child("options");
        for option in old.iter().filter(|option| !stays(&option.name)) {
            let (column, option) = (column.clone(), option.name.clone());
            let Some(to) = replaced.get(&option).filter(|to| stays(to)) else {
                self.nothing_goes_with(owner, field, &option, &at);
                let ask = Ask::Uses {
                    column,
                    storage,
                    option,
                };
                self.ask(owner, field, ask, at.clone());
                continue;
            };
            self.rewrite_conditions(owner, field.id, &option, to);
            self.computed_follow(place);
            let ask = Ask::Replaced {
                column: column.clone(),
                storage,
                option: option.clone(),
            };
            self.ask(owner, field, ask, place.child(REPLACE));
            let (table, _) = self.draft.table(owner);
            self.step(Step::ReplaceOption(Replacement {
                subject: owner,
                field: field.id,
                table,
                column,
                storage,
                old: option,
                new: to.clone(),
            }));
        }
    }

    /// No option of a dependent field insists on the option.
    fn nothing_goes_with(&mut self, owner: Subject, field: &DraftField, option: &str, at: &Place) {
        let insists = |it: &&FieldOption| it.when.iter().any(|name| name == option);
        let dependants: Vec<String> = self
            .dependants(owner, field.id)
            .into_iter()
            .filter(|field| {
                field
                    .definition
                    .settings
                    .options
                    .iter()
                    .any(|it| insists(&it))
            })
            .map(|field| self.qualified(owner, &field))
            .collect();
        if !dependants.is_empty() {
            let message = format!(
                "the option {option:?} is named by `when` of {}; change that first",
                dependants.join(", ")
            );
            self.refuse(at.clone(), FaultCode::InvalidValue, message);
        }
    }

    /// What is computed of the rewritten values, in whatever type, is computed anew.
    fn computed_follow(&mut self, place: &Place) {
        let fields = self.draft.every_field().into_iter();
        let computed = fields.filter(|(_, field)| {
            let field_type = find_field_type(&field.definition.field_type);
            let is_number =
                |it: &dyn FieldType| it.number_format(&field.definition.settings).is_some();
            field_type.is_some_and(|it| it.is_computed() && !is_number(it))
        });
        let computed: Vec<_> = computed
            .map(|(owner, field)| (self.subject(owner), (field.id, field.is_new)))
            .collect();
        for (owner, field) in computed {
            self.note_computed(owner, field, place);
        }
    }

    /// Options that went with the old option go with the new one.
    fn rewrite_conditions(&mut self, owner: Subject, field: FieldId, old: &str, new: &str) {
        for dependant in self.dependants(owner, field) {
            let mut definition = dependant.to_definition();
            for option in &mut definition.settings.options {
                let Some(at) = option.when.iter().position(|name| name == old) else {
                    continue;
                };
                if option.when.iter().any(|name| name == new) {
                    option.when.remove(at);
                } else {
                    new.clone_into(&mut option.when[at]);
                }
            }
            self.draft.put_field(owner.uuid(), dependant.id, definition);
        }
    }

    /// The fields whose options depend on this one.
    fn dependants(&self, owner: Subject, field: FieldId) -> Vec<DraftField> {
        let fields = self.draft.fields(owner.uuid()).iter();
        let dependants = fields.filter(|it| it.definition.settings.depends_on == Some(field));
        dependants.cloned().collect()
    }

    /// A field goes only when no other one's options depend on it.
    pub(super) fn nothing_depends_on(&mut self, owner: Subject, field: FieldId, place: &Place) {
        let dependants = self.dependants(owner, field).into_iter();
        let names: Vec<String> = dependants.map(|it| self.qualified(owner, &it)).collect();
        if !names.is_empty() {
            let message = format!(
                "the options of {} depend on it; send them `dependsOn: null` and options without \
                 `when` first",
                names.join(", ")
            );
            self.refuse(place.clone(), FaultCode::InvalidValue, message);
        }
    }
}

fn storage_of(field: &DraftField) -> Storage {
    first_part(field).map_or(Storage::Text, |part| part.storage)
}

fn scalar_of(field: &DraftField) -> Option<Scalar> {
    first_part(field).map(|part| part.scalar)
}

fn first_part(field: &DraftField) -> Option<crate::field_type::Part> {
    let field_type = find_field_type(&field.definition.field_type)?;
    let parts = field_type.parts(&field.definition.settings);
    parts.first().copied()
}
