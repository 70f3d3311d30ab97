//! The mark of the last day that has begun: of several processes one asks for what is to be done then.

use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, Set,
    sea_query::{Expr, OnConflict},
};
use time::OffsetDateTime;
use uuid::Uuid;

use entity::turned_day::{ActiveModel, Column, Entity};

use crate::{
    change::JobInput,
    error::Result,
    id::JobId,
    store::{
        Store,
        jobs::{NewJobs, insert},
        rows::failed,
    },
};

const CONTEXT: &str = "turning the day";

/// What a new day asks for.
#[derive(Debug)]
pub(crate) struct NewDay<'a> {
    /// The mark as it is, and the day that has begun; both as `YYYY-MM-DD`.
    pub(crate) days: (&'a str, &'a str),
    /// The jobs, and when each may begin.
    pub(crate) jobs: Vec<(JobId, JobInput, OffsetDateTime)>,
    /// The schema version.
    pub(crate) schema_version: i64,
}

impl Store {
    /// The last day that was turned. The first time it is this one.
    pub(crate) async fn load_day(&self, today: &str) -> Result<String> {
        let find = || Entity::find_by_id(Uuid::nil()).one(&self.writer);
        let found = find().await.map_err(|error| failed(error, CONTEXT))?;
        if let Some(row) = found {
            return Ok(row.day);
        }
        let row = ActiveModel {
            id: Set(Uuid::nil()),
            day: Set(today.to_owned()),
        };
        Entity::insert(row)
            .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
            .try_insert()
            .exec_without_returning(&self.writer)
            .await
            .map_err(|error| failed(error, CONTEXT))?;
        let found = find().await.map_err(|error| failed(error, CONTEXT))?;
        Ok(found.map_or_else(|| today.to_owned(), |row| row.day))
    }

    /// Moves the mark and writes the jobs of the day; nothing where another process was faster.
    pub(crate) async fn turn_day(&self, new: NewDay<'_>) -> Result<()> {
        let (before, today) = new.days;
        let tx = self.begin_write().await?;
        let moved = Entity::update_many()
            .col_expr(Column::Day, Expr::val(today))
            .filter(Column::Id.eq(Uuid::nil()))
            .filter(Column::Day.eq(before))
            .exec(&tx)
            .await
            .map_err(|error| failed(error, CONTEXT))?;
        if moved.rows_affected == 0 {
            return tx.rollback().await.map_err(|error| failed(error, CONTEXT));
        }
        for (id, input, now) in &new.jobs {
            let jobs = NewJobs {
                jobs: vec![(*id, input)],
                schema_version: new.schema_version,
                now: *now,
            };
            insert(&tx, jobs).await?;
        }
        tx.commit().await.map_err(|error| failed(error, CONTEXT))
    }
}
