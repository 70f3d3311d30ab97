//! The guard: what would be dear is refused before anything walks it, what clients send passes.

use async_graphql::parser::parse_query;

use crate::{
    code::Code,
    graphql::guard::{check_document, check_text},
};

/// The code with which a document is refused; `None` when it passes.
fn verdict(text: &str) -> Option<Code> {
    if let Err(error) = check_text(text) {
        return Some(error.code());
    }
    let document = parse_query(text).expect("the document parses");
    check_document(&document).err().map(|error| error.code())
}

fn nested(levels: usize) -> String {
    format!("{}a{}", "{a".repeat(levels), "}".repeat(levels))
}

/// Each fragment spreads the next one twice.
fn bomb(fragments: usize) -> String {
    use std::fmt::Write as _;
    let mut text = String::from("{ ...f0 }");
    for at in 0..fragments {
        let next = at + 1;
        write!(text, " fragment f{at} on Query {{ ...f{next} ...f{next} }}").expect("text grows");
    }
    text + &format!(" fragment f{fragments} on Query {{ a }}")
}

#[test]
fn usual_documents_pass() {
    for text in [
        "{ organizations(first: 20) { nodes { id people(first: 10) { nodes { id } } } } }",
        "query Q($f: OrganizationFilter = {name: {eq: \"{[(\"}}) { organizations(filter: $f) { totalCount } }",
        "{ a # {{{{\n }",
        "{ a(b: \"\"\"{{{{\"\"\") }",
    ] {
        assert_eq!(verdict(text), None, "{text}");
    }
}

#[test]
fn ten_thousand_brackets_do_not_reach_the_parser() {
    assert_eq!(verdict(&nested(10_000)), Some(Code::QueryTooLarge));
    let list = format!("{{ a(b: {}{}) }}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(verdict(&list), Some(Code::QueryTooLarge));
}

#[test]
fn a_bracket_behind_a_stray_quote_counts() {
    for quote in ["\"", "\"\"\"", "\"\\"] {
        let text = format!("{{ a(b: {quote}\n {}", "[".repeat(10_000));
        let refused = check_text(&text).expect_err("too deep");
        assert_eq!(refused.code(), Code::QueryTooLarge, "{quote}");
    }
}

#[test]
fn a_fragment_bomb_is_counted_without_being_spread() {
    assert_eq!(verdict(&bomb(40)), Some(Code::QueryTooLarge));
    assert_eq!(verdict(&bomb(3)), None);
}

#[test]
fn a_fragment_that_contains_itself_is_refused() {
    let text = "{ ...f } fragment f on Query { a ...g } fragment g on Query { ...f }";
    assert_eq!(verdict(text), Some(Code::InvalidQuery));
}

#[test]
fn each_limit_holds() {
    for (text, what) in [
        (nested(16), "depth"),
        (format!("{{ {} }}", "a ".repeat(21)), "roots"),
        (format!("{{ b {{ {} }} }}", "a ".repeat(2_000)), "fields"),
        (format!("{{ b {{ {} }} }}", "x: a ".repeat(101)), "aliases"),
        (format!("{{ b(c: [{}]) }}", "1 ".repeat(10_000)), "tokens"),
        (
            format!("{{ b {} }}", "@skip(if: true) ".repeat(6)),
            "directives",
        ),
        (operations(21), "operations"),
    ] {
        assert_eq!(verdict(&text), Some(Code::QueryTooLarge), "{what}");
    }
}

fn operations(count: usize) -> String {
    let names = (0..count).map(|at| format!("query Q{at} {{ a }} "));
    names.collect()
}

#[test]
fn introspection_of_the_usual_clients_passes() {
    let types = "ofType { name ".repeat(9) + &"} ".repeat(9);
    let text = format!(
        "{{ __schema {{ types {{ ...F }} }} }} fragment F on __Type {{ fields {{ args {{ type {{ {types} }} }} }} }}"
    );
    assert_eq!(verdict(&text), None);
}

#[test]
fn introspection_can_not_multiply_the_schema() {
    for (text, passes) in [
        ("{ __schema { types { fields { name } } } }", true),
        (
            "{ __type(name: \"A\") { fields { type { fields { name } } } } }",
            true,
        ),
        (
            "{ __schema { types { fields { type { ofType { fields { name } } } } } } }",
            false,
        ),
        (
            "{ __type(name: \"A\") { ...F } } fragment F on __Type { fields { type { ...G } } }
             fragment G on __Type { fields { type { inputFields { name } } } }",
            false,
        ),
    ] {
        assert_eq!(verdict(text).is_none(), passes, "{text}");
    }
    let wide = format!("{{ __schema {{ types {{ {} }} }} }}", "name ".repeat(400));
    assert_eq!(verdict(&wide), Some(Code::QueryTooLarge));
}
