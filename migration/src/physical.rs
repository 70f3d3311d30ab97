//! From a table as the migrations write it down to the statements that make it: physical types by
//! database, keys and indexes. Knows no table by name.

use sea_orm_migration::prelude::{
    ColumnDef, ColumnType, ConditionalStatement, ConnectionTrait, DbErr, Expr, ExprTrait,
    ForeignKey, Index, IndexCreateStatement, SchemaManager, Table as Statement,
    TableCreateStatement,
};
use sea_orm_migration::sea_orm::DbBackend;

use crate::columns::{Column, Kind, Owner, Table};

/// Makes the tables, in order, with their indexes.
pub(crate) async fn create(manager: &SchemaManager<'_>, tables: &[Table]) -> Result<(), DbErr> {
    let backend = manager.get_connection().get_database_backend();
    for table in tables {
        manager.create_table(table.statement(backend)).await?;
        for index in table.index_statements() {
            manager.create_index(index).await?;
        }
    }
    Ok(())
}

/// Drops the tables, the last one first.
pub(crate) async fn drop(manager: &SchemaManager<'_>, tables: &[Table]) -> Result<(), DbErr> {
    for table in tables.iter().rev() {
        let statement = Statement::drop().table(table.name).take();
        manager.drop_table(statement).await?;
    }
    Ok(())
}

impl Table {
    fn statement(&self, backend: DbBackend) -> TableCreateStatement {
        let mut statement = Statement::create();
        statement.table(self.name);
        let mut key = Index::create();
        for column in &self.columns {
            if let Some(definition) = column.definition(backend, self.owner) {
                statement.col(definition);
            }
            if let Some((target, on_delete)) = column.target {
                statement.foreign_key(
                    ForeignKey::create()
                        .name(format!("{}_{}_fkey", self.name, column.name))
                        .from(self.name, column.name)
                        .to(target, "id")
                        .on_delete(on_delete),
                );
            }
        }
        if !self.columns.iter().any(|column| column.identity) {
            for column in self.primary_key {
                key.col(*column);
            }
            statement.primary_key(&mut key);
        }
        statement
    }

    fn index_statements(&self) -> Vec<IndexCreateStatement> {
        let unique = self.columns.iter().filter(|column| column.unique);
        let unique = unique.map(|column| self.index_statement(&[column.name]).unique().take());
        let references = self
            .columns
            .iter()
            .filter(|column| self.lacks_index(column));
        let references = references.map(|column| match self.owner {
            Owner::Engine => self.index_statement(&[column.name, "id"]),
            Owner::SeaOrm => self.index_statement(&[column.name]),
        });
        let others = self
            .indexes
            .iter()
            .map(|columns| self.index_statement(columns));
        unique.chain(references).chain(others).collect()
    }

    /// Whether this is a reference that no other index starts with.
    fn lacks_index(&self, column: &Column) -> bool {
        column.target.is_some()
            && self.primary_key.first() != Some(&column.name)
            && self
                .indexes
                .iter()
                .all(|index| index.first() != Some(&column.name))
    }

    fn index_statement(&self, columns: &[&'static str]) -> IndexCreateStatement {
        let mut index = Index::create();
        index.name(format!("{}_{}_idx", self.name, columns.join("_")));
        index.table(self.name);
        for column in columns {
            index.col(*column);
        }
        if self.owner == Owner::Engine {
            index.and_where(Expr::col("deleted_at").is_null());
        }
        index
    }
}

impl Column {
    /// The definition, or nothing where this database has no such column.
    fn definition(&self, backend: DbBackend, owner: Owner) -> Option<ColumnDef> {
        let mut definition =
            ColumnDef::new_with_type(self.name, self.kind.physical(backend, owner)?);
        if self.required {
            definition.not_null();
        }
        if self.identity {
            definition.primary_key().auto_increment();
        }
        if let Some(value) = self.default {
            definition.default(value);
        }
        if let Kind::TransactionId = self.kind {
            definition.default(Expr::cust("pg_current_xact_id()"));
        }
        Some(definition)
    }
}

impl Kind {
    /// The physical type, or nothing where this database has no such column.
    pub(crate) fn physical(self, backend: DbBackend, owner: Owner) -> Option<ColumnType> {
        if backend == DbBackend::Postgres {
            Some(self.on_postgres())
        } else {
            self.on_sqlite(owner)
        }
    }

    fn on_postgres(self) -> ColumnType {
        match self {
            // Byte order, as on SQLite: the same request sorts alike on both.
            Kind::Text => ColumnType::custom("text COLLATE \"C\""),
            Kind::Uuid => ColumnType::Uuid,
            Kind::Small => ColumnType::Integer,
            Kind::Integer => ColumnType::BigInteger,
            Kind::Decimal(precision, scale) => ColumnType::Decimal(Some((precision, scale))),
            Kind::Boolean => ColumnType::Boolean,
            Kind::Date => ColumnType::Date,
            Kind::Instant => ColumnType::TimestampWithTimeZone,
            Kind::Json => ColumnType::JsonBinary,
            Kind::Bytes => ColumnType::Blob,
            Kind::TransactionId => ColumnType::custom("xid8"),
        }
    }

    /// `SQLite` has five storage classes; the comments say what the engine's codec keeps in them.
    fn on_sqlite(self, owner: Owner) -> Option<ColumnType> {
        Some(match (self, owner) {
            // sea-orm writes RFC 3339 text; the engine writes YYYY-MM-DD and JSON as text.
            (Kind::Text | Kind::Date | Kind::Json, _) | (Kind::Instant, Owner::SeaOrm) => {
                ColumnType::Text
            }
            // Sixteen bytes.
            (Kind::Uuid | Kind::Bytes, _) => ColumnType::Blob,
            (Kind::Small, _) => ColumnType::Integer,
            // Instants: microseconds since the Unix epoch. Decimals: times 10 to the scale.
            (Kind::Integer | Kind::Decimal(..), _) | (Kind::Instant, Owner::Engine) => {
                ColumnType::BigInteger
            }
            (Kind::Boolean, _) => ColumnType::Boolean,
            (Kind::TransactionId, _) => return None,
        })
    }
}
