//! Persons, as those see them who answer for the store.

use argosy_contracts::orders::{ForgetPersonRequest, ForgetPersonResponse, PersonsApi};
use argosy_kernel::{Actor, Code, Ctx, Error, Result};
use async_trait::async_trait;

use crate::{domain::check_email, store::Store};

pub(crate) struct Persons(pub(crate) Store);

#[async_trait]
impl PersonsApi for Persons {
    async fn forget(&self, ctx: &Ctx, request: ForgetPersonRequest) -> Result<ForgetPersonResponse> {
        if !matches!(ctx.actor, Actor::Staff(_) | Actor::System(_)) {
            return Err(Error::new(Code::PermissionDenied, "STAFF_ONLY", "only staff can forget a person"));
        }
        self.0.forget(&check_email(&request.email)?).await
    }
}
