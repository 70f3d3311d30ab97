//! Bounds the text of a document before it is parsed: a parser that recurses must not be given ten
//! thousand brackets.

use super::{MOST_NESTING, MOST_TOKENS, too_large};
use crate::graphql::error::GraphError;

/// Counts tokens and brackets inside one another. What is malformed is left to the parser.
pub(in crate::graphql) fn check_text(text: &str) -> Result<(), GraphError> {
    let mut tokens = 0_usize;
    let mut nesting = 0_usize;
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                rest = after;
                continue;
            }
            b'#' => {
                rest = skip_line(after);
                continue;
            }
            b'{' | b'[' | b'(' => {
                nesting += 1;
                after
            }
            b'}' | b']' | b')' => {
                nesting = nesting.saturating_sub(1);
                after
            }
            b'"' => skip_string(after),
            _ if is_word(byte) => {
                let end = rest.iter().position(|byte| !is_word(*byte));
                &rest[end.unwrap_or(rest.len())..]
            }
            _ => after,
        };
        tokens += 1;
        if nesting > MOST_NESTING {
            return Err(too_large("The brackets stand too deep in one another."));
        }
        if tokens > MOST_TOKENS {
            return Err(too_large(format!(
                "A document may have {MOST_TOKENS} tokens."
            )));
        }
    }
    Ok(())
}

/// Names and numbers, and every byte outside ASCII, which only strings and comments may hold.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn skip_line(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
    &text[end.unwrap_or(text.len())..]
}

/// The text after a string whose first quote has been read. A plain string ends with its line at the
/// latest, so that no bracket behind a stray quote goes uncounted.
fn skip_string(text: &[u8]) -> &[u8] {
    if let Some(block) = text.strip_prefix(b"\"\"") {
        return skip_block(block);
    }
    let mut rest = text;
    loop {
        rest = match rest {
            [b'"', after @ ..] => return after,
            [] | [b'\n' | b'\r', ..] => return rest,
            [b'\\', b'\n' | b'\r', ..] => return &rest[1..],
            [b'\\', _, after @ ..] | [_, after @ ..] => after,
        };
    }
}

fn skip_block(text: &[u8]) -> &[u8] {
    let mut rest = text;
    loop {
        rest = match rest {
            // It has no end, so the parser may read its quotes in another way: count what follows.
            [] => return text,
            [b'"', b'"', b'"', after @ ..] => return after,
            [b'\\', b'"', b'"', b'"', after @ ..] | [_, after @ ..] => after,
        };
    }
}
