//! What a record is to the one that a reference points at: a part of it, below it in a tree, or something
//! of its own that the other's deletion does something to.

use super::{
    super::{changeset::UpdateField, draft::DraftField, plan::Ask},
    Validation,
};
use crate::{
    catalog::Subject,
    error::{FaultCode, Place},
    field_type::{OnDelete, Settings},
    id::FieldId,
};

impl Validation<'_> {
    /// A part has always one owner, of another type.
    pub(super) fn bond_fits(
        &mut self,
        owner: Subject,
        id: Option<FieldId>,
        (settings, required): (&Settings, bool),
        place: &Place,
    ) {
        self.tree_fits(owner, settings, place);
        if !settings.owned {
            return;
        }
        let at = place.child("owned");
        if !required {
            let message = "a part can't be without what it is a part of: it needs `required`";
            self.refuse(at.clone(), FaultCode::InvalidValue, message);
        }
        let to_itself = |target| Subject::Object(target) == owner;
        if settings.any || settings.named_targets().any(to_itself) {
            let message = "a record is no part of one of its own type: take `onDelete: cascade` in \
                           place of `owned`";
            self.refuse(at.clone(), FaultCode::InvalidValue, message);
        }
        let others = self.draft.fields(owner.uuid()).iter();
        let mut others =
            others.filter(|other| Some(other.id) != id && other.definition.settings.owned);
        let taken = others.next().map(|other| other.definition.name.to_string());
        if let Some(name) = taken {
            let message = format!("a record is a part of one other: {name} says of which one");
            self.refuse(at, FaultCode::InvalidValue, message);
        }
    }

    /// A tree is made of records of one type.
    fn tree_fits(&mut self, owner: Subject, settings: &Settings, place: &Place) {
        let to_itself = |target| Subject::Object(target) == owner;
        if settings.tree && !settings.target.is_some_and(to_itself) {
            let message = "a tree is made of records of one type: `target` must be the type itself";
            self.refuse(place.child("tree"), FaultCode::InvalidValue, message);
        }
    }

    /// Records that are to make a tree from now on lie in no circle.
    pub(super) fn ask_for_circles(
        &mut self,
        owner: Subject,
        (field, settings): (&DraftField, &Settings),
        place: &Place,
    ) {
        if settings.tree && !field.definition.settings.tree {
            let column = field.definition.column.clone();
            self.ask(owner, field, Ask::Circles { column }, place.child("tree"));
        }
    }

    /// Says in the summary what deletions do from now on.
    pub(super) fn summarize_bond(
        &mut self,
        (owner, input): (Subject, &UpdateField),
        (before, after): (&Settings, &Settings),
    ) {
        if before.effect_of_deletion() == after.effect_of_deletion() && before.owned == after.owned
        {
            return;
        }
        let name = self.owner_name(owner.uuid());
        let effect = match after.effect_of_deletion() {
            OnDelete::Detach => format!("{name} stays, and points at nothing"),
            OnDelete::Restrict => format!("{name} does not let it be deleted"),
            OnDelete::Cascade => format!("{name} is deleted with it"),
        };
        self.summarize(format!(
            "changes the field {name}.{}: when what it points at is deleted, {effect}",
            input.field
        ));
    }
}
