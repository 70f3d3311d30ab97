//! Query parameters as the members of a type. What does not fit is told by the name of the parameter and what to
//! send instead.

#[cfg(test)]
mod tests;

use std::fmt;

use schema::{Error, FaultCode, Place};
use serde::{
    Deserializer,
    de::{
        self, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, Visitor,
        value::{StrDeserializer, StringDeserializer},
    },
    forward_to_deserialize_any,
};

use crate::problem::Problem;

/// Parses the parameters of a type.
pub(super) fn parse<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> Result<T, Problem> {
    let parameters = Pairs {
        pairs: pairs.into_iter(),
        value: None,
    };
    T::deserialize(parameters).map_err(Refused::into_problem)
}

/// Why parameters are refused.
#[derive(Debug)]
enum Refused {
    /// A parameter that is unknown or missing.
    Parameter(String, String),
    /// A value, of a parameter that is not known yet, that is not what it says here.
    Value(String),
    /// A value of this parameter.
    ValueOf(String, String),
}

impl Refused {
    fn of(self, name: &str) -> Self {
        match self {
            Self::Value(message) => Self::ValueOf(name.to_owned(), message),
            Self::Parameter(..) | Self::ValueOf(..) => self,
        }
    }

    fn into_problem(self) -> Problem {
        match self {
            Self::Parameter(name, message) => Problem::parameter(&name, message),
            Self::ValueOf(name, message) => {
                Error::fault(Place::Parameter(name), FaultCode::InvalidValue, message).into()
            }
            Self::Value(message) => Problem::internal(message),
        }
    }
}

impl de::Error for Refused {
    /// What a type says of its own text; the parameters have one such type, ids.
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Value("must be an id".to_owned())
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let known = match expected {
            [] => "this address takes no parameters".to_owned(),
            [one] => format!("known is {one}"),
            [most @ .., last] => format!("known are {} and {last}", most.join(", ")),
        };
        Self::Parameter(field.to_owned(), format!("is unknown here; {known}"))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Parameter(field.to_owned(), "is required".to_owned())
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::Value(format!("must be one of {}", expected.join(", ")))
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter(name, message) | Self::ValueOf(name, message) => {
                write!(formatter, "{name}: {message}")
            }
            Self::Value(message) => formatter.write_str(message),
        }
    }
}

impl std::error::Error for Refused {}

/// Parameters, none of which stands twice.
struct Pairs {
    pairs: std::vec::IntoIter<(String, String)>,
    /// The parameter whose value is read next.
    value: Option<(String, String)>,
}

impl<'de> Deserializer<'de> for Pairs {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Pairs {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Refused> {
        self.value = self.pairs.next();
        let Some((name, _)) = &self.value else {
            return Ok(None);
        };
        let name: StrDeserializer<'_, Refused> = name.as_str().into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refused> {
        let (name, value) = self.value.take().unwrap_or_default();
        seed.deserialize(Text(value))
            .map_err(|refused| refused.of(&name))
    }
}

/// The text of one parameter.
struct Text(String);

impl Text {
    fn whole<T: std::str::FromStr>(&self) -> Result<T, Refused> {
        let message = "must be a whole number, and not too large";
        self.0
            .parse()
            .map_err(|_| Refused::Value(message.to_owned()))
    }
}

impl<'de> Deserializer<'de> for Text {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_string(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_some(self)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.0.as_str() {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(Refused::Value("must be true or false".to_owned())),
        }
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_u8(self.whole()?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_u32(self.whole()?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_u64(self.whole()?)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_i64(self.whole()?)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let text: StringDeserializer<Refused> = self.0.into_deserializer();
        text.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u16 u128 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct seq
        tuple tuple_struct map struct identifier ignored_any
    }
}
