//! Slow work that a change of the schema leaves behind: index builds, back-fills, conversions, purges.
//! A job is written in the transaction of its changeset and done afterwards by `engine::jobs`.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use time::Duration;

use crate::{
    error::{Error, Result},
    id::{FieldId, JobId},
};

/// What is to be done. A kind of job is a variant here and a file in `engine/jobs/`; the variant holds
/// ids, never names, for the schema may change before the job is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "payload", rename_all = "camelCase")]
pub(crate) enum JobInput {
    /// Brings the index of a field in line with its definition.
    Index(IndexJob),
    /// Computes the values of fields for the records that are there.
    Fill(FillJob),
    /// Compares what is stored of computed fields with what it should be.
    Verify(VerifyJob),
    /// Computes anew what depends on the day.
    TurnDay(TurnDayJob),
    /// Copies the values of a field into columns of another type, which then take its place.
    Convert(ConvertJob),
    /// Converts the amounts of records to the base currency.
    BaseAmounts(BaseAmountsJob),
    /// Takes out of the database what was purged.
    Purge(PurgeJob),
}

/// Amounts of records that are there, converted anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BaseAmountsJob {
    /// The only object or relation type that it is about; all of them when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) owner: Option<uuid::Uuid>,
    /// Only records that were created on this day or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<time::Date>,
}

/// The index of one field: there it is built, gone it is dropped, as the definition says by then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IndexJob {
    /// The object or relation type.
    pub(crate) owner: uuid::Uuid,
    /// The field.
    pub(crate) field: FieldId,
}

/// Computed fields whose values are missing or old, and who wants them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FillJob {
    /// What is computed, each stage of what those before it have left.
    pub(crate) stages: Vec<FillStage>,
    /// What sort of principal asked for it.
    pub(crate) actor_kind: String,
    /// Who asked for it.
    pub(crate) actor: Option<uuid::Uuid>,
}

/// A field that is to get another type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConvertJob {
    /// The object or relation type.
    pub(crate) owner: uuid::Uuid,
    /// The field.
    pub(crate) field: FieldId,
}

/// Fields of one type that are computed together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FillStage {
    /// The object or relation type.
    pub(crate) owner: uuid::Uuid,
    /// Its fields.
    pub(crate) fields: Vec<FieldId>,
    /// Whether they are new, so that nobody has seen other values of them.
    pub(crate) is_new: bool,
}

/// The computed fields of one type, or one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VerifyJob {
    /// The object or relation type.
    pub(crate) owner: uuid::Uuid,
    /// The field; all of the type when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<FieldId>,
    /// Whether the right values are written where others are stored.
    pub(crate) repair: bool,
}

/// The rollups over links that hold today, on a day that has begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TurnDayJob {
    /// The last day for which it was done, as `YYYY-MM-DD`.
    pub(crate) after: String,
    /// The day that has begun.
    pub(crate) until: String,
}

/// What was purged, in the order in which it can be taken out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PurgeJob {
    /// Fields, then relation types, then object types.
    pub(crate) things: Vec<uuid::Uuid>,
}

/// A request that began before a deletion may still read what was deleted.
const PURGE_DELAY: Duration = Duration::minutes(1);

/// A job of a changeset, not yet written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PlannedJob {
    /// The place of the operation in the changeset that asks for it.
    pub(crate) operation: usize,
    /// What is to be done.
    pub(crate) input: JobInput,
    /// Its id, where the definitions name it.
    pub(crate) id: Option<JobId>,
}

impl JobInput {
    /// How long after its changeset it may begin.
    pub(crate) fn delay(&self) -> Duration {
        match self {
            Self::Index(_)
            | Self::Fill(_)
            | Self::BaseAmounts(_)
            | Self::Verify(_)
            | Self::Convert(_)
            | Self::TurnDay(_) => Duration::ZERO,
            Self::Purge(_) => PURGE_DELAY,
        }
    }

    /// Kind and payload, as the table of jobs keeps them.
    pub(crate) fn to_columns(&self) -> Result<(String, Json)> {
        let failed = |error| Error::internal("writing a job", error);
        let mut json = serde_json::to_value(self).map_err(failed)?;
        let payload = json["payload"].take();
        let kind = json["kind"].as_str().unwrap_or_default().to_owned();
        Ok((kind, payload))
    }

    /// The other way round.
    pub(crate) fn of_columns(kind: &str, payload: &Json) -> Result<Self> {
        serde_json::from_value(json!({"kind": kind, "payload": payload}))
            .map_err(|error| Error::internal("reading a job", error))
    }
}
