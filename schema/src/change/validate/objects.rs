//! What an object type may have besides names and title: labels in other languages, unique keys, an
//! owner or none, a single record, the order of its lists.

use std::collections::BTreeMap;

use super::{
    super::{
        changeset::{AddObjectType, UniqueKeyInput, UpdateObjectType},
        draft::DraftField,
        plan::{Ask, ColumnPlan, Question, Step},
        rules::MAX_KEYS,
    },
    Validation,
    updating::storage_of,
};
use crate::{
    catalog::{
        Subject, SystemField,
        definition::{ObjectDefinition, SINGLETON_COLUMN, SortField, UniqueKey},
        system_field_named,
    },
    error::{FaultCode, Place},
    field_type::{Part, Scalar, find_field_type},
    id::{FieldId, ObjectTypeId},
    value::{Storage, Value},
};

/// The most fields of a unique key.
const MAX_KEY_FIELDS: usize = 8;

/// The most keys of an order, as in requests.
const MAX_SORT_KEYS: usize = 8;

/// The most characters that the texts of a unique key may have together: what an index takes.
pub(super) const MAX_KEY_TEXT: u32 = 600;

/// The changes that an operation brings; what is absent stays.
#[expect(
    clippy::option_option,
    reason = "a patch knows three states: absent, null, value"
)]
pub(super) struct ObjectChanges<'i> {
    labels: Option<&'i BTreeMap<String, String>>,
    plural_labels: Option<&'i BTreeMap<String, String>>,
    unique_keys: Option<&'i [UniqueKeyInput]>,
    has_owner: Option<bool>,
    singleton: Option<bool>,
    default_sort: Option<&'i [String]>,
    display_template: Option<Option<&'i str>>,
}

macro_rules! changes_of {
    ($input:expr) => {
        ObjectChanges {
            labels: $input.labels.as_ref(),
            plural_labels: $input.plural_labels.as_ref(),
            unique_keys: $input.unique_keys.as_deref(),
            has_owner: $input.has_owner,
            singleton: $input.singleton,
            default_sort: $input.default_sort.as_deref(),
            display_template: None,
        }
    };
}

impl<'i> ObjectChanges<'i> {
    /// Those of a new object type.
    pub(super) fn of_new(input: &'i AddObjectType) -> Self {
        Self {
            display_template: input.display_template.as_deref().map(Some),
            ..changes_of!(input)
        }
    }

    /// Those of a known object type.
    pub(super) fn of_known(input: &'i UpdateObjectType) -> Self {
        let template = input.display_template.as_ref();
        Self {
            display_template: template.map(Option::as_deref),
            ..changes_of!(input)
        }
    }
}

impl Validation<'_> {
    /// Puts the changes into the definition, with the steps that they take.
    pub(super) fn object_attributes(
        &mut self,
        id: ObjectTypeId,
        definition: &mut ObjectDefinition,
        changes: &ObjectChanges<'_>,
        place: &Place,
    ) {
        if let Some(labels) = changes.labels {
            self.labels_fit(labels, &place.child("labels"));
            definition.attributes.labels.clone_from(labels);
        }
        if let Some(labels) = changes.plural_labels {
            self.labels_fit(labels, &place.child("pluralLabels"));
            definition.attributes.plural_labels.clone_from(labels);
        }
        if let Some(keys) = changes.unique_keys {
            self.unique_keys(id, definition, keys, &place.child("uniqueKeys"));
        }
        if let Some(has_owner) = changes.has_owner {
            if !has_owner && !definition.table.starts_with("x_") {
                let message = "records of a standard type always have an owner";
                let place = place.child("hasOwner");
                self.refuse(place, FaultCode::InvalidValue, message);
            }
            definition.attributes.has_owner = (!has_owner).then_some(false);
        }
        if let Some(singleton) = changes.singleton {
            self.singleton(id, definition, singleton, &place.child("singleton"));
        }
        if let Some(keys) = changes.default_sort {
            let place = place.child("defaultSort");
            definition.attributes.default_sort = self.default_sort(id, keys, &place);
        }
        if let Some(template) = changes.display_template {
            let place = place.child("displayTemplate");
            definition.attributes.display_template =
                template.and_then(|text| self.display_template(id, text, &place));
        }
    }

    /// The tags of the languages are such, and the labels not too long.
    pub(in crate::change) fn labels_fit(
        &mut self,
        labels: &BTreeMap<String, String>,
        place: &Place,
    ) {
        for (locale, label) in labels {
            let place = place.child(locale);
            self.locale_is_well_formed(locale, &place);
            self.label_fits(label, &place);
        }
    }

    fn unique_keys(
        &mut self,
        id: ObjectTypeId,
        definition: &mut ObjectDefinition,
        inputs: &[UniqueKeyInput],
        place: &Place,
    ) {
        if inputs.len() > MAX_KEYS {
            let message = format!("an object type has at most {MAX_KEYS} unique keys");
            self.refuse(place.clone(), FaultCode::InvalidValue, message);
            return;
        }
        let mut keys: Vec<UniqueKey> = Vec::new();
        for (at, input) in inputs.iter().enumerate() {
            let place = place.child(at);
            let Some(key) = self.unique_key(id, input, &place) else {
                continue;
            };
            let known = |other: &UniqueKey| other.name == key.name || other.fields == key.fields;
            if keys.iter().any(known) {
                let message = "another key has the same name or the same fields";
                self.refuse(place, FaultCode::NameTaken, message);
                continue;
            }
            let old = &definition.attributes.unique_keys;
            if !old.iter().any(|old| old.fields == key.fields) {
                self.add_key(id, &key, place);
            }
            keys.push(key);
        }
        let table = definition.table.clone();
        let old = std::mem::take(&mut definition.attributes.unique_keys);
        for key in old {
            if !keys.iter().any(|kept| kept.fields == key.fields) {
                let columns = self.key_columns(id, &key);
                let table = table.clone();
                self.step(Step::DropUniqueKey { table, columns });
            }
        }
        definition.attributes.unique_keys = keys;
    }

    fn unique_key(
        &mut self,
        id: ObjectTypeId,
        input: &UniqueKeyInput,
        place: &Place,
    ) -> Option<UniqueKey> {
        let before = self.faults.len();
        let name = self.well_formed(&input.name, &place.child("name"));
        let place = place.child("fields");
        if !(2..=MAX_KEY_FIELDS).contains(&input.fields.len()) {
            let message =
                format!("must name 2 to {MAX_KEY_FIELDS} fields; of one field set `unique`");
            self.refuse(place.clone(), FaultCode::InvalidValue, message);
        }
        let mut fields = Vec::new();
        let mut characters = 0;
        for (at, name) in input.fields.iter().enumerate() {
            let place = place.child(at);
            let Some(field) = self.draft.find_field(id.uuid(), name).cloned() else {
                let message = format!("there is no field {name:?}");
                self.refuse(place, FaultCode::UnknownField, message);
                continue;
            };
            if fields.contains(&field.id) {
                let message = "stands twice in the key";
                self.refuse(place.clone(), FaultCode::InvalidValue, message);
            }
            if let Some(length) = key_text(&field) {
                characters += length;
            } else {
                let of = &field.definition.field_type;
                let message = format!("a field of the type {of} can't be part of a unique key");
                self.refuse(place, FaultCode::InvalidValue, message);
            }
            fields.push(field.id);
        }
        if characters > MAX_KEY_TEXT {
            let message = format!(
                "its texts may have {characters} characters together, more than the {MAX_KEY_TEXT} of an index; \
                 give them a smaller `maxLength`"
            );
            self.refuse(place, FaultCode::InvalidValue, message);
        }
        let name = name.filter(|_| self.faults.len() == before)?;
        Some(UniqueKey { name, fields })
    }

    /// The question whether the data hold a new key, and its index.
    fn add_key(&mut self, id: ObjectTypeId, key: &UniqueKey, place: Place) {
        let columns = self.key_columns(id, key);
        let (table, is_new) = self.draft.table(Subject::Object(id));
        let fields = self.draft.fields(id.uuid());
        let is_made_now = fields
            .iter()
            .any(|field| field.is_new && key.fields.contains(&field.id));
        self.step(Step::Ask(Question {
            table: table.clone(),
            ask: Ask::SharedKey {
                columns: columns.clone(),
                storages: self.key_storages(id, key),
            },
            stands: !is_new && !is_made_now,
            place,
            code: FaultCode::InvalidValue,
            subject: format!("the key {} of {}", key.name, self.owner_name(id.uuid())),
        }));
        self.step(Step::AddUniqueKey { table, columns });
    }

    pub(super) fn key_columns(&self, id: ObjectTypeId, key: &UniqueKey) -> Vec<String> {
        let fields = self.draft.fields(id.uuid());
        let column = |of: &FieldId| {
            let field = fields.iter().find(|field| field.id == *of)?;
            Some(field.definition.column.clone())
        };
        key.fields.iter().filter_map(column).collect()
    }

    pub(super) fn key_storages(&self, id: ObjectTypeId, key: &UniqueKey) -> Vec<Storage> {
        let fields = self.draft.fields(id.uuid());
        let storage = |of: &FieldId| {
            let field = fields.iter().find(|field| field.id == *of)?;
            Some(storage_of(&field.definition))
        };
        key.fields.iter().filter_map(storage).collect()
    }

    /// A field that is part of a unique key stays until the key goes.
    pub(super) fn no_key_needs(&mut self, owner: Subject, field: FieldId, place: &Place) {
        let Subject::Object(id) = owner else { return };
        let Some(entry) = self.draft.objects.get(&id) else {
            return;
        };
        let keys = &entry.definition.attributes.unique_keys;
        let needs = keys.iter().find(|key| key.fields.contains(&field));
        if let Some(name) = needs.map(|key| key.name.to_string()) {
            let message =
                format!("the unique key {name:?} has this field; take the key away first");
            self.refuse(place.clone(), FaultCode::InvalidValue, message);
        }
    }

    /// At most one record: each one gets the same value in a column that is unique among live records.
    fn singleton(
        &mut self,
        id: ObjectTypeId,
        definition: &mut ObjectDefinition,
        singleton: bool,
        place: &Place,
    ) {
        if singleton == definition.attributes.singleton {
            return;
        }
        let (table, is_new) = self.draft.table(Subject::Object(id));
        let column = SINGLETON_COLUMN.to_owned();
        definition.attributes.singleton = singleton;
        if !singleton {
            self.step(Step::DropUniqueIndex { table, column });
            return;
        }
        self.step(Step::Ask(Question {
            table: table.clone(),
            ask: Ask::Singleton,
            stands: !is_new,
            place: place.clone(),
            code: FaultCode::InvalidValue,
            subject: definition.name.to_string(),
        }));
        let plan = ColumnPlan {
            name: column.clone(),
            storage: Storage::Integer,
        };
        if !definition.attributes.singleton_column {
            self.step(Step::AddColumn {
                table: table.clone(),
                column: plan.clone(),
                value: Value::Null,
            });
            definition.attributes.singleton_column = true;
        }
        self.step(Step::BackFill {
            table: table.clone(),
            values: vec![(plan, Value::Integer(1))],
        });
        self.step(Step::AddUniqueIndex { table, column });
    }

    fn default_sort(&mut self, id: ObjectTypeId, keys: &[String], place: &Place) -> Vec<SortField> {
        if keys.len() > MAX_SORT_KEYS {
            let message = format!("has more than {MAX_SORT_KEYS} keys");
            self.refuse(place.clone(), FaultCode::InvalidValue, message);
            return Vec::new();
        }
        let mut order: Vec<SortField> = Vec::new();
        for (at, key) in keys.iter().enumerate() {
            let place = place.child(at);
            let (descending, path) = match key.strip_prefix('-') {
                Some(path) => (true, path),
                None => (false, key.as_str()),
            };
            let (name, part) = match path.split_once('.') {
                Some((name, part)) => (name, Some(part)),
                None => (path, None),
            };
            let Some((field, parts)) = self.sortable_parts(id, name) else {
                let message = format!("there is no field {name:?}");
                self.refuse(place, FaultCode::UnknownField, message);
                continue;
            };
            let fits = match part {
                Some(part) => parts.iter().find(|it| it.key == Some(part)),
                None => parts.first(),
            };
            if !fits.is_some_and(|part| part.scalar.is_sortable()) {
                let message = format!("records can't be sorted by {path:?}");
                self.refuse(place, FaultCode::InvalidValue, message);
                continue;
            }
            if order
                .iter()
                .any(|it| it.field == field && it.part.as_deref() == part)
            {
                self.refuse(place, FaultCode::InvalidValue, "stands twice");
                continue;
            }
            order.push(SortField {
                field,
                part: part.map(str::to_owned),
                descending,
            });
        }
        order
    }

    /// A field by its name, with its parts as far as records can be sorted by them.
    fn sortable_parts(&self, id: ObjectTypeId, name: &str) -> Option<(FieldId, Vec<Part>)> {
        if let Some(field) = self.draft.find_field(id.uuid(), name) {
            let settings = &field.definition.settings;
            let field_type = find_field_type(&field.definition.field_type)?;
            let parts = if settings.is_reference() {
                Vec::new()
            } else {
                field_type.parts(settings)
            };
            return Some((field.id, parts));
        }
        let field = system_field_named(name)?;
        let with_owner = |entry: &super::super::draft::Entry<ObjectDefinition>| {
            entry.definition.attributes.has_owner.unwrap_or(true)
        };
        if field.system == Some(SystemField::OwnerId)
            && !self.draft.objects.get(&id).is_some_and(with_owner)
        {
            return None;
        }
        Some((field.id, field.columns.iter().map(|it| it.part).collect()))
    }
}

/// How many characters of text a field adds to a unique key; `None` when it can't be part of one.
pub(super) fn key_text(field: &DraftField) -> Option<u32> {
    let settings = &field.definition.settings;
    let field_type = find_field_type(&field.definition.field_type)?;
    let parts = field_type.parts(settings);
    let [part] = parts.as_slice() else {
        return None;
    };
    match part.scalar {
        Scalar::Text if field_type.check_unique(settings).is_err() => None,
        Scalar::Text => Some(settings.max_length.unwrap_or(255)),
        Scalar::Choice => Some(100),
        Scalar::ChoiceSet | Scalar::TextList | Scalar::Float | Scalar::Json | Scalar::Secret => {
            None
        }
        Scalar::Int
        | Scalar::BigInt
        | Scalar::Decimal
        | Scalar::Boolean
        | Scalar::Date
        | Scalar::DateTime
        | Scalar::Time
        | Scalar::Duration
        | Scalar::Id => Some(0),
    }
}
