//! Writes of links: link, change a link, unlink.
//!
//! Both ends must be readable and linkable for the caller, and a rule on the relation type must grant
//! `link`. A link that the caller can't see does not exist.

mod ends;
mod limits;

pub(super) use ends::{Record, end_columns, far_end};
pub(super) use limits::Hold;

use std::sync::Arc;

use serde_json::{Map, Value as Json};
use time::Date;
use uuid::Uuid;

use limits::{check_itself, period_of};

use super::{
    Done, Writing, any_flag,
    choice::{check_choices, stored_choices},
    created,
    formula::afterwards,
    path_id,
    position::assigned,
    record::{changes, checks_of, recorded, unique},
};
use crate::{
    access::{Condition, Grant, Link, Read},
    catalog::{CollectionKind, Column, Direction, Field, RelationType, Subject},
    error::{Error, FaultCode, Place, Result},
    id::{ObjectTypeId, RecordId},
    plan::{
        choice::{Choices, check_active, related, settle},
        read::{not_found, parse_id},
        validity::{self, Validity},
        write::{RuleGroup, Values, complete, justifying, parse_values},
    },
    sql::{
        Sight, Why,
        links::Period,
        write::{self as sql, Lock, RowState, Target},
    },
    store::Row,
    value::Value,
};

const NOT_JUSTIFIED: &str = "no rule of your roles allows this link";

/// The relation that a path names, seen from the record that it starts at.
pub(super) struct Path {
    pub(super) relation: Arc<RelationType>,
    pub(super) direction: Direction,
    pub(super) near_type: ObjectTypeId,
    pub(super) near: RecordId,
    pub(super) grant: Grant<Link>,
    pub(super) read: Grant<Read>,
}

impl Path {
    pub(super) fn subject(&self) -> Subject {
        Subject::Relation(self.relation.id)
    }

    /// How the record at the far end is locked.
    fn lock_of_far(&self, writing: &Writing<'_>, hold: Hold) -> Lock {
        let far = (&*self.relation, self.direction.reversed());
        writing.end_lock(far, (hold, false))
    }

    pub(super) fn target(&self, id: Uuid) -> Target<'_> {
        Target {
            subject: self.subject(),
            table: &self.relation.table,
            id,
            state: RowState::Live,
        }
    }
}

impl Writing<'_> {
    pub(super) async fn link(
        &self,
        path: (&str, &str, &str),
        target: &str,
        sent: &Map<String, Json>,
        place: &Place,
    ) -> Result<Done> {
        let path = self.path(path, Hold::Limits).await?;
        self.add_link((&path, target), sent, (None, place)).await
    }

    /// A new link of a path. Of a temporal type it holds from the day `begins`, if there is one and the
    /// values say nothing of its period.
    pub(super) async fn add_link(
        &self,
        (path, target): (&Path, &str),
        sent: &Map<String, Json>,
        (begins, place): (Option<Date>, &Place),
    ) -> Result<Done> {
        let sent = &mut sent.clone();
        let far_type = path.named_type(self, sent, place)?;
        let lock = path.lock_of_far(self, Hold::Limits);
        let target = parse_id(target).map(|id| (far_type, id.uuid()));
        let found = match target {
            Some(target) if self.may_point_at(target, lock).await? => Some(target),
            Some(_) | None => None,
        };
        let Some(target) = found else {
            let message = "there is no record with this id to link to";
            return Err(Error::fault(
                place.child("id"),
                FaultCode::ReferenceNotFound,
                message,
            ));
        };
        check_itself(path, target.1, place)?;
        let fields = &path.relation.fields;
        let values = parse_values(
            sent,
            place,
            (
                |name: &str| path.grant.field(name),
                |name: &str| path.read.field(name).is_some(),
            ),
            |field, json| self.with_type_id(field, json),
        )?;
        check_active(&values, &Choices::new(), place)?;
        self.check_references(path.subject(), &values, place)
            .await?;
        let known =
            |name: &str| path.grant.field(name).is_some() || path.read.field(name).is_some();
        let mut refused = Error::Forbidden(NOT_JUSTIFIED.to_owned());
        for group in justifying(&path.grant, &values) {
            let given = group.with_presets(&values, fields);
            let mut all = given.clone();
            self.compute_defaults(path.subject(), &mut all);
            let completed = complete(&mut all, fields, place, known);
            if let Err(error) =
                completed.and_then(|()| settle(&mut all, &given, (fields, place), known))
            {
                refused = error;
                continue;
            }
            self.hold_given(path.subject(), &all, &values).await?;
            begin(&path.relation, &mut all, begins);
            let period = period_of(&path.relation, &all, Period::default(), place)?;
            self.check_limits(path, target, (period, None)).await?;
            if let Some(done) = self
                .insert_link(path, target, &all, (&group, place))
                .await?
            {
                return Ok(done);
            }
        }
        Err(refused)
    }

    /// Inserts a link with its event; `None`, and nothing stored, when no check of the group holds of it.
    async fn insert_link(
        &self,
        path: &Path,
        far: Record,
        values: &Values,
        (group, place): (&RuleGroup, &Place),
    ) -> Result<Option<Done>> {
        let savepoint = self.tx.savepoint().await?;
        let within = Writing {
            tx: &savepoint,
            ..*self
        };
        let id = self.engine.ids.uuid(self.now);
        let mut assignments = self.system_values(id);
        assignments.extend(path.assignments(far));
        let values = within.with_numbers(&path.relation.fields, values).await?;
        let values = &self.converted(values);
        assignments.extend(self.assign(values)?);
        let ranks = within
            .ranks_of_link(&path.relation, path.ends(far).map(|(_, id)| id), id)
            .await?;
        assignments.extend(assigned(&ranks));
        let table = &path.relation.table;
        let statement = sql::insert(self.catalog, self.dialect(), table, &assignments)?;
        within.execute(statement, &unique(values)).await?;
        let formulas = within.recompute(path.subject(), id).await?;
        if !within
            .holds_after(path.subject(), table, id, &group.checks())
            .await?
        {
            savepoint.rollback().await?;
            return Ok(None);
        }
        within.check_rules((path.subject(), id), place).await?;
        let done = Done {
            subject: path.subject(),
            id: RecordId::new(id),
            version: 1,
        };
        let mut changes = created(values);
        changes.extend(afterwards(&formulas));
        changes.extend(path.event(far));
        within.record_event(&done, "link", changes).await?;
        savepoint.commit().await?;
        Ok(Some(done))
    }

    pub(super) async fn update_link(
        &self,
        path: (&str, &str, &str),
        (link, if_match): (&str, Option<i64>),
        patch: &Map<String, Json>,
        place: &Place,
    ) -> Result<Done> {
        let path = self.path(path, Hold::Limits).await?;
        self.change_link(&path, (link, if_match), patch, place)
            .await
    }

    /// A patch of a link of a path.
    pub(super) async fn change_link(
        &self,
        path: &Path,
        (link, if_match): (&str, Option<i64>),
        patch: &Map<String, Json>,
        place: &Place,
    ) -> Result<Done> {
        let (id, far) = self.find_link(path, link, Hold::Limits).await?;
        let values = parse_values(
            patch,
            place,
            (
                |name: &str| path.grant.field(name),
                |name: &str| path.read.field(name).is_some(),
            ),
            |field, json| self.with_type_id(field, json),
        )?;
        self.check_references(path.subject(), &values, place)
            .await?;
        let stored = self.stored_period(path, id).await?;
        for group in justifying(&path.grant, &values) {
            let fields = &path.relation.fields;
            let all = group.with_presets(&values, fields);
            self.hold_given(path.subject(), &all, &values).await?;
            let all = self.converted_for(path.target(id), all).await?;
            let period = period_of(&path.relation, &all, stored, place)?;
            let related = related(fields, &all);
            let seen = || all.iter().map(|(field, _)| field).chain(&related);
            let columns: Vec<&Column> = seen().flat_map(|field| &field.columns).collect();
            let looked_at = (&*columns, &*group.rows(), Lock::Change);
            let row = self
                .inspect(path.target(id), Sight::Engine(Why::Again), looked_at)
                .await?;
            let row = row.ok_or_else(|| not_found(path.relation.name.as_str(), link))?;
            let version = row.integer(0)?.unwrap_or(0);
            let of = (path.subject(), RecordId::new(id));
            self.check_version(of, if_match, version)?;
            if !any_flag(&row, columns.len(), group.rules.len())? {
                continue;
            }
            if period != Some(stored) && period.is_some() {
                self.check_limits(path, far, (period, Some(id))).await?;
            }
            let before = stored_choices(&row, seen())?;
            let readable = |name: &str| path.read.field(name).is_some();
            let always = |field: &Field| self.always_reads(path.subject(), field);
            let sight = (readable, always);
            check_choices(fields, (&values, &all), &before, place, sight)?;
            let checks = checks_of(&row, columns.len(), &group)?;
            let subject = path.subject();
            let changes = changes(&row, &all, |field| {
                values.find(field).is_some() && !self.always_reads(subject, field)
            })?;
            let changed = (version, changes);
            self.keeps_write_once((&row, &all), &values, &changed.1, (subject, place))?;
            if let Some(done) = self
                .store_change(path.target(id), changed, &all, (&checks, place))
                .await?
            {
                return Ok(done);
            }
        }
        Err(Error::Forbidden(NOT_JUSTIFIED.to_owned()))
    }

    pub(super) async fn unlink(
        &self,
        path: (&str, &str, &str),
        (link, if_match): (&str, Option<i64>),
    ) -> Result<Done> {
        let path = self.path(path, Hold::Ends).await?;
        let (id, _) = self.find_link(&path, link, Hold::Ends).await?;
        let fields = recorded(&path.relation.fields);
        let columns: Vec<&Column> = fields.iter().flat_map(|field| &field.columns).collect();
        let rows = path.grant.rows().into_condition();
        let row = self
            .inspect(
                path.target(id),
                Sight::Engine(Why::Again),
                (&columns, &[&rows], Lock::Change),
            )
            .await?;
        let row = row.ok_or_else(|| not_found(path.relation.name.as_str(), link))?;
        if !any_flag(&row, columns.len(), 1)? {
            return Err(Error::Forbidden(NOT_JUSTIFIED.to_owned()));
        }
        let of = (path.subject(), RecordId::new(id));
        self.check_version(of, if_match, row.integer(0)?.unwrap_or(0))?;
        self.mark_deleted(path.target(id), &row, &fields, ("unlink", "before"))
            .await
    }

    /// The relation that a path names, with the grants on its links; the record must be there for the
    /// caller, and linkable.
    pub(super) async fn path(
        &self,
        (plural, id, name): (&str, &str, &str),
        hold: Hold,
    ) -> Result<Path> {
        let object = self.object(plural)?;
        let near = path_id((plural, id))?;
        if !self.exists(object.id, near.uuid()).await? {
            return Err(not_found(plural, id));
        }
        let unknown = || Error::NotFound {
            kind: "relation",
            name: name.to_owned(),
        };
        let granted = self
            .checker
            .find_collection(object.id, name)
            .ok_or_else(unknown)?;
        let CollectionKind::Relation {
            relation,
            direction,
        } = granted.collection.kind
        else {
            let message = format!(
                "{name} is the inverse of a reference; write the reference on its members instead"
            );
            return Err(Error::Forbidden(message));
        };
        let relation = Arc::clone(self.catalog.find_relation(relation).ok_or_else(unknown)?);
        let read = granted.links.ok_or_else(unknown)?;
        let refused = || Error::Forbidden(NOT_JUSTIFIED.to_owned());
        let grant = self
            .checker
            .grant_relation::<Link>(&relation)
            .ok_or_else(refused)?;
        let start = (object.id, near.uuid());
        let lock = self.end_lock((&relation, direction), (hold, true));
        let path = Path {
            relation,
            direction,
            near_type: object.id,
            near,
            grant,
            read,
        };
        if !self.may_point_at(start, lock).await? {
            return Err(refused());
        }
        Ok(path)
    }

    /// The links of a type that the caller sees and so may name: of a temporal type those that hold today,
    /// and all of them where it may choose by their period.
    pub(super) fn links_in_sight(&self, read: &Grant<Read>) -> Condition {
        let chosen = validity::may_choose(read).then_some(Validity::All);
        let today = self.checker.caller().now.date();
        let period = validity::of_grant(read, chosen, (None, today));
        let rows = read.rows().into_condition();
        rows.and(period.unwrap_or(Condition::FALSE))
    }

    pub(super) async fn exists(&self, object: ObjectTypeId, id: Uuid) -> Result<bool> {
        let Some(grant) = self.checker.grant_read(object) else {
            return Ok(false);
        };
        let target = Target {
            subject: Subject::Object(object),
            table: grant.table(),
            id,
            state: RowState::Live,
        };
        Ok(self
            .inspect(
                target,
                Sight::Of(&grant.rows().into_condition()),
                (&[], &[], Lock::None),
            )
            .await?
            .is_some())
    }

    /// A link by its id, and the record at its far end: it must start at the record of the path, and its
    /// far end must be there for the caller, and linkable.
    pub(super) async fn find_link(
        &self,
        path: &Path,
        link: &str,
        hold: Hold,
    ) -> Result<(Uuid, Record)> {
        let missing = || not_found(path.relation.name.as_str(), link);
        let id = parse_id(link).ok_or_else(missing)?.uuid();
        let columns = end_columns(&path.relation);
        let columns: Vec<&Column> = columns.iter().collect();
        let visible = self.links_in_sight(&path.read);
        let row = self
            .inspect(
                path.target(id),
                Sight::Of(&visible),
                (&columns, &[], Lock::Change),
            )
            .await?;
        let row: Row = row.ok_or_else(missing)?;
        let along = (&*path.relation, path.direction);
        let far = far_end(along, Some(path.start()), &row)?.ok_or_else(missing)?;
        let lock = path.lock_of_far(self, hold);
        if path.leads_to(far.0) && self.may_point_at(far, lock).await? {
            Ok((id, far))
        } else {
            Err(missing())
        }
    }
}

/// Lets a link begin on a day, if nothing says when it holds.
fn begin(relation: &RelationType, values: &mut Values, begins: Option<Date>) {
    if let (Some(day), Some([from, until])) = (begins, relation.period())
        && values.find(from).is_none()
        && values.find(until).is_none()
    {
        values.set(from, vec![Value::Date(day)]);
    }
}
