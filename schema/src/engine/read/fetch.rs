//! Fetches the rows of a plan: one statement a level, whatever the number of rows.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::{
    access::Checker,
    catalog::Catalog,
    error::Result,
    plan::read::{Level, ListLevel, ReadPlan},
    request::{Count, LIMITS},
    sql::{Statement, dialect::Dialect, read as sql},
    store::{Connection, Row},
};

/// The rows of a plan.
#[derive(Debug)]
pub(in crate::engine) enum Data {
    List(ListData),
    Record(RecordData),
}

/// One record and the lists that hang on it.
#[derive(Debug)]
pub(in crate::engine) struct RecordData {
    pub(super) row: Option<Row>,
    pub(super) children: Vec<ListData>,
}

/// The rows of a list, for every parent, and the lists that hang on them.
#[derive(Debug, Default)]
pub(in crate::engine) struct ListData {
    pub(super) rows: Vec<Row>,
    /// Where the slots begin: after the id of the parent, if there is one.
    pub(super) offset: usize,
    /// The page of each parent; of a list without parents under `None`.
    pub(super) pages: Pages,
    pub(super) counts: HashMap<Option<Uuid>, i64>,
    pub(super) children: Vec<ListData>,
}

/// The page of each parent.
type Pages = HashMap<Option<Uuid>, PageData>;

/// The page of one parent.
#[derive(Debug, Default)]
pub(in crate::engine) struct PageData {
    /// Places in the rows, in the order of the answer.
    pub(super) rows: Vec<usize>,
    /// Whether there are rows beyond the page, in the direction in which it was read.
    pub(super) more: bool,
}

/// Runs the statements of one plan.
#[derive(Debug)]
pub(in crate::engine) struct Reader<'a> {
    checker: &'a Checker<'a>,
    catalog: &'a Catalog,
    dialect: Dialect,
    connection: Connection<'a>,
    statements: u32,
}

impl<'a> Reader<'a> {
    pub(in crate::engine) fn new(
        checker: &'a Checker<'a>,
        dialect: Dialect,
        connection: Connection<'a>,
    ) -> Self {
        Self {
            checker,
            catalog: checker.catalog(),
            dialect,
            connection,
            statements: 0,
        }
    }

    /// How many statements have run.
    pub(in crate::engine) fn statements(&self) -> u32 {
        self.statements
    }

    pub(in crate::engine) async fn run(&mut self, plan: &ReadPlan) -> Result<Data> {
        match plan {
            ReadPlan::List(list) => self.list(list, None).await.map(Data::List),
            ReadPlan::Record { level, .. } | ReadPlan::Collection { level, .. } => {
                self.record(level).await.map(Data::Record)
            }
        }
    }

    async fn fetch(&mut self, statement: Statement) -> Result<Vec<Row>> {
        self.statements += 1;
        let statement = statement.in_sight_of(self.checker, self.dialect);
        self.connection.fetch(statement).await
    }

    async fn record(&mut self, level: &Level) -> Result<RecordData> {
        let statement = sql::record(self.catalog, self.dialect, level)?;
        let rows = self.fetch(statement).await?;
        let children = self.children(level, &rows, 0).await?;
        Ok(RecordData {
            row: rows.into_iter().next(),
            children,
        })
    }

    async fn list(&mut self, list: &ListLevel, parents: Option<&[Uuid]>) -> Result<ListData> {
        let mut data = ListData {
            offset: usize::from(parents.is_some()),
            ..ListData::default()
        };
        if parents.is_some_and(<[Uuid]>::is_empty) {
            data.children = self.children(&list.level, &[], data.offset).await?;
            return Ok(data);
        }
        if list.fetch {
            let statement = sql::rows(self.catalog, self.dialect, list, parents)?;
            let rows = self.fetch(statement).await?;
            (data.rows, data.pages) = pages(rows, list, parents.is_some())?;
        }
        if list.count != Count::None {
            let statement = sql::count(self.catalog, self.dialect, list, parents)?;
            let rows = self.fetch(statement).await?;
            for row in &rows {
                let parent = if parents.is_some() {
                    row.uuid(0)?
                } else {
                    None
                };
                let count = row.integer(data.offset)?.unwrap_or(0);
                data.counts.insert(parent, count);
            }
        }
        data.children = self.children(&list.level, &data.rows, data.offset).await?;
        Ok(data)
    }

    async fn children(
        &mut self,
        level: &Level,
        rows: &[Row],
        offset: usize,
    ) -> Result<Vec<ListData>> {
        let mut children = Vec::with_capacity(level.children.len());
        for child in &level.children {
            let mut parents = Vec::with_capacity(rows.len());
            let mut seen = HashSet::with_capacity(rows.len());
            for row in rows {
                if let Some(id) = row.uuid(child.parent + offset)?
                    && seen.insert(id)
                {
                    parents.push(id);
                }
            }
            children.push(Box::pin(self.list(&child.list, Some(&parents))).await?);
        }
        Ok(children)
    }
}

/// Cuts the rows into the pages of their parents. A row beyond its page says only that there is one:
/// nothing is read that hangs on it.
fn pages(rows: Vec<Row>, list: &ListLevel, has_parents: bool) -> Result<(Vec<Row>, Pages)> {
    let limit = list.page.limit as usize;
    let mut pages = Pages::new();
    let mut shown = Vec::with_capacity(rows.len());
    for row in rows {
        let parent = if has_parents { row.uuid(0)? } else { None };
        let page = pages.entry(parent).or_default();
        if page.rows.len() < limit {
            page.rows.push(shown.len());
            shown.push(row);
        } else {
            page.more = true;
        }
    }
    if list.page.backwards {
        for page in pages.values_mut() {
            page.rows.reverse();
        }
    }
    Ok((shown, pages))
}

/// The number to show and whether it is exact.
pub(super) fn shown_count(list: &ListLevel, count: i64, has_parents: bool) -> (i64, bool) {
    let bound = i64::from(LIMITS.bounded_count);
    if list.count == Count::Bounded && !has_parents && count > bound {
        (bound, false)
    } else {
        (count, true)
    }
}
