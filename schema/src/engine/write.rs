//! Writes: each call is one transaction, from the schema version that it was planned on to the event.

mod base_amount;
mod choice;
mod condition;
mod conflict;
mod deletion;
mod derive;
mod formula;
mod link;
mod number;
mod order;
mod position;
mod rank;
mod record;
mod sets;
mod tree;
mod write_once;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Map, Value as Json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    access::{Caller, Checker, Condition, Grant, Link, Read, Surface, Visibility},
    catalog::{Catalog, Column, Field, FieldList, ObjectType, Subject},
    engine::{Engine, state::State},
    error::{Error, Fault, FaultCode, Place, Result},
    id::{ObjectTypeId, RecordId},
    plan::{
        derivation::Derivations,
        pointer,
        read::{Planner, not_found, parse_id},
        write::{Values, field_json, is_recorded},
    },
    request::{ReadRequest, RecordRequest, Selection, WriteRequest, WriteStep},
    sql::{
        Sight, Statement, Why,
        dialect::Dialect,
        write::{self as sql, Lock, RowState, Target},
    },
    store::{Row, Transaction, WriteFailure, derive::Touched},
};

/// How often a write is begun anew when roles and rules change under it.
const ATTEMPTS: u32 = 5;

/// The pauses before a write is begun anew that the database gave up for the sake of another one, each
/// shortened by chance to as little as a half, so that two do not meet again. After the last one it is
/// begun once more, alone.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(10),
    Duration::from_millis(40),
    Duration::from_millis(160),
    Duration::from_millis(320),
];

/// Who writes at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Company {
    /// Whoever wants to.
    Others,
    /// Nobody: the write waits for all others to end, and they for it. Nothing can stand in its way.
    Nobody,
}

/// What one write left.
#[derive(Debug)]
pub struct WriteAnswer {
    /// The record, or for links the link.
    pub id: RecordId,
    /// Its version after the write, for callers who may read it.
    pub version: Option<i64>,
    /// What was asked to be answered, as JSON text; nothing when the caller may not read the record.
    pub body: Option<Vec<u8>>,
}

/// One write transaction of one caller.
struct Writing<'a> {
    engine: &'a Engine,
    catalog: &'a Arc<Catalog>,
    derivations: &'a Derivations,
    checker: &'a Checker<'a>,
    tx: &'a Transaction,
    /// What this step has changed.
    touched: &'a Mutex<Vec<Touched>>,
    transaction: Uuid,
    now: OffsetDateTime,
}

/// What a step did.
struct Done {
    subject: Subject,
    id: RecordId,
    version: i64,
}

impl Engine {
    /// Carries out the steps in order, in one transaction: all of them or none.
    pub async fn write(&self, caller: &Caller, steps: Vec<WriteStep>) -> Result<Vec<WriteAnswer>> {
        self.write_shaped(caller, |_| steps.clone()).await
    }

    /// Carries out steps that depend on what the caller may name, such as an answer of "all fields". The
    /// surface is that of the catalog which the transaction writes by; when the stored schema or policy
    /// turns out to be newer, or the database gives the transaction up, the steps are built anew.
    pub async fn write_shaped(
        &self,
        caller: &Caller,
        build: impl Fn(&Surface) -> Vec<WriteStep>,
    ) -> Result<Vec<WriteAnswer>> {
        for pause in PAUSES {
            match self.try_to_write(caller, &build, Company::Others).await {
                Err(Error::Aborted) => tokio::time::sleep(self.shortened(pause)).await,
                result => return result,
            }
        }
        match self.try_to_write(caller, &build, Company::Nobody).await {
            Err(Error::Aborted) => Err(Error::Busy),
            result => result,
        }
    }

    /// A pause of a half to all of this length.
    fn shortened(&self, pause: Duration) -> Duration {
        let chance = self.ids.uuid(self.clock.now()).as_bytes()[15];
        pause / 2 + pause / 2 * u32::from(chance) / 255
    }

    async fn try_to_write(
        &self,
        caller: &Caller,
        build: &impl Fn(&Surface) -> Vec<WriteStep>,
        company: Company,
    ) -> Result<Vec<WriteAnswer>> {
        for _ in 0..ATTEMPTS {
            let tx = self.store.begin().await?;
            if company == Company::Nobody
                && let Some(lock) = self.store.dialect().lock_head()
            {
                tx.connection().run_once(lock).await?;
            }
            let head = tx.versions(self.store.dialect()).await?;
            if !head.is_of(&self.state().catalog) {
                self.reload_in(&tx, head.schema).await?;
            }
            let state = self.state();
            if head == state.versions() {
                let steps = build(&self.surfaces.surface(&state, caller));
                return self.write_in(tx, &state, caller, &steps).await;
            }
            drop(tx);
            self.refresh().await?;
        }
        Err(Error::Busy)
    }

    /// Carries out the steps in a transaction that holds the versions of the state.
    async fn write_in(
        &self,
        tx: Transaction,
        state: &State,
        caller: &Caller,
        steps: &[WriteStep],
    ) -> Result<Vec<WriteAnswer>> {
        let checker = Checker::new(&state.catalog, &state.policy, caller);
        let now = self.clock.now();
        let touched = Mutex::default();
        let writing = Writing {
            engine: self,
            catalog: &state.catalog,
            derivations: &state.derivations,
            checker: &checker,
            tx: &tx,
            touched: &touched,
            transaction: self.ids.uuid(now),
            now,
        };
        writing.lock_in_advance(steps).await?;
        let mut answers = Vec::with_capacity(steps.len());
        for step in steps {
            answers.push(writing.step(step).await?);
        }
        tx.commit().await?;
        Ok(answers)
    }
}

impl Writing<'_> {
    async fn step(&self, step: &WriteStep) -> Result<WriteAnswer> {
        let mut done = self.carry_out(&step.write, &step.place).await?;
        self.compute_dependants(&mut done).await?;
        let body = match &step.answer {
            Some(selection) => self.answer(&done, selection).await?,
            None => None,
        };
        Ok(WriteAnswer {
            id: done.id,
            version: self.shown_version(&done),
            body,
        })
    }

    async fn carry_out(&self, write: &WriteRequest, place: &Place) -> Result<Done> {
        match write {
            WriteRequest::Create { object, values } => {
                self.create_whole(object, values, place).await
            }
            WriteRequest::Update {
                object,
                id,
                patch,
                if_match,
            } => {
                self.update_whole((object, id), patch, *if_match, place)
                    .await
            }
            WriteRequest::Delete {
                object,
                id,
                if_match,
            } => self.delete((object, id), *if_match).await,
            WriteRequest::Restore { object, id } => self.restore((object, id)).await,
            WriteRequest::ChangeCollection {
                object,
                id,
                collection,
                change,
                if_match,
            } => {
                let path = (object.as_str(), id.as_str(), collection.as_str());
                self.change_collection(path, change, *if_match, place).await
            }
            WriteRequest::Link {
                object,
                id,
                relation,
                target,
                values,
            } => {
                self.link((object, id, relation), target, values, place)
                    .await
            }
            WriteRequest::UpdateLink {
                object,
                id,
                relation,
                link,
                patch,
                if_match,
            } => {
                self.update_link((object, id, relation), (link, *if_match), patch, place)
                    .await
            }
            WriteRequest::Unlink {
                object,
                id,
                relation,
                link,
                if_match,
            } => self.unlink((object, id, relation), (link, *if_match)).await,
        }
    }

    /// The version, if the caller may read it on every row: it would tell of changes of hidden fields.
    fn shown_version(&self, done: &Done) -> Option<i64> {
        self.reads_version(done.subject).then_some(done.version)
    }

    fn reads_version(&self, subject: Subject) -> bool {
        let grant = self.read_grant(subject);
        let readable = grant.and_then(|grant| grant.field("version"));
        readable.is_some_and(|it| matches!(it.visibility, Visibility::Always))
    }

    /// The record has the version that a caller expects, who must be one that may read it.
    fn check_version(
        &self,
        (subject, id): (Subject, RecordId),
        expected: Option<i64>,
        current: i64,
    ) -> Result<()> {
        match expected {
            Some(_) if !self.reads_version(subject) => Err(Error::Forbidden(
                "your roles don't show you the version here, so a write can't depend on it; leave the \
                 condition out"
                    .to_owned(),
            )),
            Some(expected) if expected != current => Err(Error::VersionMismatch { id, expected }),
            Some(_) | None => Ok(()),
        }
    }

    fn read_grant(&self, subject: Subject) -> Option<Grant<Read>> {
        match subject {
            Subject::Object(id) => self.checker.grant_read(id),
            Subject::Relation(id) => self
                .catalog
                .find_relation(id)
                .and_then(|relation| self.checker.grant_relation(relation)),
        }
    }

    /// What the caller sees of the record or link now, under its read rules.
    async fn answer(&self, done: &Done, selection: &Selection) -> Result<Option<Vec<u8>>> {
        let Some(grant) = self.read_grant(done.subject) else {
            return Ok(None);
        };
        let planner = Planner::new(self.checker, &self.engine.cursor_key);
        let plan = planner.plan_link(grant, done.id, selection)?;
        let request = ReadRequest::Record(RecordRequest {
            object: String::new(),
            id: done.id.to_string(),
            selection: Selection::default(),
            as_of: None,
        });
        match self
            .engine
            .answer(self.checker, self.tx.connection(), (&plan, &request))
            .await
        {
            Ok(answer) => Ok(Some(answer.body)),
            Err(Error::RecordNotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn dialect(&self) -> Dialect {
        self.engine.store.dialect()
    }

    fn object(&self, plural: &str) -> Result<&Arc<ObjectType>> {
        self.checker
            .find_object(plural)
            .ok_or_else(|| Error::ObjectNotFound(plural.to_owned()))
    }

    /// Looks at one row: its version in the first cell, then the columns, then the flags.
    async fn inspect(
        &self,
        target: Target<'_>,
        visible: Sight<'_>,
        looked_at: (&[&Column], &[&Condition], Lock),
    ) -> Result<Option<Row>> {
        let statement = sql::inspect(self.catalog, self.dialect(), target, visible, looked_at)?;
        Ok(self.fetch(statement).await?.into_iter().next())
    }

    /// Runs a select; what it reads for the caller must be in the caller's sight.
    async fn fetch(&self, statement: Statement) -> Result<Vec<Row>> {
        let statement = statement.in_sight_of(self.checker, self.dialect());
        self.tx.connection().fetch(statement).await
    }

    /// Whether one of the conditions holds of a row after it was written.
    async fn holds_after(
        &self,
        subject: Subject,
        table: &str,
        id: Uuid,
        checks: &[&Condition],
    ) -> Result<bool> {
        if checks.iter().any(|check| check.is_true()) {
            return Ok(true);
        }
        let target = Target {
            subject,
            table,
            id,
            state: RowState::Live,
        };
        let row = self
            .inspect(target, Sight::Engine(Why::Again), (&[], checks, Lock::None))
            .await?;
        row.map_or(Ok(false), |row| any_flag(&row, 0, checks.len()))
    }

    /// The targets of references must exist for the caller, and it must have the right to point at them.
    /// What the server itself sets by presets is not asked.
    async fn check_references(
        &self,
        subject: Subject,
        values: &Values,
        place: &Place,
    ) -> Result<()> {
        let mut faults = Vec::new();
        for reference in values.references() {
            let lock = self.lock_of_target(subject, reference.field.id);
            let target = (reference.target, reference.id);
            if !self.may_point_at(target, lock).await? {
                faults.push(Fault {
                    place: place.child(&reference.field.name),
                    code: FaultCode::ReferenceNotFound,
                    message: format!(
                        "there is no record with the id {} to point at",
                        reference.id
                    ),
                });
            }
        }
        for (field, value) in values.iter() {
            let to_user = field.field_type.points_at_user()
                || field.system == Some(crate::catalog::SystemField::OwnerId);
            if let ([crate::value::Value::Uuid(id)], true) = (value, to_user)
                && !self.engine.store.user_exists(self.tx, *id).await?
            {
                let message = format!("there is no user with the id {id}");
                let place = place.child(&field.name);
                faults.push(Fault {
                    place,
                    code: FaultCode::ReferenceNotFound,
                    message,
                });
            }
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(faults))
        }
    }

    /// What presets and defaults point at is there, whoever may see it, and stays until the transaction
    /// ends.
    async fn hold_given(&self, subject: Subject, all: &Values, sent: &Values) -> Result<()> {
        for reference in all.references() {
            let is_sent = sent.iter().any(|(field, _)| field.id == reference.field.id);
            let target = self.catalog.find_object(reference.target);
            let (Some(object), false) = (target, is_sent) else {
                continue;
            };
            let target = Target {
                subject: Subject::Object(object.id),
                table: &object.table,
                id: reference.id,
                state: RowState::Live,
            };
            let lock = self.lock_of_target(subject, reference.field.id);
            let looked_at: (&[&Column], &[&Condition], Lock) = (&[], &[], lock);
            let found = self
                .inspect(target, Sight::Engine(Why::Integrity), looked_at)
                .await?;
            if found.is_none() {
                return Err(Error::Conflict(
                    "a preset or a default of this type points at a record that is deleted; an \
                     administrator has to restore that one or to change the rule or the default"
                        .to_owned(),
                ));
            }
        }
        Ok(())
    }

    /// A value of a reference to several types with the id of the type that it names, which must be
    /// one that the caller can read.
    fn with_type_id(&self, field: &Field, json: &Json) -> Result<Json, String> {
        pointer::with_type_id(self.catalog, field, json, |object| {
            self.checker.grant_read(object.id).is_some()
        })
    }

    /// Whether a record exists for the caller and may be pointed at. It stays until the transaction ends.
    async fn may_point_at(&self, (target, id): (ObjectTypeId, Uuid), lock: Lock) -> Result<bool> {
        let Some(object) = self.catalog.find_object(target) else {
            return Ok(false);
        };
        let (read, link): (Option<Grant<Read>>, Option<Grant<Link>>) =
            (self.checker.grant(object), self.checker.grant(object));
        let (Some(read), Some(link)) = (read, link) else {
            return Ok(false);
        };
        let visible = read
            .rows()
            .into_condition()
            .and(link.rows().into_condition());
        let target = Target {
            subject: Subject::Object(target),
            table: &object.table,
            id,
            state: RowState::Live,
        };
        Ok(self
            .inspect(target, Sight::Of(&visible), (&[], &[], lock))
            .await?
            .is_some())
    }

    async fn execute(&self, statement: Statement, unique: &[&Arc<Field>]) -> Result<()> {
        match self.tx.connection().execute(statement).await {
            Ok(_) => Ok(()),
            Err(WriteFailure::Unique(taken)) => Err(self.conflict(&taken, unique)),
            Err(WriteFailure::Other(error)) => Err(error),
        }
    }

    async fn record_event(
        &self,
        done: &Done,
        operation: &str,
        mut changes: Map<String, Json>,
    ) -> Result<()> {
        self.note_change(done, operation, &changes);
        let caller = self.checker.caller();
        for field in self.unaudited(done.subject) {
            changes.shift_remove(&field.id.to_string());
        }
        let event = sql::Event {
            subject: done.subject,
            record: done.id.uuid(),
            operation,
            version: done.version,
            actor: (caller.actor_kind(), caller.actor()),
            transaction: self.transaction,
            at: self.now,
            changes: Json::Object(changes),
        };
        let statement = sql::event(self.catalog, self.dialect(), event)?;
        self.execute(statement, &[]).await
    }

    /// The fields of a type whose values events do not keep.
    fn unaudited(&self, subject: Subject) -> impl Iterator<Item = &Arc<Field>> {
        let fields = self.catalog.subject_fields(subject);
        let fields = fields.into_iter().flat_map(FieldList::iter);
        fields.filter(|field| !field.attributes.is_audited())
    }
}

/// The id of a path; what is no id names no record.
fn path_id((object, id): (&str, &str)) -> Result<RecordId> {
    parse_id(id).ok_or_else(|| not_found(object, id))
}

/// Whether one of the flags of an inspected row holds. `before` is the number of its columns.
fn any_flag(row: &Row, before: usize, flags: usize) -> Result<bool> {
    for flag in 0..flags {
        if row.integer(1 + before + flag)? == Some(1) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What an event says of the values of a new record.
fn created(values: &Values) -> Map<String, Json> {
    let mut changes = Map::new();
    for (field, values) in values.iter().filter(|(field, _)| is_recorded(field)) {
        let after = field_json(field, values);
        if !after.is_null() {
            changes.insert(field.id.to_string(), serde_json::json!({ "after": after }));
        }
    }
    changes
}
