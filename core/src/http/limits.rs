//! Rate-limit fields: what a server says of its limit on an answer, in any of the forms in use. These are the `RateLimit`
//! and `RateLimit-Policy` fields as of draft-ietf-httpapi-ratelimit-headers-10, their forms of drafts 6 and 7, and the
//! `X-RateLimit-` fields that nobody ever specified. This module only parses: which window a value is about, and how long
//! it holds, the quota decides.
//!
//! | field | forms |
//! |---|---|
//! | `RateLimit` | `"name";r=50;t=30`, several of them; `limit=100, remaining=50, reset=30` |
//! | `RateLimit-Policy` | `"name";q=100;w=60`, several of them; `100;w=60` |
//! | `RateLimit-Limit`, with `X-` or without, also `Rate-Limit` | a number, also in quotes; `100, 100;w=60` |
//! | `-Remaining` of the same | a number, also in quotes; of several the least |
//! | `-Reset` and `-Reset-After` of the same | a time in any form, see the module `moment`; of several the longest |

use super::digits::whole_number;
use super::moment::{Hints, Moment, by_size, unquoted};
use super::structured::{Bare, Item, Items, NO_COUNT};
use crate::ascii;
use crate::time::{Duration, UnixTime};

/// What an answer says of the limit: facts as they were said, of no certain window. A value that does not parse is as good
/// as absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// How many requests a window admits.
    pub limit: Option<u32>,
    /// How many requests are left in the window. Not a promise: others may spend them.
    pub remaining: Option<u32>,
    /// When the window starts anew. This tells where a window ends and not how long it is: a `limit` with a `reset` has no
    /// period.
    pub reset: Option<Moment>,
    /// The windows that the server names. Only these have periods.
    pub policies: [Option<Policy>; Self::POLICIES],
}

/// One of the windows that a server says it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How many requests it admits.
    pub quota: u32,
    /// How long it lasts.
    pub period: Option<Duration>,
}

impl Limits {
    /// How many policies are kept.
    pub const POLICIES: usize = 3;
}

/// The fields that are read here.
#[derive(Clone, Copy)]
enum Name {
    RateLimit,
    Policy,
    Limit,
    Remaining,
    Reset,
}

/// Whether a field of this name is one of these.
pub(super) fn is_read(name: &str) -> bool {
    Name::of(name.as_bytes()).is_some()
}

impl Name {
    #[inline(never)]
    fn of(name: &[u8]) -> Option<Self> {
        // What follows `RateLimit` in their names.
        const ENDS: &str = "-policy -limit -remaining -reset -reset-after";
        const FIELDS: [Name; 5] = [Name::Policy, Name::Limit, Name::Remaining, Name::Reset, Name::Reset];
        match after_rate_limit(name)? {
            [] => Some(Self::RateLimit),
            end => FIELDS.get(ascii::place(ENDS, end)?).copied(),
        }
    }
}

/// The fields as they come, before they are put together.
#[derive(Clone, Copy, Default)]
pub(super) struct RawLimits<'f> {
    rate_limit: Lines<'f>,
    policy: Lines<'f>,
    limit: Lines<'f>,
    remaining: Option<u32>,
    reset: Hints,
}

/// The lines of a list, which may stand in several fields (RFC 9651 §4.2). More than three are unheard of.
type Lines<'f> = [Option<&'f [u8]>; 3];

impl<'f> RawLimits<'f> {
    /// Takes a field, if it is one of these.
    #[inline(never)]
    pub(super) fn hear(&mut self, name: &str, value: &'f [u8]) {
        let lines = match Name::of(name.as_bytes()) {
            Some(Name::RateLimit) => &mut self.rate_limit,
            Some(Name::Policy) => &mut self.policy,
            Some(Name::Limit) => &mut self.limit,
            Some(Name::Remaining) => {
                for count in ascii::members(unquoted(value)) {
                    self.remaining = smaller(self.remaining, whole_number(unquoted(count)));
                }
                return;
            }
            Some(Name::Reset) => return self.reset.hear(value),
            None => return,
        };
        if let Some(free) = lines.iter_mut().find(|line| line.is_none()) {
            *free = Some(value);
        }
    }

    /// What they come to on an answer of this `date`. The specified fields go before those that were never specified.
    #[inline(never)]
    pub(super) fn write(&self, date: Option<UnixTime>, limits: &mut Limits) {
        (limits.remaining, limits.reset) = (self.remaining, self.reset.longest(date));
        for line in self.limit.iter().flatten() {
            limits.limit = smaller(limits.limit, leading_count(line));
        }
        policies(&self.policy, false, &mut limits.policies);
        if let [None, ..] = limits.policies {
            policies(&self.limit, true, &mut limits.policies);
        }
        let mut said = NOTHING;
        if !self.hear_list(&mut said) {
            said = NOTHING;
            if !self.hear_dictionary(&mut said) {
                return;
            }
        }
        let [limit, remaining, reset] = said;
        if limit != NO_COUNT {
            limits.limit = Some(saturated(limit));
        }
        if remaining != NO_COUNT {
            limits.remaining = Some(saturated(remaining));
            if reset != NO_COUNT {
                limits.reset = Some(by_size(reset, 0));
            }
        }
    }

    /// Of several windows the tightest: the one with the least left, and of those the one that starts anew last. Tells whether the
    /// field is such a list.
    #[inline(never)]
    fn hear_list(&self, [_, least, latest]: &mut Said) -> bool {
        let mut items = Items::of_list(&self.rate_limit);
        for item in &mut items {
            let (remaining, reset) = (item.count(b"r"), item.count(b"t"));
            let Bare::Text(name) = item.value else { return false };
            if remaining == NO_COUNT {
                return false;
            }
            // One that does not say when it starts anew comes last.
            let is_tighter =
                remaining < *least || remaining == *least && reset.wrapping_add(1) > latest.wrapping_add(1);
            if is_tighter && self.counts_requests(name) {
                (*least, *latest) = (remaining, reset);
            }
        }
        !items.are_malformed()
    }

    /// Draft 7: one window, its parts by name. Tells whether the field is such a dictionary.
    #[inline(never)]
    fn hear_dictionary(&self, said: &mut Said) -> bool {
        let [first, ..] = &self.rate_limit;
        let mut members = Items::of_dictionary(core::slice::from_ref(first));
        for Item { name, value, .. } in &mut members {
            let Bare::Integer(_) = value else { continue };
            let number = value.count();
            if number == NO_COUNT {
                return false;
            }
            if let Some(part) = ascii::place("limit remaining reset", name).and_then(|at| said.get_mut(at)) {
                *part = number;
            }
        }
        !members.are_malformed()
    }

    /// Whether the policy of that name counts requests, and not bytes or connections. Without a policy it does.
    fn counts_requests(&self, name: &[u8]) -> bool {
        Items::of_list(&self.policy)
            .find(|policy| policy.value == Bare::Text(name))
            .is_none_or(|policy| has_unit_of_requests(&policy))
    }
}

/// What `RateLimit` says: the limit, what remains of it, and in how many seconds it starts anew.
type Said = [u64; 3];

const NOTHING: Said = [NO_COUNT; 3];

/// The least of what was said so far and one more count.
fn smaller(so_far: Option<u32>, count: Option<u64>) -> Option<u32> {
    let count = count.map(saturated);
    match (so_far, count) {
        (Some(so_far), Some(count)) => Some(so_far.min(count)),
        _ => so_far.or(count),
    }
}

/// What follows `RateLimit`, `X-RateLimit` and the like in a field's name.
fn after_rate_limit(name: &[u8]) -> Option<&[u8]> {
    let name = without_prefix(name, b"x-").unwrap_or(name);
    without_prefix(name, b"ratelimit").or_else(|| without_prefix(name, b"rate-limit"))
}

#[inline(never)]
fn without_prefix<'n>(name: &'n [u8], prefix: &[u8]) -> Option<&'n [u8]> {
    let (start, rest) = name.split_at_checked(prefix.len())?;
    ascii::is_same(start, prefix).then_some(rest)
}

/// Reads the windows of these lines: all, or those that say their period. None, if a line is malformed.
fn policies(lines: &Lines<'_>, need_periods: bool, policies: &mut [Option<Policy>; Limits::POLICIES]) {
    let mut free = policies.iter_mut();
    let mut items = Items::of_list(lines);
    let are_sound = items.all(|item| {
        // Drafts 6 and 7 begin with the number.
        let quota = match item.value {
            Bare::Text(_) => item.count(b"q"),
            number => number.count(),
        };
        let seconds = item.count(b"w");
        if quota == NO_COUNT {
            return false;
        }
        let period = if seconds == NO_COUNT { None } else { Some(Duration::from_secs(seconds)) };
        if has_unit_of_requests(&item)
            && (period.is_some() || !need_periods)
            && let Some(slot) = free.next()
        {
            *slot = Some(Policy { quota: saturated(quota), period });
        }
        true
    });
    if !are_sound || items.are_malformed() {
        *policies = [None; Limits::POLICIES];
    }
}

fn has_unit_of_requests(policy: &Item<'_>) -> bool {
    match policy.parameter(b"qu") {
        Some(Bare::Text(unit)) => unit == b"requests",
        Some(Bare::Integer(_) | Bare::Other) => false,
        None => true,
    }
}

/// Draft 6 lets the windows follow the limit: `100, 100;w=60`.
fn leading_count(value: &[u8]) -> Option<u64> {
    let first = ascii::before(ascii::before(unquoted(value), b','), b';');
    whole_number(ascii::trimmed(first))
}

fn saturated(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::UnixTime;

    fn limits(fields: &[(&str, &'static str)]) -> Limits {
        let mut raw = RawLimits::default();
        fields.iter().for_each(|(name, value)| raw.hear(name, value.as_bytes()));
        let mut limits = Limits::default();
        raw.write(None, &mut limits);
        limits
    }

    fn counts(remaining: u32, reset: Option<u64>) -> Limits {
        let reset = reset.map(|secs| Moment::In(Duration::from_secs(secs)));
        Limits { remaining: Some(remaining), reset, ..Limits::default() }
    }

    fn policy(quota: u32, period: u64) -> Option<Policy> {
        Some(Policy { quota, period: Some(Duration::from_secs(period)) })
    }

    #[test]
    fn of_several_windows_the_tightest_counts() {
        let table = [
            (r#""default";r=50;t=30"#, counts(50, Some(30))),
            (r#""burst";r=3;t=1, "daily";r=900;t=4000"#, counts(3, Some(1))),
            (r#""burst";r=0;t=1, "daily";r=0;t=4000"#, counts(0, Some(4_000))),
            (r#"minute;r=0;pk=:YQ==:"#, counts(0, None)),
            (r#""x";r=99999999999"#, counts(u32::MAX, None)),
        ];
        for (value, expected) in table {
            assert_eq!(limits(&[("RateLimit", value)]), expected, "{value}");
        }
    }

    #[test]
    fn a_list_may_stand_in_several_fields() {
        let fields = [
            ("RateLimit", r#""burst";r=0;t=9"#),
            ("RateLimit-Policy", r#""burst";q=10;w=1"#),
            ("RateLimit", r#""day";r=900;t=80000"#),
            ("RateLimit-Policy", r#""day";q=1000;w=86400"#),
        ];
        let policies = [policy(10, 1), policy(1_000, 86_400), None];
        assert_eq!(limits(&fields), Limits { policies, ..counts(0, Some(9)) });
    }

    #[test]
    fn what_does_not_count_requests_is_passed_over() {
        let fields = [
            ("ratelimit", r#""bytes";r=0;t=100, "calls";r=7;t=5"#),
            (
                "ratelimit-policy",
                r#""bytes";q=65535;qu="content-bytes";w=10, "calls";q=10;w=1;qu="requests""#,
            ),
        ];
        let policies = [policy(10, 1), None, None];
        assert_eq!(limits(&fields), Limits { policies, ..counts(7, Some(5)) });
    }

    #[test]
    fn a_malformed_field_is_as_good_as_absent() {
        for value in [
            "",
            "\"x\";t=5",
            "\"x\";r=-1",
            "\"x\";r=1;t=5, ",
            "\"x\";r=1.5",
            "5;r=1",
            "limit=5, remaining=-1",
            "\"x\";r=1 trailing",
        ] {
            assert_eq!(limits(&[("RateLimit", value)]), Limits::default(), "{value}");
        }
        for value in ["\"x\";w=5", "\"x\";q=-1", "-5;w=1", "1.5", "\"x\";q=1;"] {
            assert_eq!(limits(&[("RateLimit-Policy", value)]), Limits::default(), "{value}");
        }
    }

    #[test]
    fn the_older_drafts_are_read_too() {
        let one_field = limits(&[("RateLimit", "limit=100, remaining=50, reset=5, x=?1")]);
        assert_eq!(one_field, Limits { limit: Some(100), ..counts(50, Some(5)) });
        let three_fields = limits(&[
            ("RateLimit-Limit", "100, 100;w=10"),
            ("RateLimit-Remaining", "50"),
            ("RateLimit-Reset", "5"),
            ("RateLimit-Policy", "100;w=10, 1000;w=3600, 7"),
        ]);
        let window_behind_the_limit = limits(&[("X-RateLimit-Limit", "100, 100;w=10, 1000;w=3600")]);
        let policies = [policy(100, 10), policy(1_000, 3_600), None];
        assert_eq!(window_behind_the_limit, Limits { limit: Some(100), policies, ..Limits::default() });
        let last = Some(Policy { quota: 7, period: None });
        let policies = [policy(100, 10), policy(1_000, 3_600), last];
        assert_eq!(three_fields, Limits { limit: Some(100), policies, ..counts(50, Some(5)) });
    }

    #[test]
    fn numbers_may_be_quoted_and_names_spelled_in_many_ways() {
        for names in [
            ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"],
            ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"],
            ["X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Reset"],
        ] {
            let [limit, remaining, reset] = names;
            let read = limits(&[(limit, "\"500\""), (remaining, "\" 0\""), (reset, "\" 1800000000 \"")]);
            let reset = Some(Moment::At(UnixTime::from_secs(1_800_000_000)));
            assert_eq!(read, Limits { limit: Some(500), remaining: Some(0), reset, ..Limits::default() });
        }
    }

    #[test]
    fn a_reset_is_a_delay_or_a_moment_by_its_size() {
        let table = [
            ("0", Some(Moment::In(Duration::ZERO))),
            ("60", Some(Moment::In(Duration::from_secs(60)))),
            ("1.25", Some(Moment::In(Duration::from_millis(1_250)))),
            ("999999999", Some(Moment::In(Duration::from_secs(999_999_999)))),
            ("1800000000", Some(Moment::At(UnixTime::from_secs(1_800_000_000)))),
            ("1800000000123", Some(Moment::At(UnixTime::from_millis(1_800_000_000_123)))),
            ("Fri, 15 Jan 2027 08:00:00 GMT", Some(Moment::At(UnixTime::from_secs(1_800_000_000)))),
            ("2027-01-15T08:00:00Z", Some(Moment::At(UnixTime::from_secs(1_800_000_000)))),
            ("99999999999999999999", Some(Moment::In(Duration::MAX))),
            ("-1", None),
            ("\"\"", None),
            ("\"", None),
        ];
        for (value, reset) in table {
            assert_eq!(limits(&[("X-RateLimit-Reset", value)]).reset, reset, "{value}");
            assert_eq!(limits(&[("X-RateLimit-Reset-After", value)]).reset, reset, "{value}");
        }
    }

    #[test]
    fn the_specified_reset_is_read_by_its_size_too() {
        let moment = Some(Moment::At(UnixTime::from_secs(1_800_000_000)));
        for value in ["\"x\";r=5;t=1800000000", "limit=10, remaining=5, reset=1800000000"] {
            assert_eq!(limits(&[("RateLimit", value)]).reset, moment, "{value}");
        }
    }

    #[test]
    fn of_plain_fields_that_are_there_twice_the_tightest_counts() {
        let table: [(&[(&str, &'static str)], Limits); 6] = [
            (&[("X-RateLimit-Remaining", "0"), ("X-RateLimit-Remaining", "9")], counts(0, None)),
            (&[("X-RateLimit-Remaining", "9, 0")], counts(0, None)),
            (&[("X-RateLimit-Remaining", "9, \"0\"")], counts(0, None)),
            (&[("X-RateLimit-Remaining", "many"), ("X-RateLimit-Remaining", "9")], counts(9, None)),
            (
                &[("X-RateLimit-Reset", "40"), ("X-RateLimit-Reset", "3"), ("X-RateLimit-Remaining", "1")],
                counts(1, Some(40)),
            ),
            (
                &[("X-RateLimit-Limit", "500"), ("X-RateLimit-Limit", "20")],
                Limits { limit: Some(20), ..Limits::default() },
            ),
        ];
        for (fields, expected) in table {
            assert_eq!(limits(fields), expected, "{fields:?}");
        }
    }

    #[test]
    fn a_limit_with_a_reset_has_no_period() {
        let fields =
            [("X-RateLimit-Limit", "10"), ("X-RateLimit-Remaining", "9"), ("X-RateLimit-Reset", "1")];
        assert_eq!(limits(&fields), Limits { limit: Some(10), ..counts(9, Some(1)) });
    }

    #[test]
    fn a_count_beyond_all_numbers_is_the_largest() {
        for value in ["4294967296", "18446744073709551616"] {
            let fields = [("X-RateLimit-Limit", value), ("X-RateLimit-Remaining", value)];
            assert_eq!(limits(&fields), Limits { limit: Some(u32::MAX), ..counts(u32::MAX, None) });
        }
    }

    #[test]
    fn the_specified_field_goes_before_the_others() {
        let fields = [
            ("X-RateLimit-Remaining", "90"),
            ("X-RateLimit-Limit", "100"),
            ("RateLimit", "\"x\";r=0;t=9"),
            ("X-RateLimit-Reset", "3"),
        ];
        assert_eq!(limits(&fields), Limits { limit: Some(100), ..counts(0, Some(9)) });
    }
}
