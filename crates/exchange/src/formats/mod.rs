//! The formats, each a stream of drafts and problems.

mod json_lines;
mod shopify;
mod shopify_columns;
mod shopify_export;
mod table;
mod values;
mod woocommerce;

use std::io::{BufRead, Read};

use argosy_kernel::{Currency, Error, Result, Timestamp};

use crate::{draft::Draft, problem::Problem};

pub(crate) use self::{
    json_lines::{JsonLines, line_of},
    shopify_export::ShopifyTable,
};

/// A format that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Shopify's product CSV.
    Shopify,
    /// WooCommerce's product CSV.
    WooCommerce,
    /// One JSON object a line.
    JsonLines,
}

/// A product, or why there is none.
pub(crate) type Read1 = std::result::Result<Draft, Problem>;

/// What a file does not say of itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    /// Of prices that do not name one.
    pub(crate) currency: Currency,
    pub(crate) now: Timestamp,
}

/// Reads a file of a format; without one it is told from the first line.
pub(crate) fn read(
    source: Box<dyn Read + Send>,
    format: Option<Format>,
    reading: Reading,
) -> Result<Box<dyn Iterator<Item = Read1> + Send>> {
    let mut source = std::io::BufReader::with_capacity(1 << 16, source);
    skip_byte_order_mark(&mut source)?;
    let format = match format {
        Some(format) => format,
        None => guess(first_line(&mut source)?)?,
    };
    Ok(match format {
        Format::JsonLines => Box::new(JsonLines::new(source)),
        Format::Shopify => Box::new(shopify::Shopify::new(source, reading.currency)?),
        Format::WooCommerce => Box::new(woocommerce::WooCommerce::new(source, reading)?),
    })
}

fn unreadable(error: &std::io::Error) -> Error {
    Error::invalid("UNREADABLE_FILE", format!("cannot read the file: {error}"))
}

fn skip_byte_order_mark(source: &mut impl BufRead) -> Result<()> {
    if source.fill_buf().map_err(|error| unreadable(&error))?.starts_with(b"\xEF\xBB\xBF") {
        source.consume(3);
    }
    Ok(())
}

/// What is buffered of the first line; enough to tell formats apart.
fn first_line(source: &mut impl BufRead) -> Result<&[u8]> {
    let buffered = source.fill_buf().map_err(|error| unreadable(&error))?;
    Ok(buffered.split(|byte| *byte == b'\n').next().unwrap_or_default())
}

fn guess(line: &[u8]) -> Result<Format> {
    let line = String::from_utf8_lossy(line).to_lowercase();
    if line.trim_start().starts_with('{') {
        return Ok(Format::JsonLines);
    }
    let names: Vec<&str> = line.split(['\t', ';', ',']).map(|name| name.trim().trim_matches('"')).collect();
    let has = |name: &str| names.contains(&name);
    if has("handle") || has("url handle") {
        Ok(Format::Shopify)
    } else if has("sku") && has("name") {
        Ok(Format::WooCommerce)
    } else {
        Err(Error::invalid(
            "UNKNOWN_FORMAT",
            "cannot tell the format from the first line: a Shopify CSV has a column Handle, a WooCommerce CSV has \
             SKU and Name (export it in English), and JSON lines begin with {; or name it with --format",
        ))
    }
}
