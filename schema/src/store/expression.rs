//! Expressions over stored records: their inputs fetched, their values computed and stored. System
//! rights: what a caller may see of a result is a matter of the rules on the field that holds it.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    catalog::{Catalog, Field, Formula, Subject},
    change::Violations,
    error::{Error, Result},
    expression::{Inputs, Moment, Path, Program},
    id::FieldId,
    sql::{self, dialect::Dialect},
    store::{Connection, Row, WriteFailure},
    value::Value,
};

/// The most records that are looked at together.
const CHUNK: usize = 500;
/// The most ids that a report names.
const SAMPLES: usize = 10;

/// What is known of one record: the values of paths.
pub(crate) type Known = HashMap<Path, Vec<Value>>;

/// A record with the formulas that have another value now.
#[derive(Debug)]
pub(crate) struct Recomputed {
    pub(crate) id: Uuid,
    /// The field, what was stored, and what is stored now.
    pub(crate) fields: Vec<(Arc<Field>, Vec<Value>, Vec<Value>)>,
}

/// Computes in one transaction.
#[derive(Clone, Copy)]
pub(crate) struct Computing<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) dialect: Dialect,
    pub(crate) connection: Connection<'a>,
    pub(crate) moment: Moment,
}

impl Computing<'_> {
    /// The values of paths of several records of one type.
    pub(crate) async fn fetch(
        &self,
        subject: Subject,
        paths: &[Path],
        ids: &[Uuid],
    ) -> Result<Vec<(Uuid, Known)>> {
        let mut records = Vec::with_capacity(ids.len());
        for ids in ids.chunks(CHUNK) {
            let select =
                sql::expression::inputs(self.catalog, self.dialect, (subject, paths), ids)?;
            let (statement, fields) = select;
            for row in self.connection.fetch(statement).await? {
                let id = row
                    .uuid(0)?
                    .ok_or_else(|| Error::internal("reading inputs", "a row without an id"))?;
                records.push((id, known(&row, paths, &fields)?));
            }
        }
        Ok(records)
    }

    /// The value of a program for a record, one per column of the field; one that does not fit is missing.
    pub(crate) fn evaluate(&self, program: &Program, field: &Field, known: &Known) -> Vec<Value> {
        let parts: Vec<_> = field.columns.iter().map(|column| column.part).collect();
        let values = values_of(program.inputs(), known);
        let inputs = Inputs {
            values: &values,
            moment: self.moment,
        };
        let computed = program.evaluate(&inputs, &parts);
        let holds = |value: &Value| field.field_type.holds(&field.settings, value);
        if computed.iter().all(holds) {
            computed
        } else {
            vec![Value::Null; computed.len()]
        }
    }

    /// Whether a condition holds of a record.
    pub(crate) fn holds(&self, program: &Program, known: &Known) -> bool {
        let values = values_of(program.inputs(), known);
        program.holds(&Inputs {
            values: &values,
            moment: self.moment,
        })
    }

    /// The formulas of records that have another value than the stored one; those that `of` does not
    /// name are taken as they are stored.
    pub(crate) async fn compare(
        &self,
        subject: Subject,
        of: impl Fn(FieldId) -> bool,
        ids: &[Uuid],
    ) -> Result<Vec<Recomputed>> {
        let Some(expressions) = self.catalog.expressions(subject) else {
            return Ok(Vec::new());
        };
        let formulas = expressions.formulas.iter().filter(|it| of(it.field.id));
        let formulas: Vec<&Formula> = formulas.collect();
        if formulas.is_empty() {
            return Ok(Vec::new());
        }
        let inputs = formulas
            .iter()
            .flat_map(|it| it.program.inputs().iter().cloned());
        let created = Path::own(FieldId::standard("system", "created_at"));
        let paths = inputs
            .chain(formulas.iter().map(|it| Path::own(it.field.id)))
            .chain([created.clone()]);
        let paths: Vec<Path> = paths.collect::<BTreeSet<_>>().into_iter().collect();
        let mut changed = Vec::new();
        for (id, mut known) in self.fetch(subject, &paths, ids).await? {
            let mut fields = Vec::new();
            let created = instant_of(known.get(&created));
            for Formula { field, program } in &formulas {
                let mut after = self.evaluate(program, field, &known);
                self.catalog.currencies().fill(field, &mut after, created);
                let before = known
                    .insert(Path::own(field.id), after.clone())
                    .unwrap_or_default();
                if before != after {
                    fields.push((Arc::clone(field), before, after));
                }
            }
            if !fields.is_empty() {
                changed.push(Recomputed { id, fields });
            }
        }
        Ok(changed)
    }

    /// Computes all formulas of records and stores those that have another value now. Their versions
    /// stay, for it is part of a write that raises them.
    pub(crate) async fn recompute(
        &self,
        subject: Subject,
        ids: &[Uuid],
    ) -> Result<Vec<Recomputed>> {
        let changed = self.compare(subject, |_| true, ids).await?;
        for record in &changed {
            self.store(subject, record).await?;
        }
        Ok(changed)
    }

    async fn store(&self, subject: Subject, record: &Recomputed) -> Result<()> {
        let assignments: Vec<_> = record
            .fields
            .iter()
            .flat_map(|(field, _, after)| sql::expression::assign(field, after))
            .collect();
        let row = (subject, record.id);
        let statement = sql::expression::set(self.catalog, self.dialect, row, &assignments)?;
        match self.connection.execute(statement).await {
            Ok(_) => Ok(()),
            Err(WriteFailure::Other(error)) => Err(error),
            Err(WriteFailure::Unique(_)) => {
                Err(Error::internal("storing formulas", "a formula is unique"))
            }
        }
    }

    /// The live records that do not keep the conditions of their type.
    pub(crate) async fn violations(&self, subject: Subject) -> Result<Violations> {
        let mut violations = Violations::default();
        let Some(expressions) = self.catalog.expressions(subject) else {
            return Ok(violations);
        };
        let paths = expressions.checked_paths();
        let mut after = None;
        loop {
            let ids = self.live_after(subject, after).await?;
            let Some(last) = ids.last() else {
                return Ok(violations);
            };
            after = Some(*last);
            for (id, known) in self.fetch(subject, &paths, &ids).await? {
                let mut rules = expressions.rules.iter();
                let mut required = expressions.required.iter();
                let breaks = rules.any(|rule| !self.holds(&rule.condition, &known))
                    || required.any(|Formula { field, program }| {
                        is_missing(field.id, &known) && self.holds(program, &known)
                    });
                if breaks {
                    violations.rows += 1;
                    if violations.samples.len() < SAMPLES {
                        violations.samples.push(id.to_string());
                    }
                }
            }
        }
    }

    async fn live_after(&self, subject: Subject, after: Option<Uuid>) -> Result<Vec<Uuid>> {
        let page = (after, u64::try_from(CHUNK).unwrap_or(u64::MAX));
        let select = sql::expression::live_after(self.catalog, self.dialect, subject, page)?;
        let mut ids = Vec::with_capacity(CHUNK);
        for row in self.connection.fetch(select).await? {
            ids.extend(row.uuid(0)?);
        }
        Ok(ids)
    }
}

/// Whether a field of a record has no value; a text that says nothing is none.
pub(crate) fn is_missing(field: FieldId, known: &Known) -> bool {
    let values = known.get(&Path::own(field));
    values
        .and_then(|values| values.first())
        .is_none_or(|value| value.is_null() || value.is_blank())
}

/// The instant among the values of a field; that of the epoch where there is none.
fn instant_of(values: Option<&Vec<Value>>) -> OffsetDateTime {
    match values.map(Vec::as_slice) {
        Some([Value::Instant(instant)]) => *instant,
        Some(_) | None => OffsetDateTime::UNIX_EPOCH,
    }
}

fn values_of(paths: &[Path], known: &Known) -> Vec<Vec<Value>> {
    let value = |path| known.get(path).cloned().unwrap_or_default();
    paths.iter().map(value).collect()
}

fn known(row: &Row, paths: &[Path], fields: &[Arc<Field>]) -> Result<Known> {
    let mut known = Known::with_capacity(paths.len());
    let mut at = 1;
    for (path, field) in paths.iter().zip(fields) {
        let mut values = Vec::with_capacity(field.columns.len());
        for column in &field.columns {
            values.push(row.value(at, column.part.storage)?);
            at += 1;
        }
        known.insert(path.clone(), values);
    }
    Ok(known)
}
