//! Shows a compiled operation in one line, so that a test reads like the document it tests.

use schema::request::{
    CollectionQuery, Count, EdgePart, ListPart, ListShape, Node, PartNode, ReadRequest, Selection,
    WriteStep,
};

use crate::graphql::compile::{MutationPart, PayloadPart, Plan, QueryPart};

pub(super) fn plan(plan: &Plan) -> String {
    match plan {
        Plan::Query(parts) => braces(parts.iter().map(|(key, part)| {
            let part = match part {
                QueryPart::Constant(text) => format!("{text:?}"),
                QueryPart::SchemaVersion => "schemaVersion".to_owned(),
                QueryPart::Introspection => "introspection".to_owned(),
                QueryPart::Read { request, .. } => read(request),
                QueryPart::Graph { request, .. } => format!("{request:?}"),
            };
            format!("{key}: {part}")
        })),
        Plan::Mutation { steps, parts } => {
            let parts = braces(parts.iter().map(|(key, part)| match part {
                MutationPart::Constant(text) => format!("{key}: {text:?}"),
                MutationPart::Payload { step, payload, .. } => {
                    let entries = payload.entries.iter().map(|(key, part)| match part {
                        PayloadPart::Constant(text) => format!("{key}: {text:?}"),
                        PayloadPart::Id => format!("{key}: id"),
                        PayloadPart::Version => format!("{key}: version"),
                        PayloadPart::Record(at) => format!("{key}: record {at}"),
                    });
                    format!("{key}: step {step} {}", braces(entries))
                }
            }));
            let steps: Vec<String> = steps.iter().map(step).collect();
            format!("{} | {parts}", steps.join("; "))
        }
    }
}

fn step(step: &WriteStep) -> String {
    let answer = step.answer.as_ref().map(selection).unwrap_or_default();
    format!("{:?} -> {answer}", step.write)
}

fn read(request: &ReadRequest) -> String {
    match request {
        ReadRequest::List(list) => {
            let query = query(&list.query);
            format!("list {}{query} {}", list.object, shape(&list.shape))
        }
        ReadRequest::Record(record) => {
            let shown = selection(&record.selection);
            format!("record {} {} {shown}", record.object, record.id)
        }
    }
}

fn query(query: &CollectionQuery) -> String {
    let page = &query.page;
    let filter = query.filter.json.as_ref();
    let sorts = query.sort.iter().map(|key| {
        let sign = if key.descending { "-" } else { "+" };
        format!(" sort={sign}{}", key.path.join("."))
    });
    let parts = filter
        .map(|json| format!(" filter={json}"))
        .into_iter()
        .chain(sorts)
        .chain(page.limit.map(|limit| format!(" limit={limit}")))
        .chain(page.after.as_ref().map(|cursor| format!(" after={cursor}")))
        .chain(
            page.before
                .as_ref()
                .map(|cursor| format!(" before={cursor}")),
        )
        .chain(page.from_end.then(|| " from_end".to_owned()))
        .chain((query.count == Count::Exact).then(|| " count".to_owned()));
    parts.collect()
}

fn shape(shape: &ListShape) -> String {
    braces(shape.entries.iter().map(|(key, part)| {
        let part = match part {
            ListPart::Constant(text) => format!("{text:?}"),
            ListPart::Records(records) => format!("records {}", selection(records)),
            ListPart::Edges(edges) => braces(edges.iter().map(|(key, edge)| {
                let edge = match edge {
                    EdgePart::Constant(text) => format!("{text:?}"),
                    EdgePart::Cursor => "cursor".to_owned(),
                    EdgePart::Record(record) => format!("record {}", selection(record)),
                    EdgePart::Link(link) => format!("link {}", selection(link)),
                };
                format!("{key}: {edge}")
            })),
            ListPart::PageInfo(parts) => {
                braces(parts.iter().map(|(key, part)| format!("{key}: {part:?}")))
            }
            ListPart::Count => "count".to_owned(),
            ListPart::CountIsExact => "exact".to_owned(),
        };
        format!("{key}: {part}")
    }))
}

fn selection(selection: &Selection) -> String {
    braces(selection.entries.iter().map(|entry| {
        let node = match &entry.node {
            Node::Constant(text) => format!("{text:?}"),
            Node::Field { name, parts: None } => name.clone(),
            Node::Field {
                name,
                parts: Some(parts),
            } => {
                let parts = parts.iter().map(|part| match &part.part {
                    PartNode::Part(name) => format!("{}: {name}", part.key),
                    PartNode::Constant(text) => format!("{}: {text:?}", part.key),
                });
                format!("{name} {}", braces(parts))
            }
            Node::DisplayName => "display name".to_owned(),
            Node::Reference {
                name,
                selection: below,
            } => format!("-> {name} {}", self::selection(below)),
            Node::Pointer { name, entries } => format!("-> {name} {entries:?}"),
            Node::Collection {
                name,
                query: asked,
                shape: below,
            } => format!("list {name}{} {}", query(asked), shape(below)),
            Node::Link { selection: below } => format!("link {}", self::selection(below)),
        };
        format!("{}: {node}", entry.key)
    }))
}

fn braces(members: impl Iterator<Item = String>) -> String {
    let members: Vec<String> = members.collect();
    format!("{{{}}}", members.join(", "))
}
