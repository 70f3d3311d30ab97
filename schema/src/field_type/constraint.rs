//! Constraints that a field puts on its values beyond its type: least and greatest value, length,
//! pattern. Their settings are checked when the field is defined, values when they are written;
//! operands of filters are not.

use std::cmp::Ordering;

use serde_json::Value as Json;

use super::{FieldType, Pattern, Settings};
use crate::value::Value;

/// The settings of texts that have a length and a pattern.
pub(super) const OF_TEXT: &[&str] = &["minLength", "maxLength", "pattern"];
/// The setting of texts whose length is given.
pub(super) const OF_PATTERN: &[&str] = &["pattern"];
/// The settings of values that have an order.
pub(super) const OF_ORDER: &[&str] = &["min", "max"];

/// What a change of the constraints of a field forbids that was allowed before.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    /// Values below this one.
    Below(Value),
    /// Values above this one.
    Above(Value),
    /// Texts of fewer characters.
    Shorter(u32),
    /// Texts of more characters.
    Longer(u32),
}

impl Bound {
    /// The bounds that new settings draw tighter than the old ones did.
    pub(crate) fn tightened(
        field_type: &dyn FieldType,
        old: &Settings,
        new: &Settings,
    ) -> Vec<(&'static str, Self)> {
        let parse = |settings: &Settings, json: &Option<Json>| {
            let json = json.as_ref()?;
            field_type.parse_part(settings, 0, json).ok()
        };
        let mut bounds = Vec::new();
        let (before, after) = (parse(old, &old.min), parse(new, &new.min));
        if let Some(after) = after
            && before.is_none_or(|before| before.compare(&after) == Some(Ordering::Less))
        {
            bounds.push(("min", Self::Below(after)));
        }
        let (before, after) = (parse(old, &old.max), parse(new, &new.max));
        if let Some(after) = after
            && before.is_none_or(|before| before.compare(&after) == Some(Ordering::Greater))
        {
            bounds.push(("max", Self::Above(after)));
        }
        if let Some(after) = new.min_length
            && old.min_length.is_none_or(|before| before < after)
        {
            bounds.push(("minLength", Self::Shorter(after)));
        }
        if let Some(after) = new.max_length
            && old.max_length.is_none_or(|before| before > after)
        {
            bounds.push(("maxLength", Self::Longer(after)));
        }
        bounds
    }
}

/// Checks the settings of a new or changed field.
pub(super) fn check_settings(
    field_type: &dyn FieldType,
    settings: &Settings,
) -> Result<(), String> {
    let bound = |name: &str, json: &Option<Json>| match json {
        None => Ok(None),
        Some(json) => field_type
            .parse_part(settings, 0, json)
            .map(Some)
            .map_err(|message| format!("{name} {message}")),
    };
    let (min, max) = (bound("min", &settings.min)?, bound("max", &settings.max)?);
    if let (Some(min), Some(max)) = (min, max)
        && min.compare(&max) == Some(Ordering::Greater)
    {
        return Err("min must not be greater than max".to_owned());
    }
    if let (Some(min), Some(max)) = (settings.min_length, settings.max_length)
        && min > max
    {
        return Err("minLength must not be greater than maxLength".to_owned());
    }
    settings.pattern.as_ref().map_or(Ok(()), Pattern::check)
}

/// Checks a parsed value.
pub(super) fn check_value(
    field_type: &dyn FieldType,
    settings: &Settings,
    values: &[Value],
) -> Result<(), String> {
    let Some(first) = values.first() else {
        return Ok(());
    };
    check_order(field_type, settings, first)?;
    match first {
        Value::Text(text) => check_text(settings, text),
        Value::TextSet(items) => items
            .iter()
            .try_for_each(|item| check_text(settings, item).map_err(|it| format!("{item:?} {it}"))),
        Value::Null
        | Value::Integer(_)
        | Value::Decimal(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Date(_)
        | Value::Instant(_)
        | Value::Uuid(_)
        | Value::Json(_)
        | Value::Secret(_) => Ok(()),
    }
}

fn check_order(
    field_type: &dyn FieldType,
    settings: &Settings,
    value: &Value,
) -> Result<(), String> {
    let sides = [
        (&settings.min, Ordering::Less, "least"),
        (&settings.max, Ordering::Greater, "most"),
    ];
    for (bound, beyond, word) in sides {
        let Some(json) = bound else { continue };
        let bound = field_type.parse_part(settings, 0, json)?;
        if value.compare(&bound) == Some(beyond) {
            let shown = json
                .as_str()
                .map_or_else(|| json.to_string(), str::to_owned);
            return Err(format!("must be at {word} {shown}"));
        }
    }
    Ok(())
}

fn check_text(settings: &Settings, text: &str) -> Result<(), String> {
    if let Some(min) = settings.min_length {
        let length = text.chars().count();
        if length < min as usize {
            return Err(format!(
                "has {length} characters; at least {min} are needed"
            ));
        }
    }
    match &settings.pattern {
        Some(pattern) if !pattern.matches(text) => {
            Err(format!("must match the pattern {}", pattern.as_str()))
        }
        Some(_) | None => Ok(()),
    }
}
