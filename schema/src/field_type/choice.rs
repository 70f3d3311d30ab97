//! `select` (one option) and `multiSelect` (a set of options).

use serde_json::Value as Json;

use super::{FieldType, Part, Scalar, Settings, check_options, expect_text, kind_of};
use crate::value::{Storage, Value};

const SETTINGS: &[&str] = &["options", "optionList", "dependsOn"];

/// One of a list of options.
#[derive(Debug)]
pub(super) struct Select;

impl FieldType for Select {
    fn name(&self) -> &'static str {
        "select"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        SETTINGS
    }

    fn changeable_settings(&self) -> &'static [&'static str] {
        SETTINGS
    }

    fn check_settings(&self, settings: &Settings) -> Result<(), String> {
        check(settings)
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        vec![Part::whole(Storage::Text, Scalar::Choice)]
    }

    fn parse_part(&self, settings: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        parse_option(settings, json).map(Value::Text)
    }

    fn example(&self, settings: &Settings) -> Json {
        first_option(settings)
    }
}

/// Several of a list of options.
#[derive(Debug)]
pub(super) struct MultiSelect;

impl FieldType for MultiSelect {
    fn name(&self) -> &'static str {
        "multiSelect"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        SETTINGS
    }

    fn changeable_settings(&self) -> &'static [&'static str] {
        SETTINGS
    }

    fn check_settings(&self, settings: &Settings) -> Result<(), String> {
        check(settings)
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        vec![Part::whole(Storage::TextSet, Scalar::ChoiceSet)]
    }

    /// An operand: one option.
    fn parse_part(&self, settings: &Settings, _: usize, json: &Json) -> Result<Value, String> {
        parse_option(settings, json).map(Value::Text)
    }

    fn parse_value(&self, settings: &Settings, json: &Json) -> Result<Vec<Value>, String> {
        let Json::Array(items) = json else {
            return Err(format!(
                "must be an array of options, not {}",
                kind_of(json)
            ));
        };
        let mut chosen: Vec<String> = Vec::with_capacity(items.len());
        for item in items {
            let option = parse_option(settings, item)?;
            if !chosen.contains(&option) {
                chosen.push(option);
            }
        }
        Ok(vec![Value::TextSet(chosen)])
    }

    fn example(&self, settings: &Settings) -> Json {
        Json::from(vec![first_option(settings)])
    }
}

/// The option with this name, active or not: records, filters and rules may hold inactive ones. Whether it
/// may be newly chosen, the write path asks.
fn parse_option(settings: &Settings, json: &Json) -> Result<String, String> {
    let text = expect_text(json)?;
    if settings.options.iter().any(|option| option.name == text) {
        return Ok(text.to_owned());
    }
    let known: Vec<&str> = settings
        .options
        .iter()
        .filter(|option| option.active)
        .take(20)
        .map(|option| option.name.as_str())
        .collect();
    Err(format!("must be one of the options: {}", known.join(", ")))
}

fn first_option(settings: &Settings) -> Json {
    let first = settings.options.first();
    first.map_or(Json::Null, |option| Json::from(option.name.as_str()))
}

fn check(settings: &Settings) -> Result<(), String> {
    if settings.option_list.is_some() {
        if !settings.options.is_empty() {
            return Err("has either options of its own or an optionList".to_owned());
        }
        if settings.depends_on.is_some() {
            return Err(
                "options of a shared list depend on nothing; give the field its own".to_owned(),
            );
        }
        return Ok(());
    }
    check_options(&settings.options)?;
    let conditional = settings
        .options
        .iter()
        .find(|option| !option.when.is_empty());
    match (settings.depends_on, conditional) {
        (None, Some(option)) => Err(format!(
            "the option {:?} has `when`, so the field needs `dependsOn`: the select that decides",
            option.name
        )),
        (Some(_), _) | (None, None) => Ok(()),
    }
}
