//! What can be set of OpsRamp. The defaults are what its documentation prints: limits a minute, 100 items a page, 407 for
//! a token whose time is over.

use crate::config::WindowKind;
use crate::oauth;

/// The client id that a default configuration knows.
pub const DEFAULT_KEY: &str = "simulator-client";
/// Its secret.
pub const DEFAULT_SECRET: &str = "simulator-secret";
/// The tenant that a default configuration has.
pub const DEFAULT_TENANT: &str = "client_99999";

/// What can be set of OpsRamp.
#[derive(Clone, Debug)]
pub struct Config {
    /// Items in each list, of each tenant.
    pub items: u64,
    /// `pageSize` where none is asked for.
    pub page_size: u32,
    /// A larger `pageSize` is cut to this without a word. The vendor documents no maximum.
    pub largest_page: Option<u32>,
    /// The tenants. They have the same items.
    pub tenants: Vec<Tenant>,
    /// The token server.
    pub token: oauth::Config,
    /// Where it is; both old and new place by default.
    pub token_paths: Vec<String>,
    /// What a token whose time is over, or that was revoked, gets: 407, or 401 as other servers do.
    pub expired_status: u16,
    /// So many requests with a good token are first answered with 400, "unable to authenticate".
    pub unable_first: u32,
    /// What each category admits.
    pub limits: Limits,
    /// The length of all windows.
    pub window_ms: u64,
    /// Where they start and when they reset.
    pub window: WindowKind,
    /// How the values of the rate fields are written.
    pub rate_fields: RateFields,
    /// What the envelope has and lacks.
    pub envelope: Envelope,
    /// How the lists move while they are read.
    pub drift: Vec<Drift>,
    /// So many requests for a single resource are first answered with 500, code 0005.
    pub not_ready_first: u32,
    /// What stands in the body of a refusal.
    pub error_bodies: ErrorBodies,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            items: 250,
            page_size: 100,
            largest_page: None,
            tenants: vec![Tenant::active(DEFAULT_TENANT)],
            token: oauth::Config::opsramp(DEFAULT_KEY, DEFAULT_SECRET),
            token_paths: vec!["/tenancy/auth/oauth/token".to_owned(), "/auth/oauth/token".to_owned()],
            expired_status: 407,
            unable_first: 0,
            limits: Limits::default(),
            window_ms: 60_000,
            window: WindowKind::FirstRequest,
            rate_fields: RateFields::Plain,
            envelope: Envelope::default(),
            drift: Vec::new(),
            not_ready_first: 0,
            error_bodies: ErrorBodies::Own,
        }
    }
}

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Its id, as it stands in paths.
    pub id: String,
    /// Whether it is there; 410 if not.
    pub active: bool,
}

impl Tenant {
    /// One that is there.
    pub fn active(id: &str) -> Self {
        Self { id: id.to_owned(), active: true }
    }
}

/// What each category of requests admits in a window, for each tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is what its name says")]
pub struct Limits {
    pub alerts: Allowance,
    pub metric: Allowance,
    pub device: Allowance,
    pub tickets: Allowance,
    pub other: Allowance,
}

/// Requests in a window, by what they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// GET without pages.
    pub get: u32,
    /// GET with pages.
    pub paged: u32,
    /// POST, PUT and DELETE.
    pub write: u32,
}

impl Default for Limits {
    fn default() -> Self {
        let with = |write| Allowance { get: 500, paged: 50, write };
        Self { alerts: with(200), metric: with(5_000), device: with(25), tickets: with(50), other: with(50) }
    }
}

/// How the values of `X-RateLimit-*` are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateFields {
    /// Digits.
    Plain,
    /// In double quotes, with spaces around and inside them.
    Quoted,
    /// There are none.
    Absent,
}

/// What a page's envelope has and lacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// Which of the optional members are there.
    pub optional: Optional,
    /// `nextPageNo`, where it is there, is the page's own number.
    pub next_repeats: bool,
    /// All numbers are 0 while `nextPage` is true, as in some of the vendor's samples.
    pub zeros: bool,
    /// The page of this number is empty, says that more follow, and is said to follow by the one before it.
    pub empty_page: Option<u64>,
    /// Alerts come as `result`, as some of the vendor's schemas have it.
    pub result_for_alerts: bool,
}

/// Which of an envelope's optional members are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Optional {
    /// Each as often as in the vendor's samples, by list and page.
    #[default]
    AsCounted,
    /// All.
    All,
    /// None.
    None,
}

/// Before the n-th page that is answered, of any list, each list moves by so much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drift {
    /// Which page, from 1.
    pub page: u64,
    /// Rows that come in at the front.
    pub inserted: u64,
    /// Rows that then go from the front.
    pub removed: u64,
}

/// What stands in the body of a refusal; the token server's are always its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorBodies {
    /// The vendor's JSON, in its three shapes.
    Own,
    /// Nothing.
    Empty,
    /// A text that is not JSON.
    NotJson,
}
