//! What the mails about an order say.
//!
//! A fact says what happened and the order how it stands now, so a mail is written from both: which goods and which
//! amount from what the fact names, titles, language and address from the order.

mod after;
pub(crate) mod draft;
mod parts;
mod placed;
#[cfg(test)]
mod stories;

use argosy_contracts::orders::Order;
use argosy_kernel::{Error, MessageId, Result};
use serde::{Deserialize, Serialize};

use self::parts::Writer;
use crate::{
    NotificationsConfig,
    languages::Languages,
    mail::Mail,
    store::{Letter, NewMessage},
};

/// What a mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An order was placed.
    OrderConfirmation,
    /// A parcel left.
    Shipped,
    /// Goods wait for their buyer.
    ReadyForPickup,
    /// Nothing of an order is wanted any more.
    Canceled,
    /// Some units are not.
    PartlyCanceled,
    /// Money went back.
    Refunded,
    /// The buyer wants to send something back.
    ReturnRequested,
    /// They may.
    ReturnApproved,
    /// They may not.
    ReturnDeclined,
    /// What they sent has arrived.
    ReturnReceived,
    /// The shop changed what was ordered.
    OrderChanged,
    /// What was not there is expected on another day.
    ExpectedChanged,
    /// The shop put an order together, which waits to be paid.
    PaymentLink,
}

impl Kind {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 13] = [
        Self::OrderConfirmation,
        Self::Shipped,
        Self::ReadyForPickup,
        Self::Canceled,
        Self::PartlyCanceled,
        Self::Refunded,
        Self::ReturnRequested,
        Self::ReturnApproved,
        Self::ReturnDeclined,
        Self::ReturnReceived,
        Self::OrderChanged,
        Self::ExpectedChanged,
        Self::PaymentLink,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::OrderConfirmation => "order_confirmation",
            Self::Shipped => "shipped",
            Self::ReadyForPickup => "ready_for_pickup",
            Self::Canceled => "canceled",
            Self::PartlyCanceled => "partly_canceled",
            Self::Refunded => "refunded",
            Self::ReturnRequested => "return_requested",
            Self::ReturnApproved => "return_approved",
            Self::ReturnDeclined => "return_declined",
            Self::ReturnReceived => "return_received",
            Self::OrderChanged => "order_changed",
            Self::ExpectedChanged => "expected_changed",
            Self::PaymentLink => "payment_link",
        }
    }
}

/// Something that a buyer is told: the kind, and which part of the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct News {
    pub(crate) kind: Kind,
    /// Or the draft's, which is no order yet.
    pub(crate) order_id: String,
    /// The parcel, return, refund or edit; of others the change's name; empty: the order itself.
    pub(crate) part: String,
    /// Units that were canceled.
    pub(crate) units: Vec<Units>,
    /// Why, by one of the words that buyers are told.
    pub(crate) reason: String,
}

/// Units of a line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Units {
    pub(crate) line_id: String,
    pub(crate) quantity: i64,
}

impl News {
    /// What a message is unique by, beside its kind. Ids of parts are unique; names of changes are so within an order.
    fn subject_id(&self) -> String {
        match self.kind {
            Kind::OrderConfirmation => self.order_id.clone(),
            Kind::ReadyForPickup
            | Kind::Canceled
            | Kind::PartlyCanceled
            | Kind::ExpectedChanged
            | Kind::PaymentLink => format!("{}:{}", self.order_id, self.part),
            Kind::Shipped
            | Kind::Refunded
            | Kind::ReturnRequested
            | Kind::ReturnApproved
            | Kind::ReturnDeclined
            | Kind::ReturnReceived
            | Kind::OrderChanged => self.part.clone(),
        }
    }

    /// Writes the message, in the buyer's language; `None` if there is nothing to tell.
    pub(crate) fn write(
        &self,
        config: &NotificationsConfig,
        languages: &Languages,
        order: &Order,
    ) -> Result<Option<NewMessage>> {
        let writer = Writer { shop: &config.shop, words: languages.of(&order.language), order };
        let Some(mail) = self.mail(&writer)? else { return Ok(None) };
        let [plain, html] = mail.render()?;
        Ok(Some(NewMessage {
            id: MessageId::new(),
            kind: self.kind.as_str(),
            subject_id: self.subject_id(),
            // Orders of earlier releases name no person.
            person_id: if order.person_id.is_empty() { &order.id } else { &order.person_id }.clone(),
            subject: writer.say(&format!("{}-subject", self.kind.as_str()), &[]),
            letter: Letter { recipient: order.email.clone(), plain, html },
        }))
    }

    fn mail(&self, writer: &Writer<'_>) -> Result<Option<Mail>> {
        match self.kind {
            Kind::OrderConfirmation => placed::confirmation(writer).map(Some),
            Kind::Shipped => after::shipped(writer, &self.part),
            Kind::ReadyForPickup => after::ready(writer).map(Some),
            Kind::Canceled | Kind::PartlyCanceled => after::canceled(writer, self).map(Some),
            Kind::Refunded => after::refunded(writer, &self.part),
            Kind::ReturnRequested | Kind::ReturnApproved | Kind::ReturnDeclined | Kind::ReturnReceived => {
                after::returned(writer, self.kind, &self.part)
            }
            Kind::OrderChanged => after::changed(writer, &self.part),
            Kind::ExpectedChanged => after::expected(writer, &self.part),
            Kind::PaymentLink => draft::payment_link(writer).map(Some),
        }
    }
}

/// A part that a fact names and the order does not have.
fn lacking(order: &Order, part: &str) -> Error {
    Error::internal(format!("order {} has no part {part} that a fact names", order.id))
}
