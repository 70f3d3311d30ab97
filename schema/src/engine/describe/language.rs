//! The languages that a caller reads, and the choice among the texts of a definition.

use std::collections::BTreeMap;

/// The most languages that are looked at.
const MOST: usize = 10;

/// The language of the plain labels and help texts.
const PLAIN: &str = "en";

/// The languages that a caller reads, the best first, as BCP 47 tags.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Languages(Vec<String>);

impl Languages {
    /// The languages with these tags.
    pub fn new(tags: impl IntoIterator<Item = String>) -> Self {
        let tags = tags.into_iter().map(|tag| tag.to_ascii_lowercase());
        Self(tags.take(MOST).collect())
    }

    /// The tags, in lower case.
    pub fn tags(&self) -> &[String] {
        &self.0
    }

    /// The best of the texts: for each language in turn the text with its tag, or with a shorter one (`de`
    /// for `de-AT`). The plain text counts as English, and stands in where no text fits.
    pub(super) fn pick(&self, texts: &BTreeMap<String, String>, plain: &str) -> String {
        for tag in &self.0 {
            let mut tag = tag.as_str();
            loop {
                let mut found = texts.iter();
                let found = found.find(|(known, _)| known.eq_ignore_ascii_case(tag));
                if let Some((_, text)) = found {
                    return text.clone();
                }
                if tag == PLAIN {
                    return plain.to_owned();
                }
                let Some((shorter, _)) = tag.rsplit_once('-') else {
                    break;
                };
                tag = shorter;
            }
        }
        plain.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{BTreeMap, Languages};

    #[test]
    fn the_best_language_is_picked() {
        let texts = [("de", "Stadt"), ("pt-BR", "Cidade")];
        let texts: BTreeMap<String, String> = texts
            .map(|(tag, text)| (tag.to_owned(), text.to_owned()))
            .into();
        let rows: &[(&[&str], &str)] = &[
            (&[], "City"),
            (&["de"], "Stadt"),
            (&["de-AT"], "Stadt"),
            (&["PT-br"], "Cidade"),
            (&["pt"], "City"),
            (&["en", "de"], "City"),
            (&["en-GB", "de"], "City"),
            (&["fr", "de"], "Stadt"),
        ];
        for (tags, expected) in rows {
            let languages = Languages::new(tags.iter().map(|tag| (*tag).to_owned()));
            assert_eq!(languages.pick(&texts, "City"), *expected, "{tags:?}");
        }
    }
}
