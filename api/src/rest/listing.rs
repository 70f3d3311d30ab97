//! Pages of managed things (users, partners, keys): by id, forwards.

use schema::{
    Error, FaultCode, Place,
    identity::{Listed, Listing},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::problem::Problem;

/// The most items of one page.
const MOST: u64 = 200;
/// The items of a page when nothing is said.
const DEFAULT: u64 = 50;

/// The parameters of a list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageParameters {
    limit: Option<u64>,
    after: Option<Uuid>,
}

/// A request that takes no parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoParameters {}

/// A list as it is answered.
#[derive(Debug, Serialize)]
pub(crate) struct Page<T> {
    data: Vec<T>,
    page: PageInfo,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    /// What to send as `after` for the next page.
    next: Option<String>,
    has_next: bool,
}

/// The id in an address. What is no id names nothing.
pub(crate) fn parse_id<T: std::str::FromStr>(kind: &'static str, text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::NotFound {
        kind,
        name: text.to_owned(),
    })
}

impl PageParameters {
    /// Those of a list that takes more than these.
    pub(crate) fn of(limit: Option<u64>, after: Option<Uuid>) -> Self {
        Self { limit, after }
    }

    /// The page that is asked for.
    pub(crate) fn listing(&self) -> Result<Listing, Problem> {
        let limit = self.limit.unwrap_or(DEFAULT);
        if !(1..=MOST).contains(&limit) {
            let place = Place::Parameter("limit".to_owned());
            let message = format!("must be from 1 to {MOST}");
            return Err(Error::fault(place, FaultCode::InvalidValue, message).into());
        }
        Ok(Listing {
            limit,
            after: self.after,
        })
    }
}

impl<T> Page<T> {
    /// A page of a longer list.
    pub(crate) fn of(listed: Listed<T>, id: impl Fn(&T) -> Uuid) -> Self {
        Self::by(listed, |item| id(item).to_string())
    }

    /// A page of a longer list with cursors of its own.
    pub(crate) fn by(listed: Listed<T>, cursor: impl Fn(&T) -> String) -> Self {
        let last = listed.items.last().filter(|_| listed.has_next);
        Self {
            page: PageInfo {
                next: last.map(cursor),
                has_next: listed.has_next,
            },
            data: listed.items,
        }
    }

    /// A whole list.
    pub(crate) fn whole(data: Vec<T>) -> Self {
        let page = PageInfo {
            next: None,
            has_next: false,
        };
        Self { data, page }
    }
}
