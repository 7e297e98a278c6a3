//! The names by which scenario files know outcomes and waits: the words of the variants, from the outside in. A file does not
//! break when a variant gets another member.

use std::fmt::Debug;
use tidegate_core::gate::WaitReason;
use tidegate_core::pull::Outcome;

/// `complete, said so`, `incomplete, 3 missing`, `failed, cursor, other origin`.
pub(crate) fn of_outcome(outcome: &Outcome) -> String {
    of(outcome)
}

/// `limit, retry after`, `backoff`.
pub(crate) fn of_wait(why: &WaitReason) -> String {
    of(why)
}

/// Whether a name is what is expected, or more exact: `failed` expects `failed, status 503` too.
pub(crate) fn is(name: &str, expected: &str) -> bool {
    let mut parts = name.split(", ");
    expected.split(", ").all(|expected| {
        parts.next().is_some_and(|part| {
            part == "*"
                || part == expected
                || part.strip_prefix(expected).is_some_and(|rest| rest.starts_with(' '))
        })
    })
}

/// The words of a value's debug form, as far as variants lie in one another; and of what is counted or a status, the number.
fn of(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    let mut parts = Vec::new();
    let mut rest = text.as_str();
    loop {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if !word.starts_with(|c: char| c.is_ascii_uppercase()) {
            break;
        }
        parts.push(words(word));
        match after.strip_prefix('(') {
            Some(inside) => rest = inside,
            None => {
                if let Some(missing) = number(after, "missing") {
                    parts.push(format!("{missing} missing"));
                } else if let (Some(status), Some(last)) = (number(after, "status"), parts.last_mut()) {
                    *last = format!("{last} {status}");
                }
                break;
            }
        }
    }
    parts.join(", ")
}

/// `RetryAfter` as `retry after`.
fn words(name: &str) -> String {
    name.char_indices().fold(String::new(), |mut words, (at, c)| {
        if at > 0 && c.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(c.to_ascii_lowercase());
        words
    })
}

/// The number of the first member of a struct, if it has that name.
fn number(text: &str, member: &str) -> Option<u64> {
    let after = text.strip_prefix(" { ")?.strip_prefix(member)?.strip_prefix(": ")?;
    let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
    after[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_core::pull::{Failure, TransportFault};
    use tidegate_core::quota::Reason;

    #[derive(Debug)]
    #[expect(dead_code, reason = "what is in them is read in their debug form")]
    enum Ended {
        Complete(Why),
        Incomplete { missing: u64 },
    }

    #[derive(Debug)]
    enum Why {
        SaidSo,
    }

    #[test]
    fn names_are_the_words_of_variants_and_the_numbers_that_matter() {
        assert_eq!(of(&Outcome::Failed(Failure::Status { status: 503 })), "failed, status 503");
        assert_eq!(
            of(&Outcome::Failed(Failure::Transport(TransportFault::Timeout))),
            "failed, transport, timeout"
        );
        assert_eq!(of(&WaitReason::Limit(Reason::RetryAfter)), "limit, retry after");
        assert_eq!(of(&Ended::Complete(Why::SaidSo)), "complete, said so");
        assert_eq!(of(&Ended::Incomplete { missing: 3 }), "incomplete, 3 missing");
    }

    #[test]
    fn a_more_exact_name_is_expected_too_and_another_is_not() {
        assert!(is("failed, status 503", "failed"));
        assert!(is("failed, status 503", "failed, status"));
        assert!(is("failed, status 503", "failed, status 503"));
        assert!(!is("failed, status 503", "failed, status 50"));
        assert!(!is("failed", "failed, status"));
        assert!(!is("complete", "complete, said so"));
        assert!(!is("complete, said so", "complete, empty page"));
        assert!(!is("incomplete, 3 missing", "complete"));
    }
}
