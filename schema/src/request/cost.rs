//! What a request costs, in units, told by its shape before anything runs.
//!
//! The measure is that of the limits: the pages that a request asks for, each counted as if it were full. Nothing of
//! what is found goes into it, so that a cost tells nothing about records that the caller may not see.
//!
//! - A page or a record is one unit, a collection inside of it one more.
//! - A thousand values are one unit: records, as many as the pages could have, times what is selected of each.
//! - A count is one unit, an exact one five. A filter and a sort cost a unit for each ten names in them.
//! - A write is five units, one more for each member of a collection that it names, and what it answers.
//! - A walk of the graph is ten units a step, the search of a path twenty.

use serde_json::Value as Json;

use super::{
    CollectionQuery, Count, EdgePart, LIMITS, ListPart, ListShape, Node, PathRequest, PointerNode,
    ReadRequest, RelatedRequest, Selection, WriteRequest, WriteStep,
};

/// Values of records that cost one unit.
const VALUES: u64 = 1_000;
/// Names in filters and sorts that cost one unit.
const TERMS: u64 = 10;
const EXACT_COUNT: u64 = 5;
const WRITE: u64 = 5;
const STEP_OF_WALK: u64 = 10;
const STEP_OF_PATH: u64 = 20;

impl ReadRequest {
    /// The units of a read, at least one.
    pub fn cost(&self) -> u64 {
        let mut measure = Measure::default();
        match self {
            Self::List(list) => {
                measure.list(&list.query, &list.shape, (1, LIMITS.default_page));
            }
            Self::Record(record) => {
                measure.pages += 1;
                measure.selection(&record.selection, 1);
            }
        }
        measure.units()
    }
}

impl WriteStep {
    /// The units of a write and of its answer.
    pub fn cost(&self) -> u64 {
        let mut measure = Measure::default();
        if let Some(selection) = &self.answer {
            measure.selection(selection, 1);
        }
        let members = match &self.write {
            WriteRequest::Create { values, .. } => members_in(values.values()),
            WriteRequest::Update { patch, .. } => members_in(patch.values()),
            WriteRequest::ChangeCollection { change, .. } => members_in([change]),
            WriteRequest::Delete { .. }
            | WriteRequest::Restore { .. }
            | WriteRequest::Link { .. }
            | WriteRequest::UpdateLink { .. }
            | WriteRequest::Unlink { .. } => 0,
        };
        WRITE
            .saturating_add(members)
            .saturating_add(measure.units())
    }
}

impl RelatedRequest {
    /// The units of a walk.
    pub fn cost(&self) -> u64 {
        u64::from(self.depth.clamp(1, super::MAX_DEPTH)) * STEP_OF_WALK
    }
}

impl PathRequest {
    /// The units of a search.
    pub fn cost(&self) -> u64 {
        u64::from(self.depth.clamp(1, super::MAX_PATH)) * STEP_OF_PATH
    }
}

/// What was counted so far.
#[derive(Debug, Default)]
struct Measure {
    pages: u64,
    values: u64,
    terms: u64,
}

impl Measure {
    fn units(&self) -> u64 {
        let rest = self.values / VALUES + self.terms / TERMS;
        self.pages.saturating_add(rest)
    }

    fn list(&mut self, query: &CollectionQuery, shape: &ListShape, (parents, default): (u64, u32)) {
        self.pages += 1;
        self.pages += match query.count {
            Count::None => 0,
            Count::Bounded => 1,
            Count::Exact => EXACT_COUNT,
        };
        let filter = &query.filter;
        let parts = filter.terms.iter().map(|term| &term.json);
        self.terms += parts.chain(&filter.json).map(names_in).sum::<u64>();
        self.terms += query
            .sort
            .iter()
            .map(|key| wide(key.path.len()))
            .sum::<u64>();
        // What is over a limit is refused afterwards; that it is, the plan tells better than a cost.
        let limit = query.page.limit.unwrap_or(default).min(LIMITS.page);
        let rows = parents.saturating_mul(u64::from(limit));
        let rows = rows.min(LIMITS.planned_rows);
        for (_, part) in &shape.entries {
            match part {
                ListPart::Records(selection) => self.selection(selection, rows),
                ListPart::Edges(parts) => self.edges(parts, rows),
                ListPart::PageInfo(_)
                | ListPart::Constant(_)
                | ListPart::Count
                | ListPart::CountIsExact => {}
            }
        }
    }

    fn edges(&mut self, parts: &[(String, EdgePart)], rows: u64) {
        for (_, part) in parts {
            match part {
                EdgePart::Record(selection) | EdgePart::Link(selection) => {
                    self.selection(selection, rows);
                }
                EdgePart::Constant(_) | EdgePart::Cursor => self.add_values(rows),
            }
        }
    }

    /// One record in each of these rows.
    fn selection(&mut self, selection: &Selection, rows: u64) {
        self.add_values(rows);
        for entry in &selection.entries {
            self.node(&entry.node, rows);
        }
    }

    fn node(&mut self, node: &Node, rows: u64) {
        match node {
            Node::Constant(_) | Node::DisplayName => self.add_values(rows),
            Node::Field { parts, .. } => {
                let parts = parts.as_ref().map_or(1, |parts| wide(parts.len()));
                self.add_values(rows.saturating_mul(parts.max(1)));
            }
            Node::Reference { selection, .. } | Node::Link { selection } => {
                self.selection(selection, rows);
            }
            Node::Pointer { entries, .. } => {
                for entry in entries {
                    match &entry.node {
                        PointerNode::Record { selection, .. } => self.selection(selection, rows),
                        PointerNode::Constant(_) | PointerNode::Id | PointerNode::Type => {
                            self.add_values(rows);
                        }
                    }
                }
            }
            Node::Collection { query, shape, .. } => {
                self.list(query, shape, (rows, LIMITS.nested_page));
            }
        }
    }

    fn add_values(&mut self, values: u64) {
        self.values = self.values.saturating_add(values);
    }
}

/// Members that a write names: what stands in lists, and in lists inside of `add`, `remove` and `set`.
fn members_in<'a>(values: impl IntoIterator<Item = &'a Json>) -> u64 {
    let members = |value: &Json| value.as_array().map_or(0, |list| wide(list.len()));
    let of = |value: &Json| {
        let inside = value
            .as_object()
            .into_iter()
            .flat_map(serde_json::Map::values);
        members(value) + inside.map(members).sum::<u64>()
    };
    values.into_iter().map(of).sum()
}

/// The members of all objects of a filter.
fn names_in(filter: &Json) -> u64 {
    match filter {
        Json::Object(members) => members.values().map(|value| 1 + names_in(value)).sum(),
        Json::Array(items) => items.iter().map(names_in).sum(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => 0,
    }
}

fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
