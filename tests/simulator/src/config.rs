//! Everything about the simulated API that a test may choose. Plain data; it knows nothing of requests. The defaults
//! are the vendor's published ones (200 requests in 60 s, key in `X-API-KEY`); what the vendor leaves open (the form of
//! `nextPageKey`, where it stands in the page, the page's size) is a choice here.

use crate::fault::{Fault, Trigger};
use crate::response::Framing;
use crate::service::Service;

/// The key that a default configuration accepts.
pub const DEFAULT_KEY: &str = "simulator-key";

/// What to simulate. Start from the default and name what differs.
#[derive(Clone, Debug)]
pub struct Config {
    /// Fixes every item, id and pseudo-random choice.
    pub seed: u64,
    /// Items in each list.
    pub items: u64,
    /// Items on a full page; zero is taken as one.
    pub page_size: u32,
    /// How large the items are.
    pub item_sizes: ItemSizes,
    /// Requests that one window admits, all keys together.
    pub limit: u32,
    /// The window's length in milliseconds; zero is taken as one.
    pub window_ms: u64,
    /// Where the window starts and when it resets.
    pub window: WindowKind,
    /// What stands before each path, such as `/api/v1`; no slash at its end.
    pub base_path: String,
    /// The project's keys, known and dead; all share one counter.
    pub keys: Vec<ApiKey>,
    /// The views whose objects may be asked for. Each view holds the same objects.
    pub view_ids: Vec<i64>,
    /// A maintenance window, if one is planned.
    pub maintenance: Option<Maintenance>,
    /// How `nextPageKey` is written.
    pub next_key: NextKeyForm,
    /// What the last page has in place of a key.
    pub end_of_list: EndOfList,
    /// `nextPageKey` before the items instead of after them.
    pub cursor_first: bool,
    /// Line breaks and indentation in the page's envelope and between items; items keep their exact bytes.
    pub pretty: bool,
    /// The name of the items member; the list's own name if `None`.
    pub items_key: Option<String>,
    /// Further members in the envelope: a `count`, and a nested `meta` with arrays and a false `nextPageKey` of its own.
    pub extra_members: bool,
    /// A second array at the envelope's top level, before the items.
    pub second_array: bool,
    /// How the end of a body is marked.
    pub framing: Framing,
    /// When pages are compressed.
    pub gzip: Gzip,
    /// A rejection carries `Retry-After` in seconds. The vendor documents no hint, so the default is none.
    pub retry_after: bool,
    /// How responses tell of the limit. The vendor documents nothing, so the default is nothing.
    pub limit_fields: LimitFields,
    /// So many requests of the project's other keys reach the counter in each window, at random.
    pub others_per_window: u32,
    /// Responses carry `Date`.
    pub date: bool,
    /// Which API it is.
    pub service: Service,
    /// What goes wrong, and when. For each request the first that matches is carried out, alone.
    pub faults: Vec<(Trigger, Fault)>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            seed: 1,
            items: 1_000,
            page_size: 100,
            item_sizes: ItemSizes::Small,
            limit: 200,
            window_ms: 60_000,
            window: WindowKind::Timer,
            base_path: String::new(),
            keys: vec![ApiKey::active(DEFAULT_KEY)],
            view_ids: vec![42],
            maintenance: None,
            next_key: NextKeyForm::Number,
            end_of_list: EndOfList::Missing,
            cursor_first: false,
            pretty: false,
            items_key: None,
            extra_members: false,
            second_array: false,
            framing: Framing::ContentLength,
            gzip: Gzip::Never,
            retry_after: false,
            limit_fields: LimitFields::None,
            others_per_window: 0,
            date: true,
            service: Service::Comanage,
            faults: Vec::new(),
        }
    }
}

/// How many bytes an item has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemSizes {
    /// From the id alone (some 25 bytes) up to about 400.
    Small,
    /// Mostly around 300 bytes, a few of some KB, now and then one of up to 200 KB.
    Mixed,
    /// Some 200 bytes of plain names, texts and numbers, as records mostly are. The others hold all that clients get wrong.
    Records,
    /// Exactly so many bytes; at least 48, for the id and a padding member must fit.
    Exact(u32),
}

/// Where a fixed window starts, or that the window slides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowKind {
    /// No window: a bucket of a window's worth, which fills all the time.
    Bucket,
    /// Aligned to multiples of the window since the Unix epoch.
    Epoch,
    /// Starts at the first request, and again at the first request after it has run out.
    FirstRequest,
    /// ASP.NET's partitioned fixed window: refilled by a shared heartbeat, so that its period drifts.
    Timer,
    /// A log of accepted requests, each of which leaves after one window.
    Sliding,
    /// The same, but rejected requests enter the log too: hammering blocks for ever.
    SlidingCountsRejected,
    /// The count of the fixed window in hand, and that of the one before weighted by what is left of it.
    Counter,
    /// A bucket that holds fewer requests than the limit, and fills all the time at the limit.
    SmallBucket {
        /// How many it holds.
        burst: u32,
    },
}

/// How responses tell of the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitFields {
    /// Not at all.
    None,
    /// `RateLimit` and `RateLimit-Policy`, as draft-ietf-httpapi-ratelimit-headers-10 has them.
    RateLimit,
    /// `X-RateLimit-Limit`, `-Remaining` and `-Reset`, the last in seconds since 1970, all in quotes.
    XRateLimit,
}

impl WindowKind {
    /// Those that take bursts badly.
    pub const UNEVEN: [Self; 2] = [Self::Counter, Self::SmallBucket { burst: 5 }];

    /// Those that admit a window's worth at once, whenever there was silence for a window.
    pub const ALL: [Self; 6] = [
        Self::Epoch,
        Self::FirstRequest,
        Self::Timer,
        Self::Sliding,
        Self::SlidingCountsRejected,
        Self::Bucket,
    ];
}

/// A key of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// What the client sends in `X-API-KEY`.
    pub key: String,
    /// Whether it still opens anything.
    pub state: KeyState,
}

impl ApiKey {
    /// A key that works.
    pub fn active(key: &str) -> Self {
        Self { key: key.to_owned(), state: KeyState::Active }
    }
}

/// The life of a key; the last two are final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Authenticates.
    Active,
    /// Past its date: 401.
    Expired,
    /// Disabled by an administrator: 403.
    Revoked,
}

/// A planned maintenance; all times in Unix milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Maintenance {
    /// From here until `start` every response carries the two warning headers.
    pub announced_from: u64,
    /// From here until `end` every request gets 503.
    pub start: u64,
    /// The first moment after it.
    pub end: u64,
    /// The headers are sent during the maintenance too; the vendor's text speaks only of the time before.
    pub headers_while_active: bool,
}

/// How `nextPageKey` is written; the vendor publishes no schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextKeyForm {
    /// A JSON number, as `afterId`'s int64 suggests.
    Number,
    /// A JSON string of the same digits.
    String,
}

/// What the last page has in place of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndOfList {
    /// No member.
    Missing,
    /// The member with `null`.
    Null,
}

/// When pages are sent compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gzip {
    /// Never.
    Never,
    /// If the request's `Accept-Encoding` names gzip.
    WhenAccepted,
    /// Even if nobody asked.
    Always,
}
