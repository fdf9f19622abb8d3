//! Which cryptography TLS uses: ring, for every library of the process.
//!
//! Why not aws-lc: a second one would be built beside it (it needs cmake on some platforms and takes longer than the
//! rest of the TLS stack), and the libraries panic or disagree when two are built in and none is chosen.

/// Chooses ring, once a process; more calls do nothing.
pub(crate) fn choose_provider() {
    // Refused only when one is chosen already.
    let _chosen_before = rustls::crypto::ring::default_provider().install_default();
}
