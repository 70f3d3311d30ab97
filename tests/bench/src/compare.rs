//! Whether both servers answer the same data, before anything is measured.

use serde_json::Value as Json;

use crate::{
    Result,
    children::Child,
    http,
    workload::{Side, Workload},
};

/// How many requests are compared.
const COMPARED: usize = 5;

/// Asks both servers the same and fails where the data differ.
pub(crate) async fn check(
    workload: Workload,
    servers: &[Child; 2],
    requests: &[Vec<Vec<u8>>; 2],
) -> Result<()> {
    let [relata, baseline] = requests;
    let step = relata.len().div_ceil(COMPARED).max(1);
    for (relata, baseline) in relata.iter().zip(baseline).step_by(step) {
        let mut answers = Vec::new();
        for (server, request) in servers.iter().zip([relata, baseline]) {
            let answer = http::ask(server.address, request).await?;
            answers.push(serde_json::from_slice::<Json>(&answer)?);
        }
        let data: Vec<Json> = answers
            .iter()
            .map(|answer| what_counts(workload, answer))
            .collect();
        if data[0] != data[1] || data[0].is_null() {
            let (relata, baseline) = (&data[0], &data[1]);
            let sides = Side::ALL;
            return Err(format!("{workload:?}: {sides:?} differ:\n{relata}\n{baseline}").into());
        }
    }
    Ok(())
}

/// The answer without what each server words in its own way: cursors, and what is new in each record.
fn what_counts(workload: Workload, answer: &Json) -> Json {
    match workload {
        Workload::Get => answer.clone(),
        Workload::List => {
            let mut answer = answer.clone();
            if let Some(page) = answer.get_mut("page").and_then(Json::as_object_mut) {
                for cursor in ["next", "previous"] {
                    let present = page.get(cursor).is_some_and(Json::is_string);
                    page.insert(cursor.to_owned(), present.into());
                }
            }
            answer
        }
        Workload::Tree => answer["data"].clone(),
        Workload::Create => answer["name"].clone(),
    }
}
