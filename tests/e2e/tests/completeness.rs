//! Whatever form the pages have: every item arrives, exactly once, byte for byte.

use tidegate_core::api::comanage;
use tidegate_core::http::Parameter;
use tidegate_core::pull::{Failure, Outcome, Oversized, Settings};
use tidegate_e2e::{SETTINGS, Scenario, Traced};
use tidegate_simulator::{Config, EndOfList, Framing, Gzip, ItemSizes, List, NextKeyForm, Simulator};

#[test]
fn each_of_the_seven_lists_is_pulled_whole() {
    let lists = [
        (List::Folders, comanage::list("/folders")),
        (List::Documents, comanage::list("/documents")),
        (List::Members, comanage::list("/members")),
        (List::Activities, comanage::list("/activities")),
        (List::Objects, comanage::view_objects("/objects", 42)),
        (List::Views, comanage::list("/views")),
        (List::Changes, comanage::list("/changes")),
    ];
    for (list, endpoint) in lists {
        let config = Config { items: 250, page_size: 40, ..Config::default() };
        let scenario = Scenario { list, endpoint, ..Scenario::new(config) };
        scenario.assert_complete(&scenario.run_everywhere());
    }
}

#[test]
fn every_form_of_a_page_gives_the_same_items() {
    let base = Config { items: 60, page_size: 7, extra_members: true, ..Config::default() };
    let forms = [
        Config { next_key: NextKeyForm::Number, ..base.clone() },
        Config { next_key: NextKeyForm::String, end_of_list: EndOfList::Null, ..base.clone() },
        Config { cursor_first: true, ..base.clone() },
        Config { pretty: true, ..base.clone() },
        Config { framing: Framing::Chunked, ..base.clone() },
        Config { framing: Framing::CloseDelimited, ..base.clone() },
        Config { gzip: Gzip::WhenAccepted, ..base.clone() },
        Config { base_path: "/api/v1".to_owned(), ..base.clone() },
    ];
    for config in forms {
        for chunk in [1, 13, 1 << 20] {
            let scenario = Scenario { chunk, ..Scenario::new(config.clone()) };
            scenario.assert_complete(&scenario.run_virtually());
        }
        let scenario = Scenario::new(config);
        scenario.assert_complete(&scenario.run_everywhere());
    }
}

#[test]
fn items_of_all_sizes_arrive_byte_for_byte() {
    let config = Config { items: 2_000, page_size: 250, item_sizes: ItemSizes::Mixed, ..Config::default() };
    let scenario = Scenario::new(config);
    scenario.assert_complete(&scenario.run_everywhere());
}

#[test]
fn without_a_name_the_only_array_of_the_page_holds_the_items() {
    let config =
        Config { items: 30, page_size: 8, items_key: Some("anything".to_owned()), ..Config::default() };
    let scenario = Scenario { endpoint: comanage::view_objects("/objects", 42), ..Scenario::new(config) };
    scenario.assert_complete(&scenario.run_everywhere());
}

#[test]
fn without_a_name_two_arrays_are_an_error_that_names_both() {
    let config = Config { items: 5, second_array: true, ..Config::default() };
    let scenario = Scenario { endpoint: comanage::view_objects("/objects", 42), ..Scenario::new(config) };
    let run = scenario.run_everywhere();
    let Outcome::Failed(failure @ Failure::Page(_)) = run.outcome() else { panic!("{:?}", run.outcome()) };
    let sentence = failure.to_string();
    assert!(sentence.contains("`objects`") && sentence.contains("are arrays"), "{sentence}");
    assert_eq!(run.stats.requests, 1, "asking again would not help");
}

#[test]
fn a_view_in_the_path_is_pulled_as_one_in_the_query() {
    let config = Config { items: 30, page_size: 8, ..Config::default() };
    let endpoint = comanage::view_objects("/views/{viewId}/objects", 42);
    let scenario = Scenario { endpoint, ..Scenario::new(config) };
    let run = scenario.run_everywhere();
    scenario.assert_complete(&run);
    assert_eq!(run.targets().first(), Some(&"/views/42/objects"));
    assert!(run.targets()[1].starts_with("/views/42/objects?afterId="));
}

#[test]
fn further_parameters_go_with_every_page() {
    let config = Config { items: 30, page_size: 8, ..Config::default() };
    let endpoint = comanage::view_objects("/objects", 42).with("lang", Parameter::Text("íslenska & more"));
    let scenario = Scenario { endpoint, ..Scenario::new(config) };
    let run = scenario.run_everywhere();
    scenario.assert_complete(&run);
    assert!(
        run.targets()
            .iter()
            .all(|target| { target.starts_with("/objects?viewId=42&lang=%C3%ADslenska%20%26%20more") })
    );
}

#[test]
fn an_empty_list_is_complete_after_one_page() {
    let scenario = Scenario::new(Config { items: 0, ..Config::default() });
    let run = scenario.run_everywhere();
    scenario.assert_complete(&run);
    assert_eq!((run.counters().pages, run.counters().items), (1, 0));
}

/// Ten items of 1,000 bytes between smaller ones would be too much for a buffer of 999.
fn large_items(oversized: Oversized) -> Scenario {
    let config = Config { items: 10, page_size: 4, item_sizes: ItemSizes::Exact(1_000), ..Config::default() };
    let settings = Settings { oversized, ..SETTINGS };
    Scenario { settings, item_buffer: 999, ..Scenario::new(config) }
}

#[test]
fn an_item_larger_than_the_buffer_fails_the_pull_with_its_size() {
    for chunk in [1, 64, 1 << 20] {
        let run = Scenario { chunk, ..large_items(Oversized::Fail) }.run_everywhere();
        let failure = Failure::ItemTooLarge { index: 0, size: 1_000, buffer: 999 };
        assert_eq!(run.outcome(), Outcome::Failed(failure));
    }
}

#[test]
fn an_item_larger_than_the_buffer_is_skipped_and_counted_if_so_wished() {
    for chunk in [1, 64, 1 << 20] {
        let run = Scenario { chunk, ..large_items(Oversized::Skip) }.run_everywhere();
        assert_eq!(
            (run.outcome().is_complete(), run.counters().skipped, run.counters().items),
            (true, 10, 0)
        );
        let reported = |traced: &&Traced| matches!(traced, Traced::Skipped { size: 1_000, .. });
        assert_eq!(run.trace.iter().filter(reported).count(), 10);
    }
}

#[test]
fn an_item_of_just_the_buffers_size_fits() {
    let scenario = Scenario { item_buffer: 1_000, ..large_items(Oversized::Fail) };
    scenario.assert_complete(&scenario.run_everywhere());
}

#[test]
fn the_simulators_own_digest_is_what_is_compared_with() {
    let scenario = Scenario::three_pages([]);
    let digest = Simulator::new(scenario.config.clone()).digest(List::Objects);
    let mut run = scenario.run_virtually();
    assert_eq!(run.digest(), digest);
    run.items.swap(0, 1);
    assert_ne!(run.digest(), digest, "order counts");
}
