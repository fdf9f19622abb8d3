//! Channels to other processes.

use std::{
    path::Path,
    sync::{Arc, Weak},
    time::Duration,
};

use argosy_kernel::{Error, Result};
use hyper_util::rt::TokioIo;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tonic::transport::Endpoint as Transport;
use tower::retry::budget::TpsBudget;

use super::{
    Addresses, Channel, RpcSettings, Tls, address::Named, channel::Shared, endpoint::Endpoint, keeper::Keeper,
};
use crate::tasks::Tasks;

const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(5);
/// A process that does not answer a ping for so long is gone, whatever the network says.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(5);
/// Of all calls in ten seconds at most a fifth is repeated, and always a few.
const REPEATS_WINDOW: Duration = Duration::from_secs(10);
const REPEATS_SHARE: f32 = 0.2;
const REPEATS_MIN_PER_S: u32 = 10;

/// Makes channels as the settings say.
#[derive(Clone, Default)]
pub struct Connector {
    connect_timeout: Option<Duration>,
    tls: Option<Tls>,
}

impl Connector {
    /// Reads the settings and the files that they name.
    ///
    /// # Errors
    /// `INVALID_SETTING`, naming the setting.
    pub fn new(settings: &RpcSettings) -> Result<Self> {
        settings.check()?;
        let connect_timeout = Some(Duration::from_millis(settings.connect_timeout_ms));
        Ok(Self { connect_timeout, tls: settings.tls.read()? })
    }

    /// A channel to a service. Each process is connected to when it is first called, and again when the connection
    /// broke.
    ///
    /// # Errors
    /// `INVALID_ADDRESS`, naming `addresses.SERVICE`.
    pub fn channel(&self, service: &str, addresses: &str) -> Result<Channel> {
        let setting = format!("addresses.{service}");
        let addresses = Addresses::parse(&setting, addresses, self.tls.is_some())?;
        let dial = Dial {
            connect_timeout: self.connect_timeout.unwrap_or(Duration::from_secs(2)),
            tls: self.tls.clone(),
            domain: addresses.named.as_ref().map(|named| named.host.clone()),
        };
        let endpoints = addresses.listed.iter().map(|uri| {
            let address = uri.to_string().trim_end_matches('/').to_owned();
            dial.endpoint(service, address).map(Arc::new)
        });
        let endpoints: Vec<_> = endpoints.collect::<Result<_>>()?;
        let known = addresses.named.is_none().then(|| endpoints.into());
        Ok(kept(service, known, addresses.named, dial))
    }
}

/// How an endpoint of a channel is reached.
#[derive(Clone)]
pub(super) struct Dial {
    connect_timeout: Duration,
    tls: Option<Tls>,
    /// What its certificate must be for, if not for the host of its address.
    domain: Option<String>,
}

impl Dial {
    pub(super) fn endpoint(&self, service: &str, address: String) -> Result<Endpoint> {
        let mut transport = Transport::from_shared(address.clone())
            .map_err(Error::internal)?
            .tcp_nodelay(true)
            .connect_timeout(self.connect_timeout)
            .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
            .keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
            .keep_alive_while_idle(true);
        if let Some(tls) = &self.tls {
            transport = transport.tls_config(tls.client(self.domain.as_deref())).map_err(Error::internal)?;
        }
        Ok(Endpoint::new(service, address, transport.connect_lazy()))
    }
}

fn kept(service: &str, known: Option<Arc<[Arc<Endpoint>]>>, named: Option<Named>, dial: Dial) -> Channel {
    let shared = Arc::new(Shared {
        service: service.to_owned(),
        endpoints: watch::Sender::new(known),
        left_out: Notify::new(),
        repeats: TpsBudget::new(REPEATS_WINDOW, REPEATS_MIN_PER_S, REPEATS_SHARE),
    });
    let ended = CancellationToken::new();
    let keeper = Keeper { shared: Weak::clone(&Arc::downgrade(&shared)), named, dial };
    let until = ended.clone();
    Tasks::default().spawn(async move {
        until.run_until_cancelled(keeper.run()).await;
    });
    Channel { shared, _keeper: Arc::new(ended.drop_guard()) }
}

/// A channel to one process, in the clear.
///
/// # Errors
/// `INVALID_ADDRESS` if the address is not a URL such as `http://10.0.0.2:9090`.
pub fn connect(address: &str) -> Result<Channel> {
    Connector::default().channel("service", address)
}

/// A channel to a store of the same machine, by its socket.
pub fn connect_socket(path: &Path) -> Channel {
    let path = path.to_owned();
    let connector = tower::service_fn({
        let path = path.clone();
        move |_| {
            let path = path.clone();
            async move { tokio::net::UnixStream::connect(path).await.map(TokioIo::new) }
        }
    });
    let transport = Transport::from_static("http://socket.invalid").connect_with_connector_lazy(connector);
    let endpoint = Endpoint::new("store", path.display().to_string(), transport);
    let dial = Dial { connect_timeout: Duration::from_secs(2), tls: None, domain: None };
    kept("store", Some(Arc::new([Arc::new(endpoint)])), None, dial)
}
