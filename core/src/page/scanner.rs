//! The state machine of a page: which values are items, which is the cursor, and which are nobody's.

use super::fault::{Members, Name, PageFault};
use super::gathered::{Gathered, count};
use super::path::{Path, Place};
use super::{CursorValue, Item, Items, PageEnd, PageShape};
use crate::json::{Event, Kind, Tokenizer};

/// Reads one page, in chunks of any size, and hands out its items one by one.
///
/// After an error, every further call gives the same error.
#[derive(Clone, Debug)]
pub struct PageScanner<'p> {
    tokens: Tokenizer,
    items: ItemsAt<'p>,
    cursor: Option<Path<'p>>,
    /// Of the root, for whoever has to find out what was wrong with the path.
    members: Members,
    found: Cursor,
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
    /// An object that leads to the items or the cursor, or what is around the items.
    Object,
    /// A member's name. What is still to come of the names looked for, unless it has differed.
    Name { items: Option<&'p str>, cursor: Option<&'p str> },
    /// The value of a member, and what that is to the two paths.
    Member { items: Place, cursor: Place },
    /// A value that is nobody's, inside so many containers.
    Skip { depth: u8 },
    /// The array of items, between two of them.
    Items,
    /// An item, inside so many containers, and what earlier chunks had of it.
    Item { depth: u8, gathered: Gathered },
    /// The cursor, which begins at `offset`.
    Cursor { form: Form, offset: u64, gathered: Gathered },
    /// Nothing: the page was refused.
    Failed(PageFault),
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
        let cursor = match shape.cursor {
            Some(names) => Some(Path::new(names)),
            None => None,
        };
        Self {
            tokens: Tokenizer::new(),
            items,
            cursor,
            members: Members::EMPTY,
            found: Cursor::Absent,
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
        let text = |len| cursor.get(..len).and_then(|text| core::str::from_utf8(text).ok());
        let cursor = match self.found {
            Cursor::Absent => CursorValue::Absent,
            Cursor::Null => CursorValue::Null,
            Cursor::Bool(value) => CursorValue::Bool(value),
            Cursor::Number { len } => CursorValue::Number(text(len).ok_or(PageFault::CursorLost)?),
            Cursor::Text { len } => CursorValue::Text(text(len).ok_or(PageFault::CursorLost)?),
        };
        Ok(PageEnd { items: self.count, cursor })
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
    fn on(&mut self, event: Event<'_>, buffer: &mut [u8]) -> Result<State<'p>, PageFault> {
        match (self.state, event) {
            (State::Root, Event::Value(kind)) => self.root(kind),
            (State::Object, Event::NameStart) => Ok(self.begin_name()),
            (State::Object, Event::ValueEnd) => {
                self.leave();
                Ok(State::Object)
            }
            (State::Name { items, cursor }, Event::Text(piece)) => {
                piece.chars().for_each(|c| self.show_name(c));
                let follow = |name: Option<&'p str>| name?.strip_prefix(piece);
                Ok(State::Name { items: follow(items), cursor: follow(cursor) })
            }
            (State::Name { items, cursor }, Event::Char(c)) => {
                self.show_name(c);
                let follow = |name: Option<&'p str>| name?.strip_prefix(c);
                Ok(State::Name { items: follow(items), cursor: follow(cursor) })
            }
            (State::Name { .. }, Event::Unpaired(_)) => {
                self.show_name(char::REPLACEMENT_CHARACTER);
                Ok(State::Name { items: None, cursor: None })
            }
            (State::Name { items, cursor }, Event::NameEnd) => self.end_name(items, cursor),
            (State::Member { items, cursor }, Event::Value(kind)) => match kind {
                Kind::Object => self.object(items, cursor),
                Kind::Array => self.array(items, cursor),
                Kind::String | Kind::Number | Kind::True | Kind::False | Kind::Null => {
                    self.scalar(items, cursor, kind)
                }
            },
            (State::Items, Event::Value(_)) if self.count == u32::MAX => {
                Err(PageFault::TooManyItems { offset: self.tokens.offset() })
            }
            (State::Items, Event::Value(_)) => {
                Ok(State::Item { depth: self.tokens.depth(), gathered: Gathered::NOTHING })
            }
            (State::Items, Event::ValueEnd) => Ok(State::Object),
            (State::Cursor { form, offset, mut gathered }, Event::Text(piece)) => {
                gathered.push(buffer, piece.as_bytes());
                Ok(State::Cursor { form, offset, gathered })
            }
            (State::Cursor { form, offset, mut gathered }, Event::Char(c)) => {
                gathered.push(buffer, c.encode_utf8(&mut [0; 4]).as_bytes());
                Ok(State::Cursor { form, offset, gathered })
            }
            (State::Cursor { offset, .. }, Event::Unpaired(unit)) => {
                Err(PageFault::CursorNotText { unit, offset })
            }
            (State::Cursor { form, offset, gathered }, Event::ValueEnd) => match (gathered, form) {
                (Gathered::Whole { len }, Form::Number) => Ok(self.keep(Cursor::Number { len })),
                (Gathered::Whole { len }, Form::Text) => Ok(self.keep(Cursor::Text { len })),
                (Gathered::TooLarge { size }, _) => {
                    Err(PageFault::CursorTooLong { needed: size, limit: count(buffer.len()), offset })
                }
            },
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
        State::Name { items, cursor: self.cursor.and_then(|path| path.name_at(depth)) }
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
    fn end_name(&mut self, items: Option<&str>, cursor: Option<&str>) -> Result<State<'p>, PageFault> {
        if self.tokens.depth() == 1 {
            self.members.push('`');
        }
        let offset = self.tokens.offset();
        let meet = |path: &mut Path<'p>| {
            path.meet().map_err(|_| PageFault::Twice { name: Name::new(path.reached()), offset })
        };
        let items = match &mut self.items {
            ItemsAt::Path(path) if items == Some("") => meet(path)?,
            ItemsAt::Path(_) | ItemsAt::Root | ItemsAt::OnlyArray { .. } => Place::Off,
        };
        let cursor = match &mut self.cursor {
            Some(path) if cursor == Some("") => meet(path)?,
            Some(_) | None => Place::Off,
        };
        Ok(State::Member { items, cursor })
    }

    fn object(&mut self, items: Place, cursor: Place) -> Result<State<'p>, PageFault> {
        match (cursor, items) {
            (Place::End, _) => return Err(self.cursor_not_scalar(Kind::Object)),
            (_, Place::End) => return Err(self.not_an_array(Kind::Object)),
            (Place::Off, Place::Off) => return Ok(self.skip()),
            (Place::Way, _) | (_, Place::Way) => {}
        }
        if let (Place::Way, Some(path)) = (cursor, &mut self.cursor) {
            path.enter();
        }
        if let (Place::Way, ItemsAt::Path(path)) = (items, &mut self.items) {
            path.enter();
        }
        Ok(State::Object)
    }

    fn array(&mut self, items: Place, cursor: Place) -> Result<State<'p>, PageFault> {
        match (cursor, items) {
            (Place::End, _) => return Err(self.cursor_not_scalar(Kind::Array)),
            (Place::Way, _) => return Err(self.cursor_not_reached(Kind::Array)),
            (Place::Off, Place::Way) => return Err(self.items_not_reached(Kind::Array)),
            (Place::Off, Place::End) => return Ok(State::Items),
            (Place::Off, Place::Off) => {}
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

    fn scalar(&mut self, items: Place, cursor: Place, kind: Kind) -> Result<State<'p>, PageFault> {
        match (items, cursor) {
            (Place::End, _) => return Err(self.not_an_array(kind)),
            (Place::Way, _) => return Err(self.items_not_reached(kind)),
            (Place::Off, Place::Way) if kind != Kind::Null => return Err(self.cursor_not_reached(kind)),
            (Place::Off, Place::Way | Place::Off) => return Ok(self.skip()),
            (Place::Off, Place::End) => {}
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
        if let Some(path) = &mut self.cursor {
            path.leave(depth);
        }
    }

    fn not_an_array(&self, found: Kind) -> PageFault {
        PageFault::NotAnArray { name: self.items_reached(), found, offset: self.tokens.offset() }
    }

    fn items_not_reached(&self, found: Kind) -> PageFault {
        PageFault::NotAnObject { name: self.items_reached(), found, offset: self.tokens.offset() }
    }

    fn cursor_not_scalar(&self, found: Kind) -> PageFault {
        PageFault::CursorNotScalar { name: self.cursor_reached(), found, offset: self.tokens.offset() }
    }

    fn cursor_not_reached(&self, found: Kind) -> PageFault {
        PageFault::NotAnObject { name: self.cursor_reached(), found, offset: self.tokens.offset() }
    }

    fn items_reached(&self) -> Name {
        match &self.items {
            ItemsAt::Path(path) => Name::new(path.reached()),
            ItemsAt::Root | ItemsAt::OnlyArray { .. } => Name::EMPTY,
        }
    }

    fn cursor_reached(&self) -> Name {
        self.cursor.map_or(Name::EMPTY, |path| Name::new(path.reached()))
    }
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
