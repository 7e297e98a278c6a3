//! The other side of a test: answers, how they end, and a few servers that give them.

use super::world::Asked;
use crate::pull::TransportFault;
use std::collections::VecDeque;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// What a server answers to one request.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) fields: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) ending: Ending,
    /// How long each byte of the body takes.
    pub(super) millis_per_byte: u64,
}

/// What comes behind the bytes of an answer's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The body's proper end, or what the driver has to take for it.
    Complete,
    /// The connection breaks.
    Broken,
    /// Nothing, ever.
    Stall,
    /// There is not even a head: the connection fails.
    NoHead(TransportFault),
    /// There is not even a head, and nothing says so.
    Silence,
}

impl Answer {
    pub(super) fn page(body: impl Into<Vec<u8>>) -> Self {
        Self::status(200, body)
    }

    pub(super) fn status(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, fields: Vec::new(), body: body.into(), ending: Ending::Complete, millis_per_byte: 0 }
    }

    /// An answer of which not even the head comes.
    pub(super) fn nothing(ending: Ending) -> Self {
        Self::status(0, "").ending(ending)
    }

    pub(super) fn field(mut self, name: &str, value: impl ToString) -> Self {
        self.fields.push((name.to_string(), value.to_string()));
        self
    }

    pub(super) fn ending(mut self, ending: Ending) -> Self {
        self.ending = ending;
        self
    }

    /// The same, of which only the first `len` bytes of the body come.
    pub(super) fn cut(mut self, len: usize, ending: Ending) -> Self {
        self.body.truncate(len);
        self.ending(ending)
    }

    pub(super) fn slowly(mut self, millis_per_byte: u64) -> Self {
        self.millis_per_byte = millis_per_byte;
        self
    }
}

/// A page of these items; `next` is its key as it is written, and left out if empty.
pub(super) fn page(items: &[&str], next: &str) -> Vec<u8> {
    let items = items.join(", ");
    let next = if next.is_empty() { String::new() } else { format!(", \"nextPageKey\": {next}") };
    format!("{{\"objects\": [{items}]{next}, \"took\": 7}}").into_bytes()
}

/// The items of [`three_pages`].
pub(super) const ITEMS: [&str; 6] =
    [r#"{"id":1}"#, r#"{"id":2,"tags":["a","]"]}"#, "\"three\"", "4", r#"{"id":5}"#, "[6]"];

/// Three pages; each with the key under which it is asked for.
pub(super) fn three_pages() -> [(&'static str, Vec<u8>); 3] {
    [("", page(&ITEMS[..2], "10")), ("10", page(&ITEMS[2..4], "\"20\"")), ("20", page(&ITEMS[4..], "null"))]
}

/// Serves pages by their key.
pub(super) fn site<'p>(
    pages: impl IntoIterator<Item = (&'p str, Vec<u8>)>,
) -> impl FnMut(&Asked) -> Answer + 'static {
    let pages: Vec<(String, Vec<u8>)> =
        pages.into_iter().map(|(key, body)| (key.to_string(), body)).collect();
    move |asked| match pages.iter().find(|(key, _)| *key == asked.key) {
        Some((_, body)) => Answer::page(body.clone()),
        None => panic!("no page has the key {:?}", asked.key),
    }
}

/// Gives these answers first, and leaves the rest to the next server.
pub(super) fn first(
    answers: impl IntoIterator<Item = Answer>,
    mut then: impl FnMut(&Asked) -> Answer + 'static,
) -> impl FnMut(&Asked) -> Answer + 'static {
    let mut answers: VecDeque<Answer> = answers.into_iter().collect();
    move |asked| answers.pop_front().unwrap_or_else(|| then(asked))
}

/// A list of `pages` pages of one item, the number of the page, under the keys 1, 2, 3…
pub(super) fn numbered(pages: u64) -> impl FnMut(&Asked) -> Answer + 'static {
    move |asked| {
        let at: u64 = if asked.key.is_empty() { 0 } else { asked.key.parse().unwrap() };
        let next = if at + 1 < pages { (at + 1).to_string() } else { String::new() };
        Answer::page(page(&[&at.to_string()], &next))
    }
}

/// An HTTP-date of 2027. Nobody reads the name of the day.
pub(super) fn http_date(unix_secs: u64) -> String {
    const NEW_YEAR: u64 = 1_798_761_600;
    const MONTHS: [(&str, u64); 6] =
        [("Jan", 31), ("Feb", 28), ("Mar", 31), ("Apr", 30), ("May", 31), ("Jun", 30)];
    let secs = unix_secs - NEW_YEAR;
    let (hour, minute, second) = (secs / 3_600 % 24, secs / 60 % 60, secs % 60);
    let mut day = secs / 86_400 + 1;
    for (month, days) in MONTHS {
        if day <= days {
            return format!("Fri, {day:02} {month} 2027 {hour:02}:{minute:02}:{second:02} GMT");
        }
        day -= days;
    }
    panic!("beyond June 2027");
}
