//! A dotted path, followed through the objects of a page.

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

/// A path, and how far the page has gone along it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Path<'p> {
    names: &'p str,
    /// How many of its names were met, in order. Each may be met once.
    met: u8,
    /// How many of its objects, the root not counted, are open.
    inside: u8,
}

impl<'p> Path<'p> {
    pub(super) const fn new(names: &'p str) -> Self {
        Self { names, met: 0, inside: 0 }
    }

    pub(super) const fn perhaps(names: Option<&'p str>) -> Option<Self> {
        match names {
            Some(names) => Some(Self::new(names)),
            None => None,
        }
    }

    pub(super) fn names(&self) -> &'p str {
        self.names
    }

    /// The name that leads on from the object which is `depth` deep, if the path comes through there.
    pub(super) fn name_at(&self, depth: u8) -> Option<&'p str> {
        if self.inside.checked_add(1) != Some(depth) {
            return None;
        }
        let start = match self.inside.checked_sub(1) {
            Some(before) => self.end_of(before).saturating_add(1),
            None => 0,
        };
        self.names.get(start..self.end_of(self.inside))
    }

    /// That name was met.
    pub(super) fn meet(&mut self) -> Result<Place, Twice> {
        if self.met > self.inside {
            return Err(Twice);
        }
        self.met = self.inside.saturating_add(1);
        Ok(if self.is_met() { Place::End } else { Place::Way })
    }

    /// The object with that name opens.
    pub(super) fn enter(&mut self) {
        self.inside = self.inside.saturating_add(1);
    }

    /// An object was closed, and so many are still open.
    pub(super) fn leave(&mut self, depth: u8) {
        self.inside = self.inside.min(depth.saturating_sub(1));
    }

    /// Whether what it leads to was met.
    pub(super) fn is_met(&self) -> bool {
        self.met.checked_sub(1).is_some_and(|last| self.end_of(last) == self.names.len())
    }

    /// The path up to the name that leads on from the innermost of its open objects.
    pub(super) fn reached(&self) -> &'p str {
        self.names.get(..self.end_of(self.inside)).unwrap_or(self.names)
    }

    /// Where the name of that number ends, counted from 0. By bytes: the search for a character is larger than all of this.
    fn end_of(&self, name: u8) -> usize {
        let mut dots = self.names.bytes().enumerate().filter(|(_, byte)| *byte == b'.');
        dots.nth(name.into()).map_or(self.names.len(), |(at, _)| at)
    }
}
