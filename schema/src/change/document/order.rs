//! The order of fields that are made of others: each after those that it names.

use serde_json::Value as Json;

use super::Entry;

/// The operations in an order in which no field comes before one that it names. Names are told apart by
/// their words alone, so that a field may wait for another of the same name on another type: that does
/// no harm. What waits for itself comes at the end, for the engine to refuse.
pub(super) fn in_order(mut waiting: Vec<(Json, Entry)>) -> Vec<Json> {
    let mut ordered = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let names: Vec<String> = waiting.iter().map(|(_, field)| name(field)).collect();
        let is_free = |field: &Entry| {
            let words = words(field);
            names
                .iter()
                .filter(|other| **other != name(field))
                .all(|other| !words.contains(other))
        };
        let (free, rest): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|(_, field)| is_free(field));
        if free.is_empty() {
            ordered.extend(rest.into_iter().map(|(operation, _)| operation));
            return ordered;
        }
        ordered.extend(free.into_iter().map(|(operation, _)| operation));
        waiting = rest;
    }
    ordered
}

fn name(field: &Entry) -> String {
    let name = field.get("name").and_then(Json::as_str);
    name.unwrap_or_default().to_owned()
}

/// The words of all texts and keys of a field, but of its own name and of what people read.
fn words(field: &Entry) -> Vec<String> {
    let mut words = Vec::new();
    let told = field.iter().filter(|(key, _)| {
        !matches!(
            key.as_str(),
            "id" | "name" | "label" | "labels" | "help" | "helps"
        )
    });
    for (_, value) in told {
        collect(value, &mut words);
    }
    words
}

fn collect(value: &Json, words: &mut Vec<String>) {
    match value {
        Json::String(text) => words.extend(
            text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
                .map(str::to_owned),
        ),
        Json::Array(items) => items.iter().for_each(|item| collect(item, words)),
        Json::Object(members) => {
            for (key, value) in members {
                words.push(key.clone());
                collect(value, words);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}
