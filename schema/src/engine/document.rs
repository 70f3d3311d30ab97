//! The schema as a document: written from the catalog, and the way to another one.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::describe::SchemaView;
use crate::{
    access::{Caller, Checker, Permission},
    catalog::{Catalog, FieldList, MetadataRows},
    change::{
        Changeset, Entry, SchemaDocument, difference, list_entry, object_entry, relation_entry,
    },
    engine::{Engine, state::State},
    error::Result,
};

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
    pub fn plan_schema(
        &self,
        caller: &Caller,
        wanted: &SchemaDocument,
        prune: bool,
    ) -> Result<Option<Changeset>> {
        self.permit(caller, Permission::ManageSchema)?;
        let state = self.state();
        let shipped = Self::shipped(&state, caller)?;
        let own = whole(&state, &state.catalog, caller);
        let operations = difference(&own, &wanted.with_labels().upon(&shipped), prune);
        if operations.is_empty() {
            return Ok(None);
        }
        let changeset = json!({
            "expectedVersion": state.catalog.version(),
            "operations": operations,
        });
        Changeset::parse(changeset).map(Some)
    }

    /// The schema that comes with the binary.
    fn shipped(state: &State, caller: &Caller) -> Result<SchemaDocument> {
        let catalog = Arc::new(Catalog::load(&MetadataRows::default())?);
        Ok(whole(state, &catalog, caller))
    }
}

/// The whole of a catalog.
pub(super) fn whole(state: &State, catalog: &Arc<Catalog>, caller: &Caller) -> SchemaDocument {
    let system = Caller::system("writing the schema down", caller.now);
    let surface = Checker::new(catalog, &state.policy, &system).surface();
    let view = SchemaView::new(Arc::clone(catalog), surface);
    let objects = view.objects().into_iter().filter_map(|described| {
        let mut members = members(&described)?;
        let object = catalog.find_object_by_name(&described.name)?;
        mark(&mut members, &object.id.to_string(), &object.fields);
        Some(object_entry(&members))
    });
    let relations = view.relations().into_iter().filter_map(|described| {
        let mut members = members(&described)?;
        let relation = catalog.find_relation_by_name(&described.name)?;
        mark(&mut members, &relation.id.to_string(), &relation.fields);
        Some(relation_entry(&members))
    });
    let lists = catalog.option_lists().iter().filter_map(|list| {
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
