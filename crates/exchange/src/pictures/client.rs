//! The HTTP client that pictures are fetched with. It connects to no address that was not looked at: names are
//! resolved here, redirects are followed by whoever asks, and proxies of the environment are not used.

use std::{net::SocketAddr, sync::Arc};

use argosy_kernel::{Error, Result};
use reqwest::{
    Client,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use rustls::{ClientConfig, RootCertStore, crypto::ring};

use super::{
    address::{PRIVATE, PrivateAddresses, is_public},
    fetch::FetchLimits,
};

/// The name has addresses, and all are private.
#[derive(Debug, thiserror::Error)]
#[error("{PRIVATE}")]
pub(super) struct PrivateName;

/// The name has no address.
#[derive(Debug, thiserror::Error)]
#[error("there is no host of this name, or no network: {0}")]
pub(super) struct UnknownName(std::io::Error);

struct Resolver(PrivateAddresses);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let private = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(UnknownName)?;
            let allowed: Vec<SocketAddr> = found
                .filter(|address| private == PrivateAddresses::Allow || is_public(address.ip()))
                .collect();
            if allowed.is_empty() {
                return Err(PrivateName.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

pub(super) fn client(limits: &FetchLimits) -> Result<Client> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(Error::internal)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(Resolver(limits.private_addresses))
        .redirect(Policy::none())
        .no_proxy()
        .connect_timeout(limits.connect_timeout)
        .pool_max_idle_per_host(limits.concurrent_max)
        .user_agent(concat!("argosy/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(Error::internal)
}
