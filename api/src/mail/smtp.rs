//! Letters by SMTP (RFC 5321).

use std::time::Duration;

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{
        Body, Mailbox,
        header::{ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue},
    },
};

use super::{Letter, MailError, Mailer, Sending};
use crate::config::{ConfigError, Smtp};

/// How long one command may take.
const COMMAND: Duration = Duration::from_secs(10);

/// Hands letters to one server, over a connection of its own each.
#[derive(Debug)]
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl SmtpMailer {
    /// The server of the settings. Nothing is sent yet, and no connection is made.
    pub fn of(smtp: &Smtp) -> Result<Self, ConfigError> {
        let url = smtp.url.expose();
        // What the library says may repeat the address, and with it the password.
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| {
            ConfigError {
                variable: "RELATA_SMTP_URL",
                message: "must be like smtps://user:password@mail.example.com or \
                          smtp://user:password@mail.example.com?tls=required; special characters of user and \
                          password are percent-encoded"
                    .to_owned(),
            }
        })?;
        let from = smtp.from.parse().map_err(|error| ConfigError {
            variable: "RELATA_MAIL_FROM",
            message: format!("must be like Relata <relata@example.com>: {error}"),
        })?;
        Ok(Self {
            transport: transport.timeout(Some(COMMAND)).build(),
            from,
        })
    }

    fn write(&self, letter: &Letter) -> Result<Message, MailError> {
        let to: Address = letter.to.parse().map_err(|_| MailError::Address)?;
        let id = uuid::Builder::from_random_bytes(rand::random()).into_uuid();
        let domain = self.from.email.domain();
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(letter.subject)
            .message_id(Some(format!("<{id}@{domain}>")))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(body_of(letter))?;
        Ok(message)
    }
}

impl Mailer for SmtpMailer {
    fn send(&self, letter: Letter) -> Sending<'_> {
        Box::pin(async move {
            let message = self.write(&letter)?;
            self.transport.send(message).await?;
            Ok(())
        })
    }
}

/// The text as it is, so that a link stays in one piece: it is ASCII, and no line has more than the 998
/// characters that a line may have.
fn body_of(letter: &Letter) -> Body {
    let text = letter.text.replace('\n', "\r\n").into_bytes();
    Body::dangerous_pre_encoded(text, ContentTransferEncoding::SevenBit)
}

/// `Auto-Submitted: auto-generated` (RFC 3834): no absence note is sent back.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
