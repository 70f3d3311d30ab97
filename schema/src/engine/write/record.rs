//! Writes of records: create and update, and what all writes of rows share.

use std::sync::Arc;

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{
    Done, Writing, any_flag,
    choice::{check_choices, stored_choices},
    created,
    formula::{afterwards, differences},
    path_id,
    position::assigned,
};
use crate::{
    access::{Condition, Create, Grant, GrantAction, Read, Update},
    catalog::{
        Column, Field, FieldList, ObjectType, Subject, SystemField, definition::SINGLETON_COLUMN,
    },
    error::{Error, Place, Result},
    id::RecordId,
    plan::{
        choice::{Choices, check_active, related, settle},
        read::not_found,
        write::{
            RuleGroup, Values, complete, field_json, is_recorded, justifying, missing, parse_values,
        },
    },
    sql::{
        Sight,
        write::{self as sql, Assignment, Lock, RowState, Target},
    },
    store::Row,
    value::{Storage, Value},
};

/// What the caller is told when no rule justifies a write.
const NOT_JUSTIFIED: &str =
    "no rule of your roles allows this write as a whole (fields, record before, record after)";

/// A record that an update looks at.
struct Seen<'a> {
    object: &'a Arc<ObjectType>,
    target: Target<'a>,
    visible: Condition,
}

impl Writing<'_> {
    pub(super) async fn create(
        &self,
        plural: &str,
        sent: &Map<String, Json>,
        place: &Place,
    ) -> Result<Done> {
        let object = self.object(plural)?;
        let grant: Grant<Create> = self.may(object, "create")?;
        let known = |name: &str| grant.field(name).is_some() || self.can_read(object, name);
        let readable = |name: &str| self.can_read(object, name);
        let parsed = parse_values(
            sent,
            place,
            (|name: &str| grant.field(name), readable),
            |field, json| self.with_type_id(field, json),
        );
        let values = match parsed {
            Err(Error::Invalid(mut faults)) => {
                // What a rule presets need not be sent; without presets all faults are told at once.
                if grant.rules().iter().all(|rule| rule.presets().is_empty()) {
                    faults.extend(missing(sent, &object.fields, place, known));
                }
                return Err(Error::Invalid(faults));
            }
            parsed => parsed?,
        };
        check_active(&values, &Choices::new(), place)?;
        let subject = Subject::Object(object.id);
        self.check_references(subject, &values, place).await?;
        let groups = justifying(&grant, &values);
        let mut refused = Error::Forbidden(NOT_JUSTIFIED.to_owned());
        for group in &groups {
            let given = group.with_presets(&values, &object.fields);
            let mut all = given.clone();
            self.compute_defaults(Subject::Object(object.id), &mut all);
            let completed = complete(&mut all, &object.fields, place, known);
            if let Err(error) =
                completed.and_then(|()| settle(&mut all, &given, (&object.fields, place), known))
            {
                refused = error;
                continue;
            }
            self.hold_given(subject, &all, &values).await?;
            let savepoint = self.tx.savepoint().await?;
            let within = Writing {
                tx: &savepoint,
                ..*self
            };
            match within.insert(object, &all, (group, place)).await {
                Ok(Some(done)) => {
                    savepoint.commit().await?;
                    return Ok(done);
                }
                Ok(None) => {}
                Err(Error::Invalid(faults)) => refused = Error::Invalid(faults),
                Err(error) => return Err(error),
            }
            savepoint.rollback().await?;
        }
        Err(refused)
    }

    /// Inserts a record with its event; `None` when no check of the group holds of it.
    async fn insert(
        &self,
        object: &Arc<ObjectType>,
        values: &Values,
        (group, place): (&RuleGroup, &Place),
    ) -> Result<Option<Done>> {
        let id = self.engine.ids.uuid(self.now);
        let mut assignments = self.system_values(id);
        let has_owner = object.fields.find_system(SystemField::OwnerId).is_some();
        if has_owner
            && !values
                .iter()
                .any(|(field, _)| field.system == Some(SystemField::OwnerId))
        {
            assignments.push(Assignment::new("owner_id", Storage::Uuid, self.user()));
        }
        if object.attributes.singleton {
            let mark = Value::Integer(1);
            assignments.push(Assignment::new(SINGLETON_COLUMN, Storage::Integer, mark));
        }
        let values = self.with_numbers(&object.fields, values).await?;
        let values = &self.converted(values);
        assignments.extend(self.assign(values)?);
        let subject = Subject::Object(object.id);
        let ranks = self
            .ranks_of_references(subject, values, (id, |_: &Field| true))
            .await?;
        assignments.extend(assigned(&ranks));
        let empty = self.empty_rollups(Subject::Object(object.id));
        let cells = empty
            .iter()
            .flat_map(|(field, values)| field.columns.iter().zip(values));
        assignments.extend(cells.map(|(column, value)| {
            Assignment::new(&column.name, column.part.storage, value.clone())
        }));
        let statement = sql::insert(self.catalog, self.dialect(), &object.table, &assignments)?;
        self.execute(statement, &unique(values)).await?;
        let formulas = self.recompute(subject, id).await?;
        if !self
            .holds_after(subject, &object.table, id, &group.checks())
            .await?
        {
            return Ok(None);
        }
        self.check_rules((subject, id), place).await?;
        let done = Done {
            subject,
            id: RecordId::new(id),
            version: 1,
        };
        let mut changes = created(values);
        self.keep_trees((subject, id), &changes, place).await?;
        changes.extend(afterwards(&formulas));
        self.record_event(&done, "create", changes).await?;
        Ok(Some(done))
    }

    pub(super) async fn update(
        &self,
        path: (&str, &str),
        patch: &Map<String, Json>,
        if_match: Option<i64>,
        place: &Place,
    ) -> Result<Done> {
        let object = self.object(path.0)?;
        let id = path_id(path)?;
        let grant: Grant<Update> = match self.may(object, "change") {
            Ok(grant) => grant,
            Err(error) => return Err(self.unless_hidden(object, path, error).await?),
        };
        self.hold_moved(object, id.uuid(), patch).await?;
        // The record first: what is wrong with a patch must not tell that an invisible record exists.
        let seen = Seen {
            object,
            target: Target {
                subject: Subject::Object(object.id),
                table: &object.table,
                id: id.uuid(),
                state: RowState::Live,
            },
            visible: self.visible(object, &grant),
        };
        let row = self
            .inspect(
                seen.target,
                Sight::Of(&seen.visible),
                (&[], &[], Lock::Change),
            )
            .await?;
        let row = row.ok_or_else(|| not_found(path.0, path.1))?;
        let version = row.integer(0)?.unwrap_or(0);
        self.check_version((seen.target.subject, id), if_match, version)?;
        let sendable = |name: &str| grant.field(name);
        let values = parse_values(
            patch,
            place,
            (sendable, |name: &str| self.can_read(object, name)),
            |field, json| self.with_type_id(field, json),
        )?;
        let subject = seen.target.subject;
        self.check_references(subject, &values, place).await?;
        let mut refused = Error::Forbidden(NOT_JUSTIFIED.to_owned());
        for group in justifying(&grant, &values) {
            match self.try_update(&seen, &values, (&group, place)).await {
                Ok(Some(done)) => return Ok(done),
                Ok(None) => {}
                Err(Error::Invalid(faults)) => refused = Error::Invalid(faults),
                Err(error) => return Err(error),
            }
        }
        Err(refused)
    }

    /// Updates a record under one group of rules; `None` when none of them justifies it.
    async fn try_update(
        &self,
        seen: &Seen<'_>,
        values: &Values,
        (group, place): (&RuleGroup, &Place),
    ) -> Result<Option<Done>> {
        let Seen {
            object,
            target,
            visible,
        } = seen;
        let all = group.with_presets(values, &object.fields);
        self.hold_given(target.subject, &all, values).await?;
        let all = self.converted_for(*target, all).await?;
        let related = related(&object.fields, &all);
        let looked_at = || all.iter().map(|(field, _)| field).chain(&related);
        let columns: Vec<&Column> = looked_at().flat_map(|field| &field.columns).collect();
        let row = self
            .inspect(
                *target,
                Sight::Of(visible),
                (&columns, &group.rows(), Lock::None),
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        if !any_flag(&row, columns.len(), group.rules.len())? {
            return Ok(None);
        }
        let before = stored_choices(&row, looked_at())?;
        let readable = |name: &str| self.can_read(object, name);
        let always = |field: &Field| self.always_reads(target.subject, field);
        let sight = (readable, always);
        check_choices(&object.fields, (values, &all), &before, place, sight)?;
        let version = row.integer(0)?.unwrap_or(0);
        let checks = checks_of(&row, columns.len(), group)?;
        let changes = changes(&row, &all, |field| {
            values.find(field).is_some() && !self.always_reads(target.subject, field)
        })?;
        self.keeps_write_once((&row, &all), values, &changes, (target.subject, place))?;
        self.store_change(*target, (version, changes), &all, (&checks, place))
            .await
    }

    /// Stores what a write changes, with its event; `None`, and nothing stored, when no check holds of
    /// the row afterwards. A write of what is stored changes nothing.
    pub(super) async fn store_change(
        &self,
        target: Target<'_>,
        (version, changes): (i64, Map<String, Json>),
        values: &Values,
        (checks, place): (&[&Condition], &Place),
    ) -> Result<Option<Done>> {
        let Target {
            subject, table, id, ..
        } = target;
        let done = |version| Done {
            subject,
            id: RecordId::new(id),
            version,
        };
        if changes.is_empty() {
            // Even a write that changes nothing must be justified: else it would tell what is stored.
            let holds = self.holds_after(subject, table, id, checks).await?;
            return Ok(holds.then(|| done(version)));
        }
        let savepoint = self.tx.savepoint().await?;
        let within = Writing {
            tx: &savepoint,
            ..*self
        };
        let mut assignments = self.update_values();
        assignments.extend(self.assign(values)?);
        let is_changed = |field: &Field| changes.contains_key(&field.id.to_string());
        let ranks = within
            .ranks_of_references(subject, values, (id, is_changed))
            .await?;
        assignments.extend(assigned(&ranks));
        let statement = sql::update(self.catalog, self.dialect(), (table, id), &assignments);
        within.execute(statement, &unique(values)).await?;
        within.keep_trees((subject, id), &changes, place).await?;
        let formulas = within.recompute(subject, id).await?;
        if !within.holds_after(subject, table, id, checks).await? {
            savepoint.rollback().await?;
            return Ok(None);
        }
        within.check_rules((subject, id), place).await?;
        let operation = match subject {
            Subject::Object(_) => "update",
            Subject::Relation(_) => "updateLink",
        };
        let done = done(version + 1);
        let mut changes = changes;
        changes.extend(differences(&formulas));
        within.record_event(&done, operation, changes).await?;
        savepoint.commit().await?;
        Ok(Some(done))
    }

    /// Sets or clears the instant of deletion of an inspected row, with its event.
    pub(super) async fn mark_deleted(
        &self,
        target: Target<'_>,
        row: &Row,
        fields: &[&Arc<Field>],
        (operation, side): (&str, &str),
    ) -> Result<Done> {
        let Target {
            subject,
            table,
            id,
            state,
        } = target;
        let at = if state == RowState::Live {
            Value::Instant(self.now)
        } else {
            Value::Null
        };
        let mut assignments = self.update_values();
        assignments.push(Assignment::new("deleted_at", Storage::Instant, at));
        let statement = sql::update(self.catalog, self.dialect(), (table, id), &assignments);
        let unique = self.tellable(subject, fields);
        self.execute(statement, &unique).await?;
        let version = row.integer(0)?.unwrap_or(0) + 1;
        let done = Done {
            subject,
            id: RecordId::new(id),
            version,
        };
        let mut changes = whole(row, fields, side)?;
        if state == RowState::Deleted {
            // The rates, and what it refers to, may have changed while it was away.
            if let Subject::Object(object) = subject
                && let Some(rows) = self.rows_of(object, &[id], RowState::Live)
            {
                self.hold_inputs(rows).await?;
            }
            self.convert_restored(subject, id).await?;
            let formulas = self.recompute(subject, id).await?;
            changes.extend(afterwards(&formulas));
        }
        self.record_event(&done, operation, changes).await?;
        Ok(done)
    }

    /// The grant of an action, or the refusal that says what is missing.
    pub(super) fn may<A: GrantAction>(
        &self,
        object: &Arc<ObjectType>,
        what: &str,
    ) -> Result<Grant<A>> {
        self.checker
            .grant(object)
            .ok_or_else(|| Error::Forbidden(format!("you may not {what} {}", object.plural)))
    }

    /// A refusal, but for a record that the caller can't see: that one does not exist.
    pub(super) async fn unless_hidden(
        &self,
        object: &Arc<ObjectType>,
        path: (&str, &str),
        refusal: Error,
    ) -> Result<Error> {
        let grant: Option<Grant<Read>> = self.checker.grant(object);
        let Some(grant) = grant else {
            return Ok(refusal);
        };
        let id = path_id(path)?.uuid();
        let target = Target {
            subject: Subject::Object(object.id),
            table: &object.table,
            id,
            state: RowState::Live,
        };
        let row = self
            .inspect(
                target,
                Sight::Of(&grant.rows().into_condition()),
                (&[], &[], Lock::None),
            )
            .await?;
        Ok(if row.is_some() {
            refusal
        } else {
            not_found(path.0, path.1)
        })
    }

    /// The records that the caller may know of: those it can read, or, when it can read none, those
    /// that it may write.
    pub(super) fn visible<A>(&self, object: &Arc<ObjectType>, grant: &Grant<A>) -> Condition {
        let read: Option<Grant<Read>> = self.checker.grant(object);
        read.map_or_else(|| grant.rows(), |read| read.rows())
            .into_condition()
    }

    /// The fields whose names a conflict may tell: those that the caller can read.
    pub(super) fn tellable<'f>(
        &self,
        subject: Subject,
        fields: &[&'f Arc<Field>],
    ) -> Vec<&'f Arc<Field>> {
        let grant = self.read_grant(subject);
        let tells = |field: &&&Arc<Field>| {
            field.unique
                && grant
                    .as_ref()
                    .is_some_and(|grant| grant.field(field.name.as_str()).is_some())
        };
        fields.iter().filter(tells).copied().collect()
    }

    pub(super) fn can_read(&self, object: &Arc<ObjectType>, name: &str) -> bool {
        self.checker
            .grant::<Read>(object)
            .is_some_and(|grant| grant.field(name).is_some())
    }

    fn user(&self) -> Value {
        match self.checker.caller().principal {
            crate::access::Principal::User(id) => Value::Uuid(id.uuid()),
            crate::access::Principal::Anonymous
            | crate::access::Principal::Key(_)
            | crate::access::Principal::System { .. } => Value::Null,
        }
    }

    fn actor(&self) -> Value {
        self.checker
            .caller()
            .actor()
            .map_or(Value::Null, Value::Uuid)
    }

    /// The system columns of a new row.
    pub(super) fn system_values(&self, id: Uuid) -> Vec<Assignment<'static>> {
        let mut assignments = self.update_values();
        assignments.push(Assignment::new("id", Storage::Uuid, Value::Uuid(id)));
        assignments.push(Assignment::new(
            "version",
            Storage::Integer,
            Value::Integer(1),
        ));
        assignments.push(Assignment::new(
            "created_at",
            Storage::Instant,
            Value::Instant(self.now),
        ));
        assignments.push(Assignment::new("created_by", Storage::Uuid, self.actor()));
        assignments
    }

    /// The columns of the values, secrets sealed.
    pub(super) fn assign<'v>(&self, values: &'v Values) -> Result<Vec<Assignment<'v>>> {
        let mut assignments = Vec::new();
        for (field, values) in values.iter() {
            for (column, value) in field.columns.iter().zip(values) {
                let value = self.engine.sealer.seal(field.id, value)?;
                assignments.push(Assignment::new(&column.name, column.part.storage, value));
            }
            if let Some(converting) = &field.converting {
                let converted = converting.convert(field, values);
                let columns = converting.into.columns.iter();
                assignments.extend(columns.zip(converted).map(|(column, value)| {
                    Assignment::new(&column.name, column.part.storage, value)
                }));
            }
        }
        Ok(assignments)
    }

    /// The system columns that every write sets.
    pub(super) fn update_values(&self) -> Vec<Assignment<'static>> {
        vec![
            Assignment::new("updated_at", Storage::Instant, Value::Instant(self.now)),
            Assignment::new("updated_by", Storage::Uuid, self.actor()),
        ]
    }
}

/// The unique fields among the values, which a conflict can be about.
pub(super) fn unique(values: &Values) -> Vec<&Arc<Field>> {
    values
        .iter()
        .map(|(field, _)| field)
        .filter(|field| field.unique)
        .collect()
}

/// The checks of the rules whose rows the record was in: one rule must justify the whole write.
pub(super) fn checks_of<'g>(
    row: &Row,
    columns: usize,
    group: &'g RuleGroup,
) -> Result<Vec<&'g Condition>> {
    let mut checks = Vec::new();
    for (at, rule) in group.rules.iter().enumerate() {
        if row.integer(1 + columns + at)? == Some(1) {
            checks.push(rule.check());
        }
    }
    Ok(checks)
}

/// The fields that a write changes, before and after. What is written without sight of what is stored
/// counts as another value: whether it is would tell.
pub(super) fn changes(
    row: &Row,
    values: &Values,
    is_blind: impl Fn(&Field) -> bool,
) -> Result<Map<String, Json>> {
    let mut changes = Map::new();
    let mut at = 1;
    for (field, values) in values.iter() {
        let (before, after) = (row.field(field, at)?, field_json(field, values));
        at += field.columns.len();
        let is_secret = field.column().part.storage == Storage::Secret && !after.is_null();
        if before != after || is_secret || is_blind(field) {
            let change = serde_json::json!({ "before": before, "after": after });
            changes.insert(field.id.to_string(), change);
        }
    }
    Ok(changes)
}

/// What an event says of a whole record.
pub(super) fn whole(row: &Row, fields: &[&Arc<Field>], side: &str) -> Result<Map<String, Json>> {
    let mut changes = Map::new();
    let mut at = 1;
    for field in fields {
        let value = row.field(field, at)?;
        at += field.columns.len();
        if !value.is_null() {
            let mut sides = Map::new();
            sides.insert(side.to_owned(), value);
            changes.insert(field.id.to_string(), Json::Object(sides));
        }
    }
    Ok(changes)
}

/// The fields of a type that events keep.
pub(super) fn recorded(fields: &FieldList) -> Vec<&Arc<Field>> {
    fields.iter().filter(|field| is_recorded(field)).collect()
}
