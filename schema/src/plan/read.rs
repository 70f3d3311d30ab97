//! Read plans: a tree of levels, one SQL statement each, and the shape in which they are written.

use std::{collections::HashMap, sync::Arc};

use time::Date;
use uuid::Uuid;

use crate::{
    access::{Checker, Condition, Grant, Hop, Mask, Read, ReadableField},
    catalog::{Column, Field, Subject},
    error::{Error, Fault, FaultCode, Place, Result},
    expression::Template,
    id::{FieldId, ObjectTypeId, RecordId},
    plan::{selection, sort},
    request::{
        CollectionQuery, Count, LIMITS, ListRequest, ListShape, PageInfoPart, RecordRequest,
        Selection, cursor,
    },
    value::{Storage, Value},
};

/// A whole read.
#[derive(Debug)]
pub(crate) enum ReadPlan {
    /// A page of records.
    List(ListLevel),
    /// One record.
    Record {
        level: Level,
        out: Out,
        /// Where the version is, if the caller may read it.
        version: Option<usize>,
    },
    /// A page of one collection of one record.
    Collection { level: Level, child: usize },
}

/// One SQL statement and those that hang on its rows.
#[derive(Debug)]
pub(crate) struct Level {
    /// Where the rows come from.
    pub(crate) source: Source,
    /// The type of the rows.
    pub(crate) subject: Subject,
    /// The table of the rows.
    pub(crate) table: String,
    /// What is read, by slot.
    pub(crate) columns: Vec<SelectedColumn>,
    /// The references that are followed.
    pub(crate) joins: Vec<Join>,
    /// The rows that the caller may see: the row filter of the grant.
    pub(crate) rows: Condition,
    /// The rows that it asked for.
    pub(crate) filter: Condition,
    /// The collections that hang on the rows.
    pub(crate) children: Vec<Child>,
    /// What of it the audit log tells.
    pub(crate) noted: Vec<NotedRead>,
}

/// A field that an answer shows and whose reads the audit log tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotedRead {
    /// The type that has it.
    pub(crate) subject: Subject,
    /// The field.
    pub(crate) field: FieldId,
}

/// Where the rows of a level come from.
#[derive(Debug)]
pub(crate) enum Source {
    /// All live rows of the table.
    Table,
    /// The one row with this id.
    Record(RecordId),
    /// The members of a collection of each parent.
    Members {
        hop: Hop,
        /// Which links the caller may see; true for inverses.
        links: Condition,
    },
}

/// A level that is a list: ordered, cut, counted.
#[derive(Debug)]
pub(crate) struct ListLevel {
    pub(crate) level: Level,
    pub(crate) order: Vec<OrderKey>,
    pub(crate) page: Page,
    pub(crate) count: Count,
    /// Whether rows are needed at all, or only their number.
    pub(crate) fetch: bool,
    pub(crate) shape: OutList,
    /// What the list's cursors are bound to.
    pub(crate) context: cursor::Context,
}

impl ListLevel {
    /// How many rows are read for each parent: one more than the page has, where the answer tells
    /// whether there are more.
    pub(crate) fn rows_read(&self) -> u32 {
        let tells = |part: &PageInfoPart| match part {
            PageInfoPart::HasNext
            | PageInfoPart::HasPrevious
            | PageInfoPart::Next
            | PageInfoPart::Previous => true,
            PageInfoPart::Constant(_) | PageInfoPart::Start | PageInfoPart::End => false,
        };
        let one_more = self.shape.entries.iter().any(
            |(_, part)| matches!(part, OutPart::PageInfo(parts) if parts.iter().any(|(_, part)| tells(part))),
        );
        self.page.limit + u32::from(one_more)
    }
}

/// Which part of a list.
#[derive(Debug)]
pub(crate) struct Page {
    /// The size of the page.
    pub(crate) limit: u32,
    /// Whether the page is read from its end.
    pub(crate) backwards: bool,
    /// The values of the order keys of the record that the page continues at.
    pub(crate) seek: Option<Vec<Value>>,
}

/// One sort key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OrderKey {
    /// The slot of its column.
    pub(crate) slot: usize,
    pub(crate) descending: bool,
    /// Whether the value can be missing; missing values come last both ways.
    pub(crate) nullable: bool,
}

/// A collection that hangs on the rows of a level.
#[derive(Debug)]
pub(crate) struct Child {
    /// The slot that holds the id of the record that has the collection.
    pub(crate) parent: usize,
    pub(crate) list: ListLevel,
}

/// Whose column it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum At {
    /// The row itself.
    Row,
    /// The target of a reference that is followed.
    Join(usize),
    /// The link through which the row was reached.
    Link,
}

/// One column that is read.
#[derive(Debug)]
pub(crate) struct SelectedColumn {
    pub(crate) at: At,
    pub(crate) column: Column,
    /// It reads as null where this does not hold of the row that has it.
    pub(crate) visible: Option<Box<Condition>>,
}

/// A reference that is followed.
#[derive(Debug)]
pub(crate) struct Join {
    pub(crate) from: At,
    /// The column of the reference.
    pub(crate) column: Column,
    /// The reference is empty where this does not hold of the row that has it.
    pub(crate) visible: Option<Box<Condition>>,
    pub(crate) object: ObjectTypeId,
    /// The column that must name this object type, of a reference to several types.
    pub(crate) of_type: Option<Column>,
    pub(crate) table: String,
    /// The targets that the caller may see.
    pub(crate) rows: Condition,
}

/// What is written for one value.
#[derive(Debug)]
pub(crate) enum Out {
    /// JSON text.
    Constant(String),
    /// A column.
    Cell { slot: usize, storage: Storage },
    /// A column, in full where its cell is there, and otherwise by the first of the masks whose cell is.
    Masked {
        field: FieldId,
        full: (usize, Storage),
        masks: Vec<(Mask, usize)>,
    },
    /// What people read of a record: a template over the values of fields, each of them in one column
    /// per part. A field that the caller may not read has no column, and so no value.
    Display {
        template: Arc<Template>,
        inputs: Vec<Vec<(usize, Storage)>>,
    },
    /// The name of the object type whose id stands in a column.
    TypeName {
        slot: usize,
        names: Arc<HashMap<Uuid, String>>,
    },
    /// An object; null where the cell of `presence` is.
    Object {
        presence: Option<usize>,
        entries: Vec<(Key, Out)>,
    },
    /// A collection.
    List { child: usize },
}

/// A member's key with quotes and colon, `"name":`.
pub(crate) type Key = String;

/// What is written for a list.
#[derive(Debug)]
pub(crate) struct OutList {
    pub(crate) entries: Vec<(Key, OutPart)>,
}

/// What is written at one member of a list.
#[derive(Debug)]
pub(crate) enum OutPart {
    Constant(String),
    Records(Out),
    Edges(Vec<(Key, OutEdge)>),
    PageInfo(Vec<(Key, PageInfoPart)>),
    Count,
    CountIsExact,
}

/// What is written at one member of an edge.
#[derive(Debug)]
pub(crate) enum OutEdge {
    Constant(String),
    Cursor,
    Record(Out),
}

/// Makes read plans for one caller.
#[derive(Debug)]
pub(crate) struct Planner<'a> {
    pub(in crate::plan) checker: &'a Checker<'a>,
    pub(in crate::plan) cursor_key: &'a [u8],
    pub(in crate::plan) faults: Vec<Fault>,
    pub(in crate::plan) selected: usize,
    /// How many records the level that is planned could have, if every page above it were full.
    parents: u64,
    /// The day of the read; today when absent.
    pub(in crate::plan) day: Option<Date>,
    /// The same over all levels that are planned already.
    planned_rows: u64,
}

/// A collection that is to be planned: its members, and the links to them.
pub(in crate::plan) struct Members {
    pub(in crate::plan) grant: Grant<Read>,
    pub(in crate::plan) links: Option<Grant<Read>>,
    /// The pointer to the members, where they are of several types: `grant` is then on the links.
    pub(in crate::plan) pointer: Option<Arc<Field>>,
    pub(in crate::plan) source: Source,
    /// Members that are visible only where this holds.
    pub(in crate::plan) scope: Condition,
}

impl<'a> Planner<'a> {
    /// A planner for one request.
    pub(crate) fn new(checker: &'a Checker<'a>, cursor_key: &'a [u8]) -> Self {
        Self {
            checker,
            cursor_key,
            faults: Vec::new(),
            selected: 0,
            parents: 1,
            day: None,
            planned_rows: 0,
        }
    }

    /// The plan of a list.
    pub(crate) fn plan_list(mut self, request: &ListRequest) -> Result<ReadPlan> {
        let grant = self.grant(&request.object)?;
        let plan = match &request.of {
            None => {
                let members = Members {
                    grant,
                    links: None,
                    pointer: None,
                    source: Source::Table,
                    scope: Condition::TRUE,
                };
                self.list(members, &request.query, &request.shape, 0)
                    .map(ReadPlan::List)?
            }
            Some((id, collection)) => {
                let id = parse_id(id).ok_or_else(|| not_found(&request.object, id))?;
                let mut builder = selection::Builder::new(grant, None, Source::Record(id));
                let child = self
                    .collection(
                        &mut builder,
                        (At::Row, collection),
                        (&request.query, &request.shape),
                        0,
                    )?
                    .ok_or_else(|| Error::NotFound {
                        kind: "relation",
                        name: collection.clone(),
                    })?;
                ReadPlan::Collection {
                    level: builder.finish(Condition::TRUE, Condition::TRUE),
                    child,
                }
            }
        };
        self.finish(plan)
    }

    /// The plan of one record.
    pub(crate) fn plan_record(mut self, request: &RecordRequest) -> Result<ReadPlan> {
        let grant = self.grant(&request.object)?;
        let id = parse_id(&request.id).ok_or_else(|| not_found(&request.object, &request.id))?;
        if let Some(as_of) = &request.as_of {
            self.day = self.parse_day(&as_of.day, &as_of.place);
        }
        let plan = self.record(grant, id, &request.selection)?;
        self.finish(plan)
    }

    /// The plan of one link by its id, for the answer to a write.
    pub(crate) fn plan_link(
        mut self,
        grant: Grant<Read>,
        id: RecordId,
        selection: &Selection,
    ) -> Result<ReadPlan> {
        let plan = self.record(grant, id, selection)?;
        self.finish(plan)
    }

    fn record(
        &mut self,
        grant: Grant<Read>,
        id: RecordId,
        selection: &Selection,
    ) -> Result<ReadPlan> {
        let mut builder = selection::Builder::new(grant, None, Source::Record(id));
        // It counts every change of the record, so it is for those alone who may read it as a field.
        let version = builder.grant_at(At::Row).field("version");
        let version = version.map(
            |ReadableField {
                 field, visibility, ..
             }| {
                builder.slot(At::Row, field.column().clone(), visibility.into_option())
            },
        );
        // A statement reads one column at the least.
        builder.system_slot(At::Row, crate::catalog::SystemField::Id)?;
        let entries = self.entries(&mut builder, At::Row, selection, 0)?;
        let level = builder.finish(Condition::TRUE, Condition::TRUE);
        Ok(ReadPlan::Record {
            level,
            out: Out::Object {
                presence: None,
                entries,
            },
            version,
        })
    }

    fn grant(&self, plural: &str) -> Result<Grant<Read>> {
        let unknown = || Error::ObjectNotFound(plural.to_owned());
        let object = self.checker.find_object(plural).ok_or_else(unknown)?;
        self.checker
            .grant(object)
            .ok_or_else(|| Error::Forbidden(format!("you may not read {plural}")))
    }

    fn finish(self, plan: ReadPlan) -> Result<ReadPlan> {
        if self.faults.is_empty() {
            Ok(plan)
        } else {
            Err(Error::Invalid(self.faults))
        }
    }

    pub(in crate::plan) fn fault(
        &mut self,
        place: &Place,
        code: FaultCode,
        message: impl Into<String>,
    ) {
        self.faults.push(Fault {
            place: place.clone(),
            code,
            message: message.into(),
        });
    }

    /// Takes over the faults of a part, so that all are reported together.
    pub(in crate::plan) fn collect<T>(&mut self, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(Error::Invalid(faults)) => {
                self.faults.extend(faults);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// A list: the members with filter, order, page, count and shape.
    pub(in crate::plan) fn list(
        &mut self,
        members: Members,
        query: &CollectionQuery,
        shape: &ListShape,
        depth: usize,
    ) -> Result<ListLevel> {
        let Members {
            grant,
            links,
            pointer,
            mut source,
            scope,
        } = members;
        let outer_day = self.day;
        if let Some(day) = &query.as_of {
            self.day = self.parse_day(day, &query.argument("asOf")).or(outer_day);
        }
        let reached = (&grant, links.as_ref(), pointer.as_ref());
        let condition = self.condition(reached, &mut source, query)?;
        let position = sort::position(self.checker.catalog(), &source, query);
        let query = &*sort::with_default(query, (&grant, position.is_some()));
        let context = self.context(&grant, &source, query);
        let most = LIMITS.page_of(grant.max_rows());
        let mut builder = selection::Builder::new(grant, links, source);
        builder.pointer = pointer;
        let at = &query.argument("sort");
        let order = sort::resolve(self, &mut builder, (&query.sort, position), at)?;
        let fetch = !shape.is_count_only();
        let default = if depth == 0 {
            LIMITS.default_page
        } else {
            LIMITS.nested_page
        };
        let limit = query
            .page
            .checked_limit((default, most), || query.argument("limit"));
        let limit = self.collect(limit)?.unwrap_or(1);
        let parents = self.plan_rows(if fetch { limit } else { 0 }, query)?;
        let out = self.shape(&mut builder, shape, depth)?;
        self.parents = parents;
        self.day = outer_day;
        let page = self.page(query, (limit, &context), &order, &builder);
        let level = builder.finish(scope, condition);
        Ok(ListLevel {
            level,
            order,
            page,
            count: query.count,
            fetch,
            shape: out,
            context,
        })
    }

    /// Counts the records that a list could have under every parent, and refuses what could grow beyond
    /// all bounds. Gives the number of parents to return to.
    fn plan_rows(&mut self, limit: u32, query: &CollectionQuery) -> Result<u64> {
        let rows = self.parents.saturating_mul(u64::from(limit));
        self.planned_rows = self.planned_rows.saturating_add(rows);
        if self.planned_rows > LIMITS.planned_rows {
            let message = format!(
                "the request could answer more than {} records; ask for smaller pages",
                LIMITS.planned_rows
            );
            return Err(Error::fault(
                query.argument("limit"),
                FaultCode::InvalidRequest,
                message,
            ));
        }
        Ok(std::mem::replace(&mut self.parents, rows))
    }

    fn page(
        &mut self,
        query: &CollectionQuery,
        (limit, context): (u32, &cursor::Context),
        order: &[OrderKey],
        builder: &selection::Builder,
    ) -> Page {
        let request = &query.page;
        let (text, name) = match (&request.after, &request.before) {
            (Some(_), Some(_)) => {
                let message = "after and before exclude each other";
                self.fault(
                    &query.argument("before"),
                    FaultCode::InvalidRequest,
                    message,
                );
                (None, "before")
            }
            (Some(after), None) => (Some(after), "after"),
            (None, before) => (before.as_ref(), "before"),
        };
        let backwards = request.before.is_some() || request.from_end;
        let Some(text) = text else {
            return Page {
                limit,
                backwards,
                seek: None,
            };
        };
        let seek = cursor::decode(self.cursor_key, context, text)
            .and_then(|bytes| sort::parse_values(&bytes, order, &builder.columns));
        if seek.is_none() {
            let message = "this cursor is damaged or belongs to another list (object, filter, sort or caller)";
            self.fault(&query.argument(name), FaultCode::InvalidCursor, message);
        }
        Page {
            limit,
            backwards,
            seek,
        }
    }

    /// What a cursor is bound to: type, collection, sort, filter and the caller's rights.
    fn context(
        &self,
        grant: &Grant<Read>,
        source: &Source,
        query: &CollectionQuery,
    ) -> cursor::Context {
        let caller = self.checker.caller();
        let rights = format!(
            "{:?}",
            (
                &caller.roles,
                &caller.scopes,
                &caller.partner,
                caller.is_system()
            )
        );
        let hop = match source {
            Source::Members { hop, .. } => format!("{hop:?}"),
            Source::Table | Source::Record(_) => String::new(),
        };
        let filter = query
            .filter
            .json
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        let terms = format!("{:?}", query.filter.terms);
        let sort = format!("{:?}", (&query.sort, &query.validity, self.day));
        let subject = grant.subject().uuid();
        cursor::context(&[
            subject.as_bytes(),
            hop.as_bytes(),
            sort.as_bytes(),
            filter.as_bytes(),
            terms.as_bytes(),
            rights.as_bytes(),
        ])
    }

    /// Counts one selected field, and refuses a request that selects too many.
    pub(in crate::plan) fn count_selected(&mut self, place: &Place) -> Result<()> {
        self.selected += 1;
        if self.selected <= LIMITS.selected_fields {
            return Ok(());
        }
        let message = format!(
            "the request selects more than {} fields",
            LIMITS.selected_fields
        );
        Err(Error::fault(
            place.clone(),
            FaultCode::InvalidRequest,
            message,
        ))
    }
}

/// A record's id as callers write it.
pub(crate) fn parse_id(text: &str) -> Option<RecordId> {
    text.parse().ok().filter(|_| text.len() == 36)
}

/// The answer for a record that does not exist for the caller.
pub(crate) fn not_found(object: &str, id: &str) -> Error {
    Error::RecordNotFound {
        object: object.to_owned(),
        id: id.to_owned(),
    }
}
