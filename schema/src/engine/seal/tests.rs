//! What is sealed opens for its field alone.

use super::Sealer;
use crate::{
    id::FieldId,
    value::{Secret, Value},
};

#[test]
fn a_sealed_secret_opens_under_its_key_and_for_its_field_alone() {
    let (key, other) = ([7_u8; 32], [8_u8; 32]);
    let field = FieldId::standard("organization", "key");
    let sealer = Sealer::new(&key).expect("a key");
    let secret = Value::Secret(Secret::new("open sesame"));
    let sealed = sealer.seal(field, &secret).expect("a sealed text");
    let sealed = sealed.as_text().expect("a text");
    assert!(!sealed.contains("sesame"), "{sealed}");
    assert_eq!(
        sealer.open_for(&field.to_string(), sealed).as_deref(),
        Some("open sesame")
    );
    let again = sealer.seal(field, &secret).expect("a sealed text");
    assert_ne!(again.as_text(), Some(sealed), "two of the same differ");
    let elsewhere = FieldId::standard("organization", "other");
    assert_eq!(sealer.open_for(&elsewhere.to_string(), sealed), None);
    let stranger = Sealer::new(&other).expect("a key");
    assert_eq!(stranger.open_for(&field.to_string(), sealed), None);
    assert_eq!(format!("{secret:?}"), "Secret(Secret)");
}
