//! Statements as they go to PostgreSQL.

use std::{
    collections::BTreeSet,
    fmt::Debug,
    sync::{Arc, Mutex},
};

use tracing::field::{Field, Visit};
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

/// A statement and the types of its values.
#[derive(Debug, Default, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Statement {
    pub(crate) text: String,
    pub(crate) types: String,
}

/// All that are seen from now on, each once.
#[derive(Clone, Default)]
pub(crate) struct Seen {
    statements: Arc<Mutex<BTreeSet<Statement>>>,
}

pub(crate) fn statements() -> Seen {
    let seen = Seen::default();
    let only = Targets::new().with_target("argosy::sql", tracing::Level::TRACE);
    tracing_subscriber::registry().with(seen.clone()).with(only).init();
    seen
}

impl Seen {
    pub(crate) fn take(&self) -> BTreeSet<Statement> {
        std::mem::take(&mut self.statements.lock().unwrap())
    }
}

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Seen {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        let mut statement = Statement::default();
        event.record(&mut statement);
        self.statements.lock().unwrap().insert(statement);
    }
}

impl Visit for Statement {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            "sql.text" => self.text = format!("{value:?}"),
            "sql.types" => self.types = format!("{value:?}"),
            _ => {}
        }
    }
}
