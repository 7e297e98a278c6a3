//! Pages by number, offset and token: where they lead, what comes again, and what is missing in the end.

use super::invented::*;
#[cfg(feature = "tokens")]
use crate::api::Endpoint;
#[cfg(feature = "tokens")]
use crate::cursor::Pager;
use crate::gate::WaitReason;
#[cfg(feature = "tokens")]
use crate::page::Items;
use crate::pull::{End, Mark, Outcome, Pull, Settings};
use crate::retry::Cause;
#[cfg(feature = "tokens")]
use crate::{cursor::CursorFault, pull::Failure};
use std::format;
#[cfg(feature = "tokens")]
use std::{vec, vec::Vec};

#[test]
fn rows_that_slide_onto_the_next_page_are_handed_over_once_and_the_change_is_told() {
    let (project, mut gate, mut buffer, mut ids, mut now) =
        (project(), gate(), [0; 256], [Mark::EMPTY; 16], 0);
    let mut pull =
        Pull::new(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap().remembering(&mut ids);
    let script = [
        Answers(200, GRANT),
        Answers(200, r#"{"rows":[{"id":1},{"id":2},{"id":3}],"more":true,"total":5}"#),
        Answers(200, r#"{"rows":[{"id":3},{"id":4},{"id":5},"#),
        Answers(200, r#"{"rows":[{"id":3},{"id":4},{"id":5}],"more":false,"total":6}"#),
    ];
    let ran = run(&mut pull, &mut gate, &mut now, &script);
    assert_eq!(ran.outcome, Outcome::Complete(End::SaidSo));
    assert_eq!(ran.items, [1, 2, 3, 4, 5].map(|id| format!("{{\"id\":{id}}}")));
    let counters = pull.counters();
    assert_eq!((counters.items, counters.repeated, counters.changed), (5, 1, Some(6)));
    assert_eq!(pull.checkpoint().total(), Some(5));
    assert!(
        ran.waits.contains(&WaitReason::Backoff(Cause::Unreadable)),
        "the broken page was asked for again"
    );
}

#[cfg(feature = "tokens")]
#[test]
fn a_token_that_leads_back_or_nowhere_ends_the_pull() {
    use crate::cursor::Place;
    const BY_TOKEN: Pager = Pager::Token { place: Place::Field("x-next"), field: "next" };
    let list = Endpoint::new("/list", Items::Key("rows"), BY_TOKEN);
    let page = |next: &str| Answers(200, format!(r#"{{"rows":[{{"id":1}}],"next":"{next}"}}"#).leak());
    let table = [
        (vec![page("a"), page("a")], CursorFault::TokenRepeated),
        (vec![page("a"), page("b"), page("a")], CursorFault::TokenRepeated),
        (vec![page("a b")], CursorFault::TokenUnsendable),
        (vec![page(r"a\r\nx: y")], CursorFault::TokenUnsendable),
    ];
    for (pages, fault) in table {
        let script: Vec<_> = [Answers(200, GRANT)].into_iter().chain(pages).collect();
        let ran = once(&list, &script);
        assert_eq!(ran.outcome, Outcome::Failed(Failure::Cursor(fault)));
    }
}

#[cfg(feature = "tokens")]
#[test]
fn a_list_whose_token_goes_into_another_field_is_another_list() {
    use crate::cursor::Place;
    let [next, after] = ["x-next", "x-after"].map(|name| {
        let pager = Pager::Token { place: Place::Field(name), field: "next" };
        format!("{}", Endpoint::new("/list", Items::Root, pager))
    });
    assert_ne!(next, after);
}

#[test]
fn repeated_items_count_where_the_total_decides() {
    let (project, mut gate, mut buffer, mut ids, mut now) =
        (project(), gate(), [0; 256], [Mark::EMPTY; 16], 0);
    let pull = Pull::new(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
    let script = [
        Answers(200, GRANT),
        Answers(200, r#"{"rows":[{"id":1},{"id":2},{"id":3}],"total":7}"#),
        Answers(200, r#"{"rows":[{"id":3},{"id":4},{"id":5}],"total":8}"#),
        Answers(200, r#"{"rows":[{"id":6},{"id":7}],"total":8}"#),
    ];
    let mut pull = pull.remembering(&mut ids);
    let ran = run(&mut pull, &mut gate, &mut now, &script);
    let counted = (ran.items.len(), pull.counters().missing, pull.counters().repeated);
    assert_eq!((ran.outcome, counted), (Outcome::Complete(End::TotalReached), (7, 0, 1)));
}

#[cfg(feature = "tokens")]
#[test]
fn what_opens_the_api_is_no_token_for_a_page() {
    let by_token = Pager::Token { place: crate::cursor::Place::Query("t"), field: "next" };
    let list = Endpoint::new("/l", Items::Key("rows"), by_token);
    for secret in [SECRET, "t0ken-of-the-server"] {
        let page: &'static str = format!(r#"{{"rows":[1],"next":"{secret}"}}"#).leak();
        let ran = once(&list, &[Answers(200, GRANT), Answers(200, page)]);
        assert_eq!(ran.outcome, Outcome::Failed(Failure::Cursor(CursorFault::TokenUnsendable)));
    }
}

#[test]
fn a_link_that_is_longer_than_what_is_kept_of_it_says_that_more_follows() {
    let link = format!("https://{}.example/v1/list?page=2", "ä".repeat(2_000));
    let page: &'static str = format!(r#"{{"rows":[{{"id":1}}],"more":"{link}"}}"#).leak();
    let ran = once(&LIST, &[Answers(200, GRANT), Answers(200, page), ONE_PAGE]);
    assert_eq!((ran.outcome, ran.items.len()), (Outcome::Complete(End::SaidSo), 3));
}

#[test]
fn a_list_that_ends_before_all_that_the_server_counts_says_so() {
    let (project, mut gate, mut buffer, mut now) = (project(), gate(), [0; 256], 0);
    let mut pull = Pull::new(&project, &LIST, &Settings::DEFAULT, &mut buffer, None).unwrap();
    let script = [Answers(200, GRANT), FIRST_PAGE, Answers(200, r#"{"rows":[],"more":false,"total":3}"#)];
    let ran = run(&mut pull, &mut gate, &mut now, &script);
    assert_eq!((ran.outcome, pull.counters().missing), (Outcome::Incomplete { missing: 1 }, 1));
}

#[test]
fn pages_by_key_may_be_equal_where_nothing_is_remembered() {
    use crate::api::Endpoint;
    use crate::cursor::Pager;
    use crate::page::Items;
    let pager = Pager::Key { parameter: "after", field: "next" };
    let list = Endpoint::new("/list", Items::Key("rows"), pager).known_by("id");
    let page = |next: &str| Answers(200, format!(r#"{{"rows":[{{"id":1}}],"next":{next}}}"#).leak());
    let ran = once(&list, &[Answers(200, GRANT), page("5"), page("6"), page("null")]);
    assert_eq!((ran.outcome, ran.items.len()), (Outcome::Complete(End::SaidSo), 3));
}
