//! A payment provider that speaks Stripe's API: localstripe's server, which `cargo xtask test` installs and names.

use std::{path::Path, process::Command};

use super::Server;

/// The program.
const PROGRAM: &str = "ARGOSY_TEST_STRIPE_SERVER";
/// It would keep all that it knows in one file of the machine, after every change; a test's is gone with its process.
const RUN: &str = "import localstripe.resources as resources, localstripe.server as server; \
                   resources.store.dump_to_disk = lambda: None; server.start()";
const RUN_SO: &str =
    "tests that need Stripe are run by `cargo xtask test`, e.g. `cargo xtask test -- -p argosy-payments`";

/// A server of a test's own, with nothing in it.
pub struct StripeServer {
    server: Server,
}

impl StripeServer {
    /// A running server.
    ///
    /// # Panics
    /// Without the program, saying how tests are run.
    pub async fn start() -> Self {
        let mut server = Server::on_a_free_port();
        let python = Path::new(&program()).with_file_name("python");
        let mut command = Command::new(python);
        command.args(["-c", RUN, "--from-scratch", "--port", &server.port.to_string()]);
        server.run(&mut command, RUN_SO).await;
        Self { server }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.server.port)
    }

    /// Kills it, as an outage would.
    pub fn kill(&mut self) {
        self.server.kill();
    }
}

#[expect(clippy::disallowed_methods, reason = "told by `cargo xtask test`, not a setting of the store")]
fn program() -> String {
    std::env::var(PROGRAM).unwrap_or_else(|_| panic!("{PROGRAM} is not set: {RUN_SO}"))
}
