//! How a pull ended, and what it took.

use crate::auth::TokenFault;
use crate::cursor::{CursorFault, End};
use crate::gate::WaitReason;
use crate::http::Media;
use crate::page::{Hint, PageFault};
use crate::quota::Reason;
use crate::retry::Cause;
use crate::secret::Secret;
use crate::text::Text;
use crate::time::Duration;
use core::fmt;

/// How a pull ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every item was handed over. The reason says how that is known.
    Complete(End),
    /// The list ended, and the server counts more items than it gave.
    Incomplete {
        /// How many more.
        missing: u64,
    },
    /// It cannot go on by itself.
    Failed(Failure),
}

impl Outcome {
    /// Whether every item was handed over.
    pub const fn is_complete(&self) -> bool {
        matches!(self, Self::Complete(_))
    }
}

/// What a run of a pull took. Only the checkpoint counts over restarts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Items handed over with whole pages.
    pub items: u64,
    /// Items left out because they were larger than the item buffer.
    pub skipped: u64,
    /// Pages read whole.
    pub pages: u64,
    /// Requests sent, failed ones included.
    pub requests: u64,
    /// Requests that the server rejected because of its limit.
    pub rejected: u64,
    /// Items left out because the same item, by id and bytes, came before: [`super::Pull::remembering`].
    pub repeated: u64,
    /// Items handed over although one with the same id came before, for they have changed since.
    pub updated: u64,
    /// The server's latest total, if it differs from the first one ([`crate::Checkpoint::total`]). Then the list changed while
    /// it was pulled; if it is paged by number or offset, some items may have been passed over.
    pub changed: Option<u64>,
    /// How many more items the server counts than it gave, once the list is over: [`Outcome::Incomplete`]. Either items were
    /// passed over, or the server counts wrongly.
    pub missing: u64,
    /// The first thing that a page said beside its items and that could not be used. It only informs.
    pub odd: Option<Hint>,
    /// Failures that were forgiven.
    pub retried: u64,
    /// Bytes of pages received, broken ones included.
    pub bytes: u64,
    /// Time spent waiting, by reason.
    pub waited: Waited,
}

/// Adds to a counter.
// Once, and not where it is called: on a small device it is 64-bit arithmetic.
#[inline(never)]
pub(super) fn count(counter: &mut u64, more: u64) {
    *counter = counter.saturating_add(more);
}

/// Time spent waiting, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waited {
    /// For our own requests in a window, our share of it, or the pace.
    pub quota: Duration,
    /// Because the server rejected a request, and did not say when to come back.
    pub rejected: Duration,
    /// Because the server said when to come back.
    pub retry_after: Duration,
    /// [`WaitReason::Maintenance`].
    pub maintenance: Duration,
    /// [`WaitReason::Backoff`], and for other pulls of the same gate: [`WaitReason::Token`] and [`WaitReason::Turn`].
    pub backoff: Duration,
}

impl Waited {
    /// The sum to which waiting for that is added.
    pub(crate) fn sum(why: WaitReason) -> Sum {
        match why {
            WaitReason::Limit(Reason::Rejected(_) | Reason::Starved(_)) => |waited| &mut waited.rejected,
            WaitReason::Limit(Reason::RetryAfter | Reason::ServerQuota) => |waited| &mut waited.retry_after,
            WaitReason::Limit(_) => |waited| &mut waited.quota,
            WaitReason::Maintenance => |waited| &mut waited.maintenance,
            WaitReason::Backoff(_) | WaitReason::Token | WaitReason::Turn => |waited| &mut waited.backoff,
        }
    }

    /// The time that counts against the patience with the limit.
    pub(crate) fn for_limit(&self) -> Duration {
        self.rejected.plus(self.retry_after)
    }
}

/// One of the sums of [`Waited`].
pub(crate) type Sum = fn(&mut Waited) -> &mut Duration;

/// Why a pull cannot go on by itself. Its `Display` says what happened and what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// The server refuses the credential.
    Credential {
        /// The status of the refusal; [`super::Pull::problem`] has what the server says of it.
        status: u16,
    },
    /// The limit was reached for longer than the patience given.
    Limit {
        /// How much longer the wait would be.
        wait: Duration,
    },
    /// Maintenance would outlast the patience given.
    Maintenance {
        /// How much longer the wait would be.
        wait: Duration,
    },
    /// The server redirects. The credential is not sent there.
    Redirect {
        /// The status.
        status: u16,
        /// Where to, without its query.
        location: Text<64>,
        /// The only origin that was asked.
        configured: Text<40>,
    },
    /// The server refuses the place at which an earlier run stopped.
    CursorExpired {
        /// The status; [`super::Pull::problem`] has what the server says of it.
        status: u16,
    },
    /// There is nothing at the target.
    NotFound {
        /// The status; [`super::Pull::problem`] has what the server says of it.
        status: u16,
    },
    /// The token endpoint answers with a status that is no grant.
    TokenStatus {
        /// The status; [`super::Pull::problem`] has what the server says of it.
        status: u16,
    },
    /// The answer of the token endpoint grants nothing that can be used.
    Token(TokenFault),
    /// The server answers with a status that is no page.
    Status {
        /// The status; [`super::Pull::problem`] has what the server says of it.
        status: u16,
    },
    /// The body is encoded in a way that was not asked for.
    Encoding {
        /// The `Content-Encoding`.
        encoding: Text<16>,
    },
    /// The body is not JSON, and does not claim to be: mostly the page of a proxy, or one to log in.
    NotJson {
        /// What it claims to be.
        media: Media,
    },
    /// The page is not what it should be.
    Page(PageFault),
    /// The page names a cursor that must not be followed.
    Cursor(CursorFault),
    /// An item is larger than the item buffer.
    ItemTooLarge {
        /// How many items of the page came before it.
        index: u32,
        /// Its size in bytes.
        size: u64,
        /// The size of the item buffer in bytes.
        buffer: u64,
    },
    /// The page is larger than [`super::Settings::page_bytes`].
    PageTooLarge {
        /// That limit.
        limit: u64,
    },
    /// There are more pages than [`super::Settings::pages`].
    TooManyPages {
        /// That limit.
        limit: u64,
    },
    /// The connection failed.
    Transport(TransportFault),
}

impl Failure {
    /// Withholds what a server wrote where it quotes a secret: an echo of what it was sent must not end up on a screen.
    pub(crate) fn withhold(&mut self, secrets: &[Secret<'_>]) {
        match self {
            Self::Redirect { location, .. } => location.withhold(secrets),
            Self::Encoding { encoding } => encoding.withhold(secrets),
            Self::Page(fault) => fault.withhold(secrets),
            Self::Cursor(CursorFault::NotAKey { found }) => found.withhold(secrets),
            Self::Credential { .. }
            | Self::Limit { .. }
            | Self::Maintenance { .. }
            | Self::CursorExpired { .. }
            | Self::NotFound { .. }
            | Self::TokenStatus { .. }
            | Self::Token(_)
            | Self::Status { .. }
            | Self::NotJson { .. }
            | Self::Cursor(_)
            | Self::ItemTooLarge { .. }
            | Self::PageTooLarge { .. }
            | Self::TooManyPages { .. }
            | Self::Transport(_) => {}
        }
    }

    /// Whether the same request may well succeed a little later.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Transport(fault) => fault.is_passing(),
            // A proxy may have cut the body, or put a page of its own in its place.
            Self::Page(PageFault::CutShort { .. } | PageFault::Json(_)) | Self::NotJson { .. } => true,
            Self::Token(TokenFault::CutShort | TokenFault::Json(_)) => true,
            // Not yet (202, 425), too slow (408), too often (429), or broken.
            Self::TokenStatus { status } | Self::Status { status } => {
                matches!(*status, 202 | 408 | 425 | 429 | 500..)
            }
            Self::Credential { .. }
            | Self::Limit { .. }
            | Self::Maintenance { .. }
            | Self::Redirect { .. }
            | Self::CursorExpired { .. }
            | Self::NotFound { .. }
            | Self::Token(_)
            | Self::Encoding { .. }
            | Self::Page(_)
            | Self::Cursor(_)
            | Self::ItemTooLarge { .. }
            | Self::PageTooLarge { .. }
            | Self::TooManyPages { .. } => false,
        }
    }
}

impl Failure {
    /// What a wait says of it.
    pub(crate) const fn cause(&self) -> Cause {
        match self {
            Self::Transport(fault) => fault.cause(),
            Self::Status { status: status @ (202 | 425) } => Cause::NotYet(*status),
            Self::TokenStatus { status } => Cause::TokenStatus(*status),
            Self::Token(_) => Cause::NoToken,
            Self::Credential { status }
            | Self::CursorExpired { status }
            | Self::NotFound { status }
            | Self::Redirect { status, .. }
            | Self::Status { status } => Cause::Status(*status),
            Self::Limit { .. }
            | Self::Maintenance { .. }
            | Self::Encoding { .. }
            | Self::NotJson { .. }
            | Self::Page(_)
            | Self::Cursor(_)
            | Self::ItemTooLarge { .. }
            | Self::PageTooLarge { .. }
            | Self::TooManyPages { .. } => Cause::Unreadable,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Credential { status } => {
                write!(f, "expired, revoked or wrong key: a new one is needed (status {status})")
            }
            Self::Limit { wait } => write!(
                f,
                "others use up the rate limit, and the wait would take another {wait}: go on later, or give more \
                 patience"
            ),
            Self::Maintenance { wait } => write!(
                f,
                "the server is under maintenance, and the wait would take another {wait}: go on later, or give more \
                 patience"
            ),
            Self::Redirect { status, location, configured } => write!(
                f,
                "the server redirects to {location} (status {status}); the credential goes to {configured} only: check \
                 the base URL and the path"
            ),
            Self::CursorExpired { status } => write!(
                f,
                "the server no longer takes the place at which the earlier run stopped (status {status}): begin anew"
            ),
            Self::NotFound { status } => {
                write!(
                    f,
                    "there is nothing at this target (status {status}): check the path and its parameters"
                )
            }
            Self::TokenStatus { status: status @ ..=499 } => {
                write!(
                    f,
                    "the token endpoint answers with status {status}: check its URL and the client's id"
                )
            }
            Self::TokenStatus { status } => {
                write!(
                    f,
                    "the token endpoint answers with status {status}: the fault is its own, go on later"
                )
            }
            Self::Token(fault) => fault.fmt(f),
            Self::Status { status: status @ ..=499 } => {
                write!(f, "the server answers with status {status}: check the path and its parameters")
            }
            Self::Status { status } => {
                write!(f, "the server answers with status {status}: the fault is its own, go on later")
            }
            Self::Encoding { encoding } => write!(
                f,
                "the body is encoded as {encoding} although no encoding was accepted: a server or proxy on the way is \
                 at fault"
            ),
            Self::NotJson { media } => {
                let found = if *media == Media::Html { "an HTML page" } else { "not JSON by its own word" };
                write!(
                    f,
                    "the body is {found}: check the base URL, and whether a proxy on the way answers in the API's place"
                )
            }
            Self::Page(fault) => fault.fmt(f),
            Self::Cursor(fault) => write!(f, "{fault}: report it to the API's vendor"),
            Self::ItemTooLarge { index, size, buffer } => write!(
                f,
                "item {index} of the page has {size} bytes and the item buffer {buffer}: give a larger one, or skip \
                 such items"
            ),
            Self::PageTooLarge { limit } => {
                write!(
                    f,
                    "the page is larger than the {limit} bytes allowed: raise the limit if that is right"
                )
            }
            Self::TooManyPages { limit } => {
                write!(f, "there are more than the {limit} pages allowed: raise the limit if that is right")
            }
            Self::Transport(fault) => fault.fmt(f),
        }
    }
}

impl core::error::Error for Failure {}

/// Why no answer came, or not all of it, as the driver reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportFault {
    /// No connection came about: refused, no network, or TLS failed.
    Connect,
    /// The host name does not resolve.
    UnknownHost,
    /// The server's certificate is refused.
    Certificate,
    /// The connection broke, or what came over it is not HTTP.
    Broken,
    /// The head of the answer is larger than the buffer for it.
    HeadTooLarge,
    /// No answer came within [`super::Settings::head_timeout`].
    Timeout,
    /// In the middle of an answer nothing came for [`super::Settings::idle_timeout`].
    Idle,
    /// The answer was still coming after [`super::Settings::page_timeout`].
    TooSlow,
}

impl TransportFault {
    /// Whether the same request may well succeed a little later.
    const fn is_passing(self) -> bool {
        match self {
            Self::Connect | Self::Broken | Self::Timeout | Self::Idle | Self::TooSlow => true,
            Self::UnknownHost | Self::Certificate | Self::HeadTooLarge => false,
        }
    }

    /// Whether the request certainly was not sent.
    pub(crate) const fn is_unsent(self) -> bool {
        matches!(self, Self::Connect | Self::UnknownHost | Self::Certificate)
    }

    const fn cause(self) -> Cause {
        match self {
            Self::Connect | Self::UnknownHost | Self::Certificate => Cause::NoConnection,
            Self::Broken | Self::HeadTooLarge => Cause::Broken,
            Self::Timeout | Self::Idle | Self::TooSlow => Cause::Timeout,
        }
    }
}

impl fmt::Display for TransportFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => {
                "no connection to the server: check the base URL, the network and the certificate"
            }
            Self::UnknownHost => "the host name does not resolve: check the base URL",
            Self::Certificate => {
                "the server's certificate is refused: check the base URL, the clock and the trusted roots"
            }
            Self::Broken => "the connection broke before the answer was whole",
            Self::HeadTooLarge => {
                "the head of the answer is larger than the buffer for heads: give that buffer more room"
            }
            Self::Timeout => {
                "no answer came in time: go on later, or give the head of an answer more time"
            }
            Self::Idle => {
                "the server fell silent in the middle of an answer: go on later, or give more time between two pieces"
            }
            Self::TooSlow => "the answer took too long: ask for smaller pages, or give a page more time",
        })
    }
}
