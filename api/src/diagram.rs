//! Diagrams of the schema as one caller may see it: Mermaid text and SVG, equal for equal schemas.

mod layout;
mod mermaid;
mod picture;
mod svg;

#[cfg(test)]
mod tests;

use schema::SchemaView;
use serde::Deserialize;

use picture::Picture;

/// The most steps around a type.
pub(crate) const DEEPEST: u8 = 5;

/// What a diagram is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Format {
    /// `erDiagram` of Mermaid.
    Mermaid,
    /// A picture.
    Svg,
}

impl Format {
    /// The format that an `Accept` header asks for: SVG where it names images, else Mermaid.
    pub(crate) fn accepted(accept: Option<&str>) -> Self {
        let ranges = accept.unwrap_or_default().split(',');
        let mut types = ranges.map(|range| range.split(';').next().unwrap_or_default().trim());
        let is_image = |of: &str| matches!(of, "image/svg+xml" | "image/*");
        let is_text = |of: &str| matches!(of, "text/vnd.mermaid" | "text/plain" | "text/*");
        match types.find(|of| is_image(of) || is_text(of)) {
            Some(of) if is_image(of) => Self::Svg,
            Some(_) | None => Self::Mermaid,
        }
    }

    /// The media type of the text.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Mermaid => "text/vnd.mermaid; charset=utf-8",
            Self::Svg => "image/svg+xml",
        }
    }
}

/// Draws the schema: all of it, or one type and what is so many steps around it.
pub(crate) fn draw(view: &SchemaView, format: Format, around: Option<(&str, u8)>) -> String {
    let picture = Picture::of(view);
    let picture = match around {
        Some((name, depth)) => picture.around(name, depth),
        None => picture,
    };
    match format {
        Format::Mermaid => mermaid::write(&picture),
        Format::Svg => svg::write(&picture),
    }
}
