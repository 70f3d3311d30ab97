//! The pattern that the texts of a field must match: a regular expression that runs in linear time,
//! compiled once for all catalogs that share the field.

use std::sync::{Arc, OnceLock};

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

/// The longest pattern.
const MAX_LENGTH: usize = 500;
/// The most memory that a compiled pattern takes.
const MAX_BYTES: usize = 256 * 1024;

/// A regular expression as an admin wrote it. It is anchored: a text must match as a whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Pattern {
    text: String,
    compiled: Arc<OnceLock<Option<Regex>>>,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        Self {
            text,
            compiled: Arc::default(),
        }
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.text
    }
}

impl Pattern {
    /// The expression as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The expression with its anchors, for documents of other systems.
    pub fn anchored(&self) -> String {
        format!("^(?:{})$", self.text)
    }

    /// Checks that it is a regular expression of bounded size. The message says what is wrong.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.text.len() > MAX_LENGTH {
            return Err(format!("pattern must have at most {MAX_LENGTH} bytes"));
        }
        // By itself first: the anchors could make sense of parentheses that match nothing.
        for text in [self.text.clone(), whole(&self.text)] {
            if let Err(error) = compile(&text) {
                let reason = error.to_string();
                let reason = reason.lines().last().unwrap_or_default();
                return Err(format!("pattern is no regular expression: {reason}"));
            }
        }
        Ok(())
    }

    /// Whether the whole text matches. An expression that does not compile matches nothing.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let compiled = self
            .compiled
            .get_or_init(|| compile(&whole(&self.text)).ok());
        compiled.as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

fn whole(text: &str) -> String {
    format!(r"\A(?:{text})\z")
}

fn compile(text: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text)
        .size_limit(MAX_BYTES)
        .dfa_size_limit(MAX_BYTES)
        .build()
}
