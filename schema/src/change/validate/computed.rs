//! Formulas: the settings that define one, and that everything that is computed can go on being
//! computed after the changeset, with nothing that depends on itself.

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{Computed, Validation};
use crate::{
    catalog::{
        Subject, SystemField, definition::FieldDefinition, link_fields, member, record_fields,
    },
    change::{changeset::FieldInput, draft::Draft},
    error::{FaultCode, Place},
    expression::{self, Member, Program, Purpose, Scope},
    field_type::{FieldType, RESULTS, ResultType, Settings, find_field_type},
    id::{FieldId, RelationTypeId},
};

/// The most formulas of one type.
const MAX_FORMULAS: usize = 50;
/// The most references that the formulas of one type follow: one select joins all of them, and SQLite
/// joins 64 tables.
const MAX_FOLLOWED: usize = 40;

impl Draft<'_> {
    fn system_member(&self, owner: Uuid, is_it: impl Fn(FieldId, &str) -> bool) -> Option<Member> {
        let relation = self.relations.get(&RelationTypeId::new(owner));
        let fields = relation.map_or_else(|| record_fields(true), |it| link_fields(&it.definition));
        let mut fields = fields.iter();
        let found = fields.find(|field| is_it(field.id, field.name.as_str()))?;
        member(found.id, &found.definition, found.system)
    }
}

impl Scope for Draft<'_> {
    fn find(&self, owner: Uuid, name: &str) -> Option<Member> {
        match self.find_field(owner, name) {
            Some(field) => member(field.id, &field.definition, None::<SystemField>),
            None => self.system_member(owner, |_, known| known == name),
        }
    }

    fn find_by_id(&self, owner: Uuid, id: FieldId) -> Option<Member> {
        let mut fields = self.fields(owner).iter();
        match fields.find(|field| field.id == id) {
            Some(field) => member(field.id, &field.definition, None::<SystemField>),
            None => self.system_member(owner, |known, _| known == id),
        }
    }
}

impl Validation<'_> {
    /// The settings of a new field.
    pub(super) fn new_settings(
        &mut self,
        owner: Subject,
        field_type: &dyn FieldType,
        input: &FieldInput,
        place: &Place,
    ) -> Option<Settings> {
        self.computed_takes(field_type, (input.required, input.default.as_ref()), place);
        if field_type.is_formula() {
            return self.formula_settings(owner, &input.settings, place);
        }
        if field_type.is_rollup() {
            return self.rollup_settings(owner, &input.settings, place);
        }
        let sent = self.with_way(owner, field_type, input, place)?;
        let sent = self.options_by_id(owner, &sent, place);
        let settings = self.settings_are_allowed(field_type, &sent, place)?;
        self.options_fit(owner, None, &settings, place);
        Some(settings)
    }

    /// The settings of a new formula: `expression`, and `result` with its settings beside or in it.
    pub(super) fn formula_settings(
        &mut self,
        owner: Subject,
        sent: &Map<String, Json>,
        place: &Place,
    ) -> Option<Settings> {
        let before = self.faults.len();
        let result = self.result_type(sent, place);
        for key in sent.keys() {
            if !["expression", "result", "precision", "scale"].contains(&key.as_str()) {
                let message = format!(
                    "there is no setting {key:?}; a formula has expression, result, precision and scale"
                );
                self.refuse(place.child(key), FaultCode::UnknownField, message);
            }
        }
        let result = result.filter(|_| self.faults.len() == before)?;
        self.formula(owner, sent.get("expression"), result, place)
    }

    /// The settings of a formula that is computed in another way; the type of its result stays.
    pub(super) fn updated_formula(
        &mut self,
        owner: Subject,
        stored: &Settings,
        changes: &Map<String, Json>,
        place: &Place,
    ) -> Option<Settings> {
        let result = stored.result.as_deref().cloned()?;
        self.formula(owner, changes.get("expression"), result, place)
    }

    fn formula(
        &mut self,
        owner: Subject,
        text: Option<&Json>,
        result: ResultType,
        place: &Place,
    ) -> Option<Settings> {
        let place = place.child("expression");
        let Some(text) = text.and_then(Json::as_str) else {
            let message = "a formula needs its expression, a text such as \"price * quantity\"";
            self.refuse(place, FaultCode::Required, message);
            return None;
        };
        let program = Program::define(text, Purpose::Formula, owner.uuid(), &self.draft);
        let settings = Settings {
            result: Some(Box::new(result)),
            ..Settings::default()
        };
        let field_type = find_field_type("formula")?;
        let checked = program.and_then(|program| {
            program.check_result(&field_type.parts(&settings))?;
            Ok(program)
        });
        match checked {
            Ok(program) => Some(Settings {
                expression: Some(program.stored().to_owned()),
                ..settings
            }),
            Err(error) => {
                self.refuse(place, FaultCode::InvalidValue, error.to_string());
                None
            }
        }
    }

    /// `"decimal"` with its settings beside it, or `{"type": "decimal", "scale": 2}`.
    fn result_type(&mut self, sent: &Map<String, Json>, place: &Place) -> Option<ResultType> {
        let place_of_result = place.child("result");
        let (name, mut settings) = match sent.get("result") {
            Some(Json::String(name)) => (Some(name.clone()), Map::new()),
            Some(Json::Object(members)) => {
                let mut members = members.clone();
                let name = members.shift_remove("type");
                (name.and_then(|it| it.as_str().map(str::to_owned)), members)
            }
            Some(_) | None => (None, Map::new()),
        };
        for key in ["precision", "scale"] {
            if let Some(value) = sent.get(key) {
                settings.insert(key.to_owned(), value.clone());
            }
        }
        let name = name.filter(|name| RESULTS.contains(&name.as_str()));
        let field_type = name.as_deref().and_then(find_field_type);
        let Some(field_type) = field_type else {
            let message = format!("must be one of {}", RESULTS.join(", "));
            self.refuse(place_of_result, FaultCode::InvalidValue, message);
            return None;
        };
        let settings = self.settings_are_allowed(field_type, &settings, place)?;
        Some(ResultType {
            field_type: field_type.name().to_owned(),
            settings,
        })
    }

    /// What nobody writes needs no value of a writer.
    pub(super) fn computed_takes(
        &mut self,
        field_type: &dyn FieldType,
        (required, default): (bool, Option<&Json>),
        place: &Place,
    ) {
        if !field_type.is_computed() {
            return;
        }
        let name = field_type.name();
        if required {
            let message = format!("a {name} is computed and can't be required");
            self.refuse(place.child("required"), FaultCode::InvalidValue, message);
        }
        if default.is_some() {
            let message = format!("a {name} is computed and has no default");
            self.refuse(place.child("default"), FaultCode::InvalidValue, message);
        }
    }

    /// Keeps in mind that the values of a field have to be computed.
    pub(super) fn note_computed(
        &mut self,
        owner: Subject,
        (field, is_new): (FieldId, bool),
        place: &Place,
    ) {
        self.computed.retain(|known| known.field != field);
        self.computed.push(Computed {
            owner,
            field,
            is_new,
            operation: self.impacts.len().saturating_sub(1),
            place: place.clone(),
        });
    }

    /// Every expression can be read as before, and no formula depends on itself.
    pub(super) fn expressions_fit(&mut self) {
        for (owner, what, purpose, stored) in self.conditions() {
            if Program::load(&stored, purpose, owner, &self.draft).is_err() {
                let place = self.place_of(None, &stored);
                let message = format!(
                    "{what} reads what is changed or taken away here; change or delete it first"
                );
                self.refuse(place, FaultCode::InvalidValue, message);
            }
        }
        let formulas = self.formulas();
        for (at, (owner, id, definition)) in formulas.iter().enumerate() {
            let stored = definition
                .settings
                .expression
                .as_deref()
                .unwrap_or_default();
            let name = format!("{}.{}", self.owner_name(*owner), definition.name);
            let place = self.place_of(Some(*id), stored);
            let program = Program::load(stored, Purpose::Formula, *owner, &self.draft);
            if let (Err(error), Some(place)) = (&program, self.came_back(*owner, id.uuid())) {
                let message = format!("the formula {name} can't be computed any more: it {error}");
                self.refuse(place, FaultCode::InvalidValue, message);
            } else if program.is_err() {
                let message = format!(
                    "the formula {name} reads what is changed or taken away here; change or delete it first"
                );
                self.refuse(place, FaultCode::InvalidValue, message);
            } else if let Some(way) = way_back(*id, &formulas) {
                let names = way.iter().map(|at| {
                    let (owner, _, definition) = &formulas[*at];
                    format!("{}.{}", self.owner_name(*owner), definition.name)
                });
                let way: Vec<String> = names.collect();
                let message = format!("{name} would depend on itself: {}", way.join(" → "));
                self.refuse(place, FaultCode::InvalidValue, message);
            } else if at == 0 || formulas[at - 1].0 != *owner {
                self.formulas_are_few(*owner, &formulas, &place);
            }
        }
    }

    /// The formulas of one type can be computed by one select.
    fn formulas_are_few(&mut self, owner: Uuid, formulas: &[Owned], place: &Place) {
        let of_type: Vec<&Owned> = formulas.iter().filter(|it| it.0 == owner).collect();
        let mut followed = std::collections::BTreeSet::new();
        for (_, _, definition) in &of_type {
            let stored = definition
                .settings
                .expression
                .as_deref()
                .unwrap_or_default();
            let program = Program::load(stored, Purpose::Formula, owner, &self.draft);
            for path in program.iter().flat_map(|program| program.inputs().to_vec()) {
                for length in 1..=path.references.len() {
                    followed.insert(path.references[..length].to_vec());
                }
            }
        }
        if of_type.len() > MAX_FORMULAS || followed.len() > MAX_FOLLOWED {
            let message = format!(
                "a type has at most {MAX_FORMULAS} formulas, which follow at most {MAX_FOLLOWED} references"
            );
            self.refuse(place.clone(), FaultCode::InvalidValue, message);
        }
    }

    /// Every formula of every type, type by type.
    pub(super) fn formulas(&self) -> Vec<Owned> {
        let objects = self.draft.objects.keys().map(|id| id.uuid());
        let relations = self.draft.relations.keys().map(|id| id.uuid());
        let owned = objects.chain(relations).flat_map(|owner| {
            let fields = self.draft.fields(owner).iter();
            fields
                .filter(|field| field.definition.settings.expression.is_some())
                .map(move |field| (owner, field.id, field.to_definition()))
        });
        owned.collect()
    }

    /// Every expression that is no formula: its type, what it is, what it is for, and the stored text.
    pub(super) fn conditions(&self) -> Vec<(Uuid, String, Purpose, String)> {
        let mut conditions = Vec::new();
        let draft = &self.draft;
        let objects = draft.objects.iter();
        let objects = objects.map(|(id, it)| (id.uuid(), &it.definition.validations));
        let relations = draft.relations.iter();
        let relations = relations.map(|(id, it)| (id.uuid(), &it.definition.validations));
        for (owner, rules) in objects.chain(relations) {
            let name = self.owner_name(owner);
            for rule in rules {
                let what = format!("the validation rule {} of {name}", rule.name);
                conditions.push((owner, what, Purpose::Condition, rule.condition.clone()));
            }
            for field in draft.fields(owner) {
                let attributes = &field.definition.attributes;
                let field = &field.definition.name;
                if let Some(stored) = &attributes.required_when {
                    let what = format!("requiredWhen of {name}.{field}");
                    conditions.push((owner, what, Purpose::Condition, stored.clone()));
                }
                if let Some(stored) = &attributes.default_expression {
                    let what = format!("defaultExpression of {name}.{field}");
                    conditions.push((owner, what, Purpose::Default, stored.clone()));
                }
            }
        }
        conditions
    }

    /// The operation to blame for a formula that can't be computed: the one that defines it, or the one
    /// that changes something that it names.
    fn place_of(&self, field: Option<FieldId>, stored: &str) -> Place {
        let mut computed = self.computed.iter();
        if let Some(computed) = computed.find(|known| Some(known.field) == field) {
            return computed.place.child("expression");
        }
        let operations = Place::Pointer(String::new()).child("operations");
        let read = expression::fields_in(stored);
        let hit = self.named.iter().position(|named| {
            let mut named = named.iter();
            named.any(|named| read.contains(&FieldId::new(named.id)))
        });
        hit.map_or_else(|| operations.clone(), |at| operations.child(at))
    }
}

/// A formula with the type that has it.
type Owned = (Uuid, FieldId, FieldDefinition);

/// The places of the formulas on the way from one back to itself, if there is such a way.
fn way_back(start: FieldId, formulas: &[Owned]) -> Option<Vec<usize>> {
    let place = |id: FieldId| formulas.iter().position(|(_, field, _)| *field == id);
    let mut seen = vec![false; formulas.len()];
    let mut way = vec![place(start)?];
    let mut open = vec![reads(&formulas[way[0]].2)];
    while let Some(next) = open.last_mut() {
        let Some(id) = next.pop() else {
            open.pop();
            way.pop();
            continue;
        };
        let Some(at) = place(id) else { continue };
        if id == start {
            way.push(at);
            return Some(way);
        }
        if !std::mem::replace(&mut seen[at], true) {
            way.push(at);
            open.push(reads(&formulas[at].2));
        }
    }
    None
}

fn reads(definition: &FieldDefinition) -> Vec<FieldId> {
    let stored = definition.settings.expression.as_deref();
    expression::fields_in(stored.unwrap_or_default())
}
