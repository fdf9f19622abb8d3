//! Whether an order is sold, and what becomes of it after the sale, over both engines and both call modes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod agreed;
mod balance;
mod books;
mod cards;
mod drafts;
mod edits;
mod fees;
mod goods;
mod money;
mod papers;
mod returns;
mod risk;
mod shop;
mod split;
mod world;
