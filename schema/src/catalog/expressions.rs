//! The expressions of the types, made ready once for each catalog: formulas in the order in which they
//! depend on each other.

use std::{collections::HashMap, sync::Arc};

use uuid::Uuid;

use super::{Catalog, Field, Subject, SystemField, definition::FieldDefinition};
use crate::{
    expression::{Member, Program, Purpose, Scope},
    field_type::find_field_type,
    id::FieldId,
};

/// The expressions of one type.
#[derive(Debug, Default)]
pub struct Expressions {
    /// The formulas; each stands behind those of the same record that it reads.
    pub formulas: Vec<Formula>,
}

/// A formula.
#[derive(Debug, Clone)]
pub struct Formula {
    /// The field that holds the value.
    pub field: Arc<Field>,
    /// How it is computed.
    pub program: Program,
}

impl Catalog {
    /// The expressions of a type, if it has any.
    pub fn expressions(&self, subject: Subject) -> Option<&Arc<Expressions>> {
        self.expressions.get(&subject)
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
        let formulas = formulas_of(catalog, subject);
        if !formulas.is_empty() {
            compiled.insert(subject, Arc::new(Expressions { formulas }));
        }
    }
    compiled
}

fn formulas_of(catalog: &Catalog, subject: Subject) -> Vec<Formula> {
    let Some(fields) = catalog.subject_fields(subject) else {
        return Vec::new();
    };
    let formulas = fields.iter().filter_map(|field| {
        let expression = field.settings.expression.as_deref()?;
        if !field.field_type.is_formula() {
            return None;
        }
        let program = Program::load(expression, Purpose::Formula, subject.uuid(), catalog);
        Some(Formula {
            field: Arc::clone(field),
            program: program.ok()?,
        })
    });
    in_order(formulas.collect())
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
