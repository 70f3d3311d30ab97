//! The places of members in ordered collections: new ones come last, and one moves without the others.
//!
//! Whoever gives a place holds the lock on the record that has the collection, so that two never get the same
//! one. Places are reckoned among all members, also those that the caller does not see; it names only those
//! that it sees.

use std::collections::HashMap;

use serde_json::{Map, json};
use uuid::Uuid;

use super::{Done, Writing, rank};
use crate::{
    catalog::{Direction, RelationType, Subject},
    error::{Error, Result},
    id::RecordId,
    plan::write::Values,
    sql::{
        Sight, Why,
        position::Siblings,
        write::{self as sql, Assignment},
    },
    value::{Storage, Value},
};

/// Where a member goes, by rows of the siblings.
#[derive(Debug, Clone, Copy)]
pub(super) enum Goal {
    /// Right before this one.
    Before(Uuid),
    /// Right behind this one.
    Behind(Uuid),
    /// To the end.
    End,
}

/// A row with its rank.
type Ranked = (Uuid, String);

/// Columns with their new ranks.
pub(super) type Ranks = Vec<(String, Value)>;

/// The links of a record, if they keep their order.
pub(super) fn siblings_of_end(
    relation: &RelationType,
    direction: Direction,
    of: Uuid,
) -> Option<Siblings> {
    let position = relation.position_column(direction)?;
    Some(Siblings {
        table: relation.table.clone(),
        parent: RelationType::columns(direction).0.to_owned(),
        of,
        position: position.name,
    })
}

/// The ranks as assignments.
pub(super) fn assigned(ranks: &Ranks) -> impl Iterator<Item = Assignment<'_>> {
    ranks
        .iter()
        .map(|(column, rank)| Assignment::new(column, Storage::Text, rank.clone()))
}

impl Writing<'_> {
    /// The ranks of a new link: last at each end that is ordered.
    pub(super) async fn ranks_of_link(
        &self,
        relation: &RelationType,
        [source, target]: [Uuid; 2],
        link: Uuid,
    ) -> Result<Ranks> {
        let ends = [(Direction::Forward, source), (Direction::Reverse, target)];
        let mut ranks = Ranks::new();
        for (direction, end) in ends {
            if let Some(siblings) = siblings_of_end(relation, direction, end) {
                let rank = self.last_rank(&siblings, link).await?;
                ranks.push((siblings.position, Value::Text(rank)));
            }
        }
        Ok(ranks)
    }

    /// The ranks of a record whose references are written: last among those that refer to the same record.
    pub(super) async fn ranks_of_references(
        &self,
        subject: Subject,
        values: &Values,
        (id, is_changed): (Uuid, impl Fn(&crate::catalog::Field) -> bool),
    ) -> Result<Ranks> {
        let mut ranks = Ranks::new();
        let Some(table) = self.catalog.subject_table(subject) else {
            return Ok(ranks);
        };
        for (field, value) in values.iter() {
            let (Some(position), Some(Value::Uuid(of))) = (field.position_column(), value.first())
            else {
                continue;
            };
            if !is_changed(field) {
                continue;
            }
            let siblings = Siblings {
                table: table.to_owned(),
                parent: field.column().name.clone(),
                of: *of,
                position: position.name,
            };
            let rank = self.last_rank(&siblings, id).await?;
            ranks.push((siblings.position, Value::Text(rank)));
        }
        Ok(ranks)
    }

    async fn last_rank(&self, siblings: &Siblings, id: Uuid) -> Result<String> {
        let last = self.next(siblings, None, (true, id)).await?;
        Ok(rank::behind(
            last.as_ref().map(|(_, rank)| rank.as_str()),
            id,
        ))
    }

    async fn next(
        &self,
        siblings: &Siblings,
        from: Option<&Ranked>,
        way: (bool, Uuid),
    ) -> Result<Option<Ranked>> {
        let from = from.map(|(id, rank)| (rank.as_str(), *id));
        let on = (self.dialect(), self.catalog.version());
        let found = self.ranked(siblings.next(on, from, way)).await?;
        Ok(found.into_iter().next())
    }

    async fn ranked(&self, statement: crate::sql::Statement) -> Result<Vec<Ranked>> {
        let rows = self.tx.connection().fetch(statement).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            let rank = row.json(1, Storage::Text)?;
            if let (Some(id), Some(rank)) = (row.uuid(0)?, rank.as_str()) {
                found.push((id, rank.to_owned()));
            }
        }
        Ok(found)
    }

    /// Some of the siblings, or all, in order.
    pub(super) async fn in_order(
        &self,
        siblings: &Siblings,
        ids: Option<&[Uuid]>,
    ) -> Result<Vec<Ranked>> {
        let on = (self.dialect(), self.catalog.version());
        self.ranked(siblings.in_order(on, ids)).await
    }

    /// Moves one of the siblings.
    pub(super) async fn move_to(
        &self,
        (subject, siblings): (Subject, &Siblings),
        row: Uuid,
        goal: Goal,
    ) -> Result<()> {
        for _ in 0..2 {
            let (low, high) = self.neighbours(siblings, row, goal).await?;
            let rank_of = |it: &Option<Ranked>| it.as_ref().map(|(_, rank)| rank.clone());
            let (low, high) = (rank_of(&low), rank_of(&high));
            let now = self.in_order(siblings, Some(&[row])).await?;
            let Some((_, now)) = now.into_iter().next() else {
                return Ok(());
            };
            let is_there = low.as_ref().is_none_or(|low| *low < now)
                && high.as_ref().is_none_or(|high| now < *high);
            if is_there {
                return Ok(());
            }
            if let Some(rank) = rank::between(low.as_deref(), high.as_deref()) {
                return self.set_rank((subject, siblings), (row, now), rank).await;
            }
            self.rank_anew(siblings).await?;
        }
        Err(Error::internal("moving a member", "there is no room"))
    }

    async fn neighbours(
        &self,
        siblings: &Siblings,
        row: Uuid,
        goal: Goal,
    ) -> Result<(Option<Ranked>, Option<Ranked>)> {
        let (of, backwards) = match goal {
            Goal::End => {
                let last = self.next(siblings, None, (true, row)).await?;
                return Ok((last, None));
            }
            Goal::Before(of) => (of, true),
            Goal::Behind(of) => (of, false),
        };
        let near = self
            .in_order(siblings, Some(&[of]))
            .await?
            .into_iter()
            .next();
        let far = match &near {
            Some(near) => self.next(siblings, Some(near), (backwards, row)).await?,
            None => None,
        };
        Ok(if backwards { (far, near) } else { (near, far) })
    }

    /// Gives all siblings new ranks in the order that they have.
    async fn rank_anew(&self, siblings: &Siblings) -> Result<()> {
        let all = self.in_order(siblings, None).await?;
        for (at, (id, _)) in all.into_iter().enumerate() {
            let rank = Value::Text(rank::nth(at));
            let set = [Assignment::new(&siblings.position, Storage::Text, rank)];
            let at = (siblings.table.as_str(), id);
            let statement = sql::update(self.catalog, self.dialect(), at, &set);
            self.execute(statement, &[]).await?;
        }
        Ok(())
    }

    async fn set_rank(
        &self,
        (subject, siblings): (Subject, &Siblings),
        (row, before): Ranked,
        rank: String,
    ) -> Result<()> {
        let Siblings {
            table, position, ..
        } = siblings;
        let target = sql::Target {
            subject,
            table,
            id: row,
            state: sql::RowState::Live,
        };
        let nothing: (&[_], &[_], sql::Lock) = (&[], &[], sql::Lock::Change);
        let Some(now) = self
            .inspect(target, Sight::Engine(Why::Integrity), nothing)
            .await?
        else {
            return Ok(());
        };
        let version = now.integer(0)?.unwrap_or(0) + 1;
        let mut set = self.update_values();
        let value = Value::Text(rank.clone());
        set.push(Assignment::new(position, Storage::Text, value));
        let statement = sql::update(self.catalog, self.dialect(), (table, row), &set);
        self.execute(statement, &[]).await?;
        let done = Done {
            subject,
            id: RecordId::new(row),
            version,
        };
        let operation = match subject {
            Subject::Object(_) => "update",
            Subject::Relation(_) => "updateLink",
        };
        let moved = json!({ "before": before, "after": rank });
        let changes = Map::from_iter([("position".to_owned(), moved)]);
        self.record_event(&done, operation, changes).await
    }

    /// Which of the rows have to move for them all to stand in this order.
    pub(super) async fn out_of_order(
        &self,
        siblings: &Siblings,
        rows: &[Uuid],
    ) -> Result<Vec<bool>> {
        let found = self.in_order(siblings, Some(rows)).await?;
        let ranks: HashMap<Uuid, String> = found.into_iter().collect();
        let ranks: Vec<_> = rows.iter().map(|row| ranks.get(row).cloned()).collect();
        let stays = rank::in_order(&ranks);
        let is_there = ranks.iter().map(Option::is_some);
        Ok(stays
            .iter()
            .zip(is_there)
            .map(|(stays, there)| there && !stays)
            .collect())
    }

    /// Moves those rows that are marked, each behind the one before it in the list.
    pub(super) async fn put_in_order(
        &self,
        of: (Subject, &Siblings),
        rows: &[Uuid],
        moved: &[bool],
    ) -> Result<()> {
        for (at, row) in rows.iter().enumerate() {
            if !moved[at] {
                continue;
            }
            // Those before it stand where they should; of the first one the next that stays.
            let stays = |it: &usize| !moved[*it];
            let goal = match at.checked_sub(1) {
                Some(before) => Goal::Behind(rows[before]),
                None => (1..rows.len())
                    .find(stays)
                    .map_or(Goal::End, |next| Goal::Before(rows[next])),
            };
            self.move_to(of, *row, goal).await?;
        }
        Ok(())
    }
}
