//! The state machine of a page: which values are items, which is the cursor, and which are nobody's.

use super::fault::{Members, Name, PageFault};
use super::gathered::{Gathered, count};
use super::path::{Path, Place};
use super::{CursorValue, Hint, Item, Items, PageEnd, PageShape};
use crate::fingerprint::Fingerprint;
use crate::json::{JsonEvent, Kind, Tokenizer};
use crate::text::Utf8;

/// Reads one page, in chunks of any size, and hands out its items one by one.
///
/// After an error, every further call gives the same error.
#[derive(Clone, Debug)]
pub struct PageScanner<'p> {
    tokens: Tokenizer,
    /// One for each [`Role`], in that order.
    paths: [Path<'p>; Role::COUNT],
    items: ItemsAt,
    is_link: bool,
    /// Of the root, for whoever has to find out what was wrong with the path.
    members: Members,
    found: Cursor,
    /// The numbers of [`Role::NUMBERS`].
    numbers: [Option<u64>; Role::NUMBERS.len()],
    odd: Option<Hint>,
    /// Items handed out.
    count: u32,
    state: State,
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
    /// Those that are numbers.
    const NUMBERS: [Self; 4] = [Self::Next, Self::Total, Self::Here, Self::Size];

    /// What a fault of it is told as, where it only informs.
    const fn hint(self, is_link: bool) -> Option<Hint> {
        match self {
            Self::Items => None,
            Self::Cursor => {
                if is_link {
                    Some(Hint::More)
                } else {
                    None
                }
            }
            Self::Next => Some(Hint::Next),
            Self::Total => Some(Hint::Total),
            Self::Here => Some(Hint::Here),
            Self::Size => Some(Hint::Size),
        }
    }
}

/// Where the items are, and what the page has shown of it.
#[derive(Clone, Debug)]
enum ItemsAt {
    Path,
    Root,
    OnlyArray {
        /// By what its name is known; zero if any will do.
        pinned: u64,
        /// The member of the root named last.
        latest: Name,
        /// The one that is an array.
        array: Option<Name>,
    },
}

/// The cursor, as found so far. A text or number lies in the caller's buffer.
#[derive(Clone, Copy, Debug)]
enum Cursor {
    Absent,
    Null,
    Bool(bool),
    Number { len: usize },
    Text { len: usize },
}

/// What the next event is about.
#[derive(Clone, Copy, Debug)]
enum State {
    /// The page itself, behind so many bytes of a byte order mark.
    Root { marked: u8 },
    /// An object that leads to something looked for, or what is around the items.
    Object,
    /// A member's name.
    Name,
    /// The value of a member.
    Member,
    /// A value that is nobody's, inside so many containers.
    Skip { depth: u8 },
    /// The array of items, between two of them.
    Items,
    /// An item, inside so many containers, and what earlier chunks had of it.
    Item { depth: u8, gathered: Gathered },
    /// The cursor, which begins at `offset`.
    Cursor { form: Form, offset: u64, gathered: Gathered },
    /// A number, as far as it was read.
    Number(Role, Digits),
    /// Nothing: the page was refused.
    Failed(PageFault),
}

/// A whole number as far as it was read.
#[derive(Clone, Copy, Debug)]
enum Digits {
    /// Nothing came of it yet.
    Empty,
    Some(u64),
    /// It is no whole number, or too large a one.
    Other,
}

/// The two kinds of cursor that have a text.
#[derive(Clone, Copy, Debug)]
enum Form {
    Number,
    Text,
}

/// What a JSON text must not begin with and often does (RFC 8259 §8.1 allows to pass over it).
const BYTE_ORDER_MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// Names at a page's top level under which there are no items, unless they are named.
const NEVER_ITEMS: [&str; 5] = ["error", "errors", "message", "messages", "warnings"];

impl<'p> PageScanner<'p> {
    /// At the start of a page.
    pub const fn new(shape: PageShape<'p>) -> Self {
        let (names, items) = match shape.items {
            Items::Key(names) => (names, ItemsAt::Path),
            Items::Root => ("", ItemsAt::Root),
            Items::OnlyArray => {
                ("", ItemsAt::OnlyArray { pinned: shape.pinned, latest: Name::EMPTY, array: None })
            }
        };
        Self {
            tokens: Tokenizer::new(),
            paths: [
                Path::new(names),
                Path::perhaps(shape.cursor),
                Path::perhaps(shape.next),
                Path::perhaps(shape.total),
                Path::perhaps(shape.here),
                Path::perhaps(shape.size),
            ],
            items,
            is_link: shape.is_link,
            members: Members::EMPTY,
            found: Cursor::Absent,
            numbers: [None; Role::NUMBERS.len()],
            odd: None,
            count: 0,
            state: State::Root { marked: 0 },
        }
    }

    /// Items handed out so far, those too large included.
    pub fn items(&self) -> u32 {
        self.count
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
        self.scan(chunk, item, cursor).inspect_err(|fault| self.state = State::Failed(*fault))
    }

    /// The body has ended: what the page came to. `cursor` is the buffer that was handed to [`push`](Self::push).
    ///
    /// # Errors
    ///
    /// The earlier fault; [`PageFault::CutShort`] if the page is not whole; [`PageFault::NoItems`] or
    /// [`PageFault::NoArray`] if nothing in it holds the items.
    #[inline(never)]
    pub fn finish<'a>(&self, cursor: &'a [u8]) -> Result<PageEnd<'a>, PageFault> {
        if let State::Failed(fault) = self.state {
            return Err(fault);
        }
        self.tokens.finish()?;
        let members = self.members;
        let mut pinned = 0;
        let lacks_items = match &self.items {
            ItemsAt::Path => {
                let path = self.path(Role::Items);
                (!path.is_met()).then(|| PageFault::NoItems { expected: Name::new(path.names()), members })
            }
            ItemsAt::OnlyArray { array: Some(name), .. } => {
                pinned = pin(name);
                None
            }
            ItemsAt::OnlyArray { pinned: 0, .. } => Some(PageFault::NoArray { members }),
            ItemsAt::OnlyArray { pinned: earlier, .. } => {
                pinned = *earlier;
                Some(PageFault::OtherItems { members })
            }
            ItemsAt::Root => None,
        };
        let [next, total, here, size] = self.numbers;
        // Some leave an empty list out.
        match lacks_items {
            Some(fault) if total != Some(0) => return Err(fault),
            _ => {}
        }
        let text = |len| match core::str::from_utf8(cursor.get(..len)?) {
            Ok(text) => Some(text),
            // A link may be cut within a character.
            Err(error) if self.is_link => core::str::from_utf8(cursor.get(..error.valid_up_to())?).ok(),
            Err(_) => None,
        };
        let cursor = match self.found {
            Cursor::Absent => CursorValue::Absent,
            Cursor::Null => CursorValue::Null,
            Cursor::Bool(value) => CursorValue::Bool(value),
            Cursor::Number { len } => CursorValue::Number(text(len).ok_or(PageFault::CursorLost)?),
            Cursor::Text { len } => CursorValue::Text(text(len).ok_or(PageFault::CursorLost)?),
        };
        Ok(PageEnd { items: self.count, cursor, next, total, here, size, odd: self.odd, pinned })
    }

    /// As if so many items had been handed out.
    #[cfg(test)]
    pub(super) fn set_count(&mut self, count: u32) {
        self.count = count;
    }

    // On a small device, away from the caller's frame.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn scan<'a>(
        &mut self,
        chunk: &'a [u8],
        item: &'a mut [u8],
        cursor: &mut [u8],
    ) -> Result<(usize, Option<Item<'a>>), PageFault> {
        let mut rest = chunk;
        loop {
            match &mut self.state {
                State::Skip { depth } => {
                    let (taken, ended) = self.tokens.skip(rest, *depth)?;
                    rest = rest.get(taken..).unwrap_or_default();
                    if !ended {
                        break;
                    }
                    self.state = State::Object;
                }
                State::Item { depth, gathered } => {
                    let (taken, ended) = self.tokens.skip(rest, *depth)?;
                    let (part, behind) = rest.split_at_checked(taken).unwrap_or((rest, &[]));
                    rest = behind;
                    if !ended {
                        gathered.push(item, part);
                        break;
                    }
                    let handed = hand_out(self.count, *gathered, part, item);
                    self.count = self.count.saturating_add(1);
                    self.state = State::Items;
                    return Ok((chunk.len().saturating_sub(rest.len()), Some(handed)));
                }
                State::Failed(fault) => return Err(*fault),
                State::Root { marked } if *marked < 3 => {
                    let expected = BYTE_ORDER_MARK.get(usize::from(*marked)).copied();
                    match rest.split_first() {
                        None => break,
                        Some((byte, behind)) if Some(*byte) == expected => {
                            *marked = marked.saturating_add(1);
                            self.tokens.pass(1);
                            rest = behind;
                        }
                        Some(_) if *marked == 0 => self.state = State::Root { marked: 3 },
                        // Half a mark is none, and nothing else begins so.
                        Some(_) => {
                            self.tokens.next(&BYTE_ORDER_MARK)?;
                        }
                    }
                }
                // What `on` would do. A page has many items, and to be told of each takes longer than many a one.
                State::Items
                    if self.count < u32::MAX
                        && let Some(taken) = self.tokens.element(rest) =>
                {
                    rest = rest.get(taken..).unwrap_or_default();
                    self.state = State::Item { depth: self.tokens.depth(), gathered: Gathered::NOTHING };
                }
                _ => {
                    let (taken, event) = self.tokens.next(rest)?;
                    rest = rest.get(taken..).unwrap_or_default();
                    let Some(event) = event else { break };
                    self.state = self.on(event, cursor)?;
                }
            }
        }
        Ok((chunk.len(), None))
    }

    /// What is next once `event` was told.
    fn on(&mut self, event: JsonEvent<'_>, buffer: &mut [u8]) -> Result<State, PageFault> {
        match (self.state, event) {
            (State::Root { .. }, JsonEvent::Value(kind)) => self.root(kind),
            (State::Object, JsonEvent::NameStart) => Ok(self.begin_name()),
            (State::Object, JsonEvent::ValueEnd) => {
                let depth = self.tokens.depth();
                self.paths.iter_mut().for_each(|path| path.leave(depth));
                Ok(State::Object)
            }
            (State::Name, JsonEvent::Text(piece)) => {
                piece.chars().for_each(|c| self.more_name(c));
                Ok(State::Name)
            }
            (State::Name, JsonEvent::Char(c)) => {
                self.more_name(c);
                Ok(State::Name)
            }
            (State::Name, JsonEvent::Unpaired(_)) => {
                self.paths.iter_mut().for_each(Path::differ);
                self.show_name(char::REPLACEMENT_CHARACTER);
                Ok(State::Name)
            }
            (State::Name, JsonEvent::NameEnd) => self.end_name(),
            (State::Member, JsonEvent::Value(kind)) => self.member(kind),
            (State::Items, JsonEvent::Value(_)) if self.count == u32::MAX => {
                Err(PageFault::TooManyItems { offset: self.tokens.offset() })
            }
            (State::Items, JsonEvent::Value(_)) => {
                Ok(State::Item { depth: self.tokens.depth(), gathered: Gathered::NOTHING })
            }
            (State::Items, JsonEvent::ValueEnd) => Ok(State::Object),
            (State::Cursor { form, offset, gathered }, JsonEvent::Text(piece)) => {
                let gathered = self.gather(gathered, buffer, piece.as_bytes());
                Ok(State::Cursor { form, offset, gathered })
            }
            (State::Cursor { form, offset, gathered }, JsonEvent::Char(c)) => {
                let gathered = self.gather(gathered, buffer, Utf8::of(c).as_bytes());
                Ok(State::Cursor { form, offset, gathered })
            }
            (State::Cursor { .. }, JsonEvent::Unpaired(_)) if self.is_link => {
                self.note(Role::Cursor);
                Ok(self.skip())
            }
            (State::Cursor { offset, .. }, JsonEvent::Unpaired(unit)) => {
                Err(PageFault::CursorNotText { unit, offset })
            }
            (State::Cursor { form, offset, gathered }, JsonEvent::ValueEnd) => {
                self.found = match (gathered, form) {
                    (Gathered::Whole { len }, Form::Number) => Cursor::Number { len },
                    (Gathered::Whole { len }, Form::Text) => Cursor::Text { len },
                    (Gathered::TooLarge { size }, _) => {
                        let limit = count(buffer.len());
                        return Err(PageFault::CursorTooLong { needed: size, limit, offset });
                    }
                };
                Ok(State::Object)
            }
            (State::Number(role, so_far), JsonEvent::Text(piece)) => {
                Ok(State::Number(role, piece.bytes().fold(so_far, Digits::and)))
            }
            (State::Number(role, _), JsonEvent::Char(_) | JsonEvent::Unpaired(_)) => {
                Ok(State::Number(role, Digits::Other))
            }
            (State::Number(role, number), JsonEvent::ValueEnd) => {
                self.keep(role, number);
                Ok(State::Object)
            }
            // The tokenizer tells nothing else in these places.
            (state, _) => Ok(state),
        }
    }

    fn root(&self, kind: Kind) -> Result<State, PageFault> {
        let (expected, state) = match self.items {
            ItemsAt::Root => (Kind::Array, State::Items),
            ItemsAt::Path | ItemsAt::OnlyArray { .. } => (Kind::Object, State::Object),
        };
        if kind == expected {
            Ok(state)
        } else {
            Err(PageFault::Root { expected, found: kind, offset: self.tokens.offset() })
        }
    }

    fn begin_name(&mut self) -> State {
        let depth = self.tokens.depth();
        if depth == 1 {
            if !self.members.is_empty() {
                self.members.push_str(", ");
            }
            self.members.push('`');
            if let ItemsAt::OnlyArray { latest, .. } = &mut self.items {
                *latest = Name::EMPTY;
            }
        }
        self.paths.iter_mut().for_each(|path| path.begin(depth));
        State::Name
    }

    /// One more character of a name.
    fn more_name(&mut self, c: char) {
        self.paths.iter_mut().for_each(|path| path.push(c));
        self.show_name(c);
    }

    /// Keeps one more character of a name in the root, to be shown. Control characters are not for showing.
    fn show_name(&mut self, c: char) {
        if self.tokens.depth() != 1 {
            return;
        }
        let c = if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
        self.members.push(c);
        if let ItemsAt::OnlyArray { latest, .. } = &mut self.items {
            latest.push(c);
        }
    }

    fn end_name(&mut self) -> Result<State, PageFault> {
        if self.tokens.depth() == 1 {
            self.members.push('`');
        }
        for role in Role::ALL {
            let Some(path) = self.paths.get_mut(role as usize) else { continue };
            if path.end().is_err() {
                // A flag that is there twice says two things, and one of them may be that more follows.
                if let Role::Items | Role::Cursor = role {
                    let name = Name::new(path.reached());
                    return Err(PageFault::Twice { name, offset: self.tokens.offset() });
                }
                self.note(role);
            }
        }
        Ok(State::Member)
    }

    /// The value of a member begins.
    #[inline(never)]
    fn member(&mut self, kind: Kind) -> Result<State, PageFault> {
        let mut next = State::Skip { depth: self.tokens.depth() };
        for role in Role::ALL {
            let place = self.path(role).place();
            let state = match (place, kind) {
                (Place::Off, _) | (_, Kind::Null) => continue,
                (Place::Way, Kind::Object) => {
                    if let Some(path) = self.paths.get_mut(role as usize) {
                        path.enter();
                    }
                    State::Object
                }
                (Place::Way, _) => {
                    self.unusable(role, place, kind)?;
                    continue;
                }
                (Place::End, _) => match self.begin(role, kind) {
                    Some(state) => state,
                    None => {
                        self.unusable(role, place, kind)?;
                        continue;
                    }
                },
            };
            // What two paths lead to is the first one's.
            if let State::Skip { .. } = next {
                next = state;
            }
        }
        let cursor = self.path(Role::Cursor).place();
        match (&mut self.items, kind) {
            (_, Kind::Null) if cursor == Place::End => self.found = Cursor::Null,
            (ItemsAt::OnlyArray { pinned, latest, array }, Kind::Array | Kind::Null)
                if self.tokens.depth() == 1 && cursor == Place::Off =>
            {
                let is_items = match *pinned {
                    0 => kind == Kind::Array && !NEVER_ITEMS.iter().any(|name| is_named(latest, name)),
                    pinned => pinned == pin(latest),
                };
                match array {
                    Some(first) if is_items => {
                        let (first, second) = (*first, *latest);
                        return Err(PageFault::SecondArray { first, second, offset: self.tokens.offset() });
                    }
                    None if is_items => {
                        *array = Some(*latest);
                        if kind == Kind::Array {
                            next = State::Items;
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        Ok(next)
    }

    /// What a path leads to begins: what comes next, if a value of that kind can be it.
    fn begin(&mut self, role: Role, kind: Kind) -> Option<State> {
        let cursor = |form, offset| State::Cursor { form, offset, gathered: Gathered::NOTHING };
        let offset = self.tokens.offset();
        match (role, kind) {
            (Role::Items, Kind::Array) => Some(State::Items),
            (Role::Items, _) => None,
            (Role::Cursor, Kind::String) => Some(cursor(Form::Text, offset)),
            (Role::Cursor, Kind::Number) => Some(cursor(Form::Number, offset)),
            (Role::Cursor, Kind::True | Kind::False) => {
                self.found = Cursor::Bool(kind == Kind::True);
                Some(self.skip())
            }
            (Role::Cursor, _) => None,
            (_, Kind::Number | Kind::String) => Some(State::Number(role, Digits::Empty)),
            _ => None,
        }
    }

    /// What stands at a path, or on the way, cannot be it.
    fn unusable(&mut self, role: Role, place: Place, found: Kind) -> Result<(), PageFault> {
        if role.hint(self.is_link).is_some() {
            self.note(role);
            return Ok(());
        }
        let (name, offset) = (Name::new(self.path(role).reached()), self.tokens.offset());
        Err(match (place, role) {
            (Place::End, Role::Items) => PageFault::NotAnArray { name, found, offset },
            (Place::End, _) => PageFault::CursorNotScalar { name, found, offset },
            _ => PageFault::NotAnObject { name, found, offset },
        })
    }

    /// What only informs could not be used.
    fn note(&mut self, role: Role) {
        self.odd = self.odd.or(role.hint(self.is_link));
    }

    /// A number is over.
    fn keep(&mut self, role: Role, number: Digits) {
        let Digits::Some(number) = number else { return self.note(role) };
        let at = (role as usize).saturating_sub(Role::Next as usize);
        if let Some(kept) = self.numbers.get_mut(at) {
            *kept = Some(number);
        }
    }

    fn path(&self, role: Role) -> Path<'p> {
        self.paths.get(role as usize).copied().unwrap_or(Path::new(""))
    }

    fn skip(&self) -> State {
        State::Skip { depth: self.tokens.depth() }
    }

    /// The cursor with one more piece; of a link as much as there is room for.
    fn gather(&self, mut gathered: Gathered, buffer: &mut [u8], piece: &[u8]) -> Gathered {
        let piece = match gathered {
            Gathered::Whole { len } if self.is_link => {
                piece.get(..buffer.len().saturating_sub(len)).unwrap_or(piece)
            }
            _ => piece,
        };
        gathered.push(buffer, piece);
        gathered
    }
}

impl Digits {
    /// The same with one more byte.
    fn and(self, byte: u8) -> Self {
        let so_far = match self {
            Self::Empty => Some(0),
            Self::Some(number) => Some(number),
            Self::Other => None,
        };
        let digit = byte.checked_sub(b'0').filter(|digit| *digit <= 9).map(u64::from);
        match (so_far.and_then(|number: u64| number.checked_mul(10)), digit) {
            (Some(number), Some(digit)) => number.checked_add(digit).map_or(Self::Other, Self::Some),
            _ => Self::Other,
        }
    }
}

/// By what a name is known again: never zero.
fn pin(name: &Name) -> u64 {
    let mut fingerprint = Fingerprint::new();
    fingerprint.add(name.as_str().as_bytes());
    fingerprint.get().max(1)
}

/// Without regard to case.
fn is_named(name: &Name, lower: &str) -> bool {
    name.as_str().eq_ignore_ascii_case(lower)
}

/// The item of which earlier chunks had what was gathered, and this one has `last`.
fn hand_out<'a>(index: u32, mut gathered: Gathered, last: &'a [u8], buffer: &'a mut [u8]) -> Item<'a> {
    if let Gathered::Whole { len: 0 } = gathered
        && last.len() <= buffer.len()
    {
        return Item::Whole { index, bytes: last };
    }
    gathered.push(buffer, last);
    match gathered {
        Gathered::TooLarge { size } => Item::TooLarge { index, size },
        Gathered::Whole { len } => Item::Whole { index, bytes: buffer.get(..len).unwrap_or_default() },
    }
}
