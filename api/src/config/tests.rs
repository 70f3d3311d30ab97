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

fn with(variable: &'static str, text: &str) -> Result<Config, ConfigError> {
    Config::from_lookup(|asked| (asked == variable).then(|| text.to_owned()))
}

#[test]
fn rate_limits_are_units_by_class_or_off() {
    const RATES: &str = "RELATA_RATE_LIMITS";
    let default = with(RATES, "").expect("no setting").rate_limits;
    let default = default.expect("limits");
    assert_eq!(default.standard, 12_000);
    let set = with(RATES, " standard=30, anonymous = 7 ,").expect("limits");
    let set = set.rate_limits.expect("limits");
    assert_eq!((set.standard, set.anonymous, set.low), (30, 7, default.low));
    assert_eq!(with(RATES, " off ").expect("off").rate_limits, None);
    for text in [
        "on",
        "30",
        "standard",
        "standard=",
        "standard=0",
        "standard=-1",
        "unlimited=5",
        "standard=off",
    ] {
        let refused = with(RATES, text).expect_err("no limits");
        assert_eq!(refused.variable, RATES, "{text:?}");
    }
}

#[test]
fn numbers_of_requests_are_at_least_one() {
    for variable in [
        "RELATA_MAX_REQUESTS",
        "RELATA_MAX_REQUESTS_PER_CALLER",
        "RELATA_HEADER_TIMEOUT",
    ] {
        for text in ["0", "-1", "many", "99999999999999999999"] {
            let refused = with(variable, text).expect_err("no number");
            assert_eq!(refused.variable, variable, "{text:?}");
        }
        with(variable, "1").expect("a number");
    }
}
