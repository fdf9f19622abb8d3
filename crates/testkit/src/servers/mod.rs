//! Real servers as processes of a test's own: it may kill them, and they end with it.

mod carrier;
mod nats;
mod paypal;
mod paypal_disputes;
mod pgbouncer;
mod redis;
mod redis_fleet;
mod s3;
mod stripe;
pub mod stripe_gateway;

use std::{
    net::{Ipv4Addr, TcpStream},
    process::{Child, Command, Stdio},
};

pub use self::{
    carrier::{CarrierMood, FakeCarrier},
    nats::{NatsServer, NatsStream, jetstream},
    paypal::{FakePaypal, PAYPAL_CLIENT},
    pgbouncer::PgBouncer,
    redis::RedisServer,
    redis_fleet::{RedisCluster, RedisSentinel},
    s3::S3Server,
    stripe::StripeServer,
};
use crate::eventually;

/// A process on a port of this machine.
struct Server {
    port: u16,
    child: Option<Child>,
}

impl Server {
    /// A port that is free now.
    #[expect(clippy::disallowed_types, reason = "serves nothing: it only asks for a number that is free")]
    fn on_a_free_port() -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        Self { port: listener.local_addr().expect("an address").port(), child: None }
    }

    /// Runs until it is killed or dropped; answers when its port does.
    async fn run(&mut self, command: &mut Command, what_to_do: &str) {
        let spawned = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.child =
            Some(spawned.unwrap_or_else(|error| panic!("{command:?} does not run: {error}; {what_to_do}")));
        let port = self.port;
        eventually("a server answers", || async move { answers(port) }).await;
    }

    /// SIGKILL: no chance to say goodbye.
    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself.
            drop(child.kill());
            drop(child.wait());
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn answers(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}
