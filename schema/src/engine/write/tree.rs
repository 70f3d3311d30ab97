//! Trees kept: no record lies below itself, and none too deep.
//!
//! Two writers who move records of one tree at a time could each find the other's move not done yet. So
//! whoever moves a record holds those above its new place until the transaction ends.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::Writing;
use crate::{
    catalog::{Field, ObjectType, Subject},
    error::{Error, FaultCode, Place, Result},
    field_type::MAX_TREE_DEPTH,
    plan::read::parse_id,
    sql::tree as sql,
};

/// How often it is looked for who has come to be above a record in the meantime.
const ROUNDS: usize = 5;

/// A record above another one.
struct Above {
    of: Uuid,
    id: Uuid,
    depth: i64,
}

/// The references of a type that make trees of its records.
fn trees(object: &ObjectType) -> impl Iterator<Item = &Arc<Field>> {
    object.fields.iter().filter(|field| field.settings.tree)
}

impl Writing<'_> {
    /// Locks a record that is about to be moved and those above its new place, in one order for
    /// everybody: each of them could be moved too at the moment.
    pub(super) async fn hold_moved(
        &self,
        object: &Arc<ObjectType>,
        id: Uuid,
        patch: &Map<String, Json>,
    ) -> Result<()> {
        if !self.dialect().has_row_locks() {
            return Ok(());
        }
        for field in trees(object) {
            let aliases = field.aliases.iter().map(|alias| alias.name.as_str());
            let sent = aliases
                .chain([field.name.as_str()])
                .find_map(|name| patch.get(name));
            let sent = sent.and_then(|sent| sent.as_str().or_else(|| sent["id"].as_str()));
            let Some(place) = sent.and_then(parse_id) else {
                continue;
            };
            let above = self.above((object, field), &[place.uuid()]).await?;
            let above = above.into_iter().map(|above| above.id);
            let ids: BTreeSet<Uuid> = above.chain([id, place.uuid()]).collect();
            self.hold(object, ids).await?;
        }
        Ok(())
    }

    /// A record whose place in a tree has changed does not lie below itself, and not too deep; nor does
    /// anything below it.
    pub(super) async fn keep_trees(
        &self,
        (subject, id): (Subject, Uuid),
        changes: &Map<String, Json>,
        place: &Place,
    ) -> Result<()> {
        let Subject::Object(object) = subject else {
            return Ok(());
        };
        let Some(object) = self.catalog.find_object(object) else {
            return Ok(());
        };
        for field in trees(object) {
            let Some(change) = changes.get(&field.id.to_string()) else {
                continue;
            };
            if change["after"].is_null() {
                continue;
            }
            let place = place.child(&field.name);
            let is_new = change.get("before").is_none();
            let above = if is_new {
                self.above((object, field), &[id]).await?
            } else {
                self.above_for_good((object, field), &[id]).await?
            };
            if above.iter().any(|above| above.id == id) {
                let message = "a record can't lie below itself: what it is put below lies below it; \
                               move that one first";
                return Err(Error::fault(place, FaultCode::InvalidValue, message));
            }
            let depth = above.iter().map(|above| above.depth).max().unwrap_or(0);
            let below = if is_new {
                0
            } else {
                self.height((object, field), id).await?
            };
            if depth + below > i64::from(MAX_TREE_DEPTH) {
                let message = format!(
                    "a tree is at most {MAX_TREE_DEPTH} levels deep below its top, and this would make \
                     {}; put it below a record further up",
                    depth + below
                );
                return Err(Error::fault(place, FaultCode::InvalidValue, message));
            }
        }
        Ok(())
    }

    /// No record that has come back lies below itself: those above it may have been moved while it was
    /// away.
    pub(super) async fn keep_returned(&self, object: &ObjectType, ids: &[Uuid]) -> Result<()> {
        for field in trees(object) {
            let above = self.above_for_good((object, field), ids).await?;
            if above.iter().any(|above| above.id == above.of) {
                let message = "a record would lie below itself: what it was put below has been moved \
                               below what hangs on it; move that first";
                return Err(Error::Conflict(message.to_owned()));
            }
        }
        Ok(())
    }

    /// The live records above some, which are held and stay there.
    async fn above_for_good(
        &self,
        tree: (&ObjectType, &Field),
        ids: &[Uuid],
    ) -> Result<Vec<Above>> {
        let mut held: HashSet<Uuid> = ids.iter().copied().collect();
        for _ in 0..ROUNDS {
            let above = self.above(tree, ids).await?;
            let open: BTreeSet<Uuid> = above
                .iter()
                .map(|above| above.id)
                .filter(|id| !held.contains(id))
                .collect();
            if open.is_empty() || !self.dialect().has_row_locks() {
                return Ok(above);
            }
            held.extend(&open);
            self.hold(tree.0, open).await?;
        }
        Err(Error::Aborted)
    }

    async fn above(
        &self,
        (object, field): (&ObjectType, &Field),
        ids: &[Uuid],
    ) -> Result<Vec<Above>> {
        let tree = (object, field.column());
        let select = sql::above(self.catalog, self.dialect(), tree, ids);
        let mut above = Vec::new();
        for row in self.tx.connection().fetch(select).await? {
            let found = (row.uuid(0)?, row.uuid(1)?, row.integer(2)?);
            if let (Some(of), Some(id), Some(depth)) = found {
                above.push(Above { of, id, depth });
            }
        }
        Ok(above)
    }

    async fn height(&self, (object, field): (&ObjectType, &Field), id: Uuid) -> Result<i64> {
        let tree = (object, field.column());
        let select = sql::height(self.catalog, self.dialect(), tree, id);
        let rows = self.tx.connection().fetch(select).await?;
        let height = rows.first().map(|row| row.integer(0)).transpose()?;
        Ok(height.flatten().unwrap_or(0))
    }

    async fn hold(&self, object: &ObjectType, ids: BTreeSet<Uuid>) -> Result<()> {
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let hold = sql::hold(self.catalog, self.dialect(), object, &ids);
        self.tx.connection().fetch(hold).await?;
        Ok(())
    }
}
