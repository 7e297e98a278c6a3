//! `Retry-After` in the forms that servers write it (RFC 9110 section 10.2.3) and in one that they should not.

use crate::date::http_date;

/// How a rejection tells when to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// Whole seconds, rounded up.
    Seconds,
    /// An HTTP-date, rounded up to a second.
    HttpDate,
    /// Seconds with a fraction, which RFC 9110 does not allow and clients of this vendor accept.
    Fractional,
    /// Not at all.
    Missing,
}

impl RetryAfter {
    /// The field's value.
    pub(crate) fn value(self, now_ms: u64, wait_ms: u64) -> Option<String> {
        match self {
            Self::Seconds => Some(wait_ms.div_ceil(1_000).max(1).to_string()),
            Self::HttpDate => Some(http_date((now_ms + wait_ms).div_ceil(1_000) * 1_000)),
            Self::Fractional => Some(format!("{}.{:03}", wait_ms / 1_000, wait_ms % 1_000)),
            Self::Missing => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_form_names_a_time_that_is_too_early() {
        let cases = [
            (RetryAfter::Seconds, Some("2")),
            (RetryAfter::HttpDate, Some("Thu, 01 Jan 1970 00:00:03 GMT")),
            (RetryAfter::Fractional, Some("1.050")),
            (RetryAfter::Missing, None),
        ];
        for (form, expected) in cases {
            assert_eq!(form.value(1_200, 1_050).as_deref(), expected, "{form:?}");
        }
        assert_eq!(RetryAfter::Seconds.value(0, 0).as_deref(), Some("1"));
    }
}
