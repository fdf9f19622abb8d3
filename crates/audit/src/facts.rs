//! What consumers have not read, and what they put aside.

use std::collections::BTreeMap;

use argosy_contracts::facts_v1::{ReadStandingRequest, Reader};
use argosy_kernel::Result;

use crate::{
    Books, ctx,
    difference::{Look, Rule},
};

const BEHIND: Rule = ("consumer-behind", "see that its service runs and what its log says of facts");
const AHEAD: Rule =
    ("consumer-ahead", "was a backup restored? see `argosy events replay`, which has it read again");
const LETTER: Rule = ("dead-letter", "`argosy events show ID`, then `retry` or `drop`");

pub(crate) async fn compare(books: &Books, look: &mut Look) -> Result<()> {
    let mut readers = Vec::new();
    let mut heads = BTreeMap::new();
    for service in &books.services {
        let request = ReadStandingRequest { service: service.clone() };
        let standing = match books.standing.read(&ctx(), request).await {
            Err(error) if error.reason() == "UNKNOWN_SOURCE" => continue,
            standing => standing?,
        };
        readers.extend(standing.readers);
        heads.insert(service.as_str(), standing.head);
        for letter in standing.letters {
            let id = format!("{} of {}", letter.event_id, letter.consumer);
            look.note(LETTER, &id, "a fact that is applied", letter.error);
        }
    }
    for reader in readers.iter().filter(|reader| !reads_a_stream_now(reader, &readers)) {
        // Positions in a stream are its own; a source of no name here is no outbox.
        let Some(head) = heads.get(reader.source.as_str()) else { continue };
        compare_reader(reader, *head, books.at_rest, look);
    }
    Ok(())
}

fn reads_a_stream_now(reader: &Reader, readers: &[Reader]) -> bool {
    let of_stream = format!("{}@", reader.source);
    readers.iter().any(|other| other.consumer == reader.consumer && other.source.starts_with(&of_stream))
}

fn compare_reader(reader: &Reader, head: i64, at_rest: bool, look: &mut Look) {
    look.compared.consumers += 1;
    // The place is part of the name: a consumer that has moved by the next look is not stuck.
    let id = format!("{} of {} at {}", reader.consumer, reader.source, reader.position);
    if reader.position < head {
        look.compared.consumers_behind += 1;
        if !at_rest {
            look.note(BEHIND, &id, head.to_string(), reader.position.to_string());
        }
    }
    // Facts that are all forgotten, after 30 days without a new one, leave no head.
    if head > 0 && reader.position > head {
        look.note(AHEAD, &id, format!("at most {head}"), reader.position.to_string());
    }
}
