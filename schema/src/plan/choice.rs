//! What a write may choose: no inactive option that was not there before, and of dependent selects only
//! what goes with the field that decides. Both are asked of the record as it would be after the write.

use std::{collections::HashMap, sync::Arc};

use crate::{
    catalog::{Field, FieldList},
    error::{Error, Fault, FaultCode, Place, Result},
    field_type::chosen,
    id::FieldId,
    plan::write::Values,
    value::Value,
};

/// What the caller is told of fields that it may not know of.
const MISFIT: &str = "what the rules of your roles set does not go with the rest of this record";

/// The names of the options that a record has, by field.
pub(crate) type Choices = HashMap<FieldId, Vec<String>>;

/// The options in the values of a write.
pub(crate) fn choices(values: &Values) -> Choices {
    let entries = values.iter().filter(|(field, _)| has_options(field));
    entries
        .map(|(field, values)| (field.id, chosen(values)))
        .collect()
}

/// The fields that a write does not set but whose options it depends on, or the other way round.
pub(crate) fn related(fields: &FieldList, values: &Values) -> Vec<Arc<Field>> {
    let set = |id: FieldId| values.iter().any(|(field, _)| field.id == id);
    let pairs = pairs(fields).filter(|(field, deciding)| set(field.id) || set(deciding.id));
    let mut related: Vec<Arc<Field>> = Vec::new();
    for field in pairs.flat_map(|(field, deciding)| [field, deciding]) {
        if !set(field.id) && !related.iter().any(|known| known.id == field.id) {
            related.push(Arc::clone(field));
        }
    }
    related
}

/// Refuses inactive options among the values that a caller sends, but for those the record has already.
pub(crate) fn check_active(sent: &Values, before: &Choices, place: &Place) -> Result<()> {
    let mut faults = Vec::new();
    for (field, values) in sent.iter().filter(|(field, _)| has_options(field)) {
        let kept = before.get(&field.id);
        let is_new = |name: &&String| !kept.is_some_and(|kept| kept.contains(*name));
        let names = chosen(values);
        for name in names.iter().filter(is_new) {
            if field.settings.is_inactive(name) {
                let message =
                    format!("the option {name:?} is not active and can't be newly chosen");
                faults.push(fault(place.child(&field.name), message));
            }
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(faults))
    }
}

/// Makes the options of a new record go together: defaults that do not are taken back, what was given is
/// refused. `given` are the values before the defaults came to them.
pub(crate) fn settle(
    values: &mut Values,
    given: &Values,
    (fields, place): (&FieldList, &Place),
    known: impl Fn(&str) -> bool,
) -> Result<()> {
    settle_defaults(values, fields, given);
    let taken = values.iter().find(|(field, values)| {
        field.required && given.find(field).is_none() && values.iter().all(Value::is_null)
    });
    if let Some((field, _)) = taken.filter(|(field, _)| has_options(field)) {
        let place = place.child(&field.name);
        let message = format!("\"{}\" is required", field.name);
        return Err(if known(field.name.as_str()) {
            Error::fault(place, FaultCode::Required, message)
        } else {
            Error::Forbidden(MISFIT.to_owned())
        });
    }
    let after = choices(values);
    // Of a new record nothing is stored that could be hidden.
    let sight = (known, |_: &Field| true);
    check_dependent(fields, (&Choices::new(), &after), place, sight)
}

/// Takes back the defaults of dependent fields that do not go with the field that decides. `given` are the
/// values before the defaults came to them.
fn settle_defaults(values: &mut Values, fields: &FieldList, given: &Values) {
    // A field that decides may itself be a dependent one; each round settles one more of a chain.
    loop {
        let now = choices(values);
        let default_of = |field: &Field| given.find(field).is_none();
        let wrong = pairs(fields)
            .filter(|(field, _)| default_of(field))
            .find(|(field, deciding)| misfit(field, deciding, &now).is_some());
        let Some((field, _)) = wrong else { return };
        values.set(field, vec![Value::Null; field.columns.len()]);
    }
}

/// Refuses options of dependent fields that do not go with the field that decides, when the write changes
/// either. `known` tells which fields the caller may know of, and others are not named; `told` of which it
/// may know the value in any record.
pub(crate) fn check_dependent(
    fields: &FieldList,
    (before, after): (&Choices, &Choices),
    place: &Place,
    (known, told): (impl Fn(&str) -> bool, impl Fn(&Field) -> bool),
) -> Result<()> {
    let mut faults = Vec::new();
    let mut hidden = false;
    let same = |field: &Field| before.get(&field.id) == after.get(&field.id);
    for (field, deciding) in pairs(fields).filter(|(a, b)| !(same(a) && same(b))) {
        let Some(name) = misfit(field, deciding, after) else {
            continue;
        };
        let (shows, decides) = (known(field.name.as_str()), known(deciding.name.as_str()));
        if shows && decides && told(field) && told(deciding) {
            let message = explained(field, deciding, &name, after);
            faults.push(fault(place.child(&field.name), message.clone()));
            faults.push(fault(place.child(&deciding.name), message));
        } else if shows && told(field) {
            let message = format!("the option {name:?} can't be chosen for this record now");
            faults.push(fault(place.child(&field.name), message));
        } else if decides {
            let message = "does not go with another value of this record";
            faults.push(fault(place.child(&deciding.name), message.to_owned()));
        } else {
            hidden = true;
        }
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    if hidden {
        return Err(Error::Forbidden(MISFIT.to_owned()));
    }
    Ok(())
}

/// The dependent fields, each with the field that decides.
fn pairs(fields: &FieldList) -> impl Iterator<Item = (&Arc<Field>, &Arc<Field>)> {
    fields.iter().filter_map(|field| {
        let deciding = fields.find_by_id(field.settings.depends_on?)?;
        Some((field, deciding))
    })
}

/// The option of a dependent field that does not go with the field that decides.
fn misfit(field: &Field, deciding: &Field, choices: &Choices) -> Option<String> {
    let value = choices.get(&deciding.id).and_then(|names| names.first());
    let value = value.map(String::as_str);
    let names = choices.get(&field.id)?.iter();
    let mut wrong = names.filter(|name| {
        let option = field.settings.find_option(name);
        option.is_some_and(|option| !option.goes_with(value))
    });
    wrong.next().cloned()
}

fn explained(field: &Field, deciding: &Field, name: &str, after: &Choices) -> String {
    let option = field.settings.find_option(name);
    let when = option.map_or_else(String::new, |option| option.when.join(" or "));
    let value = after.get(&deciding.id).and_then(|names| names.first());
    let value = value.map_or_else(
        || "has no value".to_owned(),
        |value| format!("is {value:?}"),
    );
    format!(
        "the option {name:?} of {} asks for {when} as {}, which {value}",
        field.name, deciding.name
    )
}

fn has_options(field: &Field) -> bool {
    !field.settings.options.is_empty()
}

fn fault(place: Place, message: String) -> Fault {
    Fault {
        place,
        code: FaultCode::InvalidValue,
        message,
    }
}
