//! What PayPal is told of a dispute: evidence while it asks for some, a message to the buyer in an inquiry in which it does
//! not.

use serde_json::{Value, json};

use super::wire::Dispute;
use crate::domain::{Content, Evidence, EvidenceKind};

/// Letters of one note or message.
const NOTE_LETTERS_MAX: usize = 2_000;
/// Letters of a tracking number.
const NUMBER_LETTERS_MAX: usize = 255;

/// Carriers that PayPal has a name for, of some eight hundred those that the name tells without a country; others are told
/// by what the merchant calls them.
const CARRIERS: [&str; 18] = [
    "AUSTRALIA_POST",
    "AUSTRIAN_POST",
    "BPOST",
    "CANADA_POST",
    "CHRONOPOST",
    "DHL",
    "DPD",
    "FEDEX",
    "GLS",
    "HERMES",
    "LA_POSTE",
    "POSTNL",
    "ROYAL_MAIL",
    "SWISS_POST",
    "TNT",
    "UPS",
    "USPS",
    "YODEL",
];

/// A request in parts: what is said, as JSON, and the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Multipart {
    pub(super) content_type: String,
    pub(super) bytes: Vec<u8>,
}

impl Multipart {
    /// Its boundary is made from the content, which cannot hold it.
    pub(super) fn new<'a>(input: &Value, files: impl IntoIterator<Item = &'a Evidence>) -> Self {
        let mut parts = vec![part("name=\"input\"", "application/json", input.to_string().as_bytes())];
        for (place, file) in files.into_iter().filter(|one| one.kind.is_file()).enumerate() {
            let Content::File { content_type, bytes, .. } = &file.content else { continue };
            let what = format!("name=\"file{}\"; filename=\"{}\"", place + 1, name_of(file, content_type));
            parts.push(part(&what, content_type, bytes));
        }
        let mut hasher = blake3::Hasher::new();
        for part in &parts {
            hasher.update(part);
        }
        let boundary = hasher.finalize().to_hex();
        let mut bytes = Vec::new();
        for part in &parts {
            bytes.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
            bytes.extend_from_slice(part);
        }
        bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        Self { content_type: format!("multipart/form-data; boundary={boundary}"), bytes }
    }
}

fn part(what: &str, content_type: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("content-disposition: form-data; {what}\r\ncontent-type: {content_type}\r\n\r\n");
    [head.as_bytes(), content, b"\r\n"].concat()
}

/// PayPal takes few letters in a name, so a file is called by what it shows.
fn name_of(file: &Evidence, content_type: &str) -> String {
    let ending = match content_type {
        "application/pdf" => "pdf",
        "image/png" => "png",
        _ => "jpg",
    };
    format!("{}.{ending}", file.kind.as_str())
}

/// As evidence, each piece of the type that PayPal has for it; a long text in several.
pub(super) fn evidences(evidence: &[Evidence]) -> Value {
    let mut all = Vec::new();
    let tracked = tracking(evidence);
    for one in evidence {
        match &one.content {
            Content::Text(_) if tracked.is_some() && is_of_parcel(one.kind) => {}
            Content::Text(text) => {
                let told = labelled(one.kind, text);
                let kind = type_of(one.kind);
                all.extend(pieces(&told).map(|note| json!({ "evidence_type": kind, "notes": note })));
            }
            Content::File { content_type, .. } => {
                let documents = json!([{ "name": name_of(one, content_type) }]);
                all.push(json!({ "evidence_type": type_of(one.kind), "documents": documents }));
            }
            Content::Erased => {}
        }
    }
    all.extend(tracked);
    json!({ "evidences": all })
}

/// As messages to the buyer, without those that were sent before.
pub(super) fn messages(evidence: &[Evidence], dispute: &Dispute) -> Vec<String> {
    let mut told = Vec::new();
    for one in evidence {
        if let Content::Text(text) = &one.content {
            told.push(labelled(one.kind, text));
        }
    }
    if told.is_empty() {
        told.push("Please see the attached files.".to_owned());
    }
    let told = told.join("\n\n");
    let is_sent = |piece: &String| {
        dispute.messages.iter().any(|one| one.posted_by == "SELLER" && one.content.trim() == piece.trim())
    };
    pieces(&told).filter(|piece| !is_sent(piece)).collect()
}

/// PayPal takes a parcel in fields of its own, if there is a number that they can hold.
fn tracking(evidence: &[Evidence]) -> Option<Value> {
    let text = |kind| {
        evidence.iter().find_map(|one| match &one.content {
            Content::Text(text) if one.kind == kind => Some(text.trim()),
            _ => None,
        })
    };
    let fits = |text: &str, most| text.chars().count() <= most;
    let number = text(EvidenceKind::TrackingNumber).filter(|number| fits(number, NUMBER_LETTERS_MAX))?;
    let carrier = text(EvidenceKind::ShippingCarrier).unwrap_or("unknown");
    if !fits(carrier, NOTE_LETTERS_MAX) {
        return None;
    }
    let mut parcel = json!({ "tracking_number": number });
    if let Some(name) = carrier_name(carrier) {
        parcel["carrier_name"] = json!(name);
    } else {
        parcel["carrier_name"] = json!("OTHER");
        parcel["carrier_name_other"] = json!(carrier);
    }
    let info = json!({ "tracking_info": [parcel] });
    let mut tracked = json!({ "evidence_type": "PROOF_OF_FULFILLMENT", "evidence_info": info });
    if let Some(sent) = text(EvidenceKind::ShippingDate) {
        let told = labelled(EvidenceKind::ShippingDate, sent);
        tracked["notes"] = json!(pieces(&told).next()?);
    }
    Some(tracked)
}

fn carrier_name(carrier: &str) -> Option<&'static str> {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' };
    let name: String = carrier.chars().map(plain).collect();
    CARRIERS.into_iter().find(|known| *known == name)
}

const fn is_of_parcel(kind: EvidenceKind) -> bool {
    matches!(kind, EvidenceKind::ShippingCarrier | EvidenceKind::TrackingNumber | EvidenceKind::ShippingDate)
}

/// What PayPal calls a piece of evidence.
const fn type_of(kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::ProductDescription => "ITEM_DESCRIPTION",
        EvidenceKind::RefundPolicy => "RETURN_POLICY",
        EvidenceKind::Receipt => "PROOF_OF_RECEIPT_COPY",
        EvidenceKind::ProofOfDelivery => "DELIVERY_RECEIPT",
        EvidenceKind::Explanation
        | EvidenceKind::ShippingCarrier
        | EvidenceKind::TrackingNumber
        | EvidenceKind::ShippingDate
        | EvidenceKind::Correspondence
        | EvidenceKind::OtherFile => "OTHER",
    }
}

/// A text that says nothing without a word about what it is.
fn labelled(kind: EvidenceKind, text: &str) -> String {
    let text = text.trim();
    match kind {
        EvidenceKind::ShippingCarrier => format!("Carrier: {text}"),
        EvidenceKind::TrackingNumber => format!("Tracking number: {text}"),
        EvidenceKind::ShippingDate => format!("Sent: {text}"),
        EvidenceKind::Explanation
        | EvidenceKind::ProductDescription
        | EvidenceKind::RefundPolicy
        | EvidenceKind::Receipt
        | EvidenceKind::Correspondence
        | EvidenceKind::ProofOfDelivery
        | EvidenceKind::OtherFile => text.to_owned(),
    }
}

/// A text in parts that PayPal takes.
fn pieces(text: &str) -> impl Iterator<Item = String> {
    let letters: Vec<char> = text.chars().collect();
    let pieces: Vec<String> =
        letters.chunks(NOTE_LETTERS_MAX).map(|piece| piece.iter().collect::<String>()).collect();
    pieces.into_iter().filter(|piece| !piece.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(kind: EvidenceKind, text: &str) -> Evidence {
        Evidence::text(kind, text).unwrap()
    }

    fn file(kind: EvidenceKind, bytes: &[u8]) -> Evidence {
        Evidence::file(kind, "Beleg über alles.pdf", bytes.to_vec()).unwrap()
    }

    #[test]
    fn each_piece_is_told_as_what_paypal_calls_it() {
        let all = [
            text(EvidenceKind::Explanation, "They signed for it."),
            text(EvidenceKind::ProductDescription, "A mug."),
            text(EvidenceKind::ShippingCarrier, "Royal Mail"),
            text(EvidenceKind::TrackingNumber, "RM 1"),
            text(EvidenceKind::ShippingDate, "3 May"),
            text(EvidenceKind::RefundPolicy, "Thirty days."),
            file(EvidenceKind::Receipt, b"%PDF-1.7"),
            file(EvidenceKind::ProofOfDelivery, b"\x89PNG\r\n\x1a\n"),
            file(EvidenceKind::Correspondence, b"\xff\xd8\xff"),
        ];
        let parcel = json!({ "tracking_number": "RM 1", "carrier_name": "ROYAL_MAIL" });
        let told = json!([
            { "evidence_type": "OTHER", "notes": "They signed for it." },
            { "evidence_type": "ITEM_DESCRIPTION", "notes": "A mug." },
            { "evidence_type": "RETURN_POLICY", "notes": "Thirty days." },
            { "evidence_type": "PROOF_OF_RECEIPT_COPY", "documents": [{ "name": "receipt.pdf" }] },
            { "evidence_type": "DELIVERY_RECEIPT", "documents": [{ "name": "proof_of_delivery.png" }] },
            { "evidence_type": "OTHER", "documents": [{ "name": "correspondence.jpg" }] },
            { "evidence_type": "PROOF_OF_FULFILLMENT", "notes": "Sent: 3 May", "evidence_info": { "tracking_info": [parcel] } },
        ]);
        assert_eq!(evidences(&all)["evidences"], told);
    }

    #[test]
    fn a_parcel_is_told_in_words_if_there_is_no_number_that_fits() {
        let told = |all: &[Evidence]| evidences(all)["evidences"].clone();
        let number = |number: &str| text(EvidenceKind::TrackingNumber, number);
        let other = told(&[number("1"), text(EvidenceKind::ShippingCarrier, "Cargo Bike Ltd")]);
        let parcel = &other[0]["evidence_info"]["tracking_info"][0];
        assert_eq!(
            (parcel["carrier_name"].as_str(), parcel["carrier_name_other"].as_str()),
            (Some("OTHER"), Some("Cargo Bike Ltd"))
        );
        let nobody = told(&[number("1")]);
        assert_eq!(nobody[0]["evidence_info"]["tracking_info"][0]["carrier_name_other"], "unknown");
        let only_carrier = told(&[text(EvidenceKind::ShippingCarrier, "DHL")]);
        assert_eq!(only_carrier, json!([{ "evidence_type": "OTHER", "notes": "Carrier: DHL" }]));
        let long = told(&[number(&"1".repeat(256))]);
        assert_eq!(long[0]["notes"], format!("Tracking number: {}", "1".repeat(256)));
    }

    #[test]
    fn a_long_text_is_told_in_pieces_and_nothing_of_it_is_lost() {
        let long = "ü".repeat(4_500);
        let told = evidences(&[text(EvidenceKind::Explanation, &long)]);
        let notes: Vec<&str> =
            told["evidences"].as_array().unwrap().iter().map(|one| one["notes"].as_str().unwrap()).collect();
        assert_eq!(notes.iter().map(|note| note.chars().count()).collect::<Vec<_>>(), [2_000, 2_000, 500]);
        assert_eq!(notes.concat(), long);
    }

    #[test]
    fn a_message_is_not_sent_again() {
        let inquiry = |messages: Value| {
            serde_json::from_value::<Dispute>(json!({
                "dispute_id": "PP-D-1", "status": "OPEN", "dispute_life_cycle_stage": "INQUIRY", "messages": messages,
                "dispute_amount": { "currency_code": "EUR", "value": "10.00" },
            }))
            .unwrap()
        };
        let all =
            [text(EvidenceKind::Explanation, "It is on its way."), text(EvidenceKind::TrackingNumber, "1")];
        let said = "It is on its way.\n\nTracking number: 1";
        let by = |who: &str| inquiry(json!([{ "posted_by": who, "content": said }]));
        assert_eq!(messages(&all, &by("BUYER")), [said]);
        assert_eq!(messages(&all, &by("SELLER")), Vec::<String>::new());
        let files = [file(EvidenceKind::Receipt, b"%PDF-1.7")];
        assert_eq!(messages(&files, &inquiry(json!([]))), ["Please see the attached files."]);
    }

    #[test]
    fn files_are_sent_as_they_are() {
        let files = [text(EvidenceKind::Explanation, "x"), file(EvidenceKind::Receipt, b"%PDF-1.7\r\n--x")];
        let sent = Multipart::new(&json!({ "message": "x" }), &files);
        let boundary = sent.content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
        let body = String::from_utf8(sent.bytes).unwrap();
        assert_eq!(
            body,
            format!(
                "--{boundary}\r\ncontent-disposition: form-data; name=\"input\"\r\ncontent-type: application/json\r\n\r\n\
                 {{\"message\":\"x\"}}\r\n--{boundary}\r\ncontent-disposition: form-data; name=\"file1\"; \
                 filename=\"receipt.pdf\"\r\ncontent-type: application/pdf\r\n\r\n%PDF-1.7\r\n--x\r\n--{boundary}--\r\n"
            )
        );
    }
}
