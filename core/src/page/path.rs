//! A dotted path, followed through the objects of a page. A backslash before a dot or a backslash takes it as it is, so the
//! member `@odata.nextLink` has the path `@odata\.nextLink`.

use crate::json::Event;

/// What a member is to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing.
    Off,
    /// An object on the way.
    Way,
    /// What the path leads to.
    End,
    /// On the path, and there before.
    Twice,
}

/// How far the page has gone along a path. The path itself is the caller's, the same each time; an empty one leads nowhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Matcher {
    /// One more than where in the path the rest of the name in hand begins; [`Matcher::DIFFERS`] if that name is another.
    at: u16,
    /// How many of its names were met, in order. Each may be met once.
    met: u8,
    /// How many of its objects, the root not counted, are open.
    inside: u8,
    /// What the member in hand is to it.
    place: Place,
    is_met: bool,
}

impl Matcher {
    /// The name in hand is another.
    const DIFFERS: u16 = 0;

    /// Nothing was met.
    pub(super) const NEW: Self =
        Self { at: Self::DIFFERS, met: 0, inside: 0, place: Place::Off, is_met: false };

    pub(super) const fn place(&self) -> Place {
        self.place
    }

    /// Whether the name in hand is another.
    pub(super) const fn differs(&self) -> bool {
        self.at == Self::DIFFERS
    }

    /// Whether what it leads to was met.
    pub(super) const fn is_met(&self) -> bool {
        self.is_met
    }

    /// Follows what is told of a name, whose latest character is `utf8`, or of the end of an object. So many are open.
    #[inline(never)]
    pub(super) fn follow(&mut self, path: &str, event: Event, utf8: &[u8], depth: u8) {
        match event {
            Event::NameStart => {
                let comes_through = self.inside.checked_add(1) == Some(depth) && !path.is_empty();
                self.at = if comes_through { start_of(path, self.inside) } else { Self::DIFFERS };
            }
            Event::NameEnd => self.end(path),
            Event::ValueEnd => self.inside = self.inside.min(depth.saturating_sub(1)),
            // No path has half a character.
            Event::Unpaired | Event::UnpairedBefore => self.at = Self::DIFFERS,
            _ => utf8.iter().for_each(|byte| self.push(path, *byte)),
        }
    }

    /// The name goes on with this byte.
    fn push(&mut self, path: &str, byte: u8) {
        let taken = match *self.rest(path) {
            [b'\\', next, ..] if next == byte => 2,
            [b'\\' | b'.', ..] => 0,
            [next, ..] if next == byte => 1,
            _ => 0,
        };
        self.at = if taken == 0 { Self::DIFFERS } else { self.at.saturating_add(taken) };
    }

    /// The name is over.
    fn end(&mut self, path: &str) {
        self.place = match self.rest(path) {
            _ if self.differs() => Place::Off,
            [] => Place::End,
            [b'.', ..] => Place::Way,
            _ => Place::Off,
        };
        if self.place == Place::Off {
            return;
        }
        if self.met > self.inside {
            self.place = Place::Twice;
            return;
        }
        self.met = self.inside.saturating_add(1);
        self.is_met = self.place == Place::End;
    }

    /// The object with that name opens, which is on the way.
    pub(super) fn enter(&mut self) {
        self.inside = self.inside.saturating_add(1);
    }

    /// The path up to the name that leads on from the innermost of its open objects.
    pub(super) fn reached<'p>(&self, path: &'p str) -> &'p str {
        let end = match start_of(path, self.inside.saturating_add(1)) {
            Self::DIFFERS => path.len(),
            // Before the dot.
            next => usize::from(next).saturating_sub(2),
        };
        path.get(..end).unwrap_or(path)
    }

    fn rest<'p>(&self, path: &'p str) -> &'p [u8] {
        let at = usize::from(self.at).wrapping_sub(1);
        path.as_bytes().get(at..).unwrap_or_default()
    }
}

/// One more than where the name of that number begins, counted from 0; [`Matcher::DIFFERS`] if there is none. By bytes: the search
/// for a character is larger than all of this.
fn start_of(path: &str, name: u8) -> u16 {
    let (mut left, mut is_plain) = (name, true);
    let mut start = 1_u16;
    for byte in path.bytes() {
        if left == 0 {
            break;
        }
        start = start.saturating_add(1);
        if byte == b'.' && is_plain {
            left = left.saturating_sub(1);
        }
        is_plain = byte != b'\\' || !is_plain;
    }
    if left == 0 { start } else { Matcher::DIFFERS }
}
