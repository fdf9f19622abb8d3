//! Pricing's tables: the only place with its SQL.

mod amounts;
mod books;
mod budgets;
mod campaign_limits;
mod campaigns;
mod fees;
mod group_codes;
mod list_prices;
mod markets;
mod price_lists;
mod promotions;
mod redemptions;
mod rules;
mod shipping_zones;
mod tax_zones;

use std::sync::Arc;

use argosy_kernel::{Clock, Result};
use argosy_platform::{
    Host,
    database::{Database, DatabaseSpec, Durability, Migration},
};

pub(crate) use self::{books::Books, campaign_limits::CampaignUse, list_prices::PutPrice, redemptions::Use};

const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "pricing", sql: include_str!("../../migrations/0001_pricing.sql") },
    Migration { version: 2, name: "campaigns", sql: include_str!("../../migrations/0002_campaigns.sql") },
    Migration {
        version: 3,
        name: "tax_documents",
        sql: include_str!("../../migrations/0003_tax_documents.sql"),
    },
    Migration {
        version: 4,
        name: "limits_and_pools",
        sql: include_str!("../../migrations/0004_limits_and_pools.sql"),
    },
    Migration {
        version: 5,
        name: "shipping_details",
        sql: include_str!("../../migrations/0005_shipping_details.sql"),
    },
    Migration { version: 6, name: "markets", sql: include_str!("../../migrations/0006_markets.sql") },
    Migration { version: 7, name: "price_lists", sql: include_str!("../../migrations/0007_price_lists.sql") },
    Migration { version: 8, name: "group_codes", sql: include_str!("../../migrations/0008_group_codes.sql") },
    Migration { version: 9, name: "fees", sql: include_str!("../../migrations/0009_fees.sql") },
    Migration {
        version: 10,
        name: "campaign_limits",
        sql: include_str!("../../migrations/0010_campaign_limits.sql"),
    },
];

/// A use of a coupon is money, so a commit survives a power cut.
pub const DATABASE: DatabaseSpec =
    DatabaseSpec { name: "pricing", durability: Durability::Full, migrations: MIGRATIONS };

/// The rows of one insert, so that its values stay under what SQLite binds.
const ROWS_MAX: usize = 1_000;

/// Pricing's database.
#[derive(Clone)]
pub(crate) struct Store {
    database: Database,
    clock: Arc<dyn Clock>,
}

impl Store {
    /// Opens it and brings its tables up to date.
    pub(crate) async fn open(host: &Host) -> Result<Self> {
        Ok(Self { database: host.database(DATABASE).await?, clock: host.clock() })
    }
}
