//! The schema as a document: written from the catalog, and the way to another one.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::describe::SchemaView;
use crate::{
    access::{Caller, Checker, Permission},
    catalog::{Catalog, FieldList, MetadataRows},
    change::{
        Changeset, Entry, Ground, Lost, SchemaDocument, difference, list_entry, object_entry,
        relation_entry, validate,
    },
    engine::{Engine, state::State},
    error::Result,
};

/// What comes back for a document.
pub(super) struct Undeleted {
    /// The state before it.
    pub(super) state: State,
    /// The operations that bring it back.
    pub(super) operations: Vec<Json>,
    /// The catalog with it.
    pub(super) catalog: Arc<Catalog>,
}

impl Engine {
    /// What admins have defined, beyond what is shipped.
    pub fn export_schema(&self, caller: &Caller) -> Result<SchemaDocument> {
        self.permit(caller, Permission::ManageSchema)?;
        let state = self.state();
        let own = whole(&state, &state.catalog, caller);
        Ok(own.beyond(&Self::shipped(&state, caller)?))
    }

    /// The changeset that makes the schema what the document says: nothing when it is so already. What
    /// the document does not have stays, unless `prune` says that it goes.
    ///
    /// What the document has and was deleted comes back with its data.
    pub async fn plan_schema(
        &self,
        caller: &Caller,
        wanted: &SchemaDocument,
        prune: bool,
    ) -> Result<Option<Changeset>> {
        self.permit(caller, Permission::ManageSchema)?;
        let back = self.undeleted_for(wanted, &BTreeSet::new()).await?;
        let state = back.state;
        let shipped = Self::shipped(&state, caller)?;
        let own = whole(&state, &back.catalog, caller);
        let mut operations = back.operations;
        let wanted = wanted.with_labels().upon(&shipped);
        operations.extend(difference(&own, &wanted, prune));
        if operations.is_empty() {
            return Ok(None);
        }
        let changeset = json!({
            "expectedVersion": state.catalog.version(),
            "operations": operations,
        });
        Changeset::parse(changeset).map(Some)
    }

    /// The operations that bring back what a document has and was deleted, of what has no id if it is
    /// one of these.
    pub(super) async fn undeleted_for(
        &self,
        wanted: &SchemaDocument,
        by_name: &BTreeSet<Uuid>,
    ) -> Result<Undeleted> {
        let rows = self.store.load_metadata().await?;
        if rows.version > self.state().catalog.version() {
            self.reload().await?;
        }
        let state = self.state();
        let lost = Lost {
            rows: &rows,
            by_name,
        };
        let operations = lost.undeletions(wanted);
        let mut catalog = Arc::clone(&state.catalog);
        if !operations.is_empty() {
            let changeset = Changeset::parse(json!({"operations": operations}))?;
            let now = self.clock.now();
            let ground = Ground {
                rows: &rows,
                catalog: &state.catalog,
                now,
                new_id: &mut || self.ids.uuid(now),
            };
            let validated = validate(&changeset, ground)?;
            let mut after = rows.clone();
            validated.changed.put_into(&mut after);
            catalog = Arc::new(Catalog::load(&after)?);
        }
        Ok(Undeleted {
            state,
            operations,
            catalog,
        })
    }

    /// The catalog that a changeset would make, for what is planned together with it.
    pub(super) async fn catalog_after(&self, changeset: &Changeset) -> Result<Arc<Catalog>> {
        let rows = self.store.load_metadata().await?;
        let now = self.clock.now();
        let ground = Ground {
            rows: &rows,
            catalog: &self.state().catalog,
            now,
            new_id: &mut || self.ids.uuid(now),
        };
        let validated = validate(changeset, ground)?;
        let mut after = rows.clone();
        validated.changed.put_into(&mut after);
        Catalog::load(&after).map(Arc::new)
    }

    /// The schema that comes with the binary.
    fn shipped(state: &State, caller: &Caller) -> Result<SchemaDocument> {
        let catalog = Arc::new(Catalog::load(&MetadataRows::default())?);
        Ok(whole(state, &catalog, caller))
    }
}

/// The whole of a catalog.
pub(super) fn whole(state: &State, catalog: &Arc<Catalog>, caller: &Caller) -> SchemaDocument {
    part(state, catalog, (caller, &|_| true))
}

/// The types and lists of a catalog whose ids are wanted.
pub(super) fn part(
    state: &State,
    catalog: &Arc<Catalog>,
    (caller, wants): (&Caller, &dyn Fn(Uuid) -> bool),
) -> SchemaDocument {
    let system = Caller::system("writing the schema down", caller.now);
    let surface = Checker::new(catalog, &state.policy, &system).surface();
    let view = SchemaView::new(Arc::clone(catalog), surface);
    let objects = catalog.objects().into_iter();
    let objects = objects.filter(|object| wants(object.id.uuid()));
    let objects = objects.filter_map(|object| {
        let described = view.object(object.name.as_str()).ok()?;
        let mut members = members(&described)?;
        mark(&mut members, &object.id.to_string(), &object.fields);
        Some(object_entry(&members))
    });
    let relations = view.relations().into_iter().filter_map(|described| {
        let relation = catalog.find_relation_by_name(&described.name)?;
        let mut members = members(&described).filter(|_| wants(relation.id.uuid()))?;
        mark(&mut members, &relation.id.to_string(), &relation.fields);
        Some(relation_entry(&members))
    });
    let lists = catalog.option_lists().iter();
    let lists = lists.filter(|list| wants(list.id.uuid()));
    let lists = lists.filter_map(|list| {
        let mut members = members(&list.definition)?;
        members.insert("id".to_owned(), Json::from(list.id.to_string()));
        Some(list_entry(&members))
    });
    SchemaDocument {
        option_lists: lists.collect(),
        objects: objects.collect(),
        relations: relations.collect(),
    }
}

/// Puts the ids, and where fields stand.
fn mark(members: &mut Entry, id: &str, own: &FieldList) {
    members.insert("id".to_owned(), Json::from(id));
    let Some(Json::Array(fields)) = members.get_mut("fields") else {
        return;
    };
    for field in fields.iter_mut().filter_map(Json::as_object_mut) {
        let name = field.get("name").and_then(Json::as_str).unwrap_or_default();
        if let Some(known) = own.find(name) {
            field.insert("id".to_owned(), Json::from(known.id.to_string()));
            field.insert("position".to_owned(), Json::from(known.position));
        }
    }
}

fn members(of: &impl serde::Serialize) -> Option<Entry> {
    match serde_json::to_value(of) {
        Ok(Json::Object(members)) => Some(members),
        Ok(_) | Err(_) => None,
    }
}
