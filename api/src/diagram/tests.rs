//! Diagrams of pictures with awkward texts.

use super::{
    Format, mermaid,
    picture::{Count, Line, Picture, TypeBox},
    svg,
};

fn picture() -> Picture {
    let of = |name: &str, label: &str| TypeBox {
        name: name.to_owned(),
        label: label.to_owned(),
        fields: vec![("text".to_owned(), "name".to_owned())],
    };
    let line = |from: &str, to: &str| Line {
        from: from.to_owned(),
        to: to.to_owned(),
        label: "link".to_owned(),
        at_from: Count::Many,
        at_to: Count::AtMostOne,
    };
    Picture {
        boxes: vec![
            of("a", "A \"quoted\" <b>&\u{1}\n#1; label"),
            of("b", "Größe"),
            of("c", "C"),
            of("d", "D"),
        ],
        lines: vec![line("a", "a"), line("a", "b"), line("b", "c")],
        centre: None,
    }
}

#[test]
fn labels_are_escaped() {
    let text = mermaid::write(&picture());
    assert!(
        text.contains("a[\"A #34;quoted#34; #60;b#62;&  #35;1#59; label\"]"),
        "{text}"
    );
    assert!(text.contains("b[\"Größe\"]"), "{text}");
    let text = svg::write(&picture());
    assert!(
        text.contains("A &quot;quoted&quot; &lt;b&gt;&amp;  #1; label"),
        "{text}"
    );
    assert!(!text.contains("<b>") && !text.contains('\u{1}'), "{text}");
    assert_eq!(text, svg::write(&picture()));
}

#[test]
fn around_a_type_is_what_is_near() {
    let names = |depth: u8| -> Vec<String> {
        let near = picture().around("a", depth);
        near.boxes.into_iter().map(|it| it.name).collect()
    };
    assert_eq!(names(0), ["a"]);
    assert_eq!(names(1), ["a", "b"]);
    assert_eq!(names(5), ["a", "b", "c"]);
    assert_eq!(picture().around("a", 0).lines.len(), 1);
}

#[test]
fn accept_chooses_the_format() {
    let rows = [
        (None, Format::Mermaid),
        (Some("*/*"), Format::Mermaid),
        (Some("image/svg+xml"), Format::Svg),
        (Some("text/html, image/*;q=0.8"), Format::Svg),
        (Some("text/vnd.mermaid, image/svg+xml"), Format::Mermaid),
    ];
    for (accept, expected) in rows {
        assert_eq!(Format::accepted(accept), expected, "{accept:?}");
    }
}
