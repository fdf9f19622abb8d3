//! `argosy forget`: erases what is kept of a person (law 11). A store that runs on files here is asked by the socket in
//! its folder; a service with an address is asked there; else the database is opened.

use std::sync::Arc;

use argosy_contracts::orders::{ForgetPersonRequest, ForgetPersonResponse, PersonsClient};
use argosy_kernel::{Ctx, Result, SystemClock};
use argosy_platform::{rpc::Connector, telemetry};
use clap::Args;

use crate::{cli::print, place::Place, settings::Settings};

const ORDERS: &str = argosy_orders::DATABASE.name;

/// Flags of `argosy forget`.
#[derive(Args)]
pub(crate) struct Forget {
    /// The person's e-mail address
    email: String,
}

pub(crate) async fn run(settings: &Settings, flags: Forget) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    settings.check_databases()?;
    let (ctx, request) = (Ctx::system("forget"), ForgetPersonRequest { email: flags.email });
    if let Some(addresses) = settings.addresses.get(ORDERS) {
        let channel = Connector::new(&settings.rpc)?.channel(ORDERS, addresses)?;
        return tell(&PersonsClient::remote(channel).forget(&ctx, request).await?);
    }
    let place = Place::of(settings, ORDERS).await?;
    let persons = match &place {
        Place::Running(channel) => PersonsClient::remote(channel.clone()),
        Place::AtRest(store) => argosy_orders::persons(store.database()?.clone(), Arc::new(SystemClock)),
    };
    let done = persons.forget(&ctx, request).await;
    place.close().await?;
    tell(&done?)
}

fn tell(done: &ForgetPersonResponse) -> Result<()> {
    let ForgetPersonResponse { person_id, orders, checkouts } = done;
    if person_id.is_empty() && *checkouts == 0 {
        return print("nobody is known by that address\n");
    }
    print(&format!(
        "forgotten; {orders} orders name nobody any more, and {checkouts} open checkouts have no address\n\
         messages are erased within seconds, or when the store runs again\n"
    ))
}
