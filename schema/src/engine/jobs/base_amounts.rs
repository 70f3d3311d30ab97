//! Amounts in the base currency of the records that are there, after a change of the rates: type by type,
//! live records in the order of their ids. A deleted record is converted when it is restored.

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{CHUNK, Chunk, Running, Stop};
use crate::{
    catalog::{Catalog, Subject},
    change::BaseAmountsJob,
    error::Result,
    store::derive::MoneyFields,
};

/// How far it is: the records of this type up to this one are done, and all types before it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Progress {
    of: Option<Uuid>,
    after: Option<Uuid>,
    converted: u64,
}

impl BaseAmountsJob {
    pub(super) async fn run(&self, running: &Running<'_>) -> Result<(), Stop> {
        let mut progress: Progress = running.progress()?;
        loop {
            let chunk = running.chunk().await?;
            let Some((subject, fields)) = self.next(&chunk.catalog, &progress) else {
                let report = json!({"converted": progress.converted});
                return chunk.finish(&report).await;
            };
            if progress.of != Some(subject.uuid()) {
                progress.of = Some(subject.uuid());
                progress.after = None;
            }
            let ids = self.ids(&chunk, running, (subject, progress.after)).await?;
            match ids.last() {
                Some(last) => {
                    let converted = convert(&chunk, (subject, &fields, &ids)).await?;
                    progress.converted += u64::try_from(converted).unwrap_or_default();
                    progress.after = Some(*last);
                }
                // The greatest id there can be: the next turn goes on with the next type.
                None => progress.after = Some(Uuid::max()),
            }
            chunk.commit(&progress).await?;
        }
    }

    /// The type to go on with, in the order of the ids.
    fn next(&self, catalog: &Catalog, progress: &Progress) -> Option<(Subject, MoneyFields)> {
        let objects = catalog.objects().into_iter();
        let objects = objects.map(|object| Subject::Object(object.id));
        let relations = catalog.relations().into_iter();
        let relations = relations.map(|relation| Subject::Relation(relation.id));
        let is_left = |subject: &Subject| {
            let id = Some(subject.uuid());
            let is_open = id == progress.of && progress.after != Some(Uuid::max());
            (id > progress.of || is_open) && self.owner.is_none_or(|owner| Some(owner) == id)
        };
        let left = objects.chain(relations).filter(is_left);
        let left = left.map(|subject| (subject, MoneyFields::of(catalog, subject)));
        left.filter(|(_, fields)| !fields.is_empty())
            .min_by_key(|(subject, _)| subject.uuid())
    }

    async fn ids(
        &self,
        chunk: &Chunk<'_>,
        running: &Running<'_>,
        (subject, after): (Subject, Option<Uuid>),
    ) -> Result<Vec<Uuid>> {
        let page = (after, CHUNK);
        let since = self.since.map(|day| day.midnight().assume_utc());
        let dialect = running.dialect();
        let select =
            crate::sql::derive::live_since(&chunk.catalog, dialect, subject, (page, since))?;
        let rows = chunk.tx.connection().fetch(select).await?;
        let mut ids = Vec::with_capacity(rows.len());
        for row in rows {
            ids.extend(row.uuid(0)?);
        }
        Ok(ids)
    }
}

/// Converts some records of a type, and computes what depends on them.
async fn convert(
    chunk: &Chunk<'_>,
    (subject, fields, ids): (Subject, &MoneyFields, &[Uuid]),
) -> Result<usize> {
    chunk.deriving().convert(subject, fields, ids).await
}
