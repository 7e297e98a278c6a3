//! The state machine of a page: which values are items, which is the cursor, and which are nobody's.

use super::fault::{Members, Name, PageFault};
use super::gathered::{Gathered, count};
use super::path::{Path, Place};
use super::{CursorValue, Item, Items, PageEnd, PageShape};
use crate::json::{JsonEvent, Kind, Tokenizer};
use crate::text::Utf8;

/// Reads one page, in chunks of any size, and hands out its items one by one.
///
/// After an error, every further call gives the same error.
#[derive(Clone, Debug)]
pub struct PageScanner<'p> {
    tokens: Tokenizer,
    items: ItemsAt<'p>,
    cursor: Option<Path<'p>>,
    is_link: bool,
    next: Option<Path<'p>>,
    total: Option<Path<'p>>,
    /// Of the root, for whoever has to find out what was wrong with the path.
    members: Members,
    found: Cursor,
    numbered: Option<u64>,
    counted: Option<u64>,
    /// Items handed out.
    count: u32,
    state: State<'p>,
}

/// Where the items are, and what the page has shown of it.
#[derive(Clone, Debug)]
enum ItemsAt<'p> {
    Path(Path<'p>),
    Root,
    OnlyArray {
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
enum State<'p> {
    /// The page itself.
    Root,
    /// An object that leads to something looked for, or what is around the items.
    Object,
    /// A member's name. What is still to come of the names looked for, unless it has differed.
    Name(Sought<Option<&'p str>>),
    /// The value of a member, and what that is to the paths.
    Member(Sought<Place>),
    /// A value that is nobody's, inside so many containers.
    Skip { depth: u8 },
    /// The array of items, between two of them.
    Items,
    /// An item, inside so many containers, and what earlier chunks had of it.
    Item { depth: u8, gathered: Gathered },
    /// The cursor, which begins at `offset`.
    Cursor { form: Form, offset: u64, gathered: Gathered },
    /// One of the two numbers, as far as it was read; `None` once it is no count.
    Number(Which, Option<u64>),
    /// Nothing: the page was refused.
    Failed(PageFault),
}

/// The numbers that are looked for.
#[derive(Clone, Copy, Debug)]
enum Which {
    Next,
    Total,
}

/// Something for each of the paths that are followed.
#[derive(Clone, Copy, Debug)]
struct Sought<T> {
    items: T,
    cursor: T,
    next: T,
    total: T,
}

impl<T> Sought<T> {
    fn map<U>(self, mut of: impl FnMut(T) -> U) -> Sought<U> {
        Sought { items: of(self.items), cursor: of(self.cursor), next: of(self.next), total: of(self.total) }
    }
}

/// The two kinds of cursor that have a text.
#[derive(Clone, Copy, Debug)]
enum Form {
    Number,
    Text,
}

impl<'p> PageScanner<'p> {
    /// At the start of a page.
    pub const fn new(shape: PageShape<'p>) -> Self {
        let items = match shape.items {
            Items::Key(names) => ItemsAt::Path(Path::new(names)),
            Items::Root => ItemsAt::Root,
            Items::OnlyArray => ItemsAt::OnlyArray { latest: Name::EMPTY, array: None },
        };
        Self {
            tokens: Tokenizer::new(),
            items,
            cursor: Path::perhaps(shape.cursor),
            is_link: shape.is_link,
            next: Path::perhaps(shape.next),
            total: Path::perhaps(shape.total),
            members: Members::EMPTY,
            found: Cursor::Absent,
            numbered: None,
            counted: None,
            count: 0,
            state: State::Root,
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
    pub fn finish<'a>(&self, cursor: &'a [u8]) -> Result<PageEnd<'a>, PageFault> {
        if let State::Failed(fault) = self.state {
            return Err(fault);
        }
        self.tokens.finish()?;
        match &self.items {
            ItemsAt::Path(path) if !path.is_met() => {
                return Err(PageFault::NoItems { expected: Name::new(path.names()), members: self.members });
            }
            ItemsAt::OnlyArray { array: None, .. } => {
                return Err(PageFault::NoArray { members: self.members });
            }
            ItemsAt::Path(_) | ItemsAt::Root | ItemsAt::OnlyArray { array: Some(_), .. } => {}
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
        Ok(PageEnd { items: self.count, cursor, next: self.numbered, total: self.counted })
    }

    /// As if so many items had been handed out.
    #[cfg(test)]
    pub(super) fn set_count(&mut self, count: u32) {
        self.count = count;
    }

    #[inline(always)]
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
    fn on(&mut self, event: JsonEvent<'_>, buffer: &mut [u8]) -> Result<State<'p>, PageFault> {
        match (self.state, event) {
            (State::Root, JsonEvent::Value(kind)) => self.root(kind),
            (State::Object, JsonEvent::NameStart) => Ok(self.begin_name()),
            (State::Object, JsonEvent::ValueEnd) => {
                self.leave();
                Ok(State::Object)
            }
            (State::Name(names), JsonEvent::Text(piece)) => {
                piece.chars().for_each(|c| self.show_name(c));
                Ok(State::Name(names.map(|name| name?.strip_prefix(piece))))
            }
            (State::Name(names), JsonEvent::Char(c)) => {
                self.show_name(c);
                Ok(State::Name(names.map(|name| name?.strip_prefix(c))))
            }
            (State::Name(names), JsonEvent::Unpaired(_)) => {
                self.show_name(char::REPLACEMENT_CHARACTER);
                Ok(State::Name(names.map(|_| None)))
            }
            (State::Name(names), JsonEvent::NameEnd) => self.end_name(names),
            (State::Member(places), JsonEvent::Value(kind)) => match kind {
                Kind::Object => self.object(places),
                Kind::Array => self.array(places),
                Kind::String | Kind::Number | Kind::True | Kind::False | Kind::Null => {
                    self.scalar(places, kind)
                }
            },
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
            (State::Cursor { offset, .. }, JsonEvent::Unpaired(unit)) => {
                Err(PageFault::CursorNotText { unit, offset })
            }
            (State::Cursor { form, offset, gathered }, JsonEvent::ValueEnd) => match (gathered, form) {
                (Gathered::Whole { len }, Form::Number) => Ok(self.keep(Cursor::Number { len })),
                (Gathered::Whole { len }, Form::Text) => Ok(self.keep(Cursor::Text { len })),
                (Gathered::TooLarge { size }, _) => {
                    Err(PageFault::CursorTooLong { needed: size, limit: count(buffer.len()), offset })
                }
            },
            (State::Number(which, so_far), JsonEvent::Text(piece)) => {
                Ok(State::Number(which, piece.bytes().fold(so_far, more_digits)))
            }
            (State::Number(which, number), JsonEvent::ValueEnd) => {
                match which {
                    Which::Next => self.numbered = number,
                    Which::Total => self.counted = number,
                }
                Ok(State::Object)
            }
            // The tokenizer tells nothing else in these places.
            (state, _) => Ok(state),
        }
    }

    fn root(&self, kind: Kind) -> Result<State<'p>, PageFault> {
        let (expected, state) = match self.items {
            ItemsAt::Root => (Kind::Array, State::Items),
            ItemsAt::Path(_) | ItemsAt::OnlyArray { .. } => (Kind::Object, State::Object),
        };
        if kind == expected {
            Ok(state)
        } else {
            Err(PageFault::Root { expected, found: kind, offset: self.tokens.offset() })
        }
    }

    fn begin_name(&mut self) -> State<'p> {
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
        let items = match &self.items {
            ItemsAt::Path(path) => path.name_at(depth),
            ItemsAt::Root | ItemsAt::OnlyArray { .. } => None,
        };
        let name_of = |path: Option<Path<'p>>| path.and_then(|path| path.name_at(depth));
        State::Name(Sought {
            items,
            cursor: name_of(self.cursor),
            next: name_of(self.next),
            total: name_of(self.total),
        })
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

    /// A name is on a path if nothing is left to come of the one looked for.
    fn end_name(&mut self, names: Sought<Option<&str>>) -> Result<State<'p>, PageFault> {
        if self.tokens.depth() == 1 {
            self.members.push('`');
        }
        let offset = self.tokens.offset();
        let meet = |path: Option<&mut Path<'p>>, left: Option<&str>| match path {
            Some(path) if left == Some("") => {
                path.meet().map_err(|_| PageFault::Twice { name: Name::new(path.reached()), offset })
            }
            Some(_) | None => Ok(Place::Off),
        };
        Ok(State::Member(Sought {
            items: meet(self.items.path(), names.items)?,
            cursor: meet(self.cursor.as_mut(), names.cursor)?,
            next: meet(self.next.as_mut(), names.next)?,
            total: meet(self.total.as_mut(), names.total)?,
        }))
    }

    fn object(&mut self, places: Sought<Place>) -> Result<State<'p>, PageFault> {
        match places {
            Sought { cursor: Place::End, .. } => return Err(self.cursor_not_scalar(Kind::Object)),
            Sought { items: Place::End, .. } => return Err(self.not_an_array(Kind::Object)),
            Sought { total: Place::End, .. } => return Err(self.total_not_a_number(Kind::Object)),
            Sought {
                items: Place::Off,
                cursor: Place::Off,
                next: Place::Off | Place::End,
                total: Place::Off,
            } => {
                return Ok(self.skip());
            }
            _ => {}
        }
        let enter = |path: Option<&mut Path<'p>>, place| {
            if let (Some(path), Place::Way) = (path, place) {
                path.enter();
            }
        };
        enter(self.items.path(), places.items);
        enter(self.cursor.as_mut(), places.cursor);
        enter(self.next.as_mut(), places.next);
        enter(self.total.as_mut(), places.total);
        Ok(State::Object)
    }

    fn array(&mut self, places: Sought<Place>) -> Result<State<'p>, PageFault> {
        match places {
            Sought { cursor: Place::End, .. } => return Err(self.cursor_not_scalar(Kind::Array)),
            Sought { total: Place::End, .. } => return Err(self.total_not_a_number(Kind::Array)),
            Sought { items: Place::Off, cursor: Place::Off, total: Place::Off, .. } => {}
            Sought { items: Place::End, cursor: Place::Off, total: Place::Off, .. } => {
                return Ok(State::Items);
            }
            _ => return Err(self.not_reached(places, Kind::Array)),
        }
        let (depth, offset) = (self.tokens.depth(), self.tokens.offset());
        match &mut self.items {
            ItemsAt::OnlyArray { latest, array } if depth == 1 => match array {
                Some(first) => Err(PageFault::SecondArray { first: *first, second: *latest, offset }),
                None => {
                    *array = Some(*latest);
                    Ok(State::Items)
                }
            },
            ItemsAt::Path(_) | ItemsAt::Root | ItemsAt::OnlyArray { .. } => Ok(self.skip()),
        }
    }

    fn scalar(&mut self, places: Sought<Place>, kind: Kind) -> Result<State<'p>, PageFault> {
        match places {
            Sought { items: Place::End, .. } => return Err(self.not_an_array(kind)),
            Sought { items: Place::Way, .. } => return Err(self.not_reached(places, kind)),
            // A page without more to say may say null on the way.
            Sought { cursor: Place::Way, .. } | Sought { total: Place::Way, .. } if kind != Kind::Null => {
                return Err(self.not_reached(places, kind));
            }
            Sought { cursor: Place::End, .. } => {}
            Sought { total: Place::End, .. } => {
                return match kind {
                    Kind::Number => Ok(State::Number(Which::Total, Some(0))),
                    Kind::Null => Ok(self.skip()),
                    _ => Err(self.total_not_a_number(kind)),
                };
            }
            Sought { next: Place::End, .. } if kind == Kind::Number => {
                return Ok(State::Number(Which::Next, Some(0)));
            }
            _ => return Ok(self.skip()),
        }
        let begin = |form, offset| State::Cursor { form, offset, gathered: Gathered::NOTHING };
        match kind {
            Kind::String => return Ok(begin(Form::Text, self.tokens.offset())),
            Kind::Number => return Ok(begin(Form::Number, self.tokens.offset())),
            Kind::True => self.found = Cursor::Bool(true),
            Kind::False => self.found = Cursor::Bool(false),
            // The other two do not come here.
            Kind::Null | Kind::Object | Kind::Array => self.found = Cursor::Null,
        }
        Ok(self.skip())
    }

    fn skip(&self) -> State<'p> {
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

    /// The cursor is over.
    fn keep(&mut self, cursor: Cursor) -> State<'p> {
        self.found = cursor;
        State::Object
    }

    /// An object was closed.
    fn leave(&mut self) {
        let depth = self.tokens.depth();
        if let ItemsAt::Path(path) = &mut self.items {
            path.leave(depth);
        }
        for path in [&mut self.cursor, &mut self.next, &mut self.total].into_iter().flatten() {
            path.leave(depth);
        }
    }

    fn not_an_array(&self, found: Kind) -> PageFault {
        PageFault::NotAnArray { name: self.items.reached(), found, offset: self.tokens.offset() }
    }

    fn cursor_not_scalar(&self, found: Kind) -> PageFault {
        PageFault::CursorNotScalar { name: reached(self.cursor), found, offset: self.tokens.offset() }
    }

    fn total_not_a_number(&self, found: Kind) -> PageFault {
        PageFault::TotalNotANumber { name: reached(self.total), found, offset: self.tokens.offset() }
    }

    /// What should be an object on the way to something looked for is none.
    fn not_reached(&self, places: Sought<Place>, found: Kind) -> PageFault {
        let name = match places {
            Sought { cursor: Place::Way, .. } => reached(self.cursor),
            Sought { items: Place::Way, .. } => self.items.reached(),
            _ => reached(self.total),
        };
        PageFault::NotAnObject { name, found, offset: self.tokens.offset() }
    }
}

impl<'p> ItemsAt<'p> {
    fn path(&mut self) -> Option<&mut Path<'p>> {
        match self {
            Self::Path(path) => Some(path),
            Self::Root | Self::OnlyArray { .. } => None,
        }
    }

    fn reached(&self) -> Name {
        match self {
            Self::Path(path) => Name::new(path.reached()),
            Self::Root | Self::OnlyArray { .. } => Name::EMPTY,
        }
    }
}

fn reached(path: Option<Path<'_>>) -> Name {
    path.map_or(Name::EMPTY, |path| Name::new(path.reached()))
}

/// A whole number with one more digit; `None` if the byte is none, or the number too large.
fn more_digits(so_far: Option<u64>, byte: u8) -> Option<u64> {
    let digit = byte.checked_sub(b'0').filter(|digit| *digit <= 9)?;
    so_far?.checked_mul(10)?.checked_add(digit.into())
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
