//! Markets, replaced as a whole.

use argosy_contracts::pricing::Market as Document;
use argosy_kernel::{Error, Result};
use argosy_platform::database::sql;
use sea_orm::FromQueryResult;

use super::{Store, rules};
use crate::{
    domain::Market,
    events,
    messages::market::{message, read},
};

#[derive(FromQueryResult)]
struct MarketRow {
    document: String,
}

impl Store {
    /// All markets, in the order they were put.
    pub(crate) async fn markets(&self) -> Result<Vec<Market>> {
        let rows: Vec<MarketRow> =
            sql("select document from market order by position").all(&self.database).await?;
        let read = |row: &MarketRow| {
            let document: Document = serde_json::from_str(&row.document).map_err(Error::internal)?;
            read(&document, "")
        };
        rows.iter().map(read).collect()
    }

    /// Puts these in place of all markets.
    pub(crate) async fn replace_markets(&self, markets: &[Market]) -> Result<()> {
        let tx = self.database.begin().await?;
        tx.alone(rules::ZONES).await?;
        sql("delete from market").execute(&tx).await?;
        for (position, market) in (0_i64..).zip(markets) {
            let document = serde_json::to_string(&message(market)).map_err(Error::internal)?;
            sql("insert into market (position, name, document) values ($1, $2, $3)")
                .bind(position)
                .bind(&*market.name)
                .bind(document)
                .execute(&tx)
                .await?;
        }
        let version = self.note_change(&tx).await?;
        tx.publish(self.clock.as_ref(), [events::markets_changed(version)?]).await?;
        tx.commit().await
    }
}
