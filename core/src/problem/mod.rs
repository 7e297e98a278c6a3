//! What an error body says: Problem Details (RFC 9457), the many other forms of errors in JSON, plain text, and the pages of
//! proxies. A few texts are kept, each bounded, and the rest is passed over. Sentences are for people: only the kind and
//! the code of a problem, which an API's description may name, decide anything.
//!
//! | body | read as |
//! |---|---|
//! | a JSON object, or the first one of an array | its members, see the file `members.rs` |
//! | a JSON text, or the first one of an array | the detail |
//! | HTML or XML (feature `large`) | its `<title>` or `<message>` as the title, else its first text as the detail, see `prose.rs` |
//! | any other text (feature `large`) | the detail |
//! | anything else | nothing |
//!
//! On a device the words of a proxy are not worth the kilobyte and a half of code that reads them.

mod members;
#[cfg(feature = "large")]
mod prose;
#[cfg(test)]
mod tests;

use crate::secret::Secret;
use crate::text::{Kept, Text};
use core::fmt;
use members::Members;
#[cfg(feature = "large")]
use prose::Prose;

/// Sizes in bytes: a line or two on a device, and on a gateway (feature `large`) all that a person reads.
const KIND: usize = if cfg!(feature = "large") { 256 } else { 60 };
const CODE: usize = if cfg!(feature = "large") { 64 } else { 16 };
const TITLE: usize = if cfg!(feature = "large") { 256 } else { 40 };
const DETAIL: usize = if cfg!(feature = "large") { 1_024 } else { 80 };

/// What an error body says of itself. What it does not say is empty. What is too long ends in an ellipsis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// `type`: a URI for the kind of problem (RFC 9457 §3.1.1). If it is cut off here, no API's description can name it.
    pub kind: Text<KIND>,
    /// The server's own name or number for the kind of problem.
    pub code: Text<CODE>,
    /// The kind of problem, for people.
    pub title: Text<TITLE>,
    /// This very problem, for people.
    pub detail: Text<DETAIL>,
}

impl Problem {
    /// Nothing is known.
    pub const NONE: Self =
        Self { kind: Text::EMPTY, code: Text::EMPTY, title: Text::EMPTY, detail: Text::EMPTY };

    /// Withholds the texts that quote a secret: servers are known to quote the key that they refuse.
    pub(crate) fn withhold(&mut self, secrets: &[Secret<'_>]) {
        for part in [Part::Kind, Part::Code, Part::Title, Part::Detail] {
            self.part(part).withhold(secrets);
        }
    }

    #[inline(never)]
    fn part(&mut self, part: Part) -> &mut Kept<[u8]> {
        match part {
            Part::Kind => self.kind.any_size(),
            Part::Code => self.code.any_size(),
            Part::Title => self.title.any_size(),
            Part::Detail => self.detail.any_size(),
        }
    }

    /// Whether a part is still empty.
    fn is_free(&self, part: Part) -> bool {
        match part {
            Part::Kind => self.kind.is_empty(),
            Part::Code => self.code.is_empty(),
            Part::Title => self.title.is_empty(),
            Part::Detail => self.detail.is_empty(),
        }
    }

    /// Adds one character, as it is shown: in one line.
    #[inline(never)]
    fn push(&mut self, part: Part, c: char) {
        // Escaped or written out: where a chunk ends decides which of the two a character comes as.
        let c = if c.is_control() { ' ' } else { c };
        self.part(part).push(c);
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.title.is_empty(), self.detail.is_empty()) {
            (true, true) if self.code.is_empty() => return f.write_str("no explanation was given"),
            (true, true) => return write!(f, "code {}", self.code),
            (false, true) => self.title.fmt(f)?,
            (true, false) => self.detail.fmt(f)?,
            // Some servers say it twice.
            (false, false) if self.title.as_str() == self.detail.as_str() => self.detail.fmt(f)?,
            (false, false) => write!(f, "{}: {}", self.title, self.detail)?,
        }
        if self.code.is_empty() { Ok(()) } else { write!(f, " (code {})", self.code) }
    }
}

/// A part of a [`Problem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Kind,
    Code,
    Title,
    Detail,
}

/// Reads an error body, in chunks of any size. It cannot fail: the status was the news, the body is a courtesy.
#[derive(Clone, Debug)]
pub struct ProblemScanner {
    body: Body,
    /// How many bytes came of a byte order mark, which a text may begin with (RFC 8259 §8.1); more than all once none can come.
    mark: u8,
    members: Members,
    #[cfg(feature = "large")]
    prose: Prose,
    /// How many bytes may still be read.
    left: u32,
}

/// What kind of body it is, by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    /// Only white space came, and perhaps a byte order mark.
    Begins,
    /// JSON.
    Members,
    /// Plain text, HTML or XML.
    #[cfg(feature = "large")]
    Prose,
    /// Nothing more is to be had.
    Over,
}

/// U+FEFF in UTF-8.
const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

impl ProblemScanner {
    /// How much of a body is read beside a page. An error is shorter, and a page pays for no more.
    pub const BESIDE_A_PAGE: u32 = 2_048;

    /// A scanner for the body of a refusal. The caller bounds how much of it is read.
    pub const fn new() -> Self {
        Self {
            body: Body::Begins,
            mark: 0,
            members: Members::new(),
            #[cfg(feature = "large")]
            prose: Prose::new(false),
            left: u32::MAX,
        }
    }

    /// A scanner to run beside a page scanner, for a body that should be a page and may turn out to be an error with status
    /// 200. Give it each chunk before the page scanner gets it, until [`Self::is_over`], and a [`Problem`] of its own to
    /// write to. Show that problem if the page scanner fails before it has found an item: then the body is no page. It reads
    /// the first [`Self::BESIDE_A_PAGE`] bytes and passes arrays of items without looking into them, so a page of a
    /// megabyte costs what a page of two kilobytes does.
    pub const fn beside_a_page() -> Self {
        Self { left: Self::BESIDE_A_PAGE, ..Self::new() }
    }

    /// Whether nothing that comes could add to the problem.
    pub const fn is_over(&self) -> bool {
        matches!(self.body, Body::Over)
    }

    /// Takes a whole chunk, and adds what it says to `problem`.
    pub fn push(&mut self, chunk: &[u8], problem: &mut Problem) {
        let allowed = usize::try_from(self.left).unwrap_or(usize::MAX);
        let chunk = chunk.get(..allowed).unwrap_or(chunk);
        self.left = self.left.saturating_sub(u32::try_from(chunk.len()).unwrap_or(u32::MAX));
        let mut rest = chunk;
        if self.body == Body::Begins {
            rest = self.begin(chunk, problem);
        }
        let goes_on = match self.body {
            Body::Begins => true,
            Body::Members => self.members.push(rest, problem),
            #[cfg(feature = "large")]
            Body::Prose => self.prose.push(rest, problem),
            Body::Over => false,
        };
        if !goes_on || self.left == 0 {
            self.body = Body::Over;
        }
    }

    /// Passes what stands before the body's first byte, and tells by that byte what the body is. Gives what is left of the
    /// chunk.
    #[cfg_attr(not(feature = "large"), expect(unused_variables, reason = "only prose writes here"))]
    fn begin<'c>(&mut self, chunk: &'c [u8], problem: &mut Problem) -> &'c [u8] {
        let mut rest = chunk;
        while let [byte, behind @ ..] = rest {
            let is_mark = BYTE_ORDER_MARK.get(usize::from(self.mark)) == Some(byte);
            let is_half = matches!(self.mark, 1 | 2);
            if is_mark || !is_half && byte.is_ascii_whitespace() {
                // Nothing but a mark stands before a mark.
                self.mark = if is_mark { self.mark.saturating_add(1) } else { 3 };
                rest = behind;
                continue;
            }
            self.body = match byte {
                b'{' | b'[' | b'"' if !is_half => Body::Members,
                #[cfg(not(feature = "large"))]
                _ => Body::Over,
                #[cfg(feature = "large")]
                _ => {
                    self.prose = Prose::new(*byte == b'<');
                    // It was no mark after all.
                    if is_half {
                        let half = BYTE_ORDER_MARK.get(..usize::from(self.mark)).unwrap_or_default();
                        self.prose.push(half, problem);
                    }
                    Body::Prose
                }
            };
            break;
        }
        rest
    }
}

impl Default for ProblemScanner {
    fn default() -> Self {
        Self::new()
    }
}
