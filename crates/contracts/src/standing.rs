//! How services stand with facts, told for those of this process and asked of others.

use std::collections::BTreeMap;

use argosy_kernel::{Ctx, Error, Result};
use argosy_platform::{
    bus::{dead_letters, operators},
    database::Database,
    rpc,
};
use async_trait::async_trait;

use crate::{
    books::staff_only,
    generated::argosy::facts::v1::{
        Letter, ReadStandingRequest, ReadStandingResponse, Reader, StandingApi, StandingClient,
    },
};

const LETTERS_MAX: u32 = 100;

/// Tells how the services of a process stand, from their databases; others are asked where they run.
#[derive(Default)]
pub struct StandingService {
    here: Vec<Database>,
    elsewhere: BTreeMap<String, StandingClient>,
}

impl StandingService {
    /// For services with these databases.
    pub fn new(here: Vec<Database>) -> Self {
        Self { here, elsewhere: BTreeMap::new() }
    }

    /// Also for those that run behind channels, by name.
    #[must_use]
    pub fn and_elsewhere(mut self, channels: impl IntoIterator<Item = (String, rpc::Channel)>) -> Self {
        let clients = channels.into_iter().map(|(name, channel)| (name, StandingClient::remote(channel)));
        self.elsewhere.extend(clients);
        self
    }

    /// A client of it.
    pub fn client(self) -> StandingClient {
        StandingClient::local(self)
    }
}

#[async_trait]
impl StandingApi for StandingService {
    async fn read(&self, ctx: &Ctx, request: ReadStandingRequest) -> Result<ReadStandingResponse> {
        staff_only(ctx)?;
        if let Some(database) = self.here.iter().find(|database| database.name() == request.service) {
            return standing(database).await;
        }
        if let Some(client) = self.elsewhere.get(&request.service) {
            return client.read(ctx, request).await;
        }
        Err(Error::not_found("UNKNOWN_SOURCE", format!("there is no service '{}' here", request.service)))
    }
}

async fn standing(database: &Database) -> Result<ReadStandingResponse> {
    // The readers before the head: who read to a head that has moved since is behind, not ahead.
    let readers = operators::subscriptions(database).await?.into_iter();
    let letters = dead_letters(database, LETTERS_MAX).await?.into_iter();
    Ok(ReadStandingResponse {
        head: operators::head(database).await?,
        readers: readers
            .map(|row| Reader { consumer: row.consumer, source: row.source, position: row.position })
            .collect(),
        letters: letters
            .map(|letter| Letter {
                event_id: letter.event_id,
                consumer: letter.consumer,
                error: letter.error.lines().next().unwrap_or_default().to_owned(),
            })
            .collect(),
    })
}
