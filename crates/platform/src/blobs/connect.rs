//! From settings to a store, and what was wrong with them.

use std::{path::Path, sync::Arc};

use argosy_kernel::{Error, Result};
use object_store::{
    ObjectStore, aws::AmazonS3Builder, azure::MicrosoftAzureBuilder, gcp::GoogleCloudStorageBuilder,
    local::LocalFileSystem, path::Path as Key, prefix::PrefixStore,
};
// object_store talks by reqwest; that it can talk TLS is a feature that only a dependency can turn on.
use reqwest as _;
use url::Url;

use super::settings::{BlobSettings, invalid};
use crate::tls;

/// The store that the settings name, not yet asked anything.
pub(super) fn open(settings: &BlobSettings, folder: &Path) -> Result<Arc<dyn ObjectStore>> {
    settings.check()?;
    let Some(text) = &settings.url else { return local(folder, "data.folder") };
    let url = Url::parse(text).map_err(|error| invalid("url", format!("`{text}` is not a URL: {error}")))?;
    if url.scheme() == "file" {
        let folder =
            url.to_file_path().map_err(|()| invalid("url", format!("`{text}` names no folder here")))?;
        return local(&folder, "blobs.url");
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(invalid("url", format!("`{text}` names no bucket")));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("url", "keys go into blobs.access_key_id and blobs.secret_access_key"));
    }
    tls::choose_provider();
    let prefix = Key::from_url_path(url.path()).map_err(|error| invalid("url", error))?;
    match url.scheme() {
        "s3" => Ok(under(prefix, s3(settings, text)?)),
        "gs" => Ok(under(prefix, google(settings, text)?)),
        "az" => Ok(under(prefix, azure(settings, text)?)),
        other => Err(invalid("url", format!("`{other}:` is none of s3:, gs:, az: and file:"))),
    }
}

fn under<S: ObjectStore>(prefix: Key, store: S) -> Arc<dyn ObjectStore> {
    if prefix.as_ref().is_empty() { Arc::new(store) } else { Arc::new(PrefixStore::new(store, prefix)) }
}

/// A folder of this machine, which is made if it is missing.
pub(super) fn local(folder: &Path, setting: &str) -> Result<Arc<dyn ObjectStore>> {
    let unusable = |error: &dyn std::fmt::Display| {
        let what = format!("cannot keep pictures in {}: {error}", folder.display());
        Error::unavailable("BLOBS_UNAVAILABLE", format!("{setting}: {what}"))
    };
    std::fs::create_dir_all(folder).map_err(|error| unusable(&error))?;
    let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| unusable(&error))?;
    Ok(Arc::new(store.with_automatic_cleanup(false)))
}

fn s3(settings: &BlobSettings, url: &str) -> Result<impl ObjectStore + use<>> {
    let mut builder = AmazonS3Builder::from_env()
        .with_url(url)
        .with_virtual_hosted_style_request(!settings.path_style)
        .with_client_options(settings.client())
        .with_retry(settings.retries());
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    if let Some(region) = &settings.region {
        builder = builder.with_region(region);
    }
    if let (Some(id), Some(secret)) = (&settings.access_key_id, &settings.secret_access_key) {
        builder = builder.with_access_key_id(id).with_secret_access_key(secret.expose());
    }
    builder.build().map_err(refused)
}

fn google(settings: &BlobSettings, url: &str) -> Result<impl ObjectStore + use<>> {
    let mut builder = GoogleCloudStorageBuilder::from_env()
        .with_url(url)
        .with_client_options(settings.client())
        .with_retry(settings.retries());
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.with_base_url(endpoint);
    }
    if let Some(key) = &settings.secret_access_key {
        builder = builder.with_service_account_key(key.expose());
    }
    builder.build().map_err(refused)
}

fn azure(settings: &BlobSettings, url: &str) -> Result<impl ObjectStore + use<>> {
    let mut builder = MicrosoftAzureBuilder::from_env()
        .with_url(url)
        .with_client_options(settings.client())
        .with_retry(settings.retries());
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.with_endpoint(endpoint.clone());
    }
    if let (Some(account), Some(key)) = (&settings.access_key_id, &settings.secret_access_key) {
        builder = builder.with_account(account).with_access_key(key.expose());
    }
    builder.build().map_err(refused)
}

/// What the library says of settings that do not fit together; it never repeats a key.
fn refused(error: object_store::Error) -> Error {
    match error {
        object_store::Error::Generic { source, .. } => invalid("url", source),
        other => invalid("url", other),
    }
}

/// What a first request that failed says about the settings.
pub(super) fn blame(settings: &BlobSettings, error: object_store::Error) -> Error {
    use object_store::Error as Failure;
    let url = settings.url.as_deref().unwrap_or("the local folder");
    let said = root_of(&error);
    let (key, what) = match &error {
        Failure::NotFound { .. } => ("url", format!("there is no bucket for {url}")),
        Failure::Unauthenticated { .. } | Failure::PermissionDenied { .. } => refuses(url),
        // A list that fails keeps its status to its text.
        _ if said.contains("404 Not Found") => ("url", format!("there is no bucket for {url}")),
        _ if said.contains("401 Unauthorized") || said.contains("403 Forbidden") => refuses(url),
        _ if settings.endpoint.is_some() => ("endpoint", format!("{url} cannot be used")),
        _ => ("url", format!("{url} cannot be used")),
    };
    let said = message_in(&said);
    Error::unavailable("BLOBS_UNAVAILABLE", format!("blobs.{key}: {what}: {said}")).with_source(error)
}

fn refuses(url: &str) -> (&'static str, String) {
    let keys = "the keys are wrong, or may not list, read and write there";
    ("access_key_id", format!("the server refuses {url}: {keys}"))
}

/// The innermost cause, which is what the network or the server said.
pub(super) fn root_of(error: &dyn std::error::Error) -> String {
    let mut root = error;
    while let Some(source) = root.source() {
        root = source;
    }
    root.to_string()
}

/// What a server's answer says to people, in one line.
fn message_in(said: &str) -> String {
    let message = said.split_once("<Message>").and_then(|(_, rest)| rest.split_once("</Message>"));
    let mut text = message.map_or(said, |(message, _)| message).replace(['\r', '\n'], " ");
    text.truncate(text.floor_char_boundary(300));
    text
}
