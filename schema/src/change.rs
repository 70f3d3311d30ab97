//! Changes of the schema: from a changeset as it was sent to the steps that the database must take.
//!
//! ```text
//! changeset ──► validate ──► plan ──► sql::ddl ──► store::schema_change
//! names         a draft      steps     text         one transaction
//! ```
//!
//! A step either changes the database or asks it a question about the data; the answers decide
//! whether the change can hold, and make the report ([`impact`]). Nothing here touches the database.

mod changeset;
mod convert_field;
mod deletion;
mod document;
mod draft;
mod end;
mod estimate;
mod impact;
mod index_of_field;
mod job;
mod option_list;
mod physical;
mod plan;
mod rules;
mod validate;
mod work;

#[cfg(test)]
mod tests;

pub use changeset::{
    AddField, AddObjectType, AddRelationType, Changeset, DropAlias, FieldInput, Operation,
    RuleInput, UpdateField, UpdateObjectType, UpdateRelationType,
};
pub use convert_field::{ConversionTarget, ConvertField};
pub(crate) use deletion::{ChangedDeletions, DeletedKind, Deletion};
pub use deletion::{
    DeleteField, DeleteObjectType, DeleteRelationType, NewName, Purge, UndeleteField,
    UndeleteObjectType, UndeleteOptionList, UndeleteRelationType,
};
pub(crate) use document::{Entry, Lost, list_entry, object_entry, relation_entry};
pub use document::{SchemaDocument, difference};
pub use end::{EndInput, EndPatch};
pub use impact::{
    AskedJob, ChangeReport, Dependant, Duplicate, ExpectedTime, Misfit, Misfits, OperationImpact,
    Reverse, Violations,
};
pub use index_of_field::IndexOfField;
pub use option_list::{AddOptionList, DeleteOptionList, UpdateOptionList};

pub(crate) use draft::ChangedRows;
pub(crate) use estimate::{TableSize, expected_time, tables_of};
pub(crate) use impact::{MAX_PAIRS, MAX_SAMPLES, fault_of, may_follow_a_fault};
pub(crate) use job::{
    BaseAmountsJob, ConvertJob, FillJob, FillStage, IndexJob, JobInput, PlannedJob, PurgeJob,
    TurnDayJob, VerifyJob,
};
pub(crate) use plan::{Ask, ColumnPlan, MOST_DEFAULTED, Numbering, Question, Replacement, Step};
pub(crate) use validate::{
    Computed, Ground, Named, PlannedConversion, Validated, validate, validate_switch,
};
pub(crate) use work::{set_work, without_work};
