//! Changing tax and shipping zones as wholes, with a version that only grows; campaigns, fees, markets and price lists
//! count in it, too.

use argosy_kernel::Result;
use argosy_platform::database::{Tx, sql};
use sea_orm::FromQueryResult;

use super::{Store, shipping_zones, tax_zones};
use crate::{
    domain::{ShippingZone, TaxZone},
    events,
};

/// The row that counts.
pub(super) const ZONES: &str = "zones";

#[derive(FromQueryResult)]
struct VersionRow {
    version: i64,
}

impl Store {
    /// The version of the zones; 0 before there are any.
    ///
    /// Read it before the zones: then they are at least as new as it says.
    pub(crate) async fn rules_version(&self) -> Result<i64> {
        let row: Option<VersionRow> =
            sql("select version from rules where name = $1").bind(ZONES).optional(&self.database).await?;
        Ok(row.map_or(0, |row| row.version))
    }

    /// Fills a new database. One that has had zones before is left alone, even if they were all removed since.
    pub(crate) async fn seed(&self, taxes: &[TaxZone], shipping: &[ShippingZone]) -> Result<()> {
        let tx = self.database.begin().await?;
        let new = sql("insert into rules (name, version) values ($1, 1) on conflict (name) do nothing")
            .bind(ZONES)
            .execute(&tx)
            .await?;
        if new == 1 {
            tax_zones::replace(&tx, taxes, self.clock.now()).await?;
            shipping_zones::replace(&tx, shipping).await?;
        }
        tx.commit().await
    }

    /// Puts these in place of all tax zones.
    pub(crate) async fn replace_tax_zones(&self, zones: &[TaxZone]) -> Result<()> {
        let tx = self.database.begin().await?;
        tx.alone(ZONES).await?;
        tax_zones::replace(&tx, zones, self.clock.now()).await?;
        self.note_change(&tx).await?;
        tx.commit().await
    }

    /// Puts these in place of all shipping zones.
    pub(crate) async fn replace_shipping_zones(&self, zones: &[ShippingZone]) -> Result<()> {
        let tx = self.database.begin().await?;
        tx.alone(ZONES).await?;
        shipping_zones::replace(&tx, zones).await?;
        self.note_change(&tx).await?;
        tx.commit().await
    }

    /// Counts a change and tells of it; answers its number.
    pub(super) async fn note_change(&self, tx: &Tx) -> Result<i64> {
        let row: VersionRow = sql("insert into rules (name, version) values ($1, 1) \
                                   on conflict (name) do update set version = rules.version + 1 \
                                   returning version")
        .bind(ZONES)
        .one(tx)
        .await?;
        tx.publish(self.clock.as_ref(), [events::zones_changed(row.version)?]).await?;
        Ok(row.version)
    }
}
