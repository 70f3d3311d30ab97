//! What becomes of a value when its field gets another type: which types go over into which, and how.
//!
//! A value goes over by way of JSON, as the old type writes it and the new one parses it, so that both
//! databases agree and what is stored afterwards could have been sent. Types that behave alike here
//! share a [`Form`]; [`way`] is the table of the pairs.

mod read;
mod write;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{FIELD_TYPES, FieldType, Settings};
use crate::value::Value;

/// How values that have no plain counterpart are treated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConversionRules {
    /// What is done with a value that does not fit.
    #[serde(default)]
    pub on_misfit: OnMisfit,
    /// Whether numbers are rounded to the digits of the new type, half away from zero.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub round: bool,
    /// The currency of amounts, where only one side of a conversion says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// What is done with a value that does not fit the new type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OnMisfit {
    /// The field keeps its type.
    #[default]
    Refuse,
    /// The record has no value afterwards.
    Clear,
}

/// A field type with the settings of a field.
pub type Typed<'a> = (&'static dyn FieldType, &'a Settings);

/// The way from the values of one field to those of another.
#[derive(Clone, Copy, Debug)]
pub struct Conversion<'a> {
    from: Typed<'a>,
    to: Typed<'a>,
    forms: (Form, Form),
    rules: &'a ConversionRules,
}

/// What types have in common when their values go over into others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Free text.
    Text,
    /// Text with one spelling per value.
    Code,
    /// One option.
    Choice,
    /// A set of options.
    Choices,
    /// Texts in an order.
    List,
    /// A number without digits after the point.
    Whole,
    /// A number with some.
    Exact,
    /// A floating point number.
    Float,
    /// An amount with its currency.
    Money,
    /// True or false.
    Boolean,
    /// A day.
    Date,
    /// An instant.
    Instant,
    /// A time of day, or a length of time.
    Time,
    /// Any JSON.
    Json,
    /// Several parts, and all of them in one line.
    Line,
}

fn form(field_type: &dyn FieldType) -> Option<Form> {
    Some(match field_type.name() {
        "text" | "longText" | "richText" => Form::Text,
        "email" | "phone" | "url" | "country" | "locale" | "timeZone" | "color" | "uuid"
        | "autoNumber" => Form::Code,
        "select" => Form::Choice,
        "multiSelect" => Form::Choices,
        "stringList" => Form::List,
        "integer" | "bigInteger" | "rating" => Form::Whole,
        "decimal" | "percent" => Form::Exact,
        "float" => Form::Float,
        "money" => Form::Money,
        "boolean" => Form::Boolean,
        "date" => Form::Date,
        "dateTime" => Form::Instant,
        "time" | "duration" => Form::Time,
        "json" => Form::Json,
        "personName" | "address" => Form::Line,
        _ => return None,
    })
}

/// The table: whether values of one form go over into another.
fn way(from: Form, to: Form) -> bool {
    use Form as F;
    match from {
        F::Text => to != F::Line,
        F::Choice => !matches!(to, F::Line | F::Money | F::Json),
        F::Code => matches!(to, F::Text | F::Choice | F::Choices | F::List),
        F::Choices | F::List => matches!(to, F::Text | F::Choice | F::Choices | F::List),
        F::Whole | F::Exact | F::Float => matches!(
            to,
            F::Text | F::Choice | F::Whole | F::Exact | F::Float | F::Money | F::Boolean
        ),
        F::Money => matches!(to, F::Text | F::Whole | F::Exact | F::Float),
        F::Boolean => matches!(to, F::Text | F::Choice | F::Whole | F::Exact),
        F::Date => matches!(to, F::Text | F::Instant),
        F::Instant => matches!(to, F::Text | F::Date),
        F::Time | F::Json | F::Line => to == F::Text,
    }
}

/// Whether there is a conversion between two types, settings aside.
fn converts(from: &dyn FieldType, to: &dyn FieldType) -> bool {
    // Other settings of the same type are a matter of `updateField`, but for the digits of a decimal.
    let is_other = from.name() != to.name() || from.name() == "decimal";
    let forms = form(from).zip(form(to));
    // Numbers are given by the server, and it has given them already.
    let is_given = to.name() == "autoNumber";
    is_other && !is_given && forms.is_some_and(|(from, to)| way(from, to))
}

/// The names of the types that fields of this type can be converted to.
pub fn convertible_to(from: &dyn FieldType) -> Vec<&'static str> {
    let all = FIELD_TYPES.iter().filter(|to| converts(from, **to));
    all.map(|to| to.name()).collect()
}

/// Checks that fields of one type can be converted to another one. The message says what can be done
/// instead.
pub fn check_convertible(from: &dyn FieldType, to: &dyn FieldType) -> Result<(), String> {
    if converts(from, to) {
        Ok(())
    } else {
        Err(no_way(from, to))
    }
}

impl<'a> Conversion<'a> {
    /// The conversion between two types. The message says what can be done instead.
    pub fn find(
        from: Typed<'a>,
        to: Typed<'a>,
        rules: &'a ConversionRules,
    ) -> Result<Self, String> {
        let forms = form(from.0).zip(form(to.0));
        let Some(forms) = forms.filter(|_| converts(from.0, to.0)) else {
            return Err(no_way(from.0, to.0));
        };
        let conversion = Self {
            from,
            to,
            forms,
            rules,
        };
        conversion.check_currency()?;
        Ok(conversion)
    }

    /// Amounts without a currency get one, and those with one lose it only where it is the same for all.
    fn check_currency(&self) -> Result<(), String> {
        let numbers = [Form::Whole, Form::Exact, Form::Float];
        let needs = match self.forms {
            (from, Form::Money) => numbers.contains(&from),
            (Form::Money, to) => numbers.contains(&to),
            _ => false,
        };
        match &self.rules.currency {
            None if needs => Err(
                "needs `currency`, the code of ISO 4217 that the amounts are in, \
                                  such as \"EUR\""
                    .to_owned(),
            ),
            Some(code) if iso_currency::Currency::from_code(code).is_none() => {
                Err("currency must be a code of ISO 4217 such as \"EUR\"".to_owned())
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The value in the new type, one per part; nulls where there is none. The message says why it does
    /// not fit.
    pub fn convert(&self, values: &[Value]) -> Result<Vec<Value>, String> {
        let parts = self.to.0.parts(self.to.1).len();
        let none = || vec![Value::Null; parts];
        if values.first().is_none_or(Value::is_null) {
            return Ok(none());
        }
        match self.json(values)? {
            None | Some(Json::Null) => Ok(none()),
            Some(json) => self.to.0.parse(self.to.1, &json),
        }
    }

    /// The value as the new type is sent it; nothing where it says nothing.
    fn json(&self, values: &[Value]) -> Result<Option<Json>, String> {
        let value = write::sent(self.from, values);
        read::received(self, &value)
    }

    /// Whether a text of spaces only, or an empty list, is no value afterwards.
    pub fn drops_blanks(&self) -> bool {
        self.forms.1 != Form::Text
    }

    /// A value as people read it, for reports.
    pub fn shown(&self, values: &[Value]) -> Json {
        write::json(self.from, values)
    }

    /// A constant such as a default, in the new type.
    pub fn convert_constant(&self, constant: &Json) -> Result<Json, String> {
        let values = self.from.0.parse(self.from.1, constant)?;
        let converted = self.convert(&values)?;
        Ok(write::json(self.to, &converted))
    }
}

fn no_way(from: &dyn FieldType, to: &dyn FieldType) -> String {
    let (name, wanted) = (from.name(), to.name());
    let instead = format!("add a field of the type {wanted}, fill it, and delete this one");
    if from.is_computed() && form(from).is_none() {
        return format!("a {name} is computed and can't be converted; {instead}");
    }
    if to.is_computed() && wanted != "autoNumber" {
        return format!("values that were written can't be made to a {wanted}; add one beside it");
    }
    if wanted == "autoNumber" {
        return "the server gives numbers itself; add an autoNumber beside the field".to_owned();
    }
    if name == wanted {
        return format!("is of the type {name} already; its settings change by updateField");
    }
    let known = convertible_to(from);
    if known.is_empty() {
        return format!("a {name} has no other form; {instead}");
    }
    format!(
        "a {name} can't become a {wanted}, but {}; or {instead}",
        known.join(", ")
    )
}

/// The whole value as JSON: null, a value, or an object of parts.
fn whole(parts: &[super::Part], values: &[Value]) -> Json {
    let mut members = Map::new();
    for (part, value) in parts.iter().zip(values) {
        let json = value.to_json(part.storage);
        let Some(key) = part.key else {
            if members.is_empty() {
                return json;
            }
            continue;
        };
        members.insert(key.to_owned(), json);
    }
    Json::Object(members)
}
