//! What a merchant says against a dispute: texts and files, each of a kind that banks know.

use argosy_kernel::{Error, Result};

/// Letters of one text.
const TEXT_LETTERS_MAX: usize = 20_000;
/// Bytes of all files of a dispute: no bank reads more.
pub(crate) const FILES_BYTES_MAX: usize = 4_500_000;
const FILE_NAME_LETTERS_MAX: usize = 100;

/// What evidence is about, and whether it is a text or a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EvidenceKind {
    Explanation,
    ProductDescription,
    ShippingCarrier,
    TrackingNumber,
    ShippingDate,
    RefundPolicy,
    Receipt,
    Correspondence,
    ProofOfDelivery,
    OtherFile,
}

impl EvidenceKind {
    pub(crate) const ALL: [Self; 10] = [
        Self::Explanation,
        Self::ProductDescription,
        Self::ShippingCarrier,
        Self::TrackingNumber,
        Self::ShippingDate,
        Self::RefundPolicy,
        Self::Receipt,
        Self::Correspondence,
        Self::ProofOfDelivery,
        Self::OtherFile,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Explanation => "explanation",
            Self::ProductDescription => "product_description",
            Self::ShippingCarrier => "shipping_carrier",
            Self::TrackingNumber => "tracking_number",
            Self::ShippingDate => "shipping_date",
            Self::RefundPolicy => "refund_policy",
            Self::Receipt => "receipt",
            Self::Correspondence => "correspondence",
            Self::ProofOfDelivery => "proof_of_delivery",
            Self::OtherFile => "other_file",
        }
    }

    pub(crate) const fn is_file(self) -> bool {
        matches!(self, Self::Receipt | Self::Correspondence | Self::ProofOfDelivery | Self::OtherFile)
    }

    /// # Errors
    /// `INVALID_FIELD` with all that there are.
    pub(crate) fn read(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| {
            let all = Self::ALL.map(Self::as_str).join(", ");
            Error::invalid_field("/kind", format!("must be one of {all}"))
        })
    }
}

/// One piece of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Evidence {
    pub(crate) kind: EvidenceKind,
    pub(crate) content: Content,
    /// Bytes of it, also once the content is erased.
    pub(crate) size: usize,
}

/// What it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    Text(String),
    File {
        name: String,
        content_type: String,
        bytes: Vec<u8>,
    },
    /// The bank has decided, so nobody needs it any more.
    Erased,
}

impl Evidence {
    /// # Errors
    /// `INVALID_FIELD`, naming the field.
    pub(crate) fn text(kind: EvidenceKind, text: &str) -> Result<Self> {
        if kind.is_file() {
            return Err(Error::invalid_field("/kind", "is a file's: give a file"));
        }
        let letters = text.chars().count();
        let is_plain =
            text.chars().all(|letter| !letter.is_control() || matches!(letter, '\n' | '\r' | '\t'));
        if text.trim().is_empty() || letters > TEXT_LETTERS_MAX || !is_plain {
            let message = format!("must have 1 to {TEXT_LETTERS_MAX} characters and no control characters");
            return Err(Error::invalid_field("/text", message));
        }
        Ok(Self { kind, size: text.len(), content: Content::Text(text.to_owned()) })
    }

    /// # Errors
    /// `INVALID_FIELD`, naming the field.
    pub(crate) fn file(kind: EvidenceKind, name: &str, bytes: Vec<u8>) -> Result<Self> {
        if !kind.is_file() {
            return Err(Error::invalid_field("/kind", "is a text's: give a text"));
        }
        // It becomes part of a header of the request that sends it.
        let is_plain = name.chars().all(|letter| !letter.is_control() && !matches!(letter, '"' | '/' | '\\'));
        if name.is_empty() || name.chars().count() > FILE_NAME_LETTERS_MAX || !is_plain {
            let message =
                format!("must have 1 to {FILE_NAME_LETTERS_MAX} characters, and no \" / \\ among them");
            return Err(Error::invalid_field("/file_name", message));
        }
        if bytes.is_empty() || bytes.len() > FILES_BYTES_MAX {
            return Err(Error::invalid_field("/content", format!("must have 1 to {FILES_BYTES_MAX} bytes")));
        }
        let Some(content_type) = type_of(&bytes) else {
            return Err(Error::invalid_field("/content", "must be a PDF, a JPEG or a PNG"));
        };
        let content = Content::File { name: name.to_owned(), content_type: content_type.to_owned(), bytes };
        let size = match &content {
            Content::File { bytes, .. } => bytes.len(),
            Content::Text(_) | Content::Erased => 0,
        };
        Ok(Self { kind, content, size })
    }

    /// Names what is sent.
    pub(crate) fn digest_of(evidence: &[Self]) -> String {
        let mut hasher = blake3::Hasher::new();
        for one in evidence {
            let content = match &one.content {
                Content::Text(text) => text.as_bytes(),
                Content::File { bytes, .. } => bytes,
                Content::Erased => &[],
            };
            for part in [one.kind.as_str().as_bytes(), content] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part);
            }
        }
        hasher.finalize().to_hex()[..32].to_owned()
    }
}

/// By its first bytes, whatever its name says.
fn type_of(bytes: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], &str); 3] =
        [(b"%PDF-", "application/pdf"), (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png")];
    kinds.into_iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_has_its_limits_and_each_fault_names_its_field() {
        let pointer = |refused: Result<Evidence>| refused.unwrap_err().fields()[0].pointer.clone();
        let text = EvidenceKind::Explanation;
        assert!(Evidence::text(text, "They signed for it.\nSee the receipt.").is_ok());
        assert_eq!(pointer(Evidence::text(text, " ")), "/text");
        assert_eq!(pointer(Evidence::text(text, &"x".repeat(TEXT_LETTERS_MAX + 1))), "/text");
        assert_eq!(pointer(Evidence::text(text, "a\u{0}b")), "/text");
        assert_eq!(pointer(Evidence::text(EvidenceKind::Receipt, "x")), "/kind");
        let file = |name: &str, bytes: &[u8]| Evidence::file(EvidenceKind::Receipt, name, bytes.to_vec());
        assert!(file("receipt.pdf", b"%PDF-1.7").is_ok());
        assert_eq!(pointer(file("receipt.pdf", b"<html>")), "/content");
        assert_eq!(pointer(file("receipt.pdf", b"")), "/content");
        let mut long = b"%PDF-".to_vec();
        long.resize(FILES_BYTES_MAX + 1, 0);
        assert_eq!(pointer(file("receipt.pdf", &long)), "/content");
        for name in ["", "a\"b", "a\r\nx: y", "../a"] {
            assert_eq!(pointer(file(name, b"%PDF-1.7")), "/file_name", "{name}");
        }
        assert_eq!(pointer(Evidence::file(text, "a.pdf", b"%PDF-".to_vec())), "/kind");
        assert!(EvidenceKind::read("nonsense").unwrap_err().fields()[0].message.contains("receipt"));
    }
}
