//! What people type is found.

use argosy_contracts::{
    catalog::Product,
    search::{QueryRequest, SuggestRequest},
};
use argosy_testkit::eventually;

use std::collections::HashSet;

use crate::subject::*;

pub(crate) async fn a_word_is_found_in_titles_names_attributes_and_descriptions(s: Subject) {
    assert_eq!(s.found("earbuds").await, [2]);
    assert_eq!(s.found("müller").await, [3]);
    assert_eq!(s.found("summer").await, [4]);
    assert_eq!(s.found("cables").await, [2]);
    assert_eq!(s.found("black").await, [1]);
    assert_eq!(s.found("audio earbuds").await.first(), Some(&2), "by the title of its category");
    assert!(s.found("zebra").await.is_empty(), "an attribute that is not searchable");
}

pub(crate) async fn every_word_must_match_and_the_title_counts_most(s: Subject) {
    assert_eq!(s.found("wireless headphones").await, [1, 2]);
    assert_eq!(s.found("wireless headphones sony").await.first(), Some(&1));
}

pub(crate) async fn with_few_that_have_all_words_those_that_have_most_follow(s: Subject) {
    assert_eq!(s.found("wireless headphones sony").await, [1, 2]);
    let by_title = QueryRequest { sort: "title".to_owned(), ..searching("wireless headphones sony") };
    assert_eq!(s.numbers(by_title).await, [1], "sorted otherwise, only what has all");
}

pub(crate) async fn the_last_word_may_be_a_beginning(s: Subject) {
    assert_eq!(s.found("sony wire").await.first(), Some(&1));
    assert_eq!(s.found("ear").await, [2]);
}

pub(crate) async fn a_typo_is_mended_and_said_so(s: Subject) {
    let mended = s.query(searching("wireles haedphones")).await;
    assert_eq!(number_of(&mended.product_ids[0]), 1);
    assert_eq!(mended.corrected, "wireless headphone");
    assert_eq!(s.query(searching("headphones")).await.corrected, "");
    assert!(s.found("xyz").await.is_empty(), "short words are not guessed at");
}

pub(crate) async fn most_words_are_enough_when_nothing_has_all(s: Subject) {
    let relaxed = s.query(searching("sony wireless headphones submarine1234")).await;
    assert_eq!(number_of(&relaxed.product_ids[0]), 1);
    assert_eq!(relaxed.corrected, "");
}

pub(crate) async fn model_numbers_and_barcodes_match_with_and_without_punctuation(s: Subject) {
    for text in
        ["WH-1000XM4", "wh1000xm4", "wh 1000xm4", "4548736112001", "4548-736112001", "sku 001", "SKU-001"]
    {
        assert_eq!(s.found(text).await.first(), Some(&1), "{text}");
    }
}

pub(crate) async fn accents_case_and_plurals_make_no_difference(s: Subject) {
    for text in ["KÜHLSCHRANK", "kuhlschrank", "kuehlschrank", "kühlschra\u{200b}nk"] {
        assert_eq!(s.found(text).await, [3], "{text}");
    }
    assert_eq!(s.found("headphone").await, s.found("headphones").await);
    assert_eq!(s.found("tshirts creme").await, [4]);
}

pub(crate) async fn other_forms_of_a_word_are_found_after_the_word_itself(s: Subject) {
    for (number, title) in [(1, "Knitting needles"), (2, "Throw, knitted"), (4, "Hauser und Garten")] {
        s.put(Product { title: title.to_owned(), ..s.product(number) }).await;
    }
    eventually("the last of them is read", || async { s.found("haus").await == [4] }).await;
    assert_eq!(s.found("knitting").await, [1, 2]);
    assert_eq!(s.found("knitted").await, [2, 1]);
    let knits = s.query(searching("knits")).await;
    assert_eq!((knits.product_ids.len(), knits.corrected.as_str()), (2, ""), "a form, and no typo");
    let marked = s.query(QueryRequest { marks: true, ..searching("knitting") }).await;
    let ranges = marked.marks.iter().flat_map(|marks| &marks.title);
    assert_eq!(ranges.map(|range| (range.start, range.end)).collect::<Vec<_>>(), [(0, 8), (7, 14)]);
}

pub(crate) async fn law_9_hostile_queries_are_answered(s: Subject) {
    let long = "headphones ".repeat(1_000);
    let hostile = [
        long.as_str(),
        "AND OR NOT",
        "title:*",
        "\"",
        "((((",
        "*",
        "a*b?c",
        "+-&&||!(){}[]^\"~*?:\\/",
        "🎧🎧🎧",
        "\u{200b}\u{200d}",
        "\0\u{1f}\u{7f}",
        "'; drop table product; --",
        "a b c d e f g h i j k l m n o p q r s t u v w x y z",
        "é\u{301}\u{301}",
    ];
    for text in hostile {
        let answer = s.query(QueryRequest { facets: true, ..searching(text) }).await;
        assert!(answer.product_ids.len() <= 100, "{text}");
    }
    assert!(s.found("🎧").await.is_empty(), "no word matches nothing");
    let filters = (0..20).map(|each| filter(&format!("n{each}"), &["\u{1f}", "🎧"])).collect();
    assert!(s.numbers(filtering(filters)).await.is_empty());
}

pub(crate) async fn titles_are_marked_where_they_have_the_words(s: Subject) {
    let marks = async |text: &str| {
        let answer = s.query(QueryRequest { marks: true, ..searching(text) }).await;
        assert_eq!(answer.marks.len(), answer.product_ids.len(), "{text}");
        let first = answer.marks[0].title.iter();
        (first.map(|range| (range.start, range.end)).collect::<Vec<_>>(), answer.corrected)
    };
    // "Sony WH-1000XM4 Wireless Headphones"
    assert_eq!(marks("sony wireles").await.0[..2], [(0, 4), (16, 24)]);
    assert_eq!(marks("1000xm4 headphone").await.0, [(8, 15), (25, 35)]);
    let unmarked = s.query(searching("sony")).await;
    assert!(unmarked.marks.is_empty() && !unmarked.product_ids.is_empty());
}

pub(crate) async fn titles_are_suggested_once(s: Subject) {
    let suggest = |text: &str| SuggestRequest { text: text.to_owned(), limit: 10 };
    let audio = s.search.suggest(&s.ctx, suggest("au")).await.unwrap().suggestions;
    assert_eq!(
        (audio[0].text.as_str(), audio[0].kind.as_str(), audio[0].handle.as_str()),
        ("Audio", "category", "audio")
    );
    let sony = s.search.suggest(&s.ctx, suggest("sony wi")).await.unwrap().suggestions;
    assert_eq!((sony[0].kind.as_str(), sony[0].handle.as_str()), ("product", "product-1"));
    let lamps = s.search.suggest(&s.ctx, suggest("lam")).await.unwrap().suggestions;
    let titles: HashSet<&str> = lamps.iter().map(|each| each.text.as_str()).collect();
    assert!(lamps.len() <= 10 && titles.len() == lamps.len() && lamps.len() > 5, "{lamps:?}");
    assert!(s.search.suggest(&s.ctx, suggest("")).await.unwrap().suggestions.is_empty());
}
