//! The places that a write gives to members of an ordered collection, as its caller names them: by members
//! that it sees.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{MOST_REPLACED, fault};
use crate::{
    catalog::Subject,
    engine::write::{Writing, position::Goal},
    error::{Error, FaultCode, Place, Result},
    id::RecordId,
    plan::read::parse_id,
    request::sets::Spot,
    sql::position::Siblings,
};

/// The members in sight, each with its row: the link, or the record itself.
pub(super) type InSight = Vec<(Uuid, Uuid)>;

impl Writing<'_> {
    /// Moves a row to where the caller wants it among what it sees.
    pub(super) async fn put_at(
        &self,
        of: (Subject, &Siblings),
        (row, spot): (Uuid, &Spot),
        in_sight: &InSight,
        place: &Place,
    ) -> Result<()> {
        let place = place.child("position");
        let goal = match spot {
            Spot::Before(id) => Goal::Before(other(row, id, in_sight, &place.child("before"))?),
            Spot::After(id) => Goal::Behind(other(row, id, in_sight, &place.child("after"))?),
            Spot::At(at) => {
                if in_sight.len() > MOST_REPLACED {
                    let message =
                        "there are too many members to count places; name one with before or after";
                    return Err(Error::Invalid(vec![fault(&place.child("at"), message)]));
                }
                let rows: BTreeSet<Uuid> = in_sight.iter().map(|(_, row)| *row).collect();
                let ids: Vec<Uuid> = rows.into_iter().filter(|it| *it != row).collect();
                let ordered = self.in_order(of.1, Some(&ids)).await?;
                match ordered.get(*at) {
                    Some((next, _)) => Goal::Before(*next),
                    None => Goal::End,
                }
            }
        };
        self.move_to(of, row, goal).await
    }
}

/// The row of another member in sight.
fn other(row: Uuid, id: &str, in_sight: &InSight, place: &Place) -> Result<Uuid> {
    let id = parse_id(id).map(RecordId::uuid);
    let mut others = in_sight.iter().filter(|(_, other)| *other != row);
    let found = others.find(|(member, _)| Some(*member) == id);
    found.map(|(_, row)| *row).ok_or_else(|| {
        let message = "there is no other member with this id";
        Error::fault(place.clone(), FaultCode::ReferenceNotFound, message)
    })
}
