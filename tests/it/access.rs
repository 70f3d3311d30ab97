//! Access: what a caller may not see must not show in any answer, and what it may not do must not
//! happen. Each case runs for a standard and a custom type, over both faces, as a person and as a key.

mod coverage;
mod explain;
mod index_advice;
mod inheritance;
mod judged_anew;
mod key_addresses;
mod key_changes;
mod key_fields;
mod key_left;
mod key_rotation;
mod key_scopes;
mod keys;
mod known_leaks;
mod lead_credentials;
mod leaks;
mod masked_formulas;
mod masks;
mod matrix;
mod oracles;
mod partner_people;
mod rule_limits;
mod rule_sets;
mod rules;
mod share_bounds;
mod shares;
mod sight;
mod teams;
mod versions;
mod writes;

use crate::support::Response;

/// A name that nothing has, of the same length: `employeeCount` becomes `qmployeeCount`.
pub(crate) fn unknown(name: &str) -> String {
    format!("q{}", &name[1..])
}

/// Fails unless two answers are the same to the byte, status and headers included, once the name (or
/// id) that was asked for is made the same and the id of the request is taken away.
#[track_caller]
pub(crate) fn same(hidden: &Response, names: (&str, &str), missing: &Response) {
    let capital = |name: &str| {
        let (first, rest) = name.split_at(1);
        format!("{}{rest}", first.to_uppercase())
    };
    let plain = |answer: &Response| {
        let id = answer.header("x-request-id").unwrap_or_default();
        let text = answer.text().replace(id, "");
        let text = text.replace(names.0, names.1);
        text.replace(&capital(names.0), &capital(names.1))
    };
    let headers = |answer: &Response| {
        let named = [
            "content-type",
            "etag",
            "location",
            "schema-version",
            "allow",
            "content-length",
        ];
        named.map(|name| answer.header(name).map(str::to_owned))
    };
    assert_eq!(hidden.code(), missing.code(), "{hidden}\n\n{missing}");
    assert_eq!(plain(hidden), plain(missing), "{hidden}\n\n{missing}");
    assert_eq!(headers(hidden), headers(missing), "{hidden}\n\n{missing}");
}
