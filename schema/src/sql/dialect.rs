//! What differs between SQLite and PostgreSQL.

use rust_decimal::prelude::ToPrimitive;
use sea_orm::sea_query::{
    ArrayType, Expr, ExprTrait, Func, LikeExpr, PostgresQueryBuilder, SelectStatement,
    SqliteQueryBuilder, Value as Bound, extension::postgres::PgFunc,
};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    sql::{Reads, Statement},
    value::{Storage, Value},
};

/// One of the two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// SQLite 3.
    Sqlite,
    /// PostgreSQL 15 and later.
    Postgres,
}

impl Dialect {
    /// Renders a select, which is read on this behalf.
    pub(crate) fn render(
        self,
        select: &SelectStatement,
        schema_version: i64,
        reads: Reads,
    ) -> Statement {
        let (text, values) = match self {
            Self::Sqlite => select.build(SqliteQueryBuilder),
            Self::Postgres => select.build(PostgresQueryBuilder),
        };
        Statement::read(text, values, reads).versioned(schema_version)
    }

    /// Whether a select can lock its rows; where there is one writer, it need not.
    pub(crate) fn has_row_locks(self) -> bool {
        self == Self::Postgres
    }

    /// Whether the planner can begin a join of `EXISTS` inside. `SQLite` can't.
    pub(super) fn joins_exists(self) -> bool {
        match self {
            Self::Sqlite => false,
            Self::Postgres => true,
        }
    }

    /// The value is one of those that a select finds, which hangs on no row outside of it. PostgreSQL makes a list of it
    /// first, for which it uses an index also where the comparison is one of two that may hold.
    pub(super) fn is_one_of(self, value: Expr, found: SelectStatement) -> Expr {
        match self {
            Self::Sqlite => value.in_subquery(found),
            Self::Postgres => {
                let found = Expr::SubQuery(None, Box::new(found.into()));
                value.eq(PgFunc::any(Expr::cust_with_expr("ARRAY $1", found)))
            }
        }
    }

    /// Whether one statement can cut the members of each parent by a lateral join; otherwise by a window.
    pub(crate) fn has_lateral(self) -> bool {
        self == Self::Postgres
    }

    /// A value as a bound parameter for a column of this form.
    pub(crate) fn bind(self, value: &Value, storage: Storage) -> Expr {
        Expr::from(self.bound(value, storage))
    }

    fn bound(self, value: &Value, storage: Storage) -> Bound {
        match value {
            Value::Null => self.null(storage),
            Value::Text(text) => Bound::from(text.clone()),
            Value::Integer(number) => Bound::from(*number),
            Value::Boolean(flag) => Bound::from(*flag),
            Value::Uuid(uuid) => Bound::from(*uuid),
            Value::Decimal(number) => match self {
                Self::Postgres => Bound::from(*number),
                Self::Sqlite => {
                    let mut scaled = *number;
                    if let Storage::Decimal { scale, .. } = storage {
                        scaled.rescale(u32::from(scale));
                    }
                    Bound::from(scaled.mantissa().to_i64())
                }
            },
            Value::Date(date) => match self {
                Self::Postgres => Bound::from(*date),
                Self::Sqlite => Bound::from(value.to_json(storage).as_str().map(str::to_owned)),
            },
            Value::Instant(instant) => match self {
                Self::Postgres => Bound::from(*instant),
                Self::Sqlite => Bound::from(microseconds(*instant)),
            },
            Value::TextSet(_) => match self {
                Self::Postgres => Bound::from(value.to_json(storage)),
                Self::Sqlite => Bound::from(value.to_json(storage).to_string()),
            },
            Value::Json(json) => Bound::from(json.to_string()),
            Value::Float(number) => Bound::from(*number),
            // Whoever writes one seals it first. One that was forgotten is lost rather than shown.
            Value::Secret(_) => Bound::String(None),
        }
    }

    fn null(self, storage: Storage) -> Bound {
        match storage {
            Storage::Text | Storage::Json | Storage::Secret => Bound::String(None),
            Storage::Integer | Storage::BigInteger | Storage::Time | Storage::Duration => {
                Bound::BigInt(None)
            }
            Storage::Float => Bound::Double(None),
            Storage::Boolean => Bound::Bool(None),
            Storage::Uuid => Bound::Uuid(None),
            Storage::Decimal { .. } => match self {
                Self::Postgres => Bound::Decimal(None),
                Self::Sqlite => Bound::BigInt(None),
            },
            Storage::Date => match self {
                Self::Postgres => Bound::TimeDate(None),
                Self::Sqlite => Bound::String(None),
            },
            Storage::Instant => match self {
                Self::Postgres => Bound::TimeDateTimeWithTimeZone(None),
                Self::Sqlite => Bound::BigInt(None),
            },
            Storage::TextSet => match self {
                Self::Postgres => Bound::Json(None),
                Self::Sqlite => Bound::String(None),
            },
        }
    }

    /// A value as it is assigned to a column. The text of JSON is cast, because PostgreSQL's `json`
    /// keeps it as it was sent, and a parameter of type `jsonb` would not.
    pub(crate) fn assign(self, value: &Value, storage: Storage) -> Expr {
        let bound = self.bind(value, storage);
        if self == Self::Postgres && storage == Storage::Json {
            bound.cast_as("json")
        } else {
            bound
        }
    }

    /// The digits of the id of a row, as a text without hyphens.
    pub(crate) fn digits_of_id(self) -> Expr {
        let id = Expr::col("id");
        match self {
            Self::Postgres => {
                let text = id.cast_as("text");
                Func::cust("replace")
                    .args([text, Expr::val("-"), Expr::val("")])
                    .into()
            }
            Self::Sqlite => {
                let hex: Expr = Func::cust("hex").arg(id).into();
                Func::lower(hex).into()
            }
        }
    }

    /// The ids of all parents as the rows of one bound parameter, so that the text of a statement does
    /// not depend on their number.
    pub(crate) fn ids(self, ids: &[Uuid]) -> SelectStatement {
        let mut select = SelectStatement::new();
        match self {
            Self::Postgres => {
                let array = Bound::Array(
                    ArrayType::Uuid,
                    Some(Box::new(ids.iter().copied().map(Bound::from).collect())),
                );
                select.expr_as(Func::cust("unnest").arg(array), "id");
            }
            Self::Sqlite => {
                let hex: Vec<String> = ids.iter().map(|id| id.simple().to_string()).collect();
                let json = serde_json::Value::from(hex).to_string();
                select.expr_as(Func::cust("unhex").arg(Expr::col("value")), "id");
                select.from_function(Func::cust("json_each").arg(json), "ids");
            }
        }
        select
    }

    /// The column has one of these values. They are one bound parameter, so that the text of a
    /// statement does not depend on their number.
    pub(crate) fn is_in(self, column: Expr, values: &[Value], storage: Storage) -> Expr {
        match self {
            Self::Postgres => {
                let bound = values
                    .iter()
                    .map(|value| self.bound(value, storage))
                    .collect();
                let array = Bound::Array(array_type(storage), Some(Box::new(bound)));
                column.eq(PgFunc::any(Expr::from(array)))
            }
            // SQLite may read a number out of JSON as its neighbour; a parameter is what it is.
            Self::Sqlite if storage == Storage::Float => {
                column.is_in(values.iter().map(|value| self.bind(value, storage)))
            }
            Self::Sqlite => {
                let json = values
                    .iter()
                    .map(|value| match (value, self.bound(value, storage)) {
                        (Value::Uuid(uuid), _) => uuid.simple().to_string().into(),
                        (_, Bound::BigInt(number)) => number.into(),
                        (_, Bound::Bool(flag)) => flag.into(),
                        (value, _) => value.to_json(storage),
                    });
                let list = serde_json::Value::Array(json.collect()).to_string();
                let mut items = SelectStatement::new();
                let value = Expr::col("value");
                let is_uuid = storage == Storage::Uuid;
                items.expr(if is_uuid {
                    Func::cust("unhex").arg(value).into()
                } else {
                    value
                });
                items.from_function(Func::cust("json_each").arg(list), "item");
                column.in_subquery(items)
            }
        }
    }

    /// The column contains the text, the same on both databases: by code points, wildcards are plain.
    pub(crate) fn contains(self, column: Expr, text: &str) -> Expr {
        match self {
            Self::Postgres => column.like(format!("%{}%", escape_like(text))),
            Self::Sqlite => Func::cust("instr").args([column, Expr::val(text)]).gt(0),
        }
    }

    /// The column starts with the text.
    pub(crate) fn starts_with(self, column: Expr, text: &str) -> Expr {
        match self {
            Self::Postgres => column.like(format!("{}%", escape_like(text))),
            Self::Sqlite => column.binary(
                sea_orm::sea_query::extension::sqlite::SqliteBinOper::Glob,
                Expr::val(format!("{}*", escape_glob(text))),
            ),
        }
    }

    /// The column ends with the text.
    pub(crate) fn ends_with(self, column: Expr, text: &str) -> Expr {
        match self {
            Self::Postgres => column.like(format!("%{}", escape_like(text))),
            Self::Sqlite => column.binary(
                sea_orm::sea_query::extension::sqlite::SqliteBinOper::Glob,
                Expr::val(format!("*{}", escape_glob(text))),
            ),
        }
    }

    /// The column matches a pattern in any case of ASCII letters, where `%` stands for anything.
    pub(crate) fn matches_any_case(self, column: Expr, pattern: &str) -> Expr {
        match self {
            Self::Postgres => column.binary(
                sea_orm::sea_query::extension::postgres::PgBinOper::ILike,
                Expr::val(pattern),
            ),
            Self::Sqlite => column.like(LikeExpr::new(pattern).escape('\\')),
        }
    }

    /// The set in the column has this item.
    pub(crate) fn has(self, column: Expr, item: &str) -> Expr {
        match self {
            Self::Postgres => column.binary(
                sea_orm::sea_query::extension::postgres::PgBinOper::Contains,
                Expr::val(serde_json::Value::from(vec![item])),
            ),
            Self::Sqlite => {
                let mut items = SelectStatement::new();
                items
                    .expr(Expr::cust("1"))
                    .from_function(Func::cust("json_each").arg(column), "item")
                    .and_where(Expr::col(("item", "value")).eq(item));
                Expr::exists(items)
            }
        }
    }
}

/// The type of an array of values of this form on PostgreSQL.
fn array_type(storage: Storage) -> ArrayType {
    match storage {
        Storage::Text | Storage::Json | Storage::TextSet | Storage::Secret => ArrayType::String,
        Storage::Integer | Storage::BigInteger | Storage::Time | Storage::Duration => {
            ArrayType::BigInt
        }
        Storage::Float => ArrayType::Double,
        Storage::Decimal { .. } => ArrayType::Decimal,
        Storage::Boolean => ArrayType::Bool,
        Storage::Date => ArrayType::TimeDate,
        Storage::Instant => ArrayType::TimeDateTimeWithTimeZone,
        Storage::Uuid => ArrayType::Uuid,
    }
}

/// Microseconds since the Unix epoch, the form of instants on SQLite.
pub(crate) fn microseconds(instant: OffsetDateTime) -> i64 {
    i64::try_from(instant.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX)
}

/// Makes the wildcards of `LIKE` plain, by the backslash: PostgreSQL's default, named on SQLite.
pub(crate) fn escape_like(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_")
}

/// Makes the wildcards of `GLOB` plain.
fn escape_glob(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '*' | '?' | '[') {
            escaped.push('[');
            escaped.push(character);
            escaped.push(']');
        } else {
            escaped.push(character);
        }
    }
    escaped
}
