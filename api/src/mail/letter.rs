//! The letters: plain text with a plain link.

use schema::identity::{LinkPurpose, MailedLink};
use time::{UtcOffset, format_description::BorrowedFormatItem, macros::format_description};

/// How the end of a link is told.
const UNTIL: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");

/// A letter to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The address.
    pub to: String,
    /// The subject, one line.
    pub subject: &'static str,
    /// The text.
    pub text: String,
}

impl Letter {
    /// The letter that a link is mailed in.
    pub(super) fn with_link(link: &MailedLink, url: &str) -> Self {
        let until = link.expires_at.to_offset(UtcOffset::UTC).format(UNTIL);
        // Only an instant beyond all calendars can't be written.
        let until = until.unwrap_or_default();
        let (subject, text) = match link.purpose {
            LinkPurpose::Invitation => (
                "Your invitation to Relata",
                format!(
                    "You are invited to Relata.\n\n\
                     Choose your password on this page:\n\n{url}\n\n\
                     The link works once, until {until}. If you know of no invitation,\n\
                     you need not do anything.\n"
                ),
            ),
            LinkPurpose::Reset => (
                "A new password for Relata",
                format!(
                    "Somebody, most likely you, has asked for a new password for Relata.\n\n\
                     Choose it on this page:\n\n{url}\n\n\
                     The link works once, until {until}. If you did not ask for it,\n\
                     you need not do anything: your password stays as it is.\n"
                ),
            ),
        };
        Self {
            to: link.email.clone(),
            subject,
            text,
        }
    }
}
