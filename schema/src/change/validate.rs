//! Validates a changeset: operation after operation, each against what the earlier ones left, and
//! reads as a table of contents of the rules. All faults are collected.

mod adding;
mod aliases;
mod attributes;
mod bonds;
mod computed;
mod conditions;
mod converting;
mod deleting;
mod dependants;
mod displaying;
mod ends;
mod indexing;
mod lookups;
mod numbers;
mod objects;
mod option_lists;
mod options;
mod ordering;
mod purging;
mod relations;
mod rollup;
mod undeleted;
mod undeleting;
mod updating;

pub(crate) use converting::{PlannedConversion, validate_switch};
pub(super) use relations::TEMPORAL_MEMBERS;

use std::collections::BTreeSet;

use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    changeset::{Changeset, Operation},
    draft::{ChangedRows, Draft},
    impact::OperationImpact,
    job::{JobInput, PlannedJob},
    plan::{Step, Task},
};
use crate::{
    catalog::{Catalog, MetadataRows, Subject},
    error::{Error, Fault, FaultCode, Place, Result},
    id::{FieldId, ObjectTypeId},
};

/// What a changeset is validated against.
pub(crate) struct Ground<'a> {
    /// The rows as the transaction read them.
    pub(crate) rows: &'a MetadataRows,
    /// The catalog of these rows.
    pub(crate) catalog: &'a Catalog,
    /// The instant of the change.
    pub(crate) now: OffsetDateTime,
    /// Makes ids.
    pub(crate) new_id: &'a mut dyn FnMut() -> Uuid,
}

/// A changeset that makes sense; whether the data allow it, its questions will tell.
#[derive(Debug)]
pub(crate) struct Validated {
    /// The steps of the database, in order.
    pub(crate) tasks: Vec<Task>,
    /// The metadata rows to write.
    pub(crate) changed: ChangedRows,
    /// What each operation does, so far as it is known without the data.
    pub(crate) impacts: Vec<OperationImpact>,
    /// For each operation the things that a rule may name.
    pub(crate) named: Vec<Vec<Named>>,
    /// The computed fields that are new or computed in another way.
    pub(crate) computed: Vec<Computed>,
    /// The types whose conditions are new or changed, with the place of the operation.
    pub(crate) checked: Vec<(Subject, usize)>,
    /// The slow work that is done afterwards.
    pub(crate) jobs: Vec<PlannedJob>,
    /// The fields that get another type.
    pub(crate) conversions: Vec<PlannedConversion>,
    /// Of a dry run that is not too large: the metadata as each operation leaves it.
    pub(crate) states: Vec<MetadataRows>,
}

/// The most work that states are made for: operations times fields of the schema.
const MAX_STATES: usize = 500_000;

/// A computed field that is new or computed in another way.
#[derive(Debug, Clone)]
pub(crate) struct Computed {
    /// The type that has it.
    pub(crate) owner: Subject,
    /// The field.
    pub(crate) field: FieldId,
    /// Whether it is new, so that nobody has seen a value of it.
    pub(crate) is_new: bool,
    /// The place of the operation in the changeset.
    pub(crate) operation: usize,
    place: Place,
}

/// A changed thing that a rule may name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named {
    /// The type or field.
    pub(crate) id: Uuid,
    /// What becomes of the rule.
    pub(crate) effect: &'static str,
}

/// A changeset while it is validated.
pub(super) struct Validation<'a> {
    pub(super) draft: Draft<'a>,
    pub(super) faults: Vec<Fault>,
    computed: Vec<Computed>,
    tasks: Vec<Task>,
    impacts: Vec<OperationImpact>,
    named: Vec<Vec<Named>>,
    checked: Vec<(Subject, usize)>,
    jobs: Vec<PlannedJob>,
    conversions: Vec<PlannedConversion>,
    /// What came back, each with the operation that brought it.
    undeleted: Vec<(Uuid, Place)>,
    /// Names of types that were refused, so that later operations on them are no faults of their own.
    refused: BTreeSet<String>,
    /// The instant of the change.
    pub(super) now: OffsetDateTime,
    new_id: &'a mut dyn FnMut() -> Uuid,
}

/// Validates a changeset against the live schema.
pub(crate) fn validate(changeset: &Changeset, ground: Ground<'_>) -> Result<Validated> {
    let mut validation = Validation::new(ground);
    let mut states = Vec::new();
    let work = changeset.operations.len() * validation.draft.every_field().len();
    let keeps_states = changeset.dry_run && work <= MAX_STATES;
    for (at, operation) in changeset.operations.iter().enumerate() {
        let place = Place::Pointer(String::new()).child("operations").child(at);
        validation.impacts.push(OperationImpact::default());
        validation.named.push(Vec::new());
        validation.operation(operation, &place);
        validation.add_dependants();
        if keeps_states && validation.faults.is_empty() {
            states.push(validation.draft.rows_now()?);
        }
    }
    if validation.faults.is_empty() {
        validation.undeleted_fit();
    }
    if validation.faults.is_empty() {
        validation.expressions_fit();
    }
    if validation.faults.is_empty() {
        validation.computed_fields_fit()?;
    }
    validation.finish(states)
}

impl<'a> Validation<'a> {
    fn new(ground: Ground<'a>) -> Self {
        let Ground {
            rows,
            catalog,
            now,
            new_id,
        } = ground;
        Self {
            draft: Draft::new(catalog, rows),
            faults: Vec::new(),
            computed: Vec::new(),
            tasks: Vec::new(),
            impacts: Vec::new(),
            named: Vec::new(),
            checked: Vec::new(),
            jobs: Vec::new(),
            conversions: Vec::new(),
            undeleted: Vec::new(),
            refused: BTreeSet::new(),
            now,
            new_id,
        }
    }

    /// What is to be done, unless there are faults.
    fn finish(self, states: Vec<MetadataRows>) -> Result<Validated> {
        if !self.faults.is_empty() {
            return Err(Error::Invalid(self.faults));
        }
        Ok(Validated {
            changed: self.draft.changed_rows(self.now)?,
            tasks: self.tasks,
            impacts: self.impacts,
            named: self.named,
            computed: self.computed,
            checked: self.checked,
            jobs: self.jobs,
            conversions: self.conversions,
            states,
        })
    }
}

impl Validation<'_> {
    fn operation(&mut self, operation: &Operation, place: &Place) {
        self.draft.deletes(None);
        match operation {
            Operation::AddObjectType(input) => self.add_object_type(input, place),
            Operation::AddField(input) => self.add_field(input, place),
            Operation::AddRelationType(input) => self.add_relation_type(input, place),
            Operation::UpdateObjectType(input) => self.update_object_type(input, place),
            Operation::UpdateField(input) => self.update_field(input, place),
            Operation::UpdateRelationType(input) => self.update_relation_type(input, place),
            Operation::ConvertField(input) => self.convert_field(input, place),
            Operation::DropAlias(input) => self.drop_alias(input, place),
            Operation::CreateIndex(input) => self.set_index(input, true, place),
            Operation::DropIndex(input) => self.set_index(input, false, place),
            Operation::DeleteField(input) => self.delete_field(input, place),
            Operation::DeleteObjectType(input) => self.delete_object_type(input, place),
            Operation::DeleteRelationType(input) => self.delete_relation_type(input, place),
            Operation::AddOptionList(input) => self.add_option_list(input, place),
            Operation::UpdateOptionList(input) => self.update_option_list(input, place),
            Operation::DeleteOptionList(input) => self.delete_option_list(input, place),
            Operation::UndeleteField(input) => self.undelete_field(input, place),
            Operation::UndeleteObjectType(input) => self.undelete_object_type(input, place),
            Operation::UndeleteRelationType(input) => self.undelete_relation_type(input, place),
            Operation::UndeleteOptionList(input) => self.undelete_option_list(input, place),
            Operation::Purge(input) => self.purge(input, place),
        }
    }

    /// The object or relation type that an operation names.
    fn owner(
        &mut self,
        object: Option<&str>,
        relation: Option<&str>,
        place: &Place,
    ) -> Option<Subject> {
        match (object, relation) {
            (Some(object), None) => self.object(object, place).map(Subject::Object),
            (None, Some(relation)) => self.relation(relation, place).map(Subject::Relation),
            (Some(_), Some(_)) | (None, None) => {
                let message = "needs either `object` or `relation`";
                self.refuse(place.clone(), FaultCode::InvalidRequest, message);
                None
            }
        }
    }

    fn object(&mut self, name: &str, place: &Place) -> Option<ObjectTypeId> {
        let found = self.draft.find_object(name);
        if found.is_none() && !self.is_refused(name) {
            let message = format!("there is no object type {name:?}");
            self.refuse(place.child("object"), FaultCode::UnknownObject, message);
        }
        found
    }

    fn relation(&mut self, name: &str, place: &Place) -> Option<crate::id::RelationTypeId> {
        let found = self.draft.find_relation(name);
        if found.is_none() && !self.is_refused(name) {
            let message = format!("there is no relation type {name:?}");
            self.refuse(place.child("relation"), FaultCode::UnknownRelation, message);
        }
        found
    }

    /// Whether an earlier operation tried to make a type of this name.
    pub(super) fn is_refused(&self, name: &str) -> bool {
        self.refused.contains(name)
    }

    fn step(&mut self, step: Step) {
        let operation = self.impacts.len().saturating_sub(1);
        self.tasks.push(Task { operation, step });
    }

    /// Asks for slow work after the changeset.
    fn enqueue(&mut self, input: JobInput) {
        let operation = self.impacts.len().saturating_sub(1);
        let job = PlannedJob {
            operation,
            input,
            id: None,
        };
        if !self.jobs.contains(&job) {
            self.jobs.push(job);
        }
    }

    /// The impact of the operation that is looked at.
    fn impact(&mut self) -> &mut OperationImpact {
        if self.impacts.is_empty() {
            self.impacts.push(OperationImpact::default());
        }
        let at = self.impacts.len() - 1;
        &mut self.impacts[at]
    }

    fn summarize(&mut self, summary: String) {
        self.impact().summary = summary;
    }

    /// Says that rules with this id in them are touched by the operation.
    fn touches(&mut self, id: Uuid, effect: &'static str) {
        if let Some(named) = self.named.last_mut() {
            named.push(Named { id, effect });
        }
    }
}
