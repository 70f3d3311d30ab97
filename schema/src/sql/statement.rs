//! Statements: the text, the values, and on whose behalf they read.

use sea_orm::sea_query::Values;

use crate::{
    access::{Checker, Condition},
    sql::dialect::Dialect,
};

/// A statement that is ready to run. Only this module makes one, and nobody without saying on whose
/// behalf it reads.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    /// The text.
    pub(crate) text: String,
    /// The bound values.
    pub(crate) values: Values,
    reads: Reads,
}

/// On whose behalf a statement reads records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    /// Of the caller. It runs only after [`Statement::in_sight_of`].
    Caller,
    /// Of the caller, who writes the row: if it may read none of the type, those that it may write are its
    /// sight.
    Writer,
    /// Of the caller, and every table in it carries the caller's row predicate.
    InSight,
    /// Of the engine, which sees every row.
    Engine(Why),
}

/// Why the engine reads past the rules. This is the whole list: a statement that is made for none of these
/// reasons carries the row predicates of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// It writes rows by their ids and reads none. An earlier statement has looked at them.
    Write,
    /// It locks rows, or finds which to lock. What it finds goes nowhere else.
    Lock,
    /// It looks again at a row which this transaction has made, or has found in the caller's sight.
    Again,
    /// What must hold for all records alike, seen or not: limits of links, circles and depths of trees,
    /// ranks, what hangs on what is deleted. Refusals say no more than that it does not hold.
    Integrity,
    /// Values that are computed with the rights of who defined them: formulas, rollups, amounts in the base
    /// currency.
    Computing,
    /// Questions of a change of the schema, which needs a permission of its own, and the work that it leaves.
    Schema,
    /// What the rules come to for another caller, asked by who manages them.
    Explanation,
    /// A table of the system, without records.
    System,
}

/// Which rows a statement may find.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sight<'a> {
    /// Those that the caller sees: where this holds.
    Of(&'a Condition),
    /// All of them, for this reason.
    Engine(Why),
}

impl<'a> Sight<'a> {
    /// What must hold of a row, if not every row fits.
    pub(super) fn condition(self) -> Option<&'a Condition> {
        match self {
            Self::Of(condition) => Some(condition).filter(|condition| !condition.is_true()),
            Self::Engine(_) => None,
        }
    }

    /// On whose behalf the rows are read.
    pub(super) fn reads(self) -> Reads {
        match self {
            Self::Of(_) => Reads::Caller,
            Self::Engine(why) => Reads::Engine(why),
        }
    }
}

impl Statement {
    /// A statement that reads.
    pub(super) fn read(text: String, values: Values, reads: Reads) -> Self {
        Self {
            text,
            values,
            reads,
        }
    }

    /// A statement that writes by ids and reads no records.
    pub(super) fn write(text: String, values: Values) -> Self {
        Self::read(text, values, Reads::Engine(Why::Write))
    }

    /// The same with the schema version at its end, so that what a connection has prepared before a
    /// change of the schema is not used after it.
    pub(super) fn versioned(mut self, schema_version: i64) -> Self {
        self.text.push_str(" /*v");
        self.text.push_str(&schema_version.to_string());
        self.text.push_str("*/");
        self
    }

    /// The statement as one that this caller may run. Where statements are proven, it panics when a table
    /// in it lacks the row predicate of the caller.
    pub(crate) fn in_sight_of(mut self, checker: &Checker<'_>, dialect: Dialect) -> Self {
        if !self.is_cleared() {
            #[cfg(any(test, all(feature = "proof", debug_assertions)))]
            super::proof::hold(checker, dialect, &self);
            let _ = (checker, dialect);
            self.reads = Reads::InSight;
        }
        self
    }

    /// Whether it looks at a row that the caller writes.
    #[cfg(any(test, all(feature = "proof", debug_assertions)))]
    pub(super) fn is_of_a_write(&self) -> bool {
        self.reads == Reads::Writer
    }

    /// Whether it can run: what a caller reads has gone through [`Self::in_sight_of`].
    pub(crate) fn is_cleared(&self) -> bool {
        !matches!(self.reads, Reads::Caller | Reads::Writer)
    }
}
