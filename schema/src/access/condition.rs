//! Row conditions with every name resolved to an id: what rules store, and what filters become.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::{
    access::{Shared, TreeWalk, Variable, Variables},
    catalog::{CollectionKind, Direction},
    field_type::Operator,
    id::{FieldId, ObjectTypeId, RelationTypeId},
};

/// A condition on one record. Two-valued: a comparison with no value is false, its negation true.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// All hold; true when empty.
    All(Vec<Condition>),
    /// One holds; false when empty.
    Any(Vec<Condition>),
    /// The inner one does not hold.
    Not(Box<Condition>),
    /// A field compares so.
    Compare {
        /// The field.
        field: FieldId,
        /// Which part of a composite field; 0 for all others.
        part: usize,
        /// How.
        operator: Operator,
        /// With what.
        operand: Operand,
        /// The field counts as having no value where this does not hold.
        visible: Option<Box<Condition>>,
    },
    /// The record that a reference points at exists and fits.
    Through {
        /// The reference field.
        field: FieldId,
        /// The object type of the target. A reference to several types must point at this one.
        target: ObjectTypeId,
        /// The reference counts as empty where this does not hold.
        visible: Option<Box<Condition>>,
        /// What must hold of the target.
        inner: Box<Condition>,
    },
    /// Members of a collection fit.
    Members {
        /// The collection.
        hop: Hop,
        /// How many.
        quantifier: Quantifier,
        /// Which members the caller may see at all.
        scope: Box<Condition>,
        /// Which links the caller may see at all; true for inverses.
        link_scope: Box<Condition>,
        /// What must hold of the link itself; true for inverses.
        link: Box<Condition>,
        /// What must hold of the member.
        inner: Box<Condition>,
    },
    /// So many members are in sight.
    Count {
        /// The collection.
        hop: Hop,
        /// Which members the caller may see at all.
        scope: Box<Condition>,
        /// Which links count; true for inverses.
        link_scope: Box<Condition>,
        /// How their number compares.
        operator: Operator,
        /// With what.
        operand: Operand,
    },
    /// The record lies above or below another one in a tree.
    Tree(TreeWalk),
    /// The record is shared with the caller; only rules ask for it.
    Shared(Shared),
}

/// A step along a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hop {
    /// To the records whose reference points here.
    Inverse(FieldId),
    /// Along a relation type.
    Relation(RelationTypeId, Direction),
}

impl From<CollectionKind> for Hop {
    fn from(kind: CollectionKind) -> Self {
        match kind {
            CollectionKind::Inverse { field } => Self::Inverse(field),
            CollectionKind::Relation {
                relation,
                direction,
            } => Self::Relation(relation, direction),
        }
    }
}

/// How many members must fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Quantifier {
    /// At least one.
    Some,
    /// None.
    None,
    /// All (also when there is none).
    Every,
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// One value.
    Value(crate::value::Value),
    /// Several.
    Values(Vec<crate::value::Value>),
    /// The users who are members of one of these teams.
    MembersOf(Vec<uuid::Uuid>),
    /// The flag of `isNull`.
    Flag(bool),
    /// A variable of the caller; only rules have them.
    Variable(Variable),
}

impl Condition {
    /// The condition that always holds.
    pub const TRUE: Self = Self::All(Vec::new());
    /// The condition that never holds.
    pub const FALSE: Self = Self::Any(Vec::new());

    /// Whether it is the constant true.
    pub fn is_true(&self) -> bool {
        matches!(self, Self::All(inner) if inner.iter().all(Self::is_true))
    }

    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        if self.is_true() {
            other
        } else if other.is_true() {
            self
        } else {
            Self::All(vec![self, other])
        }
    }

    /// One of them holds. Many are put into groups, for SQLite takes no expression that is a thousand
    /// levels deep.
    pub(crate) fn any_of(mut all: Vec<Self>) -> Self {
        const GROUP: usize = 32;
        while all.len() > GROUP {
            all = all
                .chunks(GROUP)
                .map(|group| Self::Any(group.to_vec()))
                .collect();
        }
        Self::Any(all)
    }

    /// The condition with the caller's variables put in; `None` when one of them is missing, which
    /// makes the rule that holds it void.
    #[expect(clippy::too_many_lines, reason = "one arm a kind of condition")]
    pub fn bind(&self, variables: &Variables) -> Option<Self> {
        let bind_all = |inner: &[Self]| {
            inner
                .iter()
                .map(|one| one.bind(variables))
                .collect::<Option<Vec<_>>>()
        };
        let bind_box = |inner: &Self| inner.bind(variables).map(Box::new);
        let bind_option = |inner: &Option<Box<Self>>| match inner {
            Some(inner) => bind_box(inner).map(Some),
            None => Some(None),
        };
        let bind_operand = |operand: &Operand| match operand {
            Operand::Variable(variable) => variables.operand(*variable),
            Operand::Value(_) | Operand::Values(_) | Operand::MembersOf(_) | Operand::Flag(_) => {
                Some(operand.clone())
            }
        };
        Some(match self {
            Self::All(inner) => Self::All(bind_all(inner)?),
            Self::Any(inner) => Self::Any(bind_all(inner)?),
            Self::Not(inner) => Self::Not(bind_box(inner)?),
            Self::Compare {
                field,
                part,
                operator,
                operand,
                visible,
            } => Self::Compare {
                field: *field,
                part: *part,
                operator: *operator,
                operand: bind_operand(operand)?,
                visible: bind_option(visible)?,
            },
            Self::Through {
                field,
                target,
                visible,
                inner,
            } => Self::Through {
                field: *field,
                target: *target,
                visible: bind_option(visible)?,
                inner: bind_box(inner)?,
            },
            Self::Members {
                hop,
                quantifier,
                scope,
                link_scope,
                link,
                inner,
            } => Self::Members {
                hop: *hop,
                quantifier: *quantifier,
                scope: bind_box(scope)?,
                link_scope: bind_box(link_scope)?,
                link: bind_box(link)?,
                inner: bind_box(inner)?,
            },
            Self::Count {
                hop,
                scope,
                link_scope,
                operator,
                operand,
            } => Self::Count {
                hop: *hop,
                scope: bind_box(scope)?,
                link_scope: bind_box(link_scope)?,
                operator: *operator,
                operand: bind_operand(operand)?,
            },
            Self::Tree(walk) => Self::Tree(walk.bind(variables)?),
            Self::Shared(_) if variables.grantees().ids.is_empty() => Self::FALSE,
            Self::Shared(shared) => Self::Shared(Shared {
                access: shared.access,
                with: Some(variables.grantees().clone()),
            }),
        })
    }
}

/// The JSON form in which a rule's condition is stored: the filter as the admin wrote it, with ids in
/// place of names. `schema` turns it into a [`Condition`] with the catalog at hand.
pub type StoredCondition = Json;
