//! The contract.

use argosy_contracts::notifications::{ListMessagesRequest, ListMessagesResponse, Message, NotificationsApi};
use argosy_kernel::{Actor, Code, Ctx, Error, PageRequest, Result};
use async_trait::async_trait;

use crate::store::Store;

pub(crate) struct NotificationsService {
    store: Store,
}

impl NotificationsService {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }
}

#[async_trait]
impl NotificationsApi for NotificationsService {
    async fn list_messages(&self, ctx: &Ctx, request: ListMessagesRequest) -> Result<ListMessagesResponse> {
        if !matches!(ctx.actor, Actor::Staff(_) | Actor::System(_)) {
            return Err(Error::new(Code::PermissionDenied, "STAFF_ONLY", "only staff can list messages"));
        }
        let page = PageRequest::new(request.limit, &request.cursor, 50)?;
        let page = self.store.list(&page).await?;
        let messages = page.items.into_iter().map(|row| Message {
            id: row.id,
            kind: row.kind,
            subject_id: row.subject_id,
            recipient: row.letter.recipient,
            subject: row.subject,
            state: row.state,
            tries: u32::try_from(row.tries).unwrap_or(u32::MAX),
            error: row.error,
            created_at_ms: row.created_at_ms,
        });
        let next = page.next.map(String::from).unwrap_or_default();
        Ok(ListMessagesResponse { messages: messages.collect(), next })
    }
}
