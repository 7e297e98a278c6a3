//! An error in prose: plain text, or the page that a proxy or a web server makes of it in HTML or XML. Reads just enough of
//! markup to tell its texts from its tags, scripts and comments (WHATWG HTML §13.2.5), and decodes no entities. Runs of
//! white space are one space.

use super::{Part, Problem};
use crate::text::Text;

/// Reads prose, in chunks of any size.
#[derive(Clone, Debug)]
pub(super) struct Prose {
    place: Place,
    /// White space came, and is shown once more text comes.
    is_spaced: bool,
    /// The character that is not whole yet, and how many bytes of it are to come.
    partial: (u32, u8),
}

/// A tag's name, long enough for each of those that matter.
type Tag = Text<8>;

/// Where the next character stands.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// In plain text.
    Plain,
    /// In a text between tags.
    Text(Shown),
    /// In a tag's name. `shown` is what is shown of the text around it.
    Name { tag: Tag, shown: Shown },
    /// Behind a tag's name, perhaps in quotes.
    Attributes { quote: Option<char>, shown: Shown },
    /// In a comment, behind so many dashes.
    Comment { dashes: u8, shown: Shown },
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
    /// Nothing: it is a script or a style. Whether the first text was read before it.
    Hidden { is_read: bool },
    /// The title.
    Title,
}

impl Prose {
    pub(super) const fn new(is_markup: bool) -> Self {
        let place = if is_markup { Place::Text(Shown::First) } else { Place::Plain };
        Self { place, is_spaced: false, partial: (0, 0) }
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
            (Place::Text(shown), '<') => match shown {
                Shown::Title if !problem.title.is_empty() => Place::Over,
                Shown::Title => name_of(Shown::First),
                Shown::First if !problem.detail.is_empty() => name_of(Shown::Nothing),
                Shown::First | Shown::Nothing | Shown::Hidden { .. } => name_of(shown),
            },
            (Place::Text(shown), c) => {
                match shown {
                    Shown::First => self.show(Part::Detail, c, problem),
                    Shown::Title => self.show(Part::Title, c, problem),
                    Shown::Nothing | Shown::Hidden { .. } => {}
                }
                Place::Text(shown)
            }
            // What looks like a tag in a script may be none.
            (Place::Name { shown, .. } | Place::Attributes { shown, .. }, '<') if is_hidden(shown) => {
                name_of(shown)
            }
            (Place::Name { tag, shown }, c) if c == '>' || is_space(c) => {
                self.is_spaced = false;
                let shown = after(&tag, shown);
                if c == '>' { Place::Text(shown) } else { Place::Attributes { quote: None, shown } }
            }
            (Place::Name { mut tag, shown }, c) => {
                tag.push(c.to_ascii_lowercase());
                if tag.as_str() == "!--" {
                    Place::Comment { dashes: 0, shown }
                } else {
                    Place::Name { tag, shown }
                }
            }
            (Place::Attributes { quote: None, shown }, '>') => Place::Text(shown),
            (Place::Attributes { quote: None, shown }, '"' | '\'') if !is_hidden(shown) => {
                Place::Attributes { quote: Some(c), shown }
            }
            (Place::Attributes { quote: Some(quote), shown }, c) if c == quote => {
                Place::Attributes { quote: None, shown }
            }
            (Place::Comment { dashes: 2.., shown }, '>') => Place::Text(shown),
            (Place::Comment { dashes, shown }, c) => {
                Place::Comment { dashes: if c == '-' { dashes.saturating_add(1) } else { 0 }, shown }
            }
            (place @ (Place::Attributes { .. } | Place::Over), _) => place,
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

/// A tag begins.
fn name_of(shown: Shown) -> Place {
    Place::Name { tag: Tag::EMPTY, shown }
}

fn is_hidden(shown: Shown) -> bool {
    matches!(shown, Shown::Hidden { .. })
}

/// What is shown behind a tag.
fn after(tag: &Tag, shown: Shown) -> Shown {
    match (shown, tag.as_str()) {
        (Shown::Hidden { is_read }, "/script" | "/style") => {
            if is_read {
                Shown::Nothing
            } else {
                Shown::First
            }
        }
        (Shown::Hidden { .. }, _) => shown,
        (_, "title" | "message") if !tag.is_cut() => Shown::Title,
        (_, "script" | "style") => Shown::Hidden { is_read: shown == Shown::Nothing },
        _ => shown,
    }
}
