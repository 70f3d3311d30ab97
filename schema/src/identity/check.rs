//! The checks of names, labels and emails that admins send.

use serde_json::Value as Json;

use crate::{
    error::{Error, Fault, FaultCode, Place, Result},
    field_type::{Settings, find_field_type},
    value::Value,
};

/// The most characters of a name that people read.
const MAX_LABEL: usize = 200;
/// The most characters of a description.
const MAX_DESCRIPTION: usize = 2_000;
/// The most characters of a role's name.
const MAX_ROLE_NAME: usize = 60;

/// Ok when there is no fault, else all of them.
pub(crate) fn faults_to_result(faults: Vec<Fault>) -> Result<()> {
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(faults))
    }
}

/// The place of a member of the request body.
pub(super) fn at(member: &str) -> Place {
    Place::Pointer(String::new()).child(member)
}

/// Checks a text that people read and that must not be empty.
pub(crate) fn check_label(member: &str, text: &str) -> Option<Fault> {
    let message = if text.trim().is_empty() {
        "must not be empty".to_owned()
    } else {
        check_length(text, MAX_LABEL)?
    };
    Some(invalid(member, message))
}

/// Checks a description, which may be empty.
pub(crate) fn check_description(text: &str) -> Option<Fault> {
    check_length(text, MAX_DESCRIPTION).map(|message| invalid("description", message))
}

/// Checks the name of a role: it is used in requests like other API names.
pub(crate) fn check_role_name(name: &str) -> Option<Fault> {
    let well_formed = name.len() <= MAX_ROLE_NAME
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .chars()
            .all(|character| character.is_ascii_alphanumeric());
    (!well_formed).then(|| Fault {
        place: at("name"),
        code: FaultCode::InvalidName,
        message: format!(
            "must be camelCase ASCII letters and digits, starting with a lower-case letter, at most {MAX_ROLE_NAME} characters"
        ),
    })
}

/// The sign-in name as it is stored: in lower case.
pub(crate) fn check_email(text: &str) -> Result<String, Fault> {
    let fault = |message: String| invalid("email", message);
    let email = find_field_type("email").ok_or_else(|| fault("can't be checked".to_owned()))?;
    let lower = Json::String(text.trim().to_lowercase());
    let parsed = email.parse(&Settings::default(), &lower).map_err(fault)?;
    match parsed.into_iter().next() {
        Some(Value::Text(text)) => Ok(text),
        Some(_) | None => Err(invalid("email", "must be a text".to_owned())),
    }
}

/// A value that does not fit.
pub(super) fn invalid(member: &str, message: String) -> Fault {
    Fault {
        place: at(member),
        code: FaultCode::InvalidValue,
        message,
    }
}

fn check_length(text: &str, most: usize) -> Option<String> {
    if text.contains('\0') {
        return Some("must not contain the NUL character".to_owned());
    }
    let length = text.chars().count();
    (length > most).then(|| format!("has {length} characters; at most {most} are allowed"))
}
