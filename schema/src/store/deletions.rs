//! The book of deletions: written with each changeset, and how much the deleted things still hold.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    access::Permit,
    change::{ChangedDeletions, Deletion},
    error::Result,
    sql::deleted::Holding,
    store::{
        Connection, Store,
        schema_change::{Change, changing},
    },
};
use entity::meta_deletion::{Column, Entity, Model};

/// The most rows of one statement.
const CHUNK: usize = 500;

/// A table with the columns of deleted things in it.
#[derive(Debug)]
pub(crate) struct Counted {
    /// The table.
    pub(crate) table: String,
    /// The first column of each deleted field.
    pub(crate) columns: Vec<String>,
}

/// What a table holds, deleted records too.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    /// How many rows it has.
    pub(crate) rows: u64,
    /// How many of them have a value in each of the columns.
    pub(crate) values: Vec<u64>,
}

/// Writes what a changeset hides, brings back and ends.
pub(super) async fn write(
    tx: &DatabaseTransaction,
    change: &Change<'_>,
    changed: &ChangedDeletions,
) -> Result<()> {
    let ChangedDeletions {
        hidden,
        undone,
        moved,
        purged,
    } = changed;
    for chunk in undone.chunks(CHUNK) {
        Entity::delete_many()
            .filter(Column::ThingId.is_in(chunk.iter().copied()))
            .exec(tx)
            .await
            .map_err(changing)?;
    }
    for (thing, root) in moved {
        Entity::update_many()
            .col_expr(Column::RootId, Expr::val(*root))
            .filter(Column::ThingId.eq(*thing))
            .exec(tx)
            .await
            .map_err(changing)?;
    }
    for chunk in hidden.chunks(CHUNK) {
        let models = chunk.iter().map(|deletion| row(change, deletion));
        let models = models.map(|row| row.into_active_model().reset_all());
        Entity::insert_many(models)
            .exec_without_returning(tx)
            .await
            .map_err(changing)?;
    }
    for chunk in purged.chunks(CHUNK) {
        Entity::update_many()
            .col_expr(Column::PurgedAt, Expr::val(change.now))
            .filter(Column::ThingId.is_in(chunk.iter().copied()))
            .exec(tx)
            .await
            .map_err(changing)?;
    }
    Ok(())
}

fn row(change: &Change<'_>, deletion: &Deletion) -> Model {
    Model {
        id: change.ids.uuid(change.now),
        thing_id: deletion.thing,
        kind: deletion.kind.text().to_owned(),
        owner_id: deletion.owner,
        root_id: deletion.root,
        deleted_at: change.now,
        actor_kind: change.caller.actor_kind().to_owned(),
        actor_id: change.caller.actor(),
        purged_at: None,
    }
}

impl Store {
    /// How much tables hold of what is deleted.
    pub(crate) async fn count_deleted(&self, _: &Permit, of: &[Counted]) -> Result<Vec<Held>> {
        let connection = Connection::Pool(&self.reader);
        let mut held = Vec::with_capacity(of.len());
        for counted in of {
            let statement = self.dialect().count_held(Holding {
                table: &counted.table,
                columns: &counted.columns,
            });
            let rows = connection.fetch(statement).await?;
            let number = |at: usize| -> Result<u64> {
                let number = rows.first().map(|row| row.integer(at)).transpose()?;
                Ok(u64::try_from(number.flatten().unwrap_or_default()).unwrap_or_default())
            };
            let values = (0..counted.columns.len()).map(|at| number(at + 1));
            held.push(Held {
                rows: number(0)?,
                values: values.collect::<Result<_>>()?,
            });
        }
        Ok(held)
    }
}

impl super::Transaction {
    /// Which of these are purged for good, by what was committed.
    pub(crate) async fn purged(&self, things: &[Uuid]) -> Result<Vec<Model>> {
        let find = Entity::find()
            .filter(Column::ThingId.is_in(things.iter().copied()))
            .filter(Column::PurgedAt.is_not_null());
        find.all(self.inner()).await.map_err(changing)
    }
}
