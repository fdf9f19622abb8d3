//! What a buyer must know or fix about a quote.

use argosy_kernel::Currency;

use super::Country;

/// A problem that keeps part of a cart from being priced. Every one must be fixed; none can be accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Notice {
    /// The variant of a requested line does not exist or is not for sale.
    #[error("this article is not available any more")]
    VariantNotFound {
        /// The line's place in the request.
        position: usize,
    },
    /// The variant has no price in the quote's currency.
    #[error("this article is not sold in {currency}")]
    NotSoldInCurrency {
        /// The line's place in the request.
        position: usize,
        /// The quote's currency.
        currency: Currency,
    },
    /// The destination is sold to in another currency than the quote's.
    #[error("deliveries to {country} are paid in {currency}")]
    MarketCurrency {
        /// The destination.
        country: Country,
        /// Its market's.
        currency: Currency,
    },
    /// The variant is not sold in this quantity.
    #[error("the quantity {told}")]
    QuantityNotOffered {
        /// The line's place in the request.
        position: usize,
        /// What it must be.
        told: String,
    },
    /// The line cannot be wrapped so.
    #[error("{}", wrap_told(*pieces_max))]
    WrapNotOffered {
        /// The line's place in the request.
        position: usize,
        /// It has more units than this; 0: it is not offered for it at all.
        pieces_max: i64,
    },
    /// What is to be written with a wrapped line is too long.
    #[error("{}", message_told(*length_max))]
    WrapMessageTooLong {
        /// The line's place in the request.
        position: usize,
        /// In characters; 0: nothing can be written.
        length_max: u32,
    },
    /// Nothing is offered for the destination, or for a parcel of this weight.
    #[error("these articles cannot be shipped to {country}")]
    NotShippedThere {
        /// The destination.
        country: Country,
    },
    /// The chosen option is not offered, or not any more.
    #[error("the chosen way of shipping is not available; choose another")]
    ShippingOptionGone,
}

impl Notice {
    /// What callers match on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::VariantNotFound { .. } => "VARIANT_NOT_FOUND",
            Self::NotSoldInCurrency { .. } => "NOT_SOLD_IN_CURRENCY",
            Self::MarketCurrency { .. } => "MARKET_CURRENCY",
            Self::QuantityNotOffered { .. } => "QUANTITY_NOT_OFFERED",
            Self::WrapNotOffered { .. } => "WRAP_NOT_OFFERED",
            Self::WrapMessageTooLong { .. } => "WRAP_MESSAGE_TOO_LONG",
            Self::NotShippedThere { .. } => "NOT_SHIPPED_THERE",
            Self::ShippingOptionGone => "SHIPPING_OPTION_GONE",
        }
    }

    /// What it is about, as a JSON pointer into the request: a line without a price is not in the quote.
    pub fn target(&self) -> String {
        match self {
            Self::VariantNotFound { position } | Self::NotSoldInCurrency { position, .. } => {
                format!("/lines/{position}")
            }
            Self::MarketCurrency { .. } => "/currency".to_owned(),
            Self::QuantityNotOffered { position, .. } => format!("/lines/{position}/quantity"),
            Self::WrapNotOffered { position, .. } => format!("/lines/{position}/wrap"),
            Self::WrapMessageTooLong { position, .. } => format!("/lines/{position}/wrap_message"),
            Self::NotShippedThere { .. } => "/destination/country".to_owned(),
            Self::ShippingOptionGone => "/shipping_option_id".to_owned(),
        }
    }
}

fn wrap_told(pieces_max: i64) -> String {
    match pieces_max {
        0 => "this gift wrap is not offered for this article; choose another or none".to_owned(),
        pieces => format!("at most {pieces} of an article can be wrapped; take fewer, or no gift wrap"),
    }
}

fn message_told(length_max: u32) -> String {
    match length_max {
        0 => "nothing can be written with this gift wrap".to_owned(),
        length => format!("the message must have at most {length} characters"),
    }
}
