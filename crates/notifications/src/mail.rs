//! What a mail is made of, whatever it is about, and how it becomes text and HTML.

use argosy_kernel::{Error, Result};
use minijinja::{AutoEscape, Environment};
use serde::Serialize;

const TEXT: &str = include_str!("../templates/mail.txt");
const HTML: &str = include_str!("../templates/mail.html");

/// A mail, from top to bottom.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Mail {
    pub(crate) language: String,
    pub(crate) shop_name: String,
    pub(crate) heading: String,
    /// Which order it is about; empty: it has no number.
    pub(crate) order: String,
    pub(crate) texts: Vec<String>,
    pub(crate) lines: Vec<MailLine>,
    pub(crate) sums: Vec<Sum>,
    /// What must not be overlooked.
    pub(crate) notices: Vec<String>,
    pub(crate) address_title: String,
    pub(crate) address: Vec<String>,
    /// The first is a button.
    pub(crate) links: Vec<Link>,
}

/// Goods.
#[derive(Debug, Serialize)]
pub(crate) struct MailLine {
    pub(crate) quantity: i64,
    pub(crate) title: String,
    pub(crate) variant: String,
    /// Empty: it does not matter here.
    pub(crate) total: String,
}

/// A line of a sum.
#[derive(Debug, Serialize)]
pub(crate) struct Sum {
    pub(crate) label: String,
    pub(crate) amount: String,
    pub(crate) is_total: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Link {
    pub(crate) label: String,
    pub(crate) url: String,
}

impl Mail {
    /// As text and as HTML; what it shows is escaped there.
    pub(crate) fn render(&self) -> Result<[String; 2]> {
        Ok([render(TEXT, AutoEscape::None, self)?, render(HTML, AutoEscape::Html, self)?])
    }
}

fn render(template: &str, escape: AutoEscape, mail: &Mail) -> Result<String> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(move |_| escape.clone());
    environment.render_str(template, minijinja::value::Serde(mail)).map_err(Error::internal)
}
