//! Diagrams as `erDiagram` of Mermaid.

use std::fmt::Write as _;

use super::picture::{Count, Picture};

/// The text of a diagram.
pub(super) fn write(picture: &Picture) -> String {
    let mut text = String::from("erDiagram\n");
    for of in &picture.boxes {
        let _ = writeln!(text, "    {}[\"{}\"] {{", of.name, escaped(&of.label));
        for (field_type, name) in &of.fields {
            let _ = writeln!(text, "        {field_type} {name}");
        }
        text.push_str("    }\n");
    }
    for line in &picture.lines {
        let left = match line.at_from {
            Count::One => "||",
            Count::AtMostOne => "|o",
            Count::Many => "}o",
        };
        let right = match line.at_to {
            Count::One => "||",
            Count::AtMostOne => "o|",
            Count::Many => "o{",
        };
        let (from, to, label) = (&line.from, &line.to, escaped(&line.label));
        let _ = writeln!(text, "    {from} {left}--{right} {to} : \"{label}\"");
    }
    text
}

/// A text between quotes: whatever Mermaid could read as its own is written as a code.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_alphanumeric() || " .,-_/()&'+:".contains(character) {
            escaped.push(character);
        } else if character.is_whitespace() || character.is_control() {
            escaped.push(' ');
        } else {
            let _ = write!(escaped, "#{};", u32::from(character));
        }
    }
    escaped
}
