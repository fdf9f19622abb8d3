//! What a request's `Idempotency-Key` comes to.

use argosy_platform::seal::SealKey;
use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderValue, header},
};

use crate::address::ClientAddress;

/// Where the answer to a request is kept, and what opens it: only who asks again can read it (law 11).
pub(super) struct AnswerKey {
    /// Where it is kept.
    pub(super) name: String,
    /// What opens it.
    pub(super) seal: SealKey,
    secret: [u8; 32],
}

impl AnswerKey {
    /// Under a parent id only who knows that id can meet its answers; a request that makes something new names no
    /// secret, so the client's address keeps strangers with the same weak key apart.
    pub(super) fn of(request: &Request, key: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        for part in [request.method().as_str(), target, key] {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
        }
        let under_an_id =
            request.extensions().get::<MatchedPath>().is_some_and(|route| route.as_str().contains('{'));
        if !under_an_id && let Some(ClientAddress(address)) = request.extensions().get() {
            hasher.update(address.to_string().as_bytes());
        }
        // The output goes on as long as it is read, and one part tells nothing of the next (BLAKE3, section 2.6).
        let mut output = hasher.finalize_xof();
        let mut next = || {
            let mut part = [0; 32];
            output.fill(&mut part);
            part
        };
        let name = blake3::Hash::from_bytes(next()).to_hex().to_string();
        Self { name, seal: SealKey::from_bytes(next()), secret: next() }
    }

    /// Tells requests apart without telling anything of them.
    pub(super) fn fingerprint(&self, request: &Request, body: &[u8]) -> String {
        let mut hasher = blake3::Hasher::new_keyed(&self.secret);
        let kind = request.headers().get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
        hasher.update(kind).update(b"\n").update(body);
        hasher.finalize().to_hex().to_string()
    }
}
