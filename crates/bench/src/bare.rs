//! The baseline of reads: a bare axum handler that answers given bytes with given headers, in a process of its own.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
};

use anyhow::{Context, Result};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    serve::ListenerExt,
};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::client::{Answer, Connection};

/// What the server sets itself, or frames.
const ITS_OWN: &[&str] = &["date", "content-length", "transfer-encoding", "connection"];

#[derive(Serialize, Deserialize)]
struct Recorded {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

struct Prepared {
    headers: HeaderMap,
    etag: Option<HeaderValue>,
    body: Bytes,
}

/// A running baseline.
pub(crate) struct Bare {
    pub(crate) address: SocketAddr,
    _process: Child,
}

impl Bare {
    /// Starts a process that answers what `request` is answered with at `shop`.
    pub(crate) async fn of(folder: &Path, shop: SocketAddr, request: &[u8]) -> Result<Self> {
        let mut connection = Connection::open(shop).await?;
        // The second answer is the one from memory.
        connection.exchange(request).await?;
        let recorded = record(&connection.exchange(request).await?);
        let file = folder.join("recorded.json");
        std::fs::write(&file, serde_json::to_vec(&recorded)?)?;
        let mut process = Command::new(std::env::current_exe()?)
            .arg("serve-bare")
            .arg(&file)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = process.stdout.take().context("no output of the bare handler")?;
        let line =
            BufReader::new(output).lines().next_line().await?.context("the bare handler did not start")?;
        Ok(Self { address: line.parse()?, _process: process })
    }
}

fn record(answer: &Answer<'_>) -> Recorded {
    let kept = answer.headers().filter(|(name, _)| !ITS_OWN.contains(name));
    Recorded {
        headers: kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body: answer.body.to_vec(),
    }
}

/// Serves a recorded answer, until it is killed; its address is its first line.
#[expect(clippy::print_stdout, reason = "tells its parent where it is")]
#[expect(clippy::disallowed_types, reason = "the baseline has nothing of the platform")]
pub(crate) async fn serve(file: PathBuf) -> Result<()> {
    let recorded: Recorded = serde_json::from_slice(&std::fs::read(file)?)?;
    let mut headers = HeaderMap::new();
    for (name, value) in &recorded.headers {
        headers.append(name.parse::<HeaderName>()?, value.parse()?);
    }
    let prepared = Prepared { etag: headers.get(header::ETAG).cloned(), headers, body: recorded.body.into() };
    let router = Router::new().fallback(answer).with_state(Arc::new(prepared));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("{}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| {
        // A connection that cannot be set up shows as a slow baseline only.
        let _ = stream.set_nodelay(true);
    });
    Ok(axum::serve(listener, router).await?)
}

async fn answer(State(prepared): State<Arc<Prepared>>, request: HeaderMap) -> Response {
    let known = request.get(header::IF_NONE_MATCH);
    let mut response = if known.is_some() && known == prepared.etag.as_ref() {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(Body::from(prepared.body.clone()))
    };
    *response.headers_mut() = prepared.headers.clone();
    response
}
