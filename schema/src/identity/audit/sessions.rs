//! Sessions as their users and admins see them, and what is kept of a sign-in.

use std::net::IpAddr;

use serde::Serialize;

use crate::id::SessionId;

/// The most characters that are kept of what a client calls itself.
const LONGEST_AGENT: usize = 200;

/// An open session.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionDescription {
    /// The session.
    pub id: SessionId,
    /// When its user signed in.
    pub created_at: String,
    /// When it was last prolonged; at first, the sign-in.
    pub last_used_at: String,
    /// When it ends unless it is prolonged.
    pub expires_at: String,
    /// The address of the sign-in.
    pub address: Option<String>,
    /// What the client called itself at the sign-in.
    pub user_agent: Option<String>,
    /// Whether it is the session that asks.
    pub current: bool,
}

/// Where a sign-in came from.
#[derive(Clone, Debug, Default)]
pub struct Arrival {
    /// The address.
    pub address: Option<IpAddr>,
    /// What the client calls itself.
    pub user_agent: Option<String>,
}

impl Arrival {
    /// The name of the client, as much of it as is kept: anybody can write what it likes into it.
    pub(crate) fn kept_agent(&self) -> Option<String> {
        let agent = self.user_agent.as_deref()?;
        let characters = agent.chars().filter(|character| !character.is_control());
        let kept: String = characters.take(LONGEST_AGENT).collect();
        let kept = kept.trim();
        (!kept.is_empty()).then(|| kept.to_owned())
    }
}
