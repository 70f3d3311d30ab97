//! The vocabulary of the migrations: a table is a list of columns, and what a column is
//! on which database is said in `physical.rs` alone. Kept apart from `entity` and from `schema::sql`, for an applied
//! migration must not change when they do; so what stands here may only grow.

use sea_orm_migration::prelude::ForeignKeyAction;

/// A table as the migrations write it down.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: Vec<Column>,
    pub(crate) primary_key: &'static [&'static str],
    pub(crate) indexes: Vec<Vec<&'static str>>,
    pub(crate) owner: Owner,
}

/// Who reads and writes the table, and so which encodings it has on `SQLite`.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Owner {
    /// The engine, with its own codec. Has `deleted_at`: all indexes cover live rows only.
    Engine,
    /// sea-orm, by an entity.
    SeaOrm,
}

/// A column of a [`Table`]; nullable unless it says otherwise.
#[derive(Clone, Copy)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    pub(crate) unique: bool,
    pub(crate) identity: bool,
    pub(crate) default: Option<i64>,
    pub(crate) target: Option<(&'static str, ForeignKeyAction)>,
}

/// What a column holds.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Text,
    Uuid,
    Small,
    Integer,
    Decimal(u32, u32),
    Boolean,
    Date,
    Instant,
    Json,
    Bytes,
    TransactionId,
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column {
        name,
        kind,
        required: false,
        unique: false,
        identity: false,
        default: None,
        target: None,
    }
}

/// Text in the byte order of its characters.
pub(crate) const fn text(name: &'static str) -> Column {
    column(name, Kind::Text)
}

/// A UUID.
pub(crate) const fn uuid(name: &'static str) -> Column {
    column(name, Kind::Uuid)
}

/// A 32-bit integer.
pub(crate) const fn small(name: &'static str) -> Column {
    column(name, Kind::Small)
}

/// A 64-bit integer.
pub(crate) const fn integer(name: &'static str) -> Column {
    column(name, Kind::Integer)
}

/// An exact number: digits in all, digits after the point.
pub(crate) const fn decimal(name: &'static str, precision: u32, scale: u32) -> Column {
    column(name, Kind::Decimal(precision, scale))
}

/// Yes or no.
pub(crate) const fn boolean(name: &'static str) -> Column {
    column(name, Kind::Boolean)
}

/// A day.
pub(crate) const fn date(name: &'static str) -> Column {
    column(name, Kind::Date)
}

/// An instant.
pub(crate) const fn instant(name: &'static str) -> Column {
    column(name, Kind::Instant)
}

/// A JSON value.
pub(crate) const fn json(name: &'static str) -> Column {
    column(name, Kind::Json)
}

/// A JSON value that is read back as it was written, by members and numbers; nothing is searched in it.
pub(crate) const fn json_text(name: &'static str) -> Column {
    text(name)
}

/// Bytes.
pub(crate) const fn bytes(name: &'static str) -> Column {
    column(name, Kind::Bytes)
}

/// The id of a `PostgreSQL` transaction, which that database fills in; `SQLite` has no such column.
pub(crate) const fn transaction_id(name: &'static str) -> Column {
    column(name, Kind::TransactionId)
}

/// The id of a row in another table, indexed; the row can't go while it is pointed at.
pub(crate) const fn reference(name: &'static str, table: &'static str) -> Column {
    Column {
        target: Some((table, ForeignKeyAction::NoAction)),
        ..uuid(name)
    }
}

impl Column {
    /// Not null.
    pub(crate) const fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    /// No two rows (live rows, where rows can be deleted) share a value.
    pub(crate) const fn unique(self) -> Self {
        Self {
            unique: true,
            ..self
        }
    }

    /// Numbered by the database; the primary key.
    pub(crate) const fn identity(self) -> Self {
        Self {
            identity: true,
            ..self
        }
    }

    /// The row goes with the one that the reference points at.
    pub(crate) const fn cascade(self) -> Self {
        match self.target {
            Some((table, _)) => Self {
                target: Some((table, ForeignKeyAction::Cascade)),
                ..self
            },
            None => self,
        }
    }

    const fn default(self, value: i64) -> Self {
        Self {
            default: Some(value),
            ..self
        }
    }
}

impl Table {
    /// A table of records: the system columns, then its own.
    pub(crate) fn object(name: &'static str, columns: &[Column]) -> Self {
        Self::of_engine(name, &[uuid("owner_id")], columns)
    }

    /// A table of links: the system columns, both ends, then its own.
    pub(crate) fn link(
        name: &'static str,
        [source, target]: [&'static str; 2],
        columns: &[Column],
    ) -> Self {
        let ends = [
            reference("source_id", source).required(),
            reference("target_id", target).required(),
        ];
        Self::of_engine(name, &ends, columns)
            .index(&["source_id", "target_id"])
            .index(&["target_id", "source_id"])
    }

    /// A table that sea-orm reads and writes, with the primary key `id`.
    pub(crate) fn system(name: &'static str, columns: &[Column]) -> Self {
        Self {
            name,
            columns: columns.to_vec(),
            primary_key: &["id"],
            indexes: Vec::new(),
            owner: Owner::SeaOrm,
        }
    }

    /// The same with another primary key.
    pub(crate) fn primary_key(self, primary_key: &'static [&'static str]) -> Self {
        Self {
            primary_key,
            ..self
        }
    }

    /// The same with one more index.
    pub(crate) fn index(mut self, columns: &[&'static str]) -> Self {
        self.indexes.push(columns.to_vec());
        self
    }

    fn of_engine(name: &'static str, more: &[Column], own: &[Column]) -> Self {
        let before = [
            uuid("id").required(),
            integer("version").required().default(1),
            instant("created_at").required(),
            uuid("created_by"),
            instant("updated_at").required(),
            uuid("updated_by"),
        ];
        let (after, own) = ([instant("deleted_at")], own.iter());
        Self {
            columns: before
                .iter()
                .chain(more)
                .chain(&after)
                .chain(own)
                .copied()
                .collect(),
            owner: Owner::Engine,
            ..Self::system(name, &[])
        }
    }
}
