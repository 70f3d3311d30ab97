//! The object types at the ends of relation types: those that an end is defined with, and later lists of
//! an end of several.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{
    super::{
        end::{EndInput, EndPatch},
        impact::Dependant,
        rules::Member,
    },
    Validation,
};
use crate::{
    catalog::{
        Subject,
        definition::{EndDefinition, RelationDefinition},
    },
    error::{FaultCode, Place},
    field_type::Settings,
    id::ObjectTypeId,
};

/// The most object types at one end. Each is a member of its own in answers and filters.
const MAX_TYPES: usize = 20;

/// What becomes of links when a type is taken from an end.
const HIDDEN_LINKS: &str =
    "the links with its records are hidden, and show again when the type is named again";

/// What becomes of a rule that looks along a relation type of which an end loses a type.
const NARROWED_RULES: &str =
    "sees only the links that are left, and grants nothing where it names the type that goes";

/// What becomes of a relation type when one of several types at an end is deleted.
pub(super) const NARROWED: &str =
    "goes on with the other types at the end; the links with records of this one are hidden";

impl Validation<'_> {
    /// The object types of a new end: one, or a list.
    pub(super) fn end_types(
        &mut self,
        input: &EndInput,
        place: &Place,
    ) -> Option<(Option<ObjectTypeId>, Vec<ObjectTypeId>)> {
        match (&input.object, &input.objects) {
            (Some(object), None) => self.object(object, place).map(|id| (Some(id), Vec::new())),
            (None, Some(names)) => Some((None, self.type_list(names, &place.child("objects"))?)),
            (Some(_), Some(_)) => {
                let message = "has either `object`, one object type, or `objects`, a list of them";
                self.refuse(place.child("objects"), FaultCode::InvalidRequest, message);
                None
            }
            (None, None) => {
                let message = "name the object type at this end, or in `objects` a list of them";
                self.refuse(place.child("object"), FaultCode::Required, message);
                None
            }
        }
    }

    fn type_list(&mut self, names: &[String], place: &Place) -> Option<Vec<ObjectTypeId>> {
        if names.is_empty() || names.len() > MAX_TYPES {
            let message = format!("must name 1 to {MAX_TYPES} object types");
            self.refuse(place.clone(), FaultCode::InvalidValue, message);
            return None;
        }
        let mut found = Vec::with_capacity(names.len());
        let mut known = BTreeSet::new();
        for (at, name) in names.iter().enumerate() {
            let place = place.child(at);
            match self.draft.find_object(name) {
                Some(id) if known.insert(id) => found.push(id),
                Some(_) => {
                    let message = format!("names the object type {name:?} twice");
                    self.refuse(place, FaultCode::InvalidValue, message);
                }
                None if self.is_refused(name) => {}
                None => {
                    let message = format!("there is no object type {name:?}");
                    self.refuse(place, FaultCode::UnknownObject, message);
                }
            }
        }
        (found.len() == names.len()).then_some(found)
    }

    /// What a patch says of the types of an end, which must be one of several to get others.
    pub(super) fn update_end_types(
        &mut self,
        end: &mut EndDefinition,
        patch: &EndPatch,
        (own, relation): (Member, &str),
        place: &Place,
    ) {
        if let Some(name) = &patch.object
            && (end.is_polymorphic() || self.draft.find_object(name) != end.object)
        {
            let message = "the object type of an end can't change: define a new relation type";
            self.refuse(place.child("object"), FaultCode::InvalidValue, message);
        }
        if patch.cardinality.is_some_and(|it| it != end.cardinality) {
            let message = "can't change: define a new relation type";
            self.refuse(place.child("cardinality"), FaultCode::InvalidValue, message);
        }
        let Some(names) = &patch.objects else { return };
        let place = place.child("objects");
        if !end.is_polymorphic() {
            let message = "this end was defined with `object`, and its links don't say of what type \
                           their records are: define a new relation type with `objects` at this end, \
                           copy the links, and delete this one";
            self.refuse(place, FaultCode::InvalidValue, message);
            return;
        }
        let Some(types) = self.type_list(names, &place) else {
            return;
        };
        let name = end.name.clone();
        for added in types.iter().filter(|id| !end.has(**id)) {
            self.member_name_is_free(Subject::Object(*added), &name, own, &place);
        }
        if let Member::End(id, _) = own {
            self.recompute_over(id, None, &place);
        }
        for gone in end.objects.clone() {
            if types.contains(&gone) {
                continue;
            }
            let Some(entry) = self.draft.objects.get(&gone) else {
                continue;
            };
            let object = entry.definition.name.to_string();
            if let Member::End(id, _) = own {
                self.touches(id, NARROWED_RULES);
            }
            self.impact().dependants.push(Dependant {
                kind: "relation",
                name: format!("{relation}, {object}.{name}"),
                effect: HIDDEN_LINKS,
            });
        }
        // A deleted type stays in the list, so that it comes back with the type.
        let deleted = end
            .objects
            .iter()
            .filter(|id| !types.contains(id) && !self.draft.objects.contains_key(id));
        let deleted: Vec<ObjectTypeId> = deleted.copied().collect();
        end.objects = types.into_iter().chain(deleted).collect();
    }

    /// What is computed over the links of a relation type is computed anew, but for fields of a type that
    /// goes: other links show now.
    pub(super) fn recompute_over(
        &mut self,
        relation: Uuid,
        goes: Option<ObjectTypeId>,
        place: &Place,
    ) {
        let relation = relation.to_string();
        let over = |settings: &Settings| {
            let stored = serde_json::to_string(settings).unwrap_or_default();
            settings.of.is_some() && stored.contains(&relation)
        };
        let fields = self.draft.every_field().into_iter();
        let computed: Vec<_> = fields
            .filter(|(_, field)| over(&field.definition.settings))
            .map(|(owner, field)| (ObjectTypeId::new(owner), field.id, field.is_new))
            .filter(|(owner, ..)| self.draft.objects.contains_key(owner) && Some(*owner) != goes)
            .collect();
        for (owner, field, is_new) in computed {
            self.note_computed(Subject::Object(owner), (field, is_new), place);
        }
    }

    /// No record could be reached by one name from both ends, and a symmetric type has one type.
    pub(super) fn ends_fit(
        &mut self,
        source: &EndDefinition,
        target: &EndDefinition,
        symmetric: bool,
        place: &Place,
    ) {
        let is_one = source.name == target.name && source.shares_type_with(target);
        if symmetric && (source.is_polymorphic() || target.is_polymorphic()) {
            let message = "a symmetric type links records of one object type: name it in `object`";
            self.refuse(place.child("symmetric"), FaultCode::InvalidValue, message);
        } else if symmetric && source != target {
            let message = "a symmetric type says the same from either end: leave the target out, \
                           or repeat the source";
            self.refuse(place.child("target"), FaultCode::InvalidValue, message);
        } else if is_one && !symmetric {
            let message = "both ends are on the same type and need different names; or is the \
                           type symmetric?";
            let place = place.child("target").child("name");
            self.refuse(place, FaultCode::NameTaken, message);
        }
    }
}

impl RelationDefinition {
    /// Whether a link names the types of its records beside their ids, so that no field of it may be
    /// called `type`.
    pub(in crate::change) fn names_types(&self) -> bool {
        self.source.is_polymorphic() || self.target.is_polymorphic()
    }
}
