//! Rate classes: how much a principal may ask for in a time. What a class comes to is a setting of the
//! server, which counts; here stand the names alone.

use serde::Serialize;

/// How much a principal may ask for in a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RateClass {
    /// Little, such as for a key that somebody tries things with.
    Low,
    /// The usual: people, and keys for which nothing else was said.
    #[default]
    Standard,
    /// Much, such as for an import.
    High,
    /// Nothing is counted.
    Unlimited,
}

impl RateClass {
    /// Every class, from little to much.
    pub const ALL: &[Self] = &[Self::Low, Self::Standard, Self::High, Self::Unlimited];

    /// Its name in the API, in the settings and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Standard => "standard",
            Self::High => "high",
            Self::Unlimited => "unlimited",
        }
    }

    /// The class with this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|class| class.name() == name)
    }
}
