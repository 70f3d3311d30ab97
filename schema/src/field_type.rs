//! The field types: what a field of each type stores, accepts, and can be asked.
//!
//! A new field type is one file in this folder and one line in [`FIELD_TYPES`]. Nothing outside this
//! folder asks "which type is it"; the rest of the engine works with [`Part`]s, [`Storage`] and
//! [`Scalar`].

mod address;
mod auto_number;
mod boolean;
mod choice;
mod code;
mod composite;
mod constraint;
mod convert;
mod date;
mod duration;
mod email;
mod file;
mod float;
mod formula;
mod geo_point;
mod id;
mod json;
mod limits;
mod lookup;
mod money;
mod number;
mod on_delete;
mod operator;
mod option;
mod pattern;
mod person_name;
mod phone;
mod rating;
mod reference;
mod result;
mod rollup;
mod secret;
mod text;
mod text_list;
mod time_of_day;
mod url;
mod user;

#[cfg(test)]
mod tests;

pub use auto_number::{NumberFormat, Restart};
pub use constraint::Bound;
pub use convert::{
    Conversion, ConversionRules, OnMisfit, Typed, check_convertible, convertible_to,
};
pub use formula::RESULTS;
pub(crate) use geo_point::{EVERYWHERE, chord_squared, unit_vector};
pub use limits::Limits;
pub(crate) use money::{BASE_AMOUNT, SCALE as MONEY_SCALE, is_currency};
pub(crate) use number::parse_decimal;
pub use on_delete::OnDelete;
pub use operator::{OperandShape, Operator, Scalar};
pub use option::FieldOption;
pub(crate) use option::{check_options, chosen};
pub use pattern::Pattern;
pub use reference::MAX_TREE_DEPTH;
pub use result::ResultType;
pub use rollup::{RollupField, RollupFunction, RollupOf, RollupValidity};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::{
    id::{FieldId, ObjectTypeId, OptionListId},
    name::ApiName,
    value::{Storage, Value},
};

/// Every field type, in the order in which they are described to admins.
pub const FIELD_TYPES: &[&dyn FieldType] = &[
    &text::Text,
    &text::LongText,
    &text::RichText,
    &number::Integer,
    &number::BigInteger,
    &number::DecimalNumber,
    &float::Float,
    &number::Percent,
    &rating::Rating,
    &money::Money,
    &boolean::Boolean,
    &date::CalendarDate,
    &date::DateTime,
    &time_of_day::TimeOfDay,
    &duration::Duration,
    &choice::Select,
    &choice::MultiSelect,
    &text_list::StringList,
    &email::Email,
    &phone::Phone,
    &url::Url,
    &person_name::PersonName,
    &address::Address,
    &geo_point::GeoPoint,
    &code::Country,
    &code::Locale,
    &code::TimeZone,
    &code::Color,
    &json::AnyJson,
    &file::File,
    &secret::SecretText,
    &id::UuidField,
    &reference::Reference,
    &auto_number::AutoNumber,
    &formula::Formula,
    &rollup::Rollup,
    &user::User,
    &lookup::Lookup,
];

/// The field type with this API name.
pub fn find_field_type(name: &str) -> Option<&'static dyn FieldType> {
    FIELD_TYPES
        .iter()
        .copied()
        .find(|field_type| field_type.name() == name)
}

/// What one kind of field stores, accepts and can be asked.
pub trait FieldType: Sync + std::fmt::Debug {
    /// The API name, such as `longText`.
    fn name(&self) -> &'static str;

    /// What the types of the faces are called that are made of it, where it has several parts.
    fn type_name(&self) -> &'static str {
        self.name()
    }

    /// Whether a value points at a user, who must exist.
    fn points_at_user(&self) -> bool {
        false
    }

    /// Whether it has no column and is read through another field.
    fn is_virtual(&self) -> bool {
        false
    }

    /// The settings that a field of this type may have, by their JSON names.
    fn allowed_settings(&self) -> &'static [&'static str] {
        &[]
    }

    /// Those of the settings that can change while there are records.
    fn changeable_settings(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether the server computes the values, so that nobody writes them.
    fn is_computed(&self) -> bool {
        false
    }

    /// How the numbers look that the engine gives to new records; nothing for types that are written.
    fn number_format(&self, settings: &Settings) -> Option<NumberFormat> {
        let _ = settings;
        None
    }

    /// Whether a computed value is one that a field of this type can hold; texts have a greatest length.
    fn holds(&self, _: &Settings, _: &Value) -> bool {
        true
    }

    /// Whether values are computed by an expression over the record.
    fn is_formula(&self) -> bool {
        false
    }

    /// Whether values are computed of the members of a collection.
    fn is_rollup(&self) -> bool {
        false
    }

    /// The type of the values where it is not this one: that of what is computed.
    fn value_type<'s>(
        &self,
        settings: &'s Settings,
    ) -> Option<(&'static dyn FieldType, &'s Settings)> {
        let _ = settings;
        None
    }

    /// Checks that the settings are complete and make sense. The message says what to change.
    fn check_settings(&self, settings: &Settings) -> Result<(), String> {
        let _ = settings;
        Ok(())
    }

    /// Checks that values can be kept apart by a unique index. The message says why not.
    fn check_unique(&self, settings: &Settings) -> Result<(), String> {
        let parts = self.parts(settings);
        let comparable = match parts.as_slice() {
            [part] => part.scalar.operators().contains(&Operator::In),
            _ => false,
        };
        if comparable && parts[0].scalar != Scalar::Choice {
            return Ok(());
        }
        Err(format!(
            "a field of the type {} can't be unique",
            self.name()
        ))
    }

    /// Checks that a field may have a default at all. The message says why not.
    fn check_default(&self, settings: &Settings) -> Result<(), String> {
        let _ = settings;
        Ok(())
    }

    /// The columns of a field: one, or several for a composite such as money. The first is never null
    /// where there is a value.
    fn parts(&self, settings: &Settings) -> Vec<Part>;

    /// The operators on a composite value as a whole, where they are not those of its first part.
    /// Such a value has no order.
    fn operators(&self) -> Option<&'static [Operator]> {
        None
    }

    /// Parses one part of a value (also an operand of a filter) from JSON that is not null.
    /// The message says what is accepted.
    fn parse_part(&self, settings: &Settings, part: usize, json: &Json) -> Result<Value, String>;

    /// Parses a whole value that is not null, one [`Value`] per part. For the type to say; all others
    /// call `parse`, which also checks the constraints of the field.
    fn parse_value(&self, settings: &Settings, json: &Json) -> Result<Vec<Value>, String> {
        self.parse_part(settings, 0, json).map(|value| vec![value])
    }

    /// What bounds one part of a value that callers write.
    fn limits(&self, settings: &Settings, part: usize) -> Limits {
        let of_first = (part == 0).then_some(settings);
        let parts = self.parts(settings);
        parts
            .get(part)
            .map_or_else(Limits::default, |part| Limits::of_part(part, of_first))
    }

    /// A value as a caller could send it, for those who read about the API.
    fn example(&self, settings: &Settings) -> Json;
}

impl dyn FieldType + '_ {
    /// Parses a whole value that is not null, one [`Value`] per part, and checks the constraints.
    pub fn parse(&self, settings: &Settings, json: &Json) -> Result<Vec<Value>, String> {
        let values = self.parse_value(settings, json)?;
        constraint::check_value(self, settings, &values)?;
        Ok(values)
    }

    /// Whether people can read a value as one text: it is one, or a number, an option or an instant, or has
    /// a part that says all of it.
    pub fn reads_as_text(&self, settings: &Settings) -> bool {
        let computed = self.value_type(settings);
        let parts = computed.map(|(of_type, settings)| of_type.parts(settings));
        one_text(&parts.unwrap_or_else(|| self.parts(settings)))
    }

    /// Checks that the settings are complete and make sense, constraints included. The message says what
    /// to change.
    pub fn check(&self, settings: &Settings) -> Result<(), String> {
        self.check_settings(settings)?;
        constraint::check_settings(self, settings)
    }
}

impl PartialEq for dyn FieldType {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

/// One column of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The JSON key of the part inside the field's object; `None` where the field is the value itself.
    pub key: Option<&'static str>,
    /// What is appended to the field's column name.
    pub suffix: &'static str,
    /// The physical form.
    pub storage: Storage,
    /// The type as the API shows it.
    pub scalar: Scalar,
    /// Whether a composite value must bring the part.
    pub presence: Presence,
}

/// Whether the value of a composite must bring a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It must.
    Required,
    /// It may; null where it does not.
    Optional,
    /// The engine makes it from the others; what is sent is ignored, so that a value can be sent back as
    /// it was read.
    Derived,
    /// Like [`Self::Derived`], but made of more than the value. It shows where it is asked for by name,
    /// and may be null where the value is not.
    Asked,
}

impl Part {
    /// A column that holds the id of a record.
    pub(crate) const fn id() -> Self {
        Self::whole(Storage::Uuid, Scalar::Id)
    }

    /// A column that holds a place in an order.
    pub(crate) const fn rank() -> Self {
        Self::whole(Storage::Text, Scalar::Text)
    }

    /// The columns that point at a record of one of several types.
    pub(crate) const fn pointer() -> [Self; 2] {
        [
            Self {
                key: Some("id"),
                ..Self::id()
            },
            Self::member(
                ("type", "_type"),
                Storage::Uuid,
                Scalar::Choice,
                Presence::Required,
            ),
        ]
    }

    /// A part of a composite value.
    pub(crate) const fn member(
        (key, suffix): (&'static str, &'static str),
        storage: Storage,
        scalar: Scalar,
        presence: Presence,
    ) -> Self {
        Self {
            key: Some(key),
            suffix,
            storage,
            scalar,
            presence,
        }
    }

    /// Whether it shows where a value is asked for as a whole.
    pub(crate) fn is_shown(&self) -> bool {
        self.key.is_some() && self.presence != Presence::Asked
    }

    /// A column of a composite value that no caller sees: the engine computes with it.
    pub(crate) const fn hidden(suffix: &'static str, storage: Storage, scalar: Scalar) -> Self {
        Self {
            key: None,
            suffix,
            storage,
            scalar,
            presence: Presence::Derived,
        }
    }

    /// The only part of a field that is not composite.
    const fn whole(storage: Storage, scalar: Scalar) -> Self {
        Self {
            key: None,
            suffix: "",
            storage,
            scalar,
            presence: Presence::Required,
        }
    }
}

/// The settings of a field. Which of them a type takes, [`FieldType::allowed_settings`] says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settings {
    /// The most characters (Unicode scalar values) of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// The fewest characters of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u32>,
    /// What a text must match from its first to its last character.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<Pattern>,
    /// The least value, in the JSON form of the type; of money the least amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Json>,
    /// The greatest value, in the JSON form of the type; of money the greatest amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Json>,
    /// The country whose telephone numbers may be written without their country code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// All digits of a decimal, at most 18.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<u8>,
    /// Digits of a decimal after the point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<u8>,
    /// The options of a select or multiSelect, in order. In the catalog those of the shared list, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<FieldOption>,
    /// The shared list that the options come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub option_list: Option<OptionListId>,
    /// The select of the same type whose value decides which options there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depends_on: Option<FieldId>,
    /// How an auto number looks, such as `INV-{YYYY}-{0000}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// When its counter begins anew; never when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart: Option<Restart>,
    /// The object type that a reference points at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<ObjectTypeId>,
    /// The object types that a reference to several types points at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<ObjectTypeId>,
    /// Whether a reference points at records of any type.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub any: bool,
    /// The reference through which a lookup is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<FieldId>,
    /// The collection on the target of a reference that holds the records pointing at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inverse: Option<Inverse>,
    /// What becomes of the record when the target of a reference is deleted.
    #[serde(
        default,
        deserialize_with = "OnDelete::or_default",
        skip_serializing_if = "OnDelete::is_detach"
    )]
    pub on_delete: OnDelete,
    /// Whether the record is a part of the target of a reference, with which it goes and comes back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub owned: bool,
    /// Whether a reference of a type to itself makes a tree of its records.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tree: bool,
    /// How a formula is computed, with ids in place of names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    /// The collection that a rollup is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<RollupOf>,
    /// What a rollup computes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<RollupFunction>,
    /// The part of that field that a rollup computes with, where it is not the value as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// The field that a rollup computes with; of a lookup the one that it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<RollupField>,
    /// Which members a rollup looks at: a filter with ids in place of names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Json>,
    /// Which links a rollup looks at where they hold for a period; all of them when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validity: Option<RollupValidity>,
    /// The type of what is computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Box<ResultType>>,
}

impl Settings {
    /// Whether the field is a reference, to one type or to more.
    pub fn is_reference(&self) -> bool {
        self.target.is_some() || self.is_polymorphic()
    }

    /// Whether the field is a reference to several types or to any.
    pub fn is_polymorphic(&self) -> bool {
        self.any || !self.targets.is_empty()
    }

    /// What becomes of the record when the target of a reference is deleted: a part goes with it.
    pub fn effect_of_deletion(&self) -> OnDelete {
        if self.owned {
            OnDelete::Cascade
        } else {
            self.on_delete
        }
    }

    /// The object types that are named as targets of a reference, live or not.
    pub fn named_targets(&self) -> impl Iterator<Item = ObjectTypeId> {
        self.target.into_iter().chain(self.targets.iter().copied())
    }
}

/// The named inverse collection of a reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Inverse {
    /// The API name of the collection on the target, such as `orders`.
    pub name: ApiName,
    /// What people read.
    pub label: String,
    /// What people read in other languages, by BCP 47 tag.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Whether the members keep their order.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ordered: bool,
}

fn one_text(parts: &[Part]) -> bool {
    let has = |key: &str| {
        let mut named = parts.iter().filter(|part| part.key == Some(key));
        named.any(|part| part.scalar.reads_as_text())
    };
    match parts {
        [part] if part.key.is_none() => part.scalar.reads_as_text(),
        _ => has("formatted") || has("amount") || has("name"),
    }
}

/// Refuses texts that neither database could store or that break a limit.
fn check_text(text: &str, max_length: u32) -> Result<(), String> {
    if text.contains('\0') {
        return Err("must not contain the NUL character".to_owned());
    }
    let length = text.chars().count();
    if length > max_length as usize {
        return Err(format!(
            "has {length} characters; at most {max_length} are allowed"
        ));
    }
    Ok(())
}

/// The text of a JSON string.
fn expect_text(json: &Json) -> Result<&str, String> {
    json.as_str()
        .ok_or_else(|| format!("must be a text, not {}", kind_of(json)))
}

/// What a JSON value is, for messages.
fn kind_of(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}
