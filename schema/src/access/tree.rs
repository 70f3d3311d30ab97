//! Conditions on the place of a record in a tree.

use crate::{
    access::{Condition, Operand, Variables},
    id::FieldId,
};

/// A record lies above or below another one of its type, or is that one.
#[derive(Clone, Debug, PartialEq)]
pub struct TreeWalk {
    /// The reference to the record above.
    pub field: FieldId,
    /// Which way.
    pub lineage: Lineage,
    /// Whether the record that the walk begins at is found too.
    pub or_self: bool,
    /// The id of that one.
    pub of: Operand,
    /// Which records the walk may lead through, its ends included.
    pub scope: Box<Condition>,
    /// The reference counts as empty where this does not hold.
    pub visible: Option<Box<Condition>>,
}

/// Which way a walk in a tree goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lineage {
    /// To what lies below.
    Descendants,
    /// To what lies above.
    Ancestors,
}

impl TreeWalk {
    /// The walk with the caller's variables put in; `None` when one of them is missing.
    pub(super) fn bind(&self, variables: &Variables) -> Option<Self> {
        let of = match &self.of {
            Operand::Variable(variable) => variables.operand(*variable)?,
            Operand::Value(_) | Operand::Values(_) | Operand::MembersOf(_) | Operand::Flag(_) => {
                self.of.clone()
            }
        };
        let visible = match &self.visible {
            Some(visible) => Some(Box::new(visible.bind(variables)?)),
            None => None,
        };
        Some(Self {
            of,
            scope: Box::new(self.scope.bind(variables)?),
            visible,
            ..self.clone()
        })
    }
}
