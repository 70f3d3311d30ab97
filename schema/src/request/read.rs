//! Reads as asked: which records, in which order, and the shape of the answer.

use serde_json::Value as Json;

use crate::error::{Error, FaultCode, Place, Result};

/// The limits of one request. Above them it is refused, never cut.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most records of one page.
    pub page: u32,
    /// The size of a page when none is given.
    pub default_page: u32,
    /// The size of a page of a collection inside a record when none is given.
    pub nested_page: u32,
    /// The most records that one request may answer, over all levels, if every page were full.
    pub planned_rows: u64,
    /// The most levels of a filter.
    pub filter_depth: usize,
    /// The most conditions in one filter: comparisons, groups and hops together.
    pub conditions: usize,
    /// The most steps through references and into collections in one filter: each is a subquery.
    pub filter_hops: usize,
    /// The most references that one level of a selection follows; SQLite joins 64 tables at most.
    pub joins: usize,
    /// The most items of an `in` list.
    pub list_items: usize,
    /// The most sort keys.
    pub sort_keys: usize,
    /// The most levels of a selection.
    pub selection_depth: usize,
    /// The most selected fields of one request, over all levels.
    pub selected_fields: usize,
    /// A bounded count stops here.
    pub bounded_count: u32,
}

impl Limits {
    /// The most records of one page where rules allow so many.
    pub fn page_of(&self, max_rows: Option<u32>) -> u32 {
        max_rows.map_or(self.page, |most| most.clamp(1, self.page))
    }
}

/// The limits that hold for every request.
pub const LIMITS: Limits = Limits {
    page: 200,
    default_page: 50,
    nested_page: 20,
    planned_rows: 50_000,
    filter_depth: 10,
    conditions: 200,
    filter_hops: 20,
    joins: 48,
    list_items: 500,
    sort_keys: 8,
    selection_depth: 8,
    selected_fields: 2_000,
    bounded_count: 10_000,
};

/// One read: a list or one record.
#[expect(
    clippy::large_enum_variant,
    reason = "a request holds one of these, never many"
)]
#[derive(Clone, Debug)]
pub enum ReadRequest {
    /// A page of records.
    List(ListRequest),
    /// One record by id.
    Record(RecordRequest),
}

/// A page of records of one object type.
#[derive(Clone, Debug)]
pub struct ListRequest {
    /// The plural API name of the object type.
    pub object: String,
    /// Which records.
    pub query: CollectionQuery,
    /// The shape of the answer.
    pub shape: ListShape,
    /// Set when the records are the members of a collection of one record: its id and the name of the
    /// collection; `object` then names the type of that record.
    pub of: Option<(String, String)>,
}

/// One record by id.
#[derive(Clone, Debug)]
pub struct RecordRequest {
    /// The plural API name of the object type.
    pub object: String,
    /// The id, as text.
    pub id: String,
    /// What to answer of it.
    pub selection: Selection,
    /// The day of the read, for all collections in it.
    pub as_of: Option<AsOf>,
}

/// The day of a read: it chooses the links of temporal relation types.
#[derive(Clone, Debug)]
pub struct AsOf {
    /// The day as it was written.
    pub day: String,
    /// Where it stands, for faults.
    pub place: Place,
}

/// Which members of a list or collection, in which order.
#[derive(Clone, Debug, Default)]
pub struct CollectionQuery {
    /// The filter.
    pub filter: Filter,
    /// The sort keys, first one first. The id always breaks ties.
    pub sort: Vec<SortKey>,
    /// Which page.
    pub page: PageRequest,
    /// Whether and how to count.
    pub count: Count,
    /// Which links of a temporal relation type: `current`, `all` or `at:2024-05-01`.
    pub validity: Option<String>,
    /// The day of the read, for this list and everything below it.
    pub as_of: Option<String>,
    /// Where the query stands in the request, for faults: the pointers of filter, sort and page are
    /// below it.
    pub place: Option<Place>,
}

impl CollectionQuery {
    /// The place of one argument of the query.
    pub fn argument(&self, name: &str) -> Place {
        match &self.place {
            Some(place) => place.child(name),
            None => Place::Parameter(name.to_owned()),
        }
    }
}

/// A filter: the JSON form, and the terms of the short form of a query string. All must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The JSON form.
    pub json: Option<Json>,
    /// The terms of the short form.
    pub terms: Vec<TextTerm>,
}

/// One term of the short form, `organization.country[eq]=NL`.
#[derive(Clone, Debug)]
pub struct TextTerm {
    /// The parameter as it was written, for faults.
    pub parameter: String,
    /// The same in the JSON form, `{"organization": {"country": {"eq": "NL"}}}`; the operand is a text,
    /// whatever the field is.
    pub json: Json,
}

/// One sort key, `-organization.name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// The path through references to a field.
    pub path: Vec<String>,
    /// Whether the greatest comes first.
    pub descending: bool,
}

impl SortKey {
    /// Parses `-amount,organization.name`.
    pub fn parse_list(text: &str) -> Vec<Self> {
        text.split(',')
            .map(|key| {
                let key = key.trim();
                let (descending, path) = key
                    .strip_prefix('-')
                    .map_or((false, key), |path| (true, path));
                Self {
                    path: path.split('.').map(str::to_owned).collect(),
                    descending,
                }
            })
            .collect()
    }
}

/// Which page of a list.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// How many records at most; the default of [`LIMITS`] when absent.
    pub limit: Option<u32>,
    /// Continue after this cursor.
    pub after: Option<String>,
    /// Continue before this cursor, towards the start.
    pub before: Option<String>,
    /// Take the last page instead of the first one (GraphQL `last` without `before`).
    pub from_end: bool,
    /// Whether a limit beyond what the rules let one page show is cut to that, and not refused: of pages whose size the
    /// caller did not choose.
    pub is_cut: bool,
}

impl PageRequest {
    /// The size of the page, checked, of which `most` are allowed; `default` when none was asked for.
    pub fn checked_limit(
        &self,
        (default, most): (u32, u32),
        place: impl FnOnce() -> Place,
    ) -> Result<u32> {
        match self.limit {
            None => Ok(default.min(most)),
            Some(limit) if (1..=most).contains(&limit) => Ok(limit),
            Some(limit) if self.is_cut && limit > most => Ok(most),
            Some(_) => Err(Error::fault(
                place(),
                FaultCode::InvalidValue,
                format!("must be from 1 to {most}"),
            )),
        }
    }
}

/// Whether and how the matching records are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Count {
    /// Not at all.
    #[default]
    None,
    /// All of them.
    Exact,
    /// Up to the bound of [`LIMITS`].
    Bounded,
}

/// The members of one JSON object that shows a record, in order.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// The members.
    pub entries: Vec<Entry>,
}

/// One member: its key in the answer and what stands there.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key in the answer (a GraphQL alias, or the field's name).
    pub key: String,
    /// What stands there.
    pub node: Node,
    /// Where the caller named it, for faults.
    pub place: Place,
}

/// What stands at one member of a record.
#[expect(
    clippy::large_enum_variant,
    reason = "a request holds few of these, each for a moment"
)]
#[derive(Clone, Debug)]
pub enum Node {
    /// A constant text, such as GraphQL's `__typename`.
    Constant(String),
    /// A field of the record that is no reference. `parts` picks members of a composite value; without
    /// it the whole value stands there.
    Field {
        /// The field's API name.
        name: String,
        /// Members of a composite value.
        parts: Option<Vec<PartEntry>>,
    },
    /// What people read of the record, by the display template of its type.
    DisplayName,
    /// The record that a reference points at, or null.
    Reference {
        /// The field's API name.
        name: String,
        /// What to answer of the target.
        selection: Selection,
    },
    /// The record that a reference to several types points at, or null.
    Pointer {
        /// The field's API name.
        name: String,
        /// What to answer of it.
        entries: Vec<PointerEntry>,
    },
    /// A collection.
    Collection {
        /// The collection's API name.
        name: String,
        /// Which members.
        query: CollectionQuery,
        /// The shape.
        shape: ListShape,
    },
    /// The link through which the record was reached; only right below a collection of a relation type.
    Link {
        /// What to answer of the link.
        selection: Selection,
    },
}

/// One member of a record of one of several types, seen from what points at it.
#[derive(Clone, Debug)]
pub struct PointerEntry {
    /// The key in the answer.
    pub key: String,
    /// What stands there.
    pub node: PointerNode,
    /// Where the caller named it, for faults.
    pub place: Place,
}

/// What stands at one member of a record of one of several types.
#[derive(Clone, Debug)]
pub enum PointerNode {
    /// A constant text, such as `__typename`.
    Constant(String),
    /// The id of the record.
    Id,
    /// The API name of its object type.
    Type,
    /// The record, or null when it is of another type.
    Record {
        /// The API name of the object type.
        object: String,
        /// What to answer of the record.
        selection: Selection,
    },
}

/// One member of a composite value.
#[derive(Clone, Debug)]
pub struct PartEntry {
    /// The key in the answer.
    pub key: String,
    /// The part's key, such as `amount`, or a constant.
    pub part: PartNode,
}

/// What stands at one member of a composite value.
#[derive(Clone, Debug)]
pub enum PartNode {
    /// The part with this key.
    Part(String),
    /// A constant text, such as `__typename`.
    Constant(String),
}

/// The members of one JSON object that shows a list, in order.
#[derive(Clone, Debug, Default)]
pub struct ListShape {
    /// The members.
    pub entries: Vec<(String, ListPart)>,
}

impl ListShape {
    /// Whether the shape needs no record, only their number.
    pub(crate) fn is_count_only(&self) -> bool {
        self.entries.iter().all(|(_, part)| match part {
            ListPart::Constant(_) | ListPart::Count | ListPart::CountIsExact => true,
            ListPart::Records(_) | ListPart::Edges(_) | ListPart::PageInfo(_) => false,
        })
    }
}

/// What stands at one member of a list.
#[derive(Clone, Debug)]
pub enum ListPart {
    /// A constant text.
    Constant(String),
    /// An array of the records: REST's `data`, GraphQL's `nodes`.
    Records(Selection),
    /// An array of edges.
    Edges(Vec<(String, EdgePart)>),
    /// An object about the page.
    PageInfo(Vec<(String, PageInfoPart)>),
    /// The number of matching records; null when it was not asked for.
    Count,
    /// Whether the number is exact (a bounded count may stop early).
    CountIsExact,
}

/// What stands at one member of an edge.
#[derive(Clone, Debug)]
pub enum EdgePart {
    /// A constant text.
    Constant(String),
    /// The cursor of the record.
    Cursor,
    /// The record.
    Record(Selection),
    /// The link; only in collections of relation types.
    Link(Selection),
}

/// What stands at one member of the object about the page.
#[derive(Clone, Debug)]
pub enum PageInfoPart {
    /// A constant text.
    Constant(String),
    /// Whether there are records after the page.
    HasNext,
    /// Whether there are records before the page.
    HasPrevious,
    /// The cursor of the first record, or null.
    Start,
    /// The cursor of the last record, or null.
    End,
    /// The cursor to pass as `after` for the next page; null when there is none.
    Next,
    /// The cursor to pass as `before` for the previous page; null when there is none.
    Previous,
}
