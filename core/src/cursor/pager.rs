//! How an endpoint is paged, and what a page says of the next. Pure functions over what was found in the page.

use super::{Cursor, CursorFault, Token};
use crate::http::{Field, FieldValue, Location, Origin, Parameter, names_an_origin};
use crate::page::{CursorValue, PageEnd};
use crate::text::Text;

/// How an endpoint is paged. All fields of pages are member names joined by dots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pager {
    /// Not at all: everything is in one answer.
    None,
    /// A page names the key of its last record while more follow; the next one is asked for by that key.
    Key {
        /// The query parameter that takes the key.
        parameter: &'static str,
        /// Where the page holds the key.
        field: &'static str,
    },
    /// A page has a token while more follow; the next one is asked for by that token, and by all else as before.
    Token {
        /// What takes the token.
        place: Place,
        /// Where the page holds the token. Null and the empty text are the end.
        field: &'static str,
    },
    /// Pages are numbered from 1, and a page says whether another follows.
    Page {
        /// The query parameter that takes the number.
        parameter: &'static str,
        /// Where the page says whether another follows: yes or no, or a link or null. A link is not followed, but it must
        /// not lead elsewhere. Where it is absent, the total decides.
        more: &'static str,
        /// Where the page may hold the next page's number; one that does not grow is passed over.
        next: Option<&'static str>,
        /// Where the page may hold the number of all items.
        total: Option<&'static str>,
    },
    /// Items are counted from 0, and a page says whether others follow. As long as it does, or the total says so, they are
    /// asked for: a request too many ends with an empty page, one too few would lose items.
    Offset {
        /// The query parameter that takes how many items to pass over.
        parameter: &'static str,
        /// Where the page says whether others follow: a link or null. The link is not followed, but it must not lead
        /// elsewhere.
        more: &'static str,
        /// Where the page holds the number of all items.
        total: &'static str,
    },
}

/// Where a token goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Into this query parameter.
    Query(&'static str),
    /// Into this field, its name in lower case, as it is.
    Field(&'static str),
}

/// A page that was handed over, as far as the next one depends on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page<'p> {
    /// What it was asked by.
    pub(crate) asked: Cursor,
    /// What was found in it.
    pub(crate) end: PageEnd<'p>,
    /// How many items were handed over before it, those left out included.
    pub(crate) before: u64,
    /// The only origin that gets the credential.
    pub(crate) origin: Origin<'p>,
}

impl Pager {
    /// The query parameter that says where a page begins.
    pub const fn parameter(&self) -> Option<&'static str> {
        match self {
            Self::Key { parameter, .. } | Self::Page { parameter, .. } | Self::Offset { parameter, .. } => {
                Some(parameter)
            }
            Self::Token { place: Place::Query(parameter), .. } => Some(parameter),
            Self::Token { place: Place::Field(_), .. } | Self::None => None,
        }
    }

    /// The page's member that says where the next one begins, or whether there is one.
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Key { field, .. } | Self::Token { field, .. } => Some(field),
            Self::Page { more, .. } | Self::Offset { more, .. } => Some(more),
        }
    }

    /// The field that says where a page begins.
    pub(crate) const fn in_field_named(&self) -> Option<&'static str> {
        match self {
            Self::Token { place: Place::Field(name), .. } => Some(name),
            _ => None,
        }
    }

    /// Its kind, as checkpoints are told apart by it.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::None => "whole",
            Self::Key { .. } => "key",
            Self::Token { .. } => "token",
            Self::Page { .. } => "page",
            Self::Offset { .. } => "offset",
        }
    }

    /// Whether that member may hold a link.
    pub(crate) const fn is_link(&self) -> bool {
        matches!(self, Self::Page { .. } | Self::Offset { .. })
    }

    /// The page's member with the next page's number.
    pub(crate) const fn next_field(&self) -> Option<&'static str> {
        match self {
            Self::Page { next, .. } => *next,
            Self::None | Self::Key { .. } | Self::Token { .. } | Self::Offset { .. } => None,
        }
    }

    /// The page's member with the number of all items.
    pub(crate) const fn total_field(&self) -> Option<&'static str> {
        match self {
            Self::Page { total, .. } => *total,
            Self::Offset { total, .. } => Some(total),
            Self::None | Self::Key { .. } | Self::Token { .. } => None,
        }
    }

    /// What asks for the page at a cursor, if that goes into the query.
    pub(crate) fn in_query<'c>(&self, cursor: &'c Cursor) -> Option<(&'static str, Parameter<'c>)> {
        let value = match cursor {
            Cursor::Key(number) | Cursor::Page(number) | Cursor::Offset(number) => Parameter::Int(*number),
            Cursor::Token(token) => Parameter::Text(token.as_str()),
            Cursor::Start | Cursor::End => return None,
        };
        self.parameter().map(|name| (name, value))
    }

    /// What asks for the page at a cursor, if that goes into a field.
    pub(crate) fn in_field<'c>(&self, cursor: &'c Cursor) -> Option<Field<'c>> {
        match (self, cursor) {
            (Self::Token { place: Place::Field(name), .. }, Cursor::Token(token)) => {
                Some(Field { name, value: FieldValue::Text(token.as_str()) })
            }
            _ => None,
        }
    }

    /// Where the next page begins.
    ///
    /// # Errors
    ///
    /// What the page says of it cannot be understood, or leads elsewhere.
    pub(crate) fn next(&self, page: &Page<'_>) -> Result<Cursor, CursorFault> {
        let PageEnd { items, cursor, next, total } = page.end;
        match self {
            Self::None => Ok(Cursor::End),
            Self::Key { .. } => key(cursor),
            Self::Token { place, .. } => token(*place, cursor),
            Self::Page { .. } => {
                let seen = page.before.saturating_add(items.into());
                let follows = match follows(cursor, page.origin)? {
                    Some(said) => said,
                    None => total.is_some_and(|total| seen < total),
                };
                let here = if let Cursor::Page(number) = page.asked { number } else { 1 };
                let named = next.and_then(|next| i64::try_from(next).ok()).filter(|next| *next > here);
                let there = named.unwrap_or(here.saturating_add(1));
                Ok(if follows && items > 0 { Cursor::Page(there) } else { Cursor::End })
            }
            Self::Offset { .. } => {
                let here = if let Cursor::Offset(items) = page.asked { items } else { 0 };
                let there = here.saturating_add(items.into());
                let is_counted = total.is_some_and(|total| u64::try_from(there).unwrap_or(0) < total);
                let follows = follows(cursor, page.origin)?.unwrap_or(false) || is_counted;
                Ok(if follows && items > 0 { Cursor::Offset(there) } else { Cursor::End })
            }
        }
    }
}

fn key(value: CursorValue<'_>) -> Result<Cursor, CursorFault> {
    let text = match value {
        CursorValue::Absent | CursorValue::Null => return Ok(Cursor::End),
        CursorValue::Number(text) | CursorValue::Text(text) => text,
        CursorValue::Bool(true) => "true",
        CursorValue::Bool(false) => "false",
    };
    // `parse` also takes a plus sign, which JSON numbers do not have.
    match text.parse() {
        Ok(key) if !text.starts_with('+') => Ok(Cursor::Key(key)),
        _ => Err(CursorFault::NotAKey { found: Text::new(text) }),
    }
}

fn token(place: Place, value: CursorValue<'_>) -> Result<Cursor, CursorFault> {
    let text = match value {
        CursorValue::Absent | CursorValue::Null | CursorValue::Text("") => return Ok(Cursor::End),
        CursorValue::Number(text) | CursorValue::Text(text) => text,
        CursorValue::Bool(_) => return Err(CursorFault::TokenUnsendable),
    };
    let is_sendable = match place {
        Place::Query(_) => true,
        Place::Field(_) => text.bytes().all(|byte| byte.is_ascii_graphic()),
    };
    // The scanner has refused what is too long.
    match Token::new(text) {
        Some(token) if is_sendable => Ok(Cursor::Token(token)),
        _ => Err(CursorFault::TokenUnsendable),
    }
}

/// Whether a page says that another follows; `None` if it says nothing.
fn follows(value: CursorValue<'_>, origin: Origin<'_>) -> Result<Option<bool>, CursorFault> {
    match value {
        CursorValue::Absent => Ok(None),
        CursorValue::Null | CursorValue::Text("") => Ok(Some(false)),
        CursorValue::Bool(says) => Ok(Some(says)),
        CursorValue::Number(text) => Err(CursorFault::NotALink { found: Text::new(text) }),
        CursorValue::Text(link) if !names_an_origin(link) => Ok(Some(true)),
        CursorValue::Text(link) => match Location::resolve(link, origin) {
            Some(location) if location.origin == origin => Ok(Some(true)),
            _ if is_cut_before_it_differs(link, origin) => Ok(Some(true)),
            other => Err(CursorFault::OtherOrigin {
                configured: shown(origin),
                named: other.map_or_else(|| Text::new(link), |location| shown(location.origin)),
            }),
        },
    }
}

/// How much of a link is kept at the least. A longer one may be cut.
pub(crate) const LINK: usize = 64;

/// Whether a link that may be cut is the same as this origin as far as it goes.
fn is_cut_before_it_differs(link: &str, origin: Origin<'_>) -> bool {
    let mut rest = Some(link);
    // Nothing here fails.
    let _ = core::fmt::write(
        &mut Same(&mut rest),
        format_args!("{}://{}", origin.scheme().as_str(), origin.authority()),
    );
    link.len() >= LINK && rest == Some("")
}

/// Takes what is written to it away from the front of a text, without regard to case; `None` once that differs.
struct Same<'a, 't>(&'a mut Option<&'t str>);

impl core::fmt::Write for Same<'_, '_> {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        if let Some(rest) = *self.0 {
            let length = rest.len().min(text.len());
            let (Some((front, behind)), Some(written)) = (rest.split_at_checked(length), text.get(..length))
            else {
                *self.0 = None;
                return Ok(());
            };
            *self.0 = front.eq_ignore_ascii_case(written).then_some(behind);
        }
        Ok(())
    }
}

/// An origin as it is shown.
pub(crate) fn shown<const N: usize>(origin: Origin<'_>) -> Text<N> {
    let mut text = Text::EMPTY;
    // A text takes everything, or cuts it.
    let _ = core::fmt::write(&mut text, format_args!("{origin}"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::BaseUrl;

    const KEY: Pager = Pager::Key { parameter: "afterId", field: "nextPageKey" };
    const TOKEN: Pager = Pager::Token { place: Place::Field("x-continuation"), field: "token" };
    const PAGE: Pager =
        Pager::Page { parameter: "pageNo", more: "nextPage", next: Some("nextPageNo"), total: Some("total") };
    const OFFSET: Pager = Pager::Offset { parameter: "offset", more: "meta.next", total: "meta.total" };

    fn next(pager: Pager, asked: Cursor, end: PageEnd<'_>) -> Result<Cursor, CursorFault> {
        let origin = BaseUrl::parse("https://api.example/v2").unwrap().origin();
        pager.next(&Page { asked, end, before: 20, origin })
    }

    fn end(items: u32, cursor: CursorValue<'_>) -> PageEnd<'_> {
        PageEnd { items, cursor, next: None, total: None }
    }

    #[test]
    fn a_missing_or_null_key_is_the_end() {
        for value in [CursorValue::Absent, CursorValue::Null] {
            assert_eq!(next(KEY, Cursor::Start, end(1, value)), Ok(Cursor::End));
        }
    }

    #[test]
    fn a_key_is_any_64_bit_number_as_number_or_as_text() {
        for key in [1, -1, i64::MIN, i64::MAX, 1 << 60] {
            let text = std::format!("{key}");
            for value in [CursorValue::Number(&text), CursorValue::Text(&text)] {
                assert_eq!(next(KEY, Cursor::Start, end(1, value)), Ok(Cursor::Key(key)));
            }
        }
    }

    #[test]
    fn what_is_no_whole_64_bit_number_is_no_key() {
        for text in ["9223372036854775808", "1.0", "1e3", "", "abc", "+1", " 1"] {
            let fault = Err(CursorFault::NotAKey { found: Text::new(text) });
            assert_eq!(next(KEY, Cursor::Start, end(1, CursorValue::Text(text))), fault);
        }
        assert!(next(KEY, Cursor::Start, end(1, CursorValue::Bool(true))).is_err());
    }

    #[cfg(feature = "tokens")]
    #[test]
    fn a_token_is_taken_as_it_is_and_null_or_nothing_is_the_end() {
        for text in ["MTAw", "+RID:~abc#RT:1", "0"] {
            let expected = Ok(Cursor::Token(Token::new(text).unwrap()));
            assert_eq!(next(TOKEN, Cursor::Start, end(1, CursorValue::Text(text))), expected);
        }
        for value in [CursorValue::Absent, CursorValue::Null, CursorValue::Text("")] {
            assert_eq!(next(TOKEN, Cursor::Start, end(1, value)), Ok(Cursor::End));
        }
    }

    #[test]
    fn a_token_that_could_end_its_field_is_refused() {
        for text in ["a b", "a\r\nX: y", "é"] {
            let fault = Err(CursorFault::TokenUnsendable);
            assert_eq!(next(TOKEN, Cursor::Start, end(1, CursorValue::Text(text))), fault);
        }
    }

    #[test]
    fn pages_are_counted_as_long_as_one_says_that_another_follows() {
        let link = CursorValue::Text("https://api.example/v2/list?page=9");
        let yes = CursorValue::Bool(true);
        let with = |next, total, end| PageEnd { next, total, ..end };
        let table = [
            (Cursor::Start, end(5, yes), Cursor::Page(2)),
            (Cursor::Page(2), end(5, link), Cursor::Page(3)),
            (Cursor::Page(2), with(Some(7), None, end(5, yes)), Cursor::Page(7)),
            (Cursor::Page(2), with(Some(2), None, end(5, yes)), Cursor::Page(3)),
            (Cursor::Page(2), with(Some(0), Some(0), end(5, yes)), Cursor::Page(3)),
            (Cursor::Page(2), end(5, CursorValue::Bool(false)), Cursor::End),
            (Cursor::Page(2), with(None, Some(99), end(5, CursorValue::Null)), Cursor::End),
            (Cursor::Page(2), end(0, yes), Cursor::End),
            (Cursor::Page(2), end(5, CursorValue::Absent), Cursor::End),
            (Cursor::Page(2), with(None, Some(26), end(5, CursorValue::Absent)), Cursor::Page(3)),
            (Cursor::Page(2), with(None, Some(25), end(5, CursorValue::Absent)), Cursor::End),
        ];
        for (asked, end, expected) in table {
            assert_eq!(next(PAGE, asked, end), Ok(expected), "{asked:?} {end:?}");
        }
    }

    #[test]
    fn items_are_counted_as_long_as_the_link_or_the_total_says_that_others_follow() {
        let link = CursorValue::Text("/v2/list/?limit=20&offset=20");
        let with = |total, end| PageEnd { total, ..end };
        let table = [
            (Cursor::Start, end(20, link), Cursor::Offset(20)),
            (Cursor::Offset(20), with(Some(1), end(20, link)), Cursor::Offset(40)),
            (Cursor::Offset(20), with(Some(40), end(20, CursorValue::Null)), Cursor::End),
            (Cursor::Offset(20), with(Some(41), end(20, CursorValue::Null)), Cursor::Offset(40)),
            (Cursor::Start, with(Some(20), end(20, CursorValue::Absent)), Cursor::End),
            (Cursor::Start, with(Some(21), end(20, CursorValue::Absent)), Cursor::Offset(20)),
            (Cursor::Offset(20), with(Some(99), end(0, link)), Cursor::End),
        ];
        for (asked, end, expected) in table {
            assert_eq!(next(OFFSET, asked, end), Ok(expected), "{asked:?} {end:?}");
        }
    }

    #[test]
    fn a_link_to_another_origin_is_refused_with_both_named() {
        let table = [
            ("https://evil.example/v2/list?page=2", "https://evil.example"),
            ("http://api.example/v2/list?page=2", "http://api.example"),
            ("https://api.example:8443/v2", "https://api.example:8443"),
            ("//evil.example/v2", "https://evil.example"),
            ("https://api.example@evil.example/", "https://api.example@evil.example/"),
            ("ftp://api.example/", "ftp://api.example/"),
        ];
        for (link, named) in table {
            for pager in [PAGE, OFFSET] {
                assert_eq!(
                    next(pager, Cursor::Start, end(1, CursorValue::Text(link))),
                    Err(CursorFault::OtherOrigin {
                        configured: Text::new("https://api.example"),
                        named: Text::new(named)
                    }),
                );
            }
        }
    }

    #[test]
    fn what_is_no_link_is_refused() {
        let fault = CursorFault::NotALink { found: Text::new("7") };
        assert_eq!(next(OFFSET, Cursor::Start, end(1, CursorValue::Number("7"))), Err(fault));
    }
}
