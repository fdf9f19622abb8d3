//! A process of another release: one of ours behind a proxy, which takes and gives only what that release would.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use argosy_platform::tasks::Tasks;
use axum::{Router, extract::Request, response::Response};
use bytes::{Buf, Bytes};
use http_body_util::{BodyExt, Full};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{
    Status,
    body::Body,
    transport::{Channel, Server},
};
use tower::{Service, ServiceExt};

use crate::contracts::{Contracts, Release};

/// One byte says whether a message is compressed, four say how long it is.
const FRAME_HEADER_BYTES: usize = 5;

/// The other release, as all peers of a test speak it.
pub(crate) struct Speech {
    release: Release,
    contracts: Contracts,
    calls: AtomicUsize,
    tasks: Tasks,
}

impl Speech {
    pub(crate) fn new(release: Release, contracts: Contracts) -> Arc<Self> {
        Arc::new(Self { release, contracts, calls: AtomicUsize::new(0), tasks: Tasks::default() })
    }

    /// How many calls were answered in it.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// Stands before a process of ours, until the test ends; answers where.
    #[expect(clippy::disallowed_types, reason = "a pretended process, which is none of the platform's")]
    pub(crate) async fn stand_before(self: &Arc<Self>, process: SocketAddr) -> String {
        let channel = Channel::from_shared(format!("http://{process}")).unwrap().connect_lazy();
        let speech = self.clone();
        let router = Router::new().fallback(move |request| {
            let (speech, channel) = (speech.clone(), channel.clone());
            async move { speech.answer(channel, request).await }
        });
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let served = Server::builder().add_routes(router.into());
        self.tasks.spawn_loop(async move {
            served.serve_with_incoming(TcpListenerStream::new(listener)).await.unwrap();
        });
        format!("http://{address}")
    }

    async fn answer(&self, channel: Channel, request: Request) -> Response {
        let answered = match request.uri().path().strip_prefix("/argosy.") {
            // Health, which every release has.
            None => send(channel, request.map(Body::new)).await,
            Some(method) => {
                let method = format!("argosy.{}", method.replace('/', "."));
                match self.contracts.method(&method) {
                    Some((input, output)) => self.translate(channel, request, input, output).await,
                    None => Err(Status::unimplemented("")),
                }
            }
        };
        answered.unwrap_or_else(Status::into_http::<Body>).map(axum::body::Body::new)
    }

    async fn translate(
        &self,
        channel: Channel,
        request: Request,
        input: &str,
        output: &str,
    ) -> Result<http::Response<Body>, Status> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let (parts, body) = request.into_parts();
        let sent = body.collect().await.map_err(away)?.to_bytes();
        let sent = Body::new(Full::new(self.framed(input, sent)));
        let (parts, body) = send(channel, Request::from_parts(parts, sent)).await?.into_parts();
        let answer = body.collect().await?;
        let trailers = answer.trailers().cloned();
        let answer = Full::new(self.framed(output, answer.to_bytes()));
        let answer = answer.with_trailers(std::future::ready(trailers.map(Ok)));
        Ok(http::Response::from_parts(parts, Body::new(answer)))
    }

    /// Messages as they are sent, each as the release passes it on.
    fn framed(&self, name: &str, mut sent: Bytes) -> Bytes {
        let mut framed = Vec::with_capacity(sent.len());
        while sent.len() >= FRAME_HEADER_BYTES {
            assert_eq!(sent.get_u8(), 0, "{name} is compressed");
            let length = sent.get_u32() as usize;
            let message = self.contracts.passed_on(self.release, name, sent.split_to(length));
            framed.push(0);
            framed.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
            framed.extend_from_slice(&message);
        }
        framed.into()
    }
}

async fn send(mut channel: Channel, request: http::Request<Body>) -> Result<http::Response<Body>, Status> {
    channel.ready().await.map_err(away)?.call(request).await.map_err(away)
}

fn away(error: impl std::fmt::Display) -> Status {
    Status::unavailable(error.to_string())
}
