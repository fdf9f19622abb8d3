//! Mutual TLS between processes: who has a certificate of the authority may call, nobody else.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::path::{Path, PathBuf};

use argosy_contracts::search::SearchClient;
use argosy_kernel::{Ctx, Result};
use argosy_platform::rpc::{Connector, RpcSettings, TlsSettings};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use support::{Server, query};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn write(folder: &Path, name: &str, pem: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, pem).unwrap();
    path
}

/// A process's files: a certificate for 127.0.0.1 of `issuer`, and whom it trusts.
fn files(folder: &Path, issuer: &Authority, trusted: &Authority, until_year: i32) -> TlsSettings {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(until_year, 1, 1);
    let certificate = params.signed_by(&key, issuer).unwrap();
    TlsSettings {
        certificate: Some(write(folder, "process.pem", &certificate.pem())),
        key: Some(write(folder, "process.key", &key.serialize_pem())),
        authority: Some(write(folder, "authority.pem", &trusted.pem())),
    }
}

fn with(tls: TlsSettings) -> RpcSettings {
    RpcSettings { tls, ..RpcSettings::default() }
}

async fn ask(settings: &RpcSettings, addresses: &str) -> Result<()> {
    let channel = Connector::new(settings)?.channel("search", addresses)?;
    SearchClient::remote(channel).query(&Ctx::guest(), query("mug")).await.map(drop)
}

#[tokio::test]
async fn only_processes_of_the_authority_may_call() {
    let (ours, theirs) = (authority("ours"), authority("theirs"));
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let settings = with(files(one.path(), &ours, &ours, 2100));
    let server = Server::start_with(([127, 0, 0, 1], 0).into(), settings.clone()).await;
    let port = server.address.port();
    ask(&settings, &format!("https://127.0.0.1:{port}")).await.unwrap();
    ask(&settings, &format!("dns+https://localhost:{port}")).await.unwrap();

    let plain = ask(&RpcSettings::default(), &format!("http://127.0.0.1:{port}")).await.unwrap_err();
    assert_eq!(plain.reason(), "SERVICE_AWAY");
    // Trusts our authority, but shows a certificate of another.
    let mut stranger = files(two.path(), &theirs, &theirs, 2100);
    Connector::new(&with(stranger.clone())).unwrap();
    stranger.authority = settings.tls.authority.clone();
    let refused = Connector::new(&with(stranger)).err().unwrap();
    assert!(refused.message().starts_with("rpc.tls.certificate: "), "{refused}");
    let distrusted = with(files(two.path(), &theirs, &theirs, 2100));
    let refused = ask(&distrusted, &format!("https://127.0.0.1:{port}")).await.unwrap_err();
    assert_eq!(refused.reason(), "SERVICE_AWAY");
    assert_eq!(server.queries(), 2);
}

#[test]
fn what_is_wrong_with_a_file_is_told_at_start() {
    let (folder, ours) = (tempfile::tempdir().unwrap(), authority("ours"));
    let refused = |tls: &TlsSettings| Connector::new(&with(tls.clone())).err().unwrap().message().to_owned();
    let good = files(folder.path(), &ours, &ours, 2100);

    let expired = refused(&files(tempfile::tempdir().unwrap().path(), &ours, &ours, 2021));
    assert!(expired.starts_with("rpc.tls.certificate: ") && expired.contains("expired"), "{expired}");
    let foreign = KeyPair::generate().unwrap().serialize_pem();
    let wrong_key = TlsSettings { key: Some(write(folder.path(), "other.key", &foreign)), ..good.clone() };
    assert!(refused(&wrong_key).starts_with("rpc.tls.key: "), "{}", refused(&wrong_key));
    let empty = TlsSettings { authority: Some(write(folder.path(), "empty.pem", "")), ..good.clone() };
    assert!(refused(&empty).contains("there is no certificate in"), "{}", refused(&empty));
    let missing = TlsSettings { certificate: Some(folder.path().join("none.pem")), ..good.clone() };
    assert!(refused(&missing).contains("none.pem"), "{}", refused(&missing));
    let alone = TlsSettings { key: None, ..good };
    assert!(refused(&alone).starts_with("rpc.tls.key: is needed"), "{}", refused(&alone));
}
