//! Storage that speaks S3: moto's server, which `cargo xtask test` installs and names.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use argosy_kernel::Secret;
use argosy_platform::blobs::BlobSettings;

use super::Server;
use crate::eventually;

/// The server that all tests of a run share.
const SHARED: &str = "ARGOSY_TEST_S3_URL";
/// The program, for tests that kill it.
const PROGRAM: &str = "ARGOSY_TEST_S3_SERVER";

/// Storage that speaks S3.
pub struct S3Server {
    port: u16,
    /// Only a server of the test's own can be killed.
    own: Option<Server>,
}

impl S3Server {
    /// The server that all tests of a run share; each makes a bucket of its own.
    ///
    /// # Panics
    /// Without one, saying how tests are run.
    pub fn shared() -> Self {
        let url = named(SHARED);
        let port = url.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        Self {
            port: port.unwrap_or_else(|| panic!("{SHARED}={url} is not like http://127.0.0.1:5000")),
            own: None,
        }
    }

    /// A server of the test's own, with nothing in it.
    pub async fn start() -> Self {
        let server = Server::on_a_free_port();
        let mut started = Self { port: server.port, own: Some(server) };
        started.start_again().await;
        started
    }

    /// Starts it where it was before; what it held is lost.
    pub async fn start_again(&mut self) {
        let own = self.own.as_mut().expect("a server of the test's own");
        let mut command = Command::new(named(PROGRAM));
        command.args(["--host", "127.0.0.1", "--port", &self.port.to_string()]);
        own.run(&mut command, RUN_SO).await;
        let port = self.port;
        eventually("S3 answers", || async move { ask(port, "GET", "/moto-api/", "", "").is_some() }).await;
    }

    /// Kills it, as a crash would.
    pub fn kill(&mut self) {
        self.own.as_mut().expect("a server of the test's own").kill();
    }

    /// The settings that name a new bucket in it.
    pub fn bucket(&self) -> BlobSettings {
        static BUCKETS: AtomicU32 = AtomicU32::new(0);
        let number = BUCKETS.fetch_add(1, Ordering::Relaxed);
        let settings = self.settings(&format!("test-{}-{number}", std::process::id()));
        self.make_bucket(&settings);
        settings
    }

    /// Makes the bucket that the settings name.
    pub fn make_bucket(&self, settings: &BlobSettings) {
        let url = settings.url.as_deref().unwrap_or_default();
        let bucket = url.trim_start_matches("s3://").split('/').next().unwrap_or_default();
        let made = self.ask("PUT", &format!("/{bucket}"), "s3", "");
        assert!(made.starts_with("HTTP/1.1 200"), "{made}");
    }

    /// The settings that name a bucket in it, which need not be there.
    pub fn settings(&self, bucket: &str) -> BlobSettings {
        BlobSettings {
            url: Some(format!("s3://{bucket}/shop")),
            endpoint: Some(format!("http://127.0.0.1:{}", self.port)),
            region: Some("us-east-1".to_owned()),
            access_key_id: Some("test".to_owned()),
            secret_access_key: Some(Secret::new("test".to_owned())),
            request_timeout_ms: 2_000,
            retries_max: 1,
            retry_timeout_ms: 500,
            ..BlobSettings::default()
        }
    }

    /// From now on keys are checked. Answers the settings of a new bucket with the only keys that are right.
    pub fn check_keys(&self) -> BlobSettings {
        let settings = self.bucket();
        let iam =
            |form: &str| self.ask("POST", "/", "iam", &format!("{form}&UserName=shop&Version=2010-05-08"));
        iam("Action=CreateUser");
        let keys = iam("Action=CreateAccessKey");
        iam(
            "Action=PutUserPolicy&PolicyName=all&PolicyDocument=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22\
             %3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3A%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D",
        );
        self.ask("POST", "/moto-api/reset-auth", "text", "0");
        let of = |tag: &str| {
            let start =
                keys.split_once(&format!("<{tag}>")).unwrap_or_else(|| panic!("no {tag} in {keys}")).1;
            start.split('<').next().unwrap_or_default().to_owned()
        };
        let secret_access_key = Some(Secret::new(of("SecretAccessKey")));
        BlobSettings { access_key_id: Some(of("AccessKeyId")), secret_access_key, ..settings }
    }

    fn ask(&self, method: &str, path: &str, service: &str, body: &str) -> String {
        ask(self.port, method, path, service, body).expect("the server answers")
    }
}

/// Just enough HTTP for what has to be made before a test: the whole answer, head and body.
fn ask(port: u16, method: &str, path: &str, service: &str, body: &str) -> Option<String> {
    let signed = "SignedHeaders=host, Signature=0";
    let credential =
        format!("AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, {signed}");
    let kind = if service == "iam" { "application/x-www-form-urlencoded" } else { "text/plain" };
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: {credential}\r\ncontent-type: {kind}\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer).filter(|answer| !answer.is_empty())
}

const RUN_SO: &str =
    "tests that need S3 are run by `cargo xtask test`, e.g. `cargo xtask test -- -p argosy-platform`";

#[expect(clippy::disallowed_methods, reason = "told by `cargo xtask test`, not a setting of the store")]
fn named(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| panic!("{variable} is not set: {RUN_SO}"))
}
