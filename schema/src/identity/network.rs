//! Networks: the addresses that a key may be used from, and those of proxies that are trusted.
//!
//! IPv4 addresses that are written as IPv6 ones (`::ffff:192.0.2.7`) count as IPv4, wherever they come
//! from: a socket that takes both kinds shows them so.

use std::{fmt, net::IpAddr, str::FromStr};

use ipnet::{IpNet, Ipv4Net};
use serde::{Serialize, Serializer};

/// How many leading bits of an IPv6 address say that it is an IPv4 one.
const MAPPED_BITS: u8 = 96;

/// A network, or one address alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpNet);

impl Network {
    /// The network that one party has who sends from this address: the address alone, or the first half of an IPv6
    /// one, for whoever has one of those has them all.
    pub fn of_one_party(address: IpAddr) -> Self {
        const SUBNET: u8 = 64;
        let alone = IpNet::from(address.to_canonical());
        let subnet = match alone {
            IpNet::V4(_) => None,
            IpNet::V6(_) => IpNet::new(alone.addr(), SUBNET).ok(),
        };
        Self(subnet.map_or(alone, |subnet| subnet.trunc()))
    }

    /// Whether the address belongs to it.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() {
            self.0.addr().fmt(formatter)
        } else {
            self.0.fmt(formatter)
        }
    }
}

impl Serialize for Network {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for Network {
    type Err = String;

    /// Parses an address or a network. The message says what is accepted.
    fn from_str(text: &str) -> Result<Self, String> {
        let Some(network) = parse(text).map(unmapped) else {
            return Err(
                "is neither an address nor a network such as \"192.0.2.7\", \"203.0.113.0/24\" or \"2001:db8::/32\""
                    .to_owned(),
            );
        };
        if network.addr() == network.network() {
            return Ok(Self(network));
        }
        let (network, address) = (network.trunc(), network.addr());
        Err(format!(
            "names an address inside of a network; write {network} for all of it, or {address} for the one"
        ))
    }
}

fn parse(text: &str) -> Option<IpNet> {
    let Some((address, length)) = text.split_once('/') else {
        return text.parse::<IpAddr>().ok().map(IpNet::from);
    };
    let digits = length.bytes().all(|byte| byte.is_ascii_digit());
    let length = length.parse().ok().filter(|_| digits)?;
    IpNet::new(address.parse().ok()?, length).ok()
}

fn unmapped(network: IpNet) -> IpNet {
    let IpNet::V6(mapped) = network else {
        return network;
    };
    let bits = mapped.prefix_len().checked_sub(MAPPED_BITS);
    let address = mapped.addr().to_ipv4_mapped();
    let unmapped = address
        .zip(bits)
        .and_then(|(address, bits)| Ipv4Net::new(address, bits).ok());
    unmapped.map_or(network, IpNet::V4)
}
