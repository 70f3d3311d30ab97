//! Arguments of fields: filters, sorts, pages.

use async_graphql::{Positioned, parser::types::Field};
use schema::{
    Error, FaultCode, Place,
    request::{AsOf, CollectionQuery, Count, Filter, LIMITS, PageRequest, SortKey},
};
use serde_json::{Map, Value as Json};

use super::{At, Compiler, unknown};
use crate::{
    graphql::{coerce, error::GraphError},
    problem::Problem,
};

/// The arguments of one field.
#[derive(Debug)]
pub(super) struct Arguments {
    given: Map<String, Json>,
    at: At,
}

impl Compiler<'_> {
    /// The arguments of a field of this type, coerced; null stands for absent but in an input.
    pub(super) fn arguments(
        &self,
        parent: &str,
        field: &Positioned<Field>,
        at: &At,
    ) -> Result<Arguments, GraphError> {
        let registry = self.face.schema.registry();
        let name = field.node.name.node.as_str();
        let declared = registry
            .types
            .get(parent)
            .and_then(|parent| parent.field_by_name(name))
            .ok_or_else(|| unknown(name))?;
        let mut given = Map::new();
        for argument in declared.args.values() {
            let value = field
                .node
                .get_argument(&argument.name)
                .and_then(|value| coerce::resolve(&value.node, self.collector.variables))
                .unwrap_or(Json::Null);
            let value = coerce::coerce(registry, &argument.ty, value).map_err(|fault| {
                let message = format!(
                    "Argument {:?} of type {:?}{fault}.",
                    argument.name, argument.ty
                );
                GraphError::invalid(message).at(field.pos)
            })?;
            if !value.is_null() {
                given.insert(argument.name.clone(), value);
            }
        }
        Ok(Arguments {
            given,
            at: at.clone(),
        })
    }
}

impl Arguments {
    /// An argument that is a text, such as an id.
    pub(super) fn text(&self, name: &str) -> String {
        let text = self.given.get(name).and_then(Json::as_str);
        text.unwrap_or_default().to_owned()
    }

    /// An argument that is a number.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.given.get(name).and_then(Json::as_i64)
    }

    /// An argument that is a list of texts.
    pub(super) fn texts(&self, name: &str) -> Option<Vec<String>> {
        let items = self.given.get(name)?.as_array()?.iter();
        Some(
            items
                .filter_map(|item| item.as_str().map(str::to_owned))
                .collect(),
        )
    }

    /// The day of the read.
    pub(super) fn as_of(&self) -> Option<AsOf> {
        let day = self.given.get("asOf").and_then(Json::as_str)?;
        Some(AsOf {
            day: day.to_owned(),
            place: Place::Pointer(self.at.pointer()).child("asOf"),
        })
    }

    /// The version that the caller expects.
    pub(super) fn if_match(&self) -> Option<i64> {
        self.given.get("ifMatch").and_then(Json::as_i64)
    }

    /// The members of an input object; none when it is absent.
    pub(super) fn take_values(&mut self, name: &str) -> Map<String, Json> {
        match self.given.shift_remove(name) {
            Some(Json::Object(values)) => values,
            Some(
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_),
            )
            | None => Map::new(),
        }
    }

    /// The record at the far end of a new link: its id, and its type where it is one of several.
    pub(super) fn take_target(&mut self) -> (String, Option<Json>) {
        let of_type = match self.given.get_mut("target") {
            Some(Json::Object(target)) => {
                let of_type = target.shift_remove("type");
                let id = target.shift_remove("id").unwrap_or_default();
                self.given.insert("target".to_owned(), id);
                of_type
            }
            Some(_) | None => None,
        };
        (self.text("target"), of_type)
    }

    /// The arguments of a list.
    pub(super) fn into_query(mut self, counted: bool) -> Result<CollectionQuery, GraphError> {
        let page = self.page()?;
        let json = self.given.shift_remove("filter");
        let sort = self.given.shift_remove("sort");
        let mut text = |name: &str| match self.given.shift_remove(name) {
            Some(Json::String(text)) => Some(text),
            Some(_) | None => None,
        };
        let (validity, as_of) = (text("validity"), text("asOf"));
        Ok(CollectionQuery {
            validity,
            as_of,
            filter: Filter {
                json,
                ..Filter::default()
            },
            sort: sort.as_ref().map(sort_keys).unwrap_or_default(),
            page,
            count: if counted { Count::Exact } else { Count::None },
            place: Some(Place::Pointer(self.at.pointer())),
        })
    }

    fn page(&self) -> Result<PageRequest, GraphError> {
        let cursor = |name: &str| {
            let text = self.given.get(name).and_then(Json::as_str);
            text.map(str::to_owned)
        };
        let (first, last) = (self.size("first")?, self.size("last")?);
        let (after, before) = (cursor("after"), cursor("before"));
        match (first, last) {
            (Some(_), Some(_)) => Err(self.refuse("last", "can't stand beside `first`")),
            (Some(_), None) if before.is_some() => {
                Err(self.refuse("before", "stands with `last`, not with `first`"))
            }
            (None, Some(_)) if after.is_some() => {
                Err(self.refuse("after", "stands with `first`, not with `last`"))
            }
            (None, None) if after.is_some() && before.is_some() => {
                Err(self.refuse("before", "can't stand beside `after`"))
            }
            (first, last) => Ok(PageRequest {
                limit: first.or(last),
                from_end: last.is_some() && before.is_none(),
                after,
                before,
                is_cut: false,
            }),
        }
    }

    fn size(&self, name: &str) -> Result<Option<u32>, GraphError> {
        let Some(size) = self.given.get(name).and_then(Json::as_i64) else {
            return Ok(None);
        };
        match u32::try_from(size) {
            Ok(size) if (1..=LIMITS.page).contains(&size) => Ok(Some(size)),
            Ok(_) | Err(_) => {
                let message = format!("must be from 1 to {}", LIMITS.page);
                Err(self.fault(name, FaultCode::InvalidValue, &message))
            }
        }
    }

    fn refuse(&self, name: &str, message: &str) -> GraphError {
        self.fault(name, FaultCode::InvalidRequest, message)
    }

    fn fault(&self, name: &str, code: FaultCode, message: &str) -> GraphError {
        let place = Place::Pointer(format!("/{name}"));
        let problem = Problem::from(Error::fault(place, code, message));
        GraphError::of_problem(problem)
            .at(self.at.position)
            .on(&self.at.path)
    }
}

/// `[{name: ASC}, {customer: {name: DESC}}]`; each item has exactly one member at each level.
fn sort_keys(sort: &Json) -> Vec<SortKey> {
    let items = sort.as_array().map(Vec::as_slice).unwrap_or_default();
    items
        .iter()
        .map(|item| {
            let mut path = Vec::new();
            let mut level = item;
            while let Some((name, below)) = level.as_object().and_then(|one| one.iter().next()) {
                path.push(name.clone());
                level = below;
            }
            SortKey {
                path,
                descending: level.as_str() == Some("DESC"),
            }
        })
        .collect()
}
