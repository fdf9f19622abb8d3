//! How a command reaches the data of one service: a store that runs on files here is asked by the socket in its folder;
//! else the database is opened, and whether the store runs does not matter.

use std::sync::Arc;

use argosy_kernel::{Error, Result, SystemClock};
use argosy_platform::{
    Host,
    database::Database,
    rpc::{self, Channel, Connector},
};

use crate::{serve::SOCKET, settings::Settings};

/// A service of a store that runs: at its address, if the settings name one, else by the socket in the folder here.
///
/// # Errors
/// `NOT_RUNNING` if there is neither.
pub(crate) fn channel_to(settings: &Settings, service: &str) -> Result<Channel> {
    if let Some(addresses) = settings.addresses.get(service) {
        return Connector::new(&settings.rpc)?.channel(service, addresses);
    }
    let socket = settings.data.folder.join(SOCKET);
    if socket.exists() {
        return Ok(rpc::connect_socket(&socket));
    }
    let message = format!(
        "no store runs on {}, and addresses.{service} names none; start the store first",
        settings.data.folder.display()
    );
    Err(Error::precondition("NOT_RUNNING", message))
}

pub(crate) enum Place {
    Running(Channel),
    AtRest(Box<AtRest>),
}

/// A database that was opened, as it was found.
pub(crate) struct AtRest {
    service: &'static str,
    /// None before the store was started for the first time.
    database: Option<Database>,
    /// Held while files are open: they are one process's alone.
    _host: Option<Host>,
}

impl Place {
    pub(crate) async fn of(settings: &Settings, service: &'static str) -> Result<Self> {
        let is_file = settings.database.url.is_none() && !settings.database.urls.contains_key(service);
        let host = if is_file {
            match Host::new(&settings.data.folder, settings.database.clone(), Arc::new(SystemClock)) {
                Err(error) if error.reason() == "DATA_FOLDER_IN_USE" => {
                    return Ok(Self::Running(rpc::connect_socket(&settings.data.folder.join(SOCKET))));
                }
                host => Some(host?),
            }
        } else {
            None
        };
        let database = Database::open_as_found(&settings.data.folder, &settings.database, service).await?;
        Ok(Self::AtRest(Box::new(AtRest { service, database, _host: host })))
    }

    pub(crate) async fn close(self) -> Result<()> {
        match self {
            Self::AtRest(store) => match store.database {
                Some(database) => database.close().await,
                None => Ok(()),
            },
            Self::Running(_) => Ok(()),
        }
    }
}

impl AtRest {
    pub(crate) fn if_there(&self) -> Option<&Database> {
        self.database.as_ref()
    }

    /// # Errors
    /// `NOT_STARTED` before the store was started for the first time.
    pub(crate) fn database(&self) -> Result<&Database> {
        let missing = || format!("there is no database of {} here yet; start the store once", self.service);
        self.if_there().ok_or_else(|| Error::not_found("NOT_STARTED", missing()))
    }
}
