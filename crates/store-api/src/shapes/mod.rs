//! What goes over the wire: the shapes of the public API, and how the contracts' messages become them.

mod amount;
mod cart;
mod checkout;
mod download;
mod fee;
mod input;
mod lines;
mod listing;
mod location;
mod market;
mod measure;
mod order;
mod parcels;
mod product;
mod returns;
mod tax;
mod wallet;

pub(crate) use self::{
    amount::{Amount, CommonNotice, CommonTrace, TotalLineOut},
    cart::{CartOut, CreateCart, NewCode, NewLine, NewQuantity},
    checkout::{CheckoutOut, CompleteCheckout, PartBody, PayBalance, StartCheckout, UpdateCheckout},
    download::{DownloadList, DownloadOut},
    fee::{FeeOut, NewWrap, WrapOut},
    input::{AddressBody, Plain},
    lines::{DiscountOut, GiftOut, LineOut, RejectedCodeOut, Trace},
    listing::{CategoryOut, CategoryRef, CollectionOut, FacetOut, List, PaymentMethodOut, SuggestionOut},
    location::LocationOut,
    market::MarketOut,
    measure::{MeasureOut, QuantityRuleOut, SizeChartOut, UnitPriceOut},
    order::OrderOut,
    product::{PRODUCT_FIELDS, ProductOut, Stock, product_fields},
    returns::RequestReturn,
    tax::{TaxLineOut, TaxNoteOut},
    wallet::{OpenedWallet, PayingWallet, SetupOut, StartSetup, WalletOut},
};

use argosy_kernel::Timestamp;

/// An instant as RFC 3339; unset if it is 0, which is how the contracts say so.
fn instant(millis: i64) -> Option<String> {
    (millis != 0).then(|| Timestamp::from_millis(millis).to_string())
}

/// A text; unset if it is empty, which is how the contracts say so.
fn text(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
