//! What a changeset does, for the report: rows that are touched or would break, what depends on the
//! changed things, and which locks are taken.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::plan::{Ask, MOST_DEFAULTED, Question, Step};
use crate::{error::Fault, id::JobId};

/// The most records in which one change puts an option in the place of another.
const MAX_REPLACED: u64 = 10_000;

/// The most ids that a report names for one operation.
pub(crate) const MAX_SAMPLES: usize = 10;

/// The most pairs of records with the same value that a report names for one operation.
pub(crate) const MAX_PAIRS: usize = 3;

/// How many of them a message names.
const IN_WORDS: usize = 3;

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
    /// What is locked for the whole of it, whatever the operations are.
    pub locks: Vec<String>,
    /// Of a dry run: the operations that take all of it back; nothing when one of it can't be taken back.
    pub reverse: Option<Vec<Json>>,
}

/// What one operation does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationImpact {
    /// The operation in words.
    pub summary: String,
    /// Records that are written, or get a default.
    pub rows_affected: u64,
    /// Records that do not let the change be made.
    pub rows_failing: u64,
    /// The ids of some of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<String>,
    /// Pairs of them that share a value which is to be unique.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub duplicates: Vec<Duplicate>,
    /// Of a dry run that changes conditions of a type or a pattern: the records that do not keep them.
    /// They stay.
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
    /// Of a dry run: how long it may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_time: Option<ExpectedTime>,
    /// Of a dry run: how it is taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reverse: Option<Reverse>,
}

/// How an operation is taken back, after the operations behind it are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reverse {
    /// The operations that do it; none when nothing does.
    pub operations: Vec<Json>,
    /// Why there is none, or what they do not bring back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Two records with the same value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Duplicate {
    /// Their ids.
    pub records: [String; 2],
    /// What they share, in the order of the fields; nothing for who may not read all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<Json>>,
}

/// How long an operation may take: an estimate by the size of the tables, no promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExpectedTime {
    /// In milliseconds, while the locks are held.
    pub milliseconds: u64,
    /// What it is reckoned from.
    pub basis: String,
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
    /// What sort of thing it is: `field`, `relation`, `formula`, `rule`, `key`, …
    pub kind: &'static str,
    /// Its name: `shipment.order`, or the role of a rule.
    pub name: String,
    /// What becomes of it.
    pub effect: &'static str,
}

impl Violations {
    /// Adds those of another condition.
    pub(crate) fn add(&mut self, others: Self) {
        self.rows += others.rows;
        let room = MAX_SAMPLES.saturating_sub(self.samples.len());
        self.samples.extend(others.samples.into_iter().take(room));
    }
}

/// The fault that the answer to a question makes, if any. `samples` are records that the question is
/// about, `pairs` two with the same value each.
pub(crate) fn fault_of(
    question: &Question,
    count: u64,
    found: (&[String], &[Duplicate]),
) -> Option<Fault> {
    if let Ask::Undone { ask, remedy } = &question.ask {
        return undone(question, (ask, remedy), (count, found));
    }
    Some(Fault {
        place: question.place.clone(),
        code: question.code,
        message: complaint(question, count, found)?,
    })
}

fn complaint(
    question: &Question,
    count: u64,
    (samples, pairs): (&[String], &[Duplicate]),
) -> Option<String> {
    let subject = &question.subject;
    let (named, pair) = in_words(samples, pairs);
    let message = match &question.ask {
        Ask::Strange { .. } if count > 0 => {
            format!("{count} record(s) have a value of {subject} that is none of its options now")
        }
        Ask::Rows { at_most: 0 } if count > 0 => format!(
            "{subject} is required, and {count} record(s) would have no value{named}; give it a default"
        ),
        Ask::Rows { at_most: 1 } if count > 1 => {
            format!("{subject} is unique, so {count} records can't all be given its default")
        }
        Ask::Defaulted { .. } if count > MOST_DEFAULTED => format!(
            "{count} records would have to be given the default of {subject}, more than the \
             {MOST_DEFAULTED} that one change writes; add the field without `required`, fill it, and require it then"
        ),
        Ask::Missing { .. } if count > 0 => {
            format!("{subject} can't be required: {count} record(s) have no value{named}")
        }
        Ask::Duplicates { .. } if count > 0 => {
            format!("{subject} can't be unique: {count} record(s) share a value{pair}")
        }
        Ask::SharedKey { .. } if count > 0 => {
            format!("{subject} can't be unique: {count} record(s) share its values{pair}")
        }
        Ask::Circles { .. } if count > 0 => format!(
            "{subject} can't make a tree: {count} record(s) lie below themselves, or below one that does{named}"
        ),
        Ask::Singleton if count > 1 => {
            format!("{subject} can't be a singleton: it has {count} records{named}")
        }
        Ask::Uses { option, .. } if count > 0 => in_use(option, subject, count, &named),
        Ask::Unconverted { .. } if count > 0 => format!(
            "{count} record(s) have a value of {subject} that does not fit its new type{named}"
        ),
        Ask::Breaks { .. } if count > 0 => {
            format!("{count} record(s) have a value of {subject} that this would forbid{named}")
        }
        Ask::Replaced { option, .. } if count > MAX_REPLACED => format!(
            "the option {option:?} of {subject} is used by {count} records, more than the \
             {MAX_REPLACED} that one change may write; keep it with `active: false`"
        ),
        Ask::Undone { .. }
        | Ask::SharedKey { .. }
        | Ask::Circles { .. }
        | Ask::Singleton
        | Ask::Rows { .. }
        | Ask::Defaulted { .. }
        | Ask::Missing { .. }
        | Ask::Duplicates { .. }
        | Ask::Breaks { .. }
        | Ask::Unconverted { .. }
        | Ask::Uses { .. }
        | Ask::Strange { .. }
        | Ask::Lost { .. }
        | Ask::Replaced { .. }
        | Ask::Mismatches { .. } => return None,
    };
    Some(message)
}

fn in_use(option: &str, subject: &str, count: u64, named: &str) -> String {
    format!(
        "the option {option:?} of {subject} is used by {count} record(s){named}; keep it with \
         `active: false`, or name in `replaceOptions` the one that they get instead"
    )
}

/// The fault of something that comes back, with what to do about it.
fn undone(
    question: &Question,
    (ask, remedy): (&Ask, &str),
    (count, found): (u64, (&[String], &[Duplicate])),
) -> Option<Fault> {
    let alone = Question {
        ask: ask.clone(),
        ..question.clone()
    };
    let mut fault = fault_of(&alone, count, found)?;
    fault.message = format!("{}; {remedy}", fault.message);
    Some(fault)
}

/// Records and pairs of records as a message names them.
fn in_words(samples: &[String], pairs: &[Duplicate]) -> (String, String) {
    let named = match samples {
        [] => String::new(),
        some => format!(
            ", for example {}",
            some[..some.len().min(IN_WORDS)].join(", ")
        ),
    };
    let pair = pairs.first().map_or_else(String::new, |pair| {
        format!(", for example {} and {}", pair.records[0], pair.records[1])
    });
    (named, pair)
}

/// Whether a step may be taken after a fault was found: only questions about what stood before.
pub(crate) fn may_follow_a_fault(step: &Step) -> bool {
    matches!(step, Step::Ask(question) if question.stands)
}
