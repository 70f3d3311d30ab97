//! Telephone numbers of every country, against the answers of the reference library.

use csv::{Reader, ReaderBuilder, StringRecord};
use proptest::prelude::*;
use serde_json::json;

use super::super::{Settings, find_field_type};

fn settings(region: &str) -> Settings {
    Settings {
        region: Some(region.to_owned()).filter(|region| !region.is_empty()),
        ..Settings::default()
    }
}

fn parse(region: &str, text: &str) -> Result<String, String> {
    let phone = find_field_type("phone").expect("the type exists");
    let values = phone.parse(&settings(region), &json!(text))?;
    Ok(values[0].as_text().expect("a text").to_owned())
}

fn rows() -> Vec<StringRecord> {
    let file = include_bytes!("phone_numbers.csv");
    let mut reader: Reader<&[u8]> = ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(file.as_slice());
    reader.records().map(|row| row.expect("a row")).collect()
}

/// The crate takes 00 for the way out of Indonesia, which is 001, 007 and others.
const LENIENT: &[&str] = &["0062218350123", "0062812345678"];

#[test]
fn numbers_of_all_countries_are_stored_as_the_reference_library_writes_them() {
    let mut wrong = Vec::new();
    for row in rows() {
        let (raw, region, e164, extension) = (&row[2], &row[3], &row[4], &row[5]);
        let expected = match extension {
            "" => e164.to_owned(),
            _ => format!("{e164};ext={extension}"),
        };
        let found = parse(region, raw);
        let right = if &row[7] == "1" {
            found == Ok(expected)
        } else {
            region.is_empty() || found.is_err() || LENIENT.contains(&raw)
        };
        if !right {
            wrong.push(format!("{row:?}: {found:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_field_without_a_region_keeps_what_it_cannot_place() {
    for text in ["(503) 555-9831", "030-0074321", "0251-031259", "+31 1"] {
        assert_eq!(parse("", text), Ok(text.to_owned()));
    }
    assert_eq!(parse("", "+31 30 123 4567"), Ok("+31301234567".to_owned()));
    assert_eq!(parse("NL", "030 123 4567"), Ok("+31301234567".to_owned()));
    assert!(parse("NL", "12").is_err());
    let extended = "+31301234567;ext=12";
    assert_eq!(parse("NL", "030-1234567 ext. 12"), Ok(extended.to_owned()));
    assert_eq!(parse("NL", extended), Ok(extended.to_owned()));
    assert_eq!(parse("", extended), Ok(extended.to_owned()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_text_makes_the_parser_panic(
        text in "[+0-9a-zA-Z ()#*,;=:~./-]{0,40}|tel:[+0-9;=a-z-]{0,30}|\\PC{0,40}",
        region in "NL|US|BR|AR|MX|",
    ) {
        let once = parse(&region, &text);
        if let Ok(number) = once {
            prop_assert_eq!(parse(&region, &number), Ok(number), "{} in {:?}", text, region);
        }
    }
}
