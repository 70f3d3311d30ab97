//! Shares of single records. Who may share what, rules of the action `share` say; what a share gives, the
//! rules say that ask for it by `{"$shared": "read"}`.

use serde_json::{Value as Json, json};
use time::{Duration, OffsetDateTime, PrimitiveDateTime};
use uuid::Uuid;

use super::{member, parse_end};
use crate::{
    access::{
        Caller, Checker, Condition, Grant, Read, RowFilter, Share as ShareGrant, ShareAccess,
        Update,
    },
    catalog::{Catalog, ObjectType, Subject},
    engine::{Engine, state::State},
    error::{Error, Fault, FaultCode, Place, Result},
    id::{ObjectTypeId, RecordId, ShareId},
    identity::{AuditKind, AuditObject, Draft, Grantee, NewShare, Share, faults_to_result},
    plan::read::parse_id,
    sql::{
        Sight, Why,
        dialect::microseconds,
        write::{self as sql, Lock, RowState, Target},
    },
    store::Connection,
    value::instant_text,
};

/// How many shares one entry of the audit log tells.
const MOST_TOLD: usize = 500;

/// A record that the caller may share.
struct Sharable {
    object: Uuid,
    name: String,
    record: RecordId,
    /// Whether the caller may change it too.
    may_write: bool,
}

impl Engine {
    /// The shares of a record, oldest first, also those whose time is over.
    pub async fn list_shares(
        &self,
        caller: &Caller,
        object: &str,
        record: &str,
    ) -> Result<Vec<Share>> {
        let places = ["object", "record"].map(|name| Place::Parameter(name.to_owned()));
        let sharable = self.sharable(caller, (object, record), &places).await?;
        let rows = self
            .store
            .list_shares((sharable.object, sharable.record.uuid()))
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| show(&sharable.name, row))
            .collect())
    }

    /// Shares a record with a user, a team or a partner.
    pub async fn share(&self, caller: &Caller, new: NewShare) -> Result<Share> {
        let NewShare {
            object,
            record,
            with,
            access,
            until,
        } = new;
        let places = ["object", "record"].map(member);
        let sharable = self.sharable(caller, (&object, &record), &places).await?;
        let now = self.clock.now();
        let mut faults = Vec::new();
        let access = parse_access(&access, &mut faults);
        let until = parse_end("until", until.as_deref(), now, &mut faults);
        let own = caller.variables(&self.state().policy.teams);
        let own = &own.grantees().ids;
        let grantee = self.find_grantee((&with, own), &mut faults).await?;
        faults_to_result(faults)?;
        let (Some(access), Some((kind, grantee))) = (access, grantee) else {
            return Err(Error::internal("sharing a record", "a fault was not told"));
        };
        if access == ShareAccess::Write && !sharable.may_write {
            return Err(Error::Forbidden(
                "you can't change this record, so you can't share it for writing".to_owned(),
            ));
        }
        let row = entity::record_share::Model {
            id: self.ids.uuid(now),
            object_type_id: sharable.object,
            record_id: sharable.record.uuid(),
            grantee_kind: kind.to_owned(),
            grantee_id: grantee,
            access: access.name().to_owned(),
            until: until.map(microseconds),
            created_at: now,
            created_by: caller.actor(),
        };
        self.check_own_share(caller, (&sharable, access), until)
            .await?;
        let shown = |row: &entity::record_share::Model| show(&sharable.name, row.clone());
        let entry = |row: &entity::record_share::Model, before: Option<&_>| {
            let object = (AuditObject::Share, row.id);
            let entry = Draft::of(caller, AuditKind::ShareCreated, object).after(&shown(row));
            match before {
                Some(before) => entry.before(&shown(before)),
                None => entry,
            }
        };
        let made = self.store.put_share(&row, entry).await?;
        Ok(shown(&made))
    }

    /// One share, for whoever may list those of its record.
    pub async fn load_share(&self, caller: &Caller, share: ShareId) -> Result<Share> {
        let (name, row) = self.find_share(caller, share).await?;
        Ok(show(&name, row))
    }

    /// Ends a share. Whoever may share the record may end all of its shares.
    pub async fn delete_share(&self, caller: &Caller, share: ShareId) -> Result<()> {
        let (name, row) = self.find_share(caller, share).await?;
        let object = (AuditObject::Share, row.id);
        let entry = Draft::of(caller, AuditKind::ShareDeleted, object);
        let id = row.id;
        let entry = entry.before(&show(&name, row));
        if self.store.delete_share(id, entry).await? {
            Ok(())
        } else {
            Err(super::not_found("share", share))
        }
    }

    /// A share of a record that the caller may share, and the name of its object type.
    async fn find_share(
        &self,
        caller: &Caller,
        share: ShareId,
    ) -> Result<(String, entity::record_share::Model)> {
        let missing = || super::not_found("share", share);
        let row = self.store.find_share(share.uuid()).await?;
        let row = row.ok_or_else(missing)?;
        let state = self.state();
        let object = state.catalog.find_subject_by_id(row.object_type_id);
        let name = object.and_then(|object| state.catalog.subject_name(object));
        let (name, record) = (
            name.ok_or_else(missing)?.to_owned(),
            row.record_id.to_string(),
        );
        let places = ["object", "record"].map(member);
        // Who may not share the record must not learn that it is shared.
        self.sharable(caller, (&name, &record), &places)
            .await
            .map_err(|error| {
                if matches!(error, Error::Invalid(_) | Error::Forbidden(_)) {
                    missing()
                } else {
                    error
                }
            })?;
        Ok((name, row))
    }

    /// The record that a caller names, if it sees it and may share it.
    async fn sharable(
        &self,
        caller: &Caller,
        (name, record): (&str, &str),
        [of_object, of_record]: &[Place; 2],
    ) -> Result<Sharable> {
        let state = self.state();
        let checker = Checker::new(&state.catalog, &state.policy, caller);
        let object = match state.catalog.find_subject(name) {
            Some(Subject::Object(id)) => state.catalog.find_object(id),
            Some(Subject::Relation(_)) | None => None,
        };
        let read = object.and_then(|object| Some((object, checker.grant_read(object.id)?)));
        let (object, read) = read.ok_or_else(|| {
            let message = format!("there is no object type {name:?}; write its singular name");
            Error::fault(of_object.clone(), FaultCode::UnknownObject, message)
        })?;
        let refused =
            || Error::Forbidden("no rule of your roles allows sharing this record".to_owned());
        let share: Grant<ShareGrant> = checker.grant(object).ok_or_else(refused)?;
        let record = parse_id(record);
        let flags = match record {
            Some(record) => self.look(&checker, (object, record), &read, &share).await?,
            None => None,
        };
        let (Some(record), Some([may_share, may_write])) = (record, flags) else {
            let message = "there is no such record".to_owned();
            return Err(Error::fault(
                of_record.clone(),
                FaultCode::ReferenceNotFound,
                message,
            ));
        };
        if !may_share {
            return Err(refused());
        }
        Ok(Sharable {
            object: object.id.uuid(),
            name: object.name.to_string(),
            record,
            may_write,
        })
    }

    /// Whether a record that the caller sees may be shared and may be changed by it.
    async fn look(
        &self,
        checker: &Checker<'_>,
        (object, record): (&std::sync::Arc<ObjectType>, RecordId),
        read: &Grant<Read>,
        share: &Grant<ShareGrant>,
    ) -> Result<Option<[bool; 2]>> {
        let update: Option<Grant<Update>> = checker.grant(object);
        let writable = update.map_or(Condition::FALSE, |grant| grant.rows().into_condition());
        let target = Target {
            subject: Subject::Object(object.id),
            table: &object.table,
            id: record.uuid(),
            state: RowState::Live,
        };
        let share = share.rows().into_condition();
        let flags = [&share, &writable];
        let visible = read.rows().into_condition();
        let dialect = self.store.dialect();
        let looked_at = (&[][..], &flags[..], Lock::None);
        let statement = sql::inspect(
            checker.catalog(),
            dialect,
            target,
            Sight::Of(&visible),
            looked_at,
        )?;
        let rows = Connection::Pool(self.store.reader())
            .fetch(statement.in_sight_of(checker, dialect))
            .await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let flag = |at: usize| Ok(row.integer(at)? == Some(1));
        Ok(Some([flag(1)?, flag(2)?]))
    }

    /// Refuses to give more than the one who shares has, and to give for longer what it has by a share itself.
    async fn check_own_share(
        &self,
        caller: &Caller,
        (sharable, access): (&Sharable, ShareAccess),
        until: Option<OffsetDateTime>,
    ) -> Result<()> {
        let state = self.state();
        let checker = Checker::new(&state.catalog, &state.policy, caller);
        let now = has_what_is_given(&state, &checker, (sharable, access));
        let end = until.unwrap_or_else(|| PrimitiveDateTime::MAX.assume_utc());
        // A share counts as long as its end lies ahead.
        let checker = checker.with_shares_until(end - Duration::MICROSECOND);
        let then = has_what_is_given(&state, &checker, (sharable, access));
        let [now, then] = self.holds(&state, sharable, [&now, &then]).await?;
        if then {
            return Ok(());
        }
        if !now {
            return Err(Error::Forbidden(
                "what is shared gives more of this record than you have yourself, so you can't share it".to_owned(),
            ));
        }
        let message = "must be given and not be later than what is shared with you ends";
        Err(Error::fault(
            member("until"),
            FaultCode::InvalidValue,
            message,
        ))
    }

    /// Whether conditions hold of a record.
    async fn holds(
        &self,
        state: &State,
        sharable: &Sharable,
        conditions: [&Condition; 2],
    ) -> Result<[bool; 2]> {
        let catalog = &state.catalog;
        let Some(object) = catalog.find_object(ObjectTypeId::new(sharable.object)) else {
            return Ok([false, false]);
        };
        let target = Target {
            subject: Subject::Object(object.id),
            table: &object.table,
            id: sharable.record.uuid(),
            state: RowState::Live,
        };
        let looked_at = (&[][..], &conditions[..], Lock::None);
        let sight = Sight::Engine(Why::Again);
        let dialect = self.store.dialect();
        let statement = sql::inspect(catalog, dialect, target, sight, looked_at)?;
        let found = Connection::Pool(self.store.reader())
            .fetch(statement)
            .await?;
        let Some(row) = found.first() else {
            return Ok([false, false]);
        };
        let flag = |at: usize| Ok(row.integer(at)? == Some(1));
        Ok([flag(1)?, flag(2)?])
    }

    /// The kind and the id of the one that is named.
    async fn find_grantee(
        &self,
        (with, own): (&Grantee, &[Uuid]),
        faults: &mut Vec<Fault>,
    ) -> Result<Option<(&'static str, Uuid)>> {
        let named = [
            ("user", &with.user),
            ("team", &with.team),
            ("partner", &with.partner),
        ];
        let mut named = named
            .into_iter()
            .filter_map(|(kind, id)| Some((kind, id.as_deref()?)));
        let (Some((kind, text)), None) = (named.next(), named.next()) else {
            let message =
                "must be {\"user\": \"<id>\"}, {\"team\": \"<id>\"} or {\"partner\": \"<id>\"}";
            faults.push(fault(member("with"), FaultCode::InvalidValue, message));
            return Ok(None);
        };
        let id = Uuid::try_parse(text).ok();
        if id.is_some_and(|id| own.contains(&id)) {
            // Rules on what is shared may show more than the own ones: that is for others to give.
            let message = "is you, or a team or partner of yours; share it with somebody else";
            faults.push(fault(
                member("with").child(kind),
                FaultCode::InvalidValue,
                message,
            ));
            return Ok(None);
        }
        if let Some(id) = id
            && self.store.has_grantee(kind, id).await?
        {
            return Ok(Some((kind, id)));
        }
        faults.push(fault(
            member("with").child(kind),
            FaultCode::ReferenceNotFound,
            &format!("there is no {kind} {text:?}"),
        ));
        Ok(None)
    }
}

/// On which records somebody has itself what a share of one gives.
fn has_what_is_given(
    state: &State,
    checker: &Checker<'_>,
    (sharable, access): (&Sharable, ShareAccess),
) -> Condition {
    let object = ObjectTypeId::new(sharable.object);
    let Some(object) = state.catalog.find_object(object) else {
        return Condition::FALSE;
    };
    let rows = match access {
        ShareAccess::Write => {
            let update: Option<Grant<Update>> = checker.grant(object);
            update.map(|grant| grant.rows())
        }
        ShareAccess::Read => {
            let read: Option<Grant<Read>> = checker.grant(object);
            read.map(|grant| grant.rows())
        }
    };
    let rows = rows.map_or(Condition::FALSE, RowFilter::into_condition);
    rows.and(checker.has_what_a_share_gives(&state.policy, (object, access)))
}

fn fault(place: Place, code: FaultCode, message: &str) -> Fault {
    Fault {
        place,
        code,
        message: message.to_owned(),
    }
}

fn parse_access(text: &str, faults: &mut Vec<Fault>) -> Option<ShareAccess> {
    let found = ShareAccess::find(text);
    if found.is_none() {
        let message = "must be \"read\" or \"write\"";
        faults.push(fault(member("access"), FaultCode::InvalidValue, message));
    }
    found
}

/// What is shared with somebody, as an entry of the audit log tells it; of very many the first.
pub(super) fn told(catalog: &Catalog, rows: Vec<entity::record_share::Model>) -> Json {
    let shares = rows.into_iter().take(MOST_TOLD).map(|row| {
        let object = catalog.find_subject_by_id(row.object_type_id);
        let name = object.and_then(|object| catalog.subject_name(object));
        show(name.unwrap_or_default(), row)
    });
    json!(shares.collect::<Vec<Share>>())
}

fn instant_of(microseconds: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(microseconds) * 1_000).ok()
}

fn show(object: &str, row: entity::record_share::Model) -> Share {
    let id = Some(row.grantee_id.to_string());
    let with = match row.grantee_kind.as_str() {
        "user" => Grantee {
            user: id,
            ..Grantee::default()
        },
        "team" => Grantee {
            team: id,
            ..Grantee::default()
        },
        _ => Grantee {
            partner: id,
            ..Grantee::default()
        },
    };
    let until = row.until.and_then(instant_of);
    Share {
        id: ShareId::new(row.id),
        object: object.to_owned(),
        record: RecordId::new(row.record_id),
        with,
        access: row.access,
        until: until.map(instant_text),
        created_at: instant_text(row.created_at),
        created_by: row.created_by,
    }
}
