//! The books: what we know of every intent, and what its provider knows.

use argosy_contracts::{
    common::{ReadBooksRequest, ReadPeriodRequest},
    next_after,
    payments::{BooksApi, ReadIntentsResponse, ReadMovesResponse},
};
use argosy_kernel::{Ctx, Result};
use argosy_platform::database::Database;
use async_trait::async_trait;

use crate::{
    providers::test_charges,
    store::{intents_in_books, moves},
};

/// The tables, read only, and those of the pretended provider, where it has any.
pub(crate) struct Books {
    pub(crate) database: Database,
    pub(crate) test_provider: Option<Database>,
}

#[async_trait]
impl BooksApi for Books {
    async fn read_intents(&self, ctx: &Ctx, request: ReadBooksRequest) -> Result<ReadIntentsResponse> {
        let limit = request.rows_for(ctx)?;
        let (mut intents, at_test_provider) = intents_in_books(&self.database, &request.after, limit).await?;
        if let Some(provider) = &self.test_provider {
            let mut charges = test_charges(provider, &at_test_provider).await?;
            for intent in intents.iter_mut().filter(|intent| at_test_provider.contains(&intent.id)) {
                intent.provider_has_books = true;
                intent.charge = charges.remove(&intent.id);
            }
        }
        let next = next_after(&intents, limit, |intent| intent.id.clone());
        Ok(ReadIntentsResponse { intents, next })
    }

    async fn read_moves(&self, ctx: &Ctx, request: ReadPeriodRequest) -> Result<ReadMovesResponse> {
        let limit = request.rows_for(ctx)?;
        let rows = moves(&self.database, &request, limit).await?;
        let next = next_after(&rows, limit, |(position, _)| position.to_string());
        Ok(ReadMovesResponse { moves: rows.into_iter().map(|(_, one)| one).collect(), next })
    }
}
