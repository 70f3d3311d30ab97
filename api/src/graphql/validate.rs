//! What async-graphql is asked for: validation of a document against a schema, and introspection.

use std::sync::Arc;

use async_graphql::{
    Request, Response, Value, Variables,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute},
    parser::types::{ExecutableDocument, Type},
    registry::{MetaType, Registry},
};

use crate::{
    graphql::{error::GraphError, schema::Face},
    problem::Problem,
};

/// The extension that keeps async-graphql from running resolvers: after validation it stops, unless
/// the request is marked as [`Introspect`].
pub(super) struct ValidateOnly;

/// Marks a request whose introspection fields are to be answered.
struct Introspect;

struct Stop;

impl ExtensionFactory for ValidateOnly {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Stop)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for Stop {
    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        if ctx.data_opt::<Introspect>().is_some() {
            next.run(ctx, operation_name).await
        } else {
            Response::new(Value::Null)
        }
    }
}

/// A parsed document with what selects its operation.
#[derive(Debug, Clone)]
pub(super) struct Document {
    /// The text, for messages.
    pub(super) text: String,
    /// The document.
    pub(super) parsed: Arc<ExecutableDocument>,
    /// Whether it was validated against the schema that it is asked of. That does not depend on
    /// variables: their values are coerced for each request.
    pub(super) is_valid: bool,
    /// The name of the operation to execute.
    pub(super) operation: Option<String>,
}

impl Document {
    fn request(&self, variables: Variables) -> Request {
        let mut request = Request::new(self.text.as_str()).variables(variables);
        request.operation_name.clone_from(&self.operation);
        request.set_parsed_query((*self.parsed).clone());
        request
    }

    /// The errors of the document against the schema.
    pub(super) async fn validate(&self, face: &Face, variables: Variables) -> Vec<GraphError> {
        let unknown = self.unknown_types(face.schema.registry());
        if !unknown.is_empty() {
            return unknown;
        }
        let response = face.schema.execute(self.request(variables)).await;
        let errors = response.errors.into_iter();
        errors.map(GraphError::of_validation).collect()
    }

    /// The introspection fields of the operation; all others are null in it. It is work of up to half
    /// a second, so it runs beside the threads that serve requests.
    pub(super) async fn introspect(
        &self,
        face: Arc<Face>,
        variables: Variables,
    ) -> Result<Value, Problem> {
        let request = self
            .request(variables)
            .only_introspection()
            .data(Introspect);
        let runtime = tokio::runtime::Handle::current();
        let answered =
            tokio::task::spawn_blocking(move || runtime.block_on(face.schema.execute(request)));
        let response = answered.await.map_err(Problem::internal)?;
        match response.errors.first() {
            None => Ok(response.data),
            Some(error) => Err(Problem::internal(error.message.clone())),
        }
    }

    /// async-graphql panics on a variable with a default whose type does not exist.
    fn unknown_types(&self, registry: &Registry) -> Vec<GraphError> {
        let operations = self.parsed.operations.iter();
        operations
            .flat_map(|(_, operation)| &operation.node.variable_definitions)
            .filter_map(|definition| {
                let name = base_name(&definition.node.var_type.node);
                let known = registry.types.get(name).is_some_and(MetaType::is_input);
                (!known).then(|| {
                    let message = format!("There is no input type {name:?}.");
                    GraphError::invalid(message).at(definition.pos)
                })
            })
            .collect()
    }
}

fn base_name(of: &Type) -> &str {
    use async_graphql::parser::types::BaseType;
    match &of.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => base_name(inner),
    }
}
