//! What was deleted of the schema: shown until it comes back or its time is over, and ended then.

use std::sync::{Mutex, PoisonError};

use serde::{Serialize, de::DeserializeOwned};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    access::{Caller, Permission},
    catalog::{
        MetadataRows,
        definition::{FieldDefinition, ObjectDefinition, RelationDefinition},
        is_standard, standard_table,
    },
    change::{Changeset, DeletedKind, Operation, Purge},
    engine::Engine,
    error::{Error, Result},
    field_type::find_field_type,
    identity::{Listed, Listing},
    store::{Counted, Held},
    value::instant_text,
};
use entity::meta_deletion::Model;

/// How often the engine looks for what has been deleted for long enough.
const LOOK_EVERY: Duration = Duration::minutes(1);
/// The most things that one changeset of the engine ends.
const MOST: usize = 100;

/// How long deleted things can come back, and when the engine looks again for those that no longer can.
#[derive(Debug)]
pub(super) struct Retention {
    keeps: Duration,
    next_look: Mutex<OffsetDateTime>,
}

impl Retention {
    pub(super) fn new(keeps: Duration) -> Self {
        Self {
            keeps,
            next_look: Mutex::new(OffsetDateTime::UNIX_EPOCH),
        }
    }

    /// Whether it is time to look; then not again for a while.
    fn is_due(&self, now: OffsetDateTime) -> bool {
        let mut next = self
            .next_look
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let due = now >= *next;
        if due {
            *next = now + LOOK_EVERY;
        }
        due
    }
}

/// Something deleted, as it is shown.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletedDescription {
    /// What it is and what it was called.
    #[serde(flatten)]
    pub thing: DeletedMember,
    /// When it was deleted.
    pub deleted_at: String,
    /// What sort of principal deleted it.
    pub actor_kind: String,
    /// Who deleted it.
    pub actor_id: Option<String>,
    /// Until when it can come back; of what is shipped at any time.
    pub undo_until: Option<String>,
    /// How many records or links it holds, deleted ones too; of a field, how many have a value.
    pub rows: u64,
    /// What went with it and comes back with it.
    pub with: Vec<DeletedMember>,
    /// Where the list goes on behind it.
    #[serde(skip)]
    pub cursor: Uuid,
}

/// A deleted thing by its names.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletedMember {
    /// Its id.
    pub id: String,
    /// `objectType`, `field`, `relationType` or `optionList`.
    pub kind: String,
    /// The API name that it had.
    pub name: String,
    /// Its label.
    pub label: String,
    /// Of a field: the object type that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Of a field: the relation type that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
}

impl Engine {
    /// A page of what was deleted and can come back, what was deleted last first.
    pub async fn list_deleted(
        &self,
        caller: &Caller,
        listing: Listing,
        kind: Option<&str>,
    ) -> Result<Listed<DeletedDescription>> {
        self.permit(caller, Permission::ManageSchema)?;
        let rows = self.store.load_metadata().await?;
        let deletions = rows.deletions.iter().filter(|row| row.purged_at.is_none());
        let mut roots: Vec<&Model> = deletions
            .filter(|row| row.root_id == row.thing_id)
            .filter(|row| kind.is_none_or(|kind| row.kind == kind))
            .filter(|row| listing.after.is_none_or(|after| row.id < after))
            .collect();
        roots.sort_by_key(|row| std::cmp::Reverse(row.id));
        roots.truncate(usize::try_from(listing.limit + 1).unwrap_or(usize::MAX));
        let listed = listing.cut(roots);
        let items = self.describe_deleted(caller, &rows, &listed.items).await?;
        Ok(Listed {
            items,
            has_next: listed.has_next,
        })
    }

    /// One deleted thing, also one that went with another.
    pub async fn load_deleted(&self, caller: &Caller, id: Uuid) -> Result<DeletedDescription> {
        self.permit(caller, Permission::ManageSchema)?;
        let rows = self.store.load_metadata().await?;
        let mut deletions = rows.deletions.iter();
        let found = deletions.find(|row| row.thing_id == id && row.purged_at.is_none());
        let missing = || Error::NotFound {
            kind: "deleted thing",
            name: id.to_string(),
        };
        let found = found.ok_or_else(missing)?;
        let described = self.describe_deleted(caller, &rows, &[found]).await?;
        described.into_iter().next().ok_or_else(missing)
    }

    async fn describe_deleted(
        &self,
        caller: &Caller,
        rows: &MetadataRows,
        deletions: &[&Model],
    ) -> Result<Vec<DeletedDescription>> {
        let permit = self.permit(caller, Permission::ManageSchema)?;
        let book = Book { rows };
        let mut counted: Vec<Counted> = Vec::new();
        let mut places = Vec::with_capacity(deletions.len());
        for deletion in deletions {
            places.push(book.place(deletion, &mut counted)?);
        }
        let held = self.store.count_deleted(&permit, &counted).await?;
        let described = deletions.iter().zip(places).map(|(deletion, place)| {
            let members = rows.deletions.iter().filter(|row| {
                row.root_id == deletion.thing_id
                    && row.thing_id != deletion.thing_id
                    && row.purged_at.is_none()
            });
            let end = (deletion.deleted_at + self.retention.keeps).to_offset(time::UtcOffset::UTC);
            DeletedDescription {
                thing: book.member(deletion, self),
                deleted_at: instant_text(deletion.deleted_at),
                actor_kind: deletion.actor_kind.clone(),
                actor_id: deletion.actor_id.map(|id| id.to_string()),
                undo_until: (!is_standard(deletion.thing_id)).then(|| instant_text(end)),
                rows: place.map_or(0, |place| place.of(&held)),
                with: members.map(|row| book.member(row, self)).collect(),
                cursor: deletion.id,
            }
        });
        Ok(described.collect())
    }

    /// Ends what was deleted for long enough. The server calls this often; it looks once a minute.
    pub async fn purge_expired(&self) -> Result<()> {
        let now = self.clock.now();
        if !self.retention.is_due(now) {
            return Ok(());
        }
        let rows = self.store.load_metadata().await?;
        let over = |row: &&Model| {
            row.purged_at.is_none()
                && row.deleted_at + self.retention.keeps <= now
                && !is_standard(row.thing_id)
        };
        let mut expired: Vec<&Model> = rows.deletions.iter().filter(over).collect();
        // What goes with an expired thing goes by its operation.
        let ids: Vec<Uuid> = expired.iter().map(|row| row.thing_id).collect();
        expired.retain(|row| row.root_id == row.thing_id || !ids.contains(&row.root_id));
        for row in expired.into_iter().take(MOST) {
            let changeset = Changeset {
                expected_version: None,
                operations: vec![Operation::Purge(Purge { id: row.thing_id })],
                dry_run: false,
            };
            let system = Caller::system("what was deleted is kept for so long", now);
            match self.apply(&system, &changeset).await {
                Ok(_) => tracing::info!(id = %row.thing_id, kind = row.kind, "a deletion is final"),
                // Another node was quicker, or it went with an earlier one.
                Err(Error::Invalid(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Where the values of a deleted thing are counted.
#[derive(Clone, Copy)]
struct CountedAt {
    table: usize,
    column: Option<usize>,
}

impl CountedAt {
    fn of(self, held: &[Held]) -> u64 {
        let Some(held) = held.get(self.table) else {
            return 0;
        };
        match self.column {
            Some(column) => held.values.get(column).copied().unwrap_or_default(),
            None => held.rows,
        }
    }
}

/// The rows, as descriptions read them.
#[derive(Clone, Copy)]
struct Book<'r> {
    rows: &'r MetadataRows,
}

impl Book<'_> {
    /// Where a thing is counted; nothing when it holds nothing.
    fn place(self, deletion: &Model, counted: &mut Vec<Counted>) -> Result<Option<CountedAt>> {
        let (table, column) = match DeletedKind::find(&deletion.kind) {
            Some(DeletedKind::Object | DeletedKind::Relation) => {
                (self.table(deletion.thing_id)?, None)
            }
            Some(DeletedKind::Field) => {
                let owner = deletion.owner_id.unwrap_or_default();
                let Some(column) = self.column(deletion.thing_id)? else {
                    return Ok(None);
                };
                (self.table(owner)?, Some(column))
            }
            Some(DeletedKind::OptionList) | None => return Ok(None),
        };
        let Some(table) = table else { return Ok(None) };
        let at = counted.iter().position(|known| known.table == table);
        let at = at.unwrap_or_else(|| {
            counted.push(Counted {
                table,
                columns: Vec::new(),
            });
            counted.len() - 1
        });
        let columns = &mut counted[at].columns;
        let column = column.map(|column| {
            columns.push(column);
            columns.len() - 1
        });
        Ok(Some(CountedAt { table: at, column }))
    }

    fn table(self, owner: Uuid) -> Result<Option<String>> {
        if let Some(row) = self.rows.objects.iter().find(|row| row.id == owner) {
            let definition: ObjectDefinition = parse(&row.definition)?;
            return Ok(Some(definition.table));
        }
        if let Some(row) = self.rows.relations.iter().find(|row| row.id == owner) {
            let definition: RelationDefinition = parse(&row.definition)?;
            return Ok(Some(definition.table));
        }
        Ok(standard_table(owner))
    }

    /// The first column of a field; nothing of one that has no values of its own.
    fn column(self, field: Uuid) -> Result<Option<String>> {
        let Some(row) = self.rows.fields.iter().find(|row| row.id == field) else {
            return Ok(None);
        };
        let definition: FieldDefinition = parse(&row.definition)?;
        let field_type = find_field_type(&definition.field_type);
        let holds = field_type.is_some_and(|field_type| !field_type.is_virtual());
        Ok(holds.then_some(definition.column))
    }

    fn member(self, deletion: &Model, engine: &Engine) -> DeletedMember {
        let id = deletion.thing_id;
        let rows = self.rows;
        let objects = rows
            .objects
            .iter()
            .map(|row| (row.id, &row.name, &row.definition));
        let fields = rows
            .fields
            .iter()
            .map(|row| (row.id, &row.name, &row.definition));
        let relations = rows
            .relations
            .iter()
            .map(|row| (row.id, &row.name, &row.definition));
        let lists = rows
            .option_lists
            .iter()
            .map(|row| (row.id, &row.name, &row.definition));
        let mut all = objects.chain(fields).chain(relations).chain(lists);
        let found = all.find(|(known, ..)| *known == id);
        let (name, label) =
            found.map_or((String::new(), String::new()), |(_, name, definition)| {
                let label = definition["label"].as_str().unwrap_or_default();
                (name.clone(), label.to_owned())
            });
        let owner = deletion.owner_id.map(|owner| self.owner(owner, engine));
        let (object, relation) = match owner {
            Some((name, true)) => (Some(name), None),
            Some((name, false)) => (None, Some(name)),
            None => (None, None),
        };
        DeletedMember {
            id: id.to_string(),
            kind: deletion.kind.clone(),
            name,
            label,
            object,
            relation,
        }
    }

    /// The name of the type of a field, and whether it is an object type.
    fn owner(self, owner: Uuid, engine: &Engine) -> (String, bool) {
        let catalog = engine.state().catalog;
        if let Some(subject) = catalog.find_subject_by_id(owner) {
            let name = catalog.subject_name(subject).unwrap_or_default().to_owned();
            return (name, matches!(subject, crate::catalog::Subject::Object(_)));
        }
        if let Some(row) = self.rows.objects.iter().find(|row| row.id == owner) {
            return (row.name.clone(), true);
        }
        let mut relations = self.rows.relations.iter();
        let row = relations.find(|row| row.id == owner);
        (row.map(|row| row.name.clone()).unwrap_or_default(), false)
    }
}

fn parse<D: DeserializeOwned>(json: &serde_json::Value) -> Result<D> {
    D::deserialize(json)
        .map_err(|error| Error::internal("reading a definition of the metadata tables", error))
}
