//! The stream: made and brought up to date at start, and which one it is.

use std::time::Duration;

use argosy_kernel::{Error, Result};
use async_nats::jetstream::{
    Context,
    context::{CreateStreamErrorKind, GetStreamErrorKind},
    stream::{Config, DiscardPolicy, Info, RetentionPolicy, StorageType},
};

use super::{BusSettings, away};

/// The form of subjects and messages. A stream of a later one is refused.
const VERSION: u32 = 1;
/// Where a server of 2.10 or later keeps it; an older one knows only the description.
const VERSION_KEY: &str = "argosy.version";
const DESCRIPTION: &str = "Facts of an Argosy shop, version ";
/// How long the server knows the ids of facts, to drop a second copy.
const DUPLICATE_WINDOW: Duration = Duration::from_mins(10);
/// How often a change is tried that another process may have come before.
const TRIES_MAX: u32 = 3;
const STREAM_NOT_FOUND: u64 = 10_059;
const JETSTREAM_OFF: [u64; 2] = [10_039, 10_076];

/// Which stream it is, told by when it was made. Positions of a later one are greater, so that a position in a stream
/// that is gone, or in an outbox, is known to be none of this one's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Epoch(i64);

/// 2025-01-01: minutes from here in 24 bits are 31 years.
const EPOCHS_FROM_S: i64 = 1_735_689_600;
/// A thousand facts a second for seventeen years.
const SEQUENCE_BITS: u32 = 39;

impl Epoch {
    pub(super) fn of(info: &Info) -> Self {
        Self(((info.created.unix_timestamp() - EPOCHS_FROM_S) / 60).clamp(1, (1 << 24) - 1))
    }

    pub(super) fn position(self, sequence: u64) -> i64 {
        (self.0 << SEQUENCE_BITS) + i64::try_from(sequence).unwrap_or(0)
    }

    /// The sequence to read first after a position: an earlier stream's is before all.
    pub(super) fn first_after(self, position: i64) -> u64 {
        u64::try_from(position - self.position(0)).unwrap_or(0) + 1
    }
}

impl std::fmt::Display for Epoch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

pub(super) async fn prepare(context: &Context, settings: &BusSettings) -> Result<Epoch> {
    let mut tries = 1;
    loop {
        match prepare_once(context, settings).await {
            // Another process may have made it in between.
            Err(error) if error.code() == argosy_kernel::Code::FailedPrecondition => return Err(error),
            Err(_) if tries < TRIES_MAX => tries += 1,
            done => return done,
        }
    }
}

async fn prepare_once(context: &Context, settings: &BusSettings) -> Result<Epoch> {
    match context.get_stream(&settings.stream).await {
        Ok(stream) => bring_up_to_date(context, settings, stream.cached_info()).await,
        Err(error) => match error.kind() {
            GetStreamErrorKind::JetStream(said) if said.error_code().0 == STREAM_NOT_FOUND => {
                let made = context.create_stream(changed(settings, Config::default())).await;
                made.map(|stream| Epoch::of(stream.cached_info()))
                    .map_err(|error| refused(settings, error.kind()))
            }
            GetStreamErrorKind::JetStream(said) if JETSTREAM_OFF.contains(&said.error_code().0) => {
                Err(jetstream_off())
            }
            GetStreamErrorKind::Request if error.to_string().contains("does not exist") => {
                Err(jetstream_off())
            }
            _ => Err(unanswered(&error)),
        },
    }
}

async fn bring_up_to_date(context: &Context, settings: &BusSettings, info: &Info) -> Result<Epoch> {
    match version_of(&info.config) {
        Some(version) if version > VERSION => return Err(newer(&settings.stream, version)),
        Some(_) => {}
        None => return Err(foreign(&settings.stream)),
    }
    let wanted = changed(settings, info.config.clone());
    // An old server forgets metadata; the description says the same.
    let comparable = Config { metadata: info.config.metadata.clone(), ..wanted.clone() };
    if comparable != info.config {
        context.update_stream(&wanted).await.map_err(|error| refused(settings, error.kind()))?;
        tracing::info!(bus.stream = settings.stream, "the stream has its new limits");
    }
    Ok(Epoch::of(info))
}

/// What this release and the settings say of the stream; what else operators set stays.
fn changed(settings: &BusSettings, mut config: Config) -> Config {
    config.name.clone_from(&settings.stream);
    config.description = Some(format!("{DESCRIPTION}{VERSION}"));
    config.metadata.insert(VERSION_KEY.to_owned(), VERSION.to_string());
    config.subjects = vec![format!("{}.>", settings.prefix())];
    config.retention = RetentionPolicy::Limits;
    config.storage = StorageType::File;
    config.discard = DiscardPolicy::Old;
    config.max_age = settings.stream_age_max();
    config.max_bytes = i64::try_from(settings.stream_bytes_max).unwrap_or(i64::MAX);
    config.num_replicas = settings.stream_replicas;
    config.duplicate_window = DUPLICATE_WINDOW;
    config
}

fn version_of(config: &Config) -> Option<u32> {
    let told = config.metadata.get(VERSION_KEY).map(String::as_str);
    let told = told.or_else(|| config.description.as_deref()?.strip_prefix(DESCRIPTION));
    told?.parse().ok()
}

fn newer(stream: &str, version: u32) -> Error {
    Error::precondition(
        "BUS_NEWER",
        format!(
            "bus.stream: {stream} at bus.nats_url was made by a later release of Argosy (version {version}, this one \
             knows {VERSION}); start that one, or name another stream"
        ),
    )
}

fn foreign(stream: &str) -> Error {
    let message =
        format!("bus.stream: {stream} at bus.nats_url is not of Argosy's making; name another stream");
    Error::precondition("BUS_FOREIGN", message)
}

fn jetstream_off() -> Error {
    Error::precondition(
        "BUS_WITHOUT_JETSTREAM",
        "bus.nats_url: JetStream is off at this server, or for this account; start it with --jetstream",
    )
}

fn unanswered(error: &dyn std::error::Error) -> Error {
    Error::unavailable("BUS_UNAVAILABLE", format!("bus.nats_url: JetStream does not answer: {error}"))
}

fn refused(settings: &BusSettings, kind: CreateStreamErrorKind) -> Error {
    match kind {
        CreateStreamErrorKind::JetStream(said) => Error::unavailable(
            "BUS_REFUSES_STREAM",
            format!(
                "bus.stream: {} cannot be made with these limits at bus.nats_url: {said} (see bus.stream_bytes_max, \
                 bus.stream_replicas)",
                settings.stream
            ),
        ),
        CreateStreamErrorKind::JetStreamUnavailable => jetstream_off(),
        other => away(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_of_a_later_stream_are_greater() {
        let (earlier, later) = (Epoch(5), Epoch(6));
        assert!(earlier.position(u64::from(u32::MAX)) < later.position(0));
        assert_eq!(later.first_after(later.position(41)), 42);
        assert_eq!(later.first_after(earlier.position(41)), 1);
        assert_eq!(later.first_after(0), 1);
    }

    #[test]
    fn the_version_is_in_the_metadata_or_where_an_old_server_has_room() {
        let mut config = changed(&BusSettings::default(), Config::default());
        assert_eq!(version_of(&config), Some(VERSION));
        config.metadata.clear();
        assert_eq!(version_of(&config), Some(VERSION));
        config.metadata.insert(VERSION_KEY.to_owned(), "9".to_owned());
        assert_eq!(version_of(&config), Some(9));
        assert_eq!(version_of(&Config::default()), None);
    }
}
