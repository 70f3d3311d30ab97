//! Templates: a text for people with expressions in braces, such as `{firstName} {lastName}`.
//!
//! A text outlives what it speaks of: a piece whose field is gone, or has become something that has no
//! text, is left out until it can be read again. What is missing takes the separators before it along, so
//! that `{number} – {customer.name}` is the number alone where there is no customer.

use uuid::Uuid;

use super::{ExpressionError, Inputs, Kind, Path, Program, Purpose, Scope, names};
use crate::{id::FieldId, value::Value};

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
    /// An expression that can't be read any more.
    Gone,
    /// An expression with the places of its inputs among those of the template.
    Expression(Program, Vec<usize>),
}

impl Template {
    /// Reads a template that names fields as the type `owner` has them now. All of it must make sense.
    pub fn define(text: &str, owner: Uuid, scope: &dyn Scope) -> Result<Self, ExpressionError> {
        if text.chars().count() > MAX_LENGTH {
            let message = format!("is longer than {MAX_LENGTH} characters");
            return Err(ExpressionError::new(message));
        }
        let to_ids = |piece: &str| names::to_ids(piece, owner, scope);
        let stored = rewrite(text, &to_ids)?;
        let mut template = Self::empty(&stored);
        for (is_expression, text) in split(&stored)? {
            if is_expression {
                template.add(read(text, owner, scope)?);
            } else {
                template.pieces.push(Piece::Text(text.to_owned()));
            }
        }
        if template.inputs.is_empty() {
            let message =
                "names no field; write fields in braces, such as \"{firstName} {lastName}\"";
            return Err(ExpressionError::new(message));
        }
        Ok(template)
    }

    /// Reads a template as [`Self::stored`] gave it, without the pieces that can't be read any more;
    /// `None` when none is left.
    pub fn load(stored: &str, owner: Uuid, scope: &dyn Scope) -> Option<Self> {
        let mut template = Self::empty(stored);
        for (is_expression, text) in split(stored).ok()? {
            if !is_expression {
                template.pieces.push(Piece::Text(text.to_owned()));
                continue;
            }
            match read(text, owner, scope) {
                Ok(program) => template.add(program),
                Err(_) => template.pieces.push(Piece::Gone),
            }
        }
        (!template.inputs.is_empty()).then_some(template)
    }

    fn empty(stored: &str) -> Self {
        Self {
            stored: stored.to_owned(),
            pieces: Vec::new(),
            inputs: Vec::new(),
        }
    }

    fn add(&mut self, program: Program) {
        let mut places = Vec::new();
        for path in program.inputs() {
            let known = self.inputs.iter().position(|known| known == path);
            places.push(known.unwrap_or(self.inputs.len()));
            if known.is_none() {
                self.inputs.push(path.clone());
            }
        }
        self.pieces.push(Piece::Expression(program, places));
    }

    /// The text with the ids of fields in place of their names.
    pub fn stored(&self) -> &str {
        &self.stored
    }

    /// The fields that it reads.
    pub fn inputs(&self) -> &[Path] {
        &self.inputs
    }

    /// The text of a record, one line; empty when every piece is missing.
    pub fn text(&self, inputs: &Inputs<'_>) -> String {
        let mut line = Line::default();
        for piece in &self.pieces {
            match piece {
                Piece::Text(literal) => line.between.push_str(literal),
                Piece::Gone => line.nothing(),
                Piece::Expression(program, places) => {
                    let values: Vec<Vec<Value>> = places
                        .iter()
                        .map(|at| inputs.values.get(*at).cloned().unwrap_or_default())
                        .collect();
                    line.value(&program.text(&Inputs {
                        values: &values,
                        moment: inputs.moment,
                    }));
                }
            }
        }
        line.finish()
    }
}

/// One expression of a template, which must give something that people can read.
fn read(text: &str, owner: Uuid, scope: &dyn Scope) -> Result<Program, ExpressionError> {
    let program = Program::load(text, Purpose::Text, owner, scope)?;
    if matches!(program.kind(), Kind::Opaque) {
        let message = "has a piece that gives no text; name one part of it, such as `address.city`";
        return Err(ExpressionError::new(message));
    }
    Ok(program)
}

/// A text while it is put together.
#[derive(Default)]
struct Line {
    text: String,
    /// What stands between the last value and the next one.
    between: String,
}

impl Line {
    fn value(&mut self, value: &str) {
        if value.trim().is_empty() {
            self.nothing();
            return;
        }
        let between = without_empty_brackets(&std::mem::take(&mut self.between));
        if self.text.is_empty() {
            self.text.push_str(between.trim_start_matches(is_separator));
        } else {
            self.text.push_str(&between);
        }
        self.text.push_str(value);
    }

    /// A value that is missing takes the separators before it along.
    fn nothing(&mut self) {
        let kept = self.between.trim_end_matches(is_separator).len();
        self.between.truncate(kept);
    }

    fn finish(mut self) -> String {
        if self.text.is_empty() {
            return self.text;
        }
        let between = without_empty_brackets(&self.between);
        self.text.push_str(between.trim_end_matches(is_separator));
        self.text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn is_separator(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(
            letter,
            ',' | ';' | ':' | '/' | '|' | '·' | '•' | '-' | '–' | '—'
        )
}

/// The text between two values without brackets that hold nothing.
fn without_empty_brackets(text: &str) -> String {
    let mut kept = text.to_owned();
    for [open, close] in [['(', ')'], ['[', ']'], ['<', '>']] {
        while let Some(start) = kept.find(open)
            && let Some(length) = kept[start..].find(close)
            && kept[start + open.len_utf8()..start + length]
                .trim()
                .is_empty()
        {
            kept.replace_range(start..start + length + close.len_utf8(), "");
        }
    }
    kept
}

/// A stored template with the names that its fields have now, without the pieces that can't be read any
/// more; `None` when none is left.
pub fn render(stored: &str, owner: Uuid, scope: &dyn Scope) -> Option<String> {
    Template::load(stored, owner, scope)?;
    let to_names = |piece: &str| Ok(names::to_names(piece, owner, scope));
    let live = rewrite_all(stored, &|piece| {
        if read(piece, owner, scope).is_err() {
            return Ok(None);
        }
        to_names(piece).map(Some)
    });
    live.ok()
}

/// The fields that a stored template names.
pub fn fields_in(stored: &str) -> Vec<FieldId> {
    let pieces = split(stored).unwrap_or_default().into_iter();
    let expressions = pieces.filter(|(is_expression, _)| *is_expression);
    expressions
        .flat_map(|(_, piece)| names::fields_in(piece))
        .collect()
}

fn rewrite(
    text: &str,
    change: &dyn Fn(&str) -> Result<String, ExpressionError>,
) -> Result<String, ExpressionError> {
    rewrite_all(text, &|piece| change(piece).map(Some))
}

/// The text with its expressions changed; those that become `None` are left out, with the separators
/// before them.
fn rewrite_all(
    text: &str,
    change: &dyn Fn(&str) -> Result<Option<String>, ExpressionError>,
) -> Result<String, ExpressionError> {
    let mut rewritten = String::with_capacity(text.len());
    // What stands between two expressions, and whether one is left out there.
    let (mut between, mut gap) = (String::new(), false);
    for (is_expression, piece) in split(text)? {
        if !is_expression {
            between.push_str(piece);
        } else if let Some(piece) = change(piece)? {
            let before = std::mem::take(&mut between);
            rewritten.push_str(&without_gap(before, std::mem::take(&mut gap)));
            rewritten.push('{');
            rewritten.push_str(&piece);
            rewritten.push('}');
        } else {
            let kept = between.trim_end_matches(is_separator).len();
            between.truncate(kept);
            gap = true;
        }
    }
    let rest = without_gap(between, gap);
    rewritten.push_str(if gap {
        rest.trim_end_matches(is_separator)
    } else {
        &rest
    });
    Ok(rewritten)
}

fn without_gap(between: String, gap: bool) -> String {
    if gap {
        without_empty_brackets(&between)
    } else {
        between
    }
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
