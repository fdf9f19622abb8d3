//! Facts across processes, when no broker carries them.

use std::time::Duration;

use argosy_kernel::{Ctx, Result};
use argosy_platform::{
    bus::{Bus, Fact, FactLog, Facts},
    rpc,
};
use async_trait::async_trait;

use crate::generated::argosy::facts::v1::{
    self as wire, FactsApi, FactsClient, ReadFactsRequest, ReadFactsResponse,
};

/// Longest a reader may wait for a fact.
const WAIT_MAX: Duration = Duration::from_secs(30);
/// Most facts one read gives.
const LIMIT_MAX: u32 = 1_000;

/// Serves the logs of the services of this process to others.
pub struct FactsService {
    bus: Bus,
}

impl FactsService {
    /// Adds the service for a process's bus.
    pub fn add_to(bus: Bus, routes: &mut rpc::Routes) {
        FactsClient::local(Self { bus }).add_to(routes);
    }
}

#[async_trait]
impl FactsApi for FactsService {
    async fn read(&self, _ctx: &Ctx, request: ReadFactsRequest) -> Result<ReadFactsResponse> {
        // Whoever asks keeps positions of the outbox, also where this process reads a stream.
        let log = self.bus.outbox(&request.source)?;
        let wait = Duration::from_millis(request.wait_ms.into()).min(WAIT_MAX);
        let facts = log.read(request.after, request.limit.min(LIMIT_MAX), wait).await?;
        Ok(ReadFactsResponse { facts: facts.facts.into_iter().map(to_wire).collect(), head: facts.head })
    }
}

/// The log of a service that runs in another process.
pub struct RemoteLog {
    source: String,
    client: FactsClient,
}

impl RemoteLog {
    /// The log of `source`, read over a channel to its process.
    pub fn new(source: impl Into<String>, channel: rpc::Channel) -> Self {
        Self { source: source.into(), client: FactsClient::remote(channel) }
    }
}

#[async_trait]
impl FactLog for RemoteLog {
    async fn read(&self, after: i64, limit: u32, wait: Duration) -> Result<Facts> {
        let wait_ms = u32::try_from(wait.min(WAIT_MAX).as_millis()).unwrap_or(u32::MAX);
        let request = ReadFactsRequest { source: self.source.clone(), after, limit, wait_ms };
        let ctx = Ctx::system("facts").with_timeout(wait + Duration::from_secs(5));
        let response = self.client.read(&ctx, request).await?;
        Ok(Facts { facts: response.facts.into_iter().map(from_wire).collect(), head: response.head })
    }
}

fn to_wire(fact: Fact) -> wire::Fact {
    wire::Fact {
        position: fact.position,
        id: fact.id,
        kind: fact.kind,
        subject: fact.subject,
        sequence: fact.sequence,
        time_ms: fact.time_ms,
        data_json: fact.data,
    }
}

fn from_wire(fact: wire::Fact) -> Fact {
    Fact {
        position: fact.position,
        id: fact.id,
        kind: fact.kind,
        subject: fact.subject,
        sequence: fact.sequence,
        time_ms: fact.time_ms,
        data: fact.data_json,
    }
}
