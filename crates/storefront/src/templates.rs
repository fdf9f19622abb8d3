//! The templates: built in, each replaceable by a file of the same name in the theme folder.
//!
//! A broken template is a fault of the shop's, told in full in the log and answered as a fault. Everything that
//! is put into a page is escaped, except what the catalogue has sanitised itself (`description_html`).

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use argosy_kernel::{Error, Result};
use fluent_bundle::{FluentArgs, FluentValue};
use minijinja::{AutoEscape, Environment, Output, State, UndefinedBehavior, Value, value::Kwargs};
use rust_embed::RustEmbed;

use crate::{assets::Assets, language::Words};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/templates"]
struct BuiltIn;

/// How deep templates may include each other.
const DEPTH_MAX: usize = 40;

/// Whose files stand in for the built-in ones.
pub(crate) struct Theme<'a> {
    /// Empty: none.
    pub(crate) folder: &'a Path,
    /// Faults are told with the lines around them.
    pub(crate) is_worked_on: bool,
}

pub(crate) struct Templates(Environment<'static>);

impl Templates {
    /// The built-in templates, and those of a theme (an empty path: none), in a language. `prefix` is what addresses
    /// begin with: `{{ root }}`.
    pub(crate) fn new(theme: &Theme<'_>, assets: &Assets, prefix: &str, words: &Arc<Words>) -> Self {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_recursion_limit(DEPTH_MAX);
        environment.set_formatter(write_text);
        environment.set_debug(theme.is_worked_on);
        let theme = (!theme.folder.as_os_str().is_empty()).then(|| theme.folder.to_owned());
        environment.set_loader(move |name| Ok(load(theme.as_ref(), name)));
        let urls = assets.urls();
        environment.add_function(
            "asset",
            move |name: &str| -> std::result::Result<Value, minijinja::Error> {
                urls.get(name).map(|url| Value::from(url.as_str())).ok_or_else(|| {
                    minijinja::Error::new(
                        minijinja::ErrorKind::InvalidOperation,
                        format!("there is no asset {name}"),
                    )
                })
            },
        );
        environment.add_global("root", prefix);
        let words = Arc::clone(words);
        environment.add_function("t", move |id: &str, values: Kwargs| message(&words, id, &values));
        Self(environment)
    }

    /// Renders a template.
    pub(crate) fn render(&self, name: &str, context: Value) -> Result<String> {
        let template = self.0.get_template(name).map_err(|error| broken(name, &error))?;
        template.render(context).map_err(|error| broken(name, &error))
    }
}

/// `{{ t("results-for", query=view.query) }}`: a message of the language.
fn message(words: &Words, id: &str, values: &Kwargs) -> Result<String, minijinja::Error> {
    let mut arguments = FluentArgs::new();
    for name in values.args() {
        let value: Value = values.get(name)?;
        let given = match i64::try_from(value.clone()) {
            Ok(number) => FluentValue::from(number),
            Err(_) => FluentValue::from(value.to_string()),
        };
        arguments.set(name.to_owned(), given);
    }
    words.find(id, Some(&arguments)).ok_or_else(|| {
        minijinja::Error::new(
            minijinja::ErrorKind::InvalidOperation,
            format!("no language has the message {id}"),
        )
    })
}

/// Text that is not markup is escaped for elements and quoted attributes alike. The engine's own escaping would
/// spell every slash of an address as an entity, too.
fn write_text(
    out: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), minijinja::Error> {
    let Some(text) = value.as_str().filter(|_| !value.is_safe()) else {
        return minijinja::escape_formatter(out, state, value);
    };
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        let (plain, special) = rest.split_at(at);
        let entity = match special.as_bytes()[0] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        };
        out.write_str(plain)?;
        out.write_str(entity)?;
        rest = &special[1..];
    }
    Ok(out.write_str(rest)?)
}

fn load(theme: Option<&PathBuf>, name: &str) -> Option<String> {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    let replaced = theme.filter(|_| plain).and_then(|theme| std::fs::read_to_string(theme.join(name)).ok());
    replaced.or_else(|| {
        let file = BuiltIn::get(name)?;
        String::from_utf8(file.data.into_owned()).ok()
    })
}

fn broken(name: &str, error: &minijinja::Error) -> Error {
    Error::internal(format!("template {name}: {error:#}"))
}
