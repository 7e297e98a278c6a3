//! Members that only inform are never fatal, and what is followed stays strict. Each test that begins with `case_` is a
//! situation from the field, with neighbours of it.

use super::complete::{CONTACTS, Came, OBJECTS, PROCESSES, RESOURCES, pulled};
use super::invented::*;
use crate::api::Endpoint;
use crate::cursor::{CursorFault, Pager};
use crate::page::{Hint, Items, PageFault};
use crate::pull::{End, Failure, Outcome, Settings};
use std::format;

const SAID_SO: Outcome = Outcome::Complete(End::SaidSo);

fn page_fault(came: &Came) -> PageFault {
    match came.outcome {
        Outcome::Failed(Failure::Page(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn case_12_a_link_to_an_inner_host_only_says_that_more_follows() {
    let links = [
        "http://web.svc.cluster.local:8000/api/v2/contacts/?offset=2",
        "http://api.example/v1/contacts/?offset=2",
        "https://evil.example/v1/contacts/?offset=2",
        "//inner/contacts/?offset=2",
    ];
    for link in links {
        let first = format!(
            r#"{{"meta":{{"limit":2,"offset":0,"next":"{link}","total_count":4}},"objects":[{{"id":0}},{{"id":1}}]}}"#
        );
        let last =
            r#"{"meta":{"limit":2,"offset":2,"next":null,"total_count":4},"objects":[{"id":2},{"id":3}]}"#;
        let came = pulled(&CONTACTS, &[first.leak(), last]);
        assert_eq!((came.outcome, came.ids().len()), (SAID_SO, 4), "{link}");
        assert_eq!(came.asked[1], "GET /v1/contacts/?offset=2", "the link is not followed");
        let first = format!(r#"{{"data":[{{"id":0}}],"paging":{{"nextPage":"{link}"}}}}"#);
        let last = r#"{"data":[{"id":1}],"paging":{"nextPage":null}}"#;
        assert_eq!(pulled(&PROCESSES, &[first.leak(), last]).outcome, SAID_SO, "{link}");
    }
}

#[test]
fn case_13_an_empty_list_may_be_null_or_left_out() {
    let table: [(&Endpoint<'_>, &'static str, End); 9] = [
        (&CONTACTS, r#"{"meta":{"next":null,"total_count":0},"objects":null}"#, End::SaidSo),
        (&CONTACTS, r#"{"meta":{"next":null,"total_count":0}}"#, End::SaidSo),
        (&CONTACTS, r#"{"meta":{"next":null,"total_count":"0"}}"#, End::SaidSo),
        (&CONTACTS, r#"{"meta":{"total_count":0},"objects":null}"#, End::TotalReached),
        (&RESOURCES, r#"{"results":null,"nextPage":false}"#, End::SaidSo),
        (&RESOURCES, r#"{"totalResults":0,"nextPage":false}"#, End::SaidSo),
        (&PROCESSES, r#"{"data":null,"paging":{"nextPage":null,"totalCount":0}}"#, End::SaidSo),
        (&PROCESSES, r#"{"paging":{"totalCount":0}}"#, End::TotalReached),
        (&OBJECTS.items_in(Items::Key("objects")), r#"{"objects":null}"#, End::SaidSo),
    ];
    for (endpoint, page, end) in table {
        let came = pulled(endpoint, &[page]);
        assert_eq!((came.outcome, came.items.len()), (Outcome::Complete(end), 0), "{page}");
        assert_eq!(came.counters.odd, None, "{page}");
    }
    for page in [
        r#"{"meta":{"next":null,"total_count":3}}"#,
        r#"{"meta":{"next":null}}"#,
        r#"{"meta":{"next":null,"total_count":0},"objects":{}}"#,
    ] {
        page_fault(&pulled(&CONTACTS, &[page]));
    }
    // The member that was found on the first page may be null on the last; on the first page nobody knows it.
    let came = pulled(&OBJECTS, &[r#"{"objects":[1],"nextPageKey":7}"#, r#"{"objects":null}"#]);
    assert_eq!((came.outcome, came.ids().len()), (SAID_SO, 1));
    assert!(matches!(page_fault(&pulled(&OBJECTS, &[r#"{"objects":null}"#])), PageFault::NoArray { .. }));
}

#[test]
fn case_14_a_byte_order_mark_is_passed_over() {
    let page = "\u{feff}{\"meta\":{\"next\":null,\"total_count\":1},\"objects\":[{\"id\":1}]}";
    assert_eq!(pulled(&CONTACTS, &[page]).outcome, SAID_SO);
    assert_eq!(pulled(&OBJECTS, &["\u{feff} {\"objects\":[1]}"]).outcome, SAID_SO);
    let root = Endpoint::new("/all", Items::Root, Pager::None);
    assert_eq!(pulled(&root, &["\u{feff}[1]"]).outcome, Outcome::Complete(End::SingleAnswer));
    for twice in ["\u{feff}\u{feff}[1]", "[\u{feff}1]", "[1]\u{feff}"] {
        let (project, mut gate, mut buffer, mut now) = (project(), gate(), [0; 64], 0);
        let settings = Settings {
            retry: crate::retry::RetryPolicy { budget: 0, ..Settings::DEFAULT.retry },
            ..Settings::DEFAULT
        };
        let mut pull = crate::Pull::new(&project, &root, &settings, &mut buffer, None).expect("a pull");
        let ran = run(&mut pull, &mut gate, &mut now, &[Answers(200, GRANT), Answers(200, twice)]);
        assert!(matches!(ran.outcome, Outcome::Failed(Failure::Page(PageFault::Json(_)))), "{twice:?}");
    }
}

#[test]
fn case_16_a_total_may_be_a_text_and_what_is_none_is_told_once() {
    let page = |total: &str| -> &'static str {
        format!(r#"{{"meta":{{"next":null,"total_count":{total}}},"objects":[{{"id":1}}]}}"#).leak()
    };
    for (total, odd, outcome) in [
        (r#""1""#, None, SAID_SO),
        (r#""0001""#, None, SAID_SO),
        (r#""2""#, None, Outcome::Incomplete { missing: 1 }),
        ("null", None, SAID_SO),
        (r#""""#, Some(Hint::Total), SAID_SO),
        (r#""many""#, Some(Hint::Total), SAID_SO),
        (r#""1 000""#, Some(Hint::Total), SAID_SO),
        ("-1", Some(Hint::Total), SAID_SO),
        ("1.0", Some(Hint::Total), SAID_SO),
        (r#"{"value":9}"#, Some(Hint::Total), SAID_SO),
        ("[9]", Some(Hint::Total), SAID_SO),
        ("false", Some(Hint::Total), SAID_SO),
        ("18446744073709551616", Some(Hint::Total), SAID_SO),
    ] {
        // An incomplete list by offset is asked for once more.
        let last = r#"{"meta":{"next":null},"objects":[]}"#;
        let pages = [page(total), last];
        let asked = if outcome == SAID_SO { 1 } else { 2 };
        let came = pulled(&CONTACTS, &pages[..asked]);
        assert_eq!((came.outcome, came.counters.odd), (outcome, odd), "{total}");
    }
    let resources = r#"{"results":[{"id":1}],"nextPage":false,"totalResults":"1","pageNo":"1"}"#;
    assert_eq!(pulled(&RESOURCES, &[resources]).outcome, SAID_SO);
    let numbered = [
        r#"{"results":[{"id":1}],"nextPage":true,"nextPageNo":"4","pageNo":{}}"#,
        r#"{"results":[{"id":2}],"nextPage":false,"pageNo":4,"totalResults":2,"totalResults":9}"#,
    ];
    let came = pulled(&RESOURCES, &numbered);
    assert_eq!((came.outcome, came.asked[1].as_str()), (SAID_SO, "GET /v1/resources?pageNo=4"));
    assert_eq!(came.counters.odd, Some(Hint::Here), "the first one is told");
}

#[test]
fn what_is_followed_stays_strict() {
    for key in ["{}", "[]", r#""x""#, "1.5", "true"] {
        let page = format!(r#"{{"objects":[1],"nextPageKey":{key}}}"#).leak();
        assert!(matches!(pulled(&OBJECTS, &[page]).outcome, Outcome::Failed(_)), "{key}");
    }
    let twice = r#"{"results":[1],"nextPage":false,"nextPage":true}"#;
    assert!(matches!(page_fault(&pulled(&RESOURCES, &[twice])), PageFault::Twice { .. }));
}

#[test]
fn case_24_what_is_no_json_is_no_page_wherever_it_is() {
    for page in [
        r#"{"meta":{"next":null,"total_count":2},"objects":[{"id":1,"ce":NaN},{"id":2}]}"#,
        r#"{"meta":{"next":null,"total_count":Infinity},"objects":[{"id":1}]}"#,
        r#"{"meta":{"next":undefined},"objects":[{"id":1}]}"#,
        r#"{'meta':{}}"#,
    ] {
        let (project, mut gate, mut buffer, mut now) = (project(), gate(), [0; 64], 0);
        let settings = Settings {
            retry: crate::retry::RetryPolicy { budget: 0, ..Settings::DEFAULT.retry },
            ..Settings::DEFAULT
        };
        let mut pull = crate::Pull::new(&project, &CONTACTS, &settings, &mut buffer, None).expect("a pull");
        let ran = run(&mut pull, &mut gate, &mut now, &[Answers(200, GRANT), Answers(200, page)]);
        assert!(matches!(ran.outcome, Outcome::Failed(Failure::Page(PageFault::Json(_)))), "{page}");
        assert!(ran.items.is_empty());
    }
}

#[test]
fn a_member_with_a_dot_in_its_name_has_a_path() {
    let pager = Pager::Page {
        parameter: "page",
        more: r"@odata\.nextLink",
        next: None,
        total: Some(r"@odata\.count"),
    };
    let list = Endpoint::new("/list", Items::Key("value"), pager);
    let pages = [
        r#"{"@odata.count":2,"value":[{"id":1}],"@odata.nextLink":"https://x.example/list?$skip=1"}"#,
        r#"{"@odata.count":2,"value":[{"id":2}],"@odata.nextLink":null}"#,
    ];
    let came = pulled(&list, &pages);
    assert_eq!((came.outcome, came.stored.total()), (SAID_SO, Some(2)));
    let unescaped = Pager::Page { parameter: "page", more: "@odata.nextLink", next: None, total: None };
    let came = pulled(&Endpoint::new("/list", Items::Key("value"), unescaped), &pages[..1]);
    let member = crate::page::Name::new("@odata.nextLink");
    assert_eq!(came.outcome, Outcome::Failed(Failure::Cursor(CursorFault::Silent { member })));
}
