//! A fact as a message: subject and CloudEvents 1.0 in JSON.

use argosy_kernel::{Error, Result, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::bus::Fact;

/// Longest part of a subject; it is there to filter by, the message holds the whole.
const PART_BYTES_MAX: usize = 128;

#[derive(Serialize, Deserialize)]
struct Event {
    specversion: String,
    id: String,
    source: String,
    #[serde(rename = "type")]
    kind: String,
    subject: String,
    time: String,
    datacontenttype: String,
    /// CloudEvents' extension of this name is text.
    sequence: String,
    data: Value,
}

const SOURCE_PREFIX: &str = "argosy/";

/// `<prefix>.<service>.<what happened>.<aggregate>`
pub(super) fn subject(prefix: &str, service: &str, fact: &Fact) -> String {
    let what = fact.kind.strip_prefix(service).and_then(|kind| kind.strip_prefix('.')).unwrap_or(&fact.kind);
    format!("{prefix}.{}.{}.{}", part(service), part(what), part(&fact.subject))
}

/// All facts of a service.
pub(super) fn filter(prefix: &str, service: &str) -> String {
    format!("{prefix}.{}.>", part(service))
}

/// What NATS forbids in a part of a subject becomes `%` and its bytes in hexadecimal.
fn part(text: &str) -> String {
    use std::fmt::Write as _;
    let mut part = String::new();
    for byte in text.bytes() {
        match byte {
            b'.' | b'*' | b'>' | b'%' | 0..=b' ' | 0x7f.. => _ = write!(part, "%{byte:02X}"),
            plain => part.push(char::from(plain)),
        }
        if part.len() >= PART_BYTES_MAX {
            break;
        }
    }
    if part.is_empty() { "%".to_owned() } else { part }
}

/// A fact as CloudEvents says it.
pub(super) fn encode(service: &str, fact: &Fact) -> Result<Vec<u8>> {
    let event = Event {
        specversion: "1.0".to_owned(),
        id: fact.id.clone(),
        source: format!("{SOURCE_PREFIX}{service}"),
        kind: fact.kind.clone(),
        subject: fact.subject.clone(),
        time: Timestamp::from_millis(fact.time_ms).to_string(),
        datacontenttype: "application/json".to_owned(),
        sequence: fact.sequence.to_string(),
        data: serde_json::from_str(&fact.data).map_err(Error::internal)?,
    };
    serde_json::to_vec(&event).map_err(Error::internal)
}

/// Reads a message; what is wrong with it, in a few words, if it is none of ours.
pub(super) fn decode(position: i64, payload: &[u8]) -> Result<Fact, String> {
    let event: Event = serde_json::from_slice(payload).map_err(|error| error.to_string())?;
    if event.specversion != "1.0" {
        return Err(format!("CloudEvents {} is unknown", event.specversion));
    }
    let time: Timestamp = event.time.parse().map_err(|_| format!("its time is {}", event.time))?;
    let sequence = event.sequence.parse().map_err(|_| format!("its sequence is {}", event.sequence))?;
    Ok(Fact {
        position,
        id: event.id,
        kind: event.kind,
        subject: event.subject,
        sequence,
        time_ms: time.as_millis(),
        data: event.data.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact() -> Fact {
        Fact {
            position: 7,
            id: "evt_1".to_owned(),
            kind: "orders.order_placed".to_owned(),
            subject: "ord_1".to_owned(),
            sequence: 3,
            time_ms: 1_780_315_200_123,
            data: r#"{"order_id":"ord_1"}"#.to_owned(),
        }
    }

    #[test]
    fn a_fact_is_a_cloud_event() {
        let encoded = encode("orders", &fact()).unwrap();
        insta::assert_snapshot!(String::from_utf8(encoded.clone()).unwrap(), @r#"{"specversion":"1.0","id":"evt_1","source":"argosy/orders","type":"orders.order_placed","subject":"ord_1","time":"2026-06-01T12:00:00.123Z","datacontenttype":"application/json","sequence":"3","data":{"order_id":"ord_1"}}"#);
        assert_eq!(decode(7, &encoded), Ok(fact()));
    }

    #[test]
    fn a_subject_can_be_filtered_by_service_kind_and_aggregate() {
        assert_eq!(subject("argosy.facts", "orders", &fact()), "argosy.facts.orders.order_placed.ord_1");
        let odd = Fact { kind: "else.where".into(), subject: "a b.*>ü".into(), ..fact() };
        assert_eq!(subject("p", "orders", &odd), "p.orders.else%2Ewhere.a%20b%2E%2A%3E%C3%BC");
        let none = Fact { subject: String::new(), ..fact() };
        assert_eq!(subject("p", "orders", &none), "p.orders.order_placed.%");
        let long = Fact { subject: "x".repeat(9_000), ..fact() };
        assert!(subject("p", "orders", &long).len() < 200);
    }

    #[test]
    fn what_is_no_fact_of_ours_says_why() {
        assert!(decode(1, b"hello").unwrap_err().contains("expected"));
        let later = String::from_utf8(encode("orders", &fact()).unwrap()).unwrap().replace("1.0", "2.0");
        assert_eq!(decode(1, later.as_bytes()), Err("CloudEvents 2.0 is unknown".to_owned()));
    }
}
