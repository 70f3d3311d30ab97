//! The expressions of the types, made ready once for each catalog: formulas in the order in which they
//! depend on each other.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use uuid::Uuid;

use super::{
    Catalog, Field, Subject, SystemField,
    definition::{FieldDefinition, RuleDefinition},
};
use crate::{
    expression::{Member, Path, Program, Purpose, Scope},
    field_type::find_field_type,
    id::FieldId,
};

/// The expressions of one type.
#[derive(Debug, Default)]
pub struct Expressions {
    /// The formulas; each stands behind those of the same record that it reads.
    pub formulas: Vec<Formula>,
    /// What every record keeps when it is written.
    pub rules: Vec<Rule>,
    /// The conditions under which fields must have a value.
    pub required: Vec<Formula>,
    /// The values of new records that bring none.
    pub defaults: Vec<Formula>,
}

impl Expressions {
    /// Everything that the rules of a type and its conditional `required` look at.
    pub fn checked_paths(&self) -> Vec<Path> {
        let of_rules = self.rules.iter().flat_map(|rule| rule.condition.inputs());
        let of_required = self.required.iter().flat_map(|it| it.program.inputs());
        let fields = self.required.iter().map(|it| Path::own(it.field.id));
        let paths = of_rules.chain(of_required).cloned().chain(fields);
        paths.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.formulas.is_empty()
            && self.rules.is_empty()
            && self.required.is_empty()
            && self.defaults.is_empty()
    }
}

/// A validation rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// What was defined.
    pub definition: RuleDefinition,
    /// What must hold.
    pub condition: Program,
}

/// A field with an expression.
#[derive(Debug, Clone)]
pub struct Formula {
    /// The field.
    pub field: Arc<Field>,
    /// The expression.
    pub program: Program,
}

impl Catalog {
    /// The expressions of a type, if it has any.
    pub fn expressions(&self, subject: Subject) -> Option<&Arc<Expressions>> {
        self.expressions.get(&subject)
    }

    /// The formulas of all types.
    pub fn formulas(&self) -> impl Iterator<Item = (Subject, &Formula)> {
        let types = self.expressions.iter();
        types.flat_map(|(subject, it)| it.formulas.iter().map(|formula| (*subject, formula)))
    }
}

impl Scope for Catalog {
    fn find(&self, owner: Uuid, name: &str) -> Option<Member> {
        let subject = self.find_subject_by_id(owner)?;
        let field = self.subject_fields(subject)?.find(name)?;
        member(field.id, &field.definition, field.system)
    }

    fn find_by_id(&self, owner: Uuid, id: FieldId) -> Option<Member> {
        let subject = self.find_subject_by_id(owner)?;
        let field = self.subject_fields(subject)?.find_by_id(id)?;
        member(field.id, &field.definition, field.system)
    }
}

/// A field as expressions see it.
pub(crate) fn member(
    id: FieldId,
    definition: &FieldDefinition,
    system: Option<SystemField>,
) -> Option<Member> {
    let field_type = find_field_type(&definition.field_type)?;
    if field_type.is_virtual() {
        return None; // an expression names the way that a lookup stands for
    }
    Some(Member {
        id,
        name: definition.name.to_string(),
        parts: field_type.parts(&definition.settings),
        target: definition.settings.target,
        is_volatile: matches!(
            system,
            Some(SystemField::Version | SystemField::UpdatedAt | SystemField::UpdatedBy)
        ),
        is_secret: false,
    })
}

/// The expressions of all types. What can't be read any more, as a thing that it needs is gone, is left
/// out: changes of the schema see to it that there is none.
pub(super) fn compile(catalog: &Catalog) -> HashMap<Subject, Arc<Expressions>> {
    let objects = catalog.objects.keys().map(|id| Subject::Object(*id));
    let relations = catalog.relations.keys().map(|id| Subject::Relation(*id));
    let mut compiled = HashMap::new();
    for subject in objects.chain(relations) {
        let of_fields = |purpose, text| of_fields(catalog, subject, purpose, text);
        let expressions = Expressions {
            formulas: in_order(of_fields(Purpose::Formula, |field| {
                let expression = field.settings.expression.as_deref();
                expression.filter(|_| field.field_type.is_formula())
            })),
            rules: rules_of(catalog, subject),
            required: of_fields(Purpose::Condition, |field| {
                field.attributes.required_when.as_deref()
            }),
            defaults: of_fields(Purpose::Default, |field| {
                field.attributes.default_expression.as_deref()
            }),
        };
        if !expressions.is_empty() {
            compiled.insert(subject, Arc::new(expressions));
        }
    }
    compiled
}

fn of_fields(
    catalog: &Catalog,
    subject: Subject,
    purpose: Purpose,
    text: fn(&Field) -> Option<&str>,
) -> Vec<Formula> {
    let Some(fields) = catalog.subject_fields(subject) else {
        return Vec::new();
    };
    let found = fields.iter().filter_map(|field| {
        let program = Program::load(text(field)?, purpose, subject.uuid(), catalog);
        Some(Formula {
            field: Arc::clone(field),
            program: program.ok()?,
        })
    });
    found.collect()
}

fn rules_of(catalog: &Catalog, subject: Subject) -> Vec<Rule> {
    let definitions = match subject {
        Subject::Object(id) => catalog.find_object(id).map(|it| &it.definition.validations),
        Subject::Relation(id) => catalog
            .find_relation(id)
            .map(|it| &it.definition.validations),
    };
    let rules = definitions.into_iter().flatten().filter_map(|definition| {
        let text = &definition.condition;
        let condition = Program::load(text, Purpose::Condition, subject.uuid(), catalog);
        Some(Rule {
            definition: definition.clone(),
            condition: condition.ok()?,
        })
    });
    rules.collect()
}

/// Puts each formula behind those of the same record that it reads; what reads itself is left out.
fn in_order(mut waiting: Vec<Formula>) -> Vec<Formula> {
    let mut ordered: Vec<Formula> = Vec::with_capacity(waiting.len());
    loop {
        let open: Vec<FieldId> = waiting.iter().map(|formula| formula.field.id).collect();
        let is_ready = |formula: &Formula| {
            let mut own = formula.program.inputs().iter().filter(|path| path.is_own());
            !own.any(|path| open.contains(&path.field))
        };
        let (ready, rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_ready);
        if ready.is_empty() {
            return ordered;
        }
        ordered.extend(ready);
        waiting = rest;
    }
}
