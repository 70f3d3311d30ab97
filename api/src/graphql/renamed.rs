//! Documents that speak of types by old names. GraphQL has no aliases of types, so the document is read
//! as if it had the new names, before it is validated.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Name, Positioned,
    parser::types::{
        BaseType, DocumentOperations, ExecutableDocument, OperationDefinition, Selection,
        SelectionSet, Type, TypeCondition,
    },
};

/// Puts the new names of types in the place of the old ones.
pub(super) fn rename_types(
    document: &mut Arc<ExecutableDocument>,
    renamed: &HashMap<String, String>,
) {
    if renamed.is_empty() {
        return;
    }
    let document = Arc::make_mut(document);
    match &mut document.operations {
        DocumentOperations::Single(operation) => in_operation(operation, renamed),
        DocumentOperations::Multiple(named) => {
            for operation in named.values_mut() {
                in_operation(operation, renamed);
            }
        }
    }
    for fragment in document.fragments.values_mut() {
        in_condition(&mut fragment.node.type_condition, renamed);
        in_set(&mut fragment.node.selection_set.node, renamed);
    }
}

fn in_operation(
    operation: &mut Positioned<OperationDefinition>,
    renamed: &HashMap<String, String>,
) {
    for variable in &mut operation.node.variable_definitions {
        in_type(&mut variable.node.var_type.node, renamed);
    }
    in_set(&mut operation.node.selection_set.node, renamed);
}

fn in_type(of: &mut Type, renamed: &HashMap<String, String>) {
    match &mut of.base {
        BaseType::Named(name) => in_name(name, renamed),
        BaseType::List(inner) => in_type(inner, renamed),
    }
}

fn in_set(set: &mut SelectionSet, renamed: &HashMap<String, String>) {
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::Field(field) => in_set(&mut field.node.selection_set.node, renamed),
            Selection::FragmentSpread(_) => {}
            Selection::InlineFragment(fragment) => {
                if let Some(condition) = &mut fragment.node.type_condition {
                    in_condition(condition, renamed);
                }
                in_set(&mut fragment.node.selection_set.node, renamed);
            }
        }
    }
}

fn in_condition(condition: &mut Positioned<TypeCondition>, renamed: &HashMap<String, String>) {
    in_name(&mut condition.node.on.node, renamed);
}

fn in_name(name: &mut Name, renamed: &HashMap<String, String>) {
    if let Some(new) = renamed.get(name.as_str()) {
        *name = Name::new(new);
    }
}
