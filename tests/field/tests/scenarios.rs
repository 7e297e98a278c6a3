//! Every scenario file is a test of its name, through every driver.

use std::collections::HashMap;
use tidegate_field::{Topic, load, names, run};

macro_rules! scenarios {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                run(stringify!($name));
            }
        )*

        /// The scenarios that have a test.
        const TESTED: &[&str] = &[$(stringify!($name)),*];
    };
}

scenarios! {
    a_a_later_page_without_its_paging_object_is_a_fault
    a_a_list_that_comes_at_once_is_a_single_answer
    a_a_list_that_pages_in_another_way_is_a_fault
    a_a_page_that_says_nothing_of_more_is_a_fault
    a_a_page_whose_paging_object_is_null_is_a_fault
    a_a_page_without_its_paging_object_is_a_fault
    a_a_skipped_item_is_not_missing
    a_a_total_reached_is_a_reason_where_nothing_says_more
    a_a_total_that_was_not_reached_is_told_at_coredata
    a_a_total_that_was_not_reached_is_told_at_frends
    a_a_total_that_was_not_reached_is_told_over_a_restart
    a_a_total_that_was_not_reached_is_told_with_the_number
    a_an_absent_key_is_the_end_where_the_vendor_says_so
    a_an_empty_first_page_is_not_the_end_where_another_follows
    a_an_empty_page_between_full_ones_is_not_the_end
    a_an_empty_page_between_full_ones_is_not_the_end_at_frends
    a_empty_slices_without_end_are_not_complete
    a_frends_without_paging_is_a_fault
    a_kontent_without_pagination_is_a_fault
    a_rows_hidden_by_permission_are_told_as_missing
    b_a_page_with_items_that_names_its_own_key_is_a_fault
    b_a_page_with_items_that_names_its_own_token_is_a_fault
    b_an_empty_last_page_that_names_its_token_is_the_end_at_frends
    b_an_empty_last_page_that_names_the_key_it_was_asked_by_is_the_end
    b_an_empty_last_page_that_names_the_token_it_was_asked_by_is_the_end
    b_an_empty_list_is_complete
    b_an_empty_page_between_others_survives_a_restart
    b_an_empty_page_of_the_last_key_survives_a_restart
    b_an_empty_page_with_a_new_key_is_not_the_end
    b_an_empty_page_with_a_new_token_is_not_the_end
    b_an_empty_page_with_a_new_token_is_not_the_end_at_frends
    b_empty_pages_without_end_are_a_fault_by_number
    b_empty_pages_without_end_are_a_fault_by_token
    b_several_empty_pages_in_a_row_are_not_the_end
    c_a_list_that_repeats_itself_after_some_pages_is_a_fault
    c_a_no_in_quotes_does_not_go_on_for_ever
    c_a_no_in_quotes_does_not_go_on_for_ever_at_frends
    c_a_page_that_says_it_has_another_number_is_a_fault
    c_a_page_that_says_it_has_another_number_is_a_fault_at_opsramp
    c_a_page_that_says_it_is_at_another_offset_is_a_fault
    c_a_pull_has_no_more_pages_than_it_is_given
    c_an_empty_page_and_the_first_again_is_a_fault
    c_far_more_items_than_the_total_are_a_fault
    c_the_same_page_after_a_restart_is_a_fault
    c_the_same_page_for_ever_is_a_fault_at_frends
    c_the_same_page_for_ever_is_a_fault_by_key
    c_the_same_page_for_ever_is_a_fault_by_number
    c_the_same_page_for_ever_is_a_fault_by_offset
    c_the_same_page_for_ever_is_a_fault_by_token
    c_the_same_page_is_a_fault_although_its_items_are_not_remembered_one_by_one
    d_an_error_with_status_200_at_once_is_no_item
    d_an_error_with_status_200_is_no_item
    d_an_error_with_status_200_shows_the_servers_words_at_coredata
    d_an_error_with_status_200_shows_the_servers_words_at_kontent
    d_errors_are_items_where_they_are_named
    d_the_member_with_the_items_is_pinned_by_the_first_page
    d_the_member_with_the_items_stays_pinned_over_a_restart
    d_warnings_beside_the_items_are_no_items
    e_a_known_id_with_other_content_comes_again
    e_a_number_and_a_text_are_two_ids
    e_a_row_that_slides_onto_the_next_page_comes_once
    e_a_row_that_slides_while_the_pull_is_stopped_comes_once
    e_a_row_that_slides_while_the_pull_is_stopped_comes_once_at_frends
    e_a_row_that_slides_while_the_pull_is_stopped_comes_once_by_offset
    e_items_are_known_by_the_member_that_the_list_says
    e_rows_of_one_page_that_are_the_same_all_come
    e_rows_of_one_page_that_share_an_id_all_come
    e_rows_of_one_page_that_share_an_id_all_come_by_offset
    e_without_a_memory_nothing_is_left_out
    f_a_byte_order_mark_in_the_middle_is_a_fault
    f_a_byte_order_mark_is_skipped
    f_a_byte_order_mark_is_skipped_byte_by_byte
    f_a_byte_order_mark_is_skipped_in_an_error_too
    f_a_character_set_is_no_content_coding
    f_a_character_set_is_no_content_coding_in_capitals
    f_a_coding_that_changes_nothing_is_no_coding
    f_a_coding_that_was_not_asked_for_is_still_refused
    f_a_link_that_is_a_number_is_as_good_as_absent
    f_a_link_that_is_no_link_is_as_good_as_absent
    f_a_link_to_an_inner_host_that_is_not_followed_is_no_harm
    f_a_link_with_another_scheme_and_port_is_no_harm
    f_a_list_that_is_null_is_not_complete_where_the_server_counts_items
    f_a_media_type_is_no_content_coding
    f_a_total_below_zero_is_as_good_as_absent
    f_a_total_may_be_a_text
    f_a_total_that_is_an_object_is_as_good_as_absent
    f_a_total_that_is_false_is_as_good_as_absent
    f_an_empty_list_may_be_left_out
    f_an_empty_list_may_be_null
    f_an_empty_list_may_be_null_at_kontent
    f_an_empty_list_may_be_null_at_opsramp
    f_no_content_ends_a_list_whose_total_is_not_reached_as_incomplete
    f_no_content_is_an_empty_list
    f_no_content_is_an_empty_list_at_opsramp
    g_a_403_that_says_nothing_of_a_limit_is_about_the_credential
    g_a_403_with_nothing_remaining_is_a_limit
    g_a_403_with_retry_after_is_a_limit
    g_a_403_with_retry_after_is_a_limit_where_tokens_are_granted
    g_a_403_with_something_remaining_is_about_the_credential
    g_a_call_that_acts_is_not_sent_again_after_silence
    g_a_call_that_is_too_early_is_sent_again
    g_a_call_that_the_limit_rejects_with_403_is_sent_again
    g_a_fresh_token_that_is_refused_once_is_tried_again_after_a_pause
    g_a_fresh_token_that_is_refused_once_is_tried_again_at_frends
    g_a_page_that_was_created_for_the_question_is_an_answer
    g_a_part_of_a_page_is_no_answer
    g_a_token_may_be_created
    g_accepted_with_a_page_in_it_is_an_answer
    g_accepted_with_a_time_to_come_back_is_not_yet
    g_an_answer_that_a_proxy_has_transformed_is_an_answer
    g_an_answer_to_a_call_may_be_transformed
    g_tokens_that_are_always_refused_end_the_pull
    g_too_early_is_not_yet
    g_too_early_without_a_time_is_not_yet
    h_a_clock_of_the_servers_that_is_wrong_is_the_one_that_counts
    h_a_limit_is_adopted_only_with_its_own_period
    h_a_limit_is_adopted_only_with_its_own_period_at_kontent
    h_a_limit_with_its_own_period_is_adopted
    h_a_moment_is_obeyed_where_no_answer_has_a_date
    h_a_pause_at_maintenance_may_be_a_moment_in_seconds_since_1970
    h_a_pause_may_be_a_date
    h_a_pause_may_be_a_moment_in_milliseconds_since_1970
    h_a_pause_may_be_a_moment_in_seconds_since_1970
    h_a_pause_may_have_a_fraction
    h_a_pause_that_is_no_time_is_as_good_as_absent
    h_a_pause_with_more_digits_than_a_number_holds_is_very_long
    h_a_reset_with_more_digits_than_a_number_holds_is_very_long
    h_nothing_remaining_holds_back_the_next_request
    h_of_two_pauses_the_longer_counts
    h_of_two_pauses_the_longer_counts_in_the_other_order
    i_a_body_that_is_broken_once_passes
    i_a_body_that_is_never_json_ends_at_once
    i_a_body_that_is_never_json_ends_at_once_at_kontent
    i_a_fault_of_the_server_is_tried_again_and_the_wait_says_why
    i_a_page_to_log_in_ends_at_once
    i_a_path_that_does_not_exist_ends_at_once
    i_a_wait_after_a_broken_connection_says_why
    i_a_wait_after_silence_says_why
    i_faults_at_different_bytes_pass
    i_half_a_character_ends_at_once
    i_text_behind_the_page_ends_at_once
    j_a_cursor_that_has_expired_is_a_failure_that_is_not_repeated
    j_a_head_with_a_long_field_is_read_byte_by_byte
    j_a_head_with_many_fields_is_read
    j_a_head_with_one_long_field_is_read
    j_a_question_may_have_more_than_eight_parameters
    j_a_refusal_with_a_long_field_is_read
    j_a_token_of_eight_thousand_bytes_is_sent_back_whole
    j_a_token_of_more_than_a_thousand_bytes_is_sent_back_whole
    j_an_answer_that_begins_late_comes_whole_where_it_is_waited_for
    j_an_answer_that_begins_too_late_is_a_timeout
    j_an_item_that_is_too_large_is_skipped_and_counted
    j_silence_in_the_middle_of_a_page_ends_after_the_time_given
    k_a_long_explanation_is_shown_whole
    k_a_message_inside_an_error_is_shown
    k_a_message_with_a_capital_is_shown
    k_a_plain_text_is_shown
    k_problem_details_are_shown
    k_the_title_of_a_page_for_people_is_shown
    k_the_words_of_a_refused_call_are_shown
    k_the_words_of_a_refused_token_are_shown
    k_the_words_of_the_last_of_many_refusals_are_shown
    m_a_bucket_that_is_smaller_than_the_limit_says_when_to_come_back
    m_a_limit_is_kept_without_any_word_of_the_servers
    m_a_limit_that_is_always_reached_ends_the_pull_with_its_patience
    m_a_rejection_in_the_middle_of_a_window_is_waited_out
    m_two_rejections_in_a_row_do_not_end_a_pull
    o_a_clients_secret_that_the_token_endpoint_quotes_is_withheld
    o_a_credential_in_base64_is_withheld
    o_a_key_in_a_field_is_withheld
    o_a_key_in_a_page_is_withheld_where_the_page_is_at_fault
    o_a_key_in_another_case_is_withheld
    o_a_key_in_base64_is_withheld
    o_a_key_in_percent_encoding_is_withheld
    o_a_key_in_percent_encoding_with_small_letters_is_withheld
    o_a_key_in_the_title_of_a_page_for_people_is_withheld
    o_a_key_that_is_quoted_without_its_user_is_withheld
    o_a_part_of_a_key_is_withheld
    o_a_user_that_is_quoted_without_its_key_is_withheld
    o_a_whole_credential_that_is_quoted_is_withheld
    o_an_access_token_in_a_redirect_is_withheld
    o_an_access_token_that_is_quoted_is_withheld
    p_a_full_last_page_is_the_end
    p_a_full_last_page_is_the_end_by_key
    p_a_head_that_is_cut_comes_again
    p_a_long_list_comes_whole_over_restarts
    p_a_page_size_that_the_server_lowers_is_no_harm
    p_a_page_that_ends_with_its_connection_is_whole
    p_a_page_that_ends_with_its_connection_too_early_is_not
    p_a_page_that_is_cut_comes_again_whole_and_once
    p_a_pull_that_failed_goes_on_from_its_checkpoint
    p_a_redirect_of_a_list_is_not_followed
    p_a_short_page_between_full_ones_is_not_the_end
    p_a_short_page_between_full_ones_is_not_the_end_by_offset
    p_a_short_page_between_full_ones_is_not_the_end_by_token
    p_a_total_that_is_too_small_ends_nothing
    p_an_absolute_link_to_the_server_itself_is_no_harm
    p_an_empty_text_is_the_end_of_tokens
    p_an_empty_text_is_the_end_of_tokens_at_frends
    p_tokens_of_odd_characters_are_sent_back_as_they_came
}

#[test]
fn every_file_has_a_test() {
    assert_eq!(
        names(),
        TESTED,
        "the files in scenarios/, and the list in this file, in the order of the alphabet"
    );
}

/// What the files of each topic begin with.
const LETTERS: &str = "abcdefghijkmop";

#[test]
fn every_topic_has_several_scenarios_that_begin_with_its_letter() {
    let mut counts: HashMap<Topic, usize> = HashMap::new();
    for name in names() {
        let topic = load(&name).topic;
        *counts.entry(topic).or_default() += 1;
        let letter = Topic::ALL.iter().zip(LETTERS.chars()).find(|(known, _)| **known == topic);
        let begin = letter.map(|(_, letter)| format!("{letter}_")).expect("each topic has a letter");
        assert!(name.starts_with(&begin), "{name} is about {}, whose files begin with {begin}", topic.word());
    }
    for topic in Topic::ALL {
        assert!(counts.get(topic).is_some_and(|count| *count >= 4), "{}", topic.word());
    }
}
