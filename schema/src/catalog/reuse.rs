//! What a catalog takes over from its predecessor without looking into it: the fields whose row is the same.
//! (A type all of whose fields are taken over is taken over as well, where it is put together.)

use std::{collections::HashMap, sync::Arc};

use uuid::Uuid;

use super::{Catalog, Field, FieldList, MetadataRows};
use crate::id::FieldId;

/// Metadata of before, and their catalog.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Predecessor<'a> {
    /// The rows. In later ones each stands at the same place: none vanishes, what is deleted is marked.
    pub(crate) rows: &'a MetadataRows,
    /// The catalog of these rows, with or without the aliases that have ended: what is taken over from it
    /// stays without them.
    pub(crate) catalog: &'a Catalog,
}

/// What the rows of the fields of one type have in common.
#[derive(Default)]
struct Rows {
    live: Vec<Uuid>,
    changed: bool,
}

impl<'a> Predecessor<'a> {
    /// The fields of each custom type that has no other rows than before, and none that does not stand
    /// alone.
    pub(super) fn settled(self, rows: &MetadataRows) -> HashMap<Uuid, Vec<Arc<Field>>> {
        let mut owners: HashMap<Uuid, Rows> = HashMap::new();
        for (at, row) in rows.fields.iter().enumerate() {
            let of_owner = owners.entry(row.owner_id).or_default();
            of_owner
                .live
                .extend(row.deleted_at.is_none().then_some(row.id));
            of_owner.changed |= !self.is_same(at, row);
        }
        let unchanged = owners.into_iter().filter(|(_, rows)| !rows.changed);
        let settled = unchanged.filter_map(|(owner, rows)| {
            let subject = self.catalog.find_subject_by_id(owner)?;
            let fields = self.catalog.subject_fields(subject)?.iter();
            let own: Vec<_> = fields.filter(|it| it.system.is_none()).cloned().collect();
            let is_settled = own.len() == rows.live.len() // none is gone with what it pointed at
                && own.iter().all(|it| rows.live.contains(&it.id.uuid()) && stands_alone(it));
            is_settled.then_some((owner, own))
        });
        settled.collect()
    }

    /// The field of the row at a place, if it was the same before and stands alone.
    pub(super) fn field(
        self,
        at: usize,
        row: &entity::meta_field::Model,
    ) -> Option<&'a Arc<Field>> {
        if !self.is_same(at, row) {
            return None;
        }
        let owner = self.catalog.find_subject_by_id(row.owner_id)?;
        let fields = self.catalog.subject_fields(owner)?;
        let field = fields.find_by_id(FieldId::new(row.id))?;
        stands_alone(field).then_some(field)
    }

    fn is_same(self, at: usize, row: &entity::meta_field::Model) -> bool {
        self.rows.fields.get(at).is_some_and(|before| {
            (before.id, before.owner_id, before.deleted_at)
                == (row.id, row.owner_id, row.deleted_at)
                && before.definition.is_same(&row.definition)
        })
    }
}

/// Whether a field has its form from its row alone: not from a shared option list, another field or a
/// conversion.
fn stands_alone(field: &Field) -> bool {
    !field.is_virtual() && field.settings.option_list.is_none() && field.work.is_none()
}

/// Whether a list has just these fields beside the system fields.
pub(super) fn has_own(fields: &FieldList, own: &[Arc<Field>]) -> bool {
    let mut known = fields.iter().filter(|field| field.system.is_none());
    let all_known = own.iter().all(|field| {
        let known = known.next();
        known.is_some_and(|known| Arc::ptr_eq(known, field))
    });
    all_known && known.next().is_none()
}
