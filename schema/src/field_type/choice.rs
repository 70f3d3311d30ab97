//! `select` (one option) and `multiSelect` (a set of options).

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{FieldType, Part, Scalar, Settings, check_text, expect_text, kind_of};
use crate::value::{Storage, Value};

const MAX_OPTIONS: usize = 500;
const MAX_OPTION_LENGTH: u32 = 100;

/// One of a list of options.
#[derive(Debug)]
pub(super) struct Select;

impl FieldType for Select {
    fn name(&self) -> &'static str {
        "select"
    }

    fn allowed_settings(&self) -> &'static [&'static str] {
        &["options"]
    }

    fn changeable_settings(&self) -> &'static [&'static str] {
        &["options"]
    }

    fn check_settings(&self, settings: &Settings) -> Result<(), String> {
        check_options(settings)
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
        &["options"]
    }

    fn changeable_settings(&self) -> &'static [&'static str] {
        &["options"]
    }

    fn check_settings(&self, settings: &Settings) -> Result<(), String> {
        check_options(settings)
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

fn parse_option(settings: &Settings, json: &Json) -> Result<String, String> {
    let text = expect_text(json)?;
    if settings.options.iter().any(|option| option.name == text) {
        return Ok(text.to_owned());
    }
    let known: Vec<&str> = settings
        .options
        .iter()
        .take(20)
        .map(|option| option.name.as_str())
        .collect();
    Err(format!("must be one of the options: {}", known.join(", ")))
}

fn first_option(settings: &Settings) -> Json {
    let first = settings.options.first();
    first.map_or(Json::Null, |option| Json::from(option.name.as_str()))
}

fn check_options(settings: &Settings) -> Result<(), String> {
    if settings.options.is_empty() || settings.options.len() > MAX_OPTIONS {
        return Err(format!("needs 1 to {MAX_OPTIONS} options"));
    }
    let mut names = BTreeSet::new();
    for option in &settings.options {
        if option.name.is_empty() {
            return Err("an option needs a name".to_owned());
        }
        check_text(&option.name, MAX_OPTION_LENGTH)
            .map_err(|message| format!("an option's name {message}"))?;
        check_text(&option.label, MAX_OPTION_LENGTH)
            .map_err(|message| format!("an option's label {message}"))?;
        if !names.insert(&option.name) {
            return Err(format!("the option {:?} occurs twice", option.name));
        }
    }
    Ok(())
}
