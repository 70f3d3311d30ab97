//! Takes out of the database what was purged of the schema: one thing in one transaction, which waits only
//! for a moment for its lock. What is not there any more needs nothing.

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::{
    catalog::definition::{FieldDefinition, ObjectDefinition, RelationDefinition},
    change::DeletedKind,
    error::{Error, Result},
    field_type::find_field_type,
    id::FieldId,
    sql::dialect::Dialect,
    store::{Store, Transaction, catalog::metadata_rows, rows::failed, schema_change::run},
    value::Storage,
};

/// How long one statement waits for its lock. Everybody who comes later queues behind it, so: not long.
const LOCK_TIMEOUT_MILLISECONDS: u32 = 100;

/// What was taken out.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TakenOut {
    /// Whether a table went.
    pub(crate) tables: u64,
    /// How many columns went.
    pub(crate) columns: u64,
}

impl Store {
    /// Drops the table or the columns of something that is purged; anything else is left alone.
    pub(crate) async fn take_out(&self, tx: &Transaction, thing: Uuid) -> Result<TakenOut> {
        self.limit_locks(tx.inner(), LOCK_TIMEOUT_MILLISECONDS)
            .await?;
        let purged = tx.purged(&[thing]).await?;
        let Some(kind) = purged.first().and_then(|row| DeletedKind::find(&row.kind)) else {
            return Ok(TakenOut::default());
        };
        let rows = metadata_rows(tx.inner(), 0).await?;
        let dialect = self.dialect();
        let table_of = |owner: Uuid| -> Result<Option<String>> {
            if let Some(row) = rows.objects.iter().find(|row| row.id == owner) {
                let definition: ObjectDefinition = parse(&row.definition)?;
                return Ok(Some(definition.table));
            }
            let row = rows.relations.iter().find(|row| row.id == owner);
            let definition: Option<RelationDefinition> =
                row.map(|row| parse(&row.definition)).transpose()?;
            Ok(definition.map(|definition| definition.table))
        };
        match kind {
            DeletedKind::Object | DeletedKind::Relation => {
                // Nothing is shared of what is gone.
                entity::record_share::Entity::delete_many()
                    .filter(entity::record_share::Column::ObjectTypeId.eq(thing))
                    .exec(tx.inner())
                    .await
                    .map_err(|error| failed(error, "ending shares"))?;
                let Some(table) = table_of(thing)? else {
                    return Ok(TakenOut::default());
                };
                tx.drop_whole(dialect, &table).await
            }
            DeletedKind::Field => {
                let Some(row) = rows.fields.iter().find(|row| row.id == thing) else {
                    return Ok(TakenOut::default());
                };
                let definition: FieldDefinition = parse(&row.definition)?;
                let shipped = crate::catalog::standard_table(row.owner_id);
                let Some(table) = table_of(row.owner_id)?.or(shipped) else {
                    return Ok(TakenOut::default());
                };
                let counters = dialect.drop_counters(FieldId::new(thing));
                run(tx.inner(), counters).await?;
                tx.drop_columns(dialect, &table, &definition).await
            }
            DeletedKind::OptionList => Ok(TakenOut::default()),
        }
    }
}

impl Transaction {
    async fn drop_whole(&self, dialect: Dialect, table: &str) -> Result<TakenOut> {
        if self.columns_of(dialect, table).await?.is_empty() {
            return Ok(TakenOut::default());
        }
        let drop = dialect.drop_table(table);
        self.connection().run_once(drop).await?;
        Ok(TakenOut {
            tables: 1,
            columns: 0,
        })
    }

    async fn drop_columns(
        &self,
        dialect: Dialect,
        table: &str,
        definition: &FieldDefinition,
    ) -> Result<TakenOut> {
        let there = self.columns_of(dialect, table).await?;
        let mut columns = 0;
        for column in physical(definition) {
            if !there.contains(&column) {
                continue;
            }
            if let Some(select) = dialect.indexes_in_the_way(table, &column) {
                for index in self.names(select).await? {
                    let drop = dialect.drop_index_named(&index);
                    self.connection().run_once(drop).await?;
                }
            }
            let drop = dialect.drop_column(table, &column);
            self.connection().run_once(drop).await?;
            columns += 1;
        }
        Ok(TakenOut { tables: 0, columns })
    }

    async fn columns_of(&self, dialect: Dialect, table: &str) -> Result<Vec<String>> {
        self.names(dialect.columns_of(table)).await
    }

    /// The first column of what a statement selects, as texts.
    async fn names(&self, statement: crate::sql::Statement) -> Result<Vec<String>> {
        let rows = self.connection().fetch(statement).await?;
        let mut names = Vec::with_capacity(rows.len());
        for row in rows {
            names.extend(row.json(0, Storage::Text)?.as_str().map(str::to_owned));
        }
        Ok(names)
    }
}

/// The columns of a field; none of one that has no values of its own.
fn physical(definition: &FieldDefinition) -> Vec<String> {
    let field_type = find_field_type(&definition.field_type);
    let field_type = field_type.filter(|field_type| !field_type.is_virtual());
    let parts = field_type.map(|field_type| field_type.parts(&definition.settings));
    let parts = parts.unwrap_or_default().into_iter();
    parts
        .map(|part| [definition.column.as_str(), part.suffix].concat())
        .collect()
}

fn parse<D: DeserializeOwned>(json: &serde_json::Value) -> Result<D> {
    D::deserialize(json)
        .map_err(|error| Error::internal("reading a definition of the metadata tables", error))
}
