//! The books: what this service knows of every checkout.

use argosy_contracts::{
    common::{ReadBooksRequest, ReadPeriodRequest},
    next_after,
    orders::{
        BooksApi, ReadAttemptsResponse, ReadBalancesResponse, ReadCheckoutsResponse, ReadOrdersResponse,
        ReadSalesResponse,
    },
};
use argosy_kernel::{Ctx, Result};
use async_trait::async_trait;

use crate::store::{Store, sales::after};

/// The tables, read only.
pub(crate) struct Books(pub(crate) Store);

#[async_trait]
impl BooksApi for Books {
    async fn read_checkouts(&self, ctx: &Ctx, request: ReadBooksRequest) -> Result<ReadCheckoutsResponse> {
        let limit = request.rows_for(ctx)?;
        let checkouts = self.0.checkouts_in_books(&request.after, limit).await?;
        let next = next_after(&checkouts, limit, |checkout| checkout.id.clone());
        Ok(ReadCheckoutsResponse { checkouts, next })
    }

    async fn read_attempts(&self, ctx: &Ctx, request: ReadBooksRequest) -> Result<ReadAttemptsResponse> {
        let limit = request.rows_for(ctx)?;
        let now_ms = self.0.now().as_millis();
        let attempts = self.0.attempts_in_books(&request.after, limit).await?;
        let next = next_after(&attempts, limit, |attempt| attempt.id.clone());
        Ok(ReadAttemptsResponse { attempts, next, now_ms })
    }

    async fn read_orders(&self, ctx: &Ctx, request: ReadBooksRequest) -> Result<ReadOrdersResponse> {
        let limit = request.rows_for(ctx)?;
        let orders = self.0.orders_in_books(&request.after, limit).await?;
        let next = next_after(&orders, limit, |order| order.id.clone());
        Ok(ReadOrdersResponse { orders, next })
    }

    async fn read_balances(&self, ctx: &Ctx, request: ReadBooksRequest) -> Result<ReadBalancesResponse> {
        let limit = request.rows_for(ctx)?;
        let balances = self.0.balances_in_books(&request.after, limit).await?;
        let next = next_after(&balances, limit, |balance| balance.id.clone());
        Ok(ReadBalancesResponse { balances, next })
    }

    async fn read_sales(&self, ctx: &Ctx, request: ReadPeriodRequest) -> Result<ReadSalesResponse> {
        let limit = request.rows_for(ctx)?;
        let sales = self.0.sales(&request.after, (request.from_ms, request.to_ms), limit).await?;
        let next = next_after(&sales, limit, |sale| after(sale.placed_at_ms, &sale.id));
        Ok(ReadSalesResponse { sales, next })
    }
}
