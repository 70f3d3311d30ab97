//! An application with the demo in its database.

use std::{collections::BTreeMap, sync::Arc};

use api::demo::{self, Issued, Outcome};

use super::{Options, PREPARED, Prepared, TestApp, TestClock, prepare, serve};
use crate::support::database::{Database, Once};

/// An application with Northwind, and what the demo gives to partners, by the names of the organizations.
#[derive(Debug)]
pub(crate) struct TestDemo {
    pub(crate) app: TestApp,
    /// The secrets of their keys.
    pub(crate) keys: BTreeMap<String, String>,
    /// The sign-ins of their people: email and password.
    pub(crate) people: BTreeMap<String, (String, String)>,
}

/// A database with the demo, loaded once in a process.
#[derive(Debug)]
struct Loaded {
    prepared: Prepared,
    issued: Issued,
}

static LOADED: Once<Loaded> = Once::const_new();

impl TestApp {
    /// An installation with Northwind in it.
    pub(crate) async fn start_demo() -> TestDemo {
        let loaded = LOADED.get_or_init(load).await;
        let database = Database::copy(&loaded.prepared.template).await;
        let Issued { keys, people } = loaded.issued.clone();
        let keys = keys.into_iter().map(|key| (key.organization, key.secret));
        let people = people.into_iter().map(|user| {
            let password = user.password.expose().to_owned();
            (user.organization, (user.email, password))
        });
        TestDemo {
            app: Self::on(database, &loaded.prepared, Options::default()).await,
            keys: keys.collect(),
            people: people.collect(),
        }
    }
}

async fn load() -> Loaded {
    let prepared = PREPARED.get_or_init(prepare).await;
    let database = Database::copy(&prepared.template).await;
    let clock = Arc::new(TestClock::default());
    let (server, _) = serve(&database, Options::default(), &clock).await;
    let outcome = demo::load(server.engine(), &mut |_| ()).await;
    let Outcome::Loaded(issued) = outcome.expect("the demo is loaded") else {
        panic!("the demo was there already");
    };
    let again = demo::load(server.engine(), &mut |_| ()).await;
    assert!(matches!(again, Ok(Outcome::Present)), "{again:?}");
    server.shutdown().await.expect("the server stops");
    Loaded {
        prepared: Prepared {
            template: database.into_template().await,
            token: prepared.token.clone(),
            at: prepared.at,
        },
        issued,
    }
}
