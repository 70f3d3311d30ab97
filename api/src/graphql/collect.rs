//! From selection sets to the fields of one object of the answer: fragments spread, `@skip` and
//! `@include` applied, equal response keys merged (`CollectFields` of the specification).

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned,
    parser::types::{Directive, Field, FragmentDefinition, Selection, SelectionSet},
};
use async_graphql_value::Value;
use serde_json::Value as Json;

use crate::graphql::error::GraphError;

/// Collects the fields of an operation. The document is valid, so that every fragment exists, has no
/// cycle and fits the type it stands in: a surface has no abstract types.
#[derive(Debug, Clone, Copy)]
pub(super) struct Collector<'a> {
    /// The fragments of the document.
    pub(super) fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// The coerced variables.
    pub(super) variables: &'a HashMap<String, Json>,
}

/// A field of the answer: its key and every place in the document that selects it.
#[derive(Debug)]
pub(super) struct Collected<'a> {
    /// The response key.
    pub(super) key: &'a str,
    /// The places. They name the same field with the same arguments.
    pub(super) fields: Vec<&'a Positioned<Field>>,
}

impl<'a> Collected<'a> {
    /// The first place, which stands for name, arguments and position.
    pub(super) fn first(&self) -> &'a Positioned<Field> {
        self.fields[0]
    }

    /// The field's name.
    pub(super) fn name(&self) -> &'a str {
        self.first().node.name.node.as_str()
    }

    /// async-graphql does not find every conflict that stands in nested fragments; merging one would
    /// answer a question that was not asked.
    fn conflict(&self) -> Option<GraphError> {
        let first = self.first();
        let other = self
            .fields
            .iter()
            .find(|other| !is_same(&first.node, &other.node))?;
        let message = format!(
            "Fields {:?} conflict: they differ in name or arguments. Give one of them an alias.",
            self.key
        );
        Some(GraphError::invalid(message).at(first.pos).at(other.pos))
    }

    /// The selections of all places, which are merged.
    pub(super) fn selections(&self) -> Vec<&'a SelectionSet> {
        self.fields
            .iter()
            .map(|field| &field.node.selection_set.node)
            .collect()
    }
}

/// Whether two fields ask the same, whatever they select below.
fn is_same(one: &Field, other: &Field) -> bool {
    one.name.node == other.name.node
        && one.arguments.len() == other.arguments.len()
        && one.arguments.iter().all(|(name, value)| {
            other
                .get_argument(name.node.as_str())
                .is_some_and(|other| other.node == value.node)
        })
}

struct Pass<'a> {
    found: Vec<Collected<'a>>,
    at: HashMap<&'a str, usize>,
    visited: HashSet<&'a str>,
}

impl<'a> Collector<'a> {
    /// The fields that these selection sets give one object, in order.
    pub(super) fn collect(
        &self,
        sets: &[&'a SelectionSet],
    ) -> Result<Vec<Collected<'a>>, GraphError> {
        let mut pass = Pass {
            found: Vec::new(),
            at: HashMap::new(),
            visited: HashSet::new(),
        };
        for set in sets {
            self.walk(set, &mut pass);
        }
        let conflict = pass.found.iter().find_map(Collected::conflict);
        match conflict {
            Some(conflict) => Err(conflict),
            None => Ok(pass.found),
        }
    }

    fn walk(&self, set: &'a SelectionSet, pass: &mut Pass<'a>) {
        for item in &set.items {
            if self.is_left_out(item.node.directives()) {
                continue;
            }
            match &item.node {
                Selection::Field(field) => pass.add(field),
                Selection::InlineFragment(fragment) => {
                    self.walk(&fragment.node.selection_set.node, pass);
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    if !pass.visited.insert(name) {
                        continue;
                    }
                    if let Some(fragment) = self.fragments.get(name) {
                        self.walk(&fragment.node.selection_set.node, pass);
                    }
                }
            }
        }
    }

    fn is_left_out(&self, directives: &[Positioned<Directive>]) -> bool {
        directives
            .iter()
            .any(|directive| match directive.node.name.node.as_str() {
                "skip" => self.condition(&directive.node),
                "include" => !self.condition(&directive.node),
                _ => false,
            })
    }

    fn condition(&self, directive: &Directive) -> bool {
        match directive.get_argument("if").map(|value| &value.node) {
            Some(Value::Boolean(flag)) => *flag,
            Some(Value::Variable(name)) => {
                self.variables.get(name.as_str()) == Some(&Json::Bool(true))
            }
            Some(
                Value::Null
                | Value::Number(_)
                | Value::String(_)
                | Value::Binary(_)
                | Value::Enum(_)
                | Value::List(_)
                | Value::Object(_),
            )
            | None => false,
        }
    }
}

impl<'a> Pass<'a> {
    fn add(&mut self, field: &'a Positioned<Field>) {
        let key = field.node.response_key().node.as_str();
        let at = *self.at.entry(key).or_insert(self.found.len());
        match self.found.get_mut(at) {
            Some(known) => known.fields.push(field),
            None => self.found.push(Collected {
                key,
                fields: vec![field],
            }),
        }
    }
}
