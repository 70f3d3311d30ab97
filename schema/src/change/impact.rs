//! What a changeset does, for the report: rows that are touched or would break, what depends on the
//! changed things, and which locks are taken.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::plan::{Ask, Question, Step};
use crate::{error::Fault, id::JobId};

/// The most records in which one change puts an option in the place of another.
const MAX_REPLACED: u64 = 10_000;

/// The answer to a changeset.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeReport {
    /// The schema version after the change; of a dry run the one that it would get.
    pub version: i64,
    /// Whether nothing was changed because only a report was asked for.
    pub dry_run: bool,
    /// What each operation does.
    pub operations: Vec<OperationImpact>,
    /// Of a dry run: why stored records do not let the change be made.
    pub faults: Vec<Fault>,
}

/// What one operation does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationImpact {
    /// The operation in words.
    pub summary: String,
    /// Records that are written.
    pub rows_affected: u64,
    /// Records that do not let the change be made.
    pub rows_failing: u64,
    /// Of a dry run that changes conditions of a type: the records that do not keep them. They stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub violations: Option<Violations>,
    /// Of a dry run that converts a field: the records whose values do not fit its new type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub misfits: Option<Misfits>,
    /// What names the changed things.
    pub dependants: Vec<Dependant>,
    /// The locks that the database takes.
    pub locks: Vec<String>,
    /// The slow work that is done afterwards.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub jobs: Vec<AskedJob>,
}

/// Records that do not keep the conditions of their type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Violations {
    /// How many there are.
    pub rows: u64,
    /// The ids of some of them.
    pub samples: Vec<String>,
}

/// Records whose values do not fit the new type of a field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Misfits {
    /// How many there are.
    pub rows: u64,
    /// Some of them.
    pub samples: Vec<Misfit>,
}

/// A value that does not fit the new type of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Misfit {
    /// The id of the record.
    pub record: String,
    /// The value, cut where it is long; for those who may read it in all records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Json>,
    /// Why it does not fit.
    pub reason: String,
}

/// Slow work that an operation asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AskedJob {
    /// Its id; a dry run makes no job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<JobId>,
    /// What sort of work it is.
    pub kind: String,
}

/// Something that names a changed thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Dependant {
    /// `field`, `relation` or `rule`.
    pub kind: &'static str,
    /// Its name: `shipment.order`, or the role of a rule.
    pub name: String,
    /// What becomes of it.
    pub effect: &'static str,
}

/// The fault that the answer to a question makes, if any. `example` names two records with the same
/// value.
pub(crate) fn fault_of(
    question: &Question,
    count: u64,
    example: Option<&(String, String)>,
) -> Option<Fault> {
    let subject = &question.subject;
    let pair = pair_of(example);
    let message = match &question.ask {
        Ask::Undone { ask, remedy } => return undone(question, (ask, remedy), (count, example)),
        Ask::Strange { .. } if count > 0 => {
            format!("{count} record(s) have a value of {subject} that is none of its options now")
        }
        Ask::Rows { at_most: 0 } if count > 0 => format!(
            "{subject} is required, and {count} record(s) would have no value; give it a default"
        ),
        Ask::Rows { at_most: 1 } if count > 1 => {
            format!("{subject} is unique, so {count} records can't all be given its default")
        }
        Ask::Rows { at_most } if count > *at_most => format!(
            "{count} records would have to be given the default of {subject}, more than the \
             {at_most} that one change may write; add the field without `required` and fill it first"
        ),
        Ask::Missing { .. } if count > 0 => {
            format!("{subject} can't be required: {count} record(s) have no value")
        }
        Ask::Duplicates { .. } if count > 0 => {
            format!("{subject} can't be unique: {count} record(s) share a value{pair}")
        }
        Ask::SharedKey { .. } if count > 0 => {
            format!("{subject} can't be unique: {count} record(s) share its values{pair}")
        }
        Ask::Singleton if count > 1 => {
            format!("{subject} can't be a singleton: it has {count} records")
        }
        Ask::Uses { option, .. } if count > 0 => in_use(option, subject, count),
        Ask::Unconverted { .. } if count > 0 => {
            format!("{count} record(s) have a value of {subject} that does not fit its new type")
        }
        Ask::Breaks { .. } if count > 0 => {
            format!("{count} record(s) have a value of {subject} that this would forbid")
        }
        Ask::Replaced { option, .. } if count > MAX_REPLACED => format!(
            "the option {option:?} of {subject} is used by {count} records, more than the \
             {MAX_REPLACED} that one change may write; keep it with `active: false`"
        ),
        Ask::SharedKey { .. }
        | Ask::Singleton
        | Ask::Rows { .. }
        | Ask::Missing { .. }
        | Ask::Duplicates { .. }
        | Ask::Breaks { .. }
        | Ask::Unconverted { .. }
        | Ask::Uses { .. }
        | Ask::Strange { .. }
        | Ask::Lost { .. }
        | Ask::Replaced { .. } => return None,
    };
    Some(Fault {
        place: question.place.clone(),
        code: question.code,
        message,
    })
}

fn in_use(option: &str, subject: &str, count: u64) -> String {
    format!(
        "the option {option:?} of {subject} is used by {count} record(s); keep it with \
         `active: false`, or name in `replaceOptions` the one that they get instead"
    )
}

fn pair_of(example: Option<&(String, String)>) -> String {
    example.map_or_else(String::new, |(first, second)| {
        format!(", for example {first} and {second}")
    })
}

/// The fault of something that comes back, with what to do about it.
fn undone(
    question: &Question,
    (ask, remedy): (&Ask, &str),
    (count, example): (u64, Option<&(String, String)>),
) -> Option<Fault> {
    let alone = Question {
        ask: ask.clone(),
        ..question.clone()
    };
    let mut fault = fault_of(&alone, count, example)?;
    fault.message = format!("{}; {remedy}", fault.message);
    Some(fault)
}

/// Whether a step may be taken after a fault was found: only questions about what stood before.
pub(crate) fn may_follow_a_fault(step: &Step) -> bool {
    matches!(step, Step::Ask(question) if question.stands)
}
