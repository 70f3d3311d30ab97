//! What reads a field that gets another type, and the steps that put its new columns in place.

use super::{
    super::{
        super::{
            draft::DraftField,
            job::{BaseAmountsJob, IndexJob, JobInput},
            plan::{Ask, Step},
        },
        Validation,
        objects::{MAX_KEY_TEXT, key_text},
        rollup::has_part,
        updating::storage_of,
    },
    PlannedConversion,
};
use crate::{
    catalog::{
        Catalog, ConvertedInto, Subject,
        definition::{FieldAttributes, FieldDefinition},
        hidden_field,
    },
    error::{FaultCode, Place},
    expression::{self, Program, Purpose},
    field_type::{
        BASE_AMOUNT, Conversion, OnMisfit, ResultType, RollupField, Scalar, Settings,
        find_field_type,
    },
    id::FieldId,
    plan::derivation::Derivations,
};

impl Validation<'_> {
    /// Everything that reads the field can go on with its new definition. Gives the catalog as it would
    /// be; names what can't go on in a fault.
    pub(super) fn dependants_fit(
        &mut self,
        owner: Subject,
        id: FieldId,
        converted: &FieldDefinition,
        place: &Place,
    ) -> Option<Catalog> {
        let fields = self.draft.fields(owner.uuid()).iter();
        let kept = fields
            .clone()
            .find(|field| field.id == id)?
            .definition
            .clone();
        self.draft.put_field(owner.uuid(), id, converted.clone());
        let mut names = self.expressions_on(id);
        names.extend(self.rollups_on(id));
        names.extend(self.definitions_on(owner, id));
        let after = self.draft.preview();
        self.draft.put_field(owner.uuid(), id, kept);
        let after = match after {
            Ok(after) => after,
            Err(error) => {
                self.refuse(place.clone(), FaultCode::InvalidValue, error.to_string());
                return None;
            }
        };
        for broken in Derivations::of(&after).broken() {
            let fields = after.subject_fields(broken.owner);
            let field = fields.and_then(|fields| fields.find_by_id(broken.field));
            if let Some(field) = field {
                let of = self.owner_name(broken.owner.uuid());
                names.push(format!("{of}.{}", field.name));
            }
        }
        names.sort();
        names.dedup();
        if names.is_empty() {
            return Some(after);
        }
        let message = format!(
            "would not fit {}; change or delete that first, and add it again afterwards",
            names.join(", ")
        );
        self.refuse(place.clone(), FaultCode::InvalidValue, message);
        None
    }

    /// Formulas, conditions and defaults that can't read the field any more, or give what they may not.
    fn expressions_on(&self, id: FieldId) -> Vec<String> {
        let mut names = Vec::new();
        let reads = |stored: &str| expression::fields_in(stored).contains(&id);
        for (owner, _, definition) in self.formulas() {
            let settings = &definition.settings;
            let stored = settings.expression.as_deref().unwrap_or_default();
            let program = Program::load(stored, Purpose::Formula, owner, &self.draft);
            let parts = find_field_type(&definition.field_type).map(|it| it.parts(settings));
            let fits = |it: Program| it.check_result(&parts.unwrap_or_default()).is_ok();
            if reads(stored) && !program.is_ok_and(fits) {
                names.push(format!("{}.{}", self.owner_name(owner), definition.name));
            }
        }
        for (owner, what, purpose, stored) in self.conditions() {
            let program = Program::load(&stored, purpose, owner, &self.draft);
            let is_condition = purpose == Purpose::Condition;
            let fits = |it: Program| !is_condition || it.check_condition().is_ok();
            if reads(&stored) && !program.is_ok_and(fits) {
                names.push(what);
            }
        }
        for (owner, field) in self.draft.every_field() {
            let attributes = &field.definition.attributes;
            let Some(stored) = attributes.default_expression.as_deref() else {
                continue;
            };
            let program = Program::load(stored, Purpose::Default, owner, &self.draft);
            let settings = &field.definition.settings;
            let parts = find_field_type(&field.definition.field_type).map(|it| it.parts(settings));
            let fits = |it: Program| it.check_result(&parts.unwrap_or_default()).is_ok();
            if (reads(stored) || field.id == id) && !program.is_ok_and(fits) {
                let (of, name) = (self.owner_name(owner), &field.definition.name);
                names.push(format!("defaultExpression of {of}.{name}"));
            }
        }
        names
    }

    /// Rollups over the field that would give another type.
    fn rollups_on(&self, id: FieldId) -> Vec<String> {
        let all = self.draft.every_field();
        let Some((_, operand)) = all.iter().find(|(_, field)| field.id == id) else {
            return Vec::new();
        };
        let of = &operand.definition;
        let operand = find_field_type(&of.field_type).map(|it| (it, &of.settings));
        let operand =
            operand.map(|(it, settings)| (it as &dyn crate::field_type::FieldType, settings));
        let mut names = Vec::new();
        for (owner, field) in &all {
            let settings = &field.definition.settings;
            let is_over = matches!(settings.field,
                Some(RollupField::Member(of) | RollupField::Link(of)) if of == id);
            let Some(function) = settings.function.filter(|_| is_over) else {
                continue;
            };
            let gives = ResultType::of_rollup(function, operand).ok();
            let parts = |result: &ResultType| {
                let found = find_field_type(&result.field_type);
                found.map(|it| it.parts(&result.settings))
            };
            let gives = gives.as_ref().and_then(parts);
            if gives.is_none() || gives != settings.result.as_deref().and_then(parts) {
                let name = &field.definition.name;
                names.push(format!("the rollup {}.{name}", self.owner_name(*owner)));
            }
        }
        names
    }

    /// Keys, orders and options that rest on the field.
    fn definitions_on(&self, owner: Subject, id: FieldId) -> Vec<String> {
        let mut names = Vec::new();
        let fields = self.draft.fields(owner.uuid());
        let find = |id: FieldId| fields.iter().find(|field| field.id == id);
        let Some(converted) = find(id) else {
            return names;
        };
        let settings = self.draft.with_shared(&converted.definition.settings);
        let parts = find_field_type(&converted.definition.field_type)
            .map(|it| it.parts(&settings))
            .unwrap_or_default();
        let decides = parts.first().is_some_and(|it| it.scalar == Scalar::Choice);
        for field in fields {
            let own = &field.definition.settings;
            let mut when = own.options.iter().flat_map(|option| &option.when);
            let known = |name: &String| settings.options.iter().any(|it| it.name == *name);
            if own.depends_on == Some(id) && (!decides || !when.all(known)) {
                let name = &field.definition.name;
                names.push(format!(
                    "the options of {}.{name}",
                    self.owner_name(owner.uuid())
                ));
            }
        }
        let Subject::Object(object) = owner else {
            return names;
        };
        let Some(entry) = self.draft.objects.get(&object) else {
            return names;
        };
        let attributes = &entry.definition.attributes;
        for key in attributes
            .unique_keys
            .iter()
            .filter(|it| it.fields.contains(&id))
        {
            let texts = key.fields.iter().map(|it| find(*it).and_then(key_text));
            let length: Option<u32> = texts.sum();
            if length.is_none_or(|length| length > MAX_KEY_TEXT) {
                names.push(format!("the unique key {}", key.name));
            }
        }
        for key in attributes.default_sort.iter().filter(|it| it.field == id) {
            let part = match &key.part {
                Some(part) => parts.iter().find(|it| it.key == Some(part.as_str())),
                None => parts.first(),
            };
            if !part.is_some_and(|part| part.scalar.is_sortable()) {
                names.push(format!("the default order of {}", entry.definition.name));
            }
        }
        names
    }

    /// Puts the hidden field in place of the one that is converted, and that in its place.
    pub(super) fn switch(
        &mut self,
        owner: Subject,
        field: &DraftField,
        (into, hidden): (&ConvertedInto, FieldDefinition),
    ) {
        let live = &field.definition;
        let converted = FieldDefinition {
            field_type: hidden.field_type,
            settings: hidden.settings,
            required: hidden.required,
            unique: hidden.unique,
            default: hidden.default,
            column: hidden.column,
            attributes: FieldAttributes {
                labels: live.attributes.labels.clone(),
                helps: live.attributes.helps.clone(),
                ..hidden.attributes
            },
            work: None,
            ..field.to_definition()
        };
        let place = Place::Pointer(String::new());
        self.summarize(format!("converts the field {}", live.name));
        self.touches(field.id.uuid(), "goes on with values of the new type");
        let Some(after) = self.dependants_fit(owner, field.id, &converted, &place) else {
            return;
        };
        let sides = hidden_field(field.id, field.to_definition()).ok();
        let sides = sides.zip(hidden_field(into.field, converted.clone()).ok());
        if let Some((from, hidden)) = sides {
            self.conversions.push(PlannedConversion {
                operation: 0,
                owner,
                table: self.draft.table(owner).0,
                from,
                into: hidden,
                rules: into.rules.clone(),
                after,
                place: place.clone(),
            });
        }
        self.values_fit(owner, field, (into, &converted), &place);
        self.move_constraints(owner, field, &converted, &place);
        if converted.attributes.indexed {
            self.enqueue(JobInput::Index(IndexJob {
                owner: owner.uuid(),
                field: field.id,
            }));
        }
        let field_type = find_field_type(&converted.field_type);
        let has_base =
            field_type.is_some_and(|it| has_part((it, &converted.settings), BASE_AMOUNT));
        if has_base {
            self.enqueue(JobInput::BaseAmounts(BaseAmountsJob {
                owner: Some(owner.uuid()),
                since: None,
            }));
        }
        let old = FieldDefinition {
            work: None,
            ..field.to_definition()
        };
        self.draft.hide(owner.uuid(), into.field, old);
        self.draft.put_field(owner.uuid(), field.id, converted);
        self.follow(field.id, &place);
    }

    /// Every value has gone over, or may be left behind.
    fn values_fit(
        &mut self,
        owner: Subject,
        field: &DraftField,
        (into, converted): (&ConvertedInto, &FieldDefinition),
        place: &Place,
    ) {
        let old = &field.definition;
        let types = find_field_type(&old.field_type).zip(find_field_type(&converted.field_type));
        let Some((from, to)) = types else { return };
        let sides = ((from, &old.settings), (to, &converted.settings));
        let conversion = Conversion::find(sides.0, sides.1, &into.rules);
        if into.rules.on_misfit == OnMisfit::Refuse
            && let Some(part) = from.parts(&old.settings).first()
        {
            let ask = Ask::Unconverted {
                column: old.column.clone(),
                storage: part.storage,
                into: converted.column.clone(),
                drops_blanks: conversion.is_ok_and(|it| it.drops_blanks()),
            };
            self.ask(owner, field, ask, place.clone());
        }
        if converted.required {
            let column = converted.column.clone();
            self.ask(owner, field, Ask::Missing { column }, place.clone());
        }
    }

    /// Uniqueness is held by the new columns, and by the old ones no more.
    fn move_constraints(
        &mut self,
        owner: Subject,
        field: &DraftField,
        converted: &FieldDefinition,
        place: &Place,
    ) {
        let (table, _) = self.draft.table(owner);
        let old = &field.definition;
        if old.unique {
            let (table, column) = (table.clone(), old.column.clone());
            self.step(Step::DropUniqueIndex { table, column });
        }
        if converted.unique {
            let column = converted.column.clone();
            let ask = Ask::Duplicates {
                column: column.clone(),
                storage: storage_of(converted),
            };
            self.ask(owner, field, ask, place.clone());
            let table = table.clone();
            self.step(Step::AddUniqueIndex { table, column });
        }
        let Subject::Object(object) = owner else {
            return;
        };
        let entry = self.draft.objects.get(&object);
        let keys = entry.map(|it| it.definition.attributes.unique_keys.clone());
        let keys = keys.unwrap_or_default().into_iter();
        for key in keys.filter(|key| key.fields.contains(&field.id)) {
            let columns = self.key_columns(object, &key);
            let moved = columns.iter().map(|column| {
                let is_it = *column == old.column;
                if is_it {
                    converted.column.clone()
                } else {
                    column.clone()
                }
            });
            let moved: Vec<String> = moved.collect();
            let dropped = table.clone();
            self.step(Step::DropUniqueKey {
                table: dropped,
                columns,
            });
            let storages = self.key_storages(object, &key).into_iter().zip(&moved);
            let storages = storages.map(|(storage, column)| {
                let is_it = *column == converted.column;
                if is_it {
                    storage_of(converted)
                } else {
                    storage
                }
            });
            let ask = Ask::SharedKey {
                columns: moved.clone(),
                storages: storages.collect(),
            };
            self.ask(owner, field, ask, place.clone());
            let table = table.clone();
            self.step(Step::AddUniqueKey {
                table,
                columns: moved,
            });
        }
    }

    /// What is computed of the field is computed anew: a number of another type divides in another way.
    fn follow(&mut self, id: FieldId, place: &Place) {
        let names = |settings: &Settings| {
            let formula = settings.expression.as_deref().unwrap_or_default();
            let is_over = matches!(settings.field,
                Some(RollupField::Member(of) | RollupField::Link(of)) if of == id)
                && settings.function.is_some();
            let filter = settings.filter.as_ref().map(ToString::to_string);
            expression::fields_in(formula).contains(&id)
                || is_over
                || filter.is_some_and(|filter| filter.contains(&id.to_string()))
        };
        let computed = self.draft.every_field().into_iter();
        let computed = computed.filter(|(_, field)| names(&field.definition.settings));
        let computed: Vec<_> = computed.map(|(owner, field)| (owner, field.id)).collect();
        for (owner, field) in computed {
            let owner = self.subject(owner);
            self.note_computed(owner, (field, false), place);
        }
    }
}
