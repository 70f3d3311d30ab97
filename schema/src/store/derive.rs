//! Computed fields kept right: what a write changed, what depends on it, and so on until nothing
//! changes, in the transaction of the write.
//!
//! The records whose values are computed anew are locked first, in the order of their ids, and the
//! inputs read in a statement after that: it sees what everybody committed who held the lock before.
//! What depends on much is done in pieces of bounded size.

mod compute;
mod convert;
mod drift;
mod fill;

pub(crate) use compute::{Stale, empty, pieces};
pub(crate) use convert::MoneyFields;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value as Json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    catalog::{Catalog, Column, Subject},
    error::{Error, Result},
    id::FieldId,
    plan::derivation::{Dependency, Derivations, Input, Step},
    sql::{self, dialect::Dialect},
    store::{Connection, WriteFailure},
};

/// The most records that one statement computes or looks up.
const CHUNK: usize = 500;
/// The most records that one look-up gives.
const PAGE: u64 = 5_000;

/// Who made the change that the computing follows, for the events.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cause {
    /// Kind and id of the actor.
    pub(crate) actor: (&'static str, Option<Uuid>),
    /// The transaction.
    pub(crate) transaction: Uuid,
    /// The instant.
    pub(crate) at: OffsetDateTime,
}

/// Computes fields in one transaction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deriving<'a> {
    /// The types.
    pub(crate) catalog: &'a Catalog,
    /// What depends on what.
    pub(crate) derivations: &'a Derivations,
    /// The database.
    pub(crate) dialect: Dialect,
    /// The transaction.
    pub(crate) connection: Connection<'a>,
    /// The instant: which links hold is asked of its day.
    pub(crate) now: OffsetDateTime,
    /// Who made it necessary; without, versions and events stay as they are.
    pub(crate) cause: Option<Cause>,
}

/// A record or link that was changed.
#[derive(Debug, Clone)]
pub(crate) struct Touched {
    /// Its type.
    pub(crate) subject: Subject,
    /// Its id.
    pub(crate) id: Uuid,
    /// The fields that are different now.
    fields: BTreeSet<FieldId>,
    /// Where its references pointed before, as far as they are different now.
    before: BTreeMap<FieldId, Uuid>,
    extent: Extent,
}

/// How much of a record was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// It came or went; what it computes of itself is right.
    Existence,
    /// It came back, with values of the time when it went.
    Restored,
    /// Some of its fields; what it computes of itself is right.
    Fields,
    /// Some of its computed fields.
    Computed,
}

impl Touched {
    /// What an event says. `None` when nothing can depend on it.
    pub(crate) fn of_event(
        subject: Subject,
        id: Uuid,
        operation: &str,
        changes: &Map<String, Json>,
    ) -> Self {
        let extent = match operation {
            "update" | "updateLink" => Extent::Fields,
            "restore" => Extent::Restored,
            _ => Extent::Existence,
        };
        let mut touched = Self {
            subject,
            id,
            fields: BTreeSet::new(),
            before: BTreeMap::new(),
            extent,
        };
        for (key, change) in changes {
            let Ok(field) = key.parse::<FieldId>() else {
                continue;
            };
            touched.fields.insert(field);
            let before = &change["before"];
            let pointed_at = before.as_str().or_else(|| before["id"].as_str());
            if let Some(id) = pointed_at.and_then(|id| Uuid::try_parse(id).ok()) {
                touched.before.insert(field, id);
            }
        }
        touched
    }

    fn of_computed(subject: Subject, id: Uuid, fields: BTreeSet<FieldId>) -> Self {
        Self {
            subject,
            id,
            fields,
            before: BTreeMap::new(),
            extent: Extent::Computed,
        }
    }

    fn touches(&self, input: Input) -> bool {
        match (self.extent, input) {
            (Extent::Existence | Extent::Restored, _) => true,
            (Extent::Fields | Extent::Computed, Input::Field(field)) => {
                self.fields.contains(&field)
            }
            (Extent::Fields | Extent::Computed, Input::Existence) => false,
        }
    }

    /// Whether a field of the record itself has to be computed anew.
    fn is_stale_itself(&self) -> bool {
        matches!(self.extent, Extent::Restored | Extent::Computed)
    }
}

/// What is to be computed: by layer and type, for each field the records.
type Work = BTreeMap<(usize, Subject), BTreeMap<FieldId, BTreeSet<Uuid>>>;

impl Deriving<'_> {
    /// Computes everything anew that depends on what was changed. Gives the new versions of those of the
    /// changed records that were written once more by it.
    pub(crate) async fn propagate(&self, touched: &[Touched]) -> Result<HashMap<Uuid, i64>> {
        let mut work = Work::new();
        let mut by_subject: BTreeMap<Subject, Vec<&Touched>> = BTreeMap::new();
        for one in touched {
            by_subject.entry(one.subject).or_default().push(one);
            if one.extent == Extent::Restored {
                for field in self.derivations.of_owner(one.subject) {
                    self.add(&mut work, *field, [one.id]);
                }
            }
        }
        for (subject, touched) in by_subject {
            self.mark(&mut work, subject, &touched).await?;
        }
        self.work_off(work, &touched.iter().map(|one| one.id).collect())
            .await
    }

    /// Computes these fields of these records, and everything that depends on what changes by it.
    pub(crate) async fn recompute(
        &self,
        owner: Subject,
        fields: &[FieldId],
        ids: &[Uuid],
    ) -> Result<()> {
        let mut work = Work::new();
        for field in fields {
            self.add(&mut work, *field, ids.iter().copied());
        }
        debug_assert!(
            work.keys().all(|(_, of)| *of == owner),
            "fields of one type"
        );
        self.work_off(work, &BTreeSet::new()).await?;
        Ok(())
    }

    async fn work_off(
        &self,
        mut work: Work,
        watched: &BTreeSet<Uuid>,
    ) -> Result<HashMap<Uuid, i64>> {
        let mut versions = HashMap::new();
        while let Some(((_, owner), fields)) = work.pop_first() {
            let ids: BTreeSet<Uuid> = fields.values().flatten().copied().collect();
            let ids: Vec<Uuid> = ids.into_iter().collect();
            let fields: Vec<FieldId> = fields.into_keys().collect();
            for ids in ids.chunks(CHUNK) {
                let computed = self.compute(owner, &fields, ids).await?;
                for (touched, version) in &computed {
                    if watched.contains(&touched.id) {
                        versions.insert(touched.id, *version);
                    }
                }
                let touched: Vec<&Touched> = computed.iter().map(|(touched, _)| touched).collect();
                self.mark(&mut work, owner, &touched).await?;
            }
        }
        Ok(versions)
    }

    fn add(&self, work: &mut Work, field: FieldId, ids: impl IntoIterator<Item = Uuid>) {
        let Some(derived) = self.derivations.find(field) else {
            return;
        };
        let of_type = work.entry((derived.layer, derived.owner)).or_default();
        of_type.entry(field).or_default().extend(ids);
    }

    /// Adds what depends on changed records of one type.
    async fn mark(&self, work: &mut Work, subject: Subject, touched: &[&Touched]) -> Result<()> {
        let Some(inputs) = self.derivations.on(subject) else {
            return Ok(());
        };
        let mut ways: BTreeMap<&[Step], (BTreeSet<usize>, BTreeSet<FieldId>)> = BTreeMap::new();
        for (input, dependencies) in inputs {
            let hit = |one: &&&Touched| one.touches(*input);
            for (at, one) in touched.iter().enumerate().filter(|(_, one)| hit(one)) {
                for Dependency { field, path, .. } in dependencies {
                    if path.is_empty() && !one.is_stale_itself() {
                        continue;
                    }
                    let (starts, fields) = ways.entry(path).or_default();
                    starts.insert(at);
                    fields.insert(*field);
                }
            }
        }
        for (path, (starts, fields)) in ways {
            let starts: Vec<&Touched> = starts.into_iter().map(|at| touched[at]).collect();
            let found = self.walk(path, &starts).await?;
            for field in fields {
                self.add(work, field, found.iter().copied());
            }
        }
        Ok(())
    }

    /// The records to which a way leads from changed ones, and from where these pointed before. Those on
    /// the way are held: who makes a record that refers to one of them, or leads the way elsewhere, ends
    /// first, and the next step sees it.
    async fn walk(&self, path: &[Step], starts: &[&Touched]) -> Result<BTreeSet<Uuid>> {
        let mut ids: BTreeSet<Uuid> = starts.iter().map(|start| start.id).collect();
        for (at, step) in path.iter().enumerate() {
            let from: Vec<Uuid> = ids.into_iter().collect();
            ids = BTreeSet::new();
            for chunk in from.chunks(CHUNK) {
                self.take_step((*step, at == 0), chunk, &mut ids).await?;
            }
            if let (0, Step::Target(reference)) = (at, step) {
                let before = starts
                    .iter()
                    .filter_map(|start| start.before.get(reference));
                ids.extend(before.copied());
            }
            if at + 1 < path.len() && self.dialect.has_row_locks() {
                self.hold(*step, &ids).await?;
            }
        }
        Ok(ids)
    }

    /// Locks the records that a step has led to, in the order of their ids.
    async fn hold(&self, step: Step, ids: &BTreeSet<Uuid>) -> Result<()> {
        let ids: Vec<Uuid> = ids.iter().copied().collect();
        for table in sql::derive::tables_behind(self.catalog, step)? {
            for chunk in ids.chunks(CHUNK) {
                let nothing: (&[&Column], bool) = (&[], true);
                let lock = sql::derive::stored(self.catalog, self.dialect, table, chunk, nothing);
                self.connection.fetch(lock).await?;
            }
        }
        Ok(())
    }

    async fn take_step(
        &self,
        step: (Step, bool),
        from: &[Uuid],
        found: &mut BTreeSet<Uuid>,
    ) -> Result<()> {
        let mut after = None;
        loop {
            let page = (after, PAGE);
            let statement = sql::derive::step(self.catalog, self.dialect, step, from, page)?;
            let rows = self.connection.fetch(statement).await?;
            for row in &rows {
                after = row.uuid(0)?;
                found.extend(after);
            }
            if u64::try_from(rows.len()).unwrap_or(u64::MAX) < PAGE {
                return Ok(());
            }
        }
    }

    async fn execute(&self, statement: sql::Statement) -> Result<()> {
        match self.connection.execute(statement).await {
            Ok(_) => Ok(()),
            Err(WriteFailure::Other(error)) => Err(error),
            Err(WriteFailure::Unique(_)) => Err(Error::internal(
                "storing computed values",
                "a computed field is unique",
            )),
        }
    }
}
