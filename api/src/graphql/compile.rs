//! From a valid operation to what the engine takes, and to the order in which the answers stand.
//!
//! Names are handed on as the caller wrote them; the engine resolves them once more under the
//! caller's rights, so that a mistake here could show nothing.

mod arguments;
mod graph;
mod read;
mod write;

pub(super) use graph::{GraphRequest, Picked};

use async_graphql::{
    Pos,
    parser::types::{OperationDefinition, OperationType},
};
use schema::{Error, Fault, Place, request::ReadRequest, request::WriteStep};

use crate::{
    graphql::{
        collect::Collector,
        error::GraphError,
        schema::{Face, QueryField},
    },
    problem::Problem,
};

/// What an operation does.
#[derive(Debug)]
pub(super) enum Plan {
    /// Reads, each by itself.
    Query(Vec<(String, QueryPart)>),
    /// Writes in one transaction, with the shape of each answer.
    Mutation {
        /// The writes in order.
        steps: Vec<WriteStep>,
        /// The members of `data`.
        parts: Vec<(String, MutationPart)>,
    },
}

/// What stands at one member of a query's `data`.
#[derive(Debug)]
pub(super) enum QueryPart {
    /// A constant text.
    Constant(String),
    /// The schema version.
    SchemaVersion,
    /// Answered by async-graphql.
    Introspection,
    /// Answered by the engine.
    Read {
        /// What to read.
        request: Box<ReadRequest>,
        /// Where it stands.
        at: At,
    },
    /// A walk of the graph.
    Graph {
        /// What to walk.
        request: Box<GraphRequest>,
        /// What is selected of the answer.
        picked: Picked,
        /// Where it stands.
        at: At,
    },
}

/// What stands at one member of a mutation's `data`.
#[derive(Debug)]
pub(super) enum MutationPart {
    /// A constant text.
    Constant(String),
    /// The payload of the write with this number.
    Payload {
        /// The number of the step.
        step: usize,
        /// The members of the payload.
        payload: Payload,
        /// Where it stands.
        at: At,
    },
}

/// The members of a payload and how the answer of the engine is told apart among them.
#[derive(Debug, Default)]
pub(super) struct Payload {
    /// The members.
    pub(super) entries: Vec<(String, PayloadPart)>,
    /// The response keys of each selection of the record. When there are several, the engine answers
    /// them as one object with the keys `<selection>:<entry>`.
    pub(super) selections: Vec<Vec<String>>,
}

/// What stands at one member of a payload.
#[derive(Debug)]
pub(super) enum PayloadPart {
    /// A constant text.
    Constant(String),
    /// The id of what was written.
    Id,
    /// Its version.
    Version,
    /// The selection of the record or link with this number.
    Record(usize),
}

/// A place in the answer and in the document.
#[derive(Debug, Clone)]
pub(super) struct At {
    /// The path of the field in the answer, without the positions in lists.
    pub(super) path: Vec<String>,
    /// Where the document selects it.
    pub(super) position: Pos,
}

impl At {
    /// The place as the engine is told: faults are below it.
    pub(super) fn pointer(&self) -> String {
        self.path
            .iter()
            .fold(String::new(), |pointer, key| format!("{pointer}/{key}"))
    }

    fn child(&self, key: &str, position: Pos) -> Self {
        let mut path = self.path.clone();
        path.push(key.to_owned());
        Self { path, position }
    }
}

/// Compiles one operation.
#[derive(Debug)]
pub(super) struct Compiler<'a> {
    face: &'a Face,
    collector: Collector<'a>,
    /// Every place with arguments.
    places: Vec<At>,
    /// How many walks of the graph there are so far.
    walks: u32,
}

/// Where the arguments of an operation stand, for faults.
#[derive(Debug)]
pub(super) struct Places(Vec<At>);

impl<'a> Compiler<'a> {
    /// A compiler for one schema.
    pub(super) fn new(face: &'a Face, collector: Collector<'a>) -> Self {
        Self {
            face,
            collector,
            places: Vec::new(),
            walks: 0,
        }
    }

    /// Compiles the operation.
    pub(super) fn compile(
        mut self,
        operation: &'a OperationDefinition,
    ) -> Result<(Plan, Places), GraphError> {
        let set = &operation.selection_set.node;
        let roots = self.collector.collect(&[set])?;
        let plan = match operation.ty {
            OperationType::Query => self.query(&roots)?,
            OperationType::Mutation => self.mutation(&roots)?,
            OperationType::Subscription => {
                return Err(GraphError::invalid("There are no subscriptions."));
            }
        };
        Ok((plan, Places(self.places)))
    }
}

/// A name that the schema has and the compiler does not know: a fault of ours.
fn unknown(what: &str) -> GraphError {
    GraphError::of_problem(Problem::internal(format!(
        "the GraphQL schema has {what}, which the compiler does not know"
    )))
}

impl Places {
    /// The entries of `errors` for a refusal of the engine: one for each field of the document that is
    /// at fault. The pointers of the faults become relative to the arguments of that field.
    pub(super) fn explain(&self, error: Error, otherwise: Option<&At>) -> Vec<GraphError> {
        let Error::Invalid(faults) = error else {
            return vec![refused(error, otherwise)];
        };
        let mut groups: Vec<(Option<&At>, Vec<Fault>)> = Vec::new();
        for mut fault in faults {
            let found = match &mut fault.place {
                Place::Pointer(pointer) => self.find(pointer).map(|(at, rest)| {
                    *pointer = rest;
                    at
                }),
                Place::Parameter(_) => None,
            };
            let at = found.or(otherwise);
            let path = at.map(|at| &at.path);
            let mut known = groups.iter_mut();
            match known.find(|(known, _)| known.map(|at| &at.path) == path) {
                Some((_, group)) => group.push(fault),
                None => groups.push((at, vec![fault])),
            }
        }
        let groups = groups.into_iter();
        groups
            .map(|(at, faults)| refused(Error::Invalid(faults), at))
            .collect()
    }

    /// The longest place that a pointer is below, and the rest of the pointer.
    fn find(&self, pointer: &str) -> Option<(&At, String)> {
        self.0
            .iter()
            .filter_map(|at| {
                let rest = pointer.strip_prefix(&at.pointer())?;
                (rest.is_empty() || rest.starts_with('/')).then(|| (at, rest.to_owned()))
            })
            .min_by_key(|(_, rest)| rest.len())
    }
}

fn refused(error: Error, at: Option<&At>) -> GraphError {
    let refused = GraphError::of_problem(Problem::from(error));
    match at {
        Some(at) => refused.at(at.position).on(&at.path),
        None => refused,
    }
}

impl Compiler<'_> {
    fn query_field(&self, name: &str) -> Result<QueryField, GraphError> {
        let known = self.face.queries.get(name).copied();
        known.ok_or_else(|| unknown(name))
    }
}

impl QueryPart {
    /// Whether it may be null, so that its error leaves the others standing.
    pub(super) fn is_nullable(&self) -> bool {
        match self {
            Self::Read { request, .. } => match **request {
                ReadRequest::Record(_) => true,
                ReadRequest::List(_) => false,
            },
            Self::Graph { .. } => true,
            Self::Constant(_) | Self::SchemaVersion | Self::Introspection => false,
        }
    }
}

impl Plan {
    /// The units of the operation: those of each root field, whatever they are called and however often they stand
    /// there. What is answered from the schema is in the unit of every request.
    pub(super) fn cost(&self) -> u64 {
        match self {
            Self::Query(parts) => {
                let costs = parts.iter().map(|(_, part)| match part {
                    QueryPart::Read { request, .. } => request.cost(),
                    QueryPart::Graph { request, .. } => match &**request {
                        GraphRequest::Related(walk) => walk.cost(),
                        GraphRequest::Path(search) => search.cost(),
                    },
                    QueryPart::Constant(_)
                    | QueryPart::SchemaVersion
                    | QueryPart::Introspection => 0,
                });
                costs.fold(0, u64::saturating_add)
            }
            Self::Mutation { steps, .. } => {
                let costs = steps.iter().map(WriteStep::cost);
                costs.fold(0, u64::saturating_add)
            }
        }
    }

    /// Whether the answer depends on the surface alone.
    pub(super) fn is_introspection(&self) -> bool {
        match self {
            Self::Query(parts) => parts.iter().all(|(_, part)| match part {
                QueryPart::Constant(_) | QueryPart::SchemaVersion | QueryPart::Introspection => {
                    true
                }
                QueryPart::Read { .. } | QueryPart::Graph { .. } => false,
            }),
            Self::Mutation { .. } => false,
        }
    }
}
