#![doc = include_str!("../README.md")]

mod codes;
mod difference;
mod facts;
mod orders;
mod purchases;
mod stock;
mod stretches;
mod window;

use std::{collections::BTreeSet, time::Duration};

use argosy_contracts::{facts_v1::StandingClient, inventory, orders as orders_contract, payments, pricing};
use argosy_kernel::{Ctx, Result};
use serde::Serialize;
use tokio::time::Instant;

use self::difference::Look;
pub use self::difference::{Compared, Difference};

/// Where the books are.
pub struct Books {
    /// Checkouts and orders.
    pub orders: orders_contract::BooksClient,
    /// Payments.
    pub payments: payments::BooksClient,
    /// Stock.
    pub inventory: inventory::BooksClient,
    /// Coupons.
    pub pricing: pricing::BooksClient,
    /// Facts.
    pub standing: StandingClient,
    /// The services that tell and read facts; those that are not there are passed over.
    pub services: Vec<String>,
    /// Whether nobody works on the store now, so that what is open stays so.
    pub at_rest: bool,
}

/// What came of it.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// What did not add up at any look.
    pub differences: Vec<Difference>,
    /// Differences beyond those that are kept.
    pub more: u64,
    /// What was compared at the last look.
    pub compared: Compared,
    /// How often it was looked.
    pub looks: u32,
}

impl Report {
    /// Whether everything adds up.
    pub fn balances(&self) -> bool {
        self.differences.is_empty() && self.more == 0
    }
}

/// How long one stretch of a book may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Compares, and compares again what does not add up until it does or `patience` is over, twice at least.
///
/// # Errors
/// Why a book cannot be read.
pub async fn audit(books: &Books, patience: Duration) -> Result<Report> {
    let until = Instant::now() + patience;
    let mut look = look(books).await?;
    let mut looks = 1;
    while !look.differences.is_empty() && (looks < 2 || Instant::now() < until) {
        tokio::time::sleep(LOOK_AGAIN).await;
        let earlier: BTreeSet<_> = look.differences.iter().map(Difference::key).collect();
        let (more_before, mut again) = (look.more, self::look(books).await?);
        // Beyond those that are kept nobody knows which are the same.
        again.differences.retain(|difference| more_before > 0 || earlier.contains(&difference.key()));
        look = again;
        looks += 1;
    }
    Ok(Report { differences: look.differences, more: look.more, compared: look.compared, looks })
}

async fn look(books: &Books) -> Result<Look> {
    let mut look = Look::default();
    stock::compare(books, &mut look).await?;
    codes::compare(books, &mut look).await?;
    orders::compare(books, &mut look).await?;
    purchases::compare(books, &mut look).await?;
    facts::compare(books, &mut look).await?;
    Ok(look)
}

fn ctx() -> Ctx {
    Ctx::system("audit").with_timeout(CALL_TIMEOUT)
}
