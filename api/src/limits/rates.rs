//! How many units a minute each rate class has, as the setting `RELATA_RATE_LIMITS` says.

use std::str::FromStr;

use schema::access::RateClass;
use time::Duration;

use super::bucket::Quota;

/// The most units that a class can have.
const MOST: u64 = 1_000_000_000;

/// Units a minute. A bucket holds those of one minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// Of the class `low`.
    pub low: u64,
    /// Of the class `standard`, in which people are too.
    pub standard: u64,
    /// Of the class `high`.
    pub high: u64,
    /// Of an address, for requests without credentials.
    pub anonymous: u64,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            low: 1_200,
            standard: 12_000,
            high: 120_000,
            anonymous: 1_200,
        }
    }
}

impl RateLimits {
    /// The quota of a class; nothing for one without a limit.
    pub(super) fn quota(&self, class: RateClass) -> Option<Quota> {
        let units = match class {
            RateClass::Low => self.low,
            RateClass::Standard => self.standard,
            RateClass::High => self.high,
            RateClass::Unlimited => return None,
        };
        Some(per_minute(units))
    }

    /// The quota of an address.
    pub(super) fn of_address(&self) -> Quota {
        per_minute(self.anonymous)
    }
}

impl FromStr for RateLimits {
    type Err = String;

    /// Parses `standard=12000,anonymous=600`; what is not named keeps its default.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut limits = Self::default();
        let items = text.split(',').map(str::trim);
        for item in items.filter(|item| !item.is_empty()) {
            let units = |text: &str| {
                text.trim()
                    .parse()
                    .ok()
                    .filter(|it| (1..=MOST).contains(it))
            };
            let named = item.split_once('=');
            let Some((name, units)) = named.and_then(|(name, text)| Some((name, units(text)?)))
            else {
                return Err(format!(
                    "{item:?} is no class with its units a minute, 1 to {MOST}, such as standard=12000"
                ));
            };
            match name.trim() {
                "low" => limits.low = units,
                "standard" => limits.standard = units,
                "high" => limits.high = units,
                "anonymous" => limits.anonymous = units,
                other => {
                    return Err(format!(
                        "{other:?} has no limit to be set; known are low, standard, high and anonymous"
                    ));
                }
            }
        }
        Ok(limits)
    }
}

fn per_minute(units: u64) -> Quota {
    Quota {
        units,
        window: Duration::minutes(1),
    }
}
