//! What the service promises, over both call modes.

mod background;
mod products;
mod structure;
mod subject;
