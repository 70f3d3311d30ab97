//! Packages: a part of a schema with a name and a version, and the records that belong to it.
//!
//! Installing and upgrading are one changeset each, then the records that are not there yet. What a
//! package brought is remembered by id: what a later version no longer has is deleted, and so is all of
//! it when the package goes. Deleting hides: when the package comes again in time, it comes with its data.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::document::{Undeleted, whole};
use crate::{
    access::{Caller, Permission, Permit},
    catalog::Catalog,
    change::{ChangeReport, Changeset, Entry, SchemaDocument, difference},
    engine::Engine,
    error::{Error, FaultCode, Place, Result},
    request::{WriteRequest, WriteStep},
    value::instant_text,
};

/// The longest name or version.
const MAX_NAME: usize = 60;

/// A package as its files say it.
#[derive(Clone, Debug)]
pub struct Package {
    /// The name, which stays from version to version.
    pub name: String,
    /// The version.
    pub version: String,
    /// The types, relations and lists that it brings or adds to.
    pub document: SchemaDocument,
    /// The records that it brings, in an order in which each names only earlier ones.
    pub seeds: Vec<Seed>,
}

/// A record of a package.
#[derive(Clone, Debug)]
pub struct Seed {
    /// Its name within the package, by which a later version finds it and other seeds point at it:
    /// `{"$seed": "key"}`.
    pub key: String,
    /// The plural name of its object type.
    pub object: String,
    /// Its fields.
    pub values: Map<String, Json>,
}

/// An installed package.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InstalledPackage {
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
    /// When it was installed.
    pub installed_at: String,
    /// When it was last upgraded.
    pub updated_at: String,
}

/// What was done to a package.
#[derive(Debug)]
pub struct PackageReport {
    /// The change of the schema, if there had to be one.
    pub change: Option<ChangeReport>,
    /// How many records were made, or deleted.
    pub records: usize,
}

/// What a package brought, by id.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Contents {
    option_lists: Vec<Uuid>,
    objects: Vec<Uuid>,
    relations: Vec<Uuid>,
    /// Fields of types that the package did not bring.
    fields: Vec<Uuid>,
    seeds: BTreeMap<String, SeededRecord>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct SeededRecord {
    object: Uuid,
    id: Uuid,
}

impl Engine {
    /// The installed packages by name.
    pub async fn list_packages(&self, caller: &Caller) -> Result<Vec<InstalledPackage>> {
        let permit = self.permit(caller, Permission::ManageSchema)?;
        let rows = self.store.list_packages(&permit).await?.into_iter();
        Ok(rows
            .filter(is_installed)
            .map(|row| InstalledPackage {
                name: row.name,
                version: row.version,
                installed_at: instant_text(row.created_at),
                updated_at: instant_text(row.updated_at),
            })
            .collect())
    }

    /// Installs a package, or brings an installed one to this version.
    pub async fn install_package(
        &self,
        caller: &Caller,
        package: &Package,
        dry_run: bool,
    ) -> Result<PackageReport> {
        let permit = self.permit(caller, Permission::ManageSchema)?;
        is_named(&package.name, "name")?;
        is_named(&package.version, "version")?;
        let before = self.find_package(&permit, &package.name).await?;
        let known = before.as_ref().map(contents_of).transpose()?;
        let known = known.unwrap_or_default();
        let mut wanted = package.document.with_labels();
        let back = self.undeleted_for(&wanted, &known.things()).await?;
        known.mark_missing(&back.catalog, &mut wanted);
        let change = self.overlay(caller, (&wanted, back), dry_run).await?;
        if dry_run {
            let missing = package.seeds.iter();
            let records = missing
                .filter(|seed| !known.seeds.contains_key(&seed.key))
                .count();
            return Ok(PackageReport { change, records });
        }
        let now = self.clock.now();
        let again = before.as_ref().is_some_and(|row| !is_installed(row));
        let mut row = before.unwrap_or_else(|| entity::meta_package::Model {
            id: self.ids.uuid(now),
            name: package.name.clone(),
            version: String::new(),
            contents: Json::Null.into(),
            created_at: now,
            updated_at: now,
        });
        row.version.clone_from(&package.version);
        row.updated_at = now;
        if again {
            row.created_at = now;
        }
        let catalog = self.state().catalog;
        let mut contents = Contents::of(&catalog, &wanted, &known);
        // The records of a type that could not come back went with it.
        let is_there = |seed: &SeededRecord| {
            let object = crate::ObjectTypeId::new(seed.object);
            catalog.find_object(object).is_some()
        };
        contents.seeds.retain(|_, seed| is_there(seed));
        row.contents = contents.json()?;
        self.store.put_package(&permit, row.clone()).await?;
        let mut records = 0;
        for seed in &package.seeds {
            if !contents.seeds.contains_key(&seed.key) {
                let record = self.sow(caller, seed, &contents).await?;
                contents.seeds.insert(seed.key.clone(), record);
                records += 1;
                // After each: what is made must not be made again when a later one fails.
                row.contents = contents.json()?;
                self.store.put_package(&permit, row.clone()).await?;
            }
        }
        Ok(PackageReport { change, records })
    }

    /// Deletes what a package brought.
    pub async fn uninstall_package(
        &self,
        caller: &Caller,
        name: &str,
        dry_run: bool,
    ) -> Result<PackageReport> {
        let permit = self.permit(caller, Permission::ManageSchema)?;
        let found = self.find_package(&permit, name).await?;
        let mut row = found.filter(is_installed).ok_or_else(|| Error::NotFound {
            kind: "package",
            name: name.to_owned(),
        })?;
        let mut contents = contents_of(&row)?;
        let mut wanted = SchemaDocument::default();
        let back = self.undeleted_for(&wanted, &BTreeSet::new()).await?;
        contents.mark_missing(&back.catalog, &mut wanted);
        // Records are deleted only for a change of the schema that goes through.
        let mut change = self.overlay(caller, (&wanted, back), true).await?;
        let faults = change.as_ref().map(|change| change.faults.as_slice());
        let is_refused = faults.is_some_and(|faults| !faults.is_empty());
        let records = self.weed(caller, &contents, dry_run || is_refused).await?;
        if !dry_run {
            let back = self.undeleted_for(&wanted, &BTreeSet::new()).await?;
            change = self.overlay(caller, (&wanted, back), false).await?;
            // What it brought is remembered, so that it comes back when the package does.
            let own = std::mem::take(&mut contents.seeds).into_iter();
            let own = own.filter(|(_, seed)| contents.objects.contains(&seed.object));
            contents.seeds = own.collect();
            row.version = String::new();
            row.contents = contents.json()?;
            self.store.put_package(&permit, row).await?;
        }
        Ok(PackageReport { change, records })
    }

    async fn find_package(
        &self,
        permit: &Permit,
        name: &str,
    ) -> Result<Option<entity::meta_package::Model>> {
        let mut rows = self.store.list_packages(permit).await?.into_iter();
        Ok(rows.find(|row| row.name == name))
    }

    /// Makes the schema what it is with this part of a document upon it.
    async fn overlay(
        &self,
        caller: &Caller,
        (part, back): (&SchemaDocument, Undeleted),
        dry_run: bool,
    ) -> Result<Option<ChangeReport>> {
        let state = back.state;
        let own = whole(&state, &back.catalog, caller);
        let mut operations = back.operations;
        operations.extend(difference(&own, &part.upon(&own), true));
        if operations.is_empty() {
            return Ok(None);
        }
        let changeset = Changeset::parse(json!({
            "expectedVersion": state.catalog.version(),
            "operations": operations,
            "dryRun": dry_run,
        }))?;
        self.apply(caller, &changeset).await.map(Some)
    }

    /// Makes the record of a seed.
    async fn sow(&self, caller: &Caller, seed: &Seed, known: &Contents) -> Result<SeededRecord> {
        let place = Place::Pointer(String::new())
            .child("seeds")
            .child(&seed.key);
        let catalog = self.state().catalog;
        let object = catalog
            .find_plural(&seed.object)
            .ok_or_else(|| Error::ObjectNotFound(seed.object.clone()))?;
        let mut values = seed.values.clone();
        for (name, value) in &mut values {
            if let Some(key) = value.get("$seed").and_then(Json::as_str) {
                let Some(record) = known.seeds.get(key) else {
                    let message = format!("there is no seed {key:?} before this one");
                    let place = place.child(name);
                    return Err(Error::fault(place, FaultCode::ReferenceNotFound, message));
                };
                *value = json!(record.id.to_string());
            }
        }
        let step = WriteStep {
            write: WriteRequest::Create {
                object: seed.object.clone(),
                values,
            },
            answer: None,
            place,
        };
        let made = self.write(caller, vec![step]).await?;
        let missing = || Error::internal("making a seed", "the engine gave no answer");
        let made = made.first().ok_or_else(missing)?;
        Ok(SeededRecord {
            object: object.id.uuid(),
            id: made.id.uuid(),
        })
    }

    /// Deletes the records that a package brought to types that stay, all or none; the others go with
    /// their types.
    async fn weed(&self, caller: &Caller, contents: &Contents, dry_run: bool) -> Result<usize> {
        let catalog = self.state().catalog;
        let mut steps = Vec::new();
        for record in contents.seeds.values().rev() {
            let own = contents.objects.contains(&record.object);
            let object = catalog.find_object(crate::ObjectTypeId::new(record.object));
            let Some(object) = object.filter(|_| !own) else {
                continue;
            };
            steps.push(WriteStep {
                write: WriteRequest::Delete {
                    object: object.plural.to_string(),
                    id: record.id.to_string(),
                    if_match: None,
                },
                answer: None,
                place: Place::Pointer(String::new()),
            });
        }
        while !dry_run && !steps.is_empty() {
            match self.write(caller, steps.clone()).await {
                Ok(_) => break,
                // Somebody has deleted it before.
                Err(Error::RecordNotFound { id, .. }) => {
                    let named = |step: &WriteStep| matches!(&step.write, WriteRequest::Delete { id: of, .. } if *of == id);
                    steps.retain(|step| !named(step));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(steps.len())
    }
}

impl Contents {
    /// What a document brought, found by its names in the catalog in which it is applied.
    fn of(catalog: &Catalog, document: &SchemaDocument, before: &Self) -> Self {
        let mut contents = Self {
            seeds: before.seeds.clone(),
            ..Self::default()
        };
        for entry in document.option_lists.iter().filter(|it| is_live(it)) {
            let mut lists = catalog.option_lists().iter();
            let list = lists.find(|list| list.definition.name.as_str() == name_of(entry));
            contents
                .option_lists
                .extend(list.map(|list| list.id.uuid()));
        }
        for entry in document.objects.iter().filter(|it| is_live(it)) {
            let Some(object) = catalog.find_object_by_name(name_of(entry)) else {
                continue;
            };
            let id = object.id.uuid();
            // A type with its plural is all of the package's; one without is only added to.
            if entry.contains_key("plural") {
                contents.objects.push(id);
            } else {
                let fields = fields_of(entry).filter_map(|name| object.fields.find(name));
                contents.fields.extend(fields.map(|field| field.id.uuid()));
            }
        }
        for entry in document.relations.iter().filter(|it| is_live(it)) {
            let Some(relation) = catalog.find_relation_by_name(name_of(entry)) else {
                continue;
            };
            if entry.contains_key("source") {
                contents.relations.push(relation.id.uuid());
            } else {
                let fields = fields_of(entry).filter_map(|name| relation.fields.find(name));
                contents.fields.extend(fields.map(|field| field.id.uuid()));
            }
        }
        contents
    }

    /// Everything of the schema that it brought.
    fn things(&self) -> BTreeSet<Uuid> {
        let types = self.objects.iter().chain(&self.relations);
        let others = self.option_lists.iter().chain(&self.fields);
        types.chain(others).copied().collect()
    }

    /// Marks as deleted what is known here and not in the document.
    fn mark_missing(&self, catalog: &Catalog, document: &mut SchemaDocument) {
        for list in catalog.option_lists() {
            let (id, name) = (list.id.uuid(), list.definition.name.as_str());
            let own = self.option_lists.contains(&id);
            self.mark(&mut document.option_lists, (id, name, own), &[]);
        }
        for object in catalog.objects() {
            let id = object.id.uuid();
            let name = object.name.as_str();
            let fields = object
                .fields
                .iter()
                .map(|field| (field.id.uuid(), field.name.as_str()));
            let own = self.objects.contains(&id);
            self.mark(
                &mut document.objects,
                (id, name, own),
                &fields.collect::<Vec<_>>(),
            );
        }
        for relation in catalog.relations() {
            let id = relation.id.uuid();
            let name = relation.name.as_str();
            let fields = relation
                .fields
                .iter()
                .map(|field| (field.id.uuid(), field.name.as_str()));
            let own = self.relations.contains(&id);
            self.mark(
                &mut document.relations,
                (id, name, own),
                &fields.collect::<Vec<_>>(),
            );
        }
    }

    fn mark(
        &self,
        entries: &mut Vec<Entry>,
        (id, name, own): (Uuid, &str, bool),
        fields: &[(Uuid, &str)],
    ) {
        let text = id.to_string();
        let known = entries.iter_mut().find(|entry| {
            entry.get("id") == Some(&Json::from(text.as_str()))
                || (entry.get("id").is_none() && name_of(entry) == name)
        });
        let Some(entry) = known else {
            if own {
                entries.push(gone(id, name));
            } else {
                let fields = fields.iter().filter(|(id, _)| self.fields.contains(id));
                let fields: Vec<Json> = fields
                    .map(|(id, name)| Json::Object(gone(*id, name)))
                    .collect();
                if !fields.is_empty() {
                    entries.push(Entry::from_iter([
                        ("id".to_owned(), Json::from(text)),
                        ("name".to_owned(), Json::from(name)),
                        ("fields".to_owned(), Json::Array(fields)),
                    ]));
                }
            }
            return;
        };
        let kept: Vec<String> = fields_of(entry).map(str::to_owned).collect();
        let theirs = fields
            .iter()
            .filter(|(id, _)| own || self.fields.contains(id));
        let missing = theirs.filter(|(_, name)| !kept.iter().any(|it| it == name));
        let missing: Vec<Json> = missing
            .map(|(id, name)| Json::Object(gone(*id, name)))
            .collect();
        if let Some(Json::Array(fields)) = entry.get_mut("fields") {
            fields.extend(missing);
        }
    }

    fn json(&self) -> Result<entity::JsonText> {
        let json = serde_json::to_value(self);
        let json = json.map_err(|error| Error::internal("writing a package", error))?;
        Ok(json.into())
    }
}

/// A package that was uninstalled has no version; what it brought is remembered.
fn is_installed(row: &entity::meta_package::Model) -> bool {
    !row.version.is_empty()
}

fn contents_of(row: &entity::meta_package::Model) -> Result<Contents> {
    Contents::deserialize(&*row.contents)
        .map_err(|error| Error::internal("reading a package", error))
}

fn name_of(entry: &Entry) -> &str {
    entry.get("name").and_then(Json::as_str).unwrap_or_default()
}

fn fields_of(entry: &Entry) -> impl Iterator<Item = &str> {
    let fields = entry.get("fields").and_then(Json::as_array);
    let fields = fields.into_iter().flatten().filter_map(Json::as_object);
    fields.filter(|field| is_live(field)).map(name_of)
}

fn is_live(entry: &Entry) -> bool {
    entry.get("deleted") != Some(&Json::Bool(true))
}

fn gone(id: Uuid, name: &str) -> Entry {
    Entry::from_iter([
        ("id".to_owned(), Json::from(id.to_string())),
        ("name".to_owned(), Json::from(name)),
        ("deleted".to_owned(), Json::Bool(true)),
    ])
}

fn is_named(text: &str, member: &str) -> Result<()> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(is_word) {
        return Ok(());
    }
    let place = Place::Pointer(String::new()).child(member);
    let message = format!("must be 1 to {MAX_NAME} letters, digits, `-`, `_` or `.`");
    Err(Error::fault(place, FaultCode::InvalidValue, message))
}
