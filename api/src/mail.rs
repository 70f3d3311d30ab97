//! Mail: how a letter leaves the server ([`Mailer`]), and the letters with links to choose a password.
//!
//! A letter has no text of users in it but the address that it goes to.

mod letter;
mod smtp;

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use schema::identity::{LinkPurpose, MailedLink};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::{ConfigError, LinkTemplate, MailConfig};

pub use letter::Letter;
pub use smtp::SmtpMailer;

/// How many letters that nobody waits for may be on their way at once.
const MOST_ON_THE_WAY: usize = 64;
/// How long a letter may take. Whoever invites waits for it, and must be told what became of it before the time of
/// the request is over.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends letters.
pub trait Mailer: fmt::Debug + Send + Sync {
    /// Hands a letter over to whoever delivers it.
    fn send(&self, letter: Letter) -> Sending<'_>;
}

/// A letter on its way.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>>;

/// Why a letter was not sent. No letter and no address stands in it.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// No server is configured.
    #[error("no server for mail is configured")]
    NotConfigured,
    /// The address is none that mail can be sent to.
    #[error("the address is none that mail can be sent to")]
    Address,
    /// The letter could not be put together.
    #[error("the letter could not be written")]
    Letter(#[from] lettre::error::Error),
    /// The server for mail did not take it.
    #[error("the server for mail did not take it")]
    Refused(#[from] lettre::transport::smtp::Error),
    /// The server for mail took too long.
    #[error("the server for mail took too long")]
    TooSlow,
}

/// What sends letters here, and where their links lead.
#[derive(Debug, Clone)]
pub struct Mail {
    mailer: Option<Arc<dyn Mailer>>,
    reset_url: Option<LinkTemplate>,
    invitation_url: Option<LinkTemplate>,
    on_the_way: Arc<Semaphore>,
}

impl Mail {
    /// What the settings say; without a server no mail is sent.
    pub fn of(config: &MailConfig) -> Result<Self, ConfigError> {
        let mailer = match &config.smtp {
            Some(smtp) => Some(Arc::new(SmtpMailer::of(smtp)?) as Arc<dyn Mailer>),
            None => None,
        };
        Ok(Self {
            mailer,
            reset_url: config.reset_url.clone(),
            invitation_url: config.invitation_url.clone(),
            on_the_way: Arc::new(Semaphore::new(MOST_ON_THE_WAY)),
        })
    }

    /// Whether letters can be sent at all.
    pub fn is_configured(&self) -> bool {
        self.mailer.is_some()
    }

    /// Where a link leads, if a page is configured for it.
    pub fn url(&self, link: &MailedLink) -> Option<String> {
        let template = match link.purpose {
            LinkPurpose::Invitation => &self.invitation_url,
            LinkPurpose::Reset => &self.reset_url,
        };
        let template = template.as_ref()?;
        Some(template.with(link.token.reveal()))
    }

    /// Sends a link to the one that it was made for.
    pub async fn send_link(&self, link: &MailedLink) -> Result<(), MailError> {
        let (Some(mailer), Some(url)) = (&self.mailer, self.url(link)) else {
            return Err(MailError::NotConfigured);
        };
        let sending = mailer.send(Letter::with_link(link, &url));
        let sent = tokio::time::timeout(PATIENCE, sending).await;
        sent.map_err(|_| MailError::TooSlow)?
    }

    /// The right to send one letter that nobody waits for, unless too many are on their way.
    pub(crate) fn take_turn(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.on_the_way).try_acquire_owned().ok()
    }
}
