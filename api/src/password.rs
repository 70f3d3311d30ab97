//! Passwords: Argon2id, off the threads that serve, and no more of them at once than there are cores:
//! each one takes 19 MiB and some milliseconds of a core.

mod breached;

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use breached::Breached;
use schema::{Error, FaultCode, Place};
use tokio::{sync::Semaphore, task::JoinError};

use crate::{
    config::{BREACHED_PASSWORDS, ConfigError, Secret},
    problem::Problem,
};

/// The fewest characters of a password.
const LEAST: usize = 8;
/// The most characters of a password.
const MOST: usize = 256;
/// How long a check may wait for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
/// Letters and digits that nobody mistakes for another, for the password that is printed.
const READABLE: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// 24 of these 56 characters are 139 bits.
const GENERATED: usize = 24;

/// Why a password could not be hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many others wait.
    #[error("too many sign-ins at once; try again")]
    Busy,
    /// The hash failed, or the stored one is none.
    #[error("hashing a password failed: {0}")]
    Hash(String),
    /// The thread that hashed did not end well.
    #[error("hashing a password failed")]
    Thread(#[from] JoinError),
    /// The list of passwords that nobody may choose could not be read.
    #[error("reading the list of breached passwords failed")]
    Breached(#[from] io::Error),
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Error::Busy.into(),
            PasswordError::Hash(_) | PasswordError::Thread(_) | PasswordError::Breached(_) => {
                Self::internal(error)
            }
        }
    }
}

/// Hashes and checks passwords.
#[derive(Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    /// The hash of a password that nobody knows: what is checked where there is no user, so that the
    /// time of the answer does not tell.
    decoy: String,
    /// What nobody may choose.
    breached: Option<Arc<Breached>>,
}

impl Passwords {
    /// Ready to hash.
    pub fn new() -> Result<Self, PasswordError> {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Ok(Self {
            turns: Arc::new(Semaphore::new(cores)),
            decoy: hash(generate().expose())?,
            breached: None,
        })
    }

    /// The same, where passwords that stand in a file are refused.
    pub fn without_breached(self, file: PathBuf) -> Result<Self, ConfigError> {
        let breached = Breached::open(file).map_err(|message| ConfigError {
            variable: BREACHED_PASSWORDS,
            message,
        })?;
        Ok(Self {
            breached: Some(Arc::new(breached)),
            ..self
        })
    }

    /// The hash of a password that somebody chooses, which stands at this member of the body, if it is
    /// fit to be one.
    pub async fn choose(&self, password: String, member: &str) -> Result<String, Problem> {
        let refuse = |message: String| {
            let place = Place::Pointer(String::new()).child(member);
            Problem::from(Error::fault(place, FaultCode::InvalidValue, message))
        };
        check_password(&password).map_err(refuse)?;
        let password = Secret::new(password);
        if let Some(breached) = self.breached.clone() {
            let password = password.clone();
            let is_known = self.take_turn(move || breached.contains(password.expose()));
            if is_known.await?.map_err(PasswordError::from)? {
                return Err(refuse(
                    "stands in a list of passwords that others know; choose another one".to_owned(),
                ));
            }
        }
        Ok(self.hash(password).await?)
    }

    /// The hash of a password, with a salt of its own.
    pub async fn hash(&self, password: Secret) -> Result<String, PasswordError> {
        self.take_turn(move || hash(password.expose())).await?
    }

    /// Whether a password fits a hash. Without a hash it takes as long and answers false.
    pub async fn verify(
        &self,
        password: Secret,
        stored: Option<String>,
    ) -> Result<bool, PasswordError> {
        let exists = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.decoy.clone());
        let fits = self.take_turn(move || {
            let stored = PasswordHash::new(&stored).map_err(failed)?;
            let password = password.expose().as_bytes();
            Ok::<_, PasswordError>(Argon2::default().verify_password(password, &stored).is_ok())
        });
        Ok(fits.await?? && exists)
    }

    async fn take_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let turn = Arc::clone(&self.turns).acquire_owned();
        let turn = tokio::time::timeout(PATIENCE, turn)
            .await
            .map_err(|_| PasswordError::Busy)?;
        let worked = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        Ok(worked.await?)
    }
}

/// Refuses passwords that are too short to be any, or so long that they are something else. The
/// message says what is accepted.
pub fn check_password(password: &str) -> Result<(), String> {
    let length = password.chars().count();
    if (LEAST..=MOST).contains(&length) {
        return Ok(());
    }
    Err(format!("must have from {LEAST} to {MOST} characters"))
}

/// A random password for people to copy once.
pub fn generate() -> Secret {
    use rand::RngExt as _;
    let mut rng = rand::rng();
    let characters = (0..GENERATED).map(|_| READABLE[rng.random_range(0..READABLE.len())]);
    Secret::new(characters.map(char::from).collect::<String>())
}

fn hash(password: &str) -> Result<String, PasswordError> {
    let hash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(failed)?;
    Ok(hash.to_string())
}

// The error of the library is no `std::error::Error` without its `std` feature.
fn failed(error: impl std::fmt::Display) -> PasswordError {
    PasswordError::Hash(error.to_string())
}
