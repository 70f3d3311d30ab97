//! Writes the JSON bytes of an answer straight from the rows.

use serde_json::Value as Json;
use uuid::Uuid;

use super::fetch::{Data, ListData, PageData, RecordData, shown_count};
use crate::{
    access::Mask,
    error::{Error, Result},
    expression::{Inputs, Moment, Template},
    id::FieldId,
    plan::read::{ListLevel, Out, OutEdge, OutPart, ReadPlan},
    request::{Count, PageInfoPart, cursor},
    store::Row,
    value::{Storage, Value},
};

/// What a plan found.
pub(super) enum Found {
    /// The record does not exist for the caller.
    Nothing,
    /// A list.
    List,
    /// A record.
    Record { version: Option<i64> },
}

/// Writes the answer of a plan.
pub(super) fn write(
    plan: &ReadPlan,
    data: &Data,
    cursor_key: &[u8],
    out: &mut Vec<u8>,
) -> Result<Found> {
    let mut writer = Writer { cursor_key, out };
    match (plan, data) {
        (ReadPlan::List(list), Data::List(data)) => {
            writer.list(list, data, None)?;
            Ok(Found::List)
        }
        (
            ReadPlan::Record {
                level,
                out,
                version,
            },
            Data::Record(RecordData {
                row: Some(row),
                children,
            }),
        ) => {
            let version = match version {
                Some(slot) => row.integer(*slot)?,
                None => None,
            };
            writer.value(
                out,
                &Place {
                    row,
                    offset: 0,
                    level_children: &level.children,
                    children,
                },
            )?;
            Ok(Found::Record { version })
        }
        (
            ReadPlan::Collection { level, child },
            Data::Record(RecordData {
                row: Some(row),
                children,
            }),
        ) => {
            let planned = &level.children[*child];
            writer.list(&planned.list, &children[*child], row.uuid(planned.parent)?)?;
            Ok(Found::List)
        }
        (
            ReadPlan::Record { .. } | ReadPlan::Collection { .. } | ReadPlan::List(_),
            Data::Record(_) | Data::List(_),
        ) => Ok(Found::Nothing),
    }
}

struct Writer<'a> {
    cursor_key: &'a [u8],
    out: &'a mut Vec<u8>,
}

/// A row with what hangs on it.
struct Place<'a> {
    row: &'a Row,
    offset: usize,
    level_children: &'a [crate::plan::read::Child],
    children: &'a [ListData],
}

impl Writer<'_> {
    /// A value that shows in full on some rows, and masked on others.
    fn masked(
        &mut self,
        field: FieldId,
        (full, storage): (usize, Storage),
        masks: &[(Mask, usize)],
        place: &Place<'_>,
    ) -> Result<()> {
        let cell = |slot: usize| slot + place.offset;
        if !place.row.is_null(cell(full))? {
            return place.row.write(cell(full), storage, self.out);
        }
        for (mask, slot) in masks {
            if place.row.is_null(cell(*slot))? {
                continue;
            }
            let mut shown = Vec::new();
            place.row.write(cell(*slot), storage, &mut shown)?;
            let text: String = serde_json::from_slice(&shown)
                .map_err(|error| Error::internal("masking a value", error))?;
            let left = mask.of(field, &text, self.cursor_key);
            self.text(&left.map_or(Json::Null, Json::from).to_string());
            return Ok(());
        }
        self.text("null");
        Ok(())
    }

    fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn boolean(&mut self, flag: bool) {
        self.text(if flag { "true" } else { "false" });
    }

    fn value(&mut self, value: &Out, place: &Place<'_>) -> Result<()> {
        match value {
            Out::Constant(text) => self.text(text),
            Out::Cell { slot, storage } => {
                place.row.write(slot + place.offset, *storage, self.out)?;
            }
            Out::Masked { field, full, masks } => self.masked(*field, *full, masks, place)?,
            Out::Display { template, inputs } => {
                let name = display_name(template, inputs, place)?;
                self.text(&name.map_or(Json::Null, Json::from).to_string());
            }
            Out::TypeName { slot, names } => {
                let id = place.row.uuid(slot + place.offset)?;
                let name = id.and_then(|id| names.get(&id));
                self.text(name.map_or("null", String::as_str));
            }
            Out::Object { presence, entries } => {
                if let Some(presence) = presence
                    && place.row.is_null(presence + place.offset)?
                {
                    self.text("null");
                    return Ok(());
                }
                self.out.push(b'{');
                for (at, (key, value)) in entries.iter().enumerate() {
                    self.key(at, key);
                    self.value(value, place)?;
                }
                self.out.push(b'}');
            }
            Out::List { child } => {
                let planned = &place.level_children[*child];
                let parent = place.row.uuid(planned.parent + place.offset)?;
                self.list(&planned.list, &place.children[*child], parent)?;
            }
        }
        Ok(())
    }

    fn key(&mut self, at: usize, key: &str) {
        if at > 0 {
            self.out.push(b',');
        }
        self.text(key);
    }

    fn list(&mut self, list: &ListLevel, data: &ListData, parent: Option<Uuid>) -> Result<()> {
        let nothing = PageData::default();
        let page = data.pages.get(&parent).unwrap_or(&nothing);
        let count = (list.count != Count::None).then(|| {
            let count = data.counts.get(&parent).copied().unwrap_or(0);
            shown_count(list, count, parent.is_some())
        });
        self.out.push(b'{');
        for (at, (key, part)) in list.shape.entries.iter().enumerate() {
            self.key(at, key);
            match part {
                OutPart::Constant(text) => self.text(text),
                OutPart::Records(record) => self.records(record, list, data, page)?,
                OutPart::Edges(parts) => self.edges(parts, list, data, page)?,
                OutPart::PageInfo(parts) => self.page_info(parts, list, data, page)?,
                OutPart::Count => match count {
                    Some((count, _)) => self.text(&count.to_string()),
                    None => self.text("null"),
                },
                OutPart::CountIsExact => match count {
                    Some((_, exact)) => self.boolean(exact),
                    None => self.text("null"),
                },
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn records(
        &mut self,
        record: &Out,
        list: &ListLevel,
        data: &ListData,
        page: &PageData,
    ) -> Result<()> {
        self.out.push(b'[');
        for (at, row) in page.rows.iter().enumerate() {
            if at > 0 {
                self.out.push(b',');
            }
            self.value(record, &place(list, data, *row))?;
        }
        self.out.push(b']');
        Ok(())
    }

    fn edges(
        &mut self,
        parts: &[(String, OutEdge)],
        list: &ListLevel,
        data: &ListData,
        page: &PageData,
    ) -> Result<()> {
        self.out.push(b'[');
        for (at, row) in page.rows.iter().enumerate() {
            self.out
                .extend_from_slice(if at > 0 { b",{" } else { b"{" });
            for (at, (key, part)) in parts.iter().enumerate() {
                self.key(at, key);
                match part {
                    OutEdge::Constant(text) => self.text(text),
                    OutEdge::Cursor => self.cursor(list, data, Some(*row))?,
                    OutEdge::Record(record) => self.value(record, &place(list, data, *row))?,
                }
            }
            self.out.push(b'}');
        }
        self.out.push(b']');
        Ok(())
    }

    fn page_info(
        &mut self,
        parts: &[(String, PageInfoPart)],
        list: &ListLevel,
        data: &ListData,
        page: &PageData,
    ) -> Result<()> {
        let continued = list.page.seek.is_some();
        let (has_next, has_previous) = if list.page.backwards {
            (continued, page.more)
        } else {
            (page.more, continued)
        };
        let (first, last) = (page.rows.first().copied(), page.rows.last().copied());
        self.out.push(b'{');
        for (at, (key, part)) in parts.iter().enumerate() {
            self.key(at, key);
            match part {
                PageInfoPart::Constant(text) => {
                    self.text(&serde_json::Value::from(text.as_str()).to_string());
                }
                PageInfoPart::HasNext => self.boolean(has_next),
                PageInfoPart::HasPrevious => self.boolean(has_previous),
                PageInfoPart::Start => self.cursor(list, data, first)?,
                PageInfoPart::End => self.cursor(list, data, last)?,
                PageInfoPart::Next => self.cursor(list, data, last.filter(|_| has_next))?,
                PageInfoPart::Previous => {
                    self.cursor(list, data, first.filter(|_| has_previous))?;
                }
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    /// The cursor of a row: the values of its order keys, signed.
    fn cursor(&mut self, list: &ListLevel, data: &ListData, row: Option<usize>) -> Result<()> {
        let Some(row) = row else {
            self.text("null");
            return Ok(());
        };
        let mut values = vec![b'['];
        for (at, key) in list.order.iter().enumerate() {
            if at > 0 {
                values.push(b',');
            }
            let column = list.level.columns.get(key.slot);
            let column = column
                .ok_or_else(|| Error::internal("writing a cursor", "an order key has no column"))?;
            data.rows[row].write(
                key.slot + data.offset,
                column.column.part.storage,
                &mut values,
            )?;
        }
        values.push(b']');
        self.out.push(b'"');
        self.text(&cursor::encode(self.cursor_key, &list.context, &values));
        self.out.push(b'"');
        Ok(())
    }
}

/// What people read of a record; nothing when all that it is made of is missing.
fn display_name(
    template: &Template,
    inputs: &[Vec<(usize, Storage)>],
    place: &Place<'_>,
) -> Result<Option<String>> {
    let mut values = Vec::with_capacity(inputs.len());
    for slots in inputs {
        let mut parts = Vec::with_capacity(slots.len());
        for (slot, storage) in slots {
            let json = place.row.json(slot + place.offset, *storage)?;
            parts.push(Value::from_json(&json, *storage).unwrap_or(Value::Null));
        }
        values.push(parts);
    }
    let text = template.text(&Inputs {
        values: &values,
        moment: Moment::NONE,
    });
    Ok(Some(text).filter(|text| !text.is_empty()))
}

fn place<'a>(list: &'a ListLevel, data: &'a ListData, row: usize) -> Place<'a> {
    Place {
        row: &data.rows[row],
        offset: data.offset,
        level_children: &list.level.children,
        children: &data.children,
    }
}
