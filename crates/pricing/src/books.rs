//! The books: uses of coupons, and who took them.

use argosy_contracts::{
    common::ReadBooksRequest,
    next_after,
    pricing::{BooksApi, ReadRedemptionsResponse, ReadUsesResponse},
};
use argosy_kernel::{Ctx, Result};
use async_trait::async_trait;

use crate::store::Books;

#[async_trait]
impl BooksApi for Books {
    async fn read_uses(&self, ctx: &Ctx, request: ReadBooksRequest) -> Result<ReadUsesResponse> {
        let limit = request.rows_for(ctx)?;
        let promotions = self.uses(&request.after, limit).await?;
        let next = next_after(&promotions, limit, |promotion| promotion.code.clone());
        Ok(ReadUsesResponse { promotions, next })
    }

    async fn read_redemptions(
        &self,
        ctx: &Ctx,
        request: ReadBooksRequest,
    ) -> Result<ReadRedemptionsResponse> {
        let limit = request.rows_for(ctx)?;
        let redemptions = self.redemptions(&request.after, limit).await?;
        let next = next_after(&redemptions, limit, |redemption| redemption.id.clone());
        Ok(ReadRedemptionsResponse { redemptions, next })
    }
}
