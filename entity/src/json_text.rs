//! JSON in a column of text, for the system tables that must give back what was sent.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    str::FromStr,
    sync::Arc,
};

use sea_orm::{DeriveValueType, prelude::Json};

/// JSON that is kept as text. PostgreSQL's `jsonb` puts the members of an object in an order of its own
/// and writes numbers anew; its `json` would not, but a parameter that holds JSON is one of `jsonb`.
/// A copy shares the value: the metadata are copied as a whole for every look at what a change makes of them.
#[derive(Clone, Debug, PartialEq, Eq, DeriveValueType)]
#[sea_orm(value_type = "String")]
pub struct JsonText(Arc<Json>);

impl JsonText {
    /// The value.
    #[must_use]
    pub fn into_json(self) -> Json {
        Arc::unwrap_or_clone(self.0)
    }

    /// Whether both are copies of one, which is known without looking at the value.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl DerefMut for JsonText {
    fn deref_mut(&mut self) -> &mut Json {
        Arc::make_mut(&mut self.0)
    }
}

impl fmt::Display for JsonText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for JsonText {
    type Err = <Json as FromStr>::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Json::from_str(text).map(Self::from)
    }
}

impl From<Json> for JsonText {
    fn from(json: Json) -> Self {
        Self(Arc::new(json))
    }
}

impl Deref for JsonText {
    type Target = Json;

    fn deref(&self) -> &Json {
        &self.0
    }
}
