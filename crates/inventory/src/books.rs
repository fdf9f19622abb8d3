//! The books: stock and reservations beside the ledger.

use argosy_contracts::{
    common::ReadBooksRequest,
    inventory::{BooksApi, ReadLevelsResponse, ReadReservationsResponse},
    next_after,
};
use argosy_kernel::{Ctx, Result};
use async_trait::async_trait;

use crate::store::Books;

#[async_trait]
impl BooksApi for Books {
    async fn read_levels(&self, ctx: &Ctx, request: ReadBooksRequest) -> Result<ReadLevelsResponse> {
        let limit = request.rows_for(ctx)?;
        let levels = self.levels(&request.after, limit).await?;
        let next = next_after(&levels, limit, |level| format!("{} {}", level.variant_id, level.location_id));
        Ok(ReadLevelsResponse { levels, next })
    }

    async fn read_reservations(
        &self,
        ctx: &Ctx,
        request: ReadBooksRequest,
    ) -> Result<ReadReservationsResponse> {
        let limit = request.rows_for(ctx)?;
        let reservations = self.reservations(&request.after, limit).await?;
        let next = next_after(&reservations, limit, |reservation| reservation.id.clone());
        Ok(ReadReservationsResponse { reservations, next })
    }
}
