//! The reverse of a changeset: the operations that take it back. It is found by comparing the schema
//! before and after each operation, as files are compared with it, so that it knows of everything that a
//! definition may say; and it is validated like any changeset before it is told.

use std::sync::Arc;

use entity::JsonText;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::document::part;
use crate::{
    access::Caller,
    catalog::{Catalog, MetadataRows, Predecessor, Subject},
    change::{
        ChangeReport, Changeset, Ground, Operation, Reverse, SchemaDocument, difference, validate,
    },
    engine::{Engine, state::State},
    error::{Error, Fault, Result},
    store::Change,
};

/// A changeset and the metadata on its way.
pub(super) struct Way<'a> {
    pub(super) changeset: &'a Changeset,
    /// The metadata before it.
    pub(super) before: MetadataRows,
    /// The metadata after each operation; nothing when there is too much of it.
    pub(super) states: Vec<MetadataRows>,
}

/// The most operations that are found to have no reverse before the rest is given up.
const MAX_ATTEMPTS: usize = 50;

impl Engine {
    /// Adds to the report how the changeset is taken back.
    pub(super) fn add_reverse(
        &self,
        change: &Change<'_>,
        way: &Way<'_>,
        report: &mut ChangeReport,
    ) -> Result<()> {
        if way.states.len() != way.changeset.operations.len() {
            for impact in &mut report.operations {
                let note = "the changeset is too large for its reverse to be worked out; take fewer \
                            operations at a time";
                impact.reverse = Some(none(note));
            }
            return Ok(());
        }
        let mut reverses = self.reverses(change.caller, way)?;
        keep_valid(change, way, &mut reverses)?;
        let is_whole = reverses
            .iter()
            .all(|reverse| !reverse.operations.is_empty());
        report.reverse = is_whole.then(|| joined(&reverses));
        for (impact, reverse) in report.operations.iter_mut().zip(reverses) {
            impact.reverse = Some(reverse);
        }
        Ok(())
    }

    /// The reverse of each operation, not yet validated.
    fn reverses(&self, caller: &Caller, way: &Way<'_>) -> Result<Vec<Reverse>> {
        let state = self.state();
        let mut to = Arc::new(Catalog::load(&way.before)?);
        let mut before = &way.before;
        let mut reverses = Vec::with_capacity(way.states.len());
        for (operation, rows) in way.changeset.operations.iter().zip(&way.states) {
            let known = Predecessor {
                rows: before,
                catalog: &to,
            };
            let from = Arc::new(Catalog::load_after(rows, known)?);
            let operations = match undelete(operation, &to) {
                Some(undelete) => vec![undelete],
                None => steps_back(&state, caller, (&from, rows), &to)?,
            };
            reverses.push(noted(operation, operations));
            (to, before) = (from, rows);
        }
        Ok(reverses)
    }
}

/// Takes the operations away that can't be carried out, with the reason in their place.
fn keep_valid(change: &Change<'_>, way: &Way<'_>, reverses: &mut [Reverse]) -> Result<()> {
    let Some(rows) = way.states.last() else {
        return Ok(());
    };
    let catalog = Catalog::load(rows)?;
    for _ in 0..MAX_ATTEMPTS {
        let operations = joined(reverses);
        if operations.is_empty() {
            return Ok(());
        }
        let checked = Changeset::parse(json!({"operations": operations})).and_then(|back| {
            let ground = Ground {
                rows,
                catalog: &catalog,
                now: change.now,
                new_id: &mut || change.ids.uuid(change.now),
            };
            validate(&back, ground)
        });
        let faults = match checked {
            Ok(_) => return Ok(()),
            Err(Error::Invalid(faults)) => faults,
            Err(error) => return Err(error),
        };
        let Some(fault) = faults.first() else {
            return Ok(());
        };
        if !take_away(reverses, fault) {
            break;
        }
    }
    for reverse in reverses {
        *reverse = none("what it changes and what other operations change can't be told apart");
    }
    Ok(())
}

fn none(note: &str) -> Reverse {
    Reverse {
        operations: Vec::new(),
        note: Some(note.to_owned()),
    }
}

/// The operations that take back all: the last one first.
fn joined(reverses: &[Reverse]) -> Vec<Json> {
    let last_first = reverses.iter().rev();
    last_first.flat_map(|it| it.operations.clone()).collect()
}

/// Takes the operations away of which one has this fault; whether there was one.
fn take_away(reverses: &mut [Reverse], fault: &Fault) -> bool {
    let mut segments = fault.place.text().split('/').skip(2);
    let Some(mut at) = segments.next().and_then(|at| at.parse::<usize>().ok()) else {
        return false;
    };
    for reverse in reverses.iter_mut().rev() {
        if at < reverse.operations.len() {
            *reverse = none(&format!("can't be taken back: {}", fault.message));
            return true;
        }
        at -= reverse.operations.len();
    }
    false
}

/// The operation that brings back what this one deletes.
fn undelete(operation: &Operation, to: &Catalog) -> Option<Json> {
    let back = |op: &str, id: Uuid| Some(json!({"op": op, "id": id.to_string()}));
    if let Operation::DeleteField(it) = operation {
        let owner = it.object.as_deref().or(it.relation.as_deref())?;
        let fields = to.subject_fields(to.find_subject(owner)?)?;
        return back("undeleteField", fields.find(&it.field)?.id.uuid());
    }
    if let Operation::DeleteObjectType(it) = operation {
        let object = to.find_object_by_name(&it.object)?;
        return back("undeleteObjectType", object.id.uuid());
    }
    if let Operation::DeleteRelationType(it) = operation {
        let relation = to.find_relation_by_name(&it.relation)?;
        return back("undeleteRelationType", relation.id.uuid());
    }
    if let Operation::DeleteOptionList(it) = operation {
        let mut lists = to.option_lists().iter();
        let list = lists.find(|list| list.definition.name.as_str() == it.option_list)?;
        return back("undeleteOptionList", list.id.uuid());
    }
    None
}

/// The reverse with what is to be said of it.
fn noted(operation: &Operation, operations: Vec<Json>) -> Reverse {
    use Operation as O;
    let replaces = if let O::UpdateField(it) = operation {
        it.settings.contains_key("replaceOptions")
    } else if let O::UpdateOptionList(it) = operation {
        !it.replace_options.is_empty()
    } else {
        false
    };
    let note = if matches!(operation, O::DropAlias(_)) {
        Some("an alias that was dropped does not come back")
    } else if matches!(operation, O::Purge(_)) {
        Some("what is purged is gone for good")
    } else if matches!(operation, O::ConvertField(_)) && operations.is_empty() {
        Some("a job does it: cancel the job, or convert the field back when it has ended")
    } else if operations.is_empty() {
        Some("it changes nothing that could be taken back")
    } else if replaces {
        Some("the records keep the options that they were given")
    } else if matches!(
        operation,
        O::DeleteField(_)
            | O::DeleteObjectType(_)
            | O::DeleteRelationType(_)
            | O::DeleteOptionList(_)
    ) {
        Some("as long as it is not purged")
    } else if matches!(
        operation,
        O::AddField(_) | O::AddObjectType(_) | O::AddRelationType(_)
    ) {
        Some("what is written to it by then is hidden with it")
    } else {
        None
    };
    Reverse {
        operations,
        note: note.map(str::to_owned),
    }
}

/// The operations that lead from a schema to the one before it: names first, so that all the rest
/// speaks of the names of before.
fn steps_back(
    state: &State,
    caller: &Caller,
    (from, rows): (&Arc<Catalog>, &MetadataRows),
    to: &Arc<Catalog>,
) -> Result<Vec<Json>> {
    let wants = |id: Uuid| differs(from, to, id);
    let document = |catalog: &Arc<Catalog>| part(state, catalog, (caller, &wants));
    let before = document(to);
    let Some(renamed) = with_names_of(rows, to) else {
        return Ok(difference(&document(from), &before, true));
    };
    let mut operations = renames(&document(from), &before);
    let known = Predecessor {
        rows,
        catalog: from,
    };
    let renamed = Arc::new(Catalog::load_after(&renamed, known)?);
    operations.extend(difference(&document(&renamed), &before, true));
    Ok(operations)
}

/// Whether a type or list is not the same in two catalogs.
fn differs(from: &Catalog, to: &Catalog, id: Uuid) -> bool {
    let of = |catalog: &Catalog| {
        let subject = catalog.find_subject_by_id(id);
        let list = catalog.find_option_list(crate::id::OptionListId::new(id));
        let list = list.map(|list| list.definition.clone());
        match subject {
            Some(Subject::Object(id)) => (catalog.find_object(id).cloned(), None, list),
            Some(Subject::Relation(id)) => (None, catalog.find_relation(id).cloned(), list),
            None => (None, None, list),
        }
    };
    of(from) != of(to)
}

/// The operations that give things the names of before, and nothing else.
fn renames(from: &SchemaDocument, to: &SchemaDocument) -> Vec<Json> {
    let operations = difference(from, to, false).into_iter();
    let renames = operations.filter_map(|operation| {
        let Json::Object(members) = operation else {
            return None;
        };
        let op = members.get("op")?.as_str()?;
        if !op.starts_with("update") {
            return None;
        }
        let mut kept = Map::new();
        let mut names = false;
        for (key, value) in &members {
            let value = match (key.as_str(), value) {
                ("op" | "object" | "relation" | "field" | "optionList", value) => value.clone(),
                ("name" | "plural" | "inverse", value) => {
                    names = true;
                    value.clone()
                }
                ("source" | "target", Json::Object(end)) if end.contains_key("name") => {
                    names = true;
                    json!({"name": end["name"]})
                }
                _ => continue,
            };
            kept.insert(key.clone(), value);
        }
        if op != "updateOptionList" {
            // The name that is given up must be free for what comes back under it.
            kept.insert("aliasUntil".to_owned(), Json::Null);
        }
        names.then_some(Json::Object(kept))
    });
    renames.collect()
}

/// The metadata with the names that things have in a catalog; nothing when they have them already.
fn with_names_of(rows: &MetadataRows, to: &Catalog) -> Option<MetadataRows> {
    let mut named = rows.clone();
    let mut changed = false;
    for row in &mut named.objects {
        if let Some(object) = to.find_object(crate::id::ObjectTypeId::new(row.id)) {
            changed |= put(&mut row.definition, &["name"], object.name.as_str());
            changed |= put(&mut row.definition, &["plural"], object.plural.as_str());
        }
    }
    for row in &mut named.relations {
        if let Some(relation) = to.find_relation(crate::id::RelationTypeId::new(row.id)) {
            let definition = &mut row.definition;
            changed |= put(definition, &["name"], relation.name.as_str());
            changed |= put(
                definition,
                &["source", "name"],
                relation.source.name.as_str(),
            );
            changed |= put(
                definition,
                &["target", "name"],
                relation.target.name.as_str(),
            );
        }
    }
    for row in &mut named.fields {
        let fields = to.find_subject_by_id(row.owner_id);
        let fields = fields.and_then(|owner| to.subject_fields(owner));
        let field = fields.and_then(|it| it.find_by_id(crate::id::FieldId::new(row.id)));
        if let Some(field) = field {
            let definition = &mut row.definition;
            changed |= put(definition, &["name"], field.name.as_str());
            if let Some(inverse) = &field.settings.inverse {
                let path = ["settings", "inverse", "name"];
                changed |= put(definition, &path, inverse.name.as_str());
            }
        }
    }
    for row in &mut named.option_lists {
        if let Some(list) = to.find_option_list(crate::id::OptionListId::new(row.id)) {
            let name = list.definition.name.as_str();
            changed |= put(&mut row.definition, &["name"], name);
        }
    }
    changed.then_some(named)
}

/// Puts a text where another one stands; whether it is another one.
fn put(definition: &mut JsonText, path: &[&str], name: &str) -> bool {
    let before = path.iter().try_fold(&**definition, |at, key| at.get(*key));
    if before
        .and_then(Json::as_str)
        .is_none_or(|text| text == name)
    {
        return false; // and the value stays shared
    }
    let found = path
        .iter()
        .try_fold(&mut **definition, |at, key| at.get_mut(*key));
    if let Some(text) = found {
        *text = name.into();
    }
    true
}
