//! One request, from text to the bytes of its answer.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Positioned, ServerError,
    parser::{
        parse_query,
        types::{DocumentOperations, OperationDefinition},
    },
};
use axum::body::Bytes;
use schema::{
    Engine, Error, Snapshot,
    access::{Caller, Surface},
};
use serde_json::{Map, Value as Json};

use crate::{
    code::Code,
    graphql::{
        cache::answer_key,
        coerce,
        collect::Collector,
        compile::{Compiler, Places, Plan},
        error::GraphError,
        guard,
        renamed::rename_types,
        respond::{self, Data},
        schema::Face,
        validate::Document,
    },
    problem::Problem,
    state::AppState,
};

/// How often a mutation is compiled anew when the schema changes before its transaction begins.
const ATTEMPTS: u32 = 5;

/// What a client asks.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    /// The document.
    pub(super) query: String,
    /// Which of its operations; needed when there are several.
    pub(super) operation: Option<String>,
    /// The variables.
    pub(super) variables: Map<String, Json>,
}

/// What it is answered.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The request was refused before anything was read or written: there is no `data`.
    Refused(Vec<GraphError>),
    /// It was executed.
    Executed {
        /// The JSON text of `data`.
        data: Bytes,
        /// What went wrong with single fields.
        errors: Vec<GraphError>,
    },
}

/// Answers one request.
pub(super) async fn execute(state: &AppState, caller: &Caller, asked: Asked) -> Outcome {
    match run(state, caller, asked).await {
        Ok(outcome) => outcome,
        Err(errors) => Outcome::Refused(errors),
    }
}

async fn run(state: &AppState, caller: &Caller, asked: Asked) -> Result<Outcome, Vec<GraphError>> {
    for number in 0..ATTEMPTS {
        let is_paid = number > 0;
        if let Some(outcome) = attempt(state, caller, (asked.clone(), is_paid)).await? {
            return Ok(outcome);
        }
    }
    let busy = Problem::from(Error::Busy);
    Err(vec![GraphError::of_problem(busy)])
}

/// Compiles and carries out; nothing when what the caller may name has changed between.
async fn attempt(
    state: &AppState,
    caller: &Caller,
    (asked, is_paid): (Asked, bool),
) -> Result<Option<Outcome>, Vec<GraphError>> {
    let AppState { engine, faces, .. } = state;
    let snapshot = engine.snapshot(caller);
    let surface = Arc::clone(snapshot.surface());
    let key = asked.key(&surface);
    let document_key = asked.document_key(&surface);
    let (mut document, sent) = match faces.find_document(&document_key) {
        Some(document) => (document, asked.variables),
        None => asked.parse().map_err(|error| vec![error])?,
    };
    if let Some(data) = faces.find_answer(&key) {
        let errors = Vec::new();
        return Ok(Some(Outcome::Executed { data, errors }));
    }
    let found = faces.find(surface).await;
    let face = found.map_err(|problem| vec![GraphError::of_problem(problem)])?;
    if !document.is_valid {
        rename_types(&mut document.parsed, &face.renamed);
    }
    let prepared = prepare(&face, &document, &sent).await?;
    if !document.is_valid {
        faces.keep_document(document_key, &document);
    }
    if !is_paid {
        let (cost, now) = (prepared.plan.cost(), state.clock.now());
        let charged = state.limits.charge(caller, cost, now);
        charged.map_err(|problem| vec![GraphError::of_problem(problem)])?;
    }
    let stays = prepared.plan.is_introspection();
    let work = Work {
        engine,
        caller,
        snapshot: &snapshot,
        face: &face,
        document: &document,
        variables: &prepared.variables,
        places: prepared.places,
    };
    let Some(Data { json, errors }) = work.carry_out(prepared.plan).await else {
        return Ok(None);
    };
    let data = Bytes::from(json);
    if stays && errors.is_empty() {
        faces.keep_answer(key, data.clone());
    }
    Ok(Some(Outcome::Executed { data, errors }))
}

impl Asked {
    /// What the answer to an introspection depends on.
    fn key(&self, surface: &Surface) -> [u8; 32] {
        let variables = serde_json::to_string(&self.variables).unwrap_or_default();
        let operation = self.operation.as_deref().unwrap_or_default();
        answer_key(surface, [&self.query, operation, &variables])
    }

    /// What the validity of the document depends on.
    fn document_key(&self, surface: &Surface) -> [u8; 32] {
        let operation = self.operation.as_deref().unwrap_or_default();
        answer_key(surface, [&self.query, operation, "document"])
    }

    /// The document, inside its limits, and the variables that were sent.
    pub(super) fn parse(self) -> Result<(Document, Map<String, Json>), GraphError> {
        guard::check_text(&self.query)?;
        let parsed = parse_query(&self.query).map_err(|error| {
            let error = ServerError::from(error);
            // The parser draws the place below the text; clients get it in `locations`.
            let expected = error.message.rsplit("= ").next().unwrap_or_default();
            let message = format!("The document does not parse: {expected}.");
            let refused = GraphError::new(Code::MalformedQuery, message);
            error.locations.into_iter().fold(refused, GraphError::at)
        })?;
        guard::check_document(&parsed)?;
        let document = Document {
            text: self.query,
            parsed: Arc::new(parsed),
            is_valid: false,
            operation: self.operation,
        };
        Ok((document, self.variables))
    }
}

/// An operation that is ready to be carried out.
#[derive(Debug)]
pub(super) struct Prepared {
    /// What it does.
    pub(super) plan: Plan,
    /// Where its arguments stand.
    places: Places,
    /// Its variables, coerced.
    variables: HashMap<String, Json>,
}

/// Validates and compiles a document.
pub(super) async fn prepare(
    face: &Face,
    document: &Document,
    sent: &Map<String, Json>,
) -> Result<Prepared, Vec<GraphError>> {
    let operation = select(document).map_err(|error| vec![error])?;
    let variables = check(face, document, operation, sent).await?;
    let collector = Collector {
        fragments: &document.parsed.fragments,
        variables: &variables,
    };
    let (plan, places) = Compiler::new(face, collector)
        .compile(&operation.node)
        .map_err(|error| vec![error])?;
    Ok(Prepared {
        plan,
        places,
        variables,
    })
}

/// The operation to execute.
fn select(document: &Document) -> Result<&Positioned<OperationDefinition>, GraphError> {
    let operations = &document.parsed.operations;
    match (&document.operation, operations) {
        (None, DocumentOperations::Single(operation)) => Ok(operation),
        (None, DocumentOperations::Multiple(named)) if named.len() == 1 => named
            .values()
            .next()
            .ok_or_else(|| GraphError::invalid("There is no operation.")),
        (None, DocumentOperations::Multiple(_)) => Err(GraphError::invalid(
            "The document has several operations; name one in operationName.",
        )),
        (Some(name), DocumentOperations::Multiple(named)) if named.contains_key(name.as_str()) => {
            Ok(&named[name.as_str()])
        }
        (Some(name), DocumentOperations::Single(_) | DocumentOperations::Multiple(_)) => Err(
            GraphError::invalid(format!("There is no operation {name:?}.")),
        ),
    }
}

/// Validates the document and coerces the variables. Errors of the document come first, since faults
/// of variables often follow from them.
async fn check(
    face: &Face,
    document: &Document,
    operation: &Positioned<OperationDefinition>,
    sent: &Map<String, Json>,
) -> Result<HashMap<String, Json>, Vec<GraphError>> {
    let definitions = &operation.node.variable_definitions;
    let coerced = coerce::coerce_variables(face.schema.registry(), definitions, sent);
    if document.is_valid {
        return coerced;
    }
    let known = coerced.as_ref().map(coerce::to_graphql).unwrap_or_default();
    let errors = document.validate(face, known).await;
    if errors.is_empty() {
        coerced
    } else {
        Err(errors)
    }
}

/// What carrying out a plan needs.
pub(super) struct Work<'a> {
    /// The engine.
    pub(super) engine: &'a Engine,
    /// Who asks.
    pub(super) caller: &'a Caller,
    /// What reads are answered by.
    pub(super) snapshot: &'a Snapshot,
    /// The schema.
    pub(super) face: &'a Arc<Face>,
    /// The document, for introspection.
    pub(super) document: &'a Document,
    /// The coerced variables.
    pub(super) variables: &'a HashMap<String, Json>,
    /// Where arguments stand.
    pub(super) places: Places,
}

impl Work<'_> {
    async fn carry_out(&self, plan: Plan) -> Option<Data> {
        match plan {
            Plan::Query(parts) => Some(respond::query(self, parts).await),
            Plan::Mutation { steps, parts } => respond::mutation(self, steps, parts).await,
        }
    }
}
