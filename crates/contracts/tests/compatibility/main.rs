//! Law 10: processes of this release and of the one before call each other, so contracts only change in ways that both
//! understand. `proto/released.txt` is what the release before says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod outline;

use outline::{Outline, of_descriptors, of_lines};

const RELEASED: &str = include_str!("../../../../proto/released.txt");
const DEPRECATED: &str = " deprecated";

/// What the release before would not understand, each with what to do instead.
fn broken(released: &Outline, current: &Outline) -> Vec<String> {
    released.iter().filter_map(|(key, before)| why(key, before, current)).collect()
}

fn why(key: &str, before: &str, current: &Outline) -> Option<String> {
    let was_going = before.ends_with(DEPRECATED);
    match current.get(key) {
        None if !was_going => Some(format!(
            "{key} ({before}) is gone, and the release before still uses it: mark it deprecated in one release, \
             remove it in the next"
        )),
        None => {
            let reserved = key.replacen("field ", "reserved ", 1);
            let is_reserved =
                !key.starts_with("field ") || current.contains_key(&reserved) || !has_owner(key, current);
            (!is_reserved).then(|| {
                format!(
                    "{key} ({before}) is gone: reserve its number, so that nobody gives it another meaning"
                )
            })
        }
        Some(now) if now.trim_end_matches(DEPRECATED) == before.trim_end_matches(DEPRECATED) => None,
        Some(now) => Some(format!("{key} was ({before}) and is ({now}): add another beside it instead")),
    }
}

/// Whether the message that a field was in is still there.
fn has_owner(key: &str, current: &Outline) -> bool {
    let message = key.split(' ').nth(1).unwrap_or_default();
    current.contains_key(&format!("message {message}"))
}

#[test]
fn law_10_contracts_change_only_in_ways_that_the_release_before_understands() {
    let released = of_lines(RELEASED);
    assert!(released.len() > 300, "proto/released.txt says nothing");
    let broken = broken(&released, &of_descriptors(argosy_contracts::DESCRIPTORS));
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

const BEFORE: &str = "\
message shop.v1.Line = there
field shop.v1.Line 1 = id string
field shop.v1.Line 2 = amount int64
field shop.v1.Line 3 = old string deprecated
field shop.v1.Line 4 = tags string repeated
value shop.v1.Kind 1 = KIND_A
method shop.v1.Shop.Get = shop.v1.GetRequest -> shop.v1.Line no_side_effects";

/// What is broken when lines are replaced; `None` takes one away.
fn changed(changes: &[(&str, Option<&str>)]) -> Vec<String> {
    let released = of_lines(BEFORE);
    let mut current = released.clone();
    for (key, value) in changes {
        match value {
            Some(value) => current.insert((*key).to_owned(), (*value).to_owned()),
            None => current.remove(*key),
        };
    }
    broken(&released, &current)
}

#[test]
fn what_is_added_or_marked_as_going_is_understood() {
    assert_eq!(changed(&[]), Vec::<String>::new());
    let added =
        [("field shop.v1.Line 5", Some("more string")), ("method shop.v1.Shop.List", Some("a -> b unknown"))];
    assert_eq!(changed(&added), Vec::<String>::new());
    assert_eq!(changed(&[("field shop.v1.Line 2", Some("amount int64 deprecated"))]), Vec::<String>::new());
    let gone = [("field shop.v1.Line 3", None), ("reserved shop.v1.Line 3", Some("there"))];
    assert_eq!(changed(&gone), Vec::<String>::new());
}

#[test]
fn what_is_taken_away_or_turned_is_refused_by_name() {
    let refused = [
        ("field shop.v1.Line 1", None, "is gone"),
        ("field shop.v1.Line 1", Some("key string"), "was (id string) and is (key string)"),
        ("field shop.v1.Line 2", Some("amount int32"), "add another beside it"),
        ("field shop.v1.Line 4", Some("tags string"), "was (tags string repeated)"),
        ("field shop.v1.Line 3", None, "reserve its number"),
        ("value shop.v1.Kind 1", None, "mark it deprecated"),
        ("method shop.v1.Shop.Get", None, "is gone"),
        ("method shop.v1.Shop.Get", Some("shop.v1.GetRequest -> shop.v1.Line idempotency_unknown"), "was ("),
    ];
    for (key, value, said) in refused {
        let broken = changed(&[(key, value)]);
        assert!(broken.len() == 1 && broken[0].contains(key) && broken[0].contains(said), "{broken:?}");
    }
}
