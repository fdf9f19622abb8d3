//! What it costs to spread a shop out: the same work in six processes, carts in Redis, facts through NATS.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::json;
use tokio::task::JoinSet;

use super::{Effort, Sheet, facts, purchases};
use crate::{
    client::Connection,
    fleet::{Fleet, Server},
    load::median,
    store::{Folder, Store},
};

const WORKERS: usize = 16;

/// `store` is the shop in one process, on the same data.
pub(super) async fn measure(sheet: &mut Sheet, folder: &Folder, store: &Store, effort: Effort) -> Result<()> {
    let variants = purchases::variants(store, sheet.products).await?;
    let fleet = Fleet::start(folder).await?;
    let (mut one, mut six, mut share) = (Vec::new(), Vec::new(), Vec::new());
    purchases::buy(fleet.address, &variants, effort.turn).await?;
    for _ in 0..effort.rounds {
        one.push(purchases::buy(store.address, &variants, effort.turn).await?.rate);
        six.push(purchases::buy(fleet.address, &variants, effort.turn).await?.rate);
        share.push(six[six.len() - 1] / one[one.len() - 1]);
    }
    drop(fleet);
    let row = sheet.row("whole purchases in six processes, beside one process", "orders/s", median(six));
    sheet.put(row.beside(median(one), median(share)));

    let server = Server::redis(&folder.path).await?;
    let with_redis =
        folder.beside("redis").with("ARGOSY_REDIS__URL", &server.url).with("ARGOSY_CART__STORE", "redis");
    let redis = with_redis.start().await?;
    let (mut here, mut there, mut share) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        here.push(commands(store, &variants, effort.turn).await?);
        there.push(commands(&redis, &variants, effort.turn).await?);
        share.push(there[there.len() - 1] / here[here.len() - 1]);
    }
    redis.stop().await?;
    let row = sheet.row("cart commands on Redis, beside PostgreSQL", "commands/s", median(there));
    sheet.put(row.beside(median(here), median(share)));

    let server = Server::nats(&folder.path).await?;
    let with_nats = folder
        .beside("nats")
        .with("ARGOSY_BUS__NATS_URL", &server.url)
        .with("ARGOSY_BUS__STREAM_BYTES_MAX", "268435456");
    let nats = with_nats.start().await?;
    nats.indexed(sheet.products).await?;
    facts::measure(sheet, &nats, " through NATS").await?;
    nats.stop().await
}

/// One more of the same, again and again: each a request, 16 buyers with a cart each.
async fn commands(store: &Store, variants: &[String], time: Duration) -> Result<f64> {
    let started = Instant::now();
    let mut buyers = JoinSet::new();
    for variant in variants.iter().cycle().take(WORKERS) {
        let shop = store.address;
        let line = json!({"variant_id": variant, "quantity": 1});
        buyers.spawn(async move {
            let mut connection = Connection::open(shop).await?;
            let (_, cart) = connection.json("POST", "/store/carts", &[], Some(&json!({}))).await?;
            let path = format!("/store/carts/{}/lines", cart["id"].as_str().unwrap_or_default());
            let mut done = 0_u32;
            while started.elapsed() < time {
                let (status, answer) = connection.json("POST", &path, &[], Some(&line)).await?;
                if status != 200 && status != 201 {
                    bail!("POST {path} answered {status}: {answer}");
                }
                done += 1;
            }
            anyhow::Ok(done)
        });
    }
    let done = buyers.join_all().await.into_iter().sum::<Result<u32>>()?;
    Ok(f64::from(done) / started.elapsed().as_secs_f64())
}
