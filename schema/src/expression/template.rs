//! Templates: a text for people with expressions in braces, such as `{firstName} {lastName}`.

use uuid::Uuid;

use super::{ExpressionError, Inputs, Path, Program, Purpose, Scope, names};
use crate::value::Value;

/// The most characters of a template.
const MAX_LENGTH: usize = 1_000;

/// A checked template.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    stored: String,
    pieces: Vec<Piece>,
    inputs: Vec<Path>,
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Text(String),
    /// An expression with the places of its inputs among those of the template.
    Expression(Program, Vec<usize>),
}

impl Template {
    /// Reads a template that names fields as the type `owner` has them now.
    pub fn define(text: &str, owner: Uuid, scope: &dyn Scope) -> Result<Self, ExpressionError> {
        let to_ids = |piece: &str| names::to_ids(piece, owner, scope);
        let stored = rewrite(text, &to_ids)?;
        Self::load(&stored, owner, scope)
    }

    /// Reads a template as [`Self::stored`] gave it.
    pub fn load(stored: &str, owner: Uuid, scope: &dyn Scope) -> Result<Self, ExpressionError> {
        let (mut pieces, mut inputs) = (Vec::new(), Vec::new());
        for (is_expression, text) in split(stored)? {
            if !is_expression {
                pieces.push(Piece::Text(text.to_owned()));
                continue;
            }
            let program = Program::load(text, Purpose::Text, owner, scope)?;
            let mut places = Vec::new();
            for path in program.inputs() {
                let known = inputs.iter().position(|known| known == path);
                places.push(known.unwrap_or(inputs.len()));
                if known.is_none() {
                    inputs.push(path.clone());
                }
            }
            pieces.push(Piece::Expression(program, places));
        }
        if inputs.is_empty() {
            let message =
                "names no field; write fields in braces, such as \"{firstName} {lastName}\"";
            return Err(ExpressionError::new(message));
        }
        Ok(Self {
            stored: stored.to_owned(),
            pieces,
            inputs,
        })
    }

    /// The text with the ids of fields in place of their names.
    pub fn stored(&self) -> &str {
        &self.stored
    }

    /// The fields that it reads.
    pub fn inputs(&self) -> &[Path] {
        &self.inputs
    }

    /// The text of a record; what is missing is left out, and so are the spaces around it.
    pub fn text(&self, inputs: &Inputs<'_>) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Expression(program, places) => {
                    let values: Vec<Vec<Value>> = places
                        .iter()
                        .map(|at| inputs.values.get(*at).cloned().unwrap_or_default())
                        .collect();
                    text.push_str(&program.text(&Inputs {
                        values: &values,
                        moment: inputs.moment,
                    }));
                }
            }
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// A stored template with the names that its fields have now.
pub fn render(stored: &str, owner: Uuid, scope: &dyn Scope) -> String {
    let to_names = |piece: &str| Ok(names::to_names(piece, owner, scope));
    rewrite(stored, &to_names).unwrap_or_else(|_| stored.to_owned())
}

fn rewrite(
    text: &str,
    change: &dyn Fn(&str) -> Result<String, ExpressionError>,
) -> Result<String, ExpressionError> {
    let mut rewritten = String::with_capacity(text.len());
    for (is_expression, piece) in split(text)? {
        if is_expression {
            rewritten.push('{');
            rewritten.push_str(&change(piece)?);
            rewritten.push('}');
        } else {
            rewritten.push_str(piece);
        }
    }
    Ok(rewritten)
}

/// The pieces of a template; `true` marks those that stood in braces.
fn split(text: &str) -> Result<Vec<(bool, &str)>, ExpressionError> {
    // Ids are longer than names: what is stored may be longer than what was written.
    if text.chars().count() > 8 * MAX_LENGTH {
        let message = format!("is longer than {MAX_LENGTH} characters");
        return Err(ExpressionError::new(message));
    }
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some(open) = rest.find(['{', '}']) {
        if rest[open..].starts_with('}') {
            return Err(ExpressionError::new(
                "has a closing brace without an opening one",
            ));
        }
        let Some(length) = rest[open..].find('}') else {
            return Err(ExpressionError::new(
                "has an opening brace without a closing one",
            ));
        };
        if open > 0 {
            pieces.push((false, &rest[..open]));
        }
        pieces.push((true, &rest[open + 1..open + length]));
        rest = &rest[open + length + 1..];
    }
    if !rest.is_empty() {
        pieces.push((false, rest));
    }
    Ok(pieces)
}
