//! Operands of filter operators: from JSON, or from the texts of a query string, to values.

use serde_json::Value as Json;

use crate::{
    access::{Condition, Operand, Variable},
    catalog::Field,
    field_type::{OperandShape, Operator, Scalar},
    id::FieldId,
    request::LIMITS,
    value::Value,
};

/// The longest text that is searched for; SQLite refuses longer patterns.
const MAX_PATTERN: usize = 1_000;

/// The operand of an operator on one part of a field. The message says what is accepted.
pub(super) fn parse(
    (field, part): (&Field, usize),
    operator: Operator,
    json: &Json,
    variables: bool,
) -> Result<Operand, String> {
    let scalar = field.columns[part].part.scalar;
    let of_part = |part: usize, json: &Json| {
        if json.is_null() {
            return Err("must not be null; use isNull".to_owned());
        }
        field.field_type.parse_part(&field.settings, part, json)
    };
    let one = |json: &Json| of_part(part, json);
    let several = |json: &Json| {
        let Json::Array(items) = json else {
            return Err("must be an array of values".to_owned());
        };
        if items.len() > LIMITS.list_items {
            return Err(format!("has more than {} items", LIMITS.list_items));
        }
        items.iter().map(one).collect::<Result<Vec<_>, _>>()
    };
    match operator.operand() {
        OperandShape::Flag => json
            .as_bool()
            .map(Operand::Flag)
            .ok_or_else(|| "must be true or false".to_owned()),
        OperandShape::Many => match json
            .as_str()
            .filter(|text| variables && text.starts_with('$'))
        {
            Some(name) => teams(name, field),
            None => several(json).map(Operand::Values),
        },
        OperandShape::Pair => match several(json)?.as_slice() {
            [low, high] => Ok(Operand::Values(vec![low.clone(), high.clone()])),
            _ => Err("must be an array of two values: the least and the greatest".to_owned()),
        },
        OperandShape::Circle => circle(json, &of_part).map(Operand::Values),
        OperandShape::Box => bounding_box(json, &of_part).map(Operand::Values),
        OperandShape::One => {
            let text = json.as_str().unwrap_or_default();
            if variables && text.starts_with('$') {
                return variable(text, scalar);
            }
            let length = text.chars().count();
            if operator.is_pattern() && length > MAX_PATTERN {
                let message =
                    format!("has {length} characters; at most {MAX_PATTERN} are searched for");
                return Err(message);
            }
            one(json).map(Operand::Value)
        }
    }
}

/// A centre and a radius, as latitude, longitude and metres.
fn circle(
    json: &Json,
    degrees: &dyn Fn(usize, &Json) -> Result<Value, String>,
) -> Result<Vec<Value>, String> {
    let [center, radius] = members(json, ["center", "radius"])?;
    let [latitude, longitude] = members(center, ["latitude", "longitude"])
        .map_err(|message| format!("center {message}"))?;
    let radius = radius
        .as_f64()
        .filter(|radius| radius.is_finite() && *radius >= 0.0)
        .ok_or_else(|| "radius must be a number of metres, not negative".to_owned())?;
    let inside = |message| format!("center {message}");
    Ok(vec![
        degrees(0, latitude).map_err(inside)?,
        degrees(1, longitude).map_err(inside)?,
        Value::Float(radius),
    ])
}

/// The edges of a box, as south, west, north and east. West may be greater than east: then the box lies
/// across the antimeridian.
fn bounding_box(
    json: &Json,
    degrees: &dyn Fn(usize, &Json) -> Result<Value, String>,
) -> Result<Vec<Value>, String> {
    const EDGES: [&str; 4] = ["south", "west", "north", "east"];
    let edges = members(json, EDGES)?.into_iter().zip(EDGES).enumerate();
    let edges = edges.map(|(at, (json, name))| {
        degrees(at % 2, json).map_err(|message| format!("{name} {message}"))
    });
    let edges = edges.collect::<Result<Vec<_>, _>>()?;
    if edges[0].compare(&edges[2]) == Some(std::cmp::Ordering::Greater) {
        return Err("south must not be greater than north".to_owned());
    }
    Ok(edges)
}

/// The members of an object that has these and no others.
fn members<'j, const N: usize>(json: &'j Json, names: [&str; N]) -> Result<[&'j Json; N], String> {
    let wanted = || format!("must be an object with the members {}", names.join(", "));
    let given = json.as_object().filter(|given| given.len() == N);
    let given = given.ok_or_else(wanted)?;
    if names.iter().any(|name| !given.contains_key(*name)) {
        return Err(wanted());
    }
    Ok(names.map(|name| &given[name]))
}

fn variable(name: &str, scalar: Scalar) -> Result<Operand, String> {
    let found = Variable::find(name).ok_or_else(|| {
        let known: Vec<&str> = Variable::ALL.iter().map(|(_, name)| *name).collect();
        format!("{name:?} is no variable; there are {}", known.join(", "))
    })?;
    let fits = match found {
        Variable::UserId | Variable::KeyId | Variable::PartnerId => scalar == Scalar::Id,
        Variable::Now => scalar == Scalar::DateTime,
        Variable::Today => scalar == Scalar::Date,
        Variable::UserTeams | Variable::UserTeamTree => {
            return Err(format!("{name} is a list; compare with in or nin"));
        }
    };
    if fits {
        Ok(Operand::Variable(found))
    } else {
        Err(format!("{name} does not fit this field"))
    }
}

/// The users of teams, for a field whose values are ids of users.
fn teams(name: &str, field: &Field) -> Result<Operand, String> {
    let found = Variable::find(name).filter(|variable| variable.is_of_teams());
    let variable = found.ok_or_else(|| {
        format!(
            "{name:?} is no list; there are $user.teams and $user.teamTree, and arrays of values"
        )
    })?;
    if field.names_user() {
        Ok(Operand::Variable(variable))
    } else {
        Err(format!(
            "{name} stands for the users in these teams and fits fields that point at users, such as ownerId"
        ))
    }
}

/// The text of a query string as the JSON that the operator expects; a text that does not fit stays
/// one, and is refused with the message of the field's type.
pub(super) fn coerce(scalar: Scalar, operator: Operator, json: &Json) -> Json {
    let Json::String(text) = json else {
        return json.clone();
    };
    match operator.operand() {
        OperandShape::One => coerce_one(scalar, text),
        OperandShape::Flag => coerce_one(Scalar::Boolean, text),
        OperandShape::Circle | OperandShape::Box => {
            serde_json::from_str(text).unwrap_or_else(|_| json.clone())
        }
        OperandShape::Many | OperandShape::Pair if text.is_empty() => Json::Array(Vec::new()),
        OperandShape::Many | OperandShape::Pair => Json::Array(
            text.split(',')
                .map(|item| coerce_one(scalar, item))
                .collect(),
        ),
    }
}

fn coerce_one(scalar: Scalar, text: &str) -> Json {
    let coerced = match scalar {
        Scalar::Boolean => text.parse::<bool>().ok().map(Json::Bool),
        Scalar::Int => text.parse::<i64>().ok().map(Json::from),
        Scalar::Float => text.parse::<f64>().ok().map(Json::from),
        Scalar::Text
        | Scalar::TextList
        | Scalar::Choice
        | Scalar::ChoiceSet
        | Scalar::BigInt
        | Scalar::Decimal
        | Scalar::Date
        | Scalar::DateTime
        | Scalar::Time
        | Scalar::Duration
        | Scalar::Id
        | Scalar::Json
        | Scalar::Secret => None,
    };
    coerced.unwrap_or_else(|| Json::String(text.to_owned()))
}

/// An operator on a reference: on the id of its target, where a target that the caller can't see is
/// the same as none.
pub(super) fn on_reference(
    operator: Operator,
    operand: Operand,
    id: FieldId,
    through: &dyn Fn(Condition) -> Condition,
) -> Condition {
    let compare = |operator: Operator, operand: Operand| {
        through(Condition::Compare {
            field: id,
            part: 0,
            operator,
            operand,
            visible: None,
        })
    };
    match (operator, operand) {
        (Operator::IsNull, Operand::Flag(true)) => {
            Condition::Not(Box::new(through(Condition::TRUE)))
        }
        (Operator::IsNull, _) => through(Condition::TRUE),
        (Operator::Neq, operand) => Condition::Not(Box::new(compare(Operator::Eq, operand))),
        (Operator::Nin, operand) => Condition::Not(Box::new(compare(Operator::In, operand))),
        (operator, operand) => compare(operator, operand),
    }
}
