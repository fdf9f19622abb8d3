//! Where a request came from, for limits on what many requests from one place may do.

use std::{convert::Infallible, net::IpAddr};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
};

use crate::address::ClientAddress;

/// What browsers and programs send alike in each request.
const TELLING: &[&str] =
    &["user-agent", "accept-language", "accept-encoding", "sec-ch-ua", "sec-ch-ua-platform"];

/// The place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visitor {
    /// The client's address; of IPv6 the first 64 bits, since one subscriber has all others.
    pub network: String,
    /// A digest of the headers that a device sends with each of its requests; empty: it sends none of them.
    pub device: String,
}

impl Visitor {
    fn of(headers: &HeaderMap, address: Option<&ClientAddress>) -> Self {
        let network = match address {
            Some(ClientAddress(IpAddr::V6(address))) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
            Some(ClientAddress(address)) => address.to_string(),
            None => String::new(),
        };
        let mut hasher = blake3::Hasher::new();
        let mut any = false;
        for name in TELLING {
            let value = headers.get(*name).map_or(&b""[..], |value| value.as_bytes());
            any |= !value.is_empty();
            hasher.update(&(value.len() as u64).to_le_bytes()).update(value);
        }
        let device = if any { hasher.finalize().to_hex()[..32].to_owned() } else { String::new() };
        Self { network, device }
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers, parts.extensions.get()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(agent: &'static str, address: &str) -> Visitor {
        let mut headers = HeaderMap::new();
        if !agent.is_empty() {
            headers.insert("user-agent", agent.parse().unwrap());
        }
        Visitor::of(&headers, Some(&ClientAddress(address.parse().unwrap())))
    }

    #[test]
    fn a_device_is_told_by_its_headers_and_a_network_by_its_address() {
        let first = from("a browser", "192.0.2.1");
        assert_eq!(first, from("a browser", "192.0.2.1"));
        assert_ne!(first.device, from("another", "192.0.2.1").device);
        assert_eq!(first.network, "192.0.2.1");
        assert_eq!(from("", "192.0.2.1").device, "");
        let (one, other) = (from("", "2001:db8:1:2:3::1"), from("", "2001:db8:1:2:ffff::9"));
        assert_eq!((one.network.as_str(), &one), ("2001:db8:1:2::/64", &other));
    }
}
