//! What the service promises, over both call modes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod assortment;
mod changes;
mod finding;
mod listing;
#[path = "../shop/mod.rs"]
mod shop;
mod subject;

use argosy_testkit::contract_stories;
use changes::{
    a_change_is_visible_within_a_second, a_moved_category_moves_its_products,
    a_new_index_is_built_while_the_old_one_answers,
    a_new_order_of_a_collection_is_seen_and_writes_no_product, a_product_that_is_gone_is_gone,
    an_attribute_that_becomes_searchable_is_searched, drafts_and_scheduled_products_are_not_shown,
    law_8_a_change_costs_what_the_change_costs, selling_out_takes_a_product_out_of_what_is_in_stock,
};
use finding::{
    a_typo_is_mended_and_said_so, a_word_is_found_in_titles_names_attributes_and_descriptions,
    accents_case_and_plurals_make_no_difference, every_word_must_match_and_the_title_counts_most,
    law_9_hostile_queries_are_answered, model_numbers_and_barcodes_match_with_and_without_punctuation,
    most_words_are_enough_when_nothing_has_all, other_forms_of_a_word_are_found_after_the_word_itself,
    the_last_word_may_be_a_beginning, titles_are_marked_where_they_have_the_words, titles_are_suggested_once,
    with_few_that_have_all_words_those_that_have_most_follow,
};
use listing::{
    a_category_lists_its_whole_subtree, a_collection_lists_its_members,
    a_collection_made_by_hand_is_listed_in_its_order, a_facet_of_many_values_is_counted_like_one_of_few,
    a_facet_s_own_selection_does_not_narrow_its_own_counts,
    a_page_goes_on_where_it_was_when_products_come_and_go, every_sort_pages_through_everything_once,
    facets_count_categories_prices_options_and_filterable_attributes,
    filters_narrow_and_values_of_one_filter_are_alternatives,
    only_a_collection_made_by_hand_has_an_order_of_its_own, ranges_of_numbers_and_prices_hold,
    what_is_counted_is_what_is_listed, what_is_not_sold_in_a_currency_comes_last,
    wrong_requests_name_the_field,
};
use subject::Subject;

contract_stories! {
    without a database;
    a_word_is_found_in_titles_names_attributes_and_descriptions,
    every_word_must_match_and_the_title_counts_most,
    with_few_that_have_all_words_those_that_have_most_follow,
    the_last_word_may_be_a_beginning,
    a_typo_is_mended_and_said_so,
    most_words_are_enough_when_nothing_has_all,
    model_numbers_and_barcodes_match_with_and_without_punctuation,
    accents_case_and_plurals_make_no_difference,
    other_forms_of_a_word_are_found_after_the_word_itself,
    titles_are_marked_where_they_have_the_words,
    a_category_lists_its_whole_subtree,
    a_collection_lists_its_members,
    a_collection_made_by_hand_is_listed_in_its_order,
    only_a_collection_made_by_hand_has_an_order_of_its_own,
    a_new_order_of_a_collection_is_seen_and_writes_no_product,
    filters_narrow_and_values_of_one_filter_are_alternatives,
    ranges_of_numbers_and_prices_hold,
    a_facet_s_own_selection_does_not_narrow_its_own_counts,
    a_facet_of_many_values_is_counted_like_one_of_few,
    what_is_counted_is_what_is_listed,
    facets_count_categories_prices_options_and_filterable_attributes,
    every_sort_pages_through_everything_once,
    a_page_goes_on_where_it_was_when_products_come_and_go,
    what_is_not_sold_in_a_currency_comes_last,
    drafts_and_scheduled_products_are_not_shown,
    a_change_is_visible_within_a_second,
    a_product_that_is_gone_is_gone,
    a_moved_category_moves_its_products,
    an_attribute_that_becomes_searchable_is_searched,
    selling_out_takes_a_product_out_of_what_is_in_stock,
    a_new_index_is_built_while_the_old_one_answers,
    law_8_a_change_costs_what_the_change_costs,
    law_9_hostile_queries_are_answered,
    wrong_requests_name_the_field,
    titles_are_suggested_once,
}
