//! Where the boxes of a diagram stand: in columns, by their distance from the centre, or in a square
//! where there is none. Equal pictures are laid out equally.

use std::collections::BTreeMap;

use super::picture::{Picture, TypeBox};

/// The height of a line of text.
pub(super) const ROW: usize = 18;
/// The most fields that a box shows.
pub(super) const MOST_FIELDS: usize = 12;
/// The space around a box.
const GAP: (usize, usize) = (110, 28);
/// The width of a character.
const CHARACTER: usize = 7;

/// A box with its place.
#[derive(Debug, Clone)]
pub(super) struct Placed<'p> {
    pub(super) of: &'p TypeBox,
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// The boxes with their places, and the size of the whole.
pub(super) struct Layout<'p> {
    pub(super) boxes: BTreeMap<&'p str, Placed<'p>>,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// Lays a picture out.
pub(super) fn lay_out(picture: &Picture) -> Layout<'_> {
    let mut boxes = BTreeMap::new();
    let (mut x, mut height) = (GAP.1, 0);
    for column in columns(picture) {
        let mut y = GAP.1;
        let mut widest = 0;
        for of in column {
            let placed = Placed {
                of,
                x,
                y,
                width: width(of),
                height: ROW * (1 + rows(of)) + ROW / 2,
            };
            y += placed.height + GAP.1;
            widest = widest.max(placed.width);
            boxes.insert(of.name.as_str(), placed);
        }
        height = height.max(y);
        x += widest + GAP.0;
    }
    Layout {
        boxes,
        width: x,
        height: height.max(GAP.1),
    }
}

/// The number of rows below the head: the fields, or some of them and how many more there are.
fn rows(of: &TypeBox) -> usize {
    of.fields.len().min(MOST_FIELDS + 1)
}

fn width(of: &TypeBox) -> usize {
    let shown = of.fields.iter().take(MOST_FIELDS);
    let longest = shown.map(|(kind, name)| kind.chars().count() + name.chars().count() + 3);
    let head = of.label.chars().count() + of.name.chars().count() + 3;
    longest.chain([head, 14]).max().unwrap_or(14) * CHARACTER + 16
}

/// The boxes, column by column.
fn columns(picture: &Picture) -> Vec<Vec<&TypeBox>> {
    let boxes = &picture.boxes;
    let Some(centre) = &picture.centre else {
        let across = boxes.len().isqrt().max(1);
        let high = boxes.len().div_ceil(across).max(1);
        return boxes.chunks(high).map(|it| it.iter().collect()).collect();
    };
    let steps = picture.distances(centre);
    let mut columns: Vec<Vec<&TypeBox>> = Vec::new();
    for of in boxes {
        let at = steps.get(&of.name).copied().unwrap_or_default();
        while columns.len() <= at {
            columns.push(Vec::new());
        }
        columns[at].push(of);
    }
    columns
}
