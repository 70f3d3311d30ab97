//! What is refused when an expression is defined, and what a rename leaves.

use proptest::prelude::*;

use super::{LINE, Types, define, refusal};
use crate::expression::{Program, Purpose, render};

#[test]
fn what_does_not_make_sense_is_refused_with_a_remedy() {
    for (text, part) in [
        ("", "no CEL expression"),
        ("1 +", "no CEL expression"),
        ("quantity quantity", "no CEL expression"),
        ("nope + 1", "names \"nope\""),
        ("order.nope", "names \"nope\""),
        ("quantity.amount", "names \"amount\""),
        ("unitPrice.cents", "names \"cents\""),
        ("order.number.x", "names \"x\""),
        ("note + 1", "text(x)"),
        ("note - note", "can't be computed"),
        ("due > \"2026-01-01\"", "date(\"2026-02-28\")"),
        ("due + due", "dateDiff"),
        ("weight * unitPrice", "decimal(x)"),
        ("weight * length", "decimal(x)"),
        ("weight % 2", "can't be computed"),
        ("opens + opens", "can't be computed"),
        ("opens > length", "compares"),
        ("home.street", "names \"street\""),
        ("home == home", "compares"),
        ("place.x", "names \"x\""),
        ("isPaid > true", "compares"),
        ("quantity > null", "use == or !="),
        ("isPaid ? 1 : \"a\"", "one type"),
        ("quantity && true", "true or false"),
        ("nope(1)", "the functions are"),
        ("round(\"a\")", "round(number"),
        ("now", "can't follow"),
        ("today == due", "can't follow"),
        ("tags.map(t, t)", "walk"),
        ("tags.exists(t, t == \"a\")", "walk"),
        ("[1, 2]", "lists stand behind"),
        ("tags[0]", "looks into a list"),
        ("{\"a\": 1}", "makes a map"),
        ("b'x'", "bytes"),
        ("extra + 1", "can't be computed"),
        ("extra == extra", "compares"),
        ("0.12345678901234567", "15 digits"),
        ("99999999999999999999", ""),
        ("'unfinished", "without an end"),
        ("f_00000000000000000000000000000001", "names"),
        (
            "order.parent.parent.parent.parent.parent.number",
            "4 references",
        ),
    ] {
        let message = refusal(text);
        assert!(message.contains(part), "{text}: {message}");
    }
}

#[test]
fn what_is_too_large_is_refused() {
    for n in [20, 100, 1_000, 5_000] {
        for text in [
            format!("{}1{}", "(".repeat(n), ")".repeat(n)),
            "(".repeat(n),
            "[".repeat(n),
            vec!["quantity"; 20 * n].join("+"),
            format!("{}quantity", "true ? 1 : ".repeat(20 * n)),
            format!("{}1{}", "abs(".repeat(n), ")".repeat(n)),
            format!("{}1", "x ".repeat(20 * n)),
        ] {
            refusal(&text);
        }
    }
    define(&vec!["quantity"; 60].join("+"));
    define(&vec!["isPaid"; 200].join("&&"));
    define(&format!("{}0", "isPaid ? 1 : ".repeat(20)));
}

#[test]
fn the_largest_that_are_accepted_need_little_of_a_stack() {
    let work = || {
        for text in [
            vec!["quantity"; 60].join("+"),
            vec!["quantity"; 390].join("+"),
            format!("{}1{}", "abs(".repeat(16), ")".repeat(16)),
            format!("{}0", "isPaid ? 1 : ".repeat(30)),
            format!("{}0", "isPaid ? 1 : ".repeat(60)),
            format!("{}1", "-".repeat(700)),
            format!("{}1", "- ".repeat(700)),
            format!("{}isPaid", "!".repeat(700)),
            vec!["order"; 350].join("."),
            vec!["isPaid"; 390].join(" == "),
            format!("quantity{}", "[0]".repeat(200)),
        ] {
            let defined = Program::define(&text, Purpose::Formula, LINE, &Types::new());
            if let Ok(program) = defined {
                drop(program.clone());
            }
        }
    };
    let thread = std::thread::Builder::new().stack_size(1024 * 1024);
    thread
        .spawn(work)
        .expect("a thread")
        .join()
        .expect("no overflow");
}

#[test]
fn what_is_stored_survives_renames() {
    let mut types = Types::new();
    let text = "unitPrice.amount * quantity // unitPrice\n + (order . parent.freight > 1.0 ? size('quantity') : size(package))";
    let program = Program::define(text, Purpose::Formula, LINE, &types).expect("an expression");
    assert_eq!(render(program.stored(), LINE, &types), text);
    types.rename(LINE, "quantity", "amount");
    types.rename(super::ORDER, "freight", "cost");
    let shown = render(program.stored(), LINE, &types);
    assert_eq!(
        shown,
        "unitPrice.amount * amount // unitPrice\n + (order . parent.cost > 1.0 ? size('quantity') : size(package))"
    );
    let again = Program::load(program.stored(), Purpose::Formula, LINE, &types).expect("the same");
    assert_eq!(again, program);
    let anew = Program::define(&shown, Purpose::Formula, LINE, &types).expect("the same");
    assert_eq!(anew.stored(), program.stored());
}

#[test]
fn inputs_are_paths() {
    let program = define("order.parent.freight + order.freight + quantity + quantity");
    let hops: Vec<usize> = program
        .inputs()
        .iter()
        .map(|path| path.references.len())
        .collect();
    assert_eq!(hops, [2, 1, 0]);
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,60}") {
        let _ = Program::define(&text, Purpose::Condition, LINE, &Types::new());
    }

    #[test]
    fn no_mixture_of_tokens_panics(tokens in prop::collection::vec(
        prop::sample::select(vec![
            "quantity", "order", ".", "(", ")", "[", "]", "{", "}", ",", "?", ":", "+", "-", "*", "/",
            "%", "==", "!=", "<", "&&", "||", "!", " ", "in", "null", "true", "has", "size", "coalesce",
            "1", "1.5", "'a'", "\"b\"", "r'\\'", "'''x'''", "//", "\n", "now", "number", "note",
            "isPaid", "b'x'", "0x1F", "1u", "1e5", "_", "`", "@", "\\", "😀", "map", "all",
        ]), 0..30))
    {
        let text = tokens.concat();
        if let Ok(program) = Program::define(&text, Purpose::Condition, LINE, &Types::new()) {
            let values = super::line(&[], &program);
            program.holds(&super::Inputs { values: &values, moment: super::moment() });
            let shown = render(program.stored(), LINE, &Types::new());
            prop_assert_eq!(shown, text);
        }
    }
}
