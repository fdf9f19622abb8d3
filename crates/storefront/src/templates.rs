//! The templates: built in, each replaceable by a file of the same name in the theme folder.
//!
//! A broken template is a fault of the shop's, told in full in the log and answered as a fault. Everything that
//! is put into a page is escaped, except what the catalogue has sanitised itself (`description_html`).

use std::path::{Path, PathBuf};

use argosy_kernel::{Error, Result};
use minijinja::{AutoEscape, Environment, Output, State, UndefinedBehavior, Value};
use rust_embed::RustEmbed;

use crate::assets::Assets;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/templates"]
struct BuiltIn;

/// How deep templates may include each other.
const DEPTH_MAX: usize = 40;

pub(crate) struct Templates(Environment<'static>);

impl Templates {
    /// The built-in templates, and those of a theme (an empty path: none).
    pub(crate) fn new(theme: &Path, assets: &Assets) -> Self {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_recursion_limit(DEPTH_MAX);
        environment.set_formatter(write_text);
        let theme = (!theme.as_os_str().is_empty()).then(|| theme.to_owned());
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
        Self(environment)
    }

    /// Renders a template.
    pub(crate) fn render(&self, name: &str, context: Value) -> Result<String> {
        let template = self.0.get_template(name).map_err(|error| broken(name, &error))?;
        template.render(context).map_err(|error| broken(name, &error))
    }
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
