//! `file`: what is known of a file. Where its bytes are is not said here.

use serde_json::{Value as Json, json};

use super::{FieldType, Part, Presence, Scalar, Settings, composite, expect_text, number};
use crate::value::{Storage, Value};

/// Name, media type, size and checksum of a file.
#[derive(Debug)]
pub(super) struct File;

const NAME: usize = 0;
const MIME_TYPE: usize = 1;
const SIZE: usize = 2;

impl FieldType for File {
    fn name(&self) -> &'static str {
        "file"
    }

    fn parts(&self, _: &Settings) -> Vec<Part> {
        let text = |names, presence| Part::member(names, Storage::Text, Scalar::Text, presence);
        let size = ("size", "_size");
        vec![
            text(("name", ""), Presence::Required),
            text(("mimeType", "_mime_type"), Presence::Required),
            Part::member(
                size,
                Storage::BigInteger,
                Scalar::BigInt,
                Presence::Required,
            ),
            text(("checksum", "_checksum"), Presence::Optional),
        ]
    }

    /// An operand may be any part of a text.
    fn parse_part(&self, settings: &Settings, part: usize, json: &Json) -> Result<Value, String> {
        if part == SIZE {
            return number::BigInteger.parse_part(settings, 0, json);
        }
        composite::parse_text(json)
    }

    fn parse_value(&self, settings: &Settings, json: &Json) -> Result<Vec<Value>, String> {
        let values = composite::parse(self, settings, json)?;
        if let Some(Value::Text(name)) = values.get(NAME)
            && (name.trim().is_empty()
                || name.contains(['/', '\\'])
                || name.contains(char::is_control))
        {
            return Err("name must be the name of a file, without a path".to_owned());
        }
        if let Some(Value::Text(mime_type)) = values.get(MIME_TYPE)
            && !is_media_type(mime_type)
        {
            return Err("mimeType must be a media type such as \"application/pdf\"".to_owned());
        }
        if let Some(Value::Integer(size)) = values.get(SIZE)
            && *size < 0
        {
            return Err("size must not be negative".to_owned());
        }
        let checksum = json.get("checksum").filter(|sent| !sent.is_null());
        match checksum.map(expect_text).transpose()? {
            Some(checksum) if !is_checksum(checksum) => Err(
                "checksum must be \"sha256:\" and 64 hexadecimal digits in lower case".to_owned(),
            ),
            Some(_) | None => Ok(values),
        }
    }

    fn example(&self, _: &Settings) -> Json {
        json!({"name": "offer.pdf", "mimeType": "application/pdf", "size": "48213"})
    }
}

fn is_media_type(text: &str) -> bool {
    let is_name = |name: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
        !name.is_empty() && name.bytes().all(plain)
    };
    text.split_once('/')
        .is_some_and(|(kind, subtype)| is_name(kind) && is_name(subtype))
}

fn is_checksum(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.strip_prefix("sha256:")
        .is_some_and(|digits| digits.len() == 64 && digits.bytes().all(is_digit))
}
