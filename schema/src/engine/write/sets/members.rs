//! Sets of records whose reference points at a record: adding points the reference there, removing clears
//! it. Each is a change of that record, under the caller's right to change it.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::{Change, MOST_REPLACED, collect, fault, finish, live, no_record};
use crate::{
    access::{Condition, Visibility},
    catalog::{Column, Field, ObjectType, Subject},
    engine::write::Writing,
    error::{Error, FaultCode, Place, Result},
    id::{FieldId, RecordId},
    plan::read::parse_id,
    request::sets::{Item, Named, Removal, Spot},
    sql::{
        Sight,
        position::Siblings,
        sets::{Rows, referring},
        write::Lock,
    },
};

/// The reference of which a collection is the inverse.
struct Inverse<'a> {
    object: &'a Arc<ObjectType>,
    field: &'a Arc<Field>,
    /// The value that points at the record that has the collection.
    here: Json,
    near: Uuid,
    /// The members in sight.
    visible: Condition,
}

impl Inverse<'_> {
    fn rows(&self) -> Rows<'_> {
        Rows {
            subject: Subject::Object(self.object.id),
            table: &self.object.table,
            ids: &[],
            visible: Sight::Of(&self.visible),
        }
    }

    /// The members, if they keep their order.
    fn siblings(&self) -> Option<Siblings> {
        let position = self.field.position_column()?;
        Some(Siblings {
            table: self.object.table.clone(),
            parent: self.field.column().name.clone(),
            of: self.near,
            position: position.name,
        })
    }
}

impl Writing<'_> {
    pub(super) async fn change_members(
        &self,
        (object, near): (&Arc<ObjectType>, RecordId),
        field: FieldId,
        change: &Change<'_>,
    ) -> Result<()> {
        let inverse = self.inverse((object, near), field, change)?;
        let mut faults = Vec::new();
        if let Some(items) = &change.asked.set {
            let set = self.set_members(&inverse, items, &change.place).await;
            collect(set, &mut faults)?;
        }
        for removal in &change.asked.remove {
            collect(self.remove_member(&inverse, removal).await, &mut faults)?;
        }
        for item in &change.asked.add {
            collect(self.add_member(&inverse, item).await, &mut faults)?;
        }
        finish(faults)
    }

    fn inverse<'c>(
        &'c self,
        (object, near): (&Arc<ObjectType>, RecordId),
        field: FieldId,
        change: &Change<'_>,
    ) -> Result<Inverse<'c>> {
        let gone = || Error::internal("writing a collection", "its reference is gone");
        let found = self.catalog.find_reference(field);
        let (of, field) = found.ok_or_else(gone)?;
        let here = if field.is_polymorphic() {
            json!({ "type": object.name.as_str(), "id": near.to_string() })
        } else {
            json!(near.to_string())
        };
        let mut visible = change.granted.members.rows().into_condition();
        if let Some(Visibility::When(shown)) = &change.granted.reference {
            visible = visible.and(shown.clone());
        }
        Ok(Inverse {
            object: of,
            field,
            here,
            near: near.uuid(),
            visible,
        })
    }

    async fn add_member(&self, inverse: &Inverse<'_>, item: &Item) -> Result<()> {
        if let Some(name) = item.values.keys().next() {
            return Err(Error::fault(
                item.place.child(name),
                FaultCode::UnknownField,
                "a member is named by its id alone; its own fields are written on the record",
            ));
        }
        self.point(inverse, &item.id, inverse.here.clone(), &item.place)
            .await?;
        let (Some(spot), Some(siblings), Some(member)) =
            (&item.spot, inverse.siblings(), parse_id(&item.id))
        else {
            return Ok(());
        };
        let in_sight = match spot {
            Spot::Before(id) | Spot::After(id) => {
                parse_id(id).into_iter().map(RecordId::uuid).collect()
            }
            Spot::At(_) => {
                let of = (inverse.rows(), inverse.field.column(), inverse.near);
                self.referring_rows(of).await?
            }
        };
        let of = (Subject::Object(inverse.object.id), &siblings);
        let there = self.in_order(&siblings, Some(&in_sight)).await?;
        let there: Vec<Uuid> = there.into_iter().map(|(id, _)| id).collect();
        let seen = self.in_sight(inverse.object.id, &there).await?;
        let in_sight = seen.into_iter().map(|id| (id, id)).collect();
        self.put_at(of, (member.uuid(), spot), &in_sight, &item.place)
            .await
    }

    /// Puts the members in the order of a list. To move one is to change it.
    async fn arrange_members(&self, inverse: &Inverse<'_>, items: &[Item]) -> Result<()> {
        let Some(siblings) = inverse.siblings() else {
            return Ok(());
        };
        let ids = items.iter().filter_map(|item| parse_id(&item.id));
        let rows: Vec<Uuid> = ids.map(RecordId::uuid).collect();
        let moved = self.out_of_order(&siblings, &rows).await?;
        for (item, _) in items.iter().zip(&moved).filter(|(_, moved)| **moved) {
            self.point(inverse, &item.id, inverse.here.clone(), &item.place)
                .await?;
        }
        let of = (Subject::Object(inverse.object.id), &siblings);
        self.put_in_order(of, &rows, &moved).await
    }

    async fn remove_member(&self, inverse: &Inverse<'_>, removal: &Removal) -> Result<()> {
        let Named::Record(id) = &removal.named else {
            let message = "the members here have no links; name the record by its id";
            return Err(Error::Invalid(vec![fault(&removal.place, message)]));
        };
        if removal.of_type.is_some() {
            let message = "the members here are of one type; name the record by its id";
            return Err(Error::Invalid(vec![fault(
                &removal.place.child("type"),
                message,
            )]));
        }
        let missing = || Error::Invalid(vec![no_record(&removal.place)]);
        let member = parse_id(id).map(RecordId::uuid).ok_or_else(missing)?;
        let column: [&Column; 1] = [inverse.field.column()];
        let looked_at = (&column[..], &[][..], Lock::None);
        let target = live(inverse.object, member);
        let row = self
            .inspect(target, Sight::Of(&inverse.visible), looked_at)
            .await?;
        if row.ok_or_else(missing)?.uuid(1)? != Some(inverse.near) {
            return Ok(());
        }
        self.point(inverse, id, Json::Null, &removal.place).await
    }

    async fn set_members(
        &self,
        inverse: &Inverse<'_>,
        items: &[Item],
        place: &Place,
    ) -> Result<()> {
        let of = (inverse.rows(), inverse.field.column(), inverse.near);
        let present = self.referring_rows(of).await?;
        if present.len() > MOST_REPLACED {
            let message = format!(
                "the record has more than {MOST_REPLACED} members here, too many to be replaced at \
                 once; use add and remove"
            );
            return Err(Error::Invalid(vec![fault(place, message)]));
        }
        let (mut faults, mut wanted) = (Vec::new(), BTreeSet::new());
        for item in items {
            match parse_id(&item.id) {
                Some(id) if !wanted.insert(id.uuid()) => {
                    faults.push(fault(&item.place, "names the same record twice"));
                }
                Some(_) => {}
                None => faults.push(no_record(&item.place)),
            }
        }
        finish(std::mem::take(&mut faults))?;
        for member in present.iter().filter(|id| !wanted.contains(id)) {
            let cleared = self
                .point(inverse, &member.to_string(), Json::Null, place)
                .await;
            match cleared {
                // What it may not change it may not remove: that stays.
                Err(Error::Forbidden(_)) => {}
                cleared => {
                    collect(cleared, &mut faults)?;
                }
            }
        }
        let present: BTreeSet<Uuid> = present.into_iter().collect();
        for item in items {
            let is_there = parse_id(&item.id).is_some_and(|id| present.contains(&id.uuid()));
            if !is_there || !item.values.is_empty() {
                collect(self.add_member(inverse, item).await, &mut faults)?;
            }
        }
        finish(faults)?;
        self.arrange_members(inverse, items).await
    }

    /// Sets the reference of a record.
    async fn point(
        &self,
        inverse: &Inverse<'_>,
        id: &str,
        value: Json,
        place: &Place,
    ) -> Result<()> {
        let name = inverse.field.name.as_str();
        let patch = Map::from_iter([(name.to_owned(), value)]);
        let path = (inverse.object.plural.as_str(), id);
        match self.update(path, &patch, None, place).await {
            Ok(_) => Ok(()),
            Err(Error::RecordNotFound { .. }) => Err(Error::Invalid(vec![no_record(place)])),
            Err(Error::Invalid(mut faults)) => {
                let of_reference = place.child(name);
                for fault in faults.iter_mut().filter(|it| it.place == of_reference) {
                    fault.place = place.clone();
                }
                Err(Error::Invalid(faults))
            }
            Err(error) => Err(error),
        }
    }

    /// The records whose reference points at a record, up to one more than may be replaced.
    pub(in crate::engine::write) async fn referring(
        &self,
        (object, field): (&Arc<ObjectType>, &Field),
        near: Uuid,
    ) -> Result<Vec<Uuid>> {
        let Some(read) = self.checker.grant_read(object.id) else {
            return Ok(Vec::new());
        };
        let visible = read.rows().into_condition();
        let rows = Rows {
            subject: Subject::Object(object.id),
            table: &object.table,
            ids: &[],
            visible: Sight::Of(&visible),
        };
        self.referring_rows((rows, field.column(), near)).await
    }

    async fn referring_rows(&self, of: (Rows<'_>, &Column, Uuid)) -> Result<Vec<Uuid>> {
        let limit = MOST_REPLACED as u64 + 1;
        let select = referring(self.catalog, self.dialect(), of, limit)?;
        let mut found = Vec::new();
        for row in self.fetch(select).await? {
            found.extend(row.uuid(0)?);
        }
        Ok(found)
    }
}
