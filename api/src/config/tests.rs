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

fn with_mail(settings: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::from_lookup(|variable| {
        let set = settings.iter().find(|(name, _)| *name == variable);
        set.map(|(_, text)| (*text).to_owned())
    })
}

#[test]
fn mail_needs_a_server_a_sender_and_a_page() {
    let server = ("RELATA_SMTP_URL", "smtps://mail.example.com");
    let sender = ("RELATA_MAIL_FROM", "Relata <relata@example.com>");
    let page = ("RELATA_RESET_URL", "https://app.example.com/#{token}");
    let config = with_mail(&[server, sender, page]).expect("all of it");
    assert_eq!(config.mail.invitation_url, config.mail.reset_url);
    assert!(with_mail(&[]).expect("nothing").mail.smtp.is_none());
    assert!(with_mail(&[page]).expect("a page").mail.smtp.is_none());
    for (settings, missing) in [
        (&[server, page], "RELATA_MAIL_FROM"),
        (&[server, sender], "RELATA_RESET_URL"),
    ] {
        let refused = with_mail(settings).expect_err("something is missing");
        assert_eq!(refused.variable, missing);
    }
}

#[test]
fn a_page_is_an_address_with_one_place_for_the_token() {
    for text in [
        "https://app.example.com/reset",
        "https://app.example.com/{token}/{token}",
        "/reset?token={token}",
        "javascript:alert('{token}')",
        "https://app.example.com/a b?token={token}",
        "https://app.example.com/\n?token={token}",
    ] {
        let refused = with_mail(&[("RELATA_RESET_URL", text)]).expect_err("no page");
        assert_eq!(refused.variable, "RELATA_RESET_URL", "{text:?}");
    }
    let config = with_mail(&[("RELATA_RESET_URL", "http://localhost/r?t={token}&a=1")]);
    let page = config.expect("a page").mail.reset_url.expect("a page");
    assert_eq!(page.with("abc"), "http://localhost/r?t=abc&a=1");
}
