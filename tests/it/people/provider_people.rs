//! Whose identity it is that a provider has proven, and who becomes somebody by it.

use serde_json::{Value as Json, json};
use time::Duration;

use super::{
    make_user,
    provider::TestProvider,
    providers::{BY_EMAIL, identities, install, is_refused, me, reasons, sign_in},
    refresh,
    second_factor::{begin, code_of, confirm, secret_of, verify},
};
use crate::support::{Response, Rules, TestApp};

const EMAIL: &str = "ann@example.com";
const PASSWORD: &str = "a password of a test";

/// Checks that all these are the same refusal, and that the log knows their reasons.
async fn are_refused_alike(app: &TestApp, answers: &[(&str, Response)]) {
    let mut expected = Vec::new();
    for (reason, answer) in answers {
        is_refused(answer);
        assert_eq!(answer.json()["detail"], answers[0].1.json()["detail"]);
        expected.push(format!("corporate: {reason}"));
    }
    expected.sort();
    expected.dedup();
    let mut told = reasons(app).await;
    told.sort();
    told.dedup();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn who_has_no_account_learns_nothing_of_those_who_have() {
    let provider = TestProvider::start().await;
    let app = install(&provider, BY_EMAIL).await;
    let mut answers = vec![("unknown", sign_in(&app, &provider).await)];
    make_user(&app, EMAIL, json!({"password": PASSWORD})).await;
    make_user(&app, "kim@example.com", json!({})).await;
    let long = "1".repeat(256);
    for (reason, person) in [
        (
            "unknownWithoutVerifiedEmail",
            json!({"sub": "1", "email": EMAIL}),
        ),
        (
            "unknownWithoutVerifiedEmail",
            json!({"sub": "1", "email": EMAIL, "email_verified": false}),
        ),
        (
            "unknownWithoutVerifiedEmail",
            json!({"sub": "1", "email": EMAIL, "email_verified": "false"}),
        ),
        ("unknownWithoutVerifiedEmail", json!({"sub": "1"})),
        (
            "unknownWithoutVerifiedEmail",
            json!({"sub": "1", "email": "ann@example", "email_verified": true}),
        ),
        // A Kelvin sign becomes a k in lower case, and is none.
        (
            "unknownWithoutVerifiedEmail",
            json!({"sub": "1", "email": "\u{212a}im@example.com", "email_verified": true}),
        ),
        (
            "subject",
            json!({"sub": "", "email": EMAIL, "email_verified": true}),
        ),
        (
            "subject",
            json!({"sub": long, "email": EMAIL, "email_verified": true}),
        ),
    ] {
        provider.inner().person = person;
        answers.push((reason, sign_in(&app, &provider).await));
    }
    are_refused_alike(&app, &answers).await;
    assert_eq!(app.number("SELECT count(*) FROM user_identities").await, 0);
}

#[tokio::test]
async fn only_active_users_sign_in_and_an_address_links_one_identity() {
    let provider = TestProvider::start().await;
    let app = install(&provider, BY_EMAIL).await;
    let user = make_user(&app, EMAIL, json!({"password": PASSWORD})).await;
    let admin = app.admin_anew().await;
    let path = format!("users/{user}");
    let set = async |active: bool| {
        let body = json!({"active": active});
        admin.meta("PATCH", &path, body).await.ok();
    };
    let mut answers = Vec::new();
    set(false).await;
    answers.push(("notActive", sign_in(&app, &provider).await));
    set(true).await;
    sign_in(&app, &provider).await.ok();
    set(false).await;
    answers.push(("notActive", sign_in(&app, &provider).await));
    set(true).await;
    // The address was given to somebody else there.
    provider.inner().person["sub"] = json!("2");
    answers.push(("otherIdentity", sign_in(&app, &provider).await));
    are_refused_alike(&app, &answers).await;
    assert_eq!(identities(&app, &user).await.len(), 1);
}

#[tokio::test]
async fn an_address_links_nobody_unless_the_settings_say_so_and_no_people_of_partners() {
    let provider = TestProvider::start().await;
    let app = install(&provider, "").await;
    make_user(&app, EMAIL, json!({})).await;
    is_refused(&sign_in(&app, &provider).await);
    assert_eq!(reasons(&app).await, ["corporate: notLinked"]);

    let app = install(&provider, BY_EMAIL).await;
    let admin = app.admin();
    let organization = admin
        .make("organizations", json!({"name": "Carrier"}))
        .await;
    let body = json!({"organization": organization, "name": "Carrier"});
    let partner = admin
        .meta("POST", "partners", body)
        .await
        .status(201)
        .json();
    let user = make_user(&app, EMAIL, json!({"partner": partner["id"]})).await;
    is_refused(&sign_in(&app, &provider).await);
    assert_eq!(reasons(&app).await, ["corporate: ofPartner"]);
    // An admin may, and an inactive partner keeps them out.
    let identity = json!({"provider": "corporate", "subject": "248289761001"});
    let path = format!("users/{user}/identities");
    admin.meta("POST", &path, identity).await.status(201);
    sign_in(&app, &provider).await.ok();
    let path = format!("partners/{}", partner["id"].as_str().expect("an id"));
    admin
        .meta("PATCH", &path, json!({"active": false}))
        .await
        .ok();
    is_refused(&sign_in(&app, &provider).await);
}

#[tokio::test]
async fn users_are_made_of_identities_where_the_settings_say_so() {
    let provider = TestProvider::start().await;
    let more = "  newUsers: {roles: [guest], emailDomains: [example.com]}\n";
    let app = install(&provider, more).await;
    // Without the role nobody is made.
    is_refused(&sign_in(&app, &provider).await);
    let role = json!({"name": "guest", "label": "Guest", "permissions": ["manageCurrencies"]});
    let admin = app.admin();
    admin.meta("POST", "roles", role).await.status(201);
    is_refused(&sign_in(&app, &provider).await);
    admin
        .meta("PATCH", "roles/guest", json!({"permissions": []}))
        .await
        .ok();
    provider.inner().person["email"] = json!("ann@sub.example.com");
    is_refused(&sign_in(&app, &provider).await);
    provider.inner().person["email"] = json!("Ann@Example.com");

    let session = sign_in(&app, &provider).await.ok();
    let shown = me(&app, &session).await.ok();
    assert_eq!(shown["email"], EMAIL);
    assert_eq!(shown["name"], "Ann Example");
    assert_eq!(shown["roles"], json!(["guest"]));
    let again = sign_in(&app, &provider).await.ok();
    assert_eq!(me(&app, &again).await.ok()["id"], shown["id"]);
    let log = admin
        .get_path("/v1/meta/audit", "kind=userCreated")
        .await
        .ok();
    let entry = &log["data"][0];
    assert_eq!(entry["object"]["id"], shown["id"]);
    assert_eq!(entry["principal"]["kind"], "system");
    assert_eq!(entry["details"]["provider"], "corporate");
    let mut told = reasons(&app).await;
    told.sort();
    told.dedup();
    assert_eq!(told, ["corporate: rolesOfNewUsers", "corporate: unknown"]);
    // A user with the address is not taken over.
    let app = install(&provider, more).await;
    app.add_role("guest", &Rules::none()).await;
    make_user(&app, EMAIL, json!({})).await;
    is_refused(&sign_in(&app, &provider).await);
    assert_eq!(reasons(&app).await, ["corporate: notLinked"]);
}

#[tokio::test]
async fn two_first_sign_ins_at_once_are_one_user() {
    let provider = TestProvider::start().await;
    for more in [
        BY_EMAIL,
        "  newUsers: {roles: [guest], emailDomains: [example.com]}\n",
    ] {
        let app = install(&provider, more).await;
        app.add_role("guest", &Rules::none()).await;
        if more == BY_EMAIL {
            make_user(&app, EMAIL, json!({})).await;
        }
        let (one, other) = tokio::join!(sign_in(&app, &provider), sign_in(&app, &provider));
        for answer in [&one, &other] {
            assert!([200, 401].contains(&answer.code()), "{one}\n{other}");
        }
        assert!([one.code(), other.code()].contains(&200), "{one}\n{other}");
        sign_in(&app, &provider).await.ok();
        assert_eq!(app.number("SELECT count(*) FROM user_identities").await, 1);
    }
}

#[tokio::test]
async fn a_second_factor_is_asked_for_unless_the_provider_is_trusted_with_it() {
    let provider = TestProvider::start().await;
    for trusted in [false, true] {
        let more = if trusted {
            "  secondFactor: trusted\n"
        } else {
            ""
        };
        let app = install(&provider, &[BY_EMAIL, more].concat()).await;
        let user = make_user(&app, EMAIL, json!({"password": PASSWORD})).await;
        let client = app.sign_in(EMAIL, PASSWORD).await;
        let begun = begin(&client, PASSWORD).await.ok();
        let secret = secret_of(begun["secret"].as_str().expect("a secret"));
        let step = || app.now().unix_timestamp().div_euclid(30);
        confirm(&client, &code_of(&secret, step())).await.ok();
        app.advance(Duration::seconds(60));
        let answer = sign_in(&app, &provider).await.ok();
        let session = if trusted {
            answer
        } else {
            assert!(answer.get("accessToken").is_none(), "{answer}");
            assert_eq!(answer["factors"], json!(["totp", "recoveryCode"]));
            let challenge = answer["challenge"].as_str().expect("a challenge");
            verify(&app, challenge, &code_of(&secret, step()))
                .await
                .ok()
        };
        assert_eq!(me(&app, &session).await.ok()["email"], EMAIL);
        let admin = app.admin_anew().await;
        let log = format!("kind=signIn&principal={user}");
        let log = admin.get_path("/v1/meta/audit", &log).await.ok();
        assert_eq!(log["data"][0]["details"]["provider"], "corporate");
    }
}

#[tokio::test]
async fn an_unlinked_identity_signs_in_no_more() {
    let provider = TestProvider::start().await;
    let app = install(&provider, "").await;
    let user = make_user(&app, EMAIL, json!({})).await;
    let admin = app.admin();
    let path = format!("users/{user}/identities");
    let identity = json!({"provider": "corporate", "subject": "248289761001"});
    let linked = admin.meta("POST", &path, identity.clone()).await;
    let id = linked.status(201).json()["id"].clone();
    let id = id.as_str().expect("an id");
    let location = format!("/v1/meta/{path}/{id}");
    assert_eq!(linked.header("location"), Some(location.as_str()));
    let shown = admin.call("GET", &location, &Json::Null).await;
    assert_eq!(shown.ok(), linked.json());
    // One identity is one user's.
    let other = make_user(&app, "bob@example.com", json!({})).await;
    let taken = format!("users/{other}/identities");
    let taken = admin.meta("POST", &taken, identity.clone()).await;
    taken.problem_at(409, "unique_conflict", "/subject");
    for (body, place) in [
        (json!({"provider": "nobody", "subject": "1"}), "/provider"),
        (json!({"provider": "corporate", "subject": ""}), "/subject"),
        (
            json!({"provider": "corporate", "subject": "a\nb"}),
            "/subject",
        ),
    ] {
        let refused = admin.meta("POST", &path, body).await;
        refused.problem_at(422, "validation_failed", place);
    }
    let session = sign_in(&app, &provider).await.ok();
    let stranger = app.user(&[]).await;
    for (method, path, body) in [
        ("GET", path.clone(), Json::Null),
        ("POST", path.clone(), identity),
        ("GET", format!("{path}/{id}"), Json::Null),
        ("DELETE", format!("{path}/{id}"), Json::Null),
    ] {
        let refused = stranger.meta(method, &path, body).await;
        refused.problem(403, "forbidden");
    }
    let elsewhere = format!("users/{other}/identities/{id}");
    for method in ["GET", "DELETE"] {
        let refused = admin.meta(method, &elsewhere, Json::Null).await;
        refused.problem(404, "not_found");
    }
    me(&app, &session).await.ok();

    let path = format!("{path}/{id}");
    admin.meta("DELETE", &path, Json::Null).await.status(204);
    me(&app, &session).await.problem(401, "unauthenticated");
    refresh(&app, &session)
        .await
        .problem(401, "unauthenticated");
    is_refused(&sign_in(&app, &provider).await);
    for method in ["GET", "DELETE"] {
        let again = admin.meta(method, &path, Json::Null).await;
        again.problem(404, "not_found");
    }
    let log = format!("kind=identityUnlinked&object={user}");
    let log = admin.get_path("/v1/meta/audit", &log).await.ok();
    assert_eq!(
        log["data"][0]["details"]["before"]["subject"],
        "248289761001"
    );
}

#[tokio::test]
async fn a_lead_sees_and_ends_the_identities_of_its_people_and_links_none() {
    let provider = TestProvider::start().await;
    let app = install(&provider, "").await;
    let admin = app.admin();
    let organization = admin
        .make("organizations", json!({"name": "Carrier"}))
        .await;
    let body = json!({"organization": organization, "name": "Carrier"});
    let partner = admin
        .meta("POST", "partners", body)
        .await
        .status(201)
        .json();
    let lead = json!({"name": "lead", "label": "Lead", "permissions": ["managePartnerAccess"]});
    admin.meta("POST", "roles", lead).await.status(201);
    let more = json!({"partner": partner["id"], "roles": ["lead"], "password": PASSWORD});
    make_user(&app, "lead@example.com", more).await;
    let lead = app.sign_in("lead@example.com", PASSWORD).await;
    let own = make_user(&app, EMAIL, json!({"partner": partner["id"]})).await;
    let strange = make_user(&app, "bob@example.com", json!({})).await;
    let identity = |subject| json!({"provider": "corporate", "subject": subject});
    let path = |user: &str| format!("users/{user}/identities");
    let mut ids = Vec::new();
    for (user, subject) in [(&own, "1"), (&strange, "2")] {
        let linked = admin.meta("POST", &path(user), identity(subject)).await;
        let id = linked.status(201).json()["id"].clone();
        ids.push(id.as_str().expect("an id").to_owned());
    }
    // Whether an identity is taken, a lead must not learn.
    for subject in ["2", "3"] {
        let refused = lead.meta("POST", &path(&own), identity(subject)).await;
        refused.problem(403, "forbidden");
    }
    let listed = lead.meta("GET", &path(&own), Json::Null).await.ok();
    assert_eq!(listed["data"][0]["subject"], "1");
    let hidden = lead.meta("GET", &path(&strange), Json::Null).await;
    hidden.problem(404, "not_found");
    let hidden = format!("{}/{}", path(&strange), ids[1]);
    for method in ["GET", "DELETE"] {
        let refused = lead.meta(method, &hidden, Json::Null).await;
        refused.problem(404, "not_found");
    }
    let ended = format!("{}/{}", path(&own), ids[0]);
    let shown = lead.meta("GET", &ended, Json::Null).await.ok();
    assert_eq!(shown, listed["data"][0]);
    lead.meta("DELETE", &ended, Json::Null).await.status(204);
}
