//! The handlers, one file a kind of page.

pub(crate) mod balance;
pub(crate) mod card_action;
pub(crate) mod cart;
pub(crate) mod checkout;
pub(crate) mod compare;
pub(crate) mod draft;
mod gift;
pub(crate) mod home;
pub(crate) mod listing;
pub(crate) mod media;
pub(crate) mod order;
mod pay;
pub(crate) mod product;
pub(crate) mod robots;
pub(crate) mod test_bank;
pub(crate) mod wallet;
pub(crate) mod wallet_bank;
