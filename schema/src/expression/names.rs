//! Names in an expression, and the ids that stand for them in what is stored.
//!
//! A field is written into the stored text as a word of CEL made of its id. Everything else (texts,
//! comments, spaces) stays as it was written.

use uuid::Uuid;

use super::{
    ExpressionError, MAX_LENGTH,
    token::{self, Token, TokenKind},
};
use crate::{
    field_type::Part,
    id::{FieldId, ObjectTypeId},
};

/// What an expression can name: the fields of types.
pub trait Scope {
    /// A field of a type by its API name.
    fn find(&self, owner: Uuid, name: &str) -> Option<Member>;
    /// A field of a type by its id.
    fn find_by_id(&self, owner: Uuid, id: FieldId) -> Option<Member>;
}

/// A field as expressions see it.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its id.
    pub id: FieldId,
    /// Its API name.
    pub name: String,
    /// What a value is made of.
    pub parts: Vec<Part>,
    /// The one type that a reference points at.
    pub target: Option<ObjectTypeId>,
    /// Whether it changes with every write, so that no stored value can follow it.
    pub is_volatile: bool,
    /// Whether it can be written but not read.
    pub is_secret: bool,
}

/// Words that are no fields.
const WORDS: &[&str] = &["true", "false", "null", "in", "now", "today", "currentUser"];

const PREFIX: &str = "f_";

/// The word that stands for a field.
pub(super) fn word(id: FieldId) -> String {
    format!("{PREFIX}{}", id.uuid().simple())
}

/// The field that a word stands for.
pub(super) fn field_of(word: &str) -> Option<FieldId> {
    let hex = word.strip_prefix(PREFIX).filter(|hex| hex.len() == 32)?;
    Uuid::try_parse(hex).ok().map(FieldId::new)
}

/// The text with ids in place of names.
pub(super) fn to_ids(
    text: &str,
    owner: Uuid,
    scope: &dyn Scope,
) -> Result<String, ExpressionError> {
    if text.chars().count() > MAX_LENGTH {
        let message = format!("is longer than {MAX_LENGTH} characters");
        return Err(ExpressionError::new(message));
    }
    let tokens = token::tokens(text)?;
    token::refuse_walks(&tokens)?;
    let replaced = replace(&tokens, owner, &|owner, name| {
        let member = scope.find(owner, name);
        member.map(|member| (word(member.id), member))
    });
    match replaced {
        Ok(text) => Ok(text),
        Err(name) => Err(ExpressionError::new(format!(
            "names {name:?}, which is no field that it can read"
        ))),
    }
}

/// The stored text with the names that the fields have now. The name of a field that is gone is its word.
pub(super) fn to_names(stored: &str, owner: Uuid, scope: &dyn Scope) -> String {
    let Ok(tokens) = token::tokens(stored) else {
        return stored.to_owned();
    };
    replace(&tokens, owner, &|owner, word| {
        let member = scope.find_by_id(owner, field_of(word)?)?;
        Some((member.name.clone(), member))
    })
    .unwrap_or_else(|_| stored.to_owned())
}

/// The fields that a stored text names.
pub(super) fn fields_in(stored: &str) -> Vec<FieldId> {
    let tokens = token::tokens(stored).unwrap_or_default();
    let named = tokens.iter().filter(|token| token.kind == TokenKind::Name);
    named.filter_map(|token| field_of(token.text)).collect()
}

type Lookup<'l> = dyn Fn(Uuid, &str) -> Option<(String, Member)> + 'l;

/// Puts what `lookup` finds in the place of names; the first that it does not find is the error.
fn replace(tokens: &[Token<'_>], owner: Uuid, lookup: &Lookup<'_>) -> Result<String, String> {
    let mut text = String::new();
    let mut done = 0;
    for (at, token) in tokens.iter().enumerate() {
        if at < done {
            continue;
        }
        let after_dot = token::before(tokens, at).is_some_and(|it| it.kind == TokenKind::Dot);
        let is_start = token.kind == TokenKind::Name
            && !after_dot
            && !token::is_called(tokens, at)
            && !WORDS.contains(&token.text);
        if is_start {
            done = replace_path(tokens, at, owner, (lookup, &mut text))?;
        } else {
            text.push_str(token.text);
            done = at + 1;
        }
    }
    Ok(text)
}

/// Replaces `reference.reference.field` from one place on; gives the place behind it.
fn replace_path(
    tokens: &[Token<'_>],
    start: usize,
    owner: Uuid,
    (lookup, text): (&Lookup<'_>, &mut String),
) -> Result<usize, String> {
    let (mut at, mut owner) = (start, owner);
    loop {
        let name = tokens[at].text;
        let (replacement, member) = lookup(owner, name).ok_or_else(|| name.to_owned())?;
        text.push_str(&replacement);
        let Some(next) = next_name(tokens, at) else {
            return Ok(at + 1);
        };
        let Some(target) = member.target else {
            return Ok(at + 1);
        };
        for between in &tokens[at + 1..next] {
            text.push_str(between.text);
        }
        (at, owner) = (next, target.uuid());
    }
}

/// The name behind a dot behind a name, unless it is that of a function.
fn next_name(tokens: &[Token<'_>], at: usize) -> Option<usize> {
    let dot = token::after(tokens, at).filter(|dot| tokens[*dot].kind == TokenKind::Dot)?;
    let name = token::after(tokens, dot).filter(|name| tokens[*name].kind == TokenKind::Name)?;
    (!token::is_called(tokens, name)).then_some(name)
}
