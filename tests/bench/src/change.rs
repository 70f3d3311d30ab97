//! Changes of the schema while clients read and write without pause: what it does to their requests.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::{Duration, Instant},
};

use serde_json::{Value as Json, json};
use tokio::task::LocalSet;

use crate::{
    Result,
    http::{self, Connection},
    options::{Kind, Options},
    report::{quantile, say},
    scratch::{Scratch, Service, median, milliseconds},
};

/// How many clients ask at once.
const CLIENTS: usize = 8;
/// How many changesets run one after another.
const CHANGESETS: usize = 100;
/// How long it is quiet before.
const QUIET: Duration = Duration::from_secs(10);
/// How many records there are at the beginning.
const RECORDS: usize = 500;

/// What the clients have seen so far.
#[derive(Default)]
struct Seen {
    latencies: RefCell<Vec<u32>>,
    failures: Cell<u64>,
    first_failure: RefCell<Option<String>>,
    ends: Cell<bool>,
}

impl Seen {
    /// The latencies up to now, sorted; what comes next is counted anew.
    fn take(&self) -> Vec<u32> {
        let mut latencies = std::mem::take(&mut *self.latencies.borrow_mut());
        latencies.sort_unstable();
        latencies
    }
}

/// What was measured.
struct Measured {
    quiet: Vec<u32>,
    meanwhile: Vec<u32>,
    changes: Vec<Duration>,
}

/// Measures the requests while it is quiet, then meanwhile.
pub(crate) async fn run(kind: Kind, options: &Options) -> Result<()> {
    let scratch = Scratch::new(kind, options).await?;
    let service = scratch.serve().await?;
    let ids: Rc<[String]> = fill(&service).await?.into();
    let seen = Rc::new(Seen::default());
    let local = LocalSet::new();
    let measured = local.run_until(measure(&service, (ids, Rc::clone(&seen))));
    let mut measured = measured.await?;
    let middle = median(&mut measured.changes);
    let greatest = measured.changes.last().copied().unwrap_or_default();
    say("");
    say(&format!(
        "{kind:?}: {CHANGESETS} changesets one after another beside {CLIENTS} clients; \
         one takes {middle:.1} ms (median), {:.1} ms at most",
        milliseconds(greatest)
    ));
    print(&measured, &seen);
    drop(service);
    scratch.drop(options).await
}

/// The type that the clients ask for, and the ids of its first records.
async fn fill(service: &Service) -> Result<Vec<String>> {
    let fields = json!([{"name": "title", "type": "text"}, {"name": "number", "type": "integer"},
        {"name": "price", "type": "money"}]);
    let thing =
        json!({"op": "addObjectType", "name": "thing", "plural": "things", "fields": fields});
    service.change(&[thing]).await?;
    let mut ids = Vec::with_capacity(RECORDS);
    for number in 0..RECORDS {
        let body = values(number);
        let (made, _) = service.send("POST", "/v1/data/things", &body).await?;
        ids.push(made["id"].as_str().unwrap_or_default().to_owned());
    }
    Ok(ids)
}

async fn measure(service: &Service, (ids, seen): (Rc<[String]>, Rc<Seen>)) -> Result<Measured> {
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let whom = (service.child.address, service.token.clone());
            let asking = ask(client, whom, (Rc::clone(&ids), Rc::clone(&seen)));
            tokio::task::spawn_local(asking)
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(2)).await;
    seen.take();
    tokio::time::sleep(QUIET).await;
    let quiet = seen.take();
    let changes = change(service).await;
    let meanwhile = seen.take();
    seen.ends.set(true);
    for client in clients {
        client.await??;
    }
    Ok(Measured {
        quiet,
        meanwhile,
        changes: changes?,
    })
}

fn print(measured: &Measured, seen: &Seen) {
    let Measured {
        quiet, meanwhile, ..
    } = measured;
    say("| | requests | p50 ms | p99 ms | greatest ms |");
    say("| --- | ---: | ---: | ---: | ---: |");
    for (what, latencies) in [("quiet", quiet), ("meanwhile", meanwhile)] {
        let greatest = latencies.last().copied().unwrap_or_default();
        say(&format!(
            "| {what} | {} | {:.2} | {:.2} | {:.1} |",
            latencies.len(),
            quantile(latencies, 50),
            quantile(latencies, 99),
            f64::from(greatest) / 1_000.0,
        ));
    }
    let ratio = |percent| quantile(meanwhile, percent) / quantile(quiet, percent);
    say(&format!(
        "ratio of p50 {:.2}, of p99 {:.2} (aim: less than 5); failures {} (aim: 0)",
        ratio(50),
        ratio(99),
        seen.failures.get()
    ));
    if let Some(failure) = &*seen.first_failure.borrow() {
        say(failure);
    }
}

/// One client: lists, reads, creates and changes in turn until it is told to end.
async fn ask(
    client: usize,
    (address, token): (std::net::SocketAddr, String),
    (ids, seen): (Rc<[String]>, Rc<Seen>),
) -> Result<()> {
    let mut connection = Connection::open(address).await?;
    let mut turn = client * 101;
    while !seen.ends.get() {
        turn += 1;
        let one = format!("/v1/data/things/{}", ids[turn % ids.len()]);
        let request = match turn % 4 {
            0 => http::get(
                "/v1/data/things?limit=20&sort=-number&fields=title,number,price",
                &token,
            ),
            1 => http::get(&one, &token),
            2 => http::post("/v1/data/things", Some(&token), &values(turn).to_string()),
            _ => {
                let patch = json!({"number": turn}).to_string();
                http::send("PATCH", &one, Some(&token), &patch)
            }
        };
        let asked = Instant::now();
        if let Err(error) = connection.ask(&request).await {
            seen.failures.set(seen.failures.get() + 1);
            seen.first_failure
                .borrow_mut()
                .get_or_insert_with(|| error.to_string());
            connection = Connection::open(address).await?;
        }
        let latency = u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX);
        seen.latencies.borrow_mut().push(latency);
    }
    Ok(())
}

/// The changesets: fields of the very type that the clients use come, get another name and go, and
/// types come.
async fn change(service: &Service) -> Result<Vec<Duration>> {
    let mut times = Vec::with_capacity(CHANGESETS);
    for number in 0..CHANGESETS {
        let of = number / 4;
        let operation = match number % 4 {
            0 => json!({"op": "addField", "object": "thing",
                "field": {"name": format!("extra{of}"), "type": "text"}}),
            1 => json!({"op": "updateField", "object": "thing", "field": format!("extra{of}"),
                "name": format!("other{of}")}),
            2 => {
                json!({"op": "addObjectType", "name": format!("kind{of}"), "plural": format!("kinds{of}"),
                "fields": [{"name": "name", "type": "text"}]})
            }
            _ => json!({"op": "deleteField", "object": "thing", "field": format!("other{of}")}),
        };
        times.push(service.change(&[operation]).await?);
    }
    Ok(times)
}

fn values(number: usize) -> Json {
    json!({"title": format!("thing {number}"), "number": number, "price": {"amount": "12.50", "currency": "EUR"}})
}
