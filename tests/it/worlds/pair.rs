//! Two worlds, the callers that ask both, and what is known of their ids.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{callers, chance::Chance, compare::Comparison, differences};
use crate::support::{Client, Kind, Options, TestApp};

/// How many records each kind has before the worlds part.
const RECORDS: usize = 18;

/// What the callers of a pair may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// The records of Utrecht.
    Rows,
    /// Of the records of Utrecht some fields, of those of the country NL some others.
    Cells,
    /// The records of Utrecht, and of some fields what masks leave.
    Masked,
    /// The records of the country NL, which they can't write.
    ReadsOnly,
    /// The records of Utrecht: these are shared with their partner, of which the person manages the access.
    Shared,
    /// The records of Utrecht: these belong to somebody in a team below that of the person.
    Team,
}

/// A request to both worlds. Ids that differ between them stand as placeholders.
#[derive(Debug, Clone)]
pub(super) struct Request {
    /// The operation of the table that it is made of.
    pub(super) operation: &'static str,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) body: Json,
    pub(super) headers: Vec<(&'static str, String)>,
}

impl Request {
    /// A request with a method that its operation begins with, or a `POST`.
    pub(super) fn new(operation: &'static str, path: String, body: Json) -> Self {
        let method = operation
            .split_once(' ')
            .map_or("post", |(method, _)| method);
        Self {
            operation,
            method: method.to_uppercase(),
            path,
            body,
            headers: Vec::new(),
        }
    }
}

/// Two worlds.
pub(super) struct Pair {
    _worlds: [TestApp; 2],
    kinds: [Kind; 2],
    callers: Vec<[Client; 2]>,
    acting: usize,
    /// Records of either kind from before, seen or hidden.
    ids: [Vec<String>; 2],
    links: Vec<String>,
    comparison: Comparison,
    /// How many requests of each operation were asked, and how many succeeded.
    asked: BTreeMap<&'static str, [usize; 2]>,
}

impl Pair {
    /// Makes one world, copies it, and lets the copies differ out of sight.
    pub(super) async fn start(sight: Sight, seed: u64) -> Self {
        let app = TestApp::start().await;
        let kinds = Kind::both(&app).await;
        let mut chance = Chance::new(seed);
        let mut ids = [Vec::new(), Vec::new()];
        let mut links = Vec::new();
        for (kind, own) in kinds.into_iter().zip(&mut ids) {
            for number in 0..RECORDS {
                own.push(make(&app, kind, &mut chance, (number, own)).await);
            }
            for _ in 0..RECORDS {
                let (from, to) = (&own[chance.below(RECORDS)], &own[chance.below(RECORDS)]);
                let path = format!("{}/{from}/allies", kind.plural);
                let link = app.admin().link(&path, to, json!({"terms": "t"})).await;
                links.extend(link.json()["id"].as_str().map(str::to_owned));
            }
        }
        let clients = callers::make(&app, sight, (kinds, &ids)).await;
        // Their quotas are told in each answer; the clocks stand still, so that they must not end.
        let options = Options {
            rates: Some("standard=1000000000,anonymous=1000000000"),
            ..Options::default()
        };
        let worlds = app.fork(options).await;
        let known = ids.clone();
        for (number, world) in worlds.iter().enumerate() {
            let hidden = differences::make(world, (sight, number), (kinds, &known), &links).await;
            for (ids, hidden) in ids.iter_mut().zip(hidden) {
                ids.extend(hidden);
            }
        }
        for world in &worlds {
            world.advance(time::Duration::minutes(1));
        }
        let both = |client: &Client| {
            let of = |world: &TestApp| world.anonymous().with_token(client.token());
            [of(&worlds[0]), of(&worlds[1])]
        };
        let callers = clients.iter().map(both).collect();
        Self {
            comparison: Comparison::new(worlds[0].now()),
            _worlds: worlds,
            kinds,
            callers,
            acting: 0,
            ids,
            links,
            asked: BTreeMap::new(),
        }
    }

    pub(super) fn callers(&self) -> usize {
        self.callers.len()
    }

    pub(super) fn act_as(&mut self, caller: usize) {
        self.acting = caller;
    }

    /// One of the two kinds.
    pub(super) fn kind(&self, chance: &mut Chance) -> Kind {
        self.kinds[chance.kind]
    }

    /// The id of a record, or a placeholder for one that was made meanwhile.
    pub(super) fn id(&self, chance: &mut Chance) -> String {
        let made = self.comparison.made();
        if made > 0 && chance.one_in(3) {
            return Comparison::placeholder(chance.below(made));
        }
        if !chance.careful && chance.one_in(4) {
            return chance
                .pick(&["0190a6e2-0000-7000-8000-000000000000", "nothing"])
                .to_owned();
        }
        let other = usize::from(!chance.careful && chance.one_in(4));
        let ids = &self.ids[(chance.kind + other) % 2];
        ids[chance.below(ids.len())].clone()
    }

    /// The id of a link, or a placeholder for something that was made meanwhile.
    pub(super) fn link(&self, chance: &mut Chance) -> String {
        if chance.one_in(2) {
            return self.id(chance);
        }
        self.links[chance.below(self.links.len())].clone()
    }

    /// A placeholder for a cursor that was answered.
    pub(super) fn cursor(&self, chance: &mut Chance) -> Option<String> {
        let cursors = self.comparison.cursors();
        (cursors > 0).then(|| Comparison::cursor_placeholder(chance.below(cursors)))
    }

    /// Sends a request to both worlds and compares the answers.
    pub(super) async fn send(&mut self, request: &Request) {
        let mut answers = Vec::new();
        for (world, client) in self.callers[self.acting].iter().enumerate() {
            let path = self.comparison.filled(&request.path, world);
            let body = self.comparison.filled(&request.body.to_string(), world);
            let method = request.method.parse().expect("a method");
            let mut sent = client.request(method, &path);
            if !request.body.is_null() {
                sent = sent.header("content-type", "application/json").body(body);
            }
            for (name, value) in &request.headers {
                sent = sent.header(*name, value);
            }
            answers.push(client.send(sent).await);
        }
        let succeeded = self.comparison.compare(request, &answers[0], &answers[1]);
        let asked = self.asked.entry(request.operation).or_default();
        asked[0] += 1;
        asked[1] += usize::from(succeeded);
    }

    /// That the program was no idle talk: much was answered, and writes among it.
    pub(super) fn has_learned_something(&self, sight: Sight) {
        let sum = |wanted: &dyn Fn(&str) -> bool, at: usize| -> usize {
            let operations = self.asked.iter().filter(|(operation, _)| wanted(operation));
            operations.map(|(_, counts)| counts[at]).sum()
        };
        let (asked, succeeded) = (sum(&|_| true, 0), sum(&|_| true, 1));
        assert!(
            succeeded * 5 > asked,
            "{succeeded} of {asked}: {:?}",
            self.asked
        );
        assert!(
            self.comparison.saw_records(),
            "no record was answered: {:?}",
            self.asked
        );
        let is_write = |operation: &str| {
            let of_rest =
                operation.contains("/v1/data/{objects}") && !operation.ends_with("/query");
            let of_graphql = operation.contains("Thing");
            of_graphql || (of_rest && !operation.starts_with("get "))
        };
        let expected = match sight {
            Sight::ReadsOnly => 0,
            // Nothing is made, and some of what is there is for reading.
            Sight::Shared => 1,
            Sight::Rows | Sight::Cells | Sight::Masked | Sight::Team => 5,
        };
        assert!(
            sum(&is_write, 1) >= expected,
            "few writes: {:?}",
            self.asked
        );
    }
}

async fn make(
    app: &TestApp,
    kind: Kind,
    chance: &mut Chance,
    (number, ids): (usize, &[String]),
) -> String {
    let mut record = json!({
        "name": format!("n{number}"), "city": chance.pick(&["Utrecht", "Paris", "Rome"]),
        "country": chance.pick(&["NL", "FR", "IT"]), "status": chance.pick(&["active", "inactive"]),
        "listed": chance.one_in(2), "weight": format!("{}.250", chance.below(60)),
        "employeeCount": chance.below(60), "founded": "2020-01-01", "kinds": ["customer"],
        "description": "d", "serial": chance.below(60).to_string(), "externalId": format!("x{number}"),
        "annualRevenue": {"amount": "1", "currency": "EUR"},
    });
    if !ids.is_empty() && chance.one_in(2) {
        record["parent"] = json!(ids[chance.below(ids.len())]);
    }
    app.admin().make(kind.plural, record).await
}
