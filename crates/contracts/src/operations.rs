//! What operators ask of a process, done with what the platform offers.

use std::path::Path;

use argosy_kernel::{Ctx, Error, Result};
use argosy_platform::{Host, backup::BackedUp};
use async_trait::async_trait;

use crate::{
    books::staff_only,
    generated::argosy::operations::v1::{BackUpRequest, BackUpResponse, OperationsApi, OperationsClient},
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
