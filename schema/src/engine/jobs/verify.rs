//! Verification: what is stored of computed fields is compared with what it should be, record after
//! record, and put right where that is asked for.
//!
//! The report tells how many records were looked at, how many of them hold something else, and of up to
//! ten values what is stored and what is right.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use super::{Chunk, JobDescription, Running, Stop};
use crate::{
    access::{Caller, Checker, Grant, Permission, Read},
    catalog::{Catalog, Subject},
    change::{JobInput, VerifyJob},
    engine::Engine,
    error::{Error, FaultCode, Place, Result},
    id::{FieldId, JobId},
    plan::write::field_json,
    store::derive::Stale,
};

/// The most values that a report tells.
const SAMPLES: usize = 10;

/// What is to be compared, in the words of a caller.
#[derive(Clone, Copy, Debug)]
pub struct Verification<'a> {
    /// The name of a type: of an object type, or of a relation type.
    pub owner: &'a str,
    /// Whether it is the name of a relation type.
    pub of_relation: bool,
    /// A computed field; all of the type when there is none.
    pub field: Option<&'a str>,
    /// Whether the right values are written.
    pub repair: bool,
}

/// The most records of one chunk.
const ROWS: usize = 500;

/// How far it is.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Progress {
    /// The last record that was looked at.
    after: Option<Uuid>,
    #[serde(flatten)]
    report: Report,
}

/// What was found.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    /// The records that were looked at.
    rows: u64,
    /// Those that held something else in one of the fields.
    drifted: u64,
    /// Those that were put right.
    repaired: u64,
    samples: Vec<Sample>,
}

/// One value that is not right.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sample {
    record: Uuid,
    /// The name that the field had then.
    field: String,
    stored: Json,
    right: Json,
}

impl Report {
    fn add(&mut self, looked_at: usize, drifted: &[Stale]) {
        self.rows += u64::try_from(looked_at).unwrap_or_default();
        self.drifted += u64::try_from(drifted.len()).unwrap_or_default();
        for stale in drifted {
            for (field, stored, right) in &stale.fields {
                if self.samples.len() < SAMPLES {
                    self.samples.push(Sample {
                        record: stale.id,
                        field: field.name.to_string(),
                        stored: stored.clone(),
                        right: field_json(field, right),
                    });
                }
            }
        }
    }
}

impl VerifyJob {
    pub(super) async fn run(&self, running: &Running<'_>) -> Result<(), Stop> {
        let mut progress: Progress = running.progress()?;
        loop {
            let chunk = running.chunk().await?;
            let fields = self.fields(&chunk);
            let Some(subject) = chunk.catalog.find_subject_by_id(self.owner) else {
                return chunk.finish(&progress.report).await;
            };
            let deriving = chunk.deriving();
            let ids = deriving.live_after(subject, (progress.after, ROWS)).await?;
            let Some(last) = ids.last().filter(|_| !fields.is_empty()) else {
                return chunk.finish(&progress.report).await;
            };
            progress.after = Some(*last);
            let drifted = deriving.drift(subject, &fields, &ids).await?;
            progress.report.add(ids.len(), &drifted);
            if self.repair {
                let wrong: Vec<Uuid> = drifted.iter().map(|stale| stale.id).collect();
                deriving.recompute(subject, &fields, &wrong).await?;
                progress.report.repaired = progress.report.drifted;
            }
            chunk.commit(&progress).await?;
        }
    }

    /// The fields that are there still and can be computed.
    fn fields(&self, chunk: &Chunk<'_>) -> Vec<FieldId> {
        let Some(subject) = chunk.catalog.find_subject_by_id(self.owner) else {
            return Vec::new();
        };
        let all = chunk.derivations.of_owner(subject).iter().copied();
        all.filter(|id| self.field.is_none_or(|wanted| wanted == *id))
            .collect()
    }
}

impl Engine {
    /// Asks for a comparison, which a job makes.
    pub async fn verify(
        &self,
        caller: &Caller,
        wanted: Verification<'_>,
    ) -> Result<JobDescription> {
        let permit = self.permit(caller, Permission::ManageSchema)?;
        let catalog = self.state().catalog;
        let (subject, field) = resolve(&catalog, wanted)?;
        let job = JobInput::Verify(VerifyJob {
            owner: subject.uuid(),
            field,
            repair: wanted.repair,
        });
        let now = self.clock.now();
        let id = JobId::new(self.ids.uuid(now));
        let at = (catalog.version(), now);
        self.store.enqueue_job(&permit, (id, &job), at).await?;
        tracing::info!(%id, actor.kind = caller.actor_kind(), "computed fields are to be verified");
        self.jobs.wake();
        self.load_job(caller, id).await
    }

    /// Every type that has computed fields, by its name, and whether it is a relation type.
    pub fn computed_types(&self, caller: &Caller) -> Result<Vec<(String, bool)>> {
        self.permit(caller, Permission::ManageSchema)?;
        let state = self.state();
        let is_computed = |subject| !state.derivations.of_owner(subject).is_empty();
        let objects = state.catalog.objects().into_iter();
        let objects = objects
            .filter(|it| is_computed(Subject::Object(it.id)))
            .map(|it| (it.name.to_string(), false));
        let relations = state.catalog.relations().into_iter();
        let relations = relations
            .filter(|it| is_computed(Subject::Relation(it.id)))
            .map(|it| (it.name.to_string(), true));
        Ok(objects.chain(relations).collect())
    }

    /// Takes the values out of a report that its reader could not read on every record: who may change
    /// the schema need not be one who may see what is in it.
    pub(super) fn hide_values(&self, caller: &Caller, job: &mut JobDescription) {
        if job.kind != "verify" {
            return;
        }
        let state = self.state();
        let checker = Checker::new(&state.catalog, &state.policy, caller);
        let owner = job.payload["owner"].as_str();
        let owner = owner.and_then(|id| Uuid::try_parse(id).ok());
        let subject = owner.and_then(|id| state.catalog.find_subject_by_id(id));
        let grant = subject.and_then(|subject| read_grant(&checker, subject));
        let lists = [&mut job.report, &mut job.progress];
        for list in lists.into_iter().flatten() {
            let samples = list["samples"].as_array_mut();
            for sample in samples.into_iter().flatten() {
                let name = sample["field"].as_str().unwrap_or_default();
                let shown = grant.as_ref().is_some_and(|grant| shows(grant, name));
                if let Some(members) = sample.as_object_mut().filter(|_| !shown) {
                    members.shift_remove("stored");
                    members.shift_remove("right");
                }
            }
        }
    }
}

fn read_grant(checker: &Checker<'_>, subject: Subject) -> Option<Grant<Read>> {
    match subject {
        Subject::Object(id) => checker.grant_read(id),
        Subject::Relation(id) => checker.grant_relation(checker.catalog().find_relation(id)?),
    }
}

/// Whether the field can be read on every record.
fn shows(grant: &Grant<Read>, name: &str) -> bool {
    let field = grant.field(name);
    field.is_some_and(|field| field.visibility.into_option().is_none())
        && grant.rows().into_condition().is_true()
}

/// The type and field that names stand for.
fn resolve(catalog: &Catalog, wanted: Verification<'_>) -> Result<(Subject, Option<FieldId>)> {
    let subject = if wanted.of_relation {
        let relation = catalog.find_relation_by_name(wanted.owner);
        let relation = relation.ok_or_else(|| Error::NotFound {
            kind: "relation type",
            name: wanted.owner.to_owned(),
        })?;
        Subject::Relation(relation.id)
    } else {
        let object = catalog.find_object_by_name(wanted.owner);
        let object = object.ok_or_else(|| Error::ObjectNotFound(wanted.owner.to_owned()))?;
        Subject::Object(object.id)
    };
    let Some(name) = wanted.field else {
        return Ok((subject, None));
    };
    let fields = catalog.subject_fields(subject);
    let field = fields.and_then(|fields| fields.find(name));
    let field = field.ok_or_else(|| Error::NotFound {
        kind: "field",
        name: name.to_owned(),
    })?;
    if field.field_type.is_formula() || field.field_type.is_rollup() {
        return Ok((subject, Some(field.id)));
    }
    let message = format!(
        "only formulas and rollups are computed; {name} is a field of the type {}",
        field.field_type.name()
    );
    let place = Place::Parameter("field".to_owned());
    Err(Error::fault(place, FaultCode::InvalidValue, message))
}
