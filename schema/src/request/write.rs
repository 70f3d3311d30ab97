//! Writes as asked.

use serde_json::{Map, Value as Json};

use crate::request::Selection;

/// One write of one record or link.
#[derive(Clone, Debug)]
pub enum WriteRequest {
    /// A new record.
    Create {
        /// The plural API name of the object type.
        object: String,
        /// The fields, and changes of collections by their names.
        values: Map<String, Json>,
    },
    /// A JSON merge patch (RFC 7396) of the top-level fields: absent keeps, null clears.
    Update {
        /// The plural API name of the object type.
        object: String,
        /// The record.
        id: String,
        /// The fields to change, and changes of collections by their names.
        patch: Map<String, Json>,
        /// The version that the caller expects.
        if_match: Option<i64>,
    },
    /// Deletes a record; it can be restored.
    Delete {
        /// The plural API name of the object type.
        object: String,
        /// The record.
        id: String,
        /// The version that the caller expects.
        if_match: Option<i64>,
    },
    /// Brings a deleted record back.
    Restore {
        /// The plural API name of the object type.
        object: String,
        /// The record.
        id: String,
    },
    /// A change of a whole collection of a record: members to add and to remove, or the set that there is
    /// to be.
    ChangeCollection {
        /// The plural API name of the object type.
        object: String,
        /// The record.
        id: String,
        /// The collection's API name.
        collection: String,
        /// `{"add", "remove"}`, `{"set"}` or a list.
        change: Json,
        /// The version of the record that the caller expects.
        if_match: Option<i64>,
    },
    /// A new link from a record along a collection of a relation type.
    Link {
        /// The plural API name of the object type.
        object: String,
        /// The record.
        id: String,
        /// The collection's API name.
        relation: String,
        /// The record at the far end.
        target: String,
        /// The link's own fields.
        values: Map<String, Json>,
    },
    /// A merge patch of a link's own fields.
    UpdateLink {
        /// The plural API name of the object type.
        object: String,
        /// The record.
        id: String,
        /// The collection's API name.
        relation: String,
        /// The link.
        link: String,
        /// The fields to change.
        patch: Map<String, Json>,
        /// The version of the link that the caller expects.
        if_match: Option<i64>,
    },
    /// Ends a link.
    Unlink {
        /// The plural API name of the object type.
        object: String,
        /// The record.
        id: String,
        /// The collection's API name.
        relation: String,
        /// The link.
        link: String,
        /// The version of the link that the caller expects.
        if_match: Option<i64>,
    },
}

/// A write and what to answer of the record (for links: of the link) afterwards.
#[derive(Clone, Debug)]
pub struct WriteStep {
    /// The write.
    pub write: WriteRequest,
    /// What to answer; nothing when absent.
    pub answer: Option<Selection>,
    /// Where the values stand in the request, for faults; the names of fields are below it.
    pub place: crate::error::Place,
}
