//! The codes of RFC 6238, and what is typed.

use time::OffsetDateTime;

use super::{TotpSecret, TypedCode, random_recovery_codes};

fn secret() -> TotpSecret {
    TotpSecret(b"12345678901234567890".to_vec())
}

fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap()
}

#[test]
fn the_codes_are_those_of_rfc_6238() {
    // Appendix B, SHA-1; the last six of its eight digits.
    for (seconds, code) in [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ] {
        assert_eq!(secret().code(seconds / 30).as_deref(), Some(code));
        let step = secret().matching_step(code, at(seconds), None);
        assert_eq!(step, Some(seconds / 30));
    }
}

#[test]
fn a_code_is_good_one_step_around_and_once() {
    let code = secret().code(100).unwrap();
    for (step, good) in [
        (98, false),
        (99, true),
        (100, true),
        (101, true),
        (102, false),
    ] {
        let found = secret().matching_step(&code, at(step * 30), None);
        assert_eq!(found.is_some(), good, "{step}");
    }
    for (last, good) in [(98, true), (99, true), (100, false), (101, false)] {
        let found = secret().matching_step(&code, at(3_000), Some(last));
        assert_eq!(found.is_some(), good, "{last}");
    }
    for code in ["", "00000", "1234567"] {
        assert_eq!(secret().matching_step(code, at(3_000), None), None);
    }
}

#[test]
fn a_secret_is_written_in_base32() {
    // RFC 4648, section 10, and the secret of RFC 6238.
    for (bytes, text) in [
        ("foobar", "MZXW6YTBOI"),
        ("fooba", "MZXW6YTB"),
        ("12345678901234567890", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
    ] {
        assert_eq!(TotpSecret(bytes.into()).text(), text);
    }
    let random = TotpSecret::random();
    assert!(TotpSecret::parse(&random.text()) == Some(random));
    assert!(TotpSecret::parse("no base32!").is_none());
    assert_eq!(
        secret().uri("ann+b c@example.com"),
        "otpauth://totp/Relata:ann%2Bb%20c%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
         &issuer=Relata&algorithm=SHA1&digits=6&period=30"
    );
}

#[test]
fn blanks_and_dashes_in_a_code_are_for_the_eye() {
    let totp = |text: &str| TypedCode::Totp(text.to_owned());
    assert_eq!(TypedCode::read(" 123 456 "), totp("123456"));
    assert_eq!(TypedCode::read("123-456"), totp("123456"));
    for text in ["12345", "1234567", "12345a", ""] {
        assert!(
            matches!(TypedCode::read(text), TypedCode::Recovery(_)),
            "{text}"
        );
    }
    let codes = random_recovery_codes();
    assert_eq!(codes.len(), 10);
    for (code, hash) in &codes {
        assert_eq!(code.reveal().len(), 19, "{}", code.reveal());
        for typed in [
            code.reveal().to_owned(),
            code.reveal().replace('-', ""),
            code.reveal().to_uppercase(),
        ] {
            assert_eq!(TypedCode::read(&typed), TypedCode::Recovery(hash.clone()));
        }
    }
}
