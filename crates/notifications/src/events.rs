//! Facts that this service listens to. It tells none.
//!
//! A fact of `orders` that a buyer is told of makes one message, unique by its kind and what it is about, and written in
//! the transaction that notes the fact. `orders.person_forgotten` erases what the messages to a person say. One consumer
//! hears all, so that no message is written to whom it has erased.

use std::sync::Arc;

use argosy_contracts::orders::{GetDraftRequest, GetOrderRequest, Order};
use argosy_kernel::{Ctx, Result};
use argosy_platform::{
    bus::{Consumer, ConsumerSpec, Fact},
    database::Tx,
};
use async_trait::async_trait;
use serde::Deserialize;

use crate::{
    NotificationsClients, NotificationsConfig,
    languages::Languages,
    letters::{Kind, News, Units, draft},
    post::Post,
    store::Store,
};

pub(crate) struct OrderFacts {
    pub(crate) clients: NotificationsClients,
    pub(crate) store: Store,
    pub(crate) post: Arc<Post>,
    pub(crate) languages: Languages,
    pub(crate) config: NotificationsConfig,
}

impl OrderFacts {
    /// Named after the first kind that it heard: its position is kept under that name.
    pub(crate) const SPEC: ConsumerSpec = ConsumerSpec {
        name: "notifications.order_placed",
        source: "orders",
        kinds: &[
            PLACED,
            FORGOTTEN,
            FULFILLED,
            READY,
            CANCELED,
            REFUNDED,
            RETURN_CHANGED,
            HANDLING_CHANGED,
            EXPECTED_CHANGED,
            DRAFT_SHARED,
        ],
        tries_max: 8,
    };
}

const PLACED: &str = "orders.order_placed";
const FORGOTTEN: &str = "orders.person_forgotten";
const FULFILLED: &str = "orders.fulfilled";
const READY: &str = "orders.ready_for_pickup";
const CANCELED: &str = "orders.canceled";
const REFUNDED: &str = "orders.refunded";
const RETURN_CHANGED: &str = "orders.return_changed";
const HANDLING_CHANGED: &str = "orders.handling_changed";
const EXPECTED_CHANGED: &str = "orders.expected_changed";
const DRAFT_SHARED: &str = "orders.draft_shared";

/// A fact about an order: of one that was placed there is only its id.
#[derive(Deserialize)]
struct OrderFact {
    order_id: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    lines: Vec<Units>,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
struct DraftShared {
    draft_id: String,
    /// Names the mail.
    id: String,
}

#[derive(Deserialize)]
struct Forgotten {
    person_id: String,
}

/// What a buyer is told of a fact, if anything.
fn news(fact: &Fact) -> Result<Option<News>> {
    let told: OrderFact = fact.read()?;
    let kind = match (fact.kind.as_str(), told.state.as_str()) {
        (PLACED, _) => Kind::OrderConfirmation,
        (FULFILLED, _) => Kind::Shipped,
        (READY, _) => Kind::ReadyForPickup,
        (CANCELED, "canceled") => Kind::Canceled,
        (CANCELED, _) => Kind::PartlyCanceled,
        (REFUNDED, "done") => Kind::Refunded,
        (RETURN_CHANGED, "requested") => Kind::ReturnRequested,
        (RETURN_CHANGED, "approved") => Kind::ReturnApproved,
        (RETURN_CHANGED, "declined") => Kind::ReturnDeclined,
        (RETURN_CHANGED, "received") => Kind::ReturnReceived,
        (HANDLING_CHANGED, "edited") => Kind::OrderChanged,
        (EXPECTED_CHANGED, _) => Kind::ExpectedChanged,
        _ => return Ok(None),
    };
    let OrderFact { order_id, id: part, lines: units, reason, .. } = told;
    Ok(Some(News { kind, order_id, part, units, reason }))
}

impl OrderFacts {
    async fn forget(&self, tx: &Tx, person: &str) -> Result<()> {
        for message in self.store.forget(tx, person).await? {
            self.post.take_back(&message).await?;
        }
        Ok(())
    }

    /// What is told of a fact, and the order as it stands now.
    async fn told(&self, fact: &Fact) -> Result<Option<(News, Order)>> {
        let is_sent = |news: &News| !self.config.without.contains(&news.kind);
        let ctx = Ctx::system("notifications");
        if fact.kind == DRAFT_SHARED {
            let DraftShared { draft_id, id: part } = fact.read()?;
            let (kind, order_id) = (Kind::PaymentLink, draft_id.clone());
            let news = News { kind, order_id, part, units: Vec::new(), reason: String::new() };
            if !is_sent(&news) {
                return Ok(None);
            }
            let draft = self.clients.drafts.get_draft(&ctx, GetDraftRequest { draft_id }).await?;
            return Ok(draft::as_order(draft).map(|order| (news, order)));
        }
        let Some(news) = news(fact)?.filter(is_sent) else { return Ok(None) };
        let request = GetOrderRequest { order_id: news.order_id.clone(), ..GetOrderRequest::default() };
        let order = self.clients.orders.get_order(&ctx, request).await?;
        Ok(Some((news, order)))
    }
}

#[async_trait]
impl Consumer for OrderFacts {
    async fn handle(&self, tx: &Tx, fact: &Fact) -> Result<()> {
        if fact.kind == FORGOTTEN {
            let forgotten: Forgotten = fact.read()?;
            return self.forget(tx, &forgotten.person_id).await;
        }
        let Some((news, order)) = self.told(fact).await? else { return Ok(()) };
        if order.email.is_empty() {
            tracing::info!(
                order.id,
                message.kind = news.kind.as_str(),
                "nobody is told: the buyer is forgotten"
            );
            return Ok(());
        }
        match news.write(&self.config, &self.languages, &order)? {
            Some(message) => self.store.queue(tx, &message).await,
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(kind: &str, data: &str) -> Fact {
        Fact {
            position: 1,
            id: "evt_1".to_owned(),
            kind: kind.to_owned(),
            subject: "ord_1".to_owned(),
            sequence: 1,
            time_ms: 0,
            data: data.to_owned(),
        }
    }

    #[test]
    fn a_fact_is_told_by_its_state_and_some_are_not() {
        let kind = |kind: &str, state: &str| {
            let data = format!(r#"{{"order_id":"ord_1","id":"x","state":"{state}"}}"#);
            news(&fact(kind, &data)).unwrap().map(|news| news.kind.as_str())
        };
        assert_eq!(kind(CANCELED, "canceled"), Some("canceled"));
        assert_eq!(kind(CANCELED, "open"), Some("partly_canceled"));
        assert_eq!((kind(REFUNDED, "done"), kind(REFUNDED, "refused")), (Some("refunded"), None));
        assert_eq!(
            (kind(HANDLING_CHANGED, "edited"), kind(HANDLING_CHANGED, "held")),
            (Some("order_changed"), None)
        );
        assert_eq!(kind(RETURN_CHANGED, "settled"), None);
        let placed = fact(PLACED, r#"{"order_id":"ord_1","number":"1001","checkout_id":"chk_1"}"#);
        assert_eq!(news(&placed).unwrap().unwrap().kind, Kind::OrderConfirmation);
    }
}
