//! Mutual TLS: each process shows a certificate of one authority, as caller and as called.

use std::{path::Path, sync::Arc, time::Duration};

use argosy_kernel::Result;
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};
use tonic::transport::{Certificate, ClientTlsConfig, Identity, ServerTlsConfig};

use super::settings::{TlsSettings, invalid};

const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);

/// Certificates and key, read and checked.
#[derive(Clone)]
pub struct Tls {
    identity: Identity,
    authority: Certificate,
}

impl TlsSettings {
    /// Reads the files, and tells now what every connection would fail with later.
    ///
    /// # Errors
    /// `INVALID_SETTING`, naming the setting and the file.
    pub fn read(&self) -> Result<Option<Tls>> {
        let (certificate, key, authority) = match (&self.certificate, &self.key, &self.authority) {
            (None, None, None) => return Ok(None),
            (Some(certificate), Some(key), Some(authority)) => (certificate, key, authority),
            (None, ..) => return Err(invalid("tls.certificate", "is needed beside the others of rpc.tls")),
            (_, None, _) => return Err(invalid("tls.key", "is needed beside the others of rpc.tls")),
            (.., None) => return Err(invalid("tls.authority", "is needed beside the others of rpc.tls")),
        };
        crate::tls::choose_provider();
        let chain_pem = content("tls.certificate", certificate)?;
        let key_pem = content("tls.key", key)?;
        let authority_pem = content("tls.authority", authority)?;
        let chain = certificates("tls.certificate", certificate, &chain_pem)?;
        let verifier = verifier(authority, &certificates("tls.authority", authority, &authority_pem)?)?;
        verifier
            .verify_client_cert(&chain[0], &chain[1..], UnixTime::now())
            .map_err(|error| invalid("tls.certificate", format!("{}: {error}", certificate.display())))?;
        check_key(key, &key_pem, chain)?;
        let (identity, authority) =
            (Identity::from_pem(chain_pem, key_pem), Certificate::from_pem(authority_pem));
        Ok(Some(Tls { identity, authority }))
    }
}

impl Tls {
    pub(super) fn client(&self, domain: Option<&str>) -> ClientTlsConfig {
        let config = ClientTlsConfig::new()
            .identity(self.identity.clone())
            .ca_certificate(self.authority.clone())
            .timeout(HANDSHAKE_TIMEOUT);
        match domain {
            Some(domain) => config.domain_name(domain),
            None => config,
        }
    }

    pub(super) fn server(&self) -> ServerTlsConfig {
        ServerTlsConfig::new()
            .identity(self.identity.clone())
            .client_ca_root(self.authority.clone())
            .timeout(HANDSHAKE_TIMEOUT)
    }
}

fn content(key: &str, path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| invalid(key, format!("cannot read {}: {error}", path.display())))
}

fn certificates(key: &str, path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match read {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(invalid(key, format!("there is no certificate in {}", path.display()))),
        Err(error) => Err(invalid(key, format!("cannot read {}: {error}", path.display()))),
    }
}

fn verifier(path: &Path, authorities: &[CertificateDer<'static>]) -> Result<Arc<dyn ClientCertVerifier>> {
    let refuse =
        |error: &dyn std::fmt::Display| invalid("tls.authority", format!("{}: {error}", path.display()));
    let mut roots = RootCertStore::empty();
    for authority in authorities {
        roots.add(authority.clone()).map_err(|error| refuse(&error))?;
    }
    let built = WebPkiClientVerifier::builder(roots.into()).build();
    built.map_err(|error| refuse(&error))
}

fn check_key(path: &Path, pem: &[u8], chain: Vec<CertificateDer<'static>>) -> Result<()> {
    let refuse = |error: &dyn std::fmt::Display| invalid("tls.key", format!("{}: {error}", path.display()));
    let key = PrivateKeyDer::from_pem_slice(pem).map_err(|error| refuse(&error))?;
    let pair = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key);
    pair.map(drop).map_err(|error| refuse(&error))
}
