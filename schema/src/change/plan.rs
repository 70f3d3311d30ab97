//! What the database is to do for a changeset: steps in order, each a change or a question about
//! the data. Physical names only; how they are spelt on which database is for `sql`.

use crate::{
    catalog::Subject,
    error::{FaultCode, Place},
    field_type::{Bound, NumberFormat, Pattern},
    id::FieldId,
    value::{Storage, Value},
};

/// The most rows that one field writes its default to: other writers wait meanwhile.
pub(crate) const MOST_DEFAULTED: u64 = 1_000_000;

/// One step and the operation that it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Task {
    /// The place of the operation in the changeset.
    pub(crate) operation: usize,
    /// The step.
    pub(crate) step: Step,
}

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// Makes a table with the system columns and these; with `ends` a link table between two tables.
    CreateTable {
        /// The table.
        table: String,
        /// The tables of source and target; none at an end of several types, where the link says the
        /// type beside the id.
        ends: Option<[Option<String>; 2]>,
        /// Its own columns.
        columns: Vec<ColumnPlan>,
    },
    /// Adds a column, nullable and without a default.
    AddColumn {
        /// The table.
        table: String,
        /// The column.
        column: ColumnPlan,
        /// What the rows that are there get.
        value: Value,
    },
    /// Makes the values of a column unique among live rows.
    AddUniqueIndex {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// Takes the uniqueness of a column away.
    DropUniqueIndex {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// Makes live rows differ in some of these columns.
    AddUniqueKey {
        /// The table.
        table: String,
        /// The columns.
        columns: Vec<String>,
    },
    /// Takes such a key away.
    DropUniqueKey {
        /// The table.
        table: String,
        /// The columns.
        columns: Vec<String>,
    },
    /// Makes the inverse of a reference quick.
    AddReferenceIndex {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// Lets the rows of a table that belong to the same record keep their order: first that of their ids.
    MakeOrdered {
        /// The table.
        table: String,
        /// The column that holds the record.
        parent: String,
        /// The column of the ranks, a new one.
        position: String,
    },
    /// Sets columns on all rows that have no value there.
    BackFill {
        /// The table.
        table: String,
        /// The columns with their values.
        values: Vec<(ColumnPlan, Value)>,
    },
    /// Gives rows their auto numbers, in the order of their ids.
    Number(Numbering),
    /// Puts an option in the place of another one on all rows.
    ReplaceOption(Replacement),
    /// Asks the data whether the change can hold.
    Ask(Question),
}

/// A new auto number of a type that has rows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Numbering {
    /// The field.
    pub(crate) field: FieldId,
    /// The table.
    pub(crate) table: String,
    /// The column.
    pub(crate) column: String,
    /// How the numbers look.
    pub(crate) format: NumberFormat,
    /// Whether only those rows get one that have none, for the others have theirs from before.
    pub(crate) only_missing: bool,
}

/// An option that takes the place of another one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Replacement {
    /// The type that has the field.
    pub(crate) subject: Subject,
    /// The field.
    pub(crate) field: FieldId,
    /// The table.
    pub(crate) table: String,
    /// The column.
    pub(crate) column: String,
    /// Its form: a text or a set of texts.
    pub(crate) storage: Storage,
    /// The option that goes.
    pub(crate) old: String,
    /// The option that takes its place.
    pub(crate) new: String,
}

/// A column to be made.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ColumnPlan {
    /// The physical name.
    pub(crate) name: String,
    /// The physical form.
    pub(crate) storage: Storage,
}

/// A question about stored records, asked before the steps that rest on the answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Question {
    /// The table.
    pub(crate) table: String,
    /// What is asked.
    pub(crate) ask: Ask,
    /// Whether table and column stood there before the changeset: only then it may be asked after
    /// another question has stopped the changes.
    pub(crate) stands: bool,
    /// Where the fault is, if the answer makes one.
    pub(crate) place: Place,
    /// The code of that fault.
    pub(crate) code: FaultCode,
    /// The thing in the words of the sender, for messages.
    pub(crate) subject: String,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ask {
    /// How many live records there are; more than `at_most` is a fault.
    Rows {
        /// How many the change can hold.
        at_most: u64,
    },
    /// How many records, deleted ones too, get the default of a new field; more than [`MOST_DEFAULTED`] are
    /// a fault where the database writes them.
    Defaulted {
        /// The size of the largest of its values.
        bytes: usize,
    },
    /// How many live records have no value here; one is a fault.
    Missing {
        /// The column.
        column: String,
    },
    /// Whether two live records have the same value; one pair is a fault.
    Duplicates {
        /// The column.
        column: String,
        /// Its form.
        storage: Storage,
    },
    /// How many live records have a value that a new bound forbids; one is a fault.
    Breaks {
        /// The column.
        column: String,
        /// Its form.
        storage: Storage,
        /// The bound.
        bound: Bound,
    },
    /// How many live records have the same values in all of these columns; one pair is a fault.
    SharedKey {
        /// The columns.
        columns: Vec<String>,
        /// Their forms.
        storages: Vec<Storage>,
    },
    /// How many live records do not match a new pattern. They stay as they are, so that only a dry run
    /// asks, and none is a fault.
    Mismatches {
        /// The column.
        column: String,
        /// Its form: a text or a set of texts.
        storage: Storage,
        /// The pattern.
        pattern: Pattern,
    },
    /// How many live records lie in a circle or below one; one is a fault.
    Circles {
        /// The column that points upwards.
        column: String,
    },
    /// How many live records there are of what is to be a singleton; two are a fault.
    Singleton,
    /// How many live records have a value that has not gone over into other columns; one is a fault.
    Unconverted {
        /// The column.
        column: String,
        /// Its form.
        storage: Storage,
        /// The first of the other columns.
        into: String,
        /// Whether blanks are left behind.
        drops_blanks: bool,
    },
    /// How many live records use an option; one is a fault.
    Uses {
        /// The column.
        column: String,
        /// Its form: a text or a set of texts.
        storage: Storage,
        /// The option.
        option: String,
    },
    /// How many live records have a value that is none of the options; one is a fault.
    Strange {
        /// The column.
        column: String,
        /// Its form: a text or a set of texts.
        storage: Storage,
        /// The options that there are.
        options: Vec<String>,
    },
    /// A question about something that comes back, with what to do when the answer is a fault.
    Undone {
        /// The question.
        ask: Box<Ask>,
        /// What to do.
        remedy: &'static str,
    },
    /// How many records there are, or have a value here, deleted ones too: they are lost. No fault.
    Lost {
        /// The column, if not the whole records are lost.
        column: Option<String>,
    },
    /// How many live records use an option that is replaced; more than one change may write are a fault.
    Replaced {
        /// The column.
        column: String,
        /// Its form: a text or a set of texts.
        storage: Storage,
        /// The option.
        option: String,
    },
}

impl Ask {
    /// The question itself, without what it stands in.
    pub(crate) fn inner(&self) -> &Self {
        if let Self::Undone { ask, .. } = self {
            return ask.inner();
        }
        self
    }
}
