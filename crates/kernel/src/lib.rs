//! The words every crate shares: [`Money`], ids, [`Timestamp`], [`Error`], [`Page`], [`Ctx`].
//!
//! Nothing here does I/O or is async, so each rule can be tested with plain values.
#![deny(clippy::float_arithmetic)]

mod country;
mod ctx;
mod day;
mod error;
mod id;
mod money;
mod page;
mod rate;
mod secret;
mod time;
mod unit;

pub use crate::{
    country::{Country, CountryError},
    ctx::{Actor, Ctx},
    day::Day,
    error::{Code, Error, FieldError, Result},
    id::{
        AttemptId, CartId, CategoryId, CheckoutId, CollectionId, DisputeId, DraftId, EditId, EventId, FileId,
        FulfilmentId, ImageId, IntentId, LineId, LocationId, MediaId, MessageId, OrderId, ParseIdError,
        PersonId, ProductId, PromotionId, RequestId, ReservationId, ReturnId, SavedMethodId, SetupId, StepId,
        VariantId, WalletId,
    },
    money::{Currency, Gross, Money, MoneyError, Net},
    page::{Cursor, PAGE_LIMIT_MAX, Page, PageRequest},
    rate::Rate,
    secret::Secret,
    time::{Clock, ManualClock, SystemClock, Timestamp},
    unit::{Dimension, Unit},
};
