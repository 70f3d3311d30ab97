//! The second factor of people: one-time codes by the time, and recovery codes for whoever has lost the app.
//!
//! Six digits can be guessed: wrong ones are counted per user, whatever the challenge, and after each five no
//! code of an app is looked at for a while. A recovery code can't be guessed, so it works even then: who knows
//! the password keeps nobody out who has one.

use time::Duration;

use super::{
    Judged,
    managing::load_user_in,
    member, not_found,
    principals::unauthenticated,
    sign_in::{origin_at, signed_in},
};
use crate::{
    access::{Caller, Principal},
    engine::Engine,
    error::{Error, FaultCode, Result},
    id::UserId,
    identity::{
        Arrival, AuditKind, AuditObject, Draft, Secret, SessionTokens, SignIn, SignInChallenge,
        TokenKind, TotpEnrolment, TotpSecret, TypedCode, random_recovery_codes,
    },
    store::identity::{ChallengeRow, HeldUser},
};

/// How long a code may take after the password.
const CHALLENGE_LIFETIME: Duration = Duration::minutes(5);
/// The most challenges of one user that wait at once.
const MOST_CHALLENGES: u64 = 20;
/// After so many wrong codes none is looked at for a while.
const MOST_FAILURES: i32 = 5;
/// How long that is at first; each further time it doubles.
const FIRST_BLOCK: Duration = Duration::minutes(15);
/// The longest that it gets.
const LONGEST_BLOCK: Duration = Duration::days(1);

impl Engine {
    /// Makes a secret for the app of a user whose password was verified. It counts when it is confirmed.
    pub async fn begin_totp(&self, verified: &SignIn) -> Result<TotpEnrolment> {
        let mut held = self.hold_verified(verified).await?;
        if held.user.totp_confirmed_at.is_some() {
            return Err(Error::Conflict(
                "there is a second factor already; take it away first".to_owned(),
            ));
        }
        let secret = TotpSecret::random();
        let purpose = purpose(&held.user);
        held.user.totp_secret = Some(self.sealer.seal_for(&purpose, &secret.text())?);
        held.user.totp_last_step = None;
        held.user.totp_failures = None;
        held.save().await?;
        let uri = secret.uri(&held.user.email);
        held.commit().await?;
        Ok(TotpEnrolment {
            secret: Secret::new(secret.text()),
            uri: Secret::new(uri),
        })
    }

    /// Puts the second factor in force, by a first code of the app. The recovery codes are shown this once.
    pub async fn confirm_totp(&self, caller: &Caller, code: &str) -> Result<Vec<Secret>> {
        let held = self.store.hold_user(person(caller)?).await?;
        let mut held = held.ok_or_else(unauthenticated)?;
        if held.user.totp_confirmed_at.is_some() || held.user.totp_secret.is_none() {
            return Err(Error::Conflict(
                "no second factor waits to be confirmed; begin with POST /v1/auth/totp".to_owned(),
            ));
        }
        let now = self.clock.now();
        let step = match TypedCode::read(code) {
            TypedCode::Totp(code) => self.secret_of(&held)?.matching_step(&code, now, None),
            TypedCode::Recovery(_) => None,
        };
        let Some(step) = step else {
            // Who has found a token must not guess its way to a second factor of somebody else.
            let failures = held.user.totp_failures.unwrap_or(0).saturating_add(1);
            held.user.totp_failures = Some(failures);
            if failures >= MOST_FAILURES {
                forget_totp(&mut held.user);
            }
            held.save().await?;
            held.commit().await?;
            return Err(wrong_code());
        };
        held.user.totp_confirmed_at = Some(now);
        held.user.totp_last_step = Some(step);
        held.user.totp_failures = None;
        held.user.totp_blocked_until = None;
        held.save().await?;
        let codes = random_recovery_codes();
        let rows = codes.iter();
        let rows = rows.map(|(_, hash)| (self.ids.uuid(now), hash.clone()));
        held.replace_recovery_codes(rows.collect()).await?;
        tracing::info!(user.id = %held.user.id, "second factor put in force");
        let object = (AuditObject::User, held.user.id);
        held.commit_noted(&Draft::of(caller, AuditKind::SecondFactorAdded, object))
            .await?;
        Ok(codes.into_iter().map(|(code, _)| code).collect())
    }

    /// Takes the second factor of a user away, whose password was verified, by a last code of it.
    pub async fn remove_totp(&self, caller: &Caller, verified: &SignIn, code: &str) -> Result<()> {
        let mut held = self.hold_verified(verified).await?;
        if held.user.totp_confirmed_at.is_none() {
            return Err(not_found("second factor", "totp"));
        }
        if !self.use_code(&mut held, code).await? {
            held.commit().await?;
            return Err(wrong_code());
        }
        forget_totp(&mut held.user);
        held.save().await?;
        held.replace_recovery_codes(Vec::new()).await?;
        held.delete_challenges().await?;
        tracing::info!(user.id = %held.user.id, "second factor taken away");
        let object = (AuditObject::User, held.user.id);
        held.commit_noted(&Draft::of(caller, AuditKind::SecondFactorRemoved, object))
            .await
    }

    /// Takes the second factor of somebody away who has lost it. It ends all sessions of the user.
    pub async fn reset_totp(&self, caller: &Caller, id: UserId) -> Result<()> {
        self.managing(caller)?;
        if caller.principal == Principal::User(id) {
            return Err(Error::Forbidden(
                "your own goes with your password and a code: DELETE /v1/auth/totp".to_owned(),
            ));
        }
        let (change, Judged { managing, .. }) = self.change_managed(caller).await?;
        let mut row = load_user_in(&change, &managing, id).await?;
        managing.check_reaches_user(&row)?;
        let now = self.clock.now();
        forget_totp(&mut row.user);
        row.user.auth_epoch += 1;
        row.user.updated_at = now;
        change.revoke_sessions(id, now).await?;
        change.delete_second_factor(id).await?;
        change.update_user(row).await?;
        let object = (AuditObject::User, id.uuid());
        let entry = Draft::of(caller, AuditKind::SecondFactorRemoved, object);
        self.commit_access(change, entry).await
    }

    /// What a user whose first factor was verified has to answer with a code.
    pub async fn create_challenge(&self, verified: &SignIn) -> Result<SignInChallenge> {
        let held = self.hold_verified(verified).await?;
        let now = self.clock.now();
        let token = TokenKind::CHALLENGE.random();
        if held.count_challenges().await? >= MOST_CHALLENGES {
            held.delete_challenges().await?;
        }
        let row = ChallengeRow {
            id: self.ids.uuid(now),
            user_id: held.user.id,
            token_hash: TokenKind::hash_of(token.reveal()),
            auth_epoch: held.user.auth_epoch,
            expires_at: now + CHALLENGE_LIFETIME,
            provider: verified.provider.clone(),
            created_at: now,
        };
        held.insert_challenge(row).await?;
        held.commit().await?;
        Ok(SignInChallenge {
            token,
            lifetime: CHALLENGE_LIFETIME,
        })
    }

    /// Opens a session for whoever answers a challenge with a code.
    pub async fn answer_challenge(
        &self,
        token: &str,
        code: &str,
        from: &Arrival,
    ) -> Result<SessionTokens> {
        let hash = TokenKind::CHALLENGE.hash(token).ok_or_else(refused)?;
        let found = self.store.find_challenge(&hash).await?;
        let user = UserId::new(found.ok_or_else(refused)?.user_id);
        let held = self.store.hold_user(user).await?;
        let mut held = held.ok_or_else(refused)?;
        let now = self.clock.now();
        let found = held.find_challenge(&hash).await?;
        let stands = |challenge: &ChallengeRow| {
            now < challenge.expires_at
                && held.user.active
                && held.user.auth_epoch == challenge.auth_epoch
                && held.user.totp_confirmed_at.is_some()
        };
        let challenge = found.filter(stands).ok_or_else(refused)?;
        if !self.use_code(&mut held, code).await? {
            held.commit().await?;
            self.note_failed_sign_in(Some(user), origin_at(from.address));
            return Err(refused());
        }
        held.delete_challenge(challenge.id).await?;
        let (session, refresh_token) = self.new_session_of(user, held.user.auth_epoch, from);
        held.insert_session(session.clone()).await?;
        let provider = challenge.provider.as_deref();
        held.commit_noted(&signed_in(&session, from, provider))
            .await?;
        tracing::info!(user.id = %user, session.id = %session.family_id, "signed in with a second factor");
        Ok(super::sign_in::tokens_of(&session, refresh_token))
    }

    /// The user of verified credentials, as long as they stand.
    async fn hold_verified(&self, verified: &SignIn) -> Result<HeldUser> {
        let held = self.store.hold_user(verified.user).await?;
        held.filter(|held| held.user.active && held.user.auth_epoch == verified.auth_epoch)
            .ok_or_else(unauthenticated)
    }

    /// Whether a code is right, used up in that case and counted in the other: the caller commits either.
    async fn use_code(&self, held: &mut HeldUser, code: &str) -> Result<bool> {
        let now = self.clock.now();
        let is_right = match TypedCode::read(code) {
            TypedCode::Recovery(hash) => {
                if !held.use_recovery_code(&hash).await? {
                    return Ok(false);
                }
                true
            }
            TypedCode::Totp(_) if held.user.totp_blocked_until.is_some_and(|end| now < end) => {
                return Ok(false);
            }
            TypedCode::Totp(code) => {
                let last = held.user.totp_last_step;
                let step = self.secret_of(held)?.matching_step(&code, now, last);
                held.user.totp_last_step = step.or(last);
                step.is_some()
            }
        };
        if is_right {
            held.user.totp_failures = None;
            held.user.totp_blocked_until = None;
        } else {
            let failures = held.user.totp_failures.unwrap_or(0).saturating_add(1);
            held.user.totp_failures = Some(failures);
            if failures % MOST_FAILURES == 0 {
                held.user.totp_blocked_until = Some(now + block_after(failures));
                held.delete_challenges().await?;
                tracing::warn!(user.id = %held.user.id, failures, "too many wrong codes of a second factor");
            }
        }
        held.save().await?;
        Ok(is_right)
    }

    fn secret_of(&self, held: &HeldUser) -> Result<TotpSecret> {
        let sealed = held.user.totp_secret.as_deref();
        let text = sealed.and_then(|sealed| self.sealer.open_for(&purpose(&held.user), sealed));
        text.and_then(|text| TotpSecret::parse(&text))
            .ok_or_else(|| Error::internal("opening a second factor", "its secret is not sealed"))
    }
}

/// How long no code is looked at after so many wrong ones in a row.
fn block_after(failures: i32) -> Duration {
    let times = failures / MOST_FAILURES - 1;
    let doubled = (0..times.min(16)).fold(FIRST_BLOCK, |block, _| block * 2);
    doubled.min(LONGEST_BLOCK)
}

/// What the secret of a user is sealed for: it opens in no other row.
fn purpose(user: &entity::user::Model) -> String {
    format!("totp:{}", user.id)
}

pub(super) fn forget_totp(user: &mut entity::user::Model) {
    user.totp_secret = None;
    user.totp_confirmed_at = None;
    user.totp_last_step = None;
    user.totp_failures = None;
    user.totp_blocked_until = None;
}

/// The user behind a caller; only people have a second factor.
fn person(caller: &Caller) -> Result<UserId> {
    match caller.principal {
        Principal::User(id) => Ok(id),
        Principal::Key(_) | Principal::Anonymous | Principal::System { .. } => Err(
            Error::Forbidden("only people have a second factor".to_owned()),
        ),
    }
}

fn wrong_code() -> Error {
    Error::fault(
        member("code"),
        FaultCode::InvalidValue,
        "is wrong, used or over; wait for the next code of your app, and see that its clock is right",
    )
}

/// One answer for all that can be wrong with a challenge and its code.
fn refused() -> Error {
    Error::Unauthenticated(
        "the challenge or the code is wrong, used or over; after several wrong codes those of the app are refused for \
         a while, and a recovery code works"
            .to_owned(),
    )
}
