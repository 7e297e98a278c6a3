//! An error in prose: plain text, or the page that a proxy or a web server makes of it in HTML or XML. Reads just enough of
//! markup to tell its texts from its tags, scripts and comments (WHATWG HTML §13.2.5), and decodes no entities. Runs of
//! white space are one space.

use super::{Part, Problem};
use crate::text::Text;

/// Reads prose, in chunks of any size.
#[derive(Clone, Debug)]
pub(super) struct Prose {
    place: Place,
    shown: Shown,
    /// The name of the tag in hand, long enough for each of those that matter.
    tag: Text<8>,
    /// White space came, and is shown once more text comes.
    is_spaced: bool,
    /// The character that is not whole yet, and how many bytes of it are to come.
    partial: (u32, u8),
}

/// Where the next character stands.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// In plain text.
    Plain,
    /// In a text between tags.
    Text,
    /// In a tag's name.
    Name,
    /// Behind a tag's name.
    Attributes,
    /// There, in a value with this quote around it.
    Quoted(char),
    /// In a comment.
    Comment,
    /// There, behind a dash.
    Dash,
    /// There, behind two or more.
    Dashes,
    /// Nothing more is to be had.
    Over,
}

/// What is shown of a text between tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// The first text that is not empty, as the detail.
    First,
    /// Nothing: the first text was read.
    Nothing,
    /// Nothing: it is a script or a style.
    Hidden,
    /// The title.
    Title,
}

impl Prose {
    pub(super) const fn new(is_markup: bool) -> Self {
        let place = if is_markup { Place::Text } else { Place::Plain };
        Self { place, shown: Shown::First, tag: Text::EMPTY, is_spaced: false, partial: (0, 0) }
    }

    /// Takes a whole chunk, and tells whether more could be said.
    pub(super) fn push(&mut self, chunk: &[u8], problem: &mut Problem) -> bool {
        for &byte in chunk {
            if let Place::Over = self.place {
                break;
            }
            self.decode(byte, problem);
        }
        !matches!(self.place, Place::Over)
    }

    /// Puts characters together (RFC 3629 §3). What is none is shown as the replacement character.
    fn decode(&mut self, byte: u8, problem: &mut Problem) {
        let (value, left) = self.partial;
        if let (0x80..=0xbf, 1..) = (byte, left) {
            let value = value << 6 | u32::from(byte & 0x3f);
            self.partial = (value, left.saturating_sub(1));
            if left == 1 {
                self.take(char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER), problem);
            }
            return;
        }
        if left > 0 {
            self.take(char::REPLACEMENT_CHARACTER, problem);
        }
        self.partial = match byte {
            0xc2..=0xdf => (u32::from(byte & 0x1f), 1),
            0xe0..=0xef => (u32::from(byte & 0x0f), 2),
            0xf0..=0xf4 => (u32::from(byte & 0x07), 3),
            _ => (0, 0),
        };
        if self.partial.1 == 0 {
            let is_ascii = byte.is_ascii();
            self.take(if is_ascii { char::from(byte) } else { char::REPLACEMENT_CHARACTER }, problem);
        }
    }

    #[inline(never)]
    fn take(&mut self, c: char, problem: &mut Problem) {
        let is_hidden = self.shown == Shown::Hidden;
        self.place = match (self.place, c) {
            (Place::Plain, c) if c.is_control() && !is_space(c) => {
                // It is no text at all.
                problem.detail = Text::EMPTY;
                Place::Over
            }
            (Place::Plain, c) => {
                self.show(Part::Detail, c, problem);
                if problem.detail.is_cut() { Place::Over } else { Place::Plain }
            }
            // The title is all that is wanted.
            (Place::Text, '<') if self.shown == Shown::Title && !problem.title.is_empty() => Place::Over,
            (Place::Text, '<') => self.tag_begins(problem),
            // What looks like a tag in a script may be none.
            (Place::Name | Place::Attributes, '<') if is_hidden => self.tag_begins(problem),
            (Place::Text, c) => {
                match self.shown {
                    Shown::First => self.show(Part::Detail, c, problem),
                    Shown::Title => self.show(Part::Title, c, problem),
                    Shown::Nothing | Shown::Hidden => {}
                }
                Place::Text
            }
            (Place::Name, c) if c == '>' || is_space(c) => {
                self.tag_is_named(problem);
                if c == '>' { Place::Text } else { Place::Attributes }
            }
            (Place::Name, c) => {
                self.tag.push(c.to_ascii_lowercase());
                if self.tag.as_bytes() == b"!--" { Place::Comment } else { Place::Name }
            }
            (Place::Attributes | Place::Dashes, '>') => Place::Text,
            (Place::Attributes, '"' | '\'') if !is_hidden => Place::Quoted(c),
            (Place::Quoted(quote), c) if c == quote => Place::Attributes,
            (Place::Comment, '-') => Place::Dash,
            (Place::Dash | Place::Dashes, '-') => Place::Dashes,
            (Place::Dash | Place::Dashes, _) => Place::Comment,
            (place, _) => place,
        };
    }

    /// The text before it is over, unless it was empty.
    fn tag_begins(&mut self, problem: &Problem) -> Place {
        match self.shown {
            Shown::First if !problem.detail.is_empty() => self.shown = Shown::Nothing,
            Shown::Title => self.shown = Shown::First,
            _ => {}
        }
        self.tag = Text::EMPTY;
        Place::Name
    }

    /// What is shown behind the tag.
    fn tag_is_named(&mut self, problem: &Problem) {
        self.is_spaced = false;
        let name = self.tag.as_bytes();
        self.shown = match self.shown {
            Shown::Hidden if matches!(name, b"/script" | b"/style") => {
                if problem.detail.is_empty() {
                    Shown::First
                } else {
                    Shown::Nothing
                }
            }
            Shown::Hidden => return,
            _ if self.tag.is_cut() => return,
            _ if matches!(name, b"title" | b"message") => Shown::Title,
            _ if matches!(name, b"script" | b"style") => Shown::Hidden,
            _ => return,
        };
    }

    fn show(&mut self, part: Part, c: char, problem: &mut Problem) {
        if is_space(c) {
            self.is_spaced = true;
            return;
        }
        // Only a title is better than the first text.
        if part == Part::Title {
            problem.detail = Text::EMPTY;
        }
        if self.is_spaced && !problem.is_free(part) {
            problem.push(part, ' ');
        }
        self.is_spaced = false;
        problem.push(part, c);
    }
}

fn is_space(c: char) -> bool {
    c.is_ascii_whitespace()
}
