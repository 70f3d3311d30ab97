//! What a share would give, beside what the one who shares has himself.

use std::sync::Arc;

use crate::{
    access::{
        Action, Aggregate, Checker, Condition, Delete, Export, Grant, GrantAction, Link, Mask,
        Policy, Preset, Read, Rule, ShareAccess, Update, Visibility,
    },
    catalog::{Field, ObjectType},
};

impl Checker<'_> {
    /// On which records of a type the caller itself has all that any role gives with a share of one: the fields to read
    /// and to change, and the other actions. A share gives no more than who makes it has, so that two don't give each
    /// other what neither had. Not compared are rules that walk to what is shared, and what writes must keep to.
    pub(crate) fn has_what_a_share_gives(
        &self,
        policy: &Policy,
        (object, access): (&Arc<ObjectType>, ShareAccess),
    ) -> Condition {
        let rules = policy.roles.values().flat_map(|role| &role.rules);
        let given: Vec<&Rule> = rules
            .filter(|rule| rule.subject == Some(object.id.uuid()))
            .filter(|rule| {
                let condition = rule.condition.as_ref();
                condition.is_some_and(|condition| condition.asks_for_share(access))
            })
            .collect();
        let mut needed = Needed::default();
        for rule in given {
            match rule.action {
                Action::Read => self.need_to_read(object, rule, &mut needed),
                Action::Update => self.need_to_change(object, rule, &mut needed),
                Action::Delete => needed.add(self.rows_of::<Delete>(object)),
                Action::Link => needed.add(self.rows_of::<Link>(object)),
                Action::Aggregate => needed.add(self.rows_of::<Aggregate>(object)),
                Action::Export => needed.add(self.rows_of::<Export>(object)),
                // What is created is not shared yet; and who shares may share.
                Action::Create | Action::Share => {}
            }
        }
        needed.into_condition()
    }

    fn rows_of<A: GrantAction>(&self, object: &Arc<ObjectType>) -> Condition {
        let grant: Option<Grant<A>> = self.grant(object);
        grant.map_or(Condition::FALSE, |grant| grant.rows().into_condition())
    }

    fn need_to_read(&self, object: &Arc<ObjectType>, rule: &Rule, needed: &mut Needed) {
        let Some(read) = self.grant::<Read>(object) else {
            return needed.add(Condition::FALSE);
        };
        for field in object.fields.iter() {
            let mask = rule.masks.get(&field.id).copied();
            if rule.fields.contains(field.id) && mask != Some(Mask::Null) {
                needed.add(shows(&read, field, mask));
            }
        }
    }

    fn need_to_change(&self, object: &Arc<ObjectType>, rule: &Rule, needed: &mut Needed) {
        let Some(update) = self.grant::<Update>(object) else {
            return needed.add(Condition::FALSE);
        };
        for field in object.fields.iter() {
            let sets = |presets: &[Preset]| presets.iter().any(|preset| preset.field == field.id);
            let is_preset = sets(&rule.presets);
            let is_sent = field.is_writable() && !field.attributes.read_only;
            if is_preset || is_sent && rule.fields.contains(field.id) {
                let own = update.rules().iter();
                let own =
                    own.filter(|own| own.may_write(field) || is_preset && sets(own.presets()));
                needed.add(Condition::any_of(
                    own.map(|own| own.rows().clone()).collect(),
                ));
            }
        }
    }
}

/// Where a field shows to the caller in full, or at least by this mask.
fn shows(read: &Grant<Read>, field: &Field, mask: Option<Mask>) -> Condition {
    let Some(readable) = read.field(field.name.as_str()) else {
        return Condition::FALSE;
    };
    let Visibility::When(in_full) = readable.visibility else {
        return Condition::TRUE;
    };
    let same = readable
        .masked
        .into_iter()
        .filter(|it| Some(it.mask) == mask);
    let masked = same.map(|it| it.on.map_or(Condition::TRUE, |on| *on));
    let mut ways: Vec<Condition> = masked.collect();
    ways.insert(0, in_full);
    Condition::any_of(ways)
}

/// Conditions that must all hold, each once.
#[derive(Debug, Default)]
struct Needed(Vec<Condition>);

impl Needed {
    fn add(&mut self, condition: Condition) {
        if !condition.is_true() && !self.0.contains(&condition) {
            self.0.push(condition);
        }
    }

    fn into_condition(self) -> Condition {
        Condition::All(self.0)
    }
}

impl Condition {
    /// Whether it asks, of the record itself, for a share that one with this access is.
    fn asks_for_share(&self, access: ShareAccess) -> bool {
        match self {
            Self::All(inner) | Self::Any(inner) => {
                inner.iter().any(|inner| inner.asks_for_share(access))
            }
            Self::Not(inner) => inner.asks_for_share(access),
            Self::Shared(shared) => {
                access == ShareAccess::Write || shared.access == ShareAccess::Read
            }
            Self::Compare { .. }
            | Self::Through { .. }
            | Self::Members { .. }
            | Self::Count { .. }
            | Self::Tree(_) => false,
        }
    }
}
