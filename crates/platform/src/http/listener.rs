//! Where connections come in.

use std::net::SocketAddr;

use argosy_kernel::{Error, Result};
use tokio_stream::{Stream, StreamExt, wrappers::TcpListenerStream};

/// A bound address whose connections have `TCP_NODELAY`: without it an answer larger than one frame may stall
/// for 40 ms.
#[expect(clippy::disallowed_types, reason = "the one place that binds")]
pub struct Listener(tokio::net::TcpListener, SocketAddr);

#[expect(clippy::disallowed_types, reason = "the one place that binds")]
impl Listener {
    /// Binds an address; port 0 takes a free one.
    ///
    /// # Errors
    /// `ADDRESS_IN_USE`, `ADDRESS_UNUSABLE`; `setting` names the key to change.
    pub async fn bind(address: SocketAddr, setting: &str) -> Result<Self> {
        let listener = tokio::net::TcpListener::bind(address).await.map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrInUse => Error::precondition(
                "ADDRESS_IN_USE",
                format!("{address} is in use by another program; stop it, or set {setting} to a free port"),
            ),
            _ => Error::precondition(
                "ADDRESS_UNUSABLE",
                format!("{setting}: cannot listen on {address}: {error}"),
            ),
        })?;
        let bound = listener.local_addr().map_err(Error::internal)?;
        Ok(Self(listener, bound))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.1
    }

    pub(crate) async fn accept(&self) -> std::io::Result<(tokio::net::TcpStream, SocketAddr)> {
        let (stream, peer) = self.0.accept().await?;
        stream.set_nodelay(true)?;
        Ok((stream, peer))
    }

    pub(crate) fn into_stream(self) -> impl Stream<Item = std::io::Result<tokio::net::TcpStream>> {
        TcpListenerStream::new(self.0).map(|stream| {
            let stream = stream?;
            stream.set_nodelay(true)?;
            Ok(stream)
        })
    }
}
