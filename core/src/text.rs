//! Short texts of bounded size, kept inline. They are shown to a person when something went wrong, such as a member's name
//! or the title of a problem. A text that is too long is cut and says so; nothing here decides anything.

use crate::sink::Sink;
use core::fmt;

/// At most `N` bytes of UTF-8, held inline. What does not fit is cut at a character's edge and shown with an ellipsis.
///
/// `N` is at most 255, and with the feature `large` 65,535.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text<const N: usize>(Kept<[u8; N]>);

/// What [`Text`] holds. Behind a reference it has no size, so that the code for texts of all sizes is the same.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kept<B: ?Sized> {
    len: Length,
    cut: bool,
    bytes: B,
}

/// A device has many of these, and none longer than a line.
#[cfg(not(feature = "large"))]
type Length = u8;
#[cfg(feature = "large")]
type Length = u16;

impl<const N: usize> Text<N> {
    /// A text with nothing in it.
    pub const EMPTY: Self = {
        assert!(N <= Length::MAX as usize, "the length has no room");
        Self(Kept { len: 0, cut: false, bytes: [0; N] })
    };

    /// As much of `text` as fits.
    pub fn new(text: &str) -> Self {
        let mut new = Self::EMPTY;
        new.set(text.as_bytes());
        new
    }

    /// Becomes as much of these bytes as fits: nothing if they are no text.
    pub(crate) fn set(&mut self, bytes: &[u8]) {
        self.any_size().set(bytes);
    }

    /// Adds as much of `text` as fits. Once something was cut, nothing more is taken.
    pub fn push_str(&mut self, text: &str) {
        self.any_size().push_str(text);
    }

    /// Adds one character, or cuts the text there. A character that would act on a terminal instead of being shown is
    /// replaced, because servers write most of what is kept here.
    pub fn push(&mut self, c: char) {
        self.any_size().push(c);
    }

    /// The text, without an ellipsis.
    pub fn as_str(&self) -> &str {
        let of_any_size: &Kept<[u8]> = &self.0;
        of_any_size.as_str()
    }

    /// Its bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        let of_any_size: &Kept<[u8]> = &self.0;
        of_any_size.as_bytes()
    }

    /// Whether something did not fit.
    pub fn is_cut(&self) -> bool {
        self.0.cut
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.0.len == 0 && !self.0.cut
    }

    pub(crate) fn any_size(&mut self) -> &mut Kept<[u8]> {
        &mut self.0
    }
}

impl Kept<[u8]> {
    /// It was put together of whole characters.
    #[inline(never)]
    fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).unwrap_or("")
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// See [`Text::set`]. Nothing stays of what it was.
    #[inline(never)]
    pub(crate) fn set(&mut self, bytes: &[u8]) {
        self.bytes.fill(0);
        (self.len, self.cut) = (0, false);
        self.push_str(core::str::from_utf8(bytes).unwrap_or_default());
    }

    #[inline(never)]
    fn push_str(&mut self, text: &str) {
        for c in text.chars() {
            self.push(c);
        }
    }

    /// See [`Text::push`].
    #[inline(never)]
    pub(crate) fn push(&mut self, c: char) {
        let utf8 = Utf8::of(if acts_on_terminals(c) { char::REPLACEMENT_CHARACTER } else { c });
        let free = self.bytes.get_mut(usize::from(self.len)..).unwrap_or_default();
        match free.split_at_mut_checked(utf8.as_bytes().len()) {
            Some((room, _)) if !self.cut => {
                room.copy_from_slice(utf8.as_bytes());
                self.len = self.len.saturating_add(utf8.len);
            }
            _ => self.cut = true,
        }
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())?;
        if self.0.cut { f.write_str("…") } else { Ok(()) }
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

impl<const N: usize> fmt::Write for Text<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text);
        Ok(())
    }
}

impl<const N: usize> Sink for Text<N> {
    fn take(&mut self, piece: &[u8]) {
        self.push_str(core::str::from_utf8(piece).unwrap_or_default());
    }
}

/// Control characters, and those that turn the direction of writing round (Unicode Standard Annex 9, section 2).
fn acts_on_terminals(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The bytes of one character. `char::encode_utf8` gives the same, but it can panic, and that code stays in the program.
#[derive(Clone, Copy)]
pub(crate) struct Utf8 {
    bytes: [u8; 4],
    len: Length,
}

impl Utf8 {
    /// Encodes a character (RFC 3629 §3).
    pub(crate) fn of(c: char) -> Self {
        let mut rest = c as u32;
        let (len, mark) = match rest {
            ..0x80 => (1, 0),
            0x80..0x800 => (2, 0xc0),
            0x800..0x1_0000 => (3, 0xe0),
            _ => (4, 0xf0),
        };
        let mut utf8 = Self { bytes: [0; 4], len };
        if let Some([first, behind @ ..]) = utf8.bytes.get_mut(..usize::from(len)) {
            for byte in behind.iter_mut().rev() {
                *byte = 0x80 | (rest & 0x3f) as u8;
                rest >>= 6;
            }
            *first = mark | rest as u8;
        }
        utf8
    }

    /// The bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn a_text_that_fits_is_kept_whole() {
        let text = Text::<8>::new("objects");
        assert_eq!((text.as_str(), text.is_cut()), ("objects", false));
    }

    #[test]
    fn a_text_too_long_is_cut_at_a_characters_edge_and_says_so() {
        let mut text = Text::<4>::new("añé");
        assert_eq!((text.as_str(), text.is_cut()), ("añ", true));
        text.push('x');
        assert_eq!(text.to_string(), "añ…", "nothing is added behind a cut");
    }

    #[test]
    fn a_long_text_is_kept_as_far_as_it_fits() {
        const ROOM: usize = if cfg!(feature = "large") { 1_024 } else { 254 };
        let text = Text::<ROOM>::new(&"é".repeat(600));
        assert_eq!((text.as_str().len(), text.is_cut()), (ROOM, true));
        assert!(text.to_string().ends_with("é…"));
        let text = Text::<ROOM>::new(&"x".repeat(ROOM));
        assert_eq!((text.as_str().len(), text.is_cut()), (ROOM, false));
    }

    #[test]
    fn what_would_act_on_a_terminal_is_replaced() {
        let text = Text::<64>::new("a\u{1b}]0;x\u{7}\n\u{7f}\u{9b}\u{202e}z");
        assert_eq!(text.as_str(), "a\u{fffd}]0;x\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}z");
    }

    #[test]
    fn a_character_is_encoded_as_the_standard_library_does() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            assert_eq!(Utf8::of(c).as_bytes(), c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}
