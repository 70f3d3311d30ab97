//! An application with the demo in its database.

use std::{collections::BTreeMap, sync::Arc};

use api::demo::{self, Outcome};

use super::{Options, PREPARED, Prepared, TestApp, TestClock, prepare, serve};
use crate::support::database::{Database, Once};

/// An application with Northwind, and the API keys of the demo by the names of the organizations.
#[derive(Debug)]
pub(crate) struct TestDemo {
    pub(crate) app: TestApp,
    pub(crate) keys: BTreeMap<String, String>,
}

/// A database with the demo, loaded once in a process.
#[derive(Debug)]
struct Loaded {
    prepared: Prepared,
    keys: BTreeMap<String, String>,
}

static LOADED: Once<Loaded> = Once::const_new();

impl TestApp {
    /// An installation with Northwind in it.
    pub(crate) async fn start_demo() -> TestDemo {
        let loaded = LOADED.get_or_init(load).await;
        let database = Database::copy(&loaded.prepared.template).await;
        TestDemo {
            app: Self::on(database, &loaded.prepared, Options::default()).await,
            keys: loaded.keys.clone(),
        }
    }
}

async fn load() -> Loaded {
    let prepared = PREPARED.get_or_init(prepare).await;
    let database = Database::copy(&prepared.template).await;
    let clock = Arc::new(TestClock::default());
    let (server, _) = serve(&database, Options::default(), &clock).await;
    let outcome = demo::load(server.engine(), &mut |_| ()).await;
    let Outcome::Loaded(keys) = outcome.expect("the demo is loaded") else {
        panic!("the demo was there already");
    };
    let again = demo::load(server.engine(), &mut |_| ()).await;
    assert!(matches!(again, Ok(Outcome::Present)), "{again:?}");
    server.shutdown().await.expect("the server stops");
    let keys = keys.into_iter().map(|key| (key.organization, key.secret));
    Loaded {
        prepared: Prepared {
            template: database.into_template().await,
            token: prepared.token.clone(),
            at: prepared.at,
        },
        keys: keys.collect(),
    }
}
