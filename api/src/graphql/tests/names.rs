//! Names are handed out once.

use crate::graphql::schema::Claims;

#[test]
fn a_name_that_is_taken_gets_an_underscore() {
    let mut claims = Claims::default();
    assert_eq!(claims.claim("Date"), "Date");
    assert_eq!(claims.claim("Date"), "Date_");
    assert_eq!(claims.claim("Date"), "Date__");
}
