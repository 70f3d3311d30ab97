//! Changes of the schema that a job makes when its work is done: in one short transaction that no write
//! runs beside, together with the end of the job.

use sea_orm::{
    ActiveModelTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, sea_query::Expr,
};
use serde_json::Value as Json;
use time::OffsetDateTime;

use super::{changing, locked_rows, write_rows};
use crate::{
    catalog::{Catalog, MetadataRows},
    change::ChangedRows,
    error::Result,
    store::{Claim, Store, Turn, jobs::write_turn},
};

/// A transaction of a job that has the schema to itself. Dropped without [`Self::finish`], it is rolled back.
#[derive(Debug)]
pub(crate) struct Alone {
    tx: DatabaseTransaction,
    claim: Claim,
    /// The metadata as it is.
    pub(crate) rows: MetadataRows,
    /// The instant.
    pub(crate) now: OffsetDateTime,
}

/// How a job has ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// It is done; the catalog, where the schema has changed.
    Done(Option<Box<Catalog>>),
    /// Somebody else has the job.
    Lost,
}

impl Store {
    /// Begins it; nothing when the claim is lost. Where others are in the way, it has to be tried again.
    pub(crate) async fn begin_for_job(
        &self,
        claim: Claim,
        now: OffsetDateTime,
    ) -> Result<Option<Alone>> {
        let tx = self.begin_alone().await?;
        let rows = locked_rows(&tx).await?;
        if !write_turn(&tx, claim, None, now).await? {
            return Ok(None);
        }
        Ok(Some(Alone {
            tx,
            claim,
            rows,
            now,
        }))
    }
}

impl Alone {
    /// Writes the rows as the next version, with what the log says of it, and ends the job.
    pub(crate) async fn finish(
        mut self,
        changed: ChangedRows,
        (operations, turn): (Json, Turn),
    ) -> Result<Ended> {
        let mut catalog = None;
        if !changed.is_empty() {
            self.rows.version += 1;
            write_rows(&self.tx, &changed).await?;
            self.write_log(operations).await?;
            changed.put_into(&mut self.rows);
            catalog = Some(Box::new(Catalog::load(&self.rows)?));
        }
        if !write_turn(&self.tx, self.claim, Some(turn), self.now).await? {
            return Ok(Ended::Lost);
        }
        self.tx.commit().await.map_err(changing)?;
        Ok(Ended::Done(catalog))
    }

    async fn write_log(&self, operations: Json) -> Result<()> {
        use entity::{meta_changeset, meta_head};
        meta_head::Entity::update_many()
            .col_expr(meta_head::Column::Version, Expr::val(self.rows.version))
            .exec(&self.tx)
            .await
            .map_err(changing)?;
        let changeset = meta_changeset::Model {
            version: self.rows.version,
            applied_at: self.now,
            actor_kind: "system".to_owned(),
            actor_id: None,
            operations: operations.into(),
        };
        meta_changeset::Entity::insert(changeset.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await
            .map_err(changing)?;
        Ok(())
    }
}
