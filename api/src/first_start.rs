//! The first start: somebody must be able to sign in.

use schema::access::Caller;

use crate::{
    StartError,
    config::{ConfigError, Secret},
    password::{check_password, generate},
    state::AppState,
};

/// Who signs in when nothing is configured.
const EMAIL: &str = "admin@localhost";

/// The admin that was made at this start.
#[derive(Debug, Clone)]
pub struct FirstAdmin {
    /// The sign-in name.
    pub email: String,
    /// The password, when it was made up here: to be shown to a person, once.
    pub generated_password: Option<Secret>,
}

/// Makes an admin in a database without users; does nothing in any other.
pub async fn make_admin(state: &AppState) -> Result<Option<FirstAdmin>, StartError> {
    let system = Caller::system("first start", state.clock.now());
    if !state.engine.needs_bootstrap(&system).await? {
        return Ok(None);
    }
    let configured = state.config.admin_password.clone();
    let email = state.config.admin_email.as_deref().unwrap_or(EMAIL);
    if let Some(password) = &configured {
        check_password(password.expose())
            .map_err(|message| refuse("RELATA_ADMIN_PASSWORD", message))?;
    }
    let password = configured.clone().unwrap_or_else(generate);
    let hash = state.passwords.hash(password.clone()).await?;
    let made = match state.engine.bootstrap(&system, email, hash).await {
        Err(schema::Error::Invalid(faults)) => {
            let messages = faults.into_iter().map(|fault| fault.message);
            let message = messages.collect::<Vec<_>>().join("; ");
            return Err(refuse("RELATA_ADMIN_EMAIL", message));
        }
        made => made?,
    };
    Ok(made.then(|| FirstAdmin {
        email: email.to_owned(),
        generated_password: configured.is_none().then_some(password),
    }))
}

fn refuse(variable: &'static str, message: String) -> StartError {
    StartError::Config(ConfigError { variable, message })
}
