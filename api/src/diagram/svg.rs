//! Diagrams as SVG. No scripts, no style sheets: what draws is the attributes of the elements.

use std::fmt::Write as _;

use super::{
    layout::{Layout, MOST_FIELDS, Placed, ROW, lay_out},
    picture::{Count, Line, Picture},
};

/// The text of a diagram.
pub(super) fn write(picture: &Picture) -> String {
    let layout = lay_out(picture);
    let Layout { width, height, .. } = layout;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>Schema</title>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
    );
    for line in &picture.lines {
        add_line(&mut text, &layout, line);
    }
    for placed in layout.boxes.values() {
        add_box(&mut text, placed);
    }
    for line in &picture.lines {
        add_label(&mut text, &layout, line);
    }
    text.push_str("</svg>\n");
    text
}

fn add_box(text: &mut String, placed: &Placed<'_>) {
    let Placed {
        of,
        x,
        y,
        width,
        height,
    } = placed;
    let (label, name) = (escaped(&of.label), escaped(&of.name));
    let (left, right) = (x + 8, x + width - 8);
    let head = ROW + 4;
    let _ = writeln!(
        text,
        "<g><title>{label}</title>\
         <rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"4\" fill=\"#f8fafc\" stroke=\"#475569\"/>\
         <rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{head}\" rx=\"4\" fill=\"#334155\"/>\
         <text x=\"{left}\" y=\"{}\" fill=\"#ffffff\" font-weight=\"bold\">{label}</text>\
         <text x=\"{right}\" y=\"{}\" fill=\"#cbd5e1\" text-anchor=\"end\">{name}</text>",
        y + 15,
        y + 15,
    );
    let mut row = y + head + 13;
    for (kind, name) in of.fields.iter().take(MOST_FIELDS) {
        let (kind, name) = (escaped(kind), escaped(name));
        let _ = writeln!(
            text,
            "<text x=\"{left}\" y=\"{row}\" fill=\"#0f172a\">{name}</text>\
             <text x=\"{right}\" y=\"{row}\" fill=\"#64748b\" text-anchor=\"end\">{kind}</text>"
        );
        row += ROW;
    }
    let more = of.fields.len().saturating_sub(MOST_FIELDS);
    if more > 0 {
        let _ = writeln!(
            text,
            "<text x=\"{left}\" y=\"{row}\" fill=\"#64748b\">… {more} more</text>"
        );
    }
    text.push_str("</g>\n");
}

/// Where a line starts, where it ends, and how far its curve reaches out to the right at each end.
fn ends(layout: &Layout<'_>, line: &Line) -> Option<[(usize, usize); 2]> {
    let (from, to) = (
        layout.boxes.get(line.from.as_str())?,
        layout.boxes.get(line.to.as_str())?,
    );
    let right = |of: &Placed<'_>| (of.x + of.width, of.y + of.height / 2);
    let left = |of: &Placed<'_>| (of.x, of.y + of.height / 2);
    if line.from == line.to {
        let (x, y) = right(from);
        return Some([(x, y), (x, y + ROW * 2)]);
    }
    Some(match from.x.cmp(&to.x) {
        std::cmp::Ordering::Less => [right(from), left(to)],
        std::cmp::Ordering::Greater => [left(from), right(to)],
        std::cmp::Ordering::Equal => [right(from), right(to)],
    })
}

/// The way of a line and the place of its label.
fn curve(layout: &Layout<'_>, line: &Line) -> Option<(String, (usize, usize))> {
    let [(x1, y1), (x2, y2)] = ends(layout, line)?;
    let same_side =
        layout.boxes.get(line.from.as_str())?.x == layout.boxes.get(line.to.as_str())?.x;
    let (bend1, bend2) = if same_side {
        (x1.max(x2) + 60, x1.max(x2) + 60)
    } else {
        (usize::midpoint(x1, x2), usize::midpoint(x1, x2))
    };
    let way = format!("M{x1} {y1} C{bend1} {y1} {bend2} {y2} {x2} {y2}");
    let middle = if same_side {
        x1.max(x2) + 45
    } else {
        usize::midpoint(x1, x2)
    };
    Some((way, (middle, usize::midpoint(y1, y2))))
}

fn add_line(text: &mut String, layout: &Layout<'_>, line: &Line) {
    if let Some((way, _)) = curve(layout, line) {
        let _ = writeln!(text, "<path d=\"{way}\" fill=\"none\" stroke=\"#94a3b8\"/>");
    }
}

fn add_label(text: &mut String, layout: &Layout<'_>, line: &Line) {
    let Some((_, (x, y))) = curve(layout, line) else {
        return;
    };
    let label = escaped(&line.label);
    let (from, to) = (sign(line.at_from), sign(line.at_to));
    let _ = writeln!(
        text,
        "<text x=\"{x}\" y=\"{y}\" fill=\"#1d4ed8\" stroke=\"#ffffff\" stroke-width=\"3\" \
         paint-order=\"stroke\" text-anchor=\"middle\">{label} ({from}:{to})</text>"
    );
}

fn sign(count: Count) -> &'static str {
    match count {
        Count::One => "1",
        Count::AtMostOne => "0..1",
        Count::Many => "n",
    }
}

/// A text in an element or an attribute. Characters that XML does not know become spaces.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push(' '),
            other if other.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}
