//! What must hold of a record as it is after a write: conditional `required` and the validation rules
//! of its type; and the defaults that are expressions.
//!
//! The rules look at everything, with system rights; whom the access rules refuse is not told of them.
//! A fault names only fields that the caller may know of.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::Writing;
use crate::{
    access::{Create, Grant, Link, Update},
    catalog::{Expressions, Formula, Rule, Subject},
    error::{Error, Fault, FaultCode, Place, Result},
    id::FieldId,
    plan::write::{Values, field_json, is_blank},
    store::{Known, is_missing},
    value::Value,
};

impl Writing<'_> {
    /// Sets the fields that were not sent to the values of their expressions. What does not fit its
    /// field is no value.
    pub(super) fn compute_defaults(&self, subject: Subject, values: &mut Values) {
        let Some(expressions) = self.catalog.expressions(subject) else {
            return;
        };
        for Formula { field, program } in &expressions.defaults {
            if values.find(field).is_some() {
                continue;
            }
            let paths = program.inputs().iter();
            let known: Known = paths
                .map(|path| (path.clone(), self.value_of(subject, path.field, values)))
                .collect();
            let computed = self.computing().evaluate(program, field, &known);
            let json = field_json(field, &computed);
            if json.is_null() {
                continue;
            }
            if let Ok(parsed) = field.field_type.parse(&field.settings, &json)
                && !(field.required && is_blank(field, &parsed))
            {
                values.set(field, parsed);
            }
        }
    }

    /// The value that a new record has of a field, so far as it is known before the record is there.
    fn value_of(&self, subject: Subject, field: FieldId, values: &Values) -> Vec<Value> {
        let fields = self.catalog.subject_fields(subject);
        let Some(field) = fields.and_then(|fields| fields.find_by_id(field)) else {
            return Vec::new();
        };
        let default = || {
            let default = field.default.as_ref()?;
            field.field_type.parse(&field.settings, default).ok()
        };
        let sent = values.find(field).map(<[Value]>::to_vec);
        let mut known = sent.or_else(default).unwrap_or_default();
        self.catalog.currencies().fill(field, &mut known, self.now);
        known
    }

    /// Refuses a record that breaks a rule of its type.
    pub(super) async fn check_rules(
        &self,
        (subject, id): (Subject, Uuid),
        place: &Place,
    ) -> Result<()> {
        let Some(expressions) = self.catalog.expressions(subject) else {
            return Ok(());
        };
        let paths = expressions.checked_paths();
        if paths.is_empty() && expressions.rules.is_empty() {
            return Ok(());
        }
        let records = self.computing().fetch(subject, &paths, &[id]).await?;
        let Some((_, known)) = records.first() else {
            return Ok(());
        };
        let faults = self.faults(subject, expressions, known, place)?;
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(faults))
        }
    }

    fn faults(
        &self,
        subject: Subject,
        expressions: &Expressions,
        known: &Known,
        place: &Place,
    ) -> Result<Vec<Fault>> {
        let mut faults = Vec::new();
        let names = self.names(subject);
        for Formula { field, program } in &expressions.required {
            let computing = self.computing();
            if !is_missing(field.id, known) || !computing.holds(program, known) {
                continue;
            }
            if !names.contains(&field.id) {
                let message =
                    "a required field is missing that no rule of your roles lets you write";
                return Err(Error::Forbidden(message.to_owned()));
            }
            faults.push(Fault {
                place: place.child(&field.name),
                code: FaultCode::Required,
                message: format!("{:?} is required", field.name.as_str()),
            });
        }
        for Rule {
            definition,
            condition,
        } in &expressions.rules
        {
            if self.computing().holds(condition, known) {
                continue;
            }
            let fault = |place| Fault {
                place,
                code: FaultCode::RuleBroken,
                message: definition.message.clone(),
            };
            let fields = self.catalog.subject_fields(subject);
            let named = definition.fields.iter().filter(|id| names.contains(id));
            let named = named.filter_map(|id| fields?.find_by_id(*id));
            let before = faults.len();
            faults.extend(named.map(|field| fault(place.child(&field.name))));
            if faults.len() == before {
                faults.push(fault(place.clone()));
            }
        }
        Ok(faults)
    }

    /// The fields that the caller may know of: those that it can read or send.
    fn names(&self, subject: Subject) -> BTreeSet<FieldId> {
        let read = self.read_grant(subject);
        let (mut create, mut update, mut link) = (None, None, None);
        match subject {
            Subject::Object(id) => {
                if let Some(object) = self.catalog.find_object(id) {
                    create = self.checker.grant(object) as Option<Grant<Create>>;
                    update = self.checker.grant(object) as Option<Grant<Update>>;
                }
            }
            Subject::Relation(id) => {
                if let Some(relation) = self.catalog.find_relation(id) {
                    link = self.checker.grant_relation(relation) as Option<Grant<Link>>;
                }
            }
        }
        let knows = |name: &str| {
            read.as_ref().is_some_and(|it| it.field(name).is_some())
                || create.as_ref().is_some_and(|it| it.field(name).is_some())
                || update.as_ref().is_some_and(|it| it.field(name).is_some())
                || link.as_ref().is_some_and(|it| it.field(name).is_some())
        };
        let fields = self.catalog.subject_fields(subject).into_iter();
        let fields = fields.flat_map(crate::catalog::FieldList::iter);
        let known = fields.filter(|field| knows(field.name.as_str()));
        known.map(|field| field.id).collect()
    }
}
