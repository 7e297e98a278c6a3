//! A dotted path, followed through the objects of a page. A backslash before a dot or a backslash takes it as it is, so the
//! member `@odata.nextLink` has the path `@odata\.nextLink`.

/// What a member is to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing.
    Off,
    /// An object on the way.
    Way,
    /// What the path leads to.
    End,
}

/// The member is on the path, and was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Twice;

/// A path, and how far the page has gone along it. The empty path leads nowhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Path<'p> {
    names: &'p str,
    /// Where in `names` the rest of the name in hand begins.
    at: u16,
    /// How many of its names were met, in order. Each may be met once.
    met: u8,
    /// How many of its objects, the root not counted, are open.
    inside: u8,
    /// What the member in hand is to it.
    place: Place,
    is_met: bool,
}

impl<'p> Path<'p> {
    /// The name in hand is another.
    const DIFFERS: u16 = u16::MAX;

    pub(super) const fn new(names: &'p str) -> Self {
        Self { names, at: Self::DIFFERS, met: 0, inside: 0, place: Place::Off, is_met: false }
    }

    pub(super) const fn perhaps(names: Option<&'p str>) -> Self {
        match names {
            Some(names) => Self::new(names),
            None => Self::new(""),
        }
    }

    pub(super) const fn names(&self) -> &'p str {
        self.names
    }

    pub(super) const fn place(&self) -> Place {
        self.place
    }

    /// Whether what it leads to was met.
    pub(super) const fn is_met(&self) -> bool {
        self.is_met
    }

    /// A name begins in an object which is `depth` deep.
    pub(super) fn begin(&mut self, depth: u8) {
        let comes_through = self.inside.checked_add(1) == Some(depth) && !self.names.is_empty();
        self.at = if comes_through { self.start_of(self.inside) } else { Self::DIFFERS };
    }

    /// The name goes on with this character.
    pub(super) fn push(&mut self, c: char) {
        if self.at == Self::DIFFERS {
            return;
        }
        let rest = self.rest();
        let plain = rest.strip_prefix('\\').unwrap_or(rest);
        let is_next = plain.starts_with(c) && (c != '.' || plain.len() < rest.len());
        let taken = rest.len().saturating_sub(plain.len()).saturating_add(c.len_utf8());
        self.at = match u16::try_from(taken) {
            Ok(taken) if is_next => self.at.saturating_add(taken),
            _ => Self::DIFFERS,
        };
    }

    /// The name has something that no path has.
    pub(super) const fn differ(&mut self) {
        self.at = Self::DIFFERS;
    }

    /// The name is over.
    pub(super) fn end(&mut self) -> Result<(), Twice> {
        let rest = self.rest();
        let place = match rest.as_bytes().first() {
            _ if self.at == Self::DIFFERS => Place::Off,
            None => Place::End,
            Some(b'.') => Place::Way,
            Some(_) => Place::Off,
        };
        self.place = place;
        if place == Place::Off {
            return Ok(());
        }
        if self.met > self.inside {
            self.place = Place::Off;
            return Err(Twice);
        }
        self.met = self.inside.saturating_add(1);
        self.is_met = place == Place::End;
        Ok(())
    }

    /// The object with that name opens, if it is on the way.
    pub(super) fn enter(&mut self) {
        if self.place == Place::Way {
            self.inside = self.inside.saturating_add(1);
        }
    }

    /// An object was closed, and so many are still open.
    pub(super) fn leave(&mut self, depth: u8) {
        self.inside = self.inside.min(depth.saturating_sub(1));
    }

    /// The path up to the name that leads on from the innermost of its open objects.
    pub(super) fn reached(&self) -> &'p str {
        let next = self.start_of(self.inside.saturating_add(1));
        let end = if next == Self::DIFFERS { self.names.len() } else { usize::from(next).saturating_sub(1) };
        self.names.get(..end).unwrap_or(self.names)
    }

    fn rest(&self) -> &'p str {
        self.names.get(usize::from(self.at)..).unwrap_or_default()
    }

    /// Where the name of that number begins, counted from 0. By bytes: the search for a character is larger than all of this.
    fn start_of(&self, name: u8) -> u16 {
        let (mut left, mut is_plain) = (name, true);
        let mut start = 0_u16;
        for byte in self.names.bytes() {
            if left == 0 {
                break;
            }
            start = start.saturating_add(1);
            if byte == b'.' && is_plain {
                left = left.saturating_sub(1);
            }
            is_plain = byte != b'\\' || !is_plain;
        }
        if left == 0 { start } else { Self::DIFFERS }
    }
}
