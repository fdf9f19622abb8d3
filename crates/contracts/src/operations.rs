//! What operators ask of a process, done with what the platform offers.

use std::path::Path;

use argosy_kernel::{Ctx, Error, Result};
use argosy_platform::{
    Host,
    backup::BackedUp,
    database::Database,
    flags::{self, Rule},
};
use async_trait::async_trait;

use crate::{
    books::staff_only,
    generated::argosy::operations::v1::{
        BackUpRequest, BackUpResponse, ClearFlagRequest, ClearFlagResponse, Flag, ListFlagsRequest,
        ListFlagsResponse, OperationsApi, OperationsClient, SetFlagRequest, SetFlagResponse,
    },
};

/// Does what operators ask of a process.
pub struct OperationsService {
    host: Host,
}

impl OperationsService {
    /// Of the process that a host is of.
    pub fn new(host: Host) -> Self {
        Self { host }
    }

    /// The database of the service that has a flag.
    fn keeper(&self, key: &str) -> Result<Database> {
        let service = key.split_once('.').map_or(key, |(service, _)| service);
        let found = self.host.databases().into_iter().find(|database| database.name() == service);
        found
            .ok_or_else(|| Error::not_found("FLAG_NOT_HERE", format!("no service here has the flag '{key}'")))
    }

    /// A client of it.
    pub fn client(self) -> OperationsClient {
        OperationsClient::local(self)
    }
}

#[async_trait]
impl OperationsApi for OperationsService {
    async fn back_up(&self, ctx: &Ctx, request: BackUpRequest) -> Result<BackUpResponse> {
        staff_only(ctx)?;
        let into = Path::new(&request.folder);
        if !into.is_absolute() {
            return Err(Error::invalid_field("/folder", "must be absolute"));
        }
        self.host.back_up(into).await.map(BackUpResponse::from)
    }

    async fn list_flags(&self, ctx: &Ctx, _: ListFlagsRequest) -> Result<ListFlagsResponse> {
        staff_only(ctx)?;
        let mut listed = Vec::new();
        for database in self.host.databases() {
            let rules = flags::rules(&database).await?.into_iter();
            listed.extend(rules.map(|(key, Rule { percent, markets })| Flag {
                key,
                percent: percent.into(),
                markets,
            }));
        }
        Ok(ListFlagsResponse { flags: listed })
    }

    async fn set_flag(&self, ctx: &Ctx, request: SetFlagRequest) -> Result<SetFlagResponse> {
        staff_only(ctx)?;
        let Flag { key, percent, markets } = request.flag.unwrap_or_default();
        let percent = u8::try_from(percent).unwrap_or(u8::MAX);
        flags::set(&self.keeper(&key)?, &key, &Rule { percent, markets }).await?;
        Ok(SetFlagResponse {})
    }

    async fn clear_flag(&self, ctx: &Ctx, request: ClearFlagRequest) -> Result<ClearFlagResponse> {
        staff_only(ctx)?;
        flags::clear(&self.keeper(&request.key)?, &request.key).await?;
        Ok(ClearFlagResponse {})
    }
}

impl From<BackedUp> for BackUpResponse {
    fn from(made: BackedUp) -> Self {
        Self {
            databases: made.databases.into_iter().map(str::to_owned).collect(),
            bytes: made.bytes,
            paused_ms: u64::try_from(made.paused.as_millis()).unwrap_or(u64::MAX),
        }
    }
}
