//! Typed settings: defaults < `argosy.toml` < environment < flags, and where each value came from.

use std::path::Path;

use argosy_kernel::{Error, Result};
use figment::{
    Figment, Provider,
    providers::{Env, Format, Serialized, Toml},
};
use serde::{Serialize, de::DeserializeOwned};

/// Environment variables start so: `ARGOSY_HTTP__LISTEN` is `http.listen`.
pub const ENVIRONMENT_PREFIX: &str = "ARGOSY_";

/// One setting in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Dotted path, e.g. `http.listen`.
    pub key: String,
    /// As TOML would show it.
    pub value: String,
    /// `default`, the file, an environment variable, or a flag.
    pub origin: String,
}

/// Settings of a process, read but not yet typed.
pub struct Settings(Figment);

/// `…_FILE` names a file that holds the setting; `ARGOSY_TEST_…` names servers for this project's tests, and reaches the
/// processes that those start.
fn is_setting(key: &str) -> bool {
    !key.ends_with("_file") && !key.starts_with("test_")
}

impl Settings {
    /// Layers the sources. A missing `file` is fine unless it was asked for by name (`required`).
    ///
    /// # Errors
    /// `SETTINGS_FILE_MISSING`, `SECRET_FILE_UNREADABLE`.
    pub fn read<D: Serialize>(
        defaults: &D,
        file: &Path,
        required: bool,
        flags: impl Provider,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self> {
        if required && !file.is_file() {
            return Err(Error::invalid(
                "SETTINGS_FILE_MISSING",
                format!("there is no settings file {}", file.display()),
            ));
        }
        let secrets = secrets_from_files(environment)?;
        let mut figment = Figment::from(Serialized::defaults(defaults));
        if file.is_file() {
            figment = figment.merge(Toml::file_exact(file));
        }
        let figment = figment
            .merge(
                Env::prefixed(ENVIRONMENT_PREFIX)
                    .split("__")
                    .filter(|key| is_setting(&key.as_str().to_ascii_lowercase())),
            )
            .merge(secrets)
            .merge(flags);
        Ok(Self(figment))
    }

    /// The settings as a type.
    ///
    /// # Errors
    /// `INVALID_SETTING`, naming the key, where it came from and what is wrong with it.
    pub fn extract<T: DeserializeOwned>(&self) -> Result<T> {
        self.0.extract().map_err(|error| {
            let problems: Vec<String> = error
                .into_iter()
                .map(|one| {
                    let key = one.path.join(".");
                    let from = one.metadata.as_ref().map_or("default".to_owned(), origin_of);
                    format!("{key} ({from}): {}", one.kind)
                })
                .collect();
            Error::invalid("INVALID_SETTING", format!("wrong setting {}", problems.join("; ")))
        })
    }

    /// Every setting in force and its origin, sorted by key. `shown` is the typed form, whose secrets print
    /// as `***`.
    pub fn list<T: Serialize>(&self, shown: &T) -> Result<Vec<Setting>> {
        let value =
            figment::value::Value::serialize(shown).map_err(|error| Error::internal(error.to_string()))?;
        let mut settings = Vec::new();
        self.walk("", &value, &mut settings);
        settings.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(settings)
    }

    fn walk(&self, key: &str, value: &figment::value::Value, into: &mut Vec<Setting>) {
        if let figment::value::Value::Dict(_, dict) = value
            && !dict.is_empty()
        {
            for (name, value) in dict {
                let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                self.walk(&key, value, into);
            }
            return;
        }
        let origin = self.0.find_metadata(key).map_or("default".to_owned(), origin_of);
        let value = serde_json::to_string(value).unwrap_or_default();
        into.push(Setting { key: key.to_owned(), value, origin });
    }
}

fn origin_of(metadata: &figment::Metadata) -> String {
    match &metadata.source {
        Some(figment::Source::File(path)) => path.display().to_string(),
        _ if metadata.name.contains("environment") => "environment".to_owned(),
        _ if metadata.name.contains("flag") => "flag".to_owned(),
        _ => "default".to_owned(),
    }
}

/// `ARGOSY_X__Y_FILE=/run/secrets/y` sets `x.y` to what the file holds, without its last line break.
fn secrets_from_files(environment: impl IntoIterator<Item = (String, String)>) -> Result<Figment> {
    let mut figment = Figment::new();
    for (name, path) in environment {
        let Some(key) = name.strip_prefix(ENVIRONMENT_PREFIX).and_then(|name| name.strip_suffix("_FILE"))
        else {
            continue;
        };
        let content = std::fs::read_to_string(&path).map_err(|error| {
            Error::invalid("SECRET_FILE_UNREADABLE", format!("{name}: cannot read {path}: {error}"))
        })?;
        let key = key.to_lowercase().replace("__", ".");
        figment = figment.merge(Serialized::default(&key, content.trim_end_matches(['\r', '\n'])));
    }
    Ok(figment)
}
