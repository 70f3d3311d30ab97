//! Conditions as SQL expressions.

use sea_orm::sea_query::{
    CaseStatement, Condition as Cond, Expr, ExprTrait, IntoIden, JoinType, SelectStatement,
};

use crate::{
    access::{Condition, Hop, Operand, Quantifier},
    catalog::{Catalog, Column, Subject},
    error::{Error, Result},
    field_type::{EVERYWHERE, Operator, chord_squared, unit_vector},
    id::{FieldId, ObjectTypeId},
    sql::{
        access,
        dialect::{Dialect, escape_like},
        links,
        named::{ids_in, names_a_record},
    },
    value::{Storage, Value},
};

/// Writes the conditions of one statement; numbers the tables of its subqueries.
#[derive(Debug)]
pub(super) struct Writer<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) dialect: Dialect,
    subqueries: usize,
    /// Whether rows are looked for; elsewhere the statement begins at rows that are named by their ids.
    searches: bool,
    /// Whether the condition decides about a cell: it chooses no rows, so that no index serves it.
    in_cell: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(catalog: &'a Catalog, dialect: Dialect) -> Self {
        Self {
            catalog,
            dialect,
            subqueries: 0,
            searches: false,
            in_cell: false,
        }
    }

    /// The same for a statement that looks for the rows that fit.
    pub(super) fn of_search(catalog: &'a Catalog, dialect: Dialect) -> Self {
        Self {
            searches: true,
            ..Self::new(catalog, dialect)
        }
    }

    pub(super) fn alias(&mut self) -> String {
        self.subqueries += 1;
        format!("s{}", self.subqueries)
    }

    /// The condition on the row of this alias, which is of this type.
    pub(super) fn condition(
        &mut self,
        on: Subject,
        alias: &str,
        condition: &Condition,
    ) -> Result<Expr> {
        match condition {
            Condition::All(inner) => self.all(on, alias, inner),
            Condition::Any(inner) => self.any(on, alias, inner),
            Condition::Not(inner) => {
                let expression = self.condition(on, alias, inner)?;
                Ok(is_not_true(expression))
            }
            Condition::Compare {
                field,
                part,
                operator,
                operand,
                visible,
            } => {
                if matches!(operator, Operator::Within | Operator::Box) {
                    let visible = visible.as_deref();
                    return self.place(on, alias, (*field, visible), (*operator, operand));
                }
                let column = self.column_of(on, *field, *part)?.clone();
                let shown = self.visible(on, alias, &column, visible.as_deref())?;
                compare(self.dialect, shown, column.part.storage, *operator, operand)
            }
            Condition::Through {
                field,
                target,
                visible,
                inner,
            } => self.through(on, alias, (*field, *target, visible.as_deref()), inner),
            Condition::Tree(walk) => self.lineage(on, alias, walk),
            Condition::Shared(shared) => access::shared(self.dialect, on, alias, (shared, false)),
            Condition::Members { .. } => self.quantified(on, alias, condition),
            Condition::Count {
                hop,
                scope,
                link_scope,
                operator,
                operand,
            } => {
                let mut select =
                    self.members(Some(alias), *hop, link_scope, |writer, member, link| {
                        let mut wanted = vec![writer.condition(member.0, member.1, scope)?];
                        wanted.extend(link);
                        Ok(wanted)
                    })?;
                select.expr(Expr::cust("count(*)"));
                let number = Expr::SubQuery(None, Box::new(select.into()));
                compare(self.dialect, number, Storage::Integer, *operator, operand)
            }
        }
    }

    /// Some, none or every one of the members in sight fits.
    fn quantified(&mut self, on: Subject, alias: &str, condition: &Condition) -> Result<Expr> {
        let Condition::Members {
            hop,
            quantifier,
            scope,
            link_scope,
            link,
            inner,
        } = condition
        else {
            return self.condition(on, alias, condition);
        };
        if *quantifier == Quantifier::Every {
            return self.every(on, alias, condition);
        }
        let links = Condition::All(vec![(**link_scope).clone(), (**link).clone()]);
        let wanted = Condition::All(vec![(**scope).clone(), (**inner).clone()]);
        let by_list = *quantifier == Quantifier::Some && self.begins_inside(&wanted);
        let near = if by_list { None } else { Some(alias) };
        let select = self.members(near, *hop, &links, |writer, member, link| {
            let mut wanted = vec![writer.condition(member.0, member.1, &wanted)?];
            wanted.extend(link);
            Ok(wanted)
        })?;
        if by_list {
            return Ok(Expr::col((alias.to_owned(), "id")).in_subquery(select));
        }
        let exists = exists(select);
        Ok(match quantifier {
            Quantifier::Some => exists,
            Quantifier::None | Quantifier::Every => exists.not(),
        })
    }

    /// The inner conditions joined by `and`; true when there is none.
    fn all(&mut self, on: Subject, alias: &str, inner: &[Condition]) -> Result<Expr> {
        let mut all = Cond::all();
        for one in inner.iter().filter(|one| !one.is_true()) {
            all = all.add(self.condition(on, alias, one)?);
        }
        Ok(if all.is_empty() {
            truth(true)
        } else {
            all.into()
        })
    }

    /// The inner conditions joined by `or`; false when there is none, true when one always holds.
    fn any(&mut self, on: Subject, alias: &str, inner: &[Condition]) -> Result<Expr> {
        if inner.iter().any(Condition::is_true) {
            return Ok(truth(true));
        }
        let mut any = Cond::any();
        for one in inner {
            // An index serves a list of what is shared beside another condition. Without one a list is slow.
            let by_index = self.searches && !self.in_cell;
            any = any.add(if let (Condition::Shared(shared), true) = (one, by_index) {
                access::shared(self.dialect, on, alias, (shared, true))?
            } else {
                self.condition(on, alias, one)?
            });
        }
        Ok(if any.is_empty() {
            truth(false)
        } else {
            any.into()
        })
    }

    fn column_of(&self, on: Subject, field: FieldId, part: usize) -> Result<&'a Column> {
        let field = self.catalog.find_field(on, field);
        field
            .and_then(|field| field.columns.get(part))
            .ok_or_else(|| {
                Error::internal(
                    "writing SQL",
                    "a condition names a field that its type has not",
                )
            })
    }

    /// A column as the caller sees it: null where it is masked.
    pub(super) fn visible(
        &mut self,
        on: Subject,
        alias: &str,
        column: &Column,
        visible: Option<&Condition>,
    ) -> Result<Expr> {
        let plain = Expr::col((
            alias.to_owned().into_iden(),
            column.name.clone().into_iden(),
        ));
        let Some(condition) = visible else {
            return Ok(plain);
        };
        let before = std::mem::replace(&mut self.in_cell, true);
        let shown = self.condition(on, alias, condition);
        self.in_cell = before;
        let shown = shown?;
        Ok(CaseStatement::new().case(shown, plain).into())
    }

    /// A place lies within a circle or a box. The point of the unit sphere stands in the columns behind
    /// latitude and longitude.
    fn place(
        &mut self,
        on: Subject,
        alias: &str,
        (field, visible): (FieldId, Option<&Condition>),
        (operator, operand): (Operator, &Operand),
    ) -> Result<Expr> {
        let mut columns = Vec::with_capacity(5);
        for part in 0..5 {
            let column = self.column_of(on, field, part)?.clone();
            columns.push(self.visible(on, alias, &column, visible)?);
        }
        let [latitude, longitude, x, y, z] = <[Expr; 5]>::try_from(columns)
            .map_err(|_| Error::internal("writing SQL", "a place has not five columns"))?;
        let numbers: Vec<f64> = match operand {
            Operand::Values(values) => values.iter().filter_map(Value::as_float).collect(),
            Operand::Value(_) | Operand::MembersOf(_) | Operand::Flag(_) | Operand::Variable(_) => {
                Vec::new()
            }
        };
        match (operator, numbers.as_slice()) {
            (Operator::Within, [center_latitude, center_longitude, metres]) => {
                let center = unit_vector(*center_latitude, *center_longitude);
                let squares = [x, y, z].into_iter().zip(center).map(|(column, center)| {
                    let away = || column.clone().sub(center);
                    away().mul(away())
                });
                let distance = squares.reduce(ExprTrait::add);
                let distance = distance.unwrap_or_else(|| Expr::val(EVERYWHERE));
                Ok(distance.lte(chord_squared(*metres)))
            }
            (Operator::Box, [south, west, north, east]) => {
                let (from, to) = (longitude.clone().gte(*west), longitude.lte(*east));
                let between = if west > east {
                    from.or(to)
                } else {
                    from.and(to)
                };
                Ok(latitude.between(*south, *north).and(between))
            }
            _ => Err(Error::internal(
                "writing SQL",
                "a place is compared with something else",
            )),
        }
    }

    /// The target of a reference exists, is of the type, and fits. A comparison of its id is repeated on the reference
    /// itself, where an index serves it; where that leaves one target, it is looked at once and not for each row.
    fn through(
        &mut self,
        on: Subject,
        alias: &str,
        (field, target, visible): (FieldId, ObjectTypeId, Option<&Condition>),
        inner: &Condition,
    ) -> Result<Expr> {
        let column = self.column_of(on, field, 0)?.clone();
        let reference = self.visible(on, alias, &column, visible)?;
        let target = self.catalog.find_object(target).ok_or_else(|| {
            Error::internal("writing SQL", "a reference points at no object type")
        })?;
        let table = self.alias();
        let id = Expr::col((table.clone(), "id"));
        let ids = ids_in(inner);
        let is_certain = ids
            .iter()
            .any(|of| matches!(of, (Operator::Eq, Operand::Value(_))));
        let by_list = ids.is_empty() && self.begins_inside(inner);
        let mut select = SelectStatement::new();
        select.from_as(target.table.clone(), table.clone());
        if by_list {
            select.expr(id);
        } else {
            select.expr(Expr::cust("1"));
            if !is_certain {
                select.and_where(id.eq(reference.clone()));
            }
        }
        select.and_where(Expr::col((table.clone(), "deleted_at")).is_null());
        if !inner.is_true() {
            select.and_where(self.condition(Subject::Object(target.id), &table, inner)?);
        }
        let mut all = Cond::all();
        if let Ok(of_type) = self.column_of(on, field, 1) {
            let of_type = Expr::col((alias.to_owned(), of_type.name.clone()));
            let is_target = Value::Uuid(target.id.uuid());
            all = all.add(of_type.eq(self.dialect.bind(&is_target, Storage::Uuid)));
        }
        for (operator, operand) in ids {
            all = all.add(compare(
                self.dialect,
                reference.clone(),
                Storage::Uuid,
                operator,
                operand,
            )?);
        }
        let is_found = if by_list {
            reference.in_subquery(select)
        } else {
            Expr::exists(select)
        };
        Ok(all.add(is_found).into())
    }

    /// Whether the rows that fit are looked for from the far end of a walk, which leads to a certain record: where the
    /// database makes no join of `EXISTS` that begins there.
    fn begins_inside(&self, inner: &Condition) -> bool {
        self.searches && !self.dialect.joins_exists() && names_a_record(inner)
    }

    /// All members in sight fit: there is none in sight that does not.
    fn every(&mut self, on: Subject, alias: &str, condition: &Condition) -> Result<Expr> {
        let Condition::Members {
            hop,
            scope,
            link_scope,
            link,
            inner,
            ..
        } = condition
        else {
            return self.condition(on, alias, condition);
        };
        let select = self.members(
            Some(alias),
            *hop,
            link_scope,
            |writer, member, link_scope| {
                let mut wanted = vec![writer.condition(member.0, member.1, scope)?];
                wanted.extend(link_scope);
                let mut fits = vec![writer.condition(member.0, member.1, inner)?];
                if let (Some((subject, alias)), false) = (member.2, link.is_true()) {
                    fits.push(writer.condition(subject, alias, link)?);
                }
                wanted.push(is_not_true(
                    fits.into_iter().fold(Cond::all(), Cond::add).into(),
                ));
                Ok(wanted)
            },
        )?;
        Ok(exists(select).not())
    }

    /// A select of the members of the collection of this alias, still without columns; or without an alias of all
    /// members, by the ids of whose collections they are. `wanted` gives the conditions on a member, and gets
    /// its type and alias, those of the link, and the link's own condition as an expression.
    fn members(
        &mut self,
        alias: Option<&str>,
        hop: Hop,
        on_link: &Condition,
        wanted: impl FnOnce(
            &mut Self,
            (Subject, &str, Option<(Subject, &str)>),
            Option<Expr>,
        ) -> Result<Vec<Expr>>,
    ) -> Result<SelectStatement> {
        let member = self.alias();
        let of = |select: &mut SelectStatement, near: Expr| match alias {
            Some(alias) => {
                select.and_where(near.eq(Expr::col((alias.to_owned(), "id"))));
            }
            None => {
                select.expr(near);
            }
        };
        let mut select = SelectStatement::new();
        let all = match hop {
            Hop::Inverse(field) => {
                let (object, column) = self.inverse(field)?;
                select.from_as(object.table.clone(), member.clone());
                of(&mut select, Expr::col((member.clone(), column)));
                wanted(self, (Subject::Object(object.id), &member, None), None)?
            }
            Hop::Relation(id, direction) => {
                let relation = self.catalog.find_relation(id).ok_or_else(missing_hop)?;
                let on = Subject::Relation(id);
                let (near_column, far_column) = links::ends(direction);
                let (link, far) = match relation.far(direction).object {
                    Some(far) => {
                        let far = self.catalog.find_object(far).ok_or_else(missing_hop)?;
                        (self.alias(), Some(far))
                    }
                    // Members of several types are looked at through the link.
                    None => (member.clone(), None),
                };
                links::add_links(&mut select, relation, direction, &link);
                if let Some(far) = far {
                    select.join_as(
                        JoinType::InnerJoin,
                        far.table.clone(),
                        member.clone(),
                        Expr::col((member.clone(), "id")).equals((link.clone(), far_column)),
                    );
                    select.and_where(Expr::col((link.clone(), "deleted_at")).is_null());
                }
                of(&mut select, Expr::col((link.clone(), near_column)));
                let of_member = far.map_or(on, |far| Subject::Object(far.id));
                let of_link = if on_link.is_true() {
                    None
                } else {
                    Some(self.condition(on, &link, on_link)?)
                };
                wanted(self, (of_member, &member, Some((on, &link))), of_link)?
            }
        };
        select.and_where(Expr::col((member, "deleted_at")).is_null());
        for expression in all {
            select.and_where(expression);
        }
        Ok(select)
    }

    /// The object type and column of a reference, found by the id of its field.
    pub(super) fn inverse(
        &self,
        field: FieldId,
    ) -> Result<(&'a crate::catalog::ObjectType, String)> {
        self.catalog
            .find_reference(field)
            .map(|(object, field)| (&**object, field.column().name.clone()))
            .ok_or_else(missing_hop)
    }
}

/// Whether a select without columns has rows.
fn exists(mut select: SelectStatement) -> Expr {
    select.expr(Expr::cust("1"));
    Expr::exists(select)
}

fn missing_hop() -> Error {
    Error::internal(
        "writing SQL",
        "a condition walks a collection that does not exist",
    )
}

/// Two-valued negation: also true where the inner expression has no truth value.
fn is_not_true(expression: Expr) -> Expr {
    expression.is_not(Expr::Constant(true.into()))
}

/// A constant.
fn truth(value: bool) -> Expr {
    Expr::cust(if value { "1 = 1" } else { "1 = 0" })
}

pub(super) fn compare(
    dialect: Dialect,
    column: Expr,
    storage: Storage,
    operator: Operator,
    operand: &Operand,
) -> Result<Expr> {
    let values: &[Value] = match operand {
        Operand::Value(value) => std::slice::from_ref(value),
        Operand::Values(values) => values,
        Operand::MembersOf(teams) => return access::members(dialect, column, operator, teams),
        Operand::Flag(true) => return Ok(column.is_null()),
        Operand::Flag(false) => return Ok(column.is_not_null()),
        Operand::Variable(_) => {
            return Err(Error::internal("writing SQL", "a variable was not bound"));
        }
    };
    let bound = |value: &Value| dialect.bind(value, storage);
    let text = || match values {
        [Value::Text(text)] => text.as_str(),
        _ => "",
    };
    Ok(match (operator, values) {
        (Operator::Eq, [value]) => column.eq(bound(value)),
        (Operator::Neq, [value]) => is_not_true(column.eq(bound(value))),
        (Operator::Lt, [value]) => column.lt(bound(value)),
        (Operator::Lte, [value]) => column.lte(bound(value)),
        (Operator::Gt, [value]) => column.gt(bound(value)),
        (Operator::Gte, [value]) => column.gte(bound(value)),
        (Operator::Between, [low, high]) => column.between(bound(low), bound(high)),
        (Operator::In | Operator::HasAny, []) => truth(false),
        (Operator::In, values) => dialect.is_in(column, values, storage),
        (Operator::Nin, []) => truth(true),
        (Operator::Nin, values) => is_not_true(dialect.is_in(column, values, storage)),
        (Operator::Contains, _) => dialect.contains(column, text()),
        (Operator::StartsWith, _) => dialect.starts_with(column, text()),
        (Operator::EndsWith, _) => dialect.ends_with(column, text()),
        (Operator::Ieq, _) => dialect.matches_any_case(column, &escape_like(text())),
        (Operator::Icontains, _) => {
            dialect.matches_any_case(column, &format!("%{}%", escape_like(text())))
        }
        (Operator::IstartsWith, _) => {
            dialect.matches_any_case(column, &format!("{}%", escape_like(text())))
        }
        (Operator::IendsWith, _) => {
            dialect.matches_any_case(column, &format!("%{}", escape_like(text())))
        }
        (Operator::Has | Operator::HasAll, values) => sets(dialect, &column, values, Cond::all()),
        (Operator::HasAny, values) => sets(dialect, &column, values, Cond::any()),
        (
            Operator::Eq
            | Operator::Neq
            | Operator::Lt
            | Operator::Lte
            | Operator::Gt
            | Operator::Gte
            | Operator::Between
            | Operator::IsNull
            | Operator::Within
            | Operator::Box
            | Operator::DescendantsOf
            | Operator::DescendantsOrSelfOf
            | Operator::AncestorsOf
            | Operator::AncestorsOrSelfOf,
            _,
        ) => return Err(unfit_operands()),
    })
}

fn unfit_operands() -> Error {
    Error::internal(
        "writing SQL",
        "an operator has the wrong number of operands",
    )
}

fn sets(dialect: Dialect, column: &Expr, values: &[Value], chain: Cond) -> Expr {
    let items = values.iter().filter_map(Value::as_text);
    let all = items.map(|item| dialect.has(column.clone(), item));
    let chain = all.fold(chain, Cond::add);
    // `hasAll: []` holds of every record that has a set.
    if chain.is_empty() {
        column.clone().is_not_null()
    } else {
        chain.into()
    }
}
