//! The contracts of a release, and what a process of that release passes on of a message.

use std::collections::HashMap;

use bytes::{Buf, Bytes};
use prost::encoding::{WireType, decode_key, decode_varint, encode_key, encode_varint};

/// What the release before has.
const RELEASED: &str = include_str!("../../../../proto/released.txt");
/// A field that no release has yet.
const FIELD_TO_COME: u32 = 15_000;
const FACT: &str = "argosy.facts.v1.Fact";
const FACT_DATA: u32 = 7;

/// Of which release a peer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Release {
    /// It reads and writes no field that is new, and knows no method that is.
    Previous,
    /// Each message has a field more than ours, and so has each fact.
    Next,
}

/// Messages by name with their fields, each with the message it is, and methods with what they take and give.
pub(crate) struct Contracts {
    messages: HashMap<String, HashMap<u32, String>>,
    methods: HashMap<String, (String, String)>,
}

impl Contracts {
    /// Those of the release before, without what `without` begins a line of.
    pub(crate) fn released(without: &[&str]) -> Self {
        let mut contracts = Self { messages: HashMap::new(), methods: HashMap::new() };
        for line in RELEASED.lines().filter(|line| !without.iter().any(|start| line.starts_with(start))) {
            let words: Vec<&str> = line.split(' ').collect();
            match *words {
                ["message", name, ..] => {
                    contracts.messages.entry(name.to_owned()).or_default();
                }
                ["field", message, number, "=", _, kind, ..] => {
                    let fields = contracts.messages.entry(message.to_owned()).or_default();
                    fields.insert(number.parse().unwrap(), kind.to_owned());
                }
                ["method", name, "=", input, "->", output, ..] => {
                    contracts.methods.insert(name.to_owned(), (input.to_owned(), output.to_owned()));
                }
                _ => assert!(line.starts_with('#'), "{line}"),
            }
        }
        contracts
    }

    /// What a method takes and gives; `None` if there is no such method.
    pub(crate) fn method(&self, name: &str) -> Option<(&str, &str)> {
        self.methods.get(name).map(|(input, output)| (input.as_str(), output.as_str()))
    }

    /// A message as a process of `release` passes it on.
    pub(crate) fn passed_on(&self, release: Release, name: &str, mut message: Bytes) -> Vec<u8> {
        let fields = &self.messages[name];
        let mut passed = Vec::with_capacity(message.len());
        while message.has_remaining() {
            let (number, wire_type) = decode_key(&mut message).unwrap();
            let value = value(wire_type, &mut message);
            let Some(kind) = fields.get(&number) else { continue };
            encode_key(number, wire_type, &mut passed);
            match wire_type {
                WireType::LengthDelimited => {
                    let value = if self.messages.contains_key(kind) {
                        self.passed_on(release, kind, value)
                    } else if (release, name, number) == (Release::Next, FACT, FACT_DATA) {
                        with_a_key_to_come(&value)
                    } else {
                        value.to_vec()
                    };
                    encode_text(&value, &mut passed);
                }
                _ => passed.extend_from_slice(&value),
            }
        }
        if release == Release::Next {
            encode_key(FIELD_TO_COME, WireType::LengthDelimited, &mut passed);
            encode_text(b"of the next release", &mut passed);
        }
        passed
    }
}

/// A field's value as it was sent, without its length.
fn value(wire_type: WireType, message: &mut Bytes) -> Bytes {
    match wire_type {
        WireType::Varint => {
            let length = message.iter().position(|byte| *byte < 0x80).unwrap() + 1;
            message.split_to(length)
        }
        WireType::ThirtyTwoBit => message.split_to(4),
        WireType::SixtyFourBit => message.split_to(8),
        WireType::LengthDelimited => {
            let length = decode_varint(message).unwrap();
            message.split_to(usize::try_from(length).unwrap())
        }
        WireType::StartGroup | WireType::EndGroup => panic!("proto3 has no groups"),
    }
}

fn encode_text(value: &[u8], passed: &mut Vec<u8>) {
    encode_varint(value.len() as u64, passed);
    passed.extend_from_slice(value);
}

fn with_a_key_to_come(data: &[u8]) -> Vec<u8> {
    let mut data: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(data).unwrap();
    data.insert("of_the_next_release".to_owned(), true.into());
    serde_json::to_vec(&data).unwrap()
}
