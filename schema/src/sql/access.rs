//! Conditions of rules that look at the tables of access: at teams and at shares.

use sea_orm::sea_query::{Cond, Expr, ExprTrait, SelectStatement};
use uuid::Uuid;

use crate::{
    access::{ShareAccess, Shared},
    catalog::Subject,
    error::{Error, Result},
    field_type::Operator,
    sql::dialect::{Dialect, microseconds},
    value::{Storage, Value},
};

/// The column has the id of a user who is in one of the teams.
pub(super) fn members(
    dialect: Dialect,
    column: Expr,
    operator: Operator,
    teams: &[Uuid],
) -> Result<Expr> {
    let teams: Vec<Value> = teams.iter().copied().map(Value::Uuid).collect();
    let mut users = SelectStatement::new();
    users
        .column("user_id")
        .from("team_members")
        .and_where(dialect.is_in(Expr::col("team_id"), &teams, Storage::Uuid));
    if operator == Operator::In {
        return Ok(column.in_subquery(users));
    }
    if operator == Operator::Nin {
        // Two-valued: who is missing is in no team.
        let missing = column.clone().is_null();
        return Ok(missing.or(column.not_in_subquery(users)));
    }
    Err(Error::internal(
        "writing SQL",
        "the members of teams are compared by an operator that is not for lists",
    ))
}

/// The record of this alias is shared with one of the grantees; `as_list` where an index can serve that.
pub(super) fn shared(
    dialect: Dialect,
    on: Subject,
    alias: &str,
    (shared, as_list): (&Shared, bool),
) -> Result<Expr> {
    let (Subject::Object(object), Some(with)) = (on, &shared.with) else {
        return Err(Error::internal(
            "writing SQL",
            "a share is of no record, or nobody was put in",
        ));
    };
    let grantees: Vec<Value> = with.ids.iter().copied().map(Value::Uuid).collect();
    let still = Expr::col("until").gt(microseconds(with.at));
    let mut records = SelectStatement::new();
    records
        .column("record_id")
        .from("record_shares")
        .and_where(Expr::col("object_type_id").eq(object.uuid()))
        .and_where(dialect.is_in(Expr::col("grantee_id"), &grantees, Storage::Uuid))
        .cond_where(Cond::any().add(Expr::col("until").is_null()).add(still));
    if shared.access == ShareAccess::Write {
        records.and_where(Expr::col("access").eq(ShareAccess::Write.name()));
    }
    let id = Expr::col((alias.to_owned(), "id"));
    Ok(if as_list {
        dialect.is_one_of(id, records)
    } else {
        id.in_subquery(records)
    })
}
