//! New object types and fields.

use uuid::Uuid;

use super::{
    super::{
        changeset::{AddField, AddObjectType, FieldInput},
        job::{BaseAmountsJob, JobInput},
        physical,
        plan::{Ask, ColumnPlan, Question, Step, Task},
        rules::{Member, label_of},
    },
    Validation,
    objects::ObjectChanges,
    rollup::has_part,
};
use crate::{
    catalog::{
        Aliases, Subject,
        definition::{FieldDefinition, ObjectAttributes, ObjectDefinition},
    },
    error::{FaultCode, Place},
    field_type::{BASE_AMOUNT, FieldType, RollupField, Settings, find_field_type},
    id::{FieldId, ObjectTypeId},
    name::ApiName,
    value::Value,
};

impl Validation<'_> {
    pub(super) fn add_object_type(&mut self, input: &AddObjectType, place: &Place) {
        let before = self.faults.len();
        self.summarize(format!("adds the object type {}", input.name));
        let name_place = place.child("name");
        let plural_place = place.child("plural");
        let name = self.well_formed(&input.name, &name_place);
        let plural = self.well_formed(&input.plural, &plural_place);
        if let Some(name) = &name {
            self.type_name_is_free(name, None, &name_place);
        }
        if let Some(plural) = &plural {
            self.type_name_is_free(plural, None, &plural_place);
        }
        if let (Some(name), Some(plural)) = (&name, &plural) {
            self.plural_differs(name, plural, &plural_place);
        }
        let names = [name.as_ref(), plural.as_ref()];
        self.graphql_names_are_free(names, None, (&name_place, before));
        let label = input.label.clone().unwrap_or_else(|| label_of(&input.name));
        let plural_label = input.plural_label.clone();
        let plural_label = plural_label.unwrap_or_else(|| label_of(&input.plural));
        self.label_fits(&label, &place.child("label"));
        self.label_fits(&plural_label, &place.child("pluralLabel"));
        self.description_fits(&input.description, &place.child("description"));
        let (Some(name), Some(plural), true) = (name, plural, self.faults.len() == before) else {
            self.refused.insert(input.name.clone());
            return;
        };
        let Some(id) = self.id_of(input.id, place).map(ObjectTypeId::new) else {
            self.refused.insert(input.name.clone());
            return;
        };
        let table = physical::table_name(&self.draft, &name);
        let mut definition = ObjectDefinition {
            name,
            plural,
            aliases: Aliases::default(),
            plural_aliases: Aliases::default(),
            label,
            plural_label,
            description: input.description.clone(),
            table: table.clone(),
            title: None,
            validations: Vec::new(),
            attributes: ObjectAttributes::default(),
        };
        self.draft.put_object(id, definition.clone());
        let create = Step::CreateTable {
            table,
            ends: None,
            columns: Vec::new(),
        };
        self.with_fields(create, Subject::Object(id), &input.fields, place);
        if let Some(title) = &input.title {
            definition.title = self.title(id, title, &place.child("title"));
        }
        let owner = Subject::Object(id);
        definition.validations = self.rules(owner, &input.validations, place);
        self.object_attributes(id, &mut definition, &ObjectChanges::of_new(input), place);
        self.draft.put_object(id, definition);
    }

    /// Makes a table with the columns of its first fields, then the indexes of these.
    pub(super) fn with_fields(
        &mut self,
        create: Step,
        owner: Subject,
        fields: &[FieldInput],
        place: &Place,
    ) {
        let at = self.tasks.len();
        self.step(create);
        for (number, field) in fields.iter().enumerate() {
            self.new_field(owner, field, &place.child("fields").child(number));
        }
        // The table is new: its columns come with it, not one by one.
        let mut made = Vec::new();
        let mut kept = Vec::new();
        for task in self.tasks.drain(at..) {
            match task {
                Task {
                    step: Step::AddColumn { column, .. },
                    ..
                } => made.push(column),
                other => kept.push(other),
            }
        }
        if let Some(Step::CreateTable { columns, .. }) = kept.first_mut().map(|it| &mut it.step) {
            columns.extend(made);
        }
        self.tasks.append(&mut kept);
    }

    pub(super) fn add_field(&mut self, input: &AddField, place: &Place) {
        let owner = input.object.as_deref().or(input.relation.as_deref());
        let owner = owner.unwrap_or_default();
        self.summarize(format!("adds the field {owner}.{}", input.field.name));
        let owner = self.owner(input.object.as_deref(), input.relation.as_deref(), place);
        if let Some(owner) = owner {
            self.new_field(owner, &input.field, &place.child("field"));
        }
    }

    /// The id that the sender wants, if nothing has or had it; a new one when it wants none.
    pub(super) fn id_of(&mut self, wanted: Option<Uuid>, place: &Place) -> Option<Uuid> {
        let Some(id) = wanted else {
            return Some((self.new_id)());
        };
        if self.draft.knows(id) {
            let message = "there is something with this id already; a deleted thing comes back by its own operation";
            self.refuse(place.child("id"), FaultCode::InvalidValue, message);
            return None;
        }
        Some(id)
    }

    /// A reference has room, an owner that takes it, and an inverse whose name is free.
    fn reference_fits(
        &mut self,
        owner: Subject,
        name: Option<&ApiName>,
        settings: &Settings,
        place: &Place,
    ) {
        if settings.is_reference() {
            self.there_is_room_for_a_reference(owner, place);
        }
        self.owner_takes_references(owner, settings, place);
        self.inverse_is_free(settings, None, place);
        self.inverse_differs(owner, name, settings, place);
    }

    fn new_field(&mut self, owner: Subject, input: &FieldInput, place: &Place) {
        let before = self.faults.len();
        let name = self.well_formed(&input.name, &place.child("name"));
        if let Some(name) = &name {
            self.member_name_is_free(owner, name, Member::New, &place.child("name"));
            self.is_no_position(owner, name.as_str(), &place.child("name"));
        }
        let label = input.label.clone().unwrap_or_else(|| label_of(&input.name));
        self.label_fits(&label, &place.child("label"));
        self.description_fits(&input.help, &place.child("help"));
        self.there_is_room(owner, place);
        let Some(field_type) = self.field_type_is_known(&input.field_type, place) else {
            return;
        };
        let Some(settings) = self.new_settings(owner, field_type, input, place) else {
            return;
        };
        self.reference_fits(owner, name.as_ref(), &settings, place);
        self.bond_fits(owner, None, (&settings, input.required), place);
        self.attributes_fit(&input.attributes, place);
        self.attributes_suit(&input.attributes, (field_type, &settings), place);
        let mut attributes = input.attributes.clone();
        let of_type = (field_type, &settings);
        self.attributes_are_read(owner, &mut attributes, of_type, (|_| true, place));
        self.new_default_fits(field_type, &settings, (input, place));
        let of_type = (field_type, &settings);
        let unique = self.is_unique(of_type, input.unique, place);
        let Some(name) = name.filter(|_| self.faults.len() == before) else {
            return;
        };
        let column = physical::column_name(&self.draft, owner.uuid(), &name, of_type);
        let position = input.position.map(i64::from);
        let position = position.unwrap_or_else(|| self.draft.next_position(owner.uuid()));
        let definition = FieldDefinition {
            name,
            aliases: Aliases::default(),
            inverse_aliases: Aliases::default(),
            label,
            help: input.help.clone(),
            field_type: field_type.name().to_owned(),
            settings,
            required: input.required,
            unique,
            default: input.default.clone(),
            attributes,
            column,
            position,
            work: None,
        };
        self.index_fits(&definition, &place.child("indexed"));
        let Some(id) = self.id_of(input.id, place).map(FieldId::new) else {
            return;
        };
        self.plan_field(owner, &definition, place);
        self.order_inverse(owner, (id, None), &definition, place);
        self.plan_index(owner, (id, None), &definition);
        let numbered = self.plan_numbers(owner, id, &definition);
        self.draft.put_field(owner.uuid(), id, definition);
        if field_type.is_computed() && !field_type.is_virtual() && !numbered {
            self.note_computed(owner, (id, true), place);
        }
    }

    fn new_default_fits(
        &mut self,
        field_type: &dyn FieldType,
        settings: &Settings,
        (input, place): (&FieldInput, &Place),
    ) {
        if let Some(default) = input.default.as_ref().filter(|_| !field_type.is_computed()) {
            self.default_fits(field_type, settings, default, place);
        }
    }

    /// The steps that make a field: question, columns, values, indexes.
    fn plan_field(&mut self, owner: Subject, definition: &FieldDefinition, place: &Place) {
        let (table, is_new) = self.draft.table(owner);
        let fills = definition.required && !is_new;
        let values = self.default_of(definition).filter(|_| fills);
        let has_default = values.is_some();
        if fills {
            self.ask_for_default(owner, (definition, values.as_deref()), place);
        }
        let mut values = values.unwrap_or_default().into_iter();
        for column in column_plans(definition) {
            self.step(Step::AddColumn {
                table: table.clone(),
                column,
                value: values.next().unwrap_or(Value::Null),
            });
        }
        if has_default {
            self.convert_default(owner, definition);
        }
        if definition.unique {
            self.step(Step::AddUniqueIndex {
                table: table.clone(),
                column: definition.column.clone(),
            });
        }
        if definition.settings.is_reference() {
            self.step(Step::AddReferenceIndex {
                table,
                column: definition.column.clone(),
            });
        }
    }

    /// A default of money is worth something else for records of different days, and so are amounts that
    /// come back: there may be other rates by now.
    pub(super) fn convert_default(&mut self, owner: Subject, definition: &FieldDefinition) {
        let field_type = find_field_type(&definition.field_type);
        if field_type.is_some_and(|it| has_part((it, &definition.settings), BASE_AMOUNT)) {
            self.enqueue(JobInput::BaseAmounts(BaseAmountsJob {
                owner: Some(owner.uuid()),
                since: None,
            }));
        }
    }

    /// The default of a field that may have the options of a shared list.
    fn default_of(&self, definition: &FieldDefinition) -> Option<Vec<Value>> {
        default_values(&FieldDefinition {
            settings: self.draft.with_shared(&definition.settings),
            ..definition.clone()
        })
    }

    /// A required field needs a default for the records that are there, which can't be unique for several.
    fn ask_for_default(
        &mut self,
        owner: Subject,
        (field, default): (&FieldDefinition, Option<&[Value]>),
        place: &Place,
    ) {
        let ask = match default {
            Some(values) => Ask::Defaulted {
                bytes: values.iter().map(Value::bytes).max().unwrap_or(0),
            },
            None => Ask::Rows { at_most: 0 },
        };
        let required = (place.child("required"), FaultCode::Required);
        self.ask_for_new(owner, field, (ask, required));
        if default.is_some() && field.unique {
            let unique = (place.child("unique"), FaultCode::InvalidValue);
            self.ask_for_new(owner, field, (Ask::Rows { at_most: 1 }, unique));
        }
    }

    fn ask_for_new(
        &mut self,
        owner: Subject,
        field: &FieldDefinition,
        (ask, (place, code)): (Ask, (Place, FaultCode)),
    ) {
        let (table, _) = self.draft.table(owner);
        self.step(Step::Ask(Question {
            table,
            ask,
            stands: true,
            place,
            code,
            subject: format!("{}.{}", self.owner_name(owner.uuid()), field.name),
        }));
    }

    /// The field of an object type that names a record: people must be able to read it as one text.
    pub(super) fn title(
        &mut self,
        object: ObjectTypeId,
        name: &str,
        place: &Place,
    ) -> Option<FieldId> {
        let Some(found) = self.draft.find_field(object.uuid(), name) else {
            let message = format!("there is no field {name:?}");
            self.refuse(place.clone(), FaultCode::UnknownField, message);
            return None;
        };
        let (id, reads) = (found.id, self.reads_as_text(object, &found.definition));
        if !reads {
            let message = format!(
                "{name:?} does not read as one text; a title is a text, an option, a number, a date or \
                 time, a value with a text of its own (address, file, money, personName), a formula, \
                 rollup or lookup of these, or a reference to one object type"
            );
            self.refuse(place.clone(), FaultCode::InvalidValue, message);
            return None;
        }
        Some(id)
    }

    fn reads_as_text(&self, owner: ObjectTypeId, field: &FieldDefinition) -> bool {
        let settings = &field.settings;
        // A record that is named by what it points at is called as that is.
        if settings.target.is_some() {
            return true;
        }
        if let (Some(via), Some(RollupField::Member(shown))) = (settings.via, settings.field) {
            let find = |owner: ObjectTypeId, id| {
                let mut fields = self.draft.fields(owner.uuid()).iter();
                fields.find(|field| field.id == id)
            };
            let target = find(owner, via).and_then(|via| via.definition.settings.target);
            let shown = target.and_then(|target| find(target, shown));
            return shown.is_some_and(|shown| plainly_reads(&shown.definition));
        }
        plainly_reads(field)
    }
}

fn plainly_reads(field: &FieldDefinition) -> bool {
    let field_type = find_field_type(&field.field_type);
    field_type.is_some_and(|it| it.reads_as_text(&field.settings))
}

pub(super) fn column_plans(definition: &FieldDefinition) -> Vec<ColumnPlan> {
    let Some(field_type) = find_field_type(&definition.field_type) else {
        return Vec::new();
    };
    let parts = field_type.parts(&definition.settings);
    let columns = parts.into_iter().map(|part| ColumnPlan {
        name: [definition.column.as_str(), part.suffix].concat(),
        storage: part.storage,
    });
    columns.collect()
}

/// The default, one value per part.
pub(super) fn default_values(definition: &FieldDefinition) -> Option<Vec<Value>> {
    let field_type = find_field_type(&definition.field_type)?;
    parse_default(field_type, &definition.settings, definition)
}

fn parse_default(
    field_type: &dyn FieldType,
    settings: &Settings,
    definition: &FieldDefinition,
) -> Option<Vec<Value>> {
    let default = definition.default.as_ref()?;
    field_type.parse(settings, default).ok()
}
