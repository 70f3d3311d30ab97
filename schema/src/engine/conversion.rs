//! Conversions of fields as they are reported: tried by dry runs, and with values only for those who may
//! read them.

use serde_json::Value as Json;

use crate::{
    access::{Caller, Checker, Grant, Permit, Read, Visibility},
    catalog::Subject,
    change::{ChangeReport, Changeset, JobInput, PlannedConversion},
    engine::Engine,
    error::{Fault, FaultCode, Result},
    field_type::OnMisfit,
    id::{FieldId, JobId},
    store::{Change, Ended},
};

/// The reason that is told to those who may not read the value, for it may say the value.
const UNTOLD: &str = "does not fit the new type";

impl Engine {
    /// Adds to the report of a dry run which values would not fit.
    pub(super) async fn try_conversions(
        &self,
        caller: &Caller,
        conversions: &[PlannedConversion],
        report: &mut ChangeReport,
    ) -> Result<()> {
        for planned in conversions {
            let (rows, mut misfits) = self.store.try_conversion(planned, report.version).await?;
            if !self.reads_all(caller, planned.owner, planned.from.id) {
                for sample in &mut misfits.samples {
                    sample.value = None;
                    UNTOLD.clone_into(&mut sample.reason);
                }
            }
            if planned.rules.on_misfit == OnMisfit::Refuse && misfits.rows > 0 {
                report.faults.push(Fault {
                    place: planned.place.clone(),
                    code: FaultCode::InvalidValue,
                    message: format!(
                        "{} record(s) have a value that does not fit the new type; change them, or \
                         convert with `onMisfit: \"clear\"`",
                        misfits.rows
                    ),
                });
            }
            if let Some(impact) = report.operations.get_mut(planned.operation) {
                impact.rows_affected += rows;
                impact.rows_failing += misfits.rows;
                impact.misfits = Some(misfits);
            }
        }
        Ok(())
    }

    /// Whether the caller may read a field in all records.
    fn reads_all(&self, caller: &Caller, owner: Subject, field: FieldId) -> bool {
        let state = self.state();
        let checker = Checker::new(&state.catalog, &state.policy, caller);
        let grant: Option<Grant<Read>> = match owner {
            Subject::Object(id) => checker.grant_read(id),
            Subject::Relation(id) => {
                let relation = state.catalog.find_relation(id);
                relation.and_then(|relation| checker.grant_relation(relation))
            }
        };
        let fields = state.catalog.subject_fields(owner);
        let field = fields.and_then(|fields| fields.find_by_id(field));
        grant.zip(field).is_some_and(|(grant, field)| {
            let seen = grant.field(field.name.as_str());
            let always = seen.is_some_and(|it| matches!(it.visibility, Visibility::Always));
            always && grant.rows().into_condition().is_true()
        })
    }

    /// Takes the values out of what a job tells, unless the caller may read them.
    pub(super) fn hide_misfits(&self, caller: &Caller, job: &mut entity::job::Model) {
        let Ok(JobInput::Convert(input)) = JobInput::of_columns(&job.kind, &job.payload) else {
            return;
        };
        let owner = self.state().catalog.find_subject_by_id(input.owner);
        if owner.is_some_and(|owner| self.reads_all(caller, owner, input.field)) {
            return;
        }
        for told in [&mut job.progress, &mut job.report].into_iter().flatten() {
            let samples = told.pointer_mut("/misfits/samples");
            let samples = samples.and_then(Json::as_array_mut).into_iter().flatten();
            for sample in samples.filter_map(Json::as_object_mut) {
                sample.shift_remove("value");
                sample.insert("reason".to_owned(), Json::from(UNTOLD));
            }
        }
    }

    /// Cancels a conversion; false when it has ended.
    pub(super) async fn cancel_conversion(
        &self,
        permit: &Permit,
        caller: &Caller,
        id: JobId,
    ) -> Result<bool> {
        let changeset = Changeset::default();
        let change = Change {
            changeset: &changeset,
            caller,
            now: self.clock.now(),
            ids: &self.ids,
            log: Some(serde_json::json!([{"op": "cancelJob", "kind": "convert", "job": id}])),
            reads: None,
            known: self.state().catalog,
        };
        match self.store.cancel_conversion(permit, id, &change).await? {
            Ended::Lost => Ok(false),
            Ended::Done(catalog) => {
                self.put(catalog);
                Ok(true)
            }
        }
    }
}
