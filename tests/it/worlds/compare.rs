//! Whether two answers are the same but for ids of what the caller has made itself.

use std::collections::HashMap;

use serde_json::Value as Json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::pair::Request;
use crate::support::Response;

/// Headers that differ between any two answers.
const OF_THE_ANSWER: &[&str] = &["date", "x-request-id", "content-length"];
/// Members that hold cursors: these are sealed, so that they differ though they say the same.
const CURSORS: &[&str] = &["next", "previous", "startCursor", "endCursor", "cursor"];
/// The characters of a UUID.
const UUID: usize = 36;

/// What is known of the worlds' ids while a program runs.
#[derive(Debug)]
pub(super) struct Comparison {
    /// The instant in milliseconds at which everything is made since the worlds parted.
    instant: i128,
    made: Vec<[String; 2]>,
    /// The ids of the second world, with those of the first.
    of_first: HashMap<String, String>,
    cursors: Vec<[String; 2]>,
    records: usize,
}

impl Comparison {
    pub(super) fn new(now: OffsetDateTime) -> Self {
        Self {
            instant: now.unix_timestamp_nanos() / 1_000_000,
            made: Vec::new(),
            of_first: HashMap::new(),
            cursors: Vec::new(),
            records: 0,
        }
    }

    /// How many things were made.
    pub(super) fn made(&self) -> usize {
        self.made.len()
    }

    /// How many cursors were answered.
    pub(super) fn cursors(&self) -> usize {
        self.cursors.len()
    }

    /// Whether any record was answered.
    pub(super) fn saw_records(&self) -> bool {
        self.records > 0
    }

    /// What stands in a request for a made thing.
    pub(super) fn placeholder(at: usize) -> String {
        format!("aaaaaaaa-0000-4000-8000-{at:012}")
    }

    /// What stands in a request for a cursor.
    pub(super) fn cursor_placeholder(at: usize) -> String {
        format!("cursor-{at:012}")
    }

    /// A text of a request with the ids and cursors of one world.
    pub(super) fn filled(&self, text: &str, world: usize) -> String {
        let mut text = text.to_owned();
        for (at, ids) in self.made.iter().enumerate() {
            text = text.replace(&Self::placeholder(at), &ids[world]);
        }
        for (at, cursors) in self.cursors.iter().enumerate() {
            text = text.replace(&Self::cursor_placeholder(at), &cursors[world]);
        }
        text
    }

    /// Compares two answers; gives whether they are successes.
    pub(super) fn compare(
        &mut self,
        request: &Request,
        first: &Response,
        second: &Response,
    ) -> bool {
        let told = || format!("{request:?}\n--- one world\n{first}\n--- the other\n{second}");
        assert_eq!(first.code(), second.code(), "the status\n{}", told());
        let text = (first.text(), second.text());
        let parsed = |text: &str| serde_json::from_str::<Json>(text).ok();
        match (parsed(&text.0), parsed(&text.1)) {
            (Some(a), Some(b)) => {
                if let Err(place) = self.walk("", &a, &b) {
                    panic!("a difference at {place}\n{}", told());
                }
            }
            _ => assert_eq!(text.0, self.translated(&text.1), "the body\n{}", told()),
        }
        let headers = |answer: &Response| {
            let all = answer.headers_but(OF_THE_ANSWER);
            all.into_iter()
                .map(|line| self.translated(&line))
                .collect::<Vec<_>>()
        };
        assert_eq!(headers(first), headers(second), "the headers\n{}", told());
        first.code() < 400 && !text.0.contains("\"errors\":")
    }

    fn walk(&mut self, key: &str, a: &Json, b: &Json) -> Result<(), String> {
        match (a, b) {
            (Json::Object(first), Json::Object(second)) => {
                if !first.keys().eq(second.keys()) {
                    return Err(key.to_owned());
                }
                self.records += usize::from(first.contains_key("city"));
                let members = first.iter().filter(|(name, _)| *name != "requestId");
                for (name, value) in members {
                    self.walk(name, value, &second[name])
                        .map_err(|place| format!("{key}/{place}"))?;
                }
                Ok(())
            }
            (Json::Array(first), Json::Array(second)) if first.len() == second.len() => {
                for (at, (a, b)) in first.iter().zip(second).enumerate() {
                    self.walk(&at.to_string(), a, b)
                        .map_err(|place| format!("{key}/{place}"))?;
                }
                Ok(())
            }
            (Json::String(a), Json::String(b)) if CURSORS.contains(&key) => {
                self.cursors.push([a.clone(), b.clone()]);
                Ok(())
            }
            (Json::String(a), Json::String(b)) if self.same_text(a, b) => Ok(()),
            (a, b) if a == b => Ok(()),
            _ => Err(key.to_owned()),
        }
    }

    /// Whether two texts say the same. Two ids of just now are learned to be of the same thing.
    fn same_text(&mut self, a: &str, b: &str) -> bool {
        if self.translated(b) == a {
            return true;
        }
        let known = |id: &String| self.made.iter().flatten().any(|made| made == id);
        let are_new = self.is_new(a) && self.is_new(b);
        if !are_new || known(&a.to_owned()) || known(&b.to_owned()) {
            return false;
        }
        self.of_first.insert(b.to_owned(), a.to_owned());
        self.made.push([a.to_owned(), b.to_owned()]);
        true
    }

    fn is_new(&self, text: &str) -> bool {
        let id = Uuid::parse_str(text).ok().filter(|_| text.len() == UUID);
        let made = id.and_then(|id| id.get_timestamp()).map(|at| at.to_unix());
        made.is_some_and(|(seconds, nanoseconds)| {
            let at = i128::from(seconds) * 1_000 + i128::from(nanoseconds) / 1_000_000;
            at == self.instant
        })
    }

    /// A text of the second world with the ids of the first.
    fn translated(&self, text: &str) -> String {
        let found = self
            .of_first
            .iter()
            .filter(|(second, _)| text.contains(*second));
        found.fold(text.to_owned(), |text, (second, first)| {
            text.replace(second, first)
        })
    }
}
