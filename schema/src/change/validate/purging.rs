//! The end of what was deleted: what can't be without it ends with it, and a job takes all of it out of
//! the database.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{
    super::{
        deletion::{DeletedKind, Purge},
        draft::Dead,
        job::{JobInput, PurgeJob},
        plan::{Ask, Question, Step},
    },
    Validation,
};
use crate::{
    catalog::is_standard,
    error::{FaultCode, Place},
    field_type::find_field_type,
    id::ObjectTypeId,
};

/// What becomes of deleted things that can't be without the one that is named.
const ENDS_WITH_IT: &str = "is purged with it";

impl Validation<'_> {
    pub(super) fn purge(&mut self, input: &Purge, place: &Place) {
        self.summarize("purges something deleted".to_owned());
        let place = place.child("id");
        let Some(dead) = self.draft.find_dead(input.id).filter(|dead| !dead.is_fresh) else {
            let message = format!("there is no deleted thing \"{}\"", input.id);
            self.refuse(place, FaultCode::UnknownField, message);
            return;
        };
        let name = self.dead_path(dead);
        self.summarize(format!("purges the {} {name}", dead.kind.words()));
        if dead.is_purged {
            let message = "was purged already";
            self.refuse(place, FaultCode::InvalidValue, message);
            return;
        }
        if is_standard(dead.thing) {
            let message = "is part of a standard type, which stays in the database: it can come back \
                           at any time";
            self.refuse(place, FaultCode::InvalidValue, message);
            return;
        }
        let ending = self.ending_with(dead);
        for dead in &ending {
            if dead.thing != input.id {
                let kind = dead.kind.words();
                self.depends(kind, self.dead_path(*dead), ENDS_WITH_IT);
            }
            self.ask_what_is_lost(*dead, &ending, &place);
            self.draft.purge(dead.thing);
        }
        let things = ending.iter().map(|dead| dead.thing).collect();
        self.enqueue(JobInput::Purge(PurgeJob { things }));
    }

    /// A deleted thing and all deleted things that can't be without it, in an order in which they can be
    /// taken out: tables of links before those that they lead to.
    fn ending_with(&self, first: Dead) -> Vec<Dead> {
        let waiting: Vec<Dead> = self.draft.dead();
        let mut ending: BTreeSet<Uuid> = BTreeSet::from([first.thing]);
        loop {
            let more: Vec<Uuid> = waiting
                .iter()
                .filter(|dead| !dead.is_purged && !ending.contains(&dead.thing))
                .filter(|dead| self.ends_with_those(**dead, &ending))
                .map(|dead| dead.thing)
                .collect();
            if more.is_empty() {
                break;
            }
            ending.extend(more);
        }
        let mut all: Vec<Dead> = waiting
            .into_iter()
            .filter(|dead| ending.contains(&dead.thing))
            .collect();
        all.sort_by_key(|dead| match dead.kind {
            DeletedKind::Field => 0,
            DeletedKind::Relation => 1,
            DeletedKind::Object => 2,
            DeletedKind::OptionList => 3,
        });
        all
    }

    /// Whether something deleted can't come back without what ends.
    fn ends_with_those(&self, dead: Dead, ending: &BTreeSet<Uuid>) -> bool {
        let with = |id: &Uuid| ending.contains(id);
        if with(&dead.root) || dead.owner.as_ref().is_some_and(with) {
            return true;
        }
        match dead.kind {
            DeletedKind::Relation => {
                let found = self.draft.deleted_relation(dead.thing);
                found.is_some_and(|(definition, _)| {
                    let ends = [&definition.source, &definition.target];
                    let mut ends = ends.into_iter();
                    ends.any(|end| !end.types().any(|object| self.may_be(object, ending)))
                })
            }
            DeletedKind::Field => {
                let Some(field) = self.draft.deleted_field(dead.thing) else {
                    return false;
                };
                let settings = &field.definition.settings;
                let mut targets = settings.named_targets().peekable();
                let leads_nowhere =
                    targets.peek().is_some() && targets.all(|it| !self.may_be(it, ending));
                leads_nowhere || settings.via.is_some_and(|via| with(&via.uuid()))
            }
            DeletedKind::Object | DeletedKind::OptionList => false,
        }
    }

    /// Whether an object type is there or can come back.
    fn may_be(&self, object: ObjectTypeId, ending: &BTreeSet<Uuid>) -> bool {
        if ending.contains(&object.uuid()) {
            return false;
        }
        let dead = self.draft.find_dead(object.uuid());
        self.draft.objects.contains_key(&object) || dead.is_some_and(|dead| !dead.is_purged)
    }

    /// Asks how many records, links or values something deleted holds, those of its type counted once.
    fn ask_what_is_lost(&mut self, dead: Dead, ending: &[Dead], place: &Place) {
        let with_its_owner = |owner| ending.iter().any(|other| other.thing == owner);
        let counted = match (dead.kind, dead.owner) {
            (DeletedKind::Object, _) => {
                let found = self.draft.deleted_object(dead.thing);
                found.map(|(definition, _)| (definition.table, None))
            }
            (DeletedKind::Relation, _) => {
                let found = self.draft.deleted_relation(dead.thing);
                found.map(|(definition, _)| (definition.table, None))
            }
            (DeletedKind::Field, Some(owner)) if !with_its_owner(owner) => {
                self.column_of(owner, dead)
            }
            (DeletedKind::Field | DeletedKind::OptionList, _) => None,
        };
        if let Some((table, column)) = counted {
            self.step(Step::Ask(Question {
                table,
                ask: Ask::Lost { column },
                stands: true,
                place: place.clone(),
                code: FaultCode::InvalidValue,
                subject: self.dead_path(dead),
            }));
        }
    }

    /// The table and the first column of a deleted field; nothing of a lookup, which has none.
    fn column_of(&self, owner: Uuid, dead: Dead) -> Option<(String, Option<String>)> {
        let field = self.draft.deleted_field(dead.thing)?;
        let field_type = find_field_type(&field.definition.field_type)?;
        if field_type.is_virtual() {
            return None;
        }
        let (live, _) = self.draft.table(self.subject(owner));
        let table = Some(live).filter(|table| !table.is_empty()).or_else(|| {
            let object = self.draft.deleted_object(owner);
            let relation = || self.draft.deleted_relation(owner);
            object
                .map(|(definition, _)| definition.table)
                .or_else(|| relation().map(|(definition, _)| definition.table))
        });
        Some((table?, Some(field.definition.column.clone())))
    }
}
