//! What comes behind a page, as a table for each pager.

use super::*;
use crate::page::{CursorValue, Hint, PageEnd};
use crate::profile::Everything;
use crate::text::Text;
use std::format;

const KEY: Pager = Pager::Key { parameter: "afterId", field: "nextPageKey" };
const TOKEN: Pager = Pager::Token { place: Place::Field("x-continuation"), field: "token" };
const PAGE: Pager =
    Pager::Page { parameter: "pageNo", more: "nextPage", next: Some("nextPageNo"), total: Some("total") };
const OFFSET: Pager = Pager::Offset { parameter: "offset", more: "meta.next", total: "meta.total" };

const YES: CursorValue<'_> = CursorValue::Bool(true);
const NO: CursorValue<'_> = CursorValue::Bool(false);
const LINK_TO_20: CursorValue<'_> = CursorValue::Text("/v2/list/?limit=20&offset=20");

/// A cursor without the room for a token, which tables of many would not have.
#[derive(Clone, Copy, Debug, PartialEq)]
enum There {
    Start,
    Key(i64),
    Page(i64),
    Offset(i64),
    End(End),
    Token,
}

impl There {
    fn of(cursor: &Cursor) -> Self {
        match cursor {
            Cursor::Start => Self::Start,
            Cursor::Key(key) => Self::Key(*key),
            Cursor::Page(number) => Self::Page(*number),
            Cursor::Offset(items) => Self::Offset(*items),
            Cursor::End(end) => Self::End(*end),
            Cursor::Token(_) => Self::Token,
        }
    }

    fn cursor(self) -> Cursor {
        match self {
            Self::Start | Self::Token => Cursor::Start,
            Self::Key(key) => Cursor::Key(key),
            Self::Page(number) => Cursor::Page(number),
            Self::Offset(items) => Cursor::Offset(items),
            Self::End(end) => Cursor::End(end),
        }
    }
}

type Found = Result<There, CursorFault>;

fn next_of(pager: Pager, asked: There, before: u64, ends: Ends, end: PageEnd<'_>) -> Found {
    let asked = asked.cursor();
    pager
        .next::<Everything>(&Page { asked: &asked, end: &end, before, total: None, ends })
        .map(|next| There::of(&next))
}

/// Behind 20 items, of a list whose description allows nothing.
fn next(pager: Pager, asked: There, end: PageEnd<'_>) -> Found {
    next_of(pager, asked, 20, Ends::SAID, end)
}

fn end(items: u32, cursor: CursorValue<'_>) -> PageEnd<'_> {
    PageEnd { items, cursor, ..PageEnd::EMPTY }
}

fn of(total: u64, end: PageEnd<'_>) -> PageEnd<'_> {
    PageEnd { total: Some(total), ..end }
}

fn naming(next: u64, end: PageEnd<'_>) -> PageEnd<'_> {
    PageEnd { next: Some(next), ..end }
}

fn sized(size: u64, end: PageEnd<'_>) -> PageEnd<'_> {
    PageEnd { size: Some(size), ..end }
}

const fn over(why: End) -> Found {
    Ok(There::End(why))
}

fn silent(member: &str) -> Found {
    Err(CursorFault::Silent { member: crate::page::Name::new(member) })
}

#[test]
fn an_explicit_no_ends_a_list_by_key_or_token() {
    for value in [CursorValue::Null, NO] {
        for pager in [KEY, TOKEN] {
            assert_eq!(next(pager, There::Start, end(1, value)), over(End::SaidSo));
        }
    }
    assert_eq!(next(TOKEN, There::Start, end(1, CursorValue::Text(""))), over(End::SaidSo));
}

#[test]
fn an_absent_member_is_the_end_only_where_the_description_says_so() {
    let table = [(KEY, "nextPageKey"), (TOKEN, "token"), (PAGE, "nextPage"), (OFFSET, "meta.next")];
    for (pager, member) in table {
        for items in [0, 1] {
            let absent = end(items, CursorValue::Absent);
            let with = |ends| next_of(pager, There::Start, 0, ends, absent);
            assert_eq!(with(Ends::SAID), silent(member), "{pager:?}");
            assert_eq!(with(Ends::ABSENCE), over(End::SaidSo), "{pager:?}");
        }
    }
}

#[test]
fn an_empty_or_a_short_page_is_the_end_only_where_the_description_says_so() {
    let absent = |items| end(items, CursorValue::Absent);
    let empty = Ends::SAID.or_empty_page();
    let short = Ends::SAID.or_short_page(3);
    for (pager, there) in [(PAGE, There::Page(2)), (OFFSET, There::Offset(3))] {
        let with = |ends, end| next_of(pager, There::Start, 0, ends, end);
        assert_eq!(with(empty, absent(0)), over(End::EmptyPage));
        assert_eq!(with(empty, absent(3)), Ok(there));
        assert_eq!(with(short, absent(2)), over(End::ShortPage));
        assert_eq!(with(short, absent(0)), over(End::ShortPage));
        assert_eq!(with(short, absent(3)), Ok(there));
        // The page's own word for its size goes before the description's.
        assert_eq!(with(short, sized(5, absent(3))), over(End::ShortPage));
        assert_eq!(with(short, sized(0, absent(3))), Ok(there));
        assert_eq!(with(short, sized(0, absent(2))), over(End::ShortPage), "a size of 0 says nothing");
        assert!(
            with(Ends::SAID, sized(5, absent(3))).is_err(),
            "which ends a list may have, its description says"
        );
        // What the server says goes before both.
        assert_eq!(with(short, of(9, absent(2))), Ok(if pager == PAGE { there } else { There::Offset(2) }));
        assert_eq!(with(short, end(3, NO)), over(End::SaidSo));
    }
    assert_eq!(next_of(KEY, There::Start, 0, empty, absent(0)), over(End::EmptyPage));
    assert_eq!(next_of(KEY, There::Start, 0, empty, absent(1)), silent("nextPageKey"));
    assert_eq!(next_of(TOKEN, There::Start, 0, short, absent(2)), over(End::ShortPage));
}

#[test]
fn one_answer_is_all() {
    assert_eq!(next(Pager::None, There::Start, end(5, CursorValue::Absent)), over(End::SingleAnswer));
}

#[test]
fn a_key_is_any_64_bit_number_as_number_or_as_text() {
    for key in [1, -1, i64::MIN, i64::MAX, 1 << 60] {
        let text = format!("{key}");
        for value in [CursorValue::Number(&text), CursorValue::Text(&text)] {
            assert_eq!(next(KEY, There::Start, end(1, value)), Ok(There::Key(key)));
        }
    }
}

#[test]
fn what_is_no_whole_64_bit_number_is_no_key() {
    for text in ["9223372036854775808", "1.0", "1e3", "", "abc", "+1", " 1"] {
        let fault = Err(CursorFault::NotAKey { found: Text::new(text) });
        assert_eq!(next(KEY, There::Start, end(1, CursorValue::Text(text))), fault);
    }
    assert!(next(KEY, There::Start, end(1, YES)).is_err());
}

#[cfg(feature = "tokens")]
#[test]
fn a_token_is_taken_as_it_is() {
    for text in ["MTAw", "+RID:~abc#RT:1", "0"] {
        for value in [CursorValue::Text(text), CursorValue::Number(text)] {
            let end = end(1, value);
            let page = Page { asked: &Cursor::Start, end: &end, before: 0, total: None, ends: Ends::SAID };
            let next = TOKEN.next::<Everything>(&page).unwrap();
            let Cursor::Token(token) = next else { panic!("{text}") };
            assert_eq!(token.as_str(), text);
            let field = TOKEN.in_field(&next).unwrap();
            let crate::http::FieldValue::Text(value) = field.value else { panic!("{text}") };
            assert_eq!((field.name, value), ("x-continuation", text));
            assert!(TOKEN.in_field(&Cursor::Start).is_none());
        }
    }
    assert_eq!(next(TOKEN, There::Start, end(1, YES)), Err(CursorFault::TokenUnsendable));
}

#[test]
fn a_token_that_could_end_its_field_is_refused() {
    for text in ["a b", "a\r\nX: y", "é"] {
        let fault = Err(CursorFault::TokenUnsendable);
        assert_eq!(next(TOKEN, There::Start, end(1, CursorValue::Text(text))), fault);
    }
}

#[test]
fn pages_are_counted_as_long_as_one_says_that_another_follows() {
    let link = CursorValue::Text("https://api.example/v2/list?page=9");
    let two = There::Page(2);
    let table = [
        (There::Start, end(5, YES), Ok(There::Page(2))),
        (two, end(5, link), Ok(There::Page(3))),
        (two, naming(7, end(5, YES)), Ok(There::Page(7))),
        (two, naming(2, end(5, YES)), Ok(There::Page(3))),
        (two, naming(0, of(0, end(5, YES))), Ok(There::Page(3))),
        (two, of(25, end(5, YES)), Ok(There::Page(3))),
        (two, end(5, NO), over(End::SaidSo)),
        (two, of(99, end(5, CursorValue::Null)), over(End::SaidSo)),
        (two, of(26, end(5, CursorValue::Absent)), Ok(There::Page(3))),
        (two, of(25, end(5, CursorValue::Absent)), over(End::TotalReached)),
        (two, of(24, end(5, CursorValue::Absent)), over(End::TotalReached)),
        (two, of(0, end(5, CursorValue::Absent)), silent("nextPage")),
        (two, end(5, CursorValue::Absent), silent("nextPage")),
    ];
    for (asked, end, expected) in table {
        assert_eq!(next(PAGE, asked, end), expected, "{asked:?} {end:?}");
    }
}

#[test]
fn an_empty_page_between_others_is_passed_and_the_last_one_ends_the_list() {
    let two = There::Page(2);
    let table = [
        // Something says that more follows, and nothing stands against it.
        (naming(3, of(40, end(0, YES))), Ok(There::Page(3))),
        (of(40, end(0, YES)), Ok(There::Page(3))),
        (of(40, end(0, CursorValue::Absent)), Ok(There::Page(3))),
        (naming(5, end(0, YES)), Ok(There::Page(5))),
        (naming(3, of(0, end(0, YES))), Ok(There::Page(3))),
        (end(0, YES), Ok(There::Page(3))),
        (end(0, CursorValue::Text("/list?page=3")), Ok(There::Page(3))),
        // Nothing does, or all is here.
        (of(40, end(0, NO)), over(End::SaidSo)),
        (naming(3, of(20, end(0, YES))), over(End::TotalReached)),
        (of(20, end(0, YES)), over(End::TotalReached)),
        (of(20, end(0, CursorValue::Absent)), over(End::TotalReached)),
        (of(0, end(0, YES)), over(End::EmptyPage)),
        (end(0, CursorValue::Absent), silent("nextPage")),
    ];
    for (end, expected) in table {
        assert_eq!(next(PAGE, two, end), expected, "{end:?}");
    }
    // A total of an earlier page counts where this one says none.
    let earlier = |end: PageEnd<'_>| {
        let asked = two.cursor();
        let page = Page { asked: &asked, end: &end, before: 20, total: Some(20), ends: Ends::SAID };
        PAGE.next::<Everything>(&page).map(|next| There::of(&next))
    };
    assert_eq!(earlier(end(0, YES)), over(End::TotalReached));
    assert_eq!(earlier(of(21, end(0, YES))), Ok(There::Page(3)));
}

#[test]
fn items_are_counted_as_long_as_the_link_or_the_total_says_that_others_follow() {
    let twenty = There::Offset(20);
    let table = [
        (There::Start, end(20, LINK_TO_20), Ok(There::Offset(20))),
        (twenty, of(1, end(20, LINK_TO_20)), Ok(There::Offset(40))),
        (twenty, of(40, end(20, CursorValue::Null)), over(End::SaidSo)),
        (twenty, of(41, end(20, CursorValue::Null)), Ok(There::Offset(40))),
        (There::Start, of(20, end(20, CursorValue::Absent)), over(End::TotalReached)),
        (There::Start, of(21, end(20, CursorValue::Absent)), Ok(There::Offset(20))),
        (There::Start, end(20, CursorValue::Absent), silent("meta.next")),
        // What a link leads to is not followed where items came.
        (There::Start, sized(100, end(15, LINK_TO_20)), Ok(There::Offset(15))),
    ];
    for (asked, end, expected) in table {
        assert_eq!(next(OFFSET, asked, end), expected, "{asked:?} {end:?}");
    }
}

#[test]
fn behind_an_empty_slice_an_offset_goes_on_by_the_page_size_or_by_the_link() {
    let link = |text| CursorValue::Text(text);
    let to_40 = link("/list?offset=40");
    let twenty = There::Offset(20);
    let table = [
        (of(41, sized(20, end(0, to_40))), Ok(There::Offset(40))),
        (of(41, sized(5, end(0, to_40))), Ok(There::Offset(25))),
        (of(41, end(0, to_40)), Ok(There::Offset(40))),
        (of(41, sized(20, end(0, CursorValue::Absent))), Ok(There::Offset(40))),
        (end(0, to_40), Ok(There::Offset(40))),
        (sized(7, end(0, YES)), Ok(There::Offset(27))),
        // No step is known.
        (of(41, end(0, link("/list?page=3"))), Err(CursorFault::NoStep)),
        (of(41, sized(0, end(0, link("/list?offset=20")))), Err(CursorFault::NoStep)),
        (of(41, end(0, YES)), Err(CursorFault::NoStep)),
        (of(41, end(0, CursorValue::Absent)), over(End::EmptyPage)),
        // It is the end.
        (of(99, sized(20, end(0, CursorValue::Null))), over(End::SaidSo)),
        (of(20, sized(20, end(0, to_40))), over(End::TotalReached)),
        (of(0, sized(20, end(0, to_40))), over(End::EmptyPage)),
        (of(20, end(0, CursorValue::Absent)), over(End::TotalReached)),
    ];
    for (end, expected) in table {
        assert_eq!(next(OFFSET, twenty, end), expected, "{end:?}");
    }
}

#[test]
fn an_empty_list_is_over_whatever_says_so() {
    let table = [
        (PAGE, of(0, end(0, CursorValue::Absent)), End::TotalReached),
        (OFFSET, of(0, end(0, CursorValue::Absent)), End::TotalReached),
        (OFFSET, of(0, end(0, CursorValue::Null)), End::SaidSo),
        (PAGE, of(0, end(0, YES)), End::TotalReached),
        (KEY, end(0, CursorValue::Null), End::SaidSo),
    ];
    for (pager, end, why) in table {
        assert_eq!(next_of(pager, There::Start, 0, Ends::SAID, end), over(why), "{pager:?} {end:?}");
    }
}

#[test]
fn a_link_is_a_link_wherever_it_leads_for_it_is_not_followed() {
    let links = [
        "https://evil.example/v2/list?page=2",
        "http://api.example/v2/list?page=2",
        "http://web.svc.cluster.local:8000/api/v2/contacts/?offset=2",
        "//evil.example/v2",
        "?page=2",
        "2",
    ];
    for link in links {
        for (pager, there) in [(PAGE, There::Page(2)), (OFFSET, There::Offset(1))] {
            let end = end(1, CursorValue::Text(link));
            assert_eq!(next(pager, There::Start, end), Ok(there), "{link}");
            assert_eq!(pager.odd(&end), None);
        }
    }
}

#[test]
fn a_flag_may_be_a_text() {
    for (text, follows) in [("true", true), ("True", true), ("false", false), ("FALSE", false), ("", false)] {
        let found = next(PAGE, There::Start, end(1, CursorValue::Text(text)));
        assert_eq!(found, if follows { Ok(There::Page(2)) } else { over(End::SaidSo) }, "{text}");
    }
}

#[test]
fn what_is_neither_a_flag_nor_a_link_is_as_good_as_absent_and_is_told() {
    for value in [CursorValue::Number("7"), CursorValue::Text("none"), CursorValue::Text("N.A.")] {
        for (pager, member) in [(PAGE, "nextPage"), (OFFSET, "meta.next")] {
            assert_eq!(next_of(pager, There::Start, 0, Ends::SAID, end(1, value)), silent(member));
            let counted = of(1, end(1, value));
            assert_eq!(next_of(pager, There::Start, 0, Ends::SAID, counted), over(End::TotalReached));
            assert_eq!(pager.odd(&counted), Some(Hint::More));
        }
        // A key or token is strict.
        assert_eq!(KEY.odd(&end(1, value)), None);
    }
}

#[test]
fn a_page_that_says_which_one_it_is_is_compared_with_what_was_asked() {
    let table = [
        (PAGE, There::Start, Some(1), Some((1, 1))),
        (PAGE, There::Page(3), Some(1), Some((3, 1))),
        (PAGE, There::Page(3), Some(0), None),
        (PAGE, There::Page(3), None, None),
        (OFFSET, There::Start, Some(0), Some((0, 0))),
        (OFFSET, There::Offset(20), Some(0), Some((20, 0))),
        (KEY, There::Key(3), Some(1), None),
    ];
    for (pager, asked, here, expected) in table {
        let (end, cursor) = (PageEnd { here, ..end(1, YES) }, asked.cursor());
        let page = Page { asked: &cursor, end: &end, before: 0, total: None, ends: Ends::SAID };
        assert_eq!(pager.here(&page), expected, "{pager:?} {asked:?} {here:?}");
    }
}
