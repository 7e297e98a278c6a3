//! How an endpoint is paged, and what a page says of the next. Pure functions over what was found in the page.
//!
//! What the server says of more goes first, then its total, then what the list's description allows:
//!
//! | says of more | page with items | page without |
//! |---|---|---|
//! | a key or token | goes on | goes on, as long as it is a new one, which is not looked at here |
//! | no (null, false, an empty token) | the end; by offset goes on while the total is not reached | the end |
//! | yes (a flag or a link) | goes on | goes on if the total, or without a total nothing, stands against it |
//! | nothing | the total decides; without one, what [`Ends`] allows, else a fault | the same |

use super::link;
use super::{Cursor, CursorFault, End, Ends, Token};
use crate::http::digits::signed_number;
use crate::http::{Field, FieldValue, Origin, Parameter};
use crate::page::{CursorValue, Hint, Name, PageEnd};
use crate::profile::Profile;
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
        /// Where the page says whether another follows: yes or no, or a link or null. A link is not followed. Where it is
        /// absent, the total decides.
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
        /// Where the page says whether others follow: a link or null. The link is not followed.
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
    pub(crate) asked: &'p Cursor,
    /// What was found in it.
    pub(crate) end: &'p PageEnd<'p>,
    /// How many items were handed over before it, those left out included.
    pub(crate) before: u64,
    /// How many items there are, by the latest page that said so.
    pub(crate) total: Option<u64>,
    /// What may end the list beside the server's word.
    pub(crate) ends: Ends,
}

/// What a page says of more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Yes,
    No,
    Nothing,
    /// Something that cannot be understood, which is as good as nothing.
    Odd,
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
            Cursor::Start | Cursor::End(_) => return None,
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

    /// What the page says that cannot be used and only informs.
    pub(crate) fn odd(&self, end: &PageEnd<'_>) -> Option<Hint> {
        end.odd.or_else(|| (self.is_link() && said(end.cursor) == Said::Odd).then_some(Hint::More))
    }

    /// The number that a page should say of itself, and the one that it says. `None` if it says none.
    pub(crate) fn here(&self, page: &Page<'_>) -> Option<(u64, u64)> {
        let asked = match (self, page.asked) {
            (Self::Page { .. }, Cursor::Page(number)) => *number,
            (Self::Page { .. }, _) => 1,
            (Self::Offset { .. }, Cursor::Offset(items)) => *items,
            (Self::Offset { .. }, _) => 0,
            (Self::None | Self::Key { .. } | Self::Token { .. }, _) => return None,
        };
        // Pages are counted from 1, so a 0 says nothing.
        let is_said = |here: &u64| *here > 0 || matches!(self, Self::Offset { .. });
        Some((u64::try_from(asked).ok()?, page.end.here.filter(is_said)?))
    }

    /// What comes behind a page.
    ///
    /// # Errors
    ///
    /// What the page says of it cannot be understood, or it says nothing.
    #[inline(never)]
    pub(crate) fn next<P: Profile>(&self, page: &Page<'_>) -> Result<Cursor, CursorFault> {
        let (end, can) = (page.end, P::CAPABILITIES);
        match self {
            Self::None => Ok(Cursor::End(End::SingleAnswer)),
            Self::Key { field, .. } => match end.cursor {
                CursorValue::Absent => silent(page, field).map(Cursor::End),
                value => key(value),
            },
            Self::Token { place, field } if can.by_token => match end.cursor {
                CursorValue::Absent => silent(page, field).map(Cursor::End),
                value => token(*place, value),
            },
            Self::Page { more, .. } if can.by_page => {
                let here = if let Cursor::Page(number) = page.asked { *number } else { 1 };
                let named = end.next.and_then(|next| i64::try_from(next).ok()).filter(|next| *next > here);
                let seen = page.before.saturating_add(end.items.into());
                Ok(
                    match counted(
                        page,
                        more,
                        seen,
                        if named.is_some() { There::Named } else { There::Counted },
                    )? {
                        Some(over) => Cursor::End(over),
                        None => Cursor::Page(named.unwrap_or(here.saturating_add(1))),
                    },
                )
            }
            Self::Offset { parameter, more, .. } if can.by_offset => {
                let here = if let Cursor::Offset(items) = page.asked { *items } else { 0 };
                let there = here.saturating_add(end.items.into());
                if let Some(over) = counted(page, more, u64::try_from(there).unwrap_or(0), There::Offset)? {
                    return Ok(Cursor::End(over));
                }
                if end.items > 0 {
                    return Ok(Cursor::Offset(there));
                }
                match (step(end, parameter, here), said(end.cursor)) {
                    (Some(step), _) => Ok(Cursor::Offset(here.saturating_add(step))),
                    (None, Said::Yes) => Err(CursorFault::NoStep),
                    // The total says more, and so does the outcome.
                    (None, _) => Ok(Cursor::End(End::EmptyPage)),
                }
            }
            // Such a pull is refused before it begins.
            Self::Token { .. } | Self::Page { .. } | Self::Offset { .. } => Err(CursorFault::NoStep),
        }
    }
}

/// How the client knows where a next page would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum There {
    /// It is the next page.
    Counted,
    /// The page names a later one.
    Named,
    /// It begins behind so many items. An explicit no ends a list of pages, for a page beyond the last may be anything; an
    /// offset beyond the last item gives an empty page.
    Offset,
}

/// Why a list in which the client counts is over behind a page; `None` if it goes on. `seen` is how far it came in the server's
/// count.
#[inline(never)]
fn counted(page: &Page<'_>, more: &str, seen: u64, there: There) -> Result<Option<End>, CursorFault> {
    let PageEnd { items, cursor, .. } = *page.end;
    let total = page.end.total.or(page.total);
    let is_more = total.is_some_and(|total| total > seen);
    // Some write 0 for any total.
    let is_all = total.is_some_and(|total| total <= seen && (total > 0 || seen == 0));
    match said(cursor) {
        Said::No if there == There::Offset && is_more && items > 0 => Ok(None),
        Said::No => Ok(Some(End::SaidSo)),
        Said::Yes if items > 0 || is_more || total.is_none() => Ok(None),
        Said::Yes if is_all => Ok(Some(End::TotalReached)),
        // The total is 0, and nothing came.
        Said::Yes => Ok(if there == There::Named { None } else { Some(End::EmptyPage) }),
        Said::Nothing | Said::Odd if is_more => Ok(None),
        Said::Nothing | Said::Odd if is_all => Ok(Some(End::TotalReached)),
        Said::Nothing | Said::Odd => match silent(page, more) {
            Ok(over) => Ok(Some(over)),
            Err(_) if page.ends.empty_page || page.ends.full_page > 0 => Ok(None),
            Err(fault) => Err(fault),
        },
    }
}

/// Why a list is over behind a page that says nothing of more, if its description allows one.
#[inline(never)]
fn silent(page: &Page<'_>, member: &str) -> Result<End, CursorFault> {
    let PageEnd { items, size, .. } = *page.end;
    let Ends { absence, empty_page, full_page } = page.ends;
    let full = size.filter(|size| *size > 0).unwrap_or(full_page.into());
    if absence {
        Ok(End::SaidSo)
    } else if items == 0 && empty_page {
        Ok(End::EmptyPage)
    } else if full_page > 0 && u64::from(items) < full {
        Ok(End::ShortPage)
    } else {
        Err(CursorFault::Silent { member: Name::new(member) })
    }
}

/// How far to go on behind an empty page of a list by offset: by the size of a page or to where the link leads, and of the two
/// by the smaller, for items could lie between.
fn step(end: &PageEnd<'_>, parameter: &str, here: i64) -> Option<i64> {
    let linked = match end.cursor {
        CursorValue::Text(link) => link::parameter(link, parameter),
        _ => None,
    };
    let linked = linked.and_then(|there| i64::try_from(there).ok()?.checked_sub(here));
    let size = end.size.and_then(|size| i64::try_from(size).ok());
    match (linked.filter(|step| *step > 0), size.filter(|step| *step > 0)) {
        (Some(linked), Some(size)) => Some(linked.min(size)),
        (linked, size) => linked.or(size),
    }
}

fn key(value: CursorValue<'_>) -> Result<Cursor, CursorFault> {
    let text = match value {
        CursorValue::Absent | CursorValue::Null | CursorValue::Bool(false) => {
            return Ok(Cursor::End(End::SaidSo));
        }
        CursorValue::Number(text) | CursorValue::Text(text) => text,
        CursorValue::Bool(true) => "true",
    };
    match signed_number(text.as_bytes()) {
        Some(key) => Ok(Cursor::Key(key)),
        None => Err(CursorFault::NotAKey { found: Text::new(text) }),
    }
}

fn token(place: Place, value: CursorValue<'_>) -> Result<Cursor, CursorFault> {
    let text = match value {
        CursorValue::Absent | CursorValue::Null | CursorValue::Text("") | CursorValue::Bool(false) => {
            return Ok(Cursor::End(End::SaidSo));
        }
        CursorValue::Number(text) | CursorValue::Text(text) => text,
        CursorValue::Bool(true) => return Err(CursorFault::TokenUnsendable),
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

/// What a flag or a link says of more.
#[inline(never)]
fn said(value: CursorValue<'_>) -> Said {
    match value {
        CursorValue::Absent => Said::Nothing,
        CursorValue::Null | CursorValue::Bool(false) | CursorValue::Text("") => Said::No,
        CursorValue::Bool(true) => Said::Yes,
        CursorValue::Text(text) if text.eq_ignore_ascii_case("false") => Said::No,
        CursorValue::Text(text) if text.eq_ignore_ascii_case("true") || link::is_link(text) => Said::Yes,
        CursorValue::Number(_) | CursorValue::Text(_) => Said::Odd,
    }
}

/// An origin as it is shown.
pub(crate) fn shown<const N: usize>(origin: Origin<'_>) -> Text<N> {
    let mut text = Text::EMPTY;
    origin.write(&mut text);
    text
}
