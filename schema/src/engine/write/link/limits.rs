//! How many links there may be: at most one at an end, at most one between two records; of links
//! that hold for a period, at every instant.
//!
//! The records at the ends that have a limit are locked before the links are looked at, so that two
//! writers can't both find them free.

use uuid::Uuid;

use super::{Path, Writing, ends::Record, recorded};
use crate::{
    access::Condition,
    catalog::{Cardinality, Column, Direction, RelationType, Subject},
    error::{Error, FaultCode, Place, Result},
    id::ObjectTypeId,
    plan::{validity::reads_period, write::Values},
    sql::{
        Sight, Why,
        links::{Period, Search, find_links},
        write::{Lock, RowState, Target},
    },
    value::{Storage, Value},
};

/// What a write of links holds on to until its transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine::write) enum Hold {
    /// The records at the ends stay.
    Ends,
    /// Nobody else links records at an end that has a limit.
    Limits,
    /// Nobody else changes the whole of the collection; and the same.
    Collection,
}

impl Writing<'_> {
    /// The lock on the record at the end at which a walk in this direction begins: `is_near` when it is
    /// the one whose collection is written. Writers of the same pair meet at its source.
    pub(in crate::engine::write) fn end_lock(
        &self,
        (relation, direction): (&RelationType, Direction),
        (hold, is_near): (Hold, bool),
    ) -> Lock {
        let is_single = relation.near(direction).cardinality == Cardinality::One;
        let meets = !relation.allow_duplicates && direction != Direction::Reverse;
        let is_limited = hold != Hold::Ends && (is_single || meets);
        let is_ordered = hold != Hold::Ends && relation.near(direction).ordered;
        let is_whole = hold == Hold::Collection && is_near;
        if is_limited || is_ordered || is_whole {
            return Lock::Change;
        }
        self.lock_of_end(relation.id, direction)
    }
}

/// A record is related to others: what is the same from either end has two ends.
pub(super) fn check_itself(path: &Path, far: Uuid, place: &Place) -> Result<()> {
    if path.direction != Direction::Either || path.near.uuid() != far {
        return Ok(());
    }
    let message = "a record can't be linked to itself here";
    Err(Error::fault(
        place.child("id"),
        FaultCode::InvalidValue,
        message,
    ))
}

/// The period that a link has when the values are written over the stored ones; none when the type
/// is not temporal.
pub(super) fn period_of(
    relation: &RelationType,
    values: &Values,
    stored: Period,
    place: &Place,
) -> Result<Option<Period>> {
    let Some([from, until]) = relation.period() else {
        return Ok(None);
    };
    let day = |sent: Option<&[Value]>, stored| match sent {
        Some([Value::Date(day)]) => Some(*day),
        Some(_) => None,
        None => stored,
    };
    let period = Period {
        from: day(values.find(from), stored.from),
        until: day(values.find(until), stored.until),
    };
    match (period.from, period.until) {
        (Some(first), Some(end)) if first >= end => {
            let at_fault = if values.find(until).is_some() {
                until
            } else {
                from
            };
            let message = "the link must hold for a day at least: validFrom is its first day, \
                           validUntil the first day on which it holds no longer";
            let place = place.child(&at_fault.name);
            Err(Error::fault(place, FaultCode::InvalidValue, message))
        }
        _ => Ok(Some(period)),
    }
}

impl Writing<'_> {
    /// The period that a link has; open when the type is not temporal.
    pub(in crate::engine::write) async fn stored_period(
        &self,
        path: &Path,
        link: Uuid,
    ) -> Result<Period> {
        let Some([from, until]) = path.relation.period() else {
            return Ok(Period::default());
        };
        let columns: [&Column; 2] = [from.column(), until.column()];
        let looked_at = (&columns[..], &[][..], Lock::None);
        let row = self
            .inspect(path.target(link), Sight::Engine(Why::Integrity), looked_at)
            .await?;
        let Some(row) = row else {
            return Ok(Period::default());
        };
        let day = |field, at| -> Result<_> {
            let json = row.field(field, at)?;
            Ok(match Value::from_json(&json, Storage::Date) {
                Some(Value::Date(day)) => Some(day),
                Some(_) | None => None,
            })
        };
        Ok(Period {
            from: day(from, 1)?,
            until: day(until, 2)?,
        })
    }

    /// Refuses a link that is one too many. `except` is the link itself when it is changed.
    pub(super) async fn check_limits(
        &self,
        path: &Path,
        far: Record,
        (period, except): (Option<Period>, Option<Uuid>),
    ) -> Result<()> {
        let relation = &path.relation;
        let tells_period = period.is_some() && reads_period(&path.read);
        let search = Search {
            direction: path.direction,
            near: path.start(),
            far: None,
            period,
            except,
        };
        let back = Search {
            direction: path.direction.reversed(),
            near: far,
            ..search
        };
        for search in [search, back] {
            let end = relation.near(search.direction);
            if end.cardinality == Cardinality::One
                && let Some(other) = self.find_rival(path, search).await?
            {
                let when = if tells_period { " at a time" } else { "" };
                let message = format!("a record has at most one link in {}{when}", end.name);
                return Err(self.refuse_rival(path, message, other).await?);
            }
        }
        let same = Search {
            far: Some(far),
            ..search
        };
        if !relation.allow_duplicates
            && let Some(other) = self.find_rival(path, same).await?
        {
            let when = if tells_period {
                " for a part of that time"
            } else {
                ""
            };
            let message = format!("the two records are linked already{when}");
            return Err(self.refuse_rival(path, message, other).await?);
        }
        Ok(())
    }

    /// A live link that stands against a new one, with the record at its far end. Links to deleted
    /// records, and to those of types that stand there no longer, show nowhere and could not be ended by
    /// anybody: they are ended here.
    async fn find_rival(&self, path: &Path, search: Search) -> Result<Option<Rival>> {
        let relation = &path.relation;
        let end = relation.far(search.direction);
        loop {
            let statement = find_links(self.catalog, self.dialect(), relation, search);
            let found = self.fetch(statement).await?;
            if found.is_empty() {
                return Ok(None);
            }
            for row in &found {
                let far_type = match end.object {
                    Some(object) => Some(object),
                    None => row.uuid(2)?.map(ObjectTypeId::new),
                };
                let (Some(link), Some(far), Some(far_type)) =
                    (row.uuid(0)?, row.uuid(1)?, far_type)
                else {
                    continue;
                };
                if end.has(far_type) && !self.is_deleted(far_type, far).await? {
                    return Ok(Some(Rival {
                        link,
                        far_type,
                        far,
                    }));
                }
                self.end_orphan(path, link).await?;
            }
        }
    }

    async fn is_deleted(&self, object: ObjectTypeId, id: Uuid) -> Result<bool> {
        let Some(object) = self.catalog.find_object(object) else {
            return Ok(true);
        };
        let target = Target {
            subject: Subject::Object(object.id),
            table: &object.table,
            id,
            state: RowState::Deleted,
        };
        let nothing: (&[&Column], &[&Condition], Lock) = (&[], &[], Lock::Keep);
        let row = self
            .inspect(target, Sight::Engine(Why::Integrity), nothing)
            .await?;
        Ok(row.is_some())
    }

    async fn end_orphan(&self, path: &Path, link: Uuid) -> Result<()> {
        let fields = recorded(&path.relation.fields);
        let columns: Vec<&Column> = fields.iter().flat_map(|field| &field.columns).collect();
        let looked_at = (&*columns, &[][..], Lock::Change);
        let row = self
            .inspect(path.target(link), Sight::Engine(Why::Integrity), looked_at)
            .await?;
        if let Some(row) = row {
            self.mark_deleted(path.target(link), &row, &fields, ("unlink", "before"))
                .await?;
        }
        Ok(())
    }

    /// The refusal: it names the link in the way only to those who may see it.
    async fn refuse_rival(&self, path: &Path, message: String, rival: Rival) -> Result<Error> {
        let visible = self.links_in_sight(&path.read);
        let nothing: (&[&Column], &[&Condition], Lock) = (&[], &[], Lock::None);
        let link = self
            .inspect(path.target(rival.link), Sight::Of(&visible), nothing)
            .await?;
        let is_visible = link.is_some() && self.exists(rival.far_type, rival.far).await?;
        Ok(Error::Conflict(if is_visible {
            format!("{message}; change or end the link {} first", rival.link)
        } else {
            format!("{message}; change or end the other link first")
        }))
    }
}

/// A link that stands against another one.
struct Rival {
    link: Uuid,
    far_type: ObjectTypeId,
    far: Uuid,
}
