//! The books of the services, for who compares them, and the persons in them: in a database at hand, or told by the
//! process that has it.

use std::sync::Arc;

use argosy_contracts::{inventory, orders, payments, pricing};
use argosy_kernel::{Clock, Result};
use argosy_platform::{
    database::Database,
    rpc::{Channel, Routes},
};

/// The databases that are at hand, and the way to the services whose are not.
pub(crate) struct Shelf<'a> {
    pub(crate) databases: Vec<Database>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) channel: &'a dyn Fn(&str) -> Result<Channel>,
}

/// The books of all services that have any.
pub(crate) struct AllBooks {
    pub(crate) inventory: Result<inventory::BooksClient>,
    pub(crate) orders: Result<orders::BooksClient>,
    pub(crate) payments: Result<payments::BooksClient>,
    pub(crate) pricing: Result<pricing::BooksClient>,
    pub(crate) persons: Result<orders::PersonsClient>,
}

impl Shelf<'_> {
    fn database(&self, name: &str) -> Option<Database> {
        self.databases.iter().find(|database| database.name() == name).cloned()
    }

    /// Each from its database, or from its process.
    pub(crate) fn books(&self) -> AllBooks {
        let inventory = match self.database("inventory") {
            Some(database) => Ok(argosy_inventory::books(database)),
            None => (self.channel)("inventory").map(inventory::BooksClient::remote),
        };
        let orders = match self.database("orders") {
            Some(database) => Ok(argosy_orders::books(database, Arc::clone(&self.clock))),
            None => (self.channel)("orders").map(orders::BooksClient::remote),
        };
        let persons = match self.database("orders") {
            Some(database) => Ok(argosy_orders::persons(database, Arc::clone(&self.clock))),
            None => (self.channel)("orders").map(orders::PersonsClient::remote),
        };
        let payments = match self.database("payments") {
            Some(database) => {
                let test_provider = self.database(argosy_payments::TEST_PROVIDER_DATABASE.name);
                Ok(argosy_payments::books(database, test_provider))
            }
            None => (self.channel)("payments").map(payments::BooksClient::remote),
        };
        let pricing = match self.database("pricing") {
            Some(database) => Ok(argosy_pricing::books(database)),
            None => (self.channel)("pricing").map(pricing::BooksClient::remote),
        };
        AllBooks { inventory, orders, payments, pricing, persons }
    }
}

impl AllBooks {
    /// Serves those that there are.
    pub(crate) fn add_to(&self, routes: &mut Routes) {
        if let Ok(books) = &self.inventory {
            books.add_to(routes);
        }
        if let Ok(books) = &self.orders {
            books.add_to(routes);
        }
        if let Ok(books) = &self.payments {
            books.add_to(routes);
        }
        if let Ok(books) = &self.pricing {
            books.add_to(routes);
        }
        if let Ok(persons) = &self.persons {
            persons.add_to(routes);
        }
    }
}
