//! gRPC health, contract by contract: what the databases behind them say.

use std::{collections::BTreeMap, time::Duration};

use tonic_health::{ServingStatus, server::HealthReporter};

use crate::Host;

const LOOK_INTERVAL: Duration = Duration::from_secs(2);
const LOOK_TIMEOUT: Duration = Duration::from_secs(2);

/// Says that all contracts are served.
pub(super) async fn serving(reporter: &HealthReporter, contracts: &[&'static str]) {
    for contract in contracts.iter().copied().chain([""]) {
        reporter.set_service_status(contract, ServingStatus::Serving).await;
    }
}

/// Says that none is: whoever balances by health goes elsewhere while calls in flight are finished.
pub(super) async fn ending(reporter: &HealthReporter, contracts: &[&'static str]) {
    for contract in contracts.iter().copied().chain([""]) {
        reporter.set_service_status(contract, ServingStatus::NotServing).await;
    }
}

/// Follows the databases, for ever. A contract without a database is well while the process is.
pub(super) async fn follow(reporter: &HealthReporter, contracts: &[&'static str], host: &Host) {
    let mut said: BTreeMap<&str, bool> = BTreeMap::new();
    loop {
        let mut all_well = true;
        for database in host.databases() {
            let answered = tokio::time::timeout(LOOK_TIMEOUT, database.ping()).await;
            let is_well = matches!(answered, Ok(Ok(())));
            all_well &= is_well;
            let package = format!("argosy.{}.", database.name());
            for contract in contracts.iter().filter(|contract| contract.starts_with(&package)) {
                say(reporter, &mut said, contract, is_well).await;
            }
        }
        say(reporter, &mut said, "", all_well).await;
        tokio::time::sleep(LOOK_INTERVAL).await;
    }
}

async fn say<'a>(
    reporter: &HealthReporter,
    said: &mut BTreeMap<&'a str, bool>,
    contract: &'a str,
    is_well: bool,
) {
    if said.insert(contract, is_well) != Some(is_well) {
        let status = if is_well { ServingStatus::Serving } else { ServingStatus::NotServing };
        reporter.set_service_status(contract, status).await;
    }
}
