//! Which addresses may be fetched: a file that somebody else wrote must not make this machine call its neighbours.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use argosy_kernel::{Error, Result};
use url::{Host, Url};

/// Whether addresses of private networks may be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PrivateAddresses {
    /// No: of this machine, its network and its provider nothing is fetched.
    #[default]
    Refuse,
    /// Yes.
    Allow,
}

/// Reads an address that may be fetched, as far as its text tells. Names are looked at when they are resolved.
pub(super) fn read(text: &str, private: PrivateAddresses) -> Result<Url> {
    let refuse = |message: &str| Error::invalid("PICTURE_ADDRESS_REFUSED", message.to_owned());
    let url = Url::parse(text).map_err(|error| refuse(&format!("is not an address: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refuse("only http and https are fetched"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("addresses with a password in them are not fetched"));
    }
    let address = match url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::from(address)),
        Some(Host::Ipv6(address)) => Some(IpAddr::from(address)),
        Some(Host::Domain(_)) => None,
        None => return Err(refuse("has no host")),
    };
    if private == PrivateAddresses::Refuse && address.is_some_and(|address| !is_public(address)) {
        return Err(refuse(PRIVATE));
    }
    Ok(url)
}

/// Why an address is not fetched.
pub(super) const PRIVATE: &str =
    "is in a private network or on this machine: allow it with --allow-private-addresses";

/// Whether an address is one of the public internet.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// The special-purpose blocks of IANA's registry that are not globally reachable, and multicast.
fn is_public_v4(address: Ipv4Addr) -> bool {
    !matches!(
        address.octets(),
        [0 | 10 | 127 | 224..=255, ..]
            | [100, 64..=127, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 168, ..]
            | [192, 0, 0 | 2, _]
            | [192, 88, 99, _]
            | [198, 18..=19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
    )
}

/// Only what is allocated for unicast, and of that no block that carries an IPv4 address which is not public.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let embedded = |high: u16, low: u16| {
        let [[a, b], [c, d]] = [high.to_be_bytes(), low.to_be_bytes()];
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => embedded(high, low),
        // Protocol assignments and Teredo, documentation.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_this_machine_and_its_networks_are_refused_however_they_are_written() {
        for text in [
            "http://127.0.0.1/a.png",
            "http://127.1/a.png",
            "http://2130706433/a.png",
            "http://0x7f.0.0.1/a.png",
            "http://0177.0.0.1/a.png",
            "http://10.1.2.3/a.png",
            "http://172.31.0.1/a.png",
            "http://192.168.1.1/a.png",
            "http://169.254.169.254/latest/meta-data",
            "http://100.64.0.1/a.png",
            "http://0.0.0.0/a.png",
            "http://224.0.0.1/a.png",
            "http://255.255.255.255/a.png",
            "http://[::1]/a.png",
            "http://[::]/a.png",
            "http://[::ffff:127.0.0.1]/a.png",
            "http://[::ffff:a9fe:a9fe]/a.png",
            "http://[64:ff9b::7f00:1]/a.png",
            "http://[2002:7f00:1::]/a.png",
            "http://[fe80::1]/a.png",
            "http://[fd00::1]/a.png",
            "http://[2001:db8::1]/a.png",
        ] {
            let refused = read(text, PrivateAddresses::Refuse).unwrap_err();
            assert_eq!(refused.message(), PRIVATE, "{text}");
            assert!(read(text, PrivateAddresses::Allow).is_ok(), "{text}");
        }
    }

    #[test]
    fn only_the_web_is_fetched_and_without_passwords() {
        for text in [
            "ftp://shop.example/a",
            "file:///etc/passwd",
            "gopher://a",
            "http://u:p@shop.example/",
            "nonsense",
        ] {
            let refused = read(text, PrivateAddresses::Allow).unwrap_err();
            assert_eq!(refused.reason(), "PICTURE_ADDRESS_REFUSED", "{text}");
        }
    }

    #[test]
    fn public_addresses_and_names_are_let_through() {
        for text in [
            "https://shop.example/a.png",
            "http://93.184.216.34/",
            "http://[2606:2800:220:1::1]/",
            "http://172.32.0.1/",
        ] {
            assert!(read(text, PrivateAddresses::Refuse).is_ok(), "{text}");
        }
    }
}
