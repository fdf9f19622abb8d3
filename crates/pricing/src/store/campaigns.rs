//! Campaigns by name, each a document.

use argosy_contracts::pricing::Campaign as Document;
use argosy_kernel::{Error, Result};
use argosy_platform::database::{Tx, sql};
use sea_orm::FromQueryResult;

use super::{Store, campaign_limits, rules};

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

    /// The same with what is used up of their limits.
    pub(crate) async fn campaigns_used(&self) -> Result<Vec<Document>> {
        let mut campaigns = self.campaigns().await?;
        self.with_used(&mut campaigns).await?;
        Ok(campaigns)
    }

    /// Creates or updates campaigns by name, all or none; ids stay what they were. Answers them as they are now.
    ///
    /// # Errors
    /// `CAMPAIGNS_FULL` if there would be too many.
    pub(crate) async fn put_campaigns(&self, campaigns: Vec<Document>) -> Result<Vec<Document>> {
        let tx = self.database.begin().await?;
        tx.alone(rules::ZONES).await?;
        let mut put = Vec::with_capacity(campaigns.len());
        for (index, mut campaign) in campaigns.into_iter().enumerate() {
            forget_used(&mut campaign);
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
            if has_limits(&campaign) || is_counted(&tx, &campaign.name).await? {
                campaign_limits::put(&tx, &campaign, index).await?;
            }
            put.push(campaign);
        }
        let count: CountRow = sql("select count(*) as campaigns from campaign").one(&tx).await?;
        if count.campaigns > CAMPAIGNS_MAX {
            let message = format!("there can be at most {CAMPAIGNS_MAX} campaigns; put over old ones");
            return Err(Error::precondition("CAMPAIGNS_FULL", message));
        }
        self.note_change(&tx).await?;
        tx.commit().await?;
        self.with_used(&mut put).await?;
        Ok(put)
    }
}

/// What is used up is counted elsewhere, whatever a file says.
fn forget_used(campaign: &mut Document) {
    campaign.uses = 0;
    campaign.budgets.iter_mut().for_each(|budget| budget.spent = None);
}

fn has_limits(campaign: &Document) -> bool {
    campaign.uses_max.is_some() || campaign.uses_per_customer.is_some() || !campaign.budgets.is_empty()
}

/// Whether it had limits before.
async fn is_counted(tx: &Tx, name: &str) -> Result<bool> {
    let row: CountRow =
        sql("select count(*) as campaigns from campaign_limit where name = $1").bind(name).one(tx).await?;
    Ok(row.campaigns > 0)
}
