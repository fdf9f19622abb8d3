//! Whole purchases, from a cart to an order, beside the commits that the disk allows.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use argosy_contracts::{
    catalog::GetProductsRequest,
    inventory::{GetAvailabilityRequest, SetLevelsRequest, StockLevel},
};
use argosy_kernel::Ctx;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{Effort, Sheet};
use crate::{
    client::Connection,
    commits::Disk,
    load::{Times, median},
    products,
    store::Store,
    table::Target,
};

const WORKERS: usize = 16;
/// Variants that spread-out buyers take from.
const SPREAD: usize = 180;
/// A second of buying is this many units at least, so that the one item lasts for a turn.
const PLENTY: i64 = 1_000_000;

/// What a run of buyers came to.
pub(super) struct Sold {
    pub(super) orders: u64,
    refused: u64,
    pub(super) rate: f64,
    complete: Times,
}

pub(super) async fn measure(sheet: &mut Sheet, store: &Store, disk: &Disk, effort: Effort) -> Result<()> {
    let on = match disk {
        Disk::Sqlite(_) => "",
        Disk::Postgres { .. } => " on PostgreSQL",
    };
    let variants = variants(store, sheet.products).await?;
    let one: Vec<String> = variants[..1].to_vec();
    let turn = effort.turn * 2;
    buy(store.address, &variants, effort.turn).await?;
    let (mut commits, mut spread, mut single) = (Vec::new(), Vec::new(), Vec::new());
    let (mut share, mut crowded, mut complete) = (Vec::new(), Vec::new(), Times::default());
    let (mut placed_rate, mut placed_share) = (Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        commits.push(disk.commits_per_second(WORKERS, effort.turn).await?);
        let apart = buy(store.address, &variants, turn).await?;
        set_stock(store, &one[0], PLENTY).await?;
        let together = buy(store.address, &one, turn).await?;
        share.push(apart.rate / commits[commits.len() - 1]);
        crowded.push(together.rate / apart.rate);
        spread.push(apart.rate);
        single.push(together.rate);
        complete.append(apart.complete);
        let placed = complete_all(store.address, &variants).await?;
        placed_share.push(placed / commits[commits.len() - 1]);
        placed_rate.push(placed);
    }
    let spread_rate = median(spread);
    let row = sheet.row(&format!("whole purchases{on}, 16 workers, spread out"), "orders/s", spread_rate);
    let commits = median(commits);
    sheet.put(row.beside(commits, median(share)).target(Target::RatioAtLeast(0.1)));
    let row = sheet.row(&format!("the same{on}, all on one item"), "orders/s", median(single));
    sheet.put(row.beside(spread_rate, median(crowded)).target(Target::RatioAtLeast(0.8)));
    let row =
        sheet.row(&format!("orders placed{on} (complete), 16 workers"), "orders/s", median(placed_rate));
    sheet.put(row.beside(commits, median(placed_share)).target(Target::RatioAtLeast(0.25)));
    sheet.add("order placed (complete), 16 workers: p50", "ms", complete.percentile_ms(50)?);
    sheet.add("order placed (complete), 16 workers: p99", "ms", complete.percentile_ms(99)?);
    oversold(sheet, store, &one).await
}

/// Sells out one item, and counts.
async fn oversold(sheet: &mut Sheet, store: &Store, one: &[String]) -> Result<()> {
    let stock: i64 = 100;
    set_stock(store, &one[0], stock).await?;
    let sold = buy(store.address, one, Duration::from_secs(4)).await?;
    let request = GetAvailabilityRequest { variant_ids: one.to_vec(), ..GetAvailabilityRequest::default() };
    let left = store.inventory.get_availability(&Ctx::system("bench"), request).await?;
    let left = left.items.first().context("no availability")?.available;
    let orders = i64::try_from(sold.orders)?;
    let row = sheet.row(
        &format!("orders of {stock} units, {} buyers refused", sold.refused),
        "orders",
        f64::from(i32::try_from(orders)?),
    );
    sheet.put(match left {
        0 => row.target(Target::Exactly(100.0)),
        // Not everything was bought in the time: then what is left must add up.
        left => row.target(Target::Exactly(f64::from(i32::try_from(stock - left)?))),
    });
    Ok(())
}

pub(super) async fn variants(store: &Store, count: usize) -> Result<Vec<String>> {
    let handles =
        (0..SPREAD / 3).map(|place| products::handle(1 + place * (count - 1) / (SPREAD / 3))).collect();
    let asked = GetProductsRequest { handles, ..GetProductsRequest::default() };
    let found = store.catalog.get_products(&Ctx::system("bench"), asked).await?.products;
    Ok(found.into_iter().flat_map(|product| product.variants).map(|variant| variant.id).collect())
}

async fn set_stock(store: &Store, variant: &str, units: i64) -> Result<()> {
    let level =
        StockLevel { variant_id: variant.to_owned(), on_hand: units, tracked: true, ..StockLevel::default() };
    store.inventory.set_levels(&Ctx::system("bench"), SetLevelsRequest { levels: vec![level] }).await?;
    Ok(())
}

/// Lets workers buy one unit after the other, for a time.
pub(super) async fn buy(shop: SocketAddr, variants: &[String], time: Duration) -> Result<Sold> {
    let variants: Arc<[String]> = variants.into();
    let next = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let mut workers = JoinSet::new();
    for _ in 0..WORKERS {
        let (variants, next) = (Arc::clone(&variants), Arc::clone(&next));
        workers.spawn(async move {
            let mut connection = Connection::open(shop).await?;
            let mut sold = Sold { orders: 0, refused: 0, rate: 0.0, complete: Times::default() };
            while started.elapsed() < time {
                let turn = usize::try_from(next.fetch_add(1, Ordering::Relaxed))?;
                let variant = &variants[turn % variants.len()];
                match purchase(&mut connection, variant).await? {
                    Some(complete) => {
                        sold.orders += 1;
                        sold.complete.note(complete);
                    }
                    None => sold.refused += 1,
                }
            }
            anyhow::Ok(sold)
        });
    }
    let mut all = Sold { orders: 0, refused: 0, rate: 0.0, complete: Times::default() };
    while let Some(worker) = workers.join_next().await {
        let sold = worker??;
        all.orders += sold.orders;
        all.refused += sold.refused;
        all.complete.append(sold.complete);
    }
    all.rate = f64::from(u32::try_from(all.orders)?) / started.elapsed().as_secs_f64();
    Ok(all)
}

/// Checkouts that are made ready, and then completed as fast as it goes.
const READY: usize = 640;

/// Orders placed in a second by workers who do nothing else.
async fn complete_all(shop: SocketAddr, variants: &[String]) -> Result<f64> {
    let mut preparing = JoinSet::new();
    for worker in 0..WORKERS {
        let variants = variants.to_vec();
        preparing.spawn(async move {
            let mut connection = Connection::open(shop).await?;
            let mut ready = Vec::new();
            for turn in 0..READY / WORKERS {
                let variant = &variants[(turn * WORKERS + worker) % variants.len()];
                ready.extend(prepare(&mut connection, variant).await?);
            }
            anyhow::Ok((connection, ready))
        });
    }
    let prepared = preparing.join_all().await.into_iter().collect::<Result<Vec<_>>>()?;
    let started = Instant::now();
    let mut completing = JoinSet::new();
    for (mut connection, ready) in prepared {
        completing.spawn(async move {
            let mut placed = 0_u32;
            for checkout in ready {
                placed += u32::from(complete(&mut connection, &checkout).await?.is_some());
            }
            anyhow::Ok(placed)
        });
    }
    let placed = completing.join_all().await.into_iter().sum::<Result<u32>>()?;
    Ok(f64::from(placed) / started.elapsed().as_secs_f64())
}

/// Six requests: cart, checkout, address, shipping, complete, order. `None`: it was sold out. Else how long
/// `complete` took.
async fn purchase(shop: &mut Connection, variant: &str) -> Result<Option<Duration>> {
    let Some(path) = prepare(shop, variant).await? else { return Ok(None) };
    let started = Instant::now();
    let Some(done) = complete(shop, &path).await? else { return Ok(None) };
    let complete = started.elapsed();
    let (id, key) = (text(&done, "/order/id")?, text(&done, "/order/key")?);
    let (status, order) = shop.json("GET", &format!("/store/orders/{id}?key={key}"), &[], None).await?;
    if status != 200 {
        bail!("an order that was placed cannot be read: {status} {order}");
    }
    Ok(Some(complete))
}

async fn complete(shop: &mut Connection, checkout: &str) -> Result<Option<Value>> {
    let payment = json!({"payment": {"provider": "test", "token": "tok_ok"}});
    made(shop, "POST", &format!("{checkout}/complete"), &[("idempotency-key", checkout)], payment).await
}

/// A checkout that lacks nothing but the payment: its path.
async fn prepare(shop: &mut Connection, variant: &str) -> Result<Option<String>> {
    let lines = json!({"currency": "EUR", "lines": [{"variant_id": variant, "quantity": 1}]});
    let Some(cart) = made(shop, "POST", "/store/carts", &[], lines).await? else { return Ok(None) };
    let start = json!({"cart_id": cart["id"]});
    let Some(checkout) = made(shop, "POST", "/store/checkouts", &[], start).await? else { return Ok(None) };
    let path = format!("/store/checkouts/{}", text(&checkout, "/id")?);
    let address = json!({
        "email": "buyer@example.com",
        "shipping_address": {
            "name": "Ann Buyer", "line1": "Hauptstraße 1", "city": "Bonn", "postal_code": "53111", "country": "DE",
        },
    });
    let Some(checkout) = made(shop, "PATCH", &path, &[], address).await? else { return Ok(None) };
    let option = text(&checkout, "/fulfilment/methods/0/groups/0/options/0/id")?;
    let shipping = json!({"shipping_option_id": option});
    Ok(made(shop, "PATCH", &path, &[], shipping).await?.map(|_| path))
}

/// What a step made; `None` if the item is sold out.
async fn made(
    shop: &mut Connection,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Value,
) -> Result<Option<Value>> {
    let (status, answer) = shop.json(method, path, headers, Some(&body)).await?;
    match status {
        200 | 201 => Ok(Some(answer)),
        409 if answer["code"] == "OUT_OF_STOCK" => Ok(None),
        _ => bail!("{method} {path} answered {status}: {answer}"),
    }
}

fn text(value: &Value, pointer: &str) -> Result<String> {
    let text = value.pointer(pointer).and_then(Value::as_str);
    Ok(text.with_context(|| format!("no {pointer} in {value}"))?.to_owned())
}
