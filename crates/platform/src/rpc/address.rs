//! Where a service is: one process, several, or a name that stands for all of them.

use argosy_kernel::{Error, Result};
use http::Uri;

const ENDPOINTS_MAX: usize = 64;

/// The addresses of a service's processes, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    pub(super) listed: Vec<Uri>,
    /// Host and port of a name whose every address is a process.
    pub(super) named: Option<Named>,
}

/// A name to resolve again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) scheme: &'static str,
    pub(super) host: String,
    pub(super) port: u16,
}

impl Addresses {
    /// Reads `http://10.0.0.2:9090`, several of them with commas between, or `dns+http://inventory:9090`. `setting` is
    /// named in errors; `secure` says whether calls must be encrypted.
    ///
    /// # Errors
    /// `INVALID_ADDRESS`, naming the setting.
    pub fn parse(setting: &str, text: &str, secure: bool) -> Result<Self> {
        let refuse = |what: String| Error::invalid("INVALID_ADDRESS", format!("{setting}: {what}"));
        let scheme = if secure { "https" } else { "http" };
        let parts: Vec<&str> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
        if parts.is_empty() || parts.len() > ENDPOINTS_MAX {
            return Err(refuse(format!(
                "must be 1 to {ENDPOINTS_MAX} addresses such as {scheme}://10.0.0.2:9090"
            )));
        }
        let mut listed = Vec::new();
        for part in &parts {
            let (address, is_name) = part.strip_prefix("dns+").map_or((*part, false), |rest| (rest, true));
            let uri = read(address, scheme).map_err(|what| refuse(format!("'{part}' {what}")))?;
            if is_name {
                if parts.len() > 1 {
                    return Err(refuse(format!("'{part}' must be the only address")));
                }
                let host = uri.host().unwrap_or_default().to_owned();
                let port = uri.port_u16().unwrap_or_default();
                return Ok(Self { listed, named: Some(Named { scheme, host, port }) });
            }
            if !listed.contains(&uri) {
                listed.push(uri);
            }
        }
        Ok(Self { listed, named: None })
    }
}

fn read(address: &str, scheme: &str) -> Result<Uri, String> {
    let example = format!("is not a URL such as {scheme}://127.0.0.1:9090");
    let uri: Uri = address.parse().map_err(|_| example.clone())?;
    match uri.scheme_str() {
        Some(given) if given == scheme => {}
        Some("https") => {
            return Err("is encrypted, which needs rpc.tls.authority, certificate and key".to_owned());
        }
        Some("http") => return Err("must start with https://, because rpc.tls is set".to_owned()),
        _ => return Err(example),
    }
    if uri.host().is_none_or(str::is_empty) || uri.port_u16().is_none_or(|port| port == 0) {
        return Err(format!("{example}: host and port are needed"));
    }
    if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
        return Err(format!("{example}, without a path"));
    }
    Ok(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Addresses> {
        Addresses::parse("addresses.inventory", text, false)
    }

    #[test]
    fn one_several_and_a_name_are_read() {
        assert_eq!(parse("http://10.0.0.2:9090").unwrap().listed.len(), 1);
        assert_eq!(parse("http://a:1, http://b:1,http://a:1").unwrap().listed.len(), 2);
        let named = parse("dns+http://inventory:9090").unwrap().named.unwrap();
        assert_eq!((named.host.as_str(), named.port), ("inventory", 9090));
        assert!(Addresses::parse("x", "https://a:1", true).is_ok());
    }

    #[test]
    fn a_wrong_address_names_the_setting_and_what_is_wrong() {
        for (wrong, what) in [
            ("", "must be 1 to 64 addresses"),
            ("10.0.0.2:9090", "is not a URL"),
            ("http://10.0.0.2", "host and port are needed"),
            ("ftp://a:1", "is not a URL"),
            ("http://a:1/x", "without a path"),
            ("https://a:1", "needs rpc.tls"),
            ("http://a:1,dns+http://b:1", "must be the only address"),
        ] {
            let error = parse(wrong).unwrap_err();
            assert!(error.message().starts_with("addresses.inventory: "), "{error}");
            assert!(error.message().contains(what), "{error}");
        }
        let plain = Addresses::parse("addresses.cart", "http://a:1", true).unwrap_err();
        assert!(plain.message().contains("because rpc.tls is set"), "{plain}");
    }
}
