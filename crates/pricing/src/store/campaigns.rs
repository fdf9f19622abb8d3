//! Campaigns by name, each a document.

use argosy_contracts::pricing::Campaign as Document;
use argosy_kernel::{Error, Result};
use argosy_platform::database::sql;
use sea_orm::FromQueryResult;

use super::{Store, rules};

/// More would have to be looked at for a quote than its time allows.
const CAMPAIGNS_MAX: i64 = 2_000;

#[derive(FromQueryResult)]
struct CampaignRow {
    document: String,
}

#[derive(FromQueryResult)]
struct CountRow {
    campaigns: i64,
}

impl Store {
    /// All campaigns by name.
    pub(crate) async fn campaigns(&self) -> Result<Vec<Document>> {
        let rows: Vec<CampaignRow> =
            sql("select document from campaign order by name").all(&self.database).await?;
        rows.iter().map(|row| serde_json::from_str(&row.document).map_err(Error::internal)).collect()
    }

    /// Creates or updates campaigns by name, all or none; ids stay what they were. Answers them as they are now.
    ///
    /// # Errors
    /// `CAMPAIGNS_FULL` if there would be too many.
    pub(crate) async fn put_campaigns(&self, campaigns: Vec<Document>) -> Result<Vec<Document>> {
        let tx = self.database.begin().await?;
        tx.alone(rules::ZONES).await?;
        let mut put = Vec::with_capacity(campaigns.len());
        for mut campaign in campaigns {
            let known: Option<CampaignRow> = sql("select document from campaign where name = $1")
                .bind(&*campaign.name)
                .optional(&tx)
                .await?;
            if let Some(row) = known {
                let known: Document = serde_json::from_str(&row.document).map_err(Error::internal)?;
                campaign.id = known.id;
            }
            let document = serde_json::to_string(&campaign).map_err(Error::internal)?;
            sql("insert into campaign (name, document) values ($1, $2) \
                 on conflict (name) do update set document = excluded.document")
            .bind(&*campaign.name)
            .bind(document)
            .execute(&tx)
            .await?;
            put.push(campaign);
        }
        let count: CountRow = sql("select count(*) as campaigns from campaign").one(&tx).await?;
        if count.campaigns > CAMPAIGNS_MAX {
            let message = format!("there can be at most {CAMPAIGNS_MAX} campaigns; put over old ones");
            return Err(Error::precondition("CAMPAIGNS_FULL", message));
        }
        self.note_change(&tx).await?;
        tx.commit().await?;
        Ok(put)
    }
}
