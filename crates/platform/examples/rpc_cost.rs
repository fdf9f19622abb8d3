//! What the layers of `rpc` add to a call: the same gRPC call on loopback with tonic alone and through them, in turns.
//!
//! `cargo run --release -p argosy-platform --example rpc_cost`

#![expect(clippy::print_stdout, reason = "a program that prints a result")]

use std::time::{Duration, Instant};

use argosy_kernel::{Ctx, Result};
use argosy_platform::{
    http::Listener,
    rpc::{self, Repeat, Routes},
    tasks::Tasks,
};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

const ROUNDS: u32 = 20;
const CALLS: u32 = 250;

#[tokio::main]
async fn main() -> Result<()> {
    let listener = Listener::bind(([127, 0, 0, 1], 0).into(), "listen").await?;
    let address = format!("http://{}", listener.address());
    let tasks = Tasks::default();
    let shutdown = tasks.shutdown();
    tasks.spawn(async move {
        let _served = rpc::serve(listener, Routes::default(), shutdown).await;
    });
    let alone = tonic::transport::Endpoint::from_shared(address.clone())
        .map_err(argosy_kernel::Error::internal)?
        .tcp_nodelay(true)
        .connect_lazy();
    let (alone, channel) = (HealthClient::new(alone), rpc::connect(&address)?);
    let layered = HealthClient::new(channel.clone());
    let (mut bare, mut full) = (Duration::ZERO, Duration::ZERO);
    for round in 0..=ROUNDS {
        let begun = Instant::now();
        for _ in 0..CALLS {
            let request = rpc::outgoing(&Ctx::guest(), HealthCheckRequest::default())?;
            alone.clone().check(request).await.map_err(|status| rpc::error_of(&status))?;
        }
        let between = Instant::now();
        for _ in 0..CALLS {
            rpc::call(&channel, Repeat::Harmless, &Ctx::guest(), HealthCheckRequest::default(), |request| {
                let mut client = layered.clone();
                async move { client.check(request).await }
            })
            .await?;
        }
        // The first round connects.
        if round > 0 {
            bare += between - begun;
            full += between.elapsed();
        }
    }
    let (bare, full) = (bare / (ROUNDS * CALLS), full / (ROUNDS * CALLS));
    println!(
        "tonic alone {bare:?}, through rpc {full:?}: {:.2} times",
        full.as_secs_f64() / bare.as_secs_f64()
    );
    tasks.stop(Duration::from_secs(5)).await;
    Ok(())
}
