//! The file of providers.

use std::path::Path;

use super::{ConfigError, OidcProvider, Secret, parse_providers};

const WHOLE: &str = r#"
- name: corporate
  label: Example Corp
  issuer: https://login.example.com/realm
  clientId: relata
  clientSecretFile: secret
  redirectUris: ["https://app.example.com/signed-in", "http://localhost:3000/signed-in"]
  linkByEmail: true
  newUsers: {roles: [guest], emailDomains: [example.com]}
  secondFactor: trusted
- {"name": "other", "label": "Other", "issuer": "http://127.0.0.1:8081", "clientId": "relata", "redirectUris": ["http://[::1]/"]}
"#;

fn parse(text: &str) -> Result<Vec<OidcProvider>, ConfigError> {
    parse_providers(text, |file| {
        assert_eq!(file, Path::new("secret"));
        Ok(Secret::new("of the file"))
    })
}

#[test]
fn providers_are_a_list_in_yaml_or_json() {
    let providers = parse(WHOLE).expect("a list");
    let [corporate, other] = providers.as_slice() else {
        panic!("two providers: {providers:?}");
    };
    assert_eq!(corporate.client_secret, Some(Secret::new("of the file")));
    assert_eq!(corporate.redirect_uris.len(), 2);
    assert!(corporate.admission.link_by_email);
    assert!(corporate.admission.trusts_second_factor);
    let new_users = corporate.admission.new_users.as_ref();
    assert_eq!(new_users.expect("new users").roles, ["guest"]);
    assert_eq!(other.client_secret, None);
    assert_eq!(other.scopes, ["openid", "email", "profile"]);
    assert!(!other.admission.link_by_email);
    assert!(!other.admission.trusts_second_factor);
    assert!(other.admission.new_users.is_none());
    assert!(parse("[]").expect("none").is_empty());
}

/// What stands in the place of what, and the fault that is told.
const FAULTS: &[(&str, &str, &str)] = &[
    ("name: corporate", "name: Corporate", "[0].name: must be"),
    (
        "\"other\"",
        "\"corporate\"",
        "[1].name: \"corporate\" is taken",
    ),
    ("label: Example Corp", "label: ' '", "[0].label: "),
    (
        "https://login",
        "http://login",
        "[0].issuer: must begin with https://",
    ),
    (
        "/realm",
        "/realm?tenant=1",
        "[0].issuer: must have no query",
    ),
    (
        "https://app.example.com/signed-in",
        "/signed-in",
        "[0].redirectUris[0]: ",
    ),
    (
        "https://app.example.com/signed-in",
        "https://app.example.com/#a",
        "[0].redirectUris[0]: ",
    ),
    ("[\"http://[::1]/\"]", "[]", "[1].redirectUris: must name"),
    (
        "clientSecretFile: secret",
        "clientSecret: 4711",
        "[0]: clientSecret must be a text",
    ),
    (
        "clientSecretFile: secret",
        "clientSecret: ''",
        "[0].clientSecret: is empty",
    ),
    (
        "clientSecretFile: secret",
        "clientSecretFile: secret\n  clientSecret: '4711'",
        "[0].clientSecretFile: can't stand",
    ),
    (
        "linkByEmail: true",
        "linkByEmail: maybe",
        "[0].linkByEmail: invalid type",
    ),
    (
        "linkByEmail: true",
        "linkByMail: true",
        "[0]: unknown field `linkByMail`",
    ),
    (
        "secondFactor: trusted",
        "secondFactor: never",
        "[0].secondFactor: unknown variant",
    ),
    (
        "[example.com]",
        "[]",
        "[0].newUsers.emailDomains: must name",
    ),
    ("[example.com]", "['*']", "[0].newUsers.emailDomains[0]: "),
    (
        "clientId: relata",
        "scopes: [email]\n  clientId: relata",
        "[0].scopes: must contain openid",
    ),
];

#[test]
fn what_is_wrong_is_told_with_its_place_and_no_secret() {
    for (from, to, place) in FAULTS {
        let text = WHOLE.replacen(from, to, 1);
        assert_ne!(text, WHOLE, "{from}");
        let refused = parse(&text).expect_err(to);
        assert_eq!(refused.variable, "RELATA_OIDC_PROVIDERS");
        assert!(refused.message.starts_with(place), "{}", refused.message);
        assert!(!refused.message.contains("4711"), "{}", refused.message);
    }
}
