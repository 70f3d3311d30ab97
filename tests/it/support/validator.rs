//! A validator of JSON Schema for the keywords that our schemas use; any other fails the test, so that
//! no schema passes for want of understanding.

use serde_json::{Map, Value as Json};
use time::{Date, OffsetDateTime, format_description::well_known::Rfc3339};

/// A schema that bodies are held against.
pub(crate) struct Validator {
    root: Json,
}

impl Validator {
    pub(crate) fn new(root: Json) -> Self {
        Self { root }
    }

    pub(crate) fn is_valid(&self, body: &Json) -> bool {
        self.fits(&self.root, body)
    }

    /// Whether a value fits a schema of the same document.
    pub(crate) fn fits(&self, schema: &Json, value: &Json) -> bool {
        let Json::Object(keywords) = schema else {
            return schema == &Json::Bool(true);
        };
        keywords
            .iter()
            .all(|(keyword, operand)| self.keyword((keywords, keyword, operand), value))
    }

    fn keyword(&self, (all, keyword, of): (&Map<String, Json>, &str, &Json), value: &Json) -> bool {
        let several = || of.as_array().into_iter().flatten();
        let number = || of.as_f64().unwrap_or_default();
        let length = || of.as_u64().unwrap_or_default() as usize;
        match keyword {
            "$schema" | "$id" | "$defs" | "title" | "description" | "default" | "examples"
            | "example" | "readOnly" | "writeOnly" | "deprecated" | "x-relata" => true,
            "$ref" => {
                let pointer = of.as_str().unwrap_or_default().trim_start_matches('#');
                let target = self.root.pointer(pointer);
                self.fits(target.expect("the schema that is referred to"), value)
            }
            "type" => match of {
                Json::Array(types) => types.iter().any(|of| is_of_type(of, value)),
                one => is_of_type(one, value),
            },
            "enum" => several().any(|allowed| allowed == value),
            "const" => of == value,
            "oneOf" => several().filter(|schema| self.fits(schema, value)).count() == 1,
            "anyOf" => several().any(|schema| self.fits(schema, value)),
            "allOf" => several().all(|schema| self.fits(schema, value)),
            "maxLength" => value
                .as_str()
                .is_none_or(|text| text.chars().count() <= length()),
            "minLength" => value
                .as_str()
                .is_none_or(|text| text.chars().count() >= length()),
            "minimum" => value.as_f64().is_none_or(|value| value >= number()),
            "maximum" => value.as_f64().is_none_or(|value| value <= number()),
            "minItems" => value.as_array().is_none_or(|items| items.len() >= length()),
            "maxItems" => value.as_array().is_none_or(|items| items.len() <= length()),
            "minProperties" => value
                .as_object()
                .is_none_or(|members| members.len() >= length()),
            "uniqueItems" => value.as_array().is_none_or(|items| {
                let earlier = |at: usize| items[..at].contains(&items[at]);
                !(0..items.len()).any(earlier)
            }),
            "items" => {
                let mut items = value.as_array().into_iter().flatten();
                items.all(|item| self.fits(of, item))
            }
            "required" => value.as_object().is_none_or(|members| {
                several().all(|name| members.contains_key(name.as_str().unwrap_or_default()))
            }),
            "properties" => value.as_object().is_none_or(|members| {
                let known = |name: &String, value: &Json| {
                    of.get(name).is_none_or(|schema| self.fits(schema, value))
                };
                members.iter().all(|(name, value)| known(name, value))
            }),
            "additionalProperties" => value.as_object().is_none_or(|members| {
                let known = all.get("properties").and_then(Json::as_object);
                let mut others = members
                    .iter()
                    .filter(|(name, _)| known.is_none_or(|known| !known.contains_key(*name)));
                others.all(|(_, value)| self.fits(of, value))
            }),
            "format" => value.as_str().is_none_or(|text| has_format(of, text)),
            "pattern" => value.as_str().is_none_or(|text| matches(of, text)),
            other => panic!("a keyword that the validator does not know: {other}"),
        }
    }
}

fn is_of_type(of: &Json, value: &Json) -> bool {
    match of.as_str().unwrap_or_default() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no type of JSON Schema: {other}"),
    }
}

fn has_format(of: &Json, text: &str) -> bool {
    match of.as_str().unwrap_or_default() {
        "uuid" => uuid::Uuid::parse_str(text).is_ok(),
        "date" => {
            let form = time::macros::format_description!("[year]-[month]-[day]");
            Date::parse(text, form).is_ok()
        }
        "date-time" => OffsetDateTime::parse(text, &Rfc3339).is_ok(),
        "email" => {
            text.split_once('@')
                .is_some_and(|(_, host)| host.contains('.'))
                && !text.contains(' ')
        }
        "uri" => url::Url::parse(text).is_ok(),
        // Annotations, for those who generate code.
        _ => true,
    }
}

fn matches(of: &Json, text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    match of.as_str().unwrap_or_default() {
        "^-?[0-9]{1,19}$" => digits(unsigned) && unsigned.len() <= 19,
        "^-?[0-9]+(\\.[0-9]+)?$" => match unsigned.split_once('.') {
            Some((whole, part)) => digits(whole) && digits(part),
            None => digits(unsigned),
        },
        other => match digits_of_decimal(other) {
            Some((whole, part)) => is_decimal(unsigned, whole, part),
            None => panic!("a pattern that the validator does not know: {other}"),
        },
    }
}

/// The digits before and after the point of a pattern of decimals.
fn digits_of_decimal(pattern: &str) -> Option<(usize, usize)> {
    let rest = pattern.strip_prefix("^-?0*[0-9]{1,")?;
    let (whole, rest) = rest.split_once("}(\\.[0-9]{1,")?;
    let part = rest.strip_suffix("}0*)?$")?;
    Some((whole.parse().ok()?, part.parse().ok()?))
}

fn is_decimal(text: &str, most_whole: usize, most_part: usize) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let (leading, trailing) = (whole.trim_start_matches('0'), part.trim_end_matches('0'));
    digits(whole) && digits(part) && leading.len() <= most_whole && trailing.len() <= most_part
}
