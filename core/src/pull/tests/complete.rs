//! Complete for a reason: how lists end, what an empty page means, and what is noticed where the same comes again. Each test
//! that begins with `case_` is a situation from the field, with neighbours of it: other pagers and other spellings.

use super::invented::*;
use super::profiles::{ByKey, ByOffset, ByPage, ByToken};
use crate::api::{Endpoint, comanage, coredata, frends, opsramp};
use crate::checkpoint::Checkpoint;
use crate::cursor::{CursorFault, Ends, Pager};
use crate::page::{Items, Name, PageFault};
use crate::profile::{Everything, Profile};
use crate::pull::{Counters, End, Failure, Mark, Outcome, Pull, Settings, TransportFault};
use crate::text::Text;
use std::string::String;
use std::vec::Vec;
use std::{format, vec};

/// What a pull came to.
#[derive(Debug, PartialEq)]
pub(super) struct Came {
    pub(super) outcome: Outcome,
    pub(super) items: Vec<String>,
    /// What was asked for, without the token.
    pub(super) asked: Vec<String>,
    pub(super) counters: Counters,
    pub(super) stored: Checkpoint,
}

impl Came {
    /// The numbers in the items.
    pub(super) fn ids(&self) -> Vec<u32> {
        let digits = |item: &String| item.chars().filter(char::is_ascii_digit).collect::<String>();
        self.items.iter().map(|item| digits(item).parse().expect("a number")).collect()
    }

    fn failure(&self) -> CursorFault {
        match self.outcome {
            Outcome::Failed(Failure::Cursor(fault)) => fault,
            other => panic!("{other:?}"),
        }
    }
}

/// Pulls from a server that gives these pages, with `ids` items remembered, and from a checkpoint on if there is one. What an
/// earlier run stored is recalled. The smallest engine that is able to do that does the same as one for everything.
pub(super) fn pulled_with(
    endpoint: &Endpoint<'_>,
    ids: usize,
    from: Option<Checkpoint>,
    recalled: &[&str],
    pages: &[&'static str],
) -> Came {
    let least = match endpoint.pager() {
        Pager::None | Pager::Key { .. } => pulled_by::<ByKey>,
        Pager::Token { .. } => pulled_by::<ByToken>,
        Pager::Page { .. } => pulled_by::<ByPage>,
        Pager::Offset { .. } => pulled_by::<ByOffset>,
    };
    let came = pulled_by::<Everything>(endpoint, ids, from, recalled, pages);
    assert_eq!(least(endpoint, ids, from, recalled, pages), came);
    came
}

fn pulled_by<P: Profile>(
    endpoint: &Endpoint<'_>,
    ids: usize,
    from: Option<Checkpoint>,
    recalled: &[&str],
    pages: &[&'static str],
) -> Came {
    let (project, mut gate, mut buffer, mut now) = (project(), gate(), [0; 256], 0);
    let mut marks = vec![Mark::EMPTY; ids];
    let pull = Pull::<P>::with_profile(&project, endpoint, &Settings::DEFAULT, &mut buffer, from);
    let mut pull = pull.expect("a pull").remembering(&mut marks);
    recalled.iter().for_each(|item| pull.recall(item.as_bytes()));
    let script: Vec<_> = [GRANT].iter().chain(pages).map(|page| Answers(200, page)).collect();
    let ran = run(&mut pull, &mut gate, &mut now, &script);
    let asked =
        ran.asked.into_iter().skip(1).map(|asked| asked.line.replace("https://api.example", "")).collect();
    Came {
        outcome: ran.outcome,
        items: ran.items,
        asked,
        counters: *pull.counters(),
        stored: *pull.checkpoint(),
    }
}

pub(super) fn pulled(endpoint: &Endpoint<'_>, pages: &[&'static str]) -> Came {
    pulled_with(endpoint, 0, None, &[], pages)
}

pub(super) const CONTACTS: Endpoint<'static> = coredata::list("/contacts/");
pub(super) const RESOURCES: Endpoint<'static> = opsramp::search("/resources");
pub(super) const PROCESSES: Endpoint<'static> = frends::list("/processes");
pub(super) const OBJECTS: Endpoint<'static> = comanage::list("/objects");
#[cfg(feature = "tokens")]
const CONTENT: Endpoint<'static> =
    crate::api::kontent::LISTS[0].endpoint.with("environment", crate::http::Parameter::Text("e"));
#[cfg(feature = "tokens")]
const INSTANCES: Endpoint<'static> =
    crate::api::frends::LISTS[5].endpoint.with("agentGroupId", crate::http::Parameter::Int(2));

const SAID_SO: Outcome = Outcome::Complete(End::SaidSo);

fn silent(member: &str) -> CursorFault {
    CursorFault::Silent { member: Name::new(member) }
}

#[test]
fn case_01_an_empty_page_between_others_is_passed() {
    let came = pulled(
        &RESOURCES,
        &[
            r#"{"results":[{"id":0},{"id":1},{"id":2}],"totalResults":6,"nextPage":true,"nextPageNo":2}"#,
            r#"{"results":[],"totalResults":6,"nextPage":true,"nextPageNo":3}"#,
            r#"{"results":[{"id":3},{"id":4},{"id":5}],"totalResults":6,"nextPage":false}"#,
        ],
    );
    assert_eq!((came.outcome, came.ids()), (SAID_SO, vec![0, 1, 2, 3, 4, 5]));
}

#[test]
fn case_01_also_without_a_total_without_a_number_and_at_the_beginning() {
    let last = r#"{"results":[{"id":3}],"nextPage":false}"#;
    for between in [
        r#"{"results":[],"nextPage":true}"#,
        r#"{"results":[],"nextPage":true,"nextPageNo":3}"#,
        r#"{"results":[],"nextPage":"true"}"#,
        r#"{"results":null,"nextPage":true,"totalResults":2}"#,
        r#"{"results":[],"totalResults":2}"#,
    ] {
        let first = r#"{"results":[{"id":1}],"nextPage":true}"#;
        let came = pulled(&RESOURCES, &[first, between, last]);
        assert_eq!((came.outcome, came.ids()), (SAID_SO, vec![1, 3]), "{between}");
        assert_eq!(came.asked[2], "GET /v1/resources?pageNo=3", "{between}");
        let came = pulled(&RESOURCES, &[between, between, last]);
        assert_eq!(came.ids(), [3], "{between}");
    }
}

#[test]
fn case_01_also_by_offset_where_rows_are_hidden() {
    let first = r#"{"meta":{"limit":2,"offset":0,"next":"/v1/contacts/?limit=2&offset=2","total_count":6},"objects":[{"id":0},{"id":1}]}"#;
    let last = r#"{"meta":{"limit":2,"offset":4,"next":null,"total_count":6},"objects":[{"id":4},{"id":5}]}"#;
    for between in [
        r#"{"meta":{"limit":2,"offset":2,"next":"/v1/contacts/?limit=2&offset=4","total_count":6},"objects":[]}"#,
        r#"{"meta":{"next":"/v1/contacts/?offset=4","total_count":6},"objects":[]}"#,
        r#"{"meta":{"limit":2,"total_count":6},"objects":null}"#,
    ] {
        let came = pulled(&CONTACTS, &[first, between, last]);
        assert_eq!(came.asked[2], "GET /v1/contacts/?offset=4", "{between}");
        // The hidden ones are counted.
        assert_eq!((came.outcome, came.ids()), (Outcome::Incomplete { missing: 2 }, vec![0, 1, 4, 5]));
    }
    let nowhere = r#"{"meta":{"next":"/v1/contacts/?cursor=x","total_count":6},"objects":[]}"#;
    assert_eq!(pulled(&CONTACTS, &[first, nowhere]).failure(), CursorFault::NoStep);
    let unknown = r#"{"meta":{"total_count":6},"objects":[]}"#;
    assert_eq!(pulled(&CONTACTS, &[first, unknown]).outcome, Outcome::Incomplete { missing: 4 });
}

#[test]
fn case_01_also_where_pages_are_links() {
    let came = pulled(
        &PROCESSES,
        &[
            r#"{"data":[{"id":1}],"paging":{"currentPage":1,"nextPage":"https://api.example/v1/x?PageNumber=2"}}"#,
            r#"{"data":[],"paging":{"currentPage":2,"nextPage":"https://api.example/v1/x?PageNumber=3"}}"#,
            r#"{"data":[{"id":2}],"paging":{"currentPage":3,"totalCount":2}}"#,
        ],
    );
    assert_eq!((came.outcome, came.ids()), (Outcome::Complete(End::TotalReached), vec![1, 2]));
}

#[test]
fn empty_pages_without_end_are_a_fault_that_names_them() {
    let pages = [r#"{"results":[{"id":1}],"nextPage":true}"#]
        .into_iter()
        .chain([r#"{"results":[],"nextPage":true}"#; 101]);
    let came = pulled(&RESOURCES, &pages.collect::<Vec<_>>());
    assert_eq!((came.failure(), came.asked.len()), (CursorFault::EmptyPages { pages: 100 }, 102));
    assert!(came.outcome != SAID_SO && came.ids() == [1]);
    // A page with items in between begins the count anew.
    let pages = (0..180).map(|no| match no {
        60 | 120 => format!(r#"{{"results":[{{"id":{no}}}],"nextPage":true}}"#).leak(),
        179 => r#"{"results":[],"nextPage":false}"#,
        _ => r#"{"results":[],"nextPage":true}"#,
    });
    let came = pulled(&RESOURCES, &pages.collect::<Vec<&'static str>>());
    assert_eq!((came.outcome, came.ids()), (SAID_SO, vec![60, 120]));
}

#[test]
fn case_02_an_error_with_200_is_no_page() {
    let first = r#"{"objects":[{"id":1},{"id":2}],"nextPageKey":2}"#;
    for error in [
        r#"{"success":false,"errors":[{"message":"upstream timed out"}]}"#,
        r#"{"Errors":["upstream timed out"]}"#,
        r#"{"error":[],"warnings":[1],"messages":[2],"Message":[3]}"#,
        r#"{"results":[{"id":3}],"nextPageKey":3}"#,
    ] {
        let came = pulled(&OBJECTS, &[first, error]);
        let Outcome::Failed(Failure::Page(fault @ PageFault::OtherItems { .. })) = came.outcome else {
            panic!("{error}: {:?}", came.outcome)
        };
        assert_eq!(came.ids(), [1, 2], "{error}");
        assert!(format!("{fault}").contains("at its top level are: `"), "{fault}");
    }
    for error in [r#"{"success":false,"errors":[{"message":"no"}]}"#, r#"{"ERRORS":[1],"warnings":[]}"#] {
        let came = pulled(&OBJECTS, &[error]);
        assert!(matches!(came.outcome, Outcome::Failed(Failure::Page(PageFault::NoArray { .. }))), "{error}");
    }
    // Named they are items like any.
    let named = pulled(&OBJECTS.items_in(Items::Key("errors")), &[r#"{"errors":[{"id":1}]}"#]);
    assert_eq!((named.outcome, named.ids()), (SAID_SO, vec![1]));
}

#[test]
fn case_02_an_empty_page_whose_list_is_null_pins_no_other_member() {
    let first = r#"{"objects":null,"tags":[],"nextPageKey":2}"#;
    let came = pulled(&OBJECTS, &[first, r#"{"objects":[{"id":3}],"nextPageKey":null}"#]);
    assert_eq!((came.outcome, came.ids()), (SAID_SO, vec![3]));
    // Both are lists now: nobody knows which one has the items, and nothing is lost in silence.
    let came = pulled(&OBJECTS, &[first, r#"{"objects":[{"id":3}],"tags":[],"nextPageKey":null}"#]);
    assert!(matches!(came.outcome, Outcome::Failed(Failure::Page(PageFault::SecondArray { .. }))));
}

#[test]
fn case_02_the_member_stays_the_same_over_a_restart_and_others_do_not_disturb() {
    let first = r#"{"objects":[{"id":1}],"nextPageKey":2}"#;
    let came = pulled(&OBJECTS, &[first, r#"{"errors":[1]}"#]);
    let stored = Checkpoint::decode(&came.stored.encode()).expect("a checkpoint");
    let other = pulled_with(&OBJECTS, 0, Some(stored), &[], &[r#"{"data":[{"id":3}]}"#]);
    assert!(matches!(other.outcome, Outcome::Failed(Failure::Page(PageFault::OtherItems { .. }))));
    for page in [
        r#"{"objects":[{"id":3}]}"#,
        r#"{"hints":[9],"objects":[{"id":3}],"errors":[8]}"#,
        r#"{"objects":[{"id":3}],"nextPageKey":null,"more":[]}"#,
    ] {
        let same = pulled_with(&OBJECTS, 0, Some(stored), &[], &[page]);
        assert_eq!((same.outcome, same.ids()), (SAID_SO, vec![3]), "{page}");
    }
}

#[test]
fn case_03_the_same_page_for_ever_is_a_fault_at_its_second_coming() {
    let same = r#"{"meta":{"limit":3,"offset":0,"next":"/v1/contacts/?limit=3&offset=3","total_count":30},"objects":[{"id":0},{"id":1},{"id":2}]}"#;
    let came = pulled(&CONTACTS, &[same, same]);
    assert_eq!(came.failure(), CursorFault::OtherPage { asked: 3, found: 0 });
    assert_eq!(came.ids(), [0, 1, 2], "nothing is stored twice");
    let tables: [(&Endpoint<'_>, &[&'static str], CursorFault); 7] = [
        (
            &CONTACTS,
            &[r#"{"meta":{"next":"/x?offset=1","total_count":9},"objects":[{"id":1}]}"#; 2],
            CursorFault::SamePage,
        ),
        (&RESOURCES, &[r#"{"results":[{"id":1}],"nextPage":true}"#; 2], CursorFault::SamePage),
        (
            &RESOURCES,
            &[r#"{"results":[{"id":1}],"nextPage":true,"pageNo":1}"#; 2],
            CursorFault::OtherPage { asked: 2, found: 1 },
        ),
        (
            &PROCESSES,
            &[r#"{"data":[{"id":1}],"paging":{"currentPage":1,"nextPage":"/x","totalCount":5}}"#; 2],
            CursorFault::OtherPage { asked: 2, found: 1 },
        ),
        (
            &RESOURCES,
            &[
                r#"{"results":[{"id":1}],"nextPage":true}"#,
                r#"{"results":[{"id":2}],"nextPage":true}"#,
                r#"{"results":[{"id":1}],"nextPage":true}"#,
            ],
            CursorFault::SamePage,
        ),
        (
            &PROCESSES,
            &[
                r#"{"data":[{"id":1}],"paging":{"nextPage":"/x"}}"#,
                r#"{"data":[],"paging":{"nextPage":"/x"}}"#,
                r#"{"data":[{"id":1}],"paging":{"nextPage":"/x"}}"#,
            ],
            CursorFault::SamePage,
        ),
        (&LIST, &[r#"{"rows":[{"id":1},2],"more":"/x"}"#; 2], CursorFault::SamePage),
    ];
    for (endpoint, pages, fault) in tables {
        assert_eq!(pulled(endpoint, pages).failure(), fault, "{pages:?}");
    }
}

#[test]
fn case_03_a_flag_that_is_a_text_ends_the_list() {
    for flag in [r#""false""#, r#""False""#, "false", "null", r#""""#] {
        let page = format!(r#"{{"results":[{{"id":1}}],"nextPage":{flag}}}"#).leak();
        assert_eq!(pulled(&RESOURCES, &[page]).outcome, SAID_SO, "{flag}");
    }
    for flag in [r#""none""#, "7", "{}", "[]"] {
        let page = format!(r#"{{"results":[{{"id":1}}],"nextPage":{flag}}}"#).leak();
        assert_eq!(pulled(&RESOURCES, &[page]).failure(), silent("nextPage"), "{flag}");
        let page = format!(r#"{{"results":[{{"id":1}}],"nextPage":{flag},"totalResults":1}}"#).leak();
        let came = pulled(&RESOURCES, &[page]);
        assert_eq!(came.outcome, Outcome::Complete(End::TotalReached), "{flag}");
        assert_eq!(came.counters.odd, Some(crate::page::Hint::More));
    }
}

#[test]
fn rows_without_ids_may_come_again_but_not_the_same_page_twice_in_a_row() {
    let list = Endpoint::new("/log", Items::Key("rows"), PAGER);
    let [up, down] = [r#"{"rows":["up"],"more":true}"#, r#"{"rows":["down"],"more":true}"#];
    let last = r#"{"rows":["up"],"more":false}"#;
    assert_eq!(pulled(&list, &[up, down, up, down, last]).outcome, SAID_SO);
    assert_eq!(pulled(&list, &[up, down, down]).failure(), CursorFault::SamePage);
}

#[test]
fn far_more_items_than_the_total_are_a_fault() {
    let row = |no: u32| format!(r#"{{"id":{no}}}"#);
    let page = |page: u32, total: u32| -> &'static str {
        let rows: Vec<_> = (0..200).map(|no| row(page * 200 + no)).collect();
        format!(r#"{{"rows":[{}],"more":true,"total":{total}}}"#, rows.join(",")).leak()
    };
    let pages: Vec<_> = (0..9).map(|no| page(no, 300)).collect();
    let came = pulled(&LIST, &pages);
    assert_eq!(came.failure(), CursorFault::TooMany { items: 1_800, total: 300 });
    // What counts the items of a page, or nothing, is no total.
    for total in [0, 200] {
        let last = format!(r#"{{"rows":[],"more":false,"total":{total}}}"#).leak();
        let pages = (0..9).map(|no| page(no, total)).chain([&*last]);
        assert_eq!(pulled(&LIST, &pages.collect::<Vec<_>>()).outcome, SAID_SO, "{total}");
    }
}

#[test]
fn case_04_rows_that_slide_while_the_pull_is_stopped_are_not_stored_twice() {
    let first = r#"{"results":[{"id":10},{"id":9},{"id":8}],"nextPage":true,"totalResults":10}"#;
    let moved = r#"{"results":[{"id":8},{"id":7},{"id":6}],"nextPage":false,"totalResults":4}"#;
    let stopped = pulled(&RESOURCES, &[first, "{}"]);
    let stored = Some(Checkpoint::decode(&stopped.stored.encode()).expect("a checkpoint"));
    let tail: Vec<&str> = stopped.items.iter().map(String::as_str).collect();
    let came = pulled_with(&RESOURCES, 8, stored, &tail, &[moved]);
    assert_eq!((came.ids(), came.counters.repeated), (vec![7, 6], 1));
    assert_eq!(came.stored.repeated(), 1);
    // Only the latest is recalled, and that is enough here.
    let came = pulled_with(&RESOURCES, 8, stored, &tail[2..], &[moved]);
    assert_eq!(came.ids(), [7, 6]);
    // Changed meanwhile.
    let changed = r#"{"results":[{"id":8,"state":"down"},{"id":7}],"nextPage":false}"#;
    let came = pulled_with(&RESOURCES, 8, stored, &tail, &[changed]);
    assert_eq!((came.items.len(), came.counters.repeated, came.counters.updated), (2, 0, 1));
    // Without memory, or where rows have no ids, nothing is left out.
    assert_eq!(pulled_with(&RESOURCES, 0, stored, &tail, &[moved]).ids(), [8, 7, 6]);
}

#[test]
fn case_04_what_was_left_out_still_counts_behind_a_restart() {
    let first = r#"{"rows":[{"id":1},{"id":2}],"more":true,"total":4}"#;
    let second = r#"{"rows":[{"id":2},{"id":3}],"more":true,"total":5}"#;
    let stopped = pulled_with(&LIST, 8, None, &[], &[first, second, "{}"]);
    assert_eq!((stopped.ids(), stopped.counters.repeated), (vec![1, 2, 3], 1));
    let stored = Some(stopped.stored);
    let came = pulled_with(&LIST, 8, stored, &[], &[r#"{"rows":[{"id":4}],"total":5}"#]);
    assert_eq!((came.outcome, came.counters.changed), (Outcome::Complete(End::TotalReached), Some(5)));
}

#[test]
fn case_05_rows_of_one_page_that_share_an_id_are_all_handed_over() {
    let page = r#"{"results":[{"id":"DEV1","metric":"cpu"},{"id":"DEV1","metric":"mem"},{"id":"DEV1","metric":"disk"}],"totalResults":3,"nextPage":false}"#;
    let came = pulled_with(&RESOURCES, 8, None, &[], &[page]);
    assert_eq!((came.outcome, came.items.len(), came.counters.repeated), (SAID_SO, 3, 0));
    let equal = r#"{"results":[{"id":1},{"id":1}],"totalResults":2,"nextPage":false}"#;
    assert_eq!(pulled_with(&RESOURCES, 8, None, &[], &[equal]).items.len(), 2);
    // Over two pages only the same row is left out.
    let first =
        r#"{"meta":{"next":"/x?offset=2","total_count":4},"objects":[{"id":1,"n":1},{"id":1,"n":2}]}"#;
    let second = r#"{"meta":{"next":null,"total_count":4},"objects":[{"id":1,"n":2},{"id":1,"n":3}]}"#;
    let came = pulled_with(&CONTACTS, 8, None, &[], &[first, second]);
    assert_eq!((came.items.len(), came.counters.repeated, came.counters.updated), (3, 1, 1));
    // The server counts four rows, and three came.
    assert_eq!(came.outcome, Outcome::Incomplete { missing: 1 });
}

#[test]
fn case_06_a_page_that_says_nothing_of_more_is_a_fault_that_names_the_member() {
    let table: [(&Endpoint<'_>, &'static str, &str); 8] = [
        (&CONTACTS, r#"{"objects":[{"id":0},{"id":1}],"meta":{"limit":2,"offset":0}}"#, "meta.next"),
        (&CONTACTS, r#"{"objects":[{"id":0}]}"#, "meta.next"),
        (&CONTACTS, r#"{"objects":[{"id":0}],"meta":null}"#, "meta.next"),
        (&CONTACTS, r#"{"objects":[{"id":0}],"meta":[]}"#, "meta.next"),
        (&CONTACTS, r#"{"objects":[]}"#, "meta.next"),
        (&PROCESSES, r#"{"data":[{"id":0}]}"#, "paging.nextPage"),
        (&RESOURCES, r#"{"results":[{"id":0}]}"#, "nextPage"),
        (&RESOURCES, r#"{"results":[{"id":0}],"nextpage":false}"#, "nextPage"),
    ];
    for (endpoint, page, member) in table {
        let came = pulled(endpoint, &[page]);
        assert_eq!((came.failure(), came.items.len()), (silent(member), 0), "{page}");
        assert!(format!("{}", came.failure()).contains(member));
    }
    // Also on a later page, and what came before is kept.
    let first = r#"{"objects":[{"id":0}],"meta":{"next":"/x"}}"#;
    let came = pulled(&CONTACTS, &[first, r#"{"objects":[{"id":1}]}"#]);
    assert_eq!((came.failure(), came.ids()), (silent("meta.next"), vec![0]));
}

#[test]
fn case_06_where_the_vendor_documents_it_absence_is_the_end() {
    assert_eq!(pulled(&OBJECTS, &[r#"{"objects":[{"id":0}]}"#]).outcome, SAID_SO);
    let cautious = OBJECTS.ending_by(Ends::SAID);
    assert_eq!(pulled(&cautious, &[r#"{"objects":[{"id":0}]}"#]).failure(), silent("nextPageKey"));
    assert_eq!(pulled(&cautious, &[r#"{"objects":[{"id":0}],"nextPageKey":null}"#]).outcome, SAID_SO);
    let short = LIST.ending_by(Ends::SAID.or_short_page(2));
    let came = pulled(&short, &[r#"{"rows":[{"id":1},{"id":2}]}"#, r#"{"rows":[{"id":3}]}"#]);
    assert_eq!((came.outcome, came.ids()), (Outcome::Complete(End::ShortPage), vec![1, 2, 3]));
    let full = pulled(&short, &[r#"{"rows":[{"id":1},{"id":2}]}"#, r#"{"rows":[]}"#]);
    assert_eq!(full.outcome, Outcome::Complete(End::ShortPage));
    let empty = LIST.ending_by(Ends::SAID.or_empty_page());
    let came = pulled(&empty, &[r#"{"rows":[{"id":1}]}"#, r#"{"rows":[{"id":2}]}"#, r#"{"rows":[]}"#]);
    assert_eq!((came.outcome, came.ids()), (Outcome::Complete(End::EmptyPage), vec![1, 2]));
}

#[cfg(feature = "tokens")]
#[test]
fn case_06_a_token_that_is_left_out_is_a_fault_too() {
    for page in [
        r#"{"items":[{"id":0}]}"#,
        r#"{"items":[{"id":0}],"pagination":null}"#,
        r#"{"items":[{"id":0}],"pagination":{"next_page":null}}"#,
    ] {
        assert_eq!(pulled(&CONTENT, &[page]).failure(), silent("pagination.continuation_token"), "{page}");
    }
    assert_eq!(pulled(&INSTANCES, &[r#"{"data":[{"id":0}]}"#]).failure(), silent("nextContinuationToken"));
    for end in ["null", r#""""#, "false"] {
        let page = format!(r#"{{"items":[{{"id":0}}],"pagination":{{"continuation_token":{end}}}}}"#).leak();
        assert_eq!(pulled(&CONTENT, &[page]).outcome, SAID_SO, "{end}");
    }
}

#[cfg(feature = "tokens")]
#[test]
fn case_07_an_empty_page_with_another_token_leads_on() {
    let came = pulled(
        &CONTENT,
        &[
            r#"{"items":[{"id":0}],"pagination":{"continuation_token":"T1"}}"#,
            r#"{"items":[],"pagination":{"continuation_token":"T2"}}"#,
            r#"{"items":[{"id":1}],"pagination":{"continuation_token":null}}"#,
        ],
    );
    assert_eq!((came.outcome, came.ids()), (SAID_SO, vec![0, 1]));
    let came = pulled(
        &INSTANCES,
        &[
            r#"{"data":[],"nextContinuationToken":"A"}"#,
            r#"{"data":null,"nextContinuationToken":"B"}"#,
            r#"{"data":[{"id":1}],"nextContinuationToken":"B2"}"#,
            r#"{"data":[],"nextContinuationToken":"B2"}"#,
        ],
    );
    assert_eq!((came.outcome, came.ids()), (Outcome::Complete(End::EmptyPage), vec![1]));
    // With items the same token is a fault, and so is an earlier one.
    let token = |items, token| -> &'static str {
        format!(r#"{{"items":[{items}],"pagination":{{"continuation_token":"{token}"}}}}"#).leak()
    };
    let table = [[token("1", "T1"), token("2", "T1")], [token("", "T1"), token("2", "T1")]];
    for pages in table {
        assert_eq!(pulled(&CONTENT, &pages).failure(), CursorFault::TokenRepeated);
    }
    let circle = [token("1", "T1"), token("", "T2"), token("", "T1")];
    assert_eq!(pulled(&CONTENT, &circle).failure(), CursorFault::TokenRepeated);
}

#[test]
fn case_07_likewise_by_key() {
    let page =
        |items, key| -> &'static str { format!(r#"{{"objects":[{items}],"nextPageKey":{key}}}"#).leak() };
    let came = pulled(&OBJECTS, &[page("1", "7"), page("", "8"), page("", "9"), page("2", "null")]);
    assert_eq!((came.outcome, came.ids()), (SAID_SO, vec![1, 2]));
    let came = pulled(&OBJECTS, &[page("1", "7"), page("", "7")]);
    assert_eq!((came.outcome, came.ids()), (Outcome::Complete(End::EmptyPage), vec![1]));
    let came = pulled(&OBJECTS, &[page("1", "7"), page("2", "7")]);
    assert_eq!((came.failure(), came.ids()), (CursorFault::Repeated { key: 7 }, vec![1]));
    let came = pulled(&OBJECTS, &[page("1", "7"), page("", "8"), page("", "7")]);
    assert_eq!(came.failure(), CursorFault::Cycle { key: 7 });
    assert_eq!(pulled(&OBJECTS, &[page("", "0")]).failure(), CursorFault::StartsOver);
    let keys = (1..=101).map(|key| page("", format!("{key}").leak()));
    assert_eq!(pulled(&OBJECTS, &keys.collect::<Vec<_>>()).failure(), CursorFault::EmptyPages { pages: 100 });
    let odd = pulled(&OBJECTS, &[page("1", "true")]).failure();
    assert_eq!(odd, CursorFault::NotAKey { found: Text::new("true") });
}

#[test]
fn a_list_whose_total_says_that_items_are_missing_is_not_complete_also_behind_a_restart() {
    let table: [(&Endpoint<'_>, &[&'static str], u64); 5] = [
        (&RESOURCES, &[r#"{"results":[{"id":1}],"nextPage":false,"totalResults":3}"#], 2),
        (&PROCESSES, &[r#"{"data":[{"id":1}],"paging":{"nextPage":null,"totalCount":2}}"#], 1),
        (
            &CONTACTS,
            &[
                r#"{"meta":{"next":null,"total_count":3},"objects":[{"id":1}]}"#,
                r#"{"meta":{"next":null,"total_count":3},"objects":[]}"#,
            ],
            2,
        ),
        // The latest total counts: it grew, or the last page has none.
        (
            &RESOURCES,
            &[
                r#"{"results":[{"id":1}],"nextPage":true,"totalResults":2}"#,
                r#"{"results":[{"id":2}],"nextPage":false,"totalResults":4}"#,
            ],
            2,
        ),
        (
            &RESOURCES,
            &[
                r#"{"results":[{"id":1}],"nextPage":true,"totalResults":3}"#,
                r#"{"results":[{"id":2}],"nextPage":false}"#,
            ],
            1,
        ),
    ];
    for (endpoint, pages, missing) in table {
        let came = pulled(endpoint, pages);
        assert_eq!((came.outcome, came.counters.missing), (Outcome::Incomplete { missing }, missing));
        assert_eq!(came.stored.missing(), missing);
        let again = pulled_with(endpoint, 0, Some(came.stored), &[], &[]);
        assert_eq!((again.outcome, again.counters.missing), (Outcome::Incomplete { missing }, missing));
    }
}

#[test]
fn a_total_that_shrinks_or_that_counts_too_little_leaves_nothing_missing() {
    let table: [(&Endpoint<'_>, &[&'static str], End); 4] = [
        (
            &RESOURCES,
            &[
                r#"{"results":[{"id":1},{"id":2}],"nextPage":true,"totalResults":4}"#,
                r#"{"results":[{"id":3}],"nextPage":false,"totalResults":3}"#,
            ],
            End::SaidSo,
        ),
        (&RESOURCES, &[r#"{"results":[{"id":1}],"nextPage":false,"totalResults":0}"#], End::SaidSo),
        (&PROCESSES, &[r#"{"data":[{"id":1},{"id":2}],"paging":{"totalCount":1}}"#], End::TotalReached),
        (&CONTACTS, &[r#"{"meta":{"total_count":1},"objects":[{"id":1}]}"#], End::TotalReached),
    ];
    for (endpoint, pages, end) in table {
        let came = pulled(endpoint, pages);
        assert_eq!((came.outcome, came.counters.missing), (Outcome::Complete(end), 0), "{pages:?}");
        let again = pulled_with(endpoint, 0, Some(came.stored), &[], &[]);
        assert_eq!(again.outcome, Outcome::Complete(end), "the reason is kept");
    }
}

#[test]
fn items_that_were_skipped_are_not_missing() {
    let large = "x".repeat(300);
    let page: &'static str = format!(r#"{{"rows":[{{"id":1}},"{large}"],"more":false,"total":2}}"#).leak();
    let (project, mut gate, mut buffer, mut now) = (project(), gate(), [0; 256], 0);
    let settings = Settings { oversized: crate::pull::Oversized::Skip, ..Settings::DEFAULT };
    let mut pull = Pull::new(&project, &LIST, &settings, &mut buffer, None).expect("a pull");
    let ran = run(&mut pull, &mut gate, &mut now, &[Answers(200, GRANT), Answers(200, page)]);
    assert_eq!((ran.outcome, pull.counters().skipped), (SAID_SO, 1));
}

#[test]
fn only_a_list_that_ended_for_a_reason_is_complete() {
    assert!(SAID_SO.is_complete());
    assert!(!Outcome::Incomplete { missing: 1 }.is_complete());
    assert!(!Outcome::Failed(Failure::Transport(TransportFault::Broken)).is_complete());
}

#[test]
fn what_comes_in_one_answer_is_complete_by_that() {
    let list = Endpoint::new("/all", Items::Root, Pager::None);
    assert_eq!(pulled(&list, &["[1,2]"]).outcome, Outcome::Complete(End::SingleAnswer));
    assert_eq!(pulled(&opsramp::array("/all"), &["[]"]).outcome, Outcome::Complete(End::SingleAnswer));
}

#[test]
fn what_held_a_capped_limit_a_short_page_between_and_a_full_last_page() {
    let contacts = CONTACTS.with("limit", crate::http::Parameter::Int(100));
    let page = |offset: u32, ids: &[u32], next: &str| -> &'static str {
        let rows: Vec<_> = ids.iter().map(|id| format!(r#"{{"id":{id}}}"#)).collect();
        format!(
            r#"{{"meta":{{"limit":2,"offset":{offset},"next":{next},"total_count":5}},"objects":[{}]}}"#,
            rows.join(",")
        )
        .leak()
    };
    // The server gives two where a hundred were asked for; its link may still count by the hundred.
    let capped = [
        page(0, &[1, 2], r#""/x?limit=100&offset=100""#),
        page(2, &[3, 4], r#""/x?limit=100&offset=102""#),
        page(4, &[5], "null"),
    ];
    let came = pulled(&contacts, &capped);
    assert_eq!((came.outcome, came.ids()), (SAID_SO, vec![1, 2, 3, 4, 5]));
    let short = [page(0, &[1, 2], r#""/x""#), page(2, &[3], r#""/x""#), page(3, &[4, 5], "null")];
    assert_eq!(pulled(&contacts, &short).ids(), [1, 2, 3, 4, 5]);
    let full = [
        r#"{"results":[{"id":1},{"id":2}],"nextPage":true,"totalResults":2}"#,
        r#"{"results":[],"nextPage":true,"totalResults":2}"#,
    ];
    assert_eq!(pulled(&RESOURCES, &full).outcome, Outcome::Complete(End::TotalReached));
}
