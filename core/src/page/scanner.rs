//! The state machine of a page: which values are items, which is the cursor, and which are nobody's.

use super::fault::{Members, Name, PageFault};
use super::path::{Matcher, Place};
use super::{CursorValue, Hint, Item, Items, PageEnd, PageShape};
use crate::ascii;
use crate::fingerprint::Fingerprint;
use crate::json::{Event, Kind, Tokenizer};
use crate::text::Utf8;

/// Reads one page, in chunks of any size, and hands out its items one by one.
///
/// After an error, every further call gives the same error.
#[derive(Clone, Debug)]
pub struct PageScanner<'p> {
    tokens: Tokenizer,
    state: State,
    /// How many bytes came of a byte order mark; all of them once there is none to come.
    marked: u8,
    /// The path of each [`Role`], in that order, and how far the page has gone along it.
    paths: [Option<&'p str>; Role::COUNT],
    matchers: [Matcher; Role::COUNT],
    items: ItemsAt,
    is_link: bool,
    /// Of the root, for whoever has to find out what was wrong with the path.
    members: Members,
    /// The member of the root named last.
    latest: Name,
    /// The one that is the only array, where that has to be found.
    array: Option<Name>,
    /// How long the cursor is in the caller's buffer. If it is too long for it, how much room there is.
    cursor_len: usize,
    /// What the value in hand is, and where it begins.
    role: Role,
    begins: u64,
    /// How many bytes came of the item or the value in hand.
    gathered: usize,
    /// All of those that an earlier chunk had are in the caller's buffer. Once a piece did not fit, the rest is only counted: also
    /// when the buffer should have grown in between.
    fits: bool,
    /// What the page comes to, as far as it was read. The text of the cursor is in the caller's buffer.
    end: PageEnd<'static>,
    refused: Option<Refusal>,
}

/// What a path leads to. The discriminant is its place among the paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Items,
    Cursor,
    Next,
    Total,
    Here,
    Size,
}

impl Role {
    const COUNT: usize = 6;
    const ALL: [Self; Self::COUNT] =
        [Self::Items, Self::Cursor, Self::Next, Self::Total, Self::Here, Self::Size];
    /// What a fault of it is told as, where it only informs.
    const fn hint(self, is_link: bool) -> Option<Hint> {
        match self {
            Self::Cursor if is_link => Some(Hint::More),
            Self::Items | Self::Cursor => None,
            Self::Next => Some(Hint::Next),
            Self::Total => Some(Hint::Total),
            Self::Here => Some(Hint::Here),
            Self::Size => Some(Hint::Size),
        }
    }
}

/// Where the items are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ItemsAt {
    Path,
    Root,
    OnlyArray,
}

/// Why the page is refused. What else there is to tell of it is at hand as long as nothing more is read.
#[derive(Clone, Copy, Debug)]
enum Refusal {
    Json,
    Root,
    TooManyItems,
    /// The path to the role in hand is there twice.
    Twice,
    /// The value of the role in hand, or one on its path, is of a wrong kind.
    Unusable,
    SecondArray,
    CursorNotText,
    CursorTooLong,
    CursorLost,
    NoItems,
}

/// Where in the page the next event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the page itself.
    Root,
    /// In an object that leads to something looked for, or around the items.
    Object,
    /// In the array of items, between two of them.
    Items,
    /// In an item.
    Item,
    /// In a value that is looked for.
    Value,
}

/// What a JSON text must not begin with and often does (RFC 8259 §8.1 allows to pass over it).
const BYTE_ORDER_MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// Names at a page's top level under which there are no items, unless they are named.
const NEVER_ITEMS: [&str; 5] = ["error", "errors", "message", "messages", "warnings"];

impl<'p> PageScanner<'p> {
    /// At the start of a page.
    pub const fn new(shape: PageShape<'p>) -> Self {
        let (names, items, pinned) = match shape.items {
            Items::Key(names) => (Some(names), ItemsAt::Path, 0),
            Items::Root => (None, ItemsAt::Root, 0),
            Items::OnlyArray => (None, ItemsAt::OnlyArray, shape.pinned),
        };
        Self {
            tokens: Tokenizer::new(),
            state: State::Root,
            marked: 0,
            paths: [names, shape.cursor, shape.next, shape.total, shape.here, shape.size],
            matchers: [Matcher::NEW; Role::COUNT],
            items,
            is_link: shape.is_link,
            members: Members::EMPTY,
            latest: Name::EMPTY,
            array: None,
            cursor_len: 0,
            role: Role::Items,
            begins: 0,
            gathered: 0,
            fits: true,
            end: PageEnd { cursor: CursorValue::Absent, pinned, ..PageEnd::EMPTY },
            refused: None,
        }
    }

    /// Items handed out so far, those too large included.
    pub fn items(&self) -> u32 {
        self.end.items
    }

    /// Bytes consumed so far; after a fault, the bytes before the one that was refused.
    pub fn offset(&self) -> u64 {
        self.tokens.offset()
    }

    /// Consumes a prefix of `chunk`, and hands out an item if one ended there: lent from the chunk if it lies whole in
    /// it, else from `item`. If none is handed out, the whole chunk was consumed; else the rest, even if empty, has
    /// to be pushed next.
    ///
    /// `item` and `cursor` hold what earlier chunks had of an item and of the cursor, so the caller hands over the
    /// same ones, untouched, until the page's end. An item is too large if it has more bytes than `item`, wherever it
    /// lies.
    ///
    /// # Errors
    ///
    /// At the first byte at which the body is known not to be a page of this shape. The items before it were handed
    /// out.
    pub fn push<'a>(
        &mut self,
        chunk: &'a [u8],
        item: &'a mut [u8],
        cursor: &mut [u8],
    ) -> Result<(usize, Option<Item<'a>>), PageFault> {
        let mut at = self.pass_mark(chunk);
        // Where the item in hand begins in the chunk.
        let mut start = at;
        while self.refused.is_none() {
            #[cfg(all(target_pointer_width = "64", not(tidegate_narrow)))]
            if self.state == State::Items
                && self.end.items < u32::MAX
                && let Some(taken) = self.tokens.element(chunk.get(at..).unwrap_or_default())
            {
                // What comes of the events. A page has many items, and to be told of each takes longer than many a one.
                at = at.wrapping_add(taken);
                start = at;
                self.begin_item();
            }
            match (self.tokens.event(chunk, &mut at), self.state) {
                (Event::Pass, state) => {
                    if state == State::Item {
                        self.gather(item, chunk.get(start..).unwrap_or_default());
                    }
                    return Ok((chunk.len(), None));
                }
                (Event::Refused, _) => self.refused = Some(Refusal::Json),
                (_, State::Item) => {
                    self.state = State::Items;
                    return Ok((at, Some(self.hand_out(chunk.get(start..at).unwrap_or_default(), item))));
                }
                (Event::Value, State::Items) if self.end.items == u32::MAX => {
                    self.refused = Some(Refusal::TooManyItems);
                }
                (Event::Value, State::Items) => {
                    start = at;
                    self.begin_item();
                }
                (event, _) => self.on(event, cursor),
            }
        }
        Err(self.fault(self.refused.unwrap_or(Refusal::Json)))
    }

    /// The body has ended: what the page came to. `cursor` is the buffer that was handed to [`push`](Self::push).
    ///
    /// # Errors
    ///
    /// The earlier fault; [`PageFault::CutShort`] if the page is not whole; [`PageFault::NoItems`] or
    /// [`PageFault::NoArray`] if nothing in it holds the items.
    #[inline(never)]
    pub fn finish<'a>(&self, cursor: &'a [u8]) -> Result<PageEnd<'a>, PageFault> {
        let text = self.cursor_text(cursor);
        let found = match (self.end.cursor, text) {
            (CursorValue::Number(_), Some(text)) => Some(CursorValue::Number(text)),
            (CursorValue::Text(_), Some(text)) => Some(CursorValue::Text(text)),
            (CursorValue::Number(_) | CursorValue::Text(_), None) => None,
            (other, _) => Some(other),
        };
        let refusal = match (self.refused, found) {
            (Some(refusal), _) => refusal,
            _ if self.tokens.finish().is_err() => Refusal::Json,
            // Some leave an empty list out.
            _ if self.lacks_items() && self.end.total != Some(0) => Refusal::NoItems,
            (None, None) => Refusal::CursorLost,
            (None, Some(cursor)) => {
                let pinned = self.array.as_ref().map_or(self.end.pinned, pin);
                return Ok(PageEnd { cursor, pinned, ..self.end });
            }
        };
        Err(self.fault(refusal))
    }

    /// Whether nothing in the page holds the items.
    fn lacks_items(&self) -> bool {
        match self.items {
            ItemsAt::Root => false,
            ItemsAt::Path => !self.matcher(Role::Items).is_met(),
            ItemsAt::OnlyArray => self.array.is_none(),
        }
    }

    /// The path to the value in hand, or to the one on the way that is.
    #[inline(never)]
    fn name_in_hand(&self) -> Name {
        Name::new(self.matcher(self.role).reached(self.path(self.role)))
    }

    /// The fault that a caller gets for a refusal.
    #[cold]
    #[inline(never)]
    fn fault(&self, refusal: Refusal) -> PageFault {
        let (found, offset, members) = (self.tokens.kind(), self.tokens.offset(), self.members);
        match refusal {
            Refusal::Json => match self.tokens.finish() {
                Err(error) => error.into(),
                Ok(()) => PageFault::CutShort { offset },
            },
            Refusal::Root => {
                let expected = if self.items == ItemsAt::Root { Kind::Array } else { Kind::Object };
                PageFault::Root { expected, found, offset }
            }
            Refusal::TooManyItems => PageFault::TooManyItems { offset },
            Refusal::Twice => PageFault::Twice { name: self.name_in_hand(), offset },
            Refusal::Unusable => match (self.matcher(self.role).place(), self.role) {
                (Place::End, Role::Items) => {
                    PageFault::NotAnArray { name: self.name_in_hand(), found, offset }
                }
                (Place::End, _) => PageFault::CursorNotScalar { name: self.name_in_hand(), found, offset },
                _ => PageFault::NotAnObject { name: self.name_in_hand(), found, offset },
            },
            Refusal::SecondArray => {
                let first = self.array.as_ref().unwrap_or(&self.latest);
                PageFault::SecondArray { first: *first, second: self.latest, offset }
            }
            Refusal::CursorNotText => {
                PageFault::CursorNotText { unit: self.tokens.unpaired(), offset: self.begins }
            }
            Refusal::CursorTooLong => PageFault::CursorTooLong {
                needed: count(self.gathered),
                limit: count(self.cursor_len),
                offset: self.begins,
            },
            Refusal::CursorLost => PageFault::CursorLost,
            Refusal::NoItems => match self.items {
                ItemsAt::OnlyArray if self.end.pinned == 0 => PageFault::NoArray { members },
                ItemsAt::OnlyArray => PageFault::OtherItems { members },
                _ => PageFault::NoItems { expected: Name::new(self.path(Role::Items)), members },
            },
        }
    }

    #[inline(never)]
    fn cursor_text<'a>(&self, buffer: &'a [u8]) -> Option<&'a str> {
        let bytes = buffer.get(..self.cursor_len)?;
        match core::str::from_utf8(bytes) {
            Ok(text) => Some(text),
            // A link may be cut within a character.
            Err(error) if self.is_link => core::str::from_utf8(bytes.get(..error.valid_up_to())?).ok(),
            Err(_) => None,
        }
    }

    /// As if so many items had been handed out.
    #[cfg(test)]
    pub(super) fn set_count(&mut self, count: u32) {
        self.end.items = count;
    }

    /// Past the bytes at the page's start that are of a byte order mark. Tells how many there are in this chunk.
    fn pass_mark(&mut self, chunk: &[u8]) -> usize {
        let mut at = 0;
        while let (Some(expected), Some(byte)) =
            (BYTE_ORDER_MARK.get(usize::from(self.marked)), chunk.get(at))
        {
            if byte == expected {
                at = at.wrapping_add(1);
                self.tokens.pass(1);
                self.marked = self.marked.saturating_add(1);
            } else {
                // Half a mark is none, and nothing else begins so.
                if self.marked > 0 {
                    self.tokens.event(&BYTE_ORDER_MARK, &mut 0);
                    self.refused = Some(Refusal::Json);
                }
                self.marked = 3;
            }
        }
        at
    }

    fn begin_item(&mut self) {
        self.tokens.pass_over();
        (self.gathered, self.fits) = (0, true);
        self.state = State::Item;
    }

    /// The item of which earlier chunks had what was gathered, and this one has `last`.
    fn hand_out<'a>(&mut self, last: &'a [u8], buffer: &'a mut [u8]) -> Item<'a> {
        let index = self.end.items;
        self.end.items = self.end.items.saturating_add(1);
        if self.gathered == 0 && last.len() <= buffer.len() {
            return Item::Whole { index, bytes: last };
        }
        self.gather(buffer, last);
        if self.fits {
            Item::Whole { index, bytes: buffer.get(..self.gathered).unwrap_or_default() }
        } else {
            Item::TooLarge { index, size: count(self.gathered) }
        }
    }

    /// Takes what is told of anything but items.
    #[inline(never)]
    fn on(&mut self, event: Event, buffer: &mut [u8]) {
        match (event, self.state) {
            (Event::Value, State::Root) => self.root(),
            (Event::Value, _) => self.member(),
            (Event::ValueEnd | Event::ValueEndBefore, State::Value) => self.end_value(buffer),
            (Event::ValueEnd, State::Items) => self.state = State::Object,
            (_, State::Value) => self.text(event, buffer),
            _ => self.name(event),
        }
    }

    fn root(&mut self) {
        let (expected, state) = match self.items {
            ItemsAt::Root => (Kind::Array, State::Items),
            ItemsAt::Path | ItemsAt::OnlyArray => (Kind::Object, State::Object),
        };
        if self.tokens.kind() != expected {
            self.refused = Some(Refusal::Root);
        }
        self.state = state;
    }

    /// A name begins, goes on or ends, or an object ends.
    fn name(&mut self, event: Event) {
        let depth = self.tokens.depth();
        let c = self.tokens.char();
        if depth == 1 {
            self.show(event, c);
        }
        let utf8 = Utf8::of(c);
        for (matcher, path) in self.matchers.iter_mut().zip(self.paths) {
            if event != Event::Char || !matcher.differs() {
                matcher.follow(path.unwrap_or_default(), event, utf8.as_bytes(), depth);
            }
        }
        if event == Event::NameEnd {
            self.check_twice();
        }
    }

    /// Keeps what a person is shown of the names in the root.
    fn show(&mut self, event: Event, c: char) {
        match event {
            Event::NameStart => {
                if !self.members.is_empty() {
                    self.members.push_str(", ");
                }
                self.members.push('`');
                self.latest = Name::EMPTY;
            }
            Event::NameEnd => self.members.push('`'),
            Event::ValueEnd => {}
            _ => {
                self.members.push(c);
                self.latest.push(c);
            }
        }
    }

    /// Whether a path leads to the name in hand that led to one before.
    fn check_twice(&mut self) {
        for &role in &Role::ALL {
            if self.matcher(role).place() == Place::Twice {
                // A flag that is there twice says two things, and one of them may be that more follows.
                if let Role::Items | Role::Cursor = role {
                    return self.refuse(role, Refusal::Twice);
                }
                self.note(role);
            }
        }
    }

    /// The value of a member begins.
    #[inline(never)]
    fn member(&mut self) {
        let kind = self.tokens.kind();
        self.begins = self.tokens.offset();
        (self.gathered, self.fits) = (0, true);
        let mut next = None;
        for &role in &Role::ALL {
            let state = self.begin(role, kind);
            if self.refused.is_some() {
                return;
            }
            // What two paths lead to is the first one's.
            if next.is_none() {
                (next, self.role) = (state, role);
            }
        }
        let cursor = self.matcher(Role::Cursor).place();
        if kind == Kind::Null && cursor == Place::End {
            self.end.cursor = CursorValue::Null;
        }
        if cursor == Place::Off && self.tokens.depth() == 1 && self.is_only_array(kind) {
            match self.array {
                None => self.array = Some(self.latest),
                Some(_) => self.refused = Some(Refusal::SecondArray),
            }
            if kind == Kind::Array {
                next = Some(State::Items);
            }
        }
        if next.is_none() {
            self.tokens.pass_over();
        }
        self.state = next.unwrap_or(State::Object);
    }

    /// What comes next if the value that begins is on the path to this, and is looked at.
    fn begin(&mut self, role: Role, kind: Kind) -> Option<State> {
        let place = self.matcher(role).place();
        match (place, role, kind) {
            (Place::Off | Place::Twice, ..) | (_, _, Kind::Null) => None,
            (Place::Way, _, Kind::Object) => {
                if let Some(matcher) = self.matchers.get_mut(role as usize) {
                    matcher.enter();
                }
                Some(State::Object)
            }
            (Place::End, Role::Items, Kind::Array) => Some(State::Items),
            (Place::End, Role::Cursor, Kind::True | Kind::False) => {
                self.end.cursor = CursorValue::Bool(kind == Kind::True);
                None
            }
            (Place::End, role, Kind::String | Kind::Number) if role != Role::Items => Some(State::Value),
            _ => {
                self.unusable(role);
                None
            }
        }
    }

    /// What stands at a path, or on the way, cannot be it.
    fn unusable(&mut self, role: Role) {
        match role.hint(self.is_link) {
            Some(_) => self.note(role),
            None => self.refuse(role, Refusal::Unusable),
        }
    }

    /// Whether a value of this kind, of the member of the root named last, is the array of items that has to be found.
    fn is_only_array(&self, kind: Kind) -> bool {
        if self.items != ItemsAt::OnlyArray {
            return false;
        }
        if self.end.pinned != 0 {
            return matches!(kind, Kind::Array | Kind::Null) && self.end.pinned == pin(&self.latest);
        }
        let name = self.latest.as_str();
        kind == Kind::Array && !NEVER_ITEMS.iter().any(|never| name.eq_ignore_ascii_case(never))
    }

    /// More of a value that is looked for.
    fn text(&mut self, event: Event, buffer: &mut [u8]) {
        let c = self.tokens.char();
        let is_unpaired = matches!(event, Event::Unpaired | Event::UnpairedBefore);
        match self.role {
            Role::Cursor if is_unpaired && self.is_link => {
                self.note(Role::Cursor);
                self.tokens.pass_over();
                self.state = State::Object;
            }
            Role::Cursor if is_unpaired => self.refused = Some(Refusal::CursorNotText),
            Role::Cursor => {
                let utf8 = Utf8::of(c);
                let room = if self.is_link { buffer.len().saturating_sub(self.gathered) } else { 4 };
                let piece = utf8.as_bytes();
                self.gather(buffer, piece.get(..room).unwrap_or(piece));
            }
            _ => {
                // An escaped digit is none.
                let digit = if event == Event::Char { c } else { char::REPLACEMENT_CHARACTER };
                let len = self.gathered;
                self.gathered = len.saturating_add(1);
                if let Some(number) = self.number() {
                    let so_far = if len == 0 { Some(0) } else { *number };
                    *number = so_far.and_then(|so_far| ascii::with_digit(so_far, digit));
                }
            }
        }
    }

    /// A value that is looked for is over.
    fn end_value(&mut self, buffer: &[u8]) {
        self.state = State::Object;
        match self.role {
            Role::Cursor if self.fits => {
                self.cursor_len = self.gathered;
                self.end.cursor = match self.tokens.kind() {
                    Kind::Number => CursorValue::Number(""),
                    _ => CursorValue::Text(""),
                };
            }
            Role::Cursor => {
                self.cursor_len = buffer.len();
                self.refused = Some(Refusal::CursorTooLong);
            }
            role => {
                if let Some(None) = self.number() {
                    self.note(role);
                }
            }
        }
    }

    /// The number in hand.
    fn number(&mut self) -> Option<&mut Option<u64>> {
        match self.role {
            Role::Items | Role::Cursor => None,
            Role::Next => Some(&mut self.end.next),
            Role::Total => Some(&mut self.end.total),
            Role::Here => Some(&mut self.end.here),
            Role::Size => Some(&mut self.end.size),
        }
    }

    /// Puts one more piece into the buffer, if there is room for it.
    #[inline(never)]
    fn gather(&mut self, buffer: &mut [u8], piece: &[u8]) {
        let end = self.gathered.saturating_add(piece.len());
        match buffer.get_mut(self.gathered..end) {
            Some(room) if self.fits => room.copy_from_slice(piece),
            _ => self.fits = false,
        }
        self.gathered = end;
    }

    fn refuse(&mut self, role: Role, refusal: Refusal) {
        self.role = role;
        self.refused = Some(refusal);
    }

    /// What only informs could not be used.
    fn note(&mut self, role: Role) {
        self.end.odd = self.end.odd.or(role.hint(self.is_link));
    }

    /// The path of a role; empty if there is none.
    fn path(&self, role: Role) -> &'p str {
        self.paths.get(role as usize).copied().flatten().unwrap_or_default()
    }

    /// How far the page has gone along it.
    fn matcher(&self, role: Role) -> Matcher {
        self.matchers.get(role as usize).copied().unwrap_or(Matcher::NEW)
    }
}

/// By what a name is known again: never zero.
fn pin(name: &Name) -> u64 {
    let mut fingerprint = Fingerprint::new();
    fingerprint.add(name.as_str().as_bytes());
    fingerprint.get().max(1)
}

/// A length as a size that does not depend on the machine.
fn count(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
