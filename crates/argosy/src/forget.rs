//! `argosy forget`: erases what is kept of a person (law 11). A store that runs on files here is asked by the socket in
//! its folder; a service with an address is asked there; else the database is opened.

use std::sync::Arc;

use argosy_contracts::orders::{ForgetPersonRequest, ForgetPersonResponse, PersonsClient};
use argosy_kernel::{Ctx, Error, Result, SystemClock};
use argosy_platform::{
    Host,
    database::Database,
    rpc::{self, Connector},
    telemetry,
};
use clap::Args;

use crate::{cli::print, serve::SOCKET, settings::Settings};

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
    // Held while files are open: they are one process's alone.
    let _host = if settings.database.url.is_none() && !settings.database.urls.contains_key(ORDERS) {
        match Host::new(&settings.data.folder, settings.database.clone(), Arc::new(SystemClock)) {
            Err(error) if error.reason() == "DATA_FOLDER_IN_USE" => {
                let channel = rpc::connect_socket(&settings.data.folder.join(SOCKET));
                return tell(&PersonsClient::remote(channel).forget(&ctx, request).await?);
            }
            host => Some(host?),
        }
    } else {
        None
    };
    let database = Database::open_as_found(&settings.data.folder, &settings.database, ORDERS).await?;
    let database = database.ok_or_else(|| Error::not_found("NO_ORDERS", "this store has no orders yet"))?;
    let done = argosy_orders::persons(database.clone(), Arc::new(SystemClock)).forget(&ctx, request).await;
    database.close().await?;
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
