//! One product, ready to be sent whole or in part.

use argosy_edge::Rendered;
use argosy_kernel::{ProductId, Result, VariantId};
use bytes::{BufMut, Bytes, BytesMut};

use crate::shapes::{ProductOut, product_fields};

const PUBLIC: &str = "public, max-age=1";

/// One product in one currency, ready to be sent.
pub(crate) struct Shown {
    id: String,
    handle: String,
    pub(super) variants: Vec<VariantId>,
    fields: Vec<(String, Bytes)>,
    /// The whole, with its headers.
    pub(crate) whole: Rendered,
}

impl Shown {
    pub(super) fn new(id: String, handle: String, variants: &[String], product: &ProductOut) -> Result<Self> {
        let fields = product_fields(product)?;
        let keys = ["products", id.as_str()];
        let whole = Rendered::new("application/json", object(fields.iter()))
            .cache_control(PUBLIC)
            .surrogate_keys(keys);
        let variants = variants.iter().filter_map(|id| id.parse().ok()).collect();
        Ok(Self { id, handle, variants, fields, whole })
    }

    /// Whether it has this id or handle: a handle may have gone to another product since it was looked up.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.id == name || self.handle == name
    }

    pub(super) fn product(&self) -> Option<ProductId> {
        self.id.parse().ok()
    }

    pub(super) fn handle(&self) -> &str {
        &self.handle
    }

    /// About what it takes in memory: the fields, the whole, and each variant's way back to it.
    pub(super) fn weight(&self) -> u32 {
        u32::try_from(self.whole.body().len() * 2 + self.variants.len() * 150 + 1_000).unwrap_or(u32::MAX)
    }

    /// The product as JSON: whole, or some of its fields.
    pub(crate) fn json(&self, fields: Option<&[String]>) -> Bytes {
        match fields {
            None => self.whole.body().clone(),
            Some(wanted) => object(self.fields.iter().filter(|(name, _)| wanted.contains(name))),
        }
    }

    /// Some of its fields, with headers.
    pub(crate) fn part(&self, fields: &[String]) -> Rendered {
        let body = self.json(Some(fields));
        Rendered::new("application/json", body)
            .cache_control(PUBLIC)
            .surrogate_keys(["products", self.id.as_str()])
    }
}

fn object<'a>(fields: impl Iterator<Item = &'a (String, Bytes)>) -> Bytes {
    let mut body = BytesMut::new();
    body.put_u8(b'{');
    for (index, (name, value)) in fields.enumerate() {
        if index > 0 {
            body.put_u8(b',');
        }
        // Names are ours: plain ASCII.
        body.put_u8(b'"');
        body.put_slice(name.as_bytes());
        body.put_slice(b"\":");
        body.put_slice(value);
    }
    body.put_u8(b'}');
    body.freeze()
}
