//! The settings of mail: through which server, from whom, and where its links lead.

use super::{ConfigError, Secret, refuse};

const SMTP_URL: &str = "RELATA_SMTP_URL";
const MAIL_FROM: &str = "RELATA_MAIL_FROM";
const RESET_URL: &str = "RELATA_RESET_URL";
const INVITATION_URL: &str = "RELATA_INVITATION_URL";

/// What stands for the token in the address of a page.
const TOKEN: &str = "{token}";

/// The longest address of a page: with the token it is a line of a letter.
const MAX_LENGTH: usize = 500;

/// How mail is sent.
#[derive(Debug, Clone, Default)]
pub struct MailConfig {
    /// Through which server; without one no mail is sent.
    pub smtp: Option<Smtp>,
    /// `RELATA_RESET_URL`: the page on which somebody chooses a new password.
    pub reset_url: Option<LinkTemplate>,
    /// `RELATA_INVITATION_URL`: the page on which an invited user chooses the first password; the same
    /// page unless told.
    pub invitation_url: Option<LinkTemplate>,
}

/// A server that takes mail.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// `RELATA_SMTP_URL`: `smtps://user:password@host` or `smtp://user:password@host?tls=required`.
    pub url: Secret,
    /// `RELATA_MAIL_FROM`: the sender, such as `Relata <relata@example.com>`.
    pub from: String,
}

/// The address of a page, with `{token}` where the token of a link stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkTemplate(String);

impl LinkTemplate {
    /// Parses an absolute address of http or https in which `{token}` stands once.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parsed = url::Url::parse(text).map_err(|error| error.to_string())?;
        if !["http", "https"].contains(&parsed.scheme()) {
            return Err("must begin with https:// or http://".to_owned());
        }
        if text.matches(TOKEN).count() != 1 {
            return Err(format!("must contain {TOKEN} once"));
        }
        if text.len() > MAX_LENGTH {
            return Err(format!("must have at most {MAX_LENGTH} characters"));
        }
        let is_plain = |character: char| character.is_ascii_graphic();
        if !text.chars().all(is_plain) {
            return Err("must not contain spaces, line breaks or other than ASCII".to_owned());
        }
        Ok(Self(text.to_owned()))
    }

    /// The address with this token, which has letters and digits alone.
    pub fn with(&self, token: &str) -> String {
        self.0.replace(TOKEN, token)
    }
}

/// Reads the settings.
pub(super) fn read_mail(
    text: &impl Fn(&'static str) -> Option<String>,
) -> Result<MailConfig, ConfigError> {
    let template = |variable| {
        let parsed = text(variable).map(|text| LinkTemplate::parse(text.trim()));
        parsed
            .transpose()
            .map_err(|message| refuse(variable, message))
    };
    let reset_url = template(RESET_URL)?;
    let invitation_url = template(INVITATION_URL)?.or_else(|| reset_url.clone());
    let smtp = match (text(SMTP_URL), text(MAIL_FROM)) {
        (Some(url), Some(from)) => Some(Smtp {
            url: Secret::new(url.trim()),
            from: from.trim().to_owned(),
        }),
        (Some(_), None) => {
            return Err(refuse(MAIL_FROM, "must name the sender of mail"));
        }
        (None, _) => None,
    };
    if smtp.is_some() && reset_url.is_none() {
        let message = format!("must name the page that mails lead to, with {TOKEN} in it");
        return Err(refuse(RESET_URL, message));
    }
    Ok(MailConfig {
        smtp,
        reset_url,
        invitation_url,
    })
}
