//! The guard: bounds a document before anything walks it. The text is bounded before it is parsed, and
//! the document before it is validated, because a few hundred bytes of nested fragments keep a
//! validator busy for minutes.

mod text;

use std::collections::HashMap;

use async_graphql::{
    Positioned,
    parser::types::{ExecutableDocument, Field, OperationType, Selection, SelectionSet},
};

use crate::{code::Code, graphql::error::GraphError};

pub(super) use text::check_text;

/// The most bytes of a request body.
pub(super) const MOST_BYTES: usize = 256 * 1024;
const MOST_TOKENS: usize = 10_000;
/// Brackets of all kinds inside one another, in the text. The parser recurses as deep.
const MOST_NESTING: usize = 60;
const MOST_OPERATIONS: usize = 20;
const MOST_FRAGMENTS: usize = 100;
/// Fields after all fragments are spread.
const MOST_FIELDS: u64 = 2_000;
const MOST_ALIASES: usize = 100;
const MOST_QUERY_ROOTS: u64 = 20;
const MOST_MUTATION_ROOTS: u64 = 50;
const MOST_DEPTH: u32 = 15;
/// Introspection queries of the usual clients ask for types of types of types.
const MOST_INTROSPECTION_DEPTH: u32 = 25;
/// Fields of one introspection; those of the usual clients have 200.
const MOST_INTROSPECTION_FIELDS: u64 = 400;
/// Lists of the schema inside one another: the fields of all types, but not the fields of the types of
/// the fields of all types, which would be millions.
const MOST_INTROSPECTION_LISTS: u32 = 2;
const INTROSPECTION_LISTS: [&str; 5] = [
    "types",
    "fields",
    "inputFields",
    "interfaces",
    "possibleTypes",
];
/// Selections inside one another as they are written and spread.
const MOST_LEVELS: u32 = 60;
const MOST_DIRECTIVES: usize = 5;

/// A refusal over a limit.
fn too_large(message: impl Into<String>) -> GraphError {
    GraphError::new(Code::QueryTooLarge, message)
}

/// Bounds a parsed document.
pub(super) fn check_document(document: &ExecutableDocument) -> Result<(), GraphError> {
    if document.operations.iter().len() > MOST_OPERATIONS {
        return Err(too_large(format!(
            "A document may have {MOST_OPERATIONS} operations."
        )));
    }
    if document.fragments.len() > MOST_FRAGMENTS {
        return Err(too_large(format!(
            "A document may have {MOST_FRAGMENTS} fragments."
        )));
    }
    let mut measuring = Measuring {
        document,
        known: HashMap::new(),
        aliases: 0,
    };
    for name in document.fragments.keys() {
        measuring.fragment(name.as_str(), 0)?;
    }
    for (_, operation) in document.operations.iter() {
        let whole = measuring.set(&operation.node.selection_set.node, 0)?;
        let most_roots = match operation.node.ty {
            OperationType::Query | OperationType::Subscription => MOST_QUERY_ROOTS,
            OperationType::Mutation => MOST_MUTATION_ROOTS,
        };
        if whole.own > most_roots {
            let message = format!("An operation of this kind may have {most_roots} root fields.");
            return Err(too_large(message).at(operation.pos));
        }
        whole.check().map_err(|error| error.at(operation.pos))?;
    }
    if measuring.aliases > MOST_ALIASES {
        return Err(too_large(format!(
            "A document may have {MOST_ALIASES} aliases."
        )));
    }
    Ok(())
}

/// The size of a selection set with all fragments spread.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    /// Fields at this level.
    own: u64,
    /// Fields at all levels.
    fields: u64,
    /// Levels of fields.
    depth: u32,
    /// Levels of fields that would be lists of the schema, if this were introspection.
    lists: u32,
}

impl Size {
    fn add(&mut self, other: Self) {
        self.own = self.own.saturating_add(other.own);
        self.fields = self.fields.saturating_add(other.fields);
        self.depth = self.depth.max(other.depth);
        self.lists = self.lists.max(other.lists);
    }

    fn check_introspection(self) -> Result<(), GraphError> {
        if self.depth <= MOST_INTROSPECTION_DEPTH
            && self.fields <= MOST_INTROSPECTION_FIELDS
            && self.lists <= MOST_INTROSPECTION_LISTS
        {
            return Ok(());
        }
        Err(too_large(format!(
            "Introspection may go {MOST_INTROSPECTION_DEPTH} levels deep, {MOST_INTROSPECTION_LISTS} of them \
             lists of types or fields, and select {MOST_INTROSPECTION_FIELDS} fields."
        )))
    }

    fn check(self) -> Result<(), GraphError> {
        if self.fields > MOST_FIELDS {
            return Err(too_large(format!(
                "A document may select {MOST_FIELDS} fields, fragments spread."
            )));
        }
        if self.depth > MOST_DEPTH {
            return Err(too_large(format!(
                "Fields may stand {MOST_DEPTH} levels deep."
            )));
        }
        Ok(())
    }
}

/// Measures each fragment once, however often it is spread.
struct Measuring<'a> {
    document: &'a ExecutableDocument,
    /// `None` while a fragment is being measured.
    known: HashMap<&'a str, Option<Size>>,
    aliases: usize,
}

impl<'a> Measuring<'a> {
    fn fragment(&mut self, name: &str, level: u32) -> Result<Size, GraphError> {
        match self.known.get(name) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => {
                let message = format!("The fragment {name:?} contains itself.");
                return Err(GraphError::invalid(message));
            }
            None => {}
        }
        // A fragment that does not exist is for the validator to name.
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else {
            return Ok(Size::default());
        };
        self.known.insert(name.as_str(), None);
        let size = self.set(&fragment.node.selection_set.node, level)?;
        self.known.insert(name.as_str(), Some(size));
        Ok(size)
    }

    fn set(&mut self, set: &'a SelectionSet, level: u32) -> Result<Size, GraphError> {
        if level > MOST_LEVELS {
            return Err(too_large("The selections stand too deep in one another."));
        }
        let mut size = Size::default();
        for item in &set.items {
            if item.node.directives().len() > MOST_DIRECTIVES {
                let message = format!("A selection may have {MOST_DIRECTIVES} directives.");
                return Err(too_large(message).at(item.pos));
            }
            size.add(match &item.node {
                Selection::Field(field) => self.field(field, level)?,
                Selection::InlineFragment(fragment) => {
                    self.set(&fragment.node.selection_set.node, level + 1)?
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(spread.node.fragment_name.node.as_str(), level + 1)?
                }
            });
        }
        Ok(size)
    }

    fn field(&mut self, field: &'a Positioned<Field>, level: u32) -> Result<Size, GraphError> {
        self.aliases += usize::from(field.node.alias.is_some());
        let below = self.set(&field.node.selection_set.node, level + 1)?;
        let name = field.node.name.node.as_str();
        let introspects = matches!(name, "__schema" | "__type");
        if introspects {
            let checked = below.check_introspection();
            checked.map_err(|error| error.at(field.pos))?;
        }
        let depth = if introspects { 0 } else { below.depth };
        let lists = u32::from(INTROSPECTION_LISTS.contains(&name));
        Ok(Size {
            own: 1,
            fields: below.fields.saturating_add(1),
            depth: depth.saturating_add(1),
            lists: below.lists.saturating_add(lists),
        })
    }
}
