//! Query strings of reads: `filter`, the short form `amount[gte]=100`, `sort`, `fields`, `limit`,
//! `after`, `before`, `count`, `validity`, `asOf`. Syntax only: whether a field or an operator exists, the
//! engine says.

#[cfg(test)]
mod tests;

use schema::{
    Error, FaultCode, Place,
    request::{AsOf, CollectionQuery, Count, Filter, LIMITS, PageRequest, SortKey, TextTerm},
};
use serde_json::{Map, Value as Json};

use crate::{
    problem::Problem,
    rest::selection::{self, Wanted},
};

/// The parameters of a list.
#[derive(Debug, Default)]
pub(crate) struct ListParameters {
    /// Which records.
    pub(crate) query: CollectionQuery,
    /// What to answer of them; the default when absent.
    pub(crate) fields: Option<Vec<Wanted>>,
}

/// Parses the parameters of a list.
pub(crate) fn parse_list(pairs: Vec<(String, String)>) -> Result<ListParameters, Problem> {
    let mut list = ListParameters::default();
    for (name, value) in pairs {
        let query = &mut list.query;
        match name.as_str() {
            "filter" => query.filter.json = Some(parse_filter(&value)?),
            "sort" => query.sort = SortKey::parse_list(&value),
            "limit" => query.page.limit = Some(parse_limit(&value)?),
            "after" => query.page.after = Some(value),
            "before" => query.page.before = Some(value),
            "count" => query.count = parse_count(&value, Place::Parameter(name))?,
            "fields" => list.fields = Some(parse_fields(&value)?),
            "validity" => query.validity = Some(value),
            "asOf" => query.as_of = Some(value),
            _ => query.filter.terms.push(parse_term(name, value)?),
        }
    }
    check_page(&list.query.page, || Place::Parameter("before".to_owned()))?;
    Ok(list)
}

/// Parses the parameters of a read or write of one record: `fields` alone.
pub(crate) fn parse_record(pairs: Vec<(String, String)>) -> Result<Option<Vec<Wanted>>, Problem> {
    let mut fields = None;
    for (name, value) in pairs {
        if name != "fields" {
            return Err(Problem::parameter(
                &name,
                "is unknown here; known is fields",
            ));
        }
        fields = Some(parse_fields(&value)?);
    }
    Ok(fields)
}

/// Parses the parameters of a read of one record: `fields` and `asOf`.
pub(crate) fn parse_read(
    pairs: Vec<(String, String)>,
) -> Result<(Option<Vec<Wanted>>, Option<AsOf>), Problem> {
    let (of_day, others): (Vec<_>, Vec<_>) =
        pairs.into_iter().partition(|(name, _)| name == "asOf");
    let as_of = of_day.into_iter().next_back().map(|(name, day)| AsOf {
        day,
        place: Place::Parameter(name),
    });
    if let Some((name, _)) = others.iter().find(|(name, _)| name != "fields") {
        let hint = "is unknown here; known are fields and asOf";
        return Err(Problem::parameter(name, hint));
    }
    Ok((parse_record(others)?, as_of))
}

/// Refuses every parameter, where an address takes none.
pub(crate) fn parse_nothing(pairs: &[(String, String)]) -> Result<(), Problem> {
    match pairs.first() {
        None => Ok(()),
        Some((name, _)) => Err(Problem::parameter(
            name,
            "is unknown here; this address takes no parameters",
        )),
    }
}

/// Reads `exact` or `bounded`.
pub(crate) fn parse_count(text: &str, place: Place) -> Result<Count, Error> {
    match text {
        "none" => Ok(Count::None),
        "exact" => Ok(Count::Exact),
        "bounded" => Ok(Count::Bounded),
        _ => Err(Error::fault(
            place,
            FaultCode::InvalidValue,
            "must be exact, bounded or none",
        )),
    }
}

/// A page begins after one cursor or ends before one, not both.
pub(crate) fn check_page(page: &PageRequest, before: impl FnOnce() -> Place) -> Result<(), Error> {
    if page.after.is_some() && page.before.is_some() {
        let message = "can't stand beside after";
        return Err(Error::fault(before(), FaultCode::InvalidRequest, message));
    }
    Ok(())
}

fn parse_fields(text: &str) -> Result<Vec<Wanted>, Error> {
    selection::parse_paths(text.split(','), |_| Place::Parameter("fields".to_owned()))
}

fn parse_filter(text: &str) -> Result<serde_json::Value, Error> {
    serde_json::from_str(text).map_err(|error| {
        Error::fault(
            Place::Parameter("filter".to_owned()),
            FaultCode::InvalidRequest,
            format!("is no JSON: {error}"),
        )
    })
}

fn parse_limit(text: &str) -> Result<u32, Error> {
    text.parse().map_err(|_| {
        Error::fault(
            Place::Parameter("limit".to_owned()),
            FaultCode::InvalidValue,
            "must be a whole number",
        )
    })
}

/// Reads the short form, `organization.country[eq]=NL`: one way through the JSON form.
fn parse_term(parameter: String, value: String) -> Result<TextTerm, Problem> {
    let parts = parameter
        .strip_suffix(']')
        .and_then(|text| text.split_once('['))
        .filter(|(path, operator)| !path.split('.').any(str::is_empty) && !operator.is_empty());
    let Some((path, operator)) = parts else {
        let hint = "is unknown; known are filter, sort, fields, limit, after, before, count, \
                    validity, asOf, and comparisons such as name[eq]";
        return Err(Problem::parameter(&parameter, hint));
    };
    let within = |json: Json, name: &str| Json::Object(Map::from_iter([(name.to_owned(), json)]));
    let segments: Vec<&str> = path.split('.').collect();
    if segments.len() > LIMITS.filter_depth {
        let hint = format!("is longer than {} names", LIMITS.filter_depth);
        return Err(Problem::parameter(&parameter, hint));
    }
    let comparison = within(Json::from(value), operator);
    Ok(TextTerm {
        json: segments.into_iter().rfold(comparison, within),
        parameter,
    })
}

/// A filter that is only JSON.
pub(crate) fn json_filter(json: Option<serde_json::Value>) -> Filter {
    Filter {
        json: json.filter(|json| !json.is_null()),
        terms: Vec::new(),
    }
}
