//! Ids that say what they name: `ord_06a1…`.
//!
//! The body is a version 7 UUID in lower-case Crockford-like base 32, so ids sort by creation time and read
//! well aloud. Plain UUIDs lost: an order id pasted where a cart id belongs would parse.

use std::{fmt, str::FromStr};

use data_encoding::{BASE32HEX_NOPAD, Encoding};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// 26 characters hold the 128 bits of a UUID.
const BODY_LENGTH: usize = 26;

fn encode(uuid: Uuid) -> String {
    let mut body = BASE32HEX_NOPAD.encode(uuid.as_bytes());
    body.make_ascii_lowercase();
    body
}

fn decode(body: &str) -> Option<Uuid> {
    let encoding: &Encoding = &BASE32HEX_NOPAD;
    if body.len() != BODY_LENGTH || body.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let bytes = encoding.decode(body.to_ascii_uppercase().as_bytes()).ok()?;
    Uuid::from_slice(&bytes).ok()
}

/// A string that is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not an id of the form {prefix}_…")]
pub struct ParseIdError {
    text: String,
    prefix: &'static str,
}

impl From<ParseIdError> for crate::Error {
    fn from(error: ParseIdError) -> Self {
        Self::invalid("INVALID_ID", error.to_string())
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// What stands before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A new id; later ones sort after earlier ones.
            #[expect(clippy::new_without_default, reason = "an id made by default would hide where it comes from")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// The id that a name always maps to: for demo data, and for steps that must not be done twice.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The bits behind the text.
            pub fn to_bytes(self) -> [u8; 16] {
                self.0.into_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", $prefix, encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(decode)
                    .map(Self)
                    .ok_or_else(|| ParseIdError { text: text.chars().take(40).collect(), prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// A product.
    ProductId = "prod";
    /// What is sold: one combination of a product's options.
    VariantId = "var";
    /// A node of the category tree.
    CategoryId = "cat";
    /// A hand-picked or rule-made set of products.
    CollectionId = "col";
    /// A product picture's place in its gallery.
    ImageId = "img";
    /// An uploaded picture.
    MediaId = "med";
    /// A file that is sold.
    FileId = "file";
    /// A cart.
    CartId = "cart";
    /// A line of a cart, checkout or order.
    LineId = "line";
    /// A checkout.
    CheckoutId = "chk";
    /// A checkout that staff put together.
    DraftId = "dft";
    /// An attempt to complete a checkout.
    AttemptId = "att";
    /// An order.
    OrderId = "ord";
    /// A parcel of an order.
    FulfilmentId = "ful";
    /// Goods of an order on their way back.
    ReturnId = "ret";
    /// A change of an order that is proposed.
    EditId = "edit";
    /// What an order needs of another service, under which that knows it.
    StepId = "step";
    /// A payment that its buyer disputes at their bank.
    DisputeId = "dsp";
    /// Somebody who bought or is about to.
    PersonId = "per";
    /// Stock held for a checkout.
    ReservationId = "res";
    /// A place that holds stock.
    LocationId = "loc";
    /// A payment intent.
    IntentId = "pay";
    /// What a buyer has saved to pay with.
    WalletId = "wal";
    /// A means of payment in a wallet.
    SavedMethodId = "pmt";
    /// A means of payment that is about to be saved.
    SetupId = "setup";
    /// A promotion or coupon.
    PromotionId = "promo";
    /// A message to a person.
    MessageId = "msg";
    /// A fact.
    EventId = "evt";
    /// A request, as logged and answered in `X-Request-Id`.
    RequestId = "req";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_parses_as_its_own_kind_only() {
        let order = OrderId::new();
        assert_eq!(order.to_string().parse::<OrderId>().unwrap(), order);
        assert!(order.to_string().parse::<CartId>().is_err());
        assert!(order.to_string().to_uppercase().parse::<OrderId>().is_err());
        assert!("ord_".parse::<OrderId>().is_err());
        assert!("ord_ü".parse::<OrderId>().is_err());
    }

    #[test]
    fn ids_sort_by_creation() {
        let ids: Vec<String> = (0..200).map(|_| OrderId::new().to_string()).collect();
        assert!(ids.is_sorted());
    }
}
