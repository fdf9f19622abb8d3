//! Disputes at the pretended PayPal (Disputes v1): what its sellers may do, where each stands, and what it refuses. There is
//! no word about keys of requests in that documentation, so one has no effect here: what is sent twice is there twice.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Value, json};

/// Where they are.
pub(super) const PATH: &str = "/v1/customer/disputes/";
/// Files of one call, and a little for the rest.
pub(super) const BODY_BYTES_MAX: usize = 51_000_000;
const FILE_BYTES_MAX: usize = 10_000_000;
const NOTE_LETTERS_MAX: usize = 2_000;

/// Of the types of evidence that it documents, those that a shop could mean.
const EVIDENCE_TYPES: [&str; 17] = [
    "PROOF_OF_FULFILLMENT",
    "PROOF_OF_REFUND",
    "PROOF_OF_DELIVERY_SIGNATURE",
    "PROOF_OF_RECEIPT_COPY",
    "RETURN_POLICY",
    "PROOF_OF_RESHIPMENT",
    "ITEM_DESCRIPTION",
    "COPY_OF_CONTRACT",
    "PROOF_OF_RETURN",
    "INFORMATION_ON_RESOLUTION",
    "DETAILS_OF_PURCHASE",
    "DELIVERY_RECEIPT",
    "ADDITIONAL_PROOF_OF_SHIPMENT",
    "MERCHANT_RESPONSE",
    "ORDER_DETAILS",
    "PHOTOS_OF_SHIPPED_ITEM",
    "OTHER",
];
const CARRIERS: [&str; 6] = ["UPS", "USPS", "FEDEX", "DHL", "ROYAL_MAIL", "OTHER"];
const FILE_TYPES: [&str; 4] = ["application/pdf", "image/jpeg", "image/png", "image/gif"];

#[derive(Default)]
pub(super) struct Disputes {
    all: BTreeMap<String, Value>,
    pub(super) now: String,
}

/// A part of a request.
struct Part<'a> {
    name: String,
    file_name: Option<String>,
    content_type: String,
    content: &'a [u8],
}

impl Disputes {
    pub(super) fn put(&mut self, object: &Value) {
        let id = object["dispute_id"].as_str().expect("a dispute has an id").to_owned();
        self.all.insert(id, object.clone());
    }

    pub(super) fn get(&self, id: &str) -> Option<Value> {
        let mut shown = self.all.get(id)?.clone();
        let actions = ["provide-evidence", "send-message"].into_iter().filter(|action| may(&shown, action));
        let link = |action: &str| {
            let href = format!("https://api-m.paypal.com{PATH}{id}/{action}");
            json!({ "href": href, "rel": action.replace('-', "_"), "method": "POST" })
        };
        let myself =
            json!({ "href": format!("https://api-m.paypal.com{PATH}{id}"), "rel": "self", "method": "GET" });
        shown["links"] = std::iter::once(myself).chain(actions.map(link)).collect();
        Some(shown)
    }

    /// Answers a request to `{id}` or `{id}/{action}`.
    pub(super) fn answer(
        &mut self,
        method: &Method,
        path: &str,
        content_type: &str,
        body: &[u8],
    ) -> (u16, Value) {
        let (id, action) = path.split_once('/').unwrap_or((path, ""));
        let Some(shown) = self.get(id) else {
            return (
                404,
                json!({ "name": "RESOURCE_NOT_FOUND", "details": [{ "issue": "INVALID_RESOURCE_ID" }] }),
            );
        };
        let answered = match (method.as_str(), action) {
            ("GET", "") => return (200, shown),
            ("POST", "provide-evidence" | "send-message") => self.take(id, action, content_type, body),
            _ => return (404, json!({ "name": "RESOURCE_NOT_FOUND" })),
        };
        match answered {
            Ok(()) => (200, json!({ "links": [{ "rel": "self", "method": "GET" }] })),
            Err((status, name, issue)) => (status, json!({ "name": name, "details": [{ "issue": issue }] })),
        }
    }

    fn take(&mut self, id: &str, action: &str, content_type: &str, body: &[u8]) -> Result<(), Refusal> {
        let parts = parts(content_type, body)?;
        let input = parts.iter().find(|part| part.name == "input");
        let input = input.filter(|part| part.content_type == "application/json");
        let input: Value = input
            .and_then(|part| serde_json::from_slice(part.content).ok())
            .ok_or(invalid("MISSING_OR_INVALID_REQUEST_BODY"))?;
        let files: Vec<&Part<'_>> = parts.iter().filter(|part| part.name != "input").collect();
        let names: Vec<&str> = files.iter().map(|file| check_file(file)).collect::<Result<_, _>>()?;
        let now = self.now.clone();
        let dispute = self.all.get_mut(id).expect("it was just shown");
        if !may(dispute, action) {
            return Err((422, "UNPROCESSABLE_ENTITY", "ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE"));
        }
        if action == "send-message" {
            let message = input["message"].as_str().unwrap_or_default();
            check_note(message)?;
            let documents: Vec<Value> = names.iter().map(|name| json!({ "name": name })).collect();
            let posted = json!({ "posted_by": "SELLER", "time_posted": now, "content": message, "documents": documents });
            push(dispute, "messages", posted);
            dispute["status"] = json!("WAITING_FOR_BUYER_RESPONSE");
        } else {
            let evidences = input["evidences"].as_array().filter(|all| (1..=100).contains(&all.len()));
            let evidences = evidences.ok_or(invalid("MISSING_OR_INVALID_REQUEST_BODY"))?;
            evidences.iter().try_for_each(|one| check_evidence(one, &names))?;
            for one in evidences {
                let mut given = one.clone();
                given["source"] = json!("SUBMITTED_BY_SELLER");
                given["date"] = json!(now);
                given["dispute_life_cycle_stage"] = dispute["dispute_life_cycle_stage"].clone();
                push(dispute, "evidences", given);
            }
            dispute["status"] = json!("UNDER_REVIEW");
        }
        dispute["update_time"] = json!(now);
        Ok(())
    }
}

type Refusal = (u16, &'static str, &'static str);

const fn invalid(issue: &'static str) -> Refusal {
    (400, "INVALID_REQUEST", issue)
}

/// What the seller may do as it stands; an inquiry in which evidence is asked for asks by name.
fn may(dispute: &Value, action: &str) -> bool {
    let is_inquiry = dispute["dispute_life_cycle_stage"] == "INQUIRY";
    let waits = dispute["status"] == "WAITING_FOR_SELLER_RESPONSE";
    let evidences = dispute["evidences"].as_array().into_iter().flatten();
    let is_asked = evidences.into_iter().any(|one| one["source"] == "REQUESTED_FROM_SELLER");
    match action {
        "provide-evidence" => waits && (is_asked || !is_inquiry),
        "send-message" => is_inquiry && (waits || dispute["status"] == "OPEN"),
        _ => false,
    }
}

fn push(dispute: &mut Value, list: &str, one: Value) {
    match dispute[list].as_array_mut() {
        Some(all) => all.push(one),
        None => dispute[list] = json!([one]),
    }
}

fn check_evidence(one: &Value, files: &[&str]) -> Result<(), Refusal> {
    let kind = one["evidence_type"].as_str().unwrap_or_default();
    if !EVIDENCE_TYPES.contains(&kind) {
        return Err(invalid("INVALID_EVIDENCE_TYPE"));
    }
    if !one["notes"].is_null() {
        check_note(one["notes"].as_str().unwrap_or_default())?;
    }
    for parcel in one["evidence_info"]["tracking_info"].as_array().into_iter().flatten() {
        let is_known = CARRIERS.contains(&parcel["carrier_name"].as_str().unwrap_or_default());
        let is_named = parcel["carrier_name"] != "OTHER" || !parcel["carrier_name_other"].is_null();
        let number = parcel["tracking_number"].as_str().unwrap_or_default();
        if !is_known || !is_named || !(1..=255).contains(&number.chars().count()) {
            return Err(invalid("INVALID_TRACKING_INFO"));
        }
    }
    let expects_info = kind.starts_with("PROOF_OF_FULFILLMENT") && one["evidence_info"].is_null();
    let documents = one["documents"].as_array();
    let mut named =
        documents.into_iter().flatten().map(|document| document["name"].as_str().unwrap_or_default());
    if expects_info || named.any(|name| !files.contains(&name)) {
        return Err(invalid("MISSING_OR_INVALID_REQUEST_BODY"));
    }
    Ok(())
}

fn check_note(note: &str) -> Result<(), Refusal> {
    let fits = (1..=NOTE_LETTERS_MAX).contains(&note.chars().count());
    if fits { Ok(()) } else { Err(invalid("INVALID_STRING_LENGTH")) }
}

/// The file's name, if it is one that is taken.
fn check_file<'a>(file: &'a Part<'_>) -> Result<&'a str, Refusal> {
    let name = file.file_name.as_deref().unwrap_or_default();
    let is_plain = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_, ".contains(&byte))
    };
    let is_name = name.split_once('.').is_some_and(|(stem, ending)| is_plain(stem) && is_plain(ending));
    let is_taken = FILE_TYPES.contains(&file.content_type.as_str())
        && !file.content.is_empty()
        && file.content.len() < FILE_BYTES_MAX;
    if is_name && is_taken { Ok(name) } else { Err(invalid("INVALID_EVIDENCE_FILE")) }
}

/// Reads `multipart/form-data`; another type of body is not taken.
fn parts<'a>(content_type: &str, body: &'a [u8]) -> Result<Vec<Part<'a>>, Refusal> {
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=");
    let boundary = boundary.ok_or((415, "UNSUPPORTED_MEDIA_TYPE", "UNSUPPORTED_MEDIA_TYPE"))?;
    let line = format!("--{boundary}");
    let wrong = invalid("MISSING_OR_INVALID_REQUEST_BODY");
    let mut rest = body.strip_prefix(line.as_bytes()).ok_or(wrong)?;
    let mut parts = Vec::new();
    while let Some(after) = rest.strip_prefix(b"\r\n") {
        let end = find(after, format!("\r\n{line}").as_bytes()).ok_or(wrong)?;
        parts.push(part(&after[..end]).ok_or(wrong)?);
        rest = &after[end + 2 + line.len()..];
    }
    if rest == b"--\r\n" { Ok(parts) } else { Err(wrong) }
}

fn part(bytes: &[u8]) -> Option<Part<'_>> {
    let end = find(bytes, b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let header = |name: &str| {
        let lines = head.split("\r\n").filter_map(|line| line.split_once(": "));
        lines.filter(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    };
    let disposition = header("content-disposition")?.strip_prefix("form-data; ")?;
    let quoted = |what: &str| {
        let mut fields = disposition.split("; ").filter_map(|field| field.split_once('='));
        fields.find(|(field, _)| *field == what).map(|(_, value)| value.trim_matches('"').to_owned())
    };
    Some(Part {
        name: quoted("name")?,
        file_name: quoted("filename"),
        content_type: header("content-type").unwrap_or("text/plain").to_owned(),
        content: &bytes[end + 4..],
    })
}

fn find(in_bytes: &[u8], what: &[u8]) -> Option<usize> {
    in_bytes.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Disputes {
        let mut disputes = Disputes { now: "2026-06-01T12:00:00Z".to_owned(), ..Disputes::default() };
        disputes.put(&json!({
            "dispute_id": "PP-D-1", "status": "WAITING_FOR_SELLER_RESPONSE", "dispute_life_cycle_stage": "CHARGEBACK",
        }));
        disputes
    }

    fn body(input: &Value, file: &str) -> String {
        let file = if file.is_empty() { String::new() } else { format!("--b\r\n{file}\r\n") };
        format!(
            "--b\r\nContent-Disposition: form-data; name=\"input\"\r\nContent-Type: application/json\r\n\r\n{input}\r\n{file}--b--\r\n"
        )
    }

    #[test]
    fn wrong_evidence_is_refused_and_right_evidence_is_taken_once() {
        let mut disputes = asked();
        let mut said = |content_type: &str, body: &str| {
            let (status, answer) =
                disputes.answer(&Method::POST, "PP-D-1/provide-evidence", content_type, body.as_bytes());
            (status, answer["details"][0]["issue"].as_str().unwrap_or_default().to_owned())
        };
        let multipart = "multipart/form-data; boundary=b";
        let good = json!({ "evidences": [{ "evidence_type": "OTHER", "notes": "x" }] });
        let issue = |answered: (u16, String)| answered.1;
        assert_eq!(said("application/json", &good.to_string()).0, 415);
        assert_eq!(said("", &body(&good, "")).0, 415);
        assert_eq!(issue(said(multipart, "{}")), "MISSING_OR_INVALID_REQUEST_BODY");
        let unknown = json!({ "evidences": [{ "evidence_type": "RECEIPT", "notes": "x" }] });
        assert_eq!(issue(said(multipart, &body(&unknown, ""))), "INVALID_EVIDENCE_TYPE");
        let long = json!({ "evidences": [{ "evidence_type": "OTHER", "notes": "x".repeat(2_001) }] });
        assert_eq!(issue(said(multipart, &body(&long, ""))), "INVALID_STRING_LENGTH");
        let parcel = json!([{ "carrier_name": "OTHER", "tracking_number": "1" }]);
        let nameless = json!({ "evidences": [
            { "evidence_type": "PROOF_OF_FULFILLMENT", "evidence_info": { "tracking_info": parcel } },
        ] });
        assert_eq!(issue(said(multipart, &body(&nameless, ""))), "INVALID_TRACKING_INFO");
        let page = "Content-Disposition: form-data; name=\"file1\"; filename=\"a.html\"\r\nContent-Type: text/html\r\n\r\n<p>";
        assert_eq!(issue(said(multipart, &body(&good, page))), "INVALID_EVIDENCE_FILE");
        assert_eq!(said(multipart, &body(&good, "")), (200, String::new()));
        let again = said(multipart, &body(&good, ""));
        assert_eq!(again, (422, "ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE".to_owned()));
        let shown = disputes.get("PP-D-1").unwrap();
        assert_eq!(
            (shown["status"].as_str(), shown["links"].as_array().unwrap().len()),
            (Some("UNDER_REVIEW"), 1)
        );
        assert_eq!(shown["evidences"][0]["source"], "SUBMITTED_BY_SELLER");
    }
}
