//! Settings that are lists.

use super::{Config, ConfigError};

fn with_proxies(text: &str) -> Result<Vec<String>, ConfigError> {
    let lookup = |variable| (variable == "RELATA_TRUSTED_PROXIES").then(|| text.to_owned());
    let config = Config::from_lookup(lookup)?;
    let proxies = config.trusted_proxies.iter();
    Ok(proxies.map(ToString::to_string).collect())
}

#[test]
fn trusted_proxies_are_networks_separated_by_commas() {
    for (text, proxies) in [
        ("", &[] as &[&str]),
        (" , ", &[]),
        ("10.0.0.0/8", &["10.0.0.0/8"]),
        (
            "10.0.0.0/8, 192.0.2.1 ,2001:db8::/32,",
            &["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"],
        ),
    ] {
        let found = with_proxies(text).expect("a list of networks");
        assert_eq!(found, proxies, "{text:?}");
    }
    for text in [
        "*",
        "10.0.0.1/8",
        "10.0.0.0/8 192.0.2.1",
        "proxy.example.com",
    ] {
        let refused = with_proxies(text).expect_err("no list of networks");
        assert_eq!(refused.variable, "RELATA_TRUSTED_PROXIES", "{text:?}");
    }
}
