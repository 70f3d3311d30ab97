//! Expressions: CEL text of an administrator as a typed program that computes one value of a record.
//!
//! ```text
//! text with names ──► text with ids ──► syntax (cel) ──► typed tree ──► value
//!      token, names        stored           check            evaluate
//! ```
//!
//! The `cel` crate reads the syntax. Types, exact decimals, values that are missing and the bound on the
//! cost are ours: a program is checked as a whole when it is defined, and none that passed can fail,
//! hang or panic when it runs; what can't be computed is no value. Decision 0014 says why.
//!
//! Nothing here knows a database, and no name is kept: what is stored holds the ids of fields, so that
//! it goes on when a field is renamed.

mod calculate;
mod check;
mod datum;
mod evaluate;
mod function;
mod names;
mod path;
mod span;
mod template;
mod token;

#[cfg(test)]
mod tests;

use time::OffsetDateTime;
use uuid::Uuid;

pub use datum::Kind;
pub use names::{Member, Scope};
pub use path::Path;
pub use template::{Template, fields_in as fields_in_template, render as render_template};

use crate::{field_type::Part, value::Value};
use evaluate::Node;

/// The most characters of an expression.
pub const MAX_LENGTH: usize = 4_000;

/// What an expression is for: it decides which variables it has and how it takes missing values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The stored value of a field. A missing operand makes it missing; it reads only what is stored,
    /// so that it stays right without a clock.
    Formula,
    /// Something that holds or does not: a comparison with a missing value does not hold.
    Condition,
    /// The value of a new record, made when it is created.
    Default,
    /// A piece of a text for people: what is missing is left out.
    Text,
}

impl Purpose {
    /// Whether comparisons of missing values are plainly true or false.
    const fn is_two_valued(self) -> bool {
        matches!(self, Self::Condition | Self::Text)
    }

    /// Whether `now`, `today` and `currentUser` mean something.
    const fn has_variables(self) -> bool {
        matches!(self, Self::Condition | Self::Default)
    }
}

/// Why a text is no expression that can be used; for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ExpressionError(String);

impl ExpressionError {
    fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// A checked expression of one type.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    stored: String,
    purpose: Purpose,
    root: Node,
    kind: Kind,
    inputs: Vec<Path>,
}

/// What a program is told of the moment and the caller.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The instant of the write.
    pub now: OffsetDateTime,
    /// Who writes, when it is a person.
    pub user: Option<Uuid>,
}

impl Moment {
    /// For what looks at neither clock nor caller.
    pub const NONE: Self = Self {
        now: OffsetDateTime::UNIX_EPOCH,
        user: None,
    };
}

/// The values that a program reads: for each of its paths, in order, one value per part of the field.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// As [`Program::inputs`] orders them; what is absent has no value.
    pub values: &'a [Vec<Value>],
    /// The moment.
    pub moment: Moment,
}

impl Program {
    /// Reads an expression that names fields as the type `owner` has them now.
    pub fn define(
        text: &str,
        purpose: Purpose,
        owner: Uuid,
        scope: &dyn Scope,
    ) -> Result<Self, ExpressionError> {
        let stored = names::to_ids(text, owner, scope)?;
        Self::load(&stored, purpose, owner, scope)
    }

    /// Reads an expression as [`Self::stored`] gave it.
    pub fn load(
        stored: &str,
        purpose: Purpose,
        owner: Uuid,
        scope: &dyn Scope,
    ) -> Result<Self, ExpressionError> {
        let syntax = token::parse(stored)?;
        let (root, kind, inputs) = check::check(&syntax, purpose, owner, scope)?;
        Ok(Self {
            stored: stored.to_owned(),
            purpose,
            root,
            kind,
            inputs,
        })
    }

    /// The text with the ids of fields in place of their names.
    pub fn stored(&self) -> &str {
        &self.stored
    }

    /// What it gives.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The fields that it reads.
    pub fn inputs(&self) -> &[Path] {
        &self.inputs
    }

    /// Checks that the value can be stored in a field with these parts. The message says what is needed.
    pub fn check_result(&self, parts: &[Part]) -> Result<(), ExpressionError> {
        if self.kind.fits(parts) {
            return Ok(());
        }
        let remedy = if self.kind == Kind::Float {
            "; decimal(x) is the exact number that it shows"
        } else {
            ""
        };
        Err(ExpressionError::new(format!(
            "gives {}, which is not what the field holds{remedy}",
            self.kind.name()
        )))
    }

    /// Checks that it says yes or no.
    pub fn check_condition(&self) -> Result<(), ExpressionError> {
        if matches!(self.kind, Kind::Boolean) {
            return Ok(());
        }
        Err(ExpressionError::new(format!(
            "must be true or false, but gives {}",
            self.kind.name()
        )))
    }

    /// The value, one per part of a field with these parts. A value that does not fit them is missing.
    pub fn evaluate(&self, inputs: &Inputs<'_>, parts: &[Part]) -> Vec<Value> {
        evaluate::evaluate(&self.root, self.purpose, inputs).into_values(parts)
    }

    /// Whether the condition holds.
    pub fn holds(&self, inputs: &Inputs<'_>) -> bool {
        evaluate::evaluate(&self.root, self.purpose, inputs).is_true()
    }

    /// The value as people read it; empty when it is missing.
    fn text(&self, inputs: &Inputs<'_>) -> String {
        evaluate::evaluate(&self.root, self.purpose, inputs)
            .text()
            .unwrap_or_default()
    }
}

/// The fields that a stored expression names.
pub fn fields_in(stored: &str) -> Vec<crate::id::FieldId> {
    names::fields_in(stored)
}

/// The stored expression that is the value of a field (or, with `key`, of one part of it) along a path.
pub fn stored_path(path: &Path, key: Option<&str>) -> String {
    let words: Vec<String> = path.fields().map(names::word).collect();
    let key = key.map_or_else(String::new, |key| format!(".{key}"));
    words.join(".") + &key
}

/// A stored expression with the names that its fields have now.
pub fn render(stored: &str, owner: Uuid, scope: &dyn Scope) -> String {
    names::to_names(stored, owner, scope)
}
