//! Calls to others over HTTP: payment providers, tax engines, hosts of pictures.
//!
//! One client for all of them, because what must hold is the same: TLS by the roots that Mozilla trusts and never the
//! machine's, no proxy that the environment names, no redirect that nobody looked at, an end to every wait and to every
//! answer. What differs is said in [`OutgoingLimits`]. Who may be called can be narrowed to some addresses; names are
//! then resolved here, so that no name leads to an address that was not looked at.
//!
//! Calls between the processes of a fleet are another thing: see [`crate::rpc`].

use std::{
    error::Error as _,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use argosy_kernel::{Error, Result, Secret};
use reqwest::{
    Client, Response,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use rustls::{ClientConfig, RootCertStore};
use serde::{Serialize, de::DeserializeOwned};

/// What requests are made of.
pub use reqwest::{Method, RequestBuilder, StatusCode, Url, header};

/// What a call may take.
#[derive(Debug, Clone, Copy)]
pub struct OutgoingLimits {
    /// Until there is a connection.
    pub connect_timeout: Duration,
    /// Until the last byte of the answer.
    pub timeout: Duration,
    /// Bytes of an answer.
    pub body_bytes_max: usize,
    /// Connections to a host that are kept for the next call.
    pub idle_connections_max: usize,
}

/// Whether an address may be called.
pub type MayCall = fn(IpAddr) -> bool;

/// Calls others over HTTP.
#[derive(Debug, Clone)]
pub struct Outgoing {
    client: Client,
    body_bytes_max: usize,
    may_call: MayCall,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Silence {
    /// All addresses of the host are among those that must not be called.
    #[error("the host has no address that may be called")]
    NotAllowed,
    /// The name leads nowhere.
    #[error("there is no host of this name, or no network: {0}")]
    NoSuchHost(String),
    /// Nobody listens there, or TLS failed.
    #[error("no connection: {0}")]
    NotConnected(String),
    /// Nobody answered the attempt to connect.
    #[error("no connection in time")]
    NotConnectedInTime,
    /// It was sent, and the answer did not come in time.
    #[error("no answer in time")]
    NotAnsweredInTime,
    /// It was sent, and the connection broke.
    #[error("the answer broke off: {0}")]
    BrokenOff(String),
    /// The answer has more bytes than are read.
    #[error("the answer is too long")]
    TooLong,
}

impl Silence {
    /// Whether the other side may have done what it was asked: only what was never sent was surely not done.
    pub const fn may_be_done(&self) -> bool {
        match self {
            Self::NotAllowed | Self::NoSuchHost(_) | Self::NotConnected(_) | Self::NotConnectedInTime => {
                false
            }
            Self::NotAnsweredInTime | Self::BrokenOff(_) | Self::TooLong => true,
        }
    }
}

/// Marks a name that has addresses, none of which may be called.
#[derive(Debug, thiserror::Error)]
#[error("no address may be called")]
struct NoneAllowed;

/// Marks a name that has no address.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unknown(std::io::Error);

impl From<reqwest::Error> for Silence {
    /// The address is left out: it may hold ids and secrets.
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let mut last = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            if cause.is::<NoneAllowed>() {
                return Self::NotAllowed;
            }
            last = cause.to_string();
            if cause.is::<Unknown>() {
                return Self::NoSuchHost(last);
            }
            source = cause.source();
        }
        match (error.is_connect() || error.is_builder(), error.is_timeout()) {
            (true, true) => Self::NotConnectedInTime,
            (true, false) => Self::NotConnected(last),
            (false, true) => Self::NotAnsweredInTime,
            (false, false) => Self::BrokenOff(last),
        }
    }
}

impl Outgoing {
    /// One that calls whoever it is told to.
    ///
    /// # Errors
    /// INTERNAL if TLS cannot be set up.
    pub fn new(limits: OutgoingLimits) -> Result<Self> {
        Self::calling(limits, |_| true)
    }

    /// One that calls only addresses that it may.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn calling(limits: OutgoingLimits, may_call: MayCall) -> Result<Self> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(Error::internal)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(Resolver(may_call))
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(limits.connect_timeout)
            .timeout(limits.timeout)
            .pool_max_idle_per_host(limits.idle_connections_max)
            .user_agent(concat!("argosy/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(Error::internal)?;
        Ok(Self { client, body_bytes_max: limits.body_bytes_max, may_call })
    }

    /// A request to be sent by [`Self::send`].
    pub fn request(&self, method: Method, url: impl reqwest::IntoUrl) -> RequestBuilder {
        self.client.request(method, url)
    }

    /// Sends a request, and waits for the head of its answer. A redirect is an answer.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn send(&self, request: RequestBuilder) -> Result<Answer, Silence> {
        let request = request.build()?;
        // An address that stands in the URL itself is resolved by nobody.
        let literal = request.url().host_str().map(|host| host.trim_matches(['[', ']']));
        if literal.and_then(|host| host.parse().ok()).is_some_and(|address| !(self.may_call)(address)) {
            return Err(Silence::NotAllowed);
        }
        let response = self.client.execute(request).await?;
        Ok(Answer { response, body_bytes_max: self.body_bytes_max })
    }
}

/// What was answered, its body not read yet.
#[derive(Debug)]
pub struct Answer {
    response: Response,
    body_bytes_max: usize,
}

impl Answer {
    /// How it came out.
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// A header that is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// All of the body, if it is not too long.
    ///
    /// # Errors
    /// Why it did not come.
    pub async fn body(mut self) -> Result<Vec<u8>, Silence> {
        let told = self.response.content_length().unwrap_or(0);
        let told = usize::try_from(told).ok().filter(|told| *told <= self.body_bytes_max);
        let mut body = Vec::with_capacity(told.ok_or(Silence::TooLong)?);
        while let Some(part) = self.response.chunk().await? {
            if body.len() + part.len() > self.body_bytes_max {
                return Err(Silence::TooLong);
            }
            body.extend_from_slice(&part);
        }
        Ok(body)
    }
}

/// An address of the shop's choice that answers JSON with JSON: asked by POST, under a bearer token if it has one.
#[derive(Debug, Clone)]
pub struct JsonEndpoint {
    outgoing: Outgoing,
    url: Url,
    secret: Option<Secret<String>>,
}

/// Why there is no answer that says anything.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// Nothing came.
    #[error(transparent)]
    Silent(#[from] Silence),
    /// A status other than success.
    #[error("it answered {0}")]
    Status(u16),
    /// It is not what was asked for.
    #[error("its answer cannot be read: {0}")]
    Unreadable(serde_json::Error),
}

impl JsonEndpoint {
    /// The most bytes of an answer.
    pub const ANSWER_BYTES_MAX: usize = 64 * 1024;

    const IDLE_MAX: usize = 8;

    /// One at `url`, which the setting `setting` says. All of a question may take as long as `timeout`.
    ///
    /// # Errors
    /// `INVALID_SETTING` that names the setting, if it is no address of HTTP.
    pub fn new(setting: &str, url: &str, secret: Option<Secret<String>>, timeout: Duration) -> Result<Self> {
        let wrong = |why: String| Error::invalid("INVALID_SETTING", format!("{setting}: {why}"));
        let url: Url = url.parse().map_err(|error| wrong(format!("is not an address: {error}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("must begin with http:// or https://".to_owned()));
        }
        let outgoing = Outgoing::new(OutgoingLimits {
            connect_timeout: timeout,
            timeout,
            body_bytes_max: Self::ANSWER_BYTES_MAX,
            idle_connections_max: Self::IDLE_MAX,
        })?;
        Ok(Self { outgoing, url, secret })
    }

    /// Its host's name.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Asks it once; nothing is asked again here.
    ///
    /// # Errors
    /// Why nobody knows the answer.
    pub async fn ask<A: DeserializeOwned>(&self, question: &impl Serialize) -> Result<A, NoAnswer> {
        let mut request = self.outgoing.request(Method::POST, self.url.clone()).json(question);
        if let Some(secret) = &self.secret {
            request = request.bearer_auth(secret.expose());
        }
        let answer = self.outgoing.send(request).await?;
        if !answer.status().is_success() {
            return Err(NoAnswer::Status(answer.status().as_u16()));
        }
        serde_json::from_slice(&answer.body().await?).map_err(NoAnswer::Unreadable)
    }
}

struct Resolver(MayCall);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let may_call = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(Unknown)?;
            let allowed: Vec<SocketAddr> = found.filter(|address| may_call(address.ip())).collect();
            if allowed.is_empty() {
                return Err(NoneAllowed.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}
