//! Fees, replaced as a whole, each a document.

use argosy_contracts::pricing::Fee as Document;
use argosy_kernel::{Error, Result};
use argosy_platform::database::sql;
use sea_orm::FromQueryResult;

use super::{Store, rules};

#[derive(FromQueryResult)]
struct FeeRow {
    document: String,
}

impl Store {
    /// All fees, in the order they were put.
    pub(crate) async fn fees(&self) -> Result<Vec<Document>> {
        let rows: Vec<FeeRow> = sql("select document from fee order by position").all(&self.database).await?;
        rows.iter().map(|row| serde_json::from_str(&row.document).map_err(Error::internal)).collect()
    }

    /// Puts these in place of all fees.
    pub(crate) async fn replace_fees(&self, fees: &[Document]) -> Result<()> {
        let tx = self.database.begin().await?;
        tx.alone(rules::ZONES).await?;
        sql("delete from fee").execute(&tx).await?;
        for (position, fee) in (0_i64..).zip(fees) {
            let document = serde_json::to_string(fee).map_err(Error::internal)?;
            sql("insert into fee (position, name, document) values ($1, $2, $3)")
                .bind(position)
                .bind(&*fee.name)
                .bind(document)
                .execute(&tx)
                .await?;
        }
        self.note_change(&tx).await?;
        tx.commit().await
    }
}
