//! Generated responses, right ones, damaged ones and noise: however the bytes are split the same is told of them, and it is
//! what the reference understands.

use crate::case::{self, Case};
use crate::decoded::decode;
use crate::reference::{Understood, understand};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

const CASES: &str = include_str!("../data/h1/cases.txt");

/// Parts of responses: in this order and in any other.
const HEAD_PARTS: &[&str] = &[
    "Content-Length: 5\r\n",
    "Content-Length: 0\r\n",
    "content-length: 5, 5\r\n",
    "Content-Length: 12\r\n",
    "Transfer-Encoding: chunked\r\n",
    "transfer-encoding: Chunked\r\n",
    "Transfer-Encoding: gzip\r\n",
    "Connection: close\r\n",
    "Connection: x, Keep-Alive\r\n",
    "X-A: b\r\n",
    "X-A : b\r\n",
    " folded\r\n",
    "X-B: a\nb\r\n",
];
const STATUS_LINES: &[&str] = &[
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.0 200 OK\r\n",
    "HTTP/1.1 204 None\r\n",
    "HTTP/1.1 304\r\n",
    "HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 200 OK\r\n",
    "HTTP/1.1 101 Other\r\n",
    "HTTP/1.1 503 \r\n",
];
const BODY_PARTS: &[&str] =
    &["hello", "5\r\nhello\r\n", "A;x=y\r\n0123456789\r\n", "0\r\n", "0 \r\nX: y\r\n", "\r\n", "\n", "1"];

fn built() -> impl Strategy<Value = Vec<u8>> {
    let parts = (select(STATUS_LINES), vec(select(HEAD_PARTS), 0..4), vec(select(BODY_PARTS), 0..6));
    parts.prop_map(|(status_line, fields, body)| {
        [vec![status_line], fields, vec!["\r\n"], body].concat().concat().into_bytes()
    })
}

/// One of the table's, of those that are short enough to be tried often.
fn tabled() -> impl Strategy<Value = Vec<u8>> {
    let is_short = |case: &Case| case.sent.len() < 400;
    let sent: Vec<_> = case::parse(CASES).into_iter().filter(is_short).map(|case| case.sent).collect();
    select(sent)
}

/// A few bytes changed, left out, added or doubled.
fn damaged(bytes: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![select(b"\r\n \t:;,0159afx\0-+".to_vec()), any::<u8>()];
    let change = (any::<Index>(), 0..5u8, byte);
    (bytes, vec(change, 0..4)).prop_map(|(mut bytes, changes)| {
        for (at, how, byte) in changes {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, byte),
                3 => bytes.truncate(at),
                _ => bytes.extend_from_within(at..),
            }
        }
        bytes
    })
}

fn response() -> impl Strategy<Value = Vec<u8>> {
    let noise = vec(any::<u8>(), 0..64);
    prop_oneof![4 => damaged(built()), 4 => damaged(tabled()), 1 => damaged(noise)]
}

fn split<'b>(bytes: &'b [u8], cuts: &[Index]) -> Vec<&'b [u8]> {
    let mut ends: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    ends.push(bytes.len());
    ends.sort_unstable();
    let begins = std::iter::once(0).chain(ends.iter().copied());
    begins.zip(&ends).map(|(begin, end)| &bytes[begin..*end]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn any_split_of_a_response_gives_the_same_and_what_the_reference_says(
        bytes in response(),
        is_head in prop::bool::weighted(0.1),
        room in prop_oneof![Just(4_096), 20..200usize],
        cuts in vec(any::<Index>(), 0..8),
    ) {
        let whole = decode(is_head, room, [bytes.as_slice()]);
        prop_assert_eq!(&decode(is_head, room, split(&bytes, &cuts)), &whole);
        prop_assert_eq!(&decode(is_head, room, bytes.chunks(1)), &whole);
        if let Some(error) = whole.error {
            prop_assert!(error.offset <= bytes.len() as u64);
        }
        let is_whole = whole.error.is_none();
        let (status, body, reusable) = (whole.status, whole.body, whole.reusable);
        let understood = Understood { status, body, is_whole, reusable };
        prop_assert_eq!(understood, understand(is_head, room, &bytes));
    }

    #[test]
    fn a_response_is_judged_by_its_first_bytes_and_an_error_lies_where_they_end(
        bytes in response(),
        more in vec(any::<u8>(), 0..16),
    ) {
        let whole = decode(false, 4_096, [bytes.as_slice()]);
        let Some(error) = whole.error else { return Ok(()) };
        let offset = error.offset as usize;
        if offset == bytes.len() {
            return Ok(());
        }
        // Whatever else had come behind the head in which, or the byte at which, it went wrong.
        let mut other = bytes.clone();
        other.extend(more);
        prop_assert_eq!(decode(false, 4_096, [other.as_slice()]).error, Some(error));
    }
}
