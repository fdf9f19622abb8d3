//! The last stage: stock of what went in is counted.

use argosy_contracts::inventory::{SetLevelsRequest, StockLevel};
use argosy_kernel::{Error, Result};
use tokio::sync::mpsc;

use super::Importer;
use crate::problem::Problem;

const LEVELS_PER_CALL: usize = 2_000;

/// A level, and the line of its product.
pub(super) struct Counted {
    pub(super) line: u64,
    pub(super) level: StockLevel,
}

impl Importer {
    /// Counts until there is no more; answers the levels that were refused.
    pub(super) async fn count_stock(self, mut batches: mpsc::Receiver<Vec<Counted>>) -> Result<Vec<Problem>> {
        let mut problems = Vec::new();
        while let Some(batch) = batches.recv().await {
            for chunk in batch.chunks(LEVELS_PER_CALL) {
                let levels = chunk.iter().map(|counted| counted.level.clone()).collect();
                match self.inventory.set_levels(&self.ctx, SetLevelsRequest { levels }).await {
                    Ok(_) => {}
                    Err(error) if error.is_transient() => return Err(error),
                    // One wrong level must not keep the others out.
                    Err(_) => self.count_one_by_one(chunk, &mut problems).await?,
                }
            }
        }
        Ok(problems)
    }

    async fn count_one_by_one(&self, levels: &[Counted], problems: &mut Vec<Problem>) -> Result<()> {
        for Counted { line, level } in levels {
            let refused: Error = match self.inventory.set_levels(&self.ctx, one(level)).await {
                Ok(_) => continue,
                Err(error) if error.is_transient() => return Err(error),
                Err(error) => error,
            };
            let message = format!("stock of {}: {}", level.variant_id, refused.message());
            problems.push(Problem::new(*line, refused.reason(), message));
        }
        Ok(())
    }
}

fn one(level: &StockLevel) -> SetLevelsRequest {
    SetLevelsRequest { levels: vec![level.clone()] }
}
