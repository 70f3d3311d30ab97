//! One piece of computing: some fields of some records of one type.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};
use time::UtcOffset;
use uuid::Uuid;

use super::{Deriving, Touched};
use crate::{
    catalog::{Column, Field, Subject},
    error::Result,
    expression::Moment,
    field_type::RollupFunction,
    id::FieldId,
    plan::{
        derivation::{Computation, Input},
        rollup::{Members, Reads, Rollup},
        write::field_json,
    },
    sql::{
        self,
        derive::{Cells, NewValues},
        write::Event,
    },
    store::{Computing, Row},
    value::{Storage, Value},
};

/// How many records one statement stores; what is left of them goes in smaller pieces, so that there are
/// few different texts of statements.
const SIZES: [usize; 3] = [100, 10, 1];

/// The values of one field of several records.
type Computed = HashMap<Uuid, Vec<Value>>;

/// A record with computed fields that are not what is stored.
#[derive(Debug)]
pub(crate) struct Stale {
    pub(crate) id: Uuid,
    pub(crate) version: i64,
    /// The field, its number of columns' values as they are stored and as they should be.
    pub(crate) fields: Vec<(Arc<Field>, Json, Vec<Value>)>,
}

impl Deriving<'_> {
    /// Computes fields of records and stores what is different, with an event for each record. Gives the
    /// records that were changed with their new versions.
    ///
    /// First the rollups, which read other records only, then the formulas of the same layer: those that
    /// are asked for, and those that read one of the rollups.
    pub(super) async fn compute(
        &self,
        owner: Subject,
        fields: &[FieldId],
        ids: &[Uuid],
    ) -> Result<Vec<(Touched, i64)>> {
        let table = sql::expression::table(self.catalog, owner)?;
        let rollups = self.rollups(owner, fields);
        let (found, mut stale) = self.compare_rollups(&table, &rollups, (ids, true)).await?;
        let formulas = self.formulas_after(owner, fields, &stale);
        let raised = self.cause.is_some() && formulas.is_empty();
        self.store(&table, &stale, raised).await?;
        if !formulas.is_empty() {
            let changed = self.compare_formulas(owner, &formulas, &found).await?;
            self.store(&table, &changed, false).await?;
            stale = merged(stale, changed);
            if self.cause.is_some() && !stale.is_empty() {
                let ids: Vec<Uuid> = stale.iter().map(|stale| stale.id).collect();
                let raise = sql::derive::raise(self.catalog, self.dialect, &table, &ids);
                self.execute(raise).await?;
            }
        }
        self.record_events(owner, &stale).await?;
        let touched = stale.into_iter().map(|stale| {
            let fields: BTreeSet<FieldId> = stale.fields.iter().map(|it| it.0.id).collect();
            let touched = Touched::of_computed(owner, stale.id, fields);
            (touched, stale.version + 1)
        });
        Ok(touched.collect())
    }

    pub(super) fn is_formula(&self, field: FieldId) -> bool {
        let derived = self.derivations.find(field);
        derived.is_some_and(|it| matches!(it.computation, Computation::Formula))
    }

    pub(super) fn rollups(&self, owner: Subject, fields: &[FieldId]) -> Vec<(Arc<Field>, &Rollup)> {
        let list = self.catalog.subject_fields(owner);
        let found = fields.iter().filter_map(|id| {
            let field = list?.find_by_id(*id)?;
            match &self.derivations.find(*id)?.computation {
                Computation::Rollup(rollup) => Some((Arc::clone(field), &**rollup)),
                Computation::Formula => None,
            }
        });
        found.collect()
    }

    /// The formulas that are asked for, and those that read a rollup of the same record that has changed.
    fn formulas_after(
        &self,
        owner: Subject,
        fields: &[FieldId],
        stale: &[Stale],
    ) -> BTreeSet<FieldId> {
        let mut formulas: BTreeSet<FieldId> = fields
            .iter()
            .copied()
            .filter(|id| self.is_formula(*id))
            .collect();
        let changed = stale.iter().flat_map(|stale| &stale.fields);
        let mut open: BTreeSet<FieldId> = changed.map(|(field, ..)| field.id).collect();
        open.extend(&formulas);
        while let Some(field) = open.pop_first() {
            let Some(layer) = self.derivations.find(field).map(|derived| derived.layer) else {
                continue;
            };
            let inputs = self.derivations.on(owner);
            let dependencies = inputs.and_then(|inputs| inputs.get(&Input::Field(field)));
            for dependency in dependencies.into_iter().flatten() {
                let above = self.derivations.find(dependency.field);
                let is_of_layer = above.is_some_and(|above| above.layer == layer);
                if dependency.path.is_empty() && is_of_layer && formulas.insert(dependency.field) {
                    open.insert(dependency.field);
                }
            }
        }
        formulas
    }

    /// Looks at the records and gives those that are there with their versions, and those of which a
    /// rollup is not what is stored.
    pub(super) async fn compare_rollups(
        &self,
        table: &str,
        rollups: &[(Arc<Field>, &Rollup)],
        (ids, lock): (&[Uuid], bool),
    ) -> Result<(Vec<(Uuid, i64)>, Vec<Stale>)> {
        let columns: Vec<&Column> = rollups.iter().flat_map(|(it, _)| &it.columns).collect();
        let looked_at = (columns.as_slice(), lock);
        let stored = sql::derive::stored(self.catalog, self.dialect, table, ids, looked_at);
        let rows = self.connection.fetch(stored).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            if let Some(id) = row.uuid(0)? {
                found.push((id, row.integer(1)?.unwrap_or(0)));
            }
        }
        let ids: Vec<Uuid> = found.iter().map(|(id, _)| *id).collect();
        let computed = self.values(rollups, &ids).await?;
        let mut stale = Vec::new();
        for (known, row) in found.iter().zip(&rows) {
            stale.extend(difference(*known, row, rollups, &computed)?);
        }
        Ok((found, stale))
    }

    pub(super) async fn compare_formulas(
        &self,
        owner: Subject,
        formulas: &BTreeSet<FieldId>,
        found: &[(Uuid, i64)],
    ) -> Result<Vec<Stale>> {
        if formulas.is_empty() || found.is_empty() {
            return Ok(Vec::new());
        }
        let computing = Computing {
            catalog: self.catalog,
            dialect: self.dialect,
            connection: self.connection,
            moment: Moment {
                now: self.now,
                user: None,
            },
        };
        let ids: Vec<Uuid> = found.iter().map(|(id, _)| *id).collect();
        let versions: HashMap<Uuid, i64> = found.iter().copied().collect();
        let is_meant = |field: FieldId| formulas.contains(&field);
        let changed = computing.compare(owner, is_meant, &ids).await?;
        let stale = changed.into_iter().map(|record| Stale {
            id: record.id,
            version: versions.get(&record.id).copied().unwrap_or(0),
            fields: record
                .fields
                .into_iter()
                .map(|(field, before, after)| {
                    let before = field_json(&field, &before);
                    (field, before, after)
                })
                .collect(),
        });
        Ok(stale.collect())
    }

    /// The values of each rollup; a record that has no members has the value of none.
    async fn values(
        &self,
        fields: &[(Arc<Field>, &Rollup)],
        ids: &[Uuid],
    ) -> Result<Vec<Computed>> {
        let mut computed: Vec<Computed> = fields.iter().map(|_| HashMap::new()).collect();
        let mut groups: Vec<(&Members, Vec<(usize, &Rollup)>)> = Vec::new();
        for (at, (_, rollup)) in fields.iter().enumerate() {
            match groups.iter_mut().find(|(of, _)| **of == rollup.members) {
                Some((_, group)) => group.push((at, rollup)),
                None => groups.push((&rollup.members, vec![(at, rollup)])),
            }
        }
        for (members, group) in groups {
            let rollups: Vec<&Rollup> = group.iter().map(|(_, rollup)| *rollup).collect();
            for (at, rollup) in &group {
                computed[*at].extend(ids.iter().map(|id| (*id, empty(rollup))));
            }
            let of = (members, rollups.as_slice());
            let on = (ids, self.now.to_offset(UtcOffset::UTC).date());
            let select = sql::derive::aggregates(self.catalog, self.dialect, of, on)?;
            for row in self.connection.fetch(select).await? {
                let Some(id) = row.uuid(0)? else { continue };
                let mut cell = 1;
                for (at, rollup) in &group {
                    let value = fold(rollup, &row, &mut cell)?;
                    computed[*at].insert(id, value);
                }
            }
        }
        Ok(computed)
    }

    /// Stores what is different, records with the same fields together.
    pub(super) async fn store(&self, table: &str, stale: &[Stale], raised: bool) -> Result<()> {
        let mut groups: BTreeMap<Vec<FieldId>, Vec<&Stale>> = BTreeMap::new();
        for one in stale {
            let fields = one.fields.iter().map(|(field, ..)| field.id).collect();
            groups.entry(fields).or_default().push(one);
        }
        for group in groups.into_values() {
            let Some(first) = group.first() else { continue };
            let fields = first.fields.iter();
            let columns: Vec<&Column> = fields.flat_map(|(field, ..)| &field.columns).collect();
            let values = group.iter().map(|one| NewValues {
                id: one.id,
                values: one.fields.iter().flat_map(|it| it.2.clone()).collect(),
            });
            let values: Vec<NewValues> = values.collect();
            for now in pieces(&values) {
                let to = (table, columns.as_slice());
                let update = sql::derive::store(self.catalog, self.dialect, to, now, raised);
                if let Some(update) = update {
                    self.execute(update).await?;
                }
            }
        }
        Ok(())
    }

    pub(super) async fn record_events(&self, owner: Subject, stale: &[Stale]) -> Result<()> {
        let Some(cause) = self.cause else {
            return Ok(());
        };
        for now in pieces(stale) {
            let events = now.iter().map(|stale| event(owner, stale, cause)).collect();
            let events = sql::write::events(self.catalog, self.dialect, events)?;
            self.execute(events).await?;
        }
        Ok(())
    }
}

/// Pieces of few different sizes.
pub(crate) fn pieces<T>(mut left: &[T]) -> Vec<&[T]> {
    let mut pieces = Vec::new();
    for size in SIZES {
        while left.len() >= size {
            let (now, rest) = left.split_at(size);
            left = rest;
            pieces.push(now);
        }
    }
    pieces
}

/// What is different of records in both.
pub(super) fn merged(mut stale: Vec<Stale>, more: Vec<Stale>) -> Vec<Stale> {
    let mut places: HashMap<Uuid, usize> = HashMap::new();
    for (at, one) in stale.iter().enumerate() {
        places.insert(one.id, at);
    }
    for one in more {
        match places.get(&one.id) {
            Some(at) => stale[*at].fields.extend(one.fields),
            None => stale.push(one),
        }
    }
    stale
}

/// What is different of one record, if anything is.
fn difference(
    (id, version): (Uuid, i64),
    row: &Row,
    rollups: &[(Arc<Field>, &Rollup)],
    computed: &[Computed],
) -> Result<Option<Stale>> {
    let mut fields = Vec::new();
    let mut at = 2;
    for ((field, _), computed) in rollups.iter().zip(computed) {
        let before = row.field(field, at)?;
        at += field.columns.len();
        let none = || vec![Value::Null; field.columns.len()];
        let after = computed.get(&id).cloned().unwrap_or_else(none);
        if before != field_json(field, &after) {
            fields.push((Arc::clone(field), before, after));
        }
    }
    Ok((!fields.is_empty()).then_some(Stale {
        id,
        version,
        fields,
    }))
}

fn event(owner: Subject, stale: &Stale, cause: super::Cause) -> Event<'static> {
    let audited = stale
        .fields
        .iter()
        .filter(|(field, ..)| field.attributes.is_audited());
    let changes = audited.map(|(field, before, after)| {
        let change = json!({ "before": before, "after": field_json(field, after) });
        (field.id.to_string(), change)
    });
    let changes: Map<String, Json> = changes.collect();
    Event {
        subject: owner,
        record: stale.id,
        operation: "recompute",
        version: stale.version + 1,
        actor: cause.actor,
        transaction: cause.transaction,
        at: cause.at,
        changes: Json::Object(changes),
    }
}

/// The value of no members: none of something, their sum, and nothing else.
pub(crate) fn empty(rollup: &Rollup) -> Vec<Value> {
    match rollup.field.columns.as_slice() {
        [column] => vec![of_nothing(rollup.function, column.part.storage)],
        columns => vec![Value::Null; columns.len()],
    }
}

fn of_nothing(function: RollupFunction, storage: Storage) -> Value {
    match (function, storage) {
        (RollupFunction::Count, _)
        | (RollupFunction::Sum, Storage::Integer | Storage::BigInteger | Storage::Duration) => {
            Value::Integer(0)
        }
        (RollupFunction::Sum, Storage::Decimal { .. }) => Value::Decimal(Decimal::ZERO),
        _ => Value::Null,
    }
}

/// The value of the cells of a rollup, which begin at `at` and are passed.
fn fold(rollup: &Rollup, row: &Row, at: &mut usize) -> Result<Vec<Value>> {
    let Some(result) = rollup.field.columns.first() else {
        return Ok(Vec::new());
    };
    let operand = rollup.operand.as_ref().map(|(field, _)| field);
    let storage_of = |part: usize| {
        let column = operand.and_then(|field| field.columns.get(part));
        column.map_or(Storage::Integer, |column| column.part.storage)
    };
    let to = result.part.storage;
    match rollup.reads {
        Reads::Value => Ok(vec![fold_one(
            rollup.function,
            row,
            at,
            (storage_of(0), to),
        )?]),
        Reads::BaseAmount(base) => {
            let amount = fold_one(rollup.function, row, at, (storage_of(base), to))?;
            Ok(vec![unless_one_is_missing(row, at, amount)?])
        }
        Reads::Money(base) => {
            let amount = fold_one(rollup.function, row, at, (storage_of(0), to))?;
            let (least, greatest) = (
                row.json(*at, Storage::Text)?,
                row.json(*at + 1, Storage::Text)?,
            );
            *at += 2;
            let converted = fold_one(rollup.function, row, at, (storage_of(base), to))?;
            let converted = unless_one_is_missing(row, at, converted)?;
            match least.as_str() {
                // Amounts of two currencies have neither sum nor order.
                Some(currency) if greatest.as_str() == Some(currency) && !amount.is_null() => {
                    Ok(vec![amount, Value::Text(currency.to_owned()), converted])
                }
                Some(_) | None => Ok(vec![Value::Null; rollup.field.columns.len()]),
            }
        }
    }
}

/// A function over one column, from the form of the column to that of the result.
fn fold_one(
    function: RollupFunction,
    row: &Row,
    at: &mut usize,
    (from, to): (Storage, Storage),
) -> Result<Value> {
    Ok(match Cells::of(function) {
        Cells::Count => {
            *at += 1;
            Value::Integer(row.integer(*at - 1)?.unwrap_or(0))
        }
        Cells::Sum => {
            let number = row.integer(*at)?.unwrap_or(0);
            let scale = scale_of(from);
            let (sum, cells) = row.sum(*at + 1, scale)?;
            *at += 1 + cells;
            let total = (sum.unwrap_or(0), scale);
            if number == 0 {
                of_nothing(function, to)
            } else if function == RollupFunction::Avg {
                mean(total, number, to)
            } else {
                fitting(total.0, to)
            }
        }
        Cells::Extreme => {
            *at += 1;
            let json = row.json(*at - 1, from)?;
            Value::from_json(&json, from).unwrap_or(Value::Null)
        }
    })
}

/// A result over amounts in the base currency; null where an amount has none, for what is left would
/// look like all of it.
fn unless_one_is_missing(row: &Row, at: &mut usize, value: Value) -> Result<Value> {
    *at += 1;
    let missing = row.integer(*at - 1)?.unwrap_or(0);
    Ok(if missing == 0 { value } else { Value::Null })
}

fn scale_of(storage: Storage) -> u8 {
    if let Storage::Decimal { scale, .. } = storage {
        scale
    } else {
        0
    }
}

/// A number in units of its last digit as a value of this form; null when it has too many digits.
fn fitting(number: i128, storage: Storage) -> Value {
    let Storage::Decimal { precision, scale } = storage else {
        return i64::try_from(number).map_or(Value::Null, Value::Integer);
    };
    if number.unsigned_abs() >= 10_u128.pow(u32::from(precision)) {
        return Value::Null;
    }
    Value::Decimal(Decimal::from_i128_with_scale(number, u32::from(scale)))
}

/// The mean, rounded half away from zero to the digits of the result.
fn mean((sum, scale): (i128, u8), number: i64, storage: Storage) -> Value {
    let more = u32::from(scale_of(storage).saturating_sub(scale));
    let (Some(sum), number) = (sum.checked_mul(10_i128.pow(more)), i128::from(number)) else {
        return Value::Null;
    };
    let half = if sum < 0 { -number } else { number };
    fitting((2 * sum + half) / (2 * number), storage)
}
