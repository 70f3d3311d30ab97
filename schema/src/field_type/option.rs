//! Options: what a select offers, of its own or from a shared list.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Settings, check_text};
use crate::value::Value;

/// The most options of one list.
const MAX_OPTIONS: usize = 500;
const MAX_LENGTH: u32 = 100;
const MAX_LOCALES: usize = 50;

/// One option of a select. Its place in the list is its order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldOption {
    /// What is stored and sent.
    pub name: String,
    /// What people read.
    pub label: String,
    /// What people read in other languages, by BCP 47 tag.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The colour in which it shows: `#rrggbb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// Whether it may be newly chosen. Records keep an inactive one, and filters take it.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub active: bool,
    /// Of a dependent select: the options of the other field with which it may be chosen; none, with all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<String>,
}

impl FieldOption {
    /// An active option.
    pub fn new(name: &str, label: &str) -> Self {
        Self {
            name: name.to_owned(),
            label: label.to_owned(),
            labels: BTreeMap::new(),
            color: None,
            active: true,
            when: Vec::new(),
        }
    }

    /// Whether it goes with this value of the field that decides.
    pub fn goes_with(&self, value: Option<&str>) -> bool {
        self.when.is_empty()
            || value.is_some_and(|value| self.when.iter().any(|name| name == value))
    }
}

impl Settings {
    /// The option with this name.
    pub fn find_option(&self, name: &str) -> Option<&FieldOption> {
        self.options.iter().find(|option| option.name == name)
    }

    /// Whether this is an option that may not be newly chosen.
    pub fn is_inactive(&self, name: &str) -> bool {
        self.find_option(name).is_some_and(|option| !option.active)
    }
}

/// The names of the options in a value.
pub(crate) fn chosen(values: &[Value]) -> Vec<String> {
    match values {
        [Value::Text(name)] => vec![name.clone()],
        [Value::TextSet(names)] => names.clone(),
        _ => Vec::new(),
    }
}

/// Checks a list of options. The message says what to change.
pub(crate) fn check_options(options: &[FieldOption]) -> Result<(), String> {
    if options.is_empty() || options.len() > MAX_OPTIONS {
        return Err(format!("needs 1 to {MAX_OPTIONS} options"));
    }
    let mut names = BTreeSet::new();
    for option in options {
        check_option(option)?;
        if !names.insert(&option.name) {
            return Err(format!("the option {:?} occurs twice", option.name));
        }
    }
    Ok(())
}

fn check_option(option: &FieldOption) -> Result<(), String> {
    if option.name.is_empty() {
        return Err("an option needs a name".to_owned());
    }
    check_text(&option.name, MAX_LENGTH)
        .map_err(|message| format!("an option's name {message}"))?;
    for label in option.labels.values().chain([&option.label]) {
        check_text(label, MAX_LENGTH).map_err(|message| format!("an option's label {message}"))?;
    }
    if option.labels.len() > MAX_LOCALES {
        return Err(format!(
            "an option has labels in at most {MAX_LOCALES} languages"
        ));
    }
    if let Some(color) = &option.color
        && !is_color(color)
    {
        return Err(format!(
            "{color:?} is no colour; write it as \"#rrggbb\" in lower case"
        ));
    }
    Ok(())
}

fn is_color(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| {
        let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
        digits.len() == 6 && digits.bytes().all(is_digit)
    })
}

fn yes() -> bool {
    true
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands out a reference"
)]
fn is_true(flag: &bool) -> bool {
    *flag
}
