//! The tokens of an expression, as far as names, nesting and size go, and the way to the syntax tree.

use cel::parser::{Expression, Parser};

use super::{ExpressionError, MAX_LENGTH};

/// The most tokens of an expression: what bounds the work of everything behind.
const MAX_TOKENS: usize = 800;
/// How deep brackets may stand in each other.
const MAX_NESTING: usize = 16;
/// How deep the parser may go; chains of `a ? b : c ? d : e` are as deep as they are long.
const MAX_RECURSION: u16 = 40;
/// The digits that a decimal keeps on its way through the 64-bit floating point number of the parser.
const MAX_DIGITS: usize = 15;
/// What walks lists in CEL.
const WALKS: &[&str] = &["all", "exists", "exists_one", "existsOne", "map", "filter"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Name,
    Dot,
    Open,
    Close,
    Text,
    Number,
    Space,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'s> {
    pub(super) kind: TokenKind,
    pub(super) text: &'s str,
}

/// The text in tokens that put together give the text again.
pub(super) fn tokens(source: &str) -> Result<Vec<Token<'_>>, ExpressionError> {
    // What is stored has ids, which are longer than names.
    if source.len() > 16 * MAX_LENGTH {
        let message = format!("is longer than {MAX_LENGTH} characters");
        return Err(ExpressionError::new(message));
    }
    if source.contains('\0') {
        return Err(ExpressionError::new("must not contain the NUL character"));
    }
    let mut tokens = Vec::new();
    let mut rest = source;
    let mut depth = 0_usize;
    while let Some(first) = rest.chars().next() {
        let (kind, length) = next(rest, first)?;
        let (text, after) = rest.split_at(length);
        depth = match kind {
            TokenKind::Open => depth + 1,
            TokenKind::Close => depth.saturating_sub(1),
            TokenKind::Name
            | TokenKind::Dot
            | TokenKind::Text
            | TokenKind::Number
            | TokenKind::Space
            | TokenKind::Other => depth,
        };
        if depth > MAX_NESTING {
            let message = format!("has more than {MAX_NESTING} brackets in each other");
            return Err(ExpressionError::new(message));
        }
        tokens.push(Token { kind, text });
        rest = after;
    }
    let counted = tokens.iter().filter(|token| token.kind != TokenKind::Space);
    if counted.count() > MAX_TOKENS {
        let message = format!("has more than {MAX_TOKENS} words and signs");
        return Err(ExpressionError::new(message));
    }
    Ok(tokens)
}

/// The kind and the bytes of the token at the start.
fn next(rest: &str, first: char) -> Result<(TokenKind, usize), ExpressionError> {
    if first.is_whitespace() {
        return Ok((TokenKind::Space, span(rest, char::is_whitespace)));
    }
    if rest.starts_with("//") {
        return Ok((TokenKind::Space, span(rest, |c| c != '\n')));
    }
    if first.is_ascii_alphabetic() || first == '_' {
        let length = span(rest, |c| c.is_ascii_alphanumeric() || c == '_');
        let is_prefix = matches!(
            rest[..length].to_ascii_lowercase().as_str(),
            "r" | "b" | "rb" | "br"
        );
        if is_prefix && rest[length..].starts_with(['\'', '"']) {
            let is_raw = rest[..length].contains(['r', 'R']);
            return Ok((TokenKind::Text, length + quoted(&rest[length..], is_raw)?));
        }
        return Ok((TokenKind::Name, length));
    }
    if first.is_ascii_digit() {
        return Ok((TokenKind::Number, number(rest)?));
    }
    Ok(match first {
        '\'' | '"' => (TokenKind::Text, quoted(rest, false)?),
        '.' => (TokenKind::Dot, 1),
        '(' | '[' | '{' => (TokenKind::Open, 1),
        ')' | ']' | '}' => (TokenKind::Close, 1),
        other => (TokenKind::Other, other.len_utf8()),
    })
}

fn span(rest: &str, belongs: impl Fn(char) -> bool) -> usize {
    rest.find(|character| !belongs(character))
        .unwrap_or(rest.len())
}

/// The bytes of a text in quotes.
fn quoted(rest: &str, is_raw: bool) -> Result<usize, ExpressionError> {
    let quote = if rest.starts_with('\'') { "'" } else { "\"" };
    let triple = quote.repeat(3);
    let end = if rest.starts_with(&triple) {
        triple.as_str()
    } else {
        quote
    };
    let mut at = end.len();
    while let Some(character) = rest[at..].chars().next() {
        if rest[at..].starts_with(end) {
            return Ok(at + end.len());
        }
        at += character.len_utf8();
        if character == '\\' && !is_raw {
            at += rest[at..].chars().next().map_or(0, char::len_utf8);
        }
    }
    Err(ExpressionError::new("has a text without an end"))
}

/// The bytes of a number.
fn number(rest: &str) -> Result<usize, ExpressionError> {
    let bytes = rest.as_bytes();
    let is_hex = rest.starts_with("0x") || rest.starts_with("0X");
    let mut at = 0;
    let mut is_fraction = false;
    while let Some(&byte) = bytes.get(at) {
        let before = at.checked_sub(1).map(|at| bytes[at]);
        let follows = |allowed: fn(&u8) -> bool| bytes.get(at + 1).is_some_and(allowed);
        let goes_on = byte.is_ascii_alphanumeric()
            || (byte == b'.' && !is_fraction && follows(u8::is_ascii_digit))
            || (matches!(byte, b'+' | b'-')
                && !is_hex
                && matches!(before, Some(b'e' | b'E'))
                && follows(u8::is_ascii_digit));
        if !goes_on {
            break;
        }
        is_fraction |= byte == b'.' || (!is_hex && matches!(byte, b'e' | b'E'));
        at += 1;
    }
    let digits = bytes[..at].iter().filter(|byte| byte.is_ascii_digit());
    if is_fraction && digits.count() > MAX_DIGITS {
        let message = format!("has a decimal of more than {MAX_DIGITS} digits");
        return Err(ExpressionError::new(message));
    }
    Ok(at)
}

/// Refuses what walks a list: its cost would depend on the values.
pub(super) fn refuse_walks(tokens: &[Token<'_>]) -> Result<(), ExpressionError> {
    let is_walk = |at: &usize| {
        let after_dot = before(tokens, *at).is_some_and(|token| token.kind == TokenKind::Dot);
        after_dot && is_called(tokens, *at) && WALKS.contains(&tokens[*at].text)
    };
    match (0..tokens.len()).find(is_walk) {
        Some(at) => Err(ExpressionError::new(format!(
            "uses {:?}: an expression can't walk a list",
            tokens[at].text
        ))),
        None => Ok(()),
    }
}

/// The syntax tree of a stored text.
pub(super) fn parse(stored: &str) -> Result<Expression, ExpressionError> {
    let tokens = tokens(stored)?;
    refuse_walks(&tokens)?;
    let mut text = String::with_capacity(stored.len() + 16);
    for (at, token) in tokens.iter().enumerate() {
        let called = is_called(&tokens, at);
        let after_dot = before(&tokens, at).is_some_and(|token| token.kind == TokenKind::Dot);
        // CEL's own `has` is a macro that takes no plain name.
        let is_has = called && !after_dot && token.text == "has";
        text.push_str(if is_has { "isPresent" } else { token.text });
    }
    let parser = Parser::new().max_recursion_depth(MAX_RECURSION);
    // The parser is not ours and reads what people wrote: should it panic, the text is at fault.
    let parsed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| parser.parse(&text)));
    match parsed {
        Ok(Ok(tree)) => Ok(tree),
        Ok(Err(errors)) => {
            let first = errors.errors.first();
            let message = first.map_or("is no expression", |error| error.msg.as_str());
            Err(ExpressionError::new(syntax_message(message)))
        }
        Err(_) => Err(ExpressionError::new("is no expression that can be read")),
    }
}

/// What the parser says, cut to what helps: it lists every token that would do.
fn syntax_message(message: &str) -> String {
    let message = message.strip_prefix("Syntax error: ").unwrap_or(message);
    if message.contains("ecursion") {
        return "is nested too deeply".to_owned();
    }
    let cut = message.split(" expecting ").next().unwrap_or(message);
    let short: String = cut.chars().take(200).collect();
    format!("is no CEL expression: {short}")
}

/// The token before, spaces aside.
pub(super) fn before<'t, 's>(tokens: &'t [Token<'s>], at: usize) -> Option<&'t Token<'s>> {
    let mut earlier = tokens[..at].iter().rev();
    earlier.find(|token| token.kind != TokenKind::Space)
}

/// The place of the next token that is no space.
pub(super) fn after(tokens: &[Token<'_>], at: usize) -> Option<usize> {
    let mut later = tokens.iter().enumerate().skip(at + 1);
    later
        .find(|(_, token)| token.kind != TokenKind::Space)
        .map(|(at, _)| at)
}

/// Whether the name at this place is that of a function.
pub(super) fn is_called(tokens: &[Token<'_>], at: usize) -> bool {
    tokens[at].kind == TokenKind::Name
        && after(tokens, at).is_some_and(|next| tokens[next].text == "(")
}
