//! What can run, and what calls what: the map of a fleet.

use argosy_kernel::{Error, Result};
use argosy_platform::{database::DatabaseSpec, flags::FlagSpec};

/// A service or door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// Its name in `--services` and `[addresses]`.
    pub name: &'static str,
    /// Whom it calls.
    pub calls: &'static [&'static str],
    /// Whose facts it hears besides, although it is one that they call: without NATS it reads them there.
    pub hears: &'static [&'static str],
    /// What it is for.
    pub about: &'static str,
}

/// Every target, those that are called before those that call them.
pub const TARGETS: &[Target] = &[
    Target {
        name: "catalog",
        calls: &[],
        hears: &[],
        about: "products, categories, collections, list prices",
    },
    Target { name: "media", calls: &[], hears: &[], about: "pictures and their renditions" },
    Target { name: "inventory", calls: &[], hears: &[], about: "stock, reservations, the stock ledger" },
    Target { name: "payments", calls: &[], hears: &["orders"], about: "payment intents, providers, wallets" },
    Target {
        name: "search",
        calls: &["catalog", "inventory"],
        hears: &[],
        about: "listings, full text, facets",
    },
    Target {
        name: "pricing",
        calls: &["catalog"],
        hears: &[],
        about: "quotes: markets, lists, coupons, tax",
    },
    Target { name: "cart", calls: &["catalog", "pricing", "inventory"], hears: &[], about: "carts" },
    Target {
        name: "orders",
        calls: &["cart", "pricing", "inventory", "payments"],
        hears: &[],
        about: "checkouts and orders",
    },
    Target { name: "notifications", calls: &["orders"], hears: &[], about: "messages to buyers" },
    Target {
        name: "store-api",
        calls: &["catalog", "search", "pricing", "inventory", "cart", "orders", "payments", "media"],
        hears: &[],
        about: "the store API (JSON)",
    },
    Target {
        name: "storefront",
        calls: &["catalog", "search", "pricing", "inventory", "cart", "orders", "payments", "media"],
        hears: &[],
        about: "the shop's pages (HTML)",
    },
];

/// What keeps data of its own, as `[database.urls]` names it: the services, and the doors' memory of requests.
pub const DATABASES: &[DatabaseSpec] = &[
    argosy_catalog::DATABASE,
    argosy_media::DATABASE,
    argosy_inventory::DATABASE,
    argosy_payments::DATABASE,
    argosy_payments::TEST_PROVIDER_DATABASE,
    argosy_pricing::DATABASE,
    argosy_cart::DATABASE,
    argosy_orders::DATABASE,
    argosy_notifications::DATABASE,
    argosy_edge::DATABASE,
];

/// The flags that services have.
pub(crate) const FLAGS: &[&[FlagSpec]] = &[argosy_inventory::FLAGS];

/// Checks names given in `--services`; none means all.
///
/// # Errors
/// `UNKNOWN_SERVICE`, naming what there is.
pub fn select(names: &[String]) -> Result<Vec<Target>> {
    if let Some(unknown) = names.iter().find(|name| TARGETS.iter().all(|target| target.name != **name)) {
        let known: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        let message = format!("services: there is no '{unknown}'; there are {}", known.join(", "));
        return Err(Error::invalid("UNKNOWN_SERVICE", message));
    }
    let chosen = |target: &&Target| names.is_empty() || names.iter().any(|name| name == target.name);
    Ok(TARGETS.iter().filter(chosen).copied().collect())
}

/// The table as text.
pub fn table() -> String {
    let row = |target: &Target| {
        let calls = if target.calls.is_empty() { "-".to_owned() } else { target.calls.join(", ") };
        let hears = if target.hears.is_empty() {
            String::new()
        } else {
            format!("; hears {}", target.hears.join(", "))
        };
        format!("{:<14} {:<46} calls {calls}{hears}\n", target.name, target.about)
    };
    TARGETS.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_calls_who_comes_later_so_there_is_no_cycle() {
        for (place, target) in TARGETS.iter().enumerate() {
            for called in target.calls {
                let at = TARGETS.iter().position(|other| other.name == *called);
                assert!(at.is_some_and(|at| at < place), "{} calls {called}", target.name);
            }
        }
    }

    #[test]
    fn who_is_heard_is_there() {
        for target in TARGETS {
            for heard in target.hears {
                assert!(TARGETS.iter().any(|other| other.name == *heard), "{} hears nobody", target.name);
            }
        }
        assert!(table().contains("calls -; hears orders\n"), "{}", table());
    }

    #[test]
    fn an_unknown_service_is_named() {
        let refused = select(&["orders".to_owned(), "order".to_owned()]).unwrap_err();
        assert!(refused.message().contains("'order'"));
        assert_eq!(select(&[]).unwrap().len(), TARGETS.len());
    }
}
