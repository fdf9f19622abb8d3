//! What it costs to spread a shop out: the same work in six processes, carts in Redis, facts through NATS.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::json;
use tokio::task::JoinSet;

use super::{
    Effort, Sheet, facts,
    purchases::{self, Sold},
};
use crate::{
    client::Connection,
    fleet::{Fleet, Server},
    load::median,
    store::{Folder, Store},
    usage,
};

/// What the processes of the database's server are called.
const SERVER: &str = "postgres";

const WORKERS: usize = 16;

/// `store` is the shop in one process, on the same data.
pub(super) async fn measure(sheet: &mut Sheet, folder: &Folder, store: &Store, effort: Effort) -> Result<()> {
    let variants = purchases::variants(store, sheet.products).await?;
    let fleet = Fleet::start(folder).await?;
    let (mut one, mut six, mut share) = (Vec::new(), Vec::new(), Vec::new());
    purchases::buy(fleet.address, &variants, effort.turn).await?;
    let whole = [("one process", store.id()?)];
    let (mut cost_of_one, mut cost_of_six) = (Cost::new(&whole), Cost::new(&fleet.roles()?));
    for _ in 0..effort.rounds {
        let sold = cost_of_one.of(purchases::buy(store.address, &variants, effort.turn)).await?;
        one.push(sold);
        six.push(cost_of_six.of(purchases::buy(fleet.address, &variants, effort.turn)).await?);
        share.push(six[six.len() - 1] / one[one.len() - 1]);
    }
    cost_of_one.put(sheet)?;
    cost_of_six.put(sheet)?;
    for (role, process) in fleet.roles()? {
        sheet.add(&format!("memory of {role} after it"), "MB", usage::resident_mb(process)?);
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

/// What purchases cost of the processors, by process, and in the database's server.
struct Cost {
    roles: Vec<(&'static str, u32)>,
    spent: Vec<Duration>,
    spent_by_server: Duration,
    orders: u64,
}

impl Cost {
    fn new(roles: &[(&'static str, u32)]) -> Self {
        let spent = vec![Duration::ZERO; roles.len()];
        Self { roles: roles.to_vec(), spent, spent_by_server: Duration::ZERO, orders: 0 }
    }

    /// Counts while it is bought; answers the rate.
    async fn of(&mut self, buying: impl Future<Output = Result<Sold>>) -> Result<f64> {
        let now = |roles: &[(&'static str, u32)]| {
            roles.iter().map(|(_, process)| usage::cpu(*process)).collect::<Result<Vec<_>>>()
        };
        let (before, server) = (now(&self.roles)?, usage::cpu_of_program(SERVER));
        let sold = buying.await?;
        for ((spent, after), before) in self.spent.iter_mut().zip(now(&self.roles)?).zip(before) {
            *spent += after.saturating_sub(before);
        }
        self.spent_by_server += usage::cpu_of_program(SERVER).saturating_sub(server);
        self.orders += sold.orders;
        Ok(sold.rate)
    }

    fn put(&self, sheet: &mut Sheet) -> Result<()> {
        let orders = f64::from(u32::try_from(self.orders)?);
        let each = |spent: Duration| spent.as_secs_f64() * 1_000.0 / orders;
        for ((role, _), spent) in self.roles.iter().zip(&self.spent) {
            sheet.add(&format!("CPU a purchase: {role}"), "ms", each(*spent));
        }
        let beside = if self.roles.len() == 1 { "one process" } else { "six" };
        sheet.add(&format!("CPU a purchase: PostgreSQL beside {beside}"), "ms", each(self.spent_by_server));
        Ok(())
    }
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
