//! The chain holds with many writers, and shows what was changed, taken out or moved.

use api::{Config, Secret, cli};
use serde_json::json;

use super::all;
use crate::support::{Rules, TestApp, is_postgres};

/// Runs `relata audit verify`; what it finds wrong, as text.
async fn verify(url: &str, more: &[&str]) -> Result<(), String> {
    let words = [&["audit", "verify"], more].concat();
    let arguments = cli::Arguments::of(&words).expect("a command");
    let config = Config {
        database_url: Secret::new(url),
        ..Config::default()
    };
    let ran = cli::execute(arguments, config).await;
    ran.map_err(|error| error.to_string())
}

/// Takes the triggers away, as whoever owns the database can.
async fn unguard(app: &TestApp) {
    let triggers: &[&str] = if is_postgres() {
        &[
            "DROP TRIGGER audit_entries_stay ON audit_entries",
            "DROP TRIGGER audit_head_grows ON audit_head",
        ]
    } else {
        &[
            "DROP TRIGGER audit_entries_no_update",
            "DROP TRIGGER audit_entries_no_delete",
            "DROP TRIGGER audit_head_grows",
        ]
    };
    for trigger in triggers {
        app.sql(trigger).await;
    }
}

/// An application with some entries, stopped, and its address.
async fn stopped() -> (TestApp, String) {
    let mut app = TestApp::start().await;
    for name in ["one", "two", "three", "four"] {
        app.add_role(name, &Rules::none().read("organization"))
            .await;
    }
    let url = app.stop().await;
    assert_eq!(verify(&url, &[]).await, Ok(()));
    (app, url)
}

#[tokio::test]
async fn the_chain_holds_with_many_writers_on_two_nodes() {
    let app = TestApp::start().await;
    let before = all(&app).await.len();
    let node = app.another_node().await;
    let stranger = app.user(&[]).await;
    let writers = (0..12).map(|number| {
        let admin = [app.admin(), node.admin()][number % 2].clone();
        let stranger = admin.with_token(stranger.token());
        async move {
            for round in 0..4 {
                let name = format!("role{number}x{round}");
                let role = json!({"name": name, "label": "Made by many"});
                admin.meta("POST", "roles", role).await.status(201);
                stranger.meta("GET", "keys", json!(null)).await.status(403);
                let email = format!("nobody{round}@example.com");
                let login = json!({"email": email, "password": "not this one"});
                let login = admin.call("POST", "/v1/auth/login", &login);
                if round == 0 {
                    login.await.status(401);
                }
            }
        }
    });
    futures::future::join_all(writers).await;
    node.admin()
        .get_path("/v1/meta/audit", "limit=1")
        .await
        .ok();
    let entries = all(&app).await;
    let places = entries.iter().map(|entry| entry["sequence"].as_i64());
    let expected = 1..=i64::try_from(entries.len()).expect("a count");
    assert!(places.eq(expected.map(Some)), "{entries:#?}");
    for pair in entries.windows(2) {
        assert_eq!(pair[1]["previousHash"], pair[0]["hash"]);
    }
    let made = entries
        .iter()
        .filter(|entry| entry["kind"] == "roleCreated");
    assert_eq!(made.count(), 48);
    // A user, its session, and what was refused: told at once by each node, and later counted.
    assert!(entries.len() - before >= 48 + 2 + 4, "{entries:#?}");
    let mut app = app;
    drop(node);
    let url = app.stop().await;
    assert_eq!(verify(&url, &[]).await, Ok(()));
}

#[tokio::test]
async fn what_was_changed_taken_out_or_moved_is_named() {
    let cases: [(&[&str], &str); 5] = [
        (
            &["UPDATE audit_entries SET details = '{}' WHERE sequence = 3"],
            "entry 3 does not fit: it was changed",
        ),
        (
            &[
                "UPDATE audit_entries SET principal_id = NULL, principal_kind = 'system' WHERE sequence = 4",
            ],
            "entry 4 does not fit: it was changed",
        ),
        (
            &["DELETE FROM audit_entries WHERE sequence = 3"],
            "entry 3 does not fit: it is missing",
        ),
        (
            &[
                "UPDATE audit_entries SET sequence = -1 WHERE sequence = 3",
                "UPDATE audit_entries SET sequence = 3 WHERE sequence = 4",
                "UPDATE audit_entries SET sequence = 4 WHERE sequence = -1",
            ],
            "entry 3 does not fit: it was changed",
        ),
        (
            &["DELETE FROM audit_entries WHERE sequence > 5"],
            "entry 6 does not fit: it is missing",
        ),
    ];
    for (statements, expected) in cases {
        let (app, url) = Box::pin(stopped()).await;
        unguard(&app).await;
        for statement in statements {
            app.sql(statement).await;
        }
        let found = verify(&url, &[]).await.expect_err("it is broken");
        assert!(found.contains(expected), "{statements:?}: {found}");
    }
}

#[tokio::test]
async fn a_noted_hash_shows_that_the_end_was_cut_off() {
    let mut app = TestApp::start().await;
    app.add_role("one", &Rules::none().read("organization"))
        .await;
    let entries = all(&app).await;
    let noted = entries.last().expect("an entry")["hash"].clone();
    let noted = noted.as_str().expect("a hash");
    app.add_role("two", &Rules::none()).await;
    let url = app.stop().await;
    assert_eq!(verify(&url, &["--head", noted]).await, Ok(()));

    unguard(&app).await;
    app.sql("DELETE FROM audit_entries WHERE sequence > 2")
        .await;
    app.sql(
        "UPDATE audit_head SET sequence = 2, hash = (SELECT hash FROM audit_entries WHERE sequence = 2)",
    )
    .await;
    assert_eq!(verify(&url, &[]).await, Ok(()));
    let found = verify(&url, &["--head", noted])
        .await
        .expect_err("it is cut");
    assert!(found.contains("no entry has the hash of --head"), "{found}");
    let found = verify(&url, &["--head", "nonsense"])
        .await
        .expect_err("no hash");
    assert!(found.contains("64 hexadecimal digits"), "{found}");
}

#[tokio::test]
async fn the_database_lets_the_log_only_grow() {
    let app = TestApp::start().await;
    app.add_role("one", &Rules::none()).await;
    let before = all(&app).await;
    for statement in [
        "UPDATE audit_entries SET kind = 'signIn'",
        "UPDATE audit_entries SET sequence = 1000 WHERE sequence = 1",
        "DELETE FROM audit_entries",
        "DELETE FROM audit_entries WHERE sequence = 1",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET sequence = 0",
        "UPDATE audit_head SET id = 2, sequence = 1000",
    ] {
        assert!(app.refuses(statement).await, "{statement}");
    }
    let own = if is_postgres() {
        "TRUNCATE audit_entries"
    } else {
        "INSERT OR REPLACE INTO audit_entries SELECT * FROM audit_entries WHERE sequence = 1"
    };
    assert!(app.refuses(own).await);
    assert_eq!(all(&app).await, before);
}
