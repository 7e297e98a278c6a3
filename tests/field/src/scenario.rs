//! What a scenario file says, as data: who is asked for what, what the server answers, and what is right.

use crate::template::Template;
use tidegate_core::quota::Window;
use tidegate_core::time::Duration;
use tidegate_simulator::{Ending, Framing};

/// A scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The kind of trouble that it is an example of.
    pub topic: Topic,
    pub(crate) api: Vendor,
    pub(crate) asked: Asked,
    pub(crate) settings: Vec<Setting>,
    pub(crate) answers: Vec<Answer>,
    pub(crate) expectations: Vec<Expectation>,
}

macro_rules! words {
    ($(#[$doc:meta])* $visible:vis $name:ident { $($variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "each is what its word in a file says, and not all are public")]
        $visible enum $name { $($variant,)* }

        impl $name {
            /// All of them.
            $visible const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As files have it.
            $visible const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

words! {
    /// Kinds of trouble.
    pub Topic {
        Completeness = "completeness",
        EmptyPages = "empty pages",
        NoProgress = "no progress",
        WhereItemsAre = "where items are",
        Ids = "ids",
        Hints = "hints",
        Statuses = "statuses",
        Times = "times and numbers",
        CannotPass = "what cannot pass",
        Sizes = "sizes",
        Words = "the server's words",
        Limiters = "limiters",
        Secrets = "secrets",
        Holds = "what holds",
    }
}

words! {
    /// The APIs that a scenario may play.
    pub(crate) Vendor {
        Comanage = "comanage",
        Kontent = "kontent",
        OpsRamp = "opsramp",
        CoreData = "coredata",
        Frends = "frends",
    }
}

/// What the client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A list that the API has a name for, or one at a path.
    List(String),
    /// A single answer.
    Call { method: String, path: String },
}

/// What differs from a client's defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    ItemsIn(String),
    Parameter(String, String),
    Key(String),
    Remember(usize),
    HeadTimeout(Duration),
    IdleTimeout(Duration),
    LimitPatience(Duration),
    MostPages(u64),
    ItemBuffer(usize),
    SkipLargeItems,
    Limit(Window),
    RestartAfterPages(usize),
    RestartsOnFailure(usize),
    Chunk(usize),
    KnownBy(String),
    MostAnswers(u64),
}

/// What the server answers, and to which requests.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// How often it is given at the most.
    pub(crate) times: Option<u64>,
    /// All of them must hold.
    pub(crate) conditions: Vec<Condition>,
    pub(crate) response: Response,
}

/// What a request must be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    Any,
    /// So many requests came to the API before it, and this one; those for tokens do not count.
    Request(u64),
    Query {
        name: String,
        value: Option<String>,
    },
    Field {
        name: String,
        value: Option<String>,
    },
    Path(String),
    Method(String),
    /// It asks for a token. No other condition is met by such a request.
    Token,
}

/// An answer as it goes out.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, Template)>,
    pub(crate) body: Template,
    pub(crate) framing: Framing,
    pub(crate) ending: Ending,
    pub(crate) delay: Duration,
    pub(crate) is_dated: bool,
}

/// A line that says what is right.
#[derive(Clone, Debug)]
pub(crate) struct Expectation {
    pub(crate) line: usize,
    /// The line itself.
    pub(crate) text: String,
    pub(crate) what: Expected,
}

/// What is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// One of these names.
    Outcome(Vec<String>),
    /// These ids, in this order.
    Items(Vec<String>),
    /// So many of something.
    Count(Amount, Counted),
    Time(Amount, Duration),
    /// Some wait has this name.
    Waits(String),
    NeverWaits(String),
    NoWaits,
    WaitSays(String),
    Shows(String),
    NeverShows(String),
    AnswerStatus(u16),
    Body(String),
}

/// How exact a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Amount {
    Exactly(u64),
    AtMost(u64),
    AtLeast(u64),
}

words! {
    /// What is counted.
    pub(crate) Counted {
        Items = "items",
        Requests = "requests",
        TokenRequests = "token requests",
        Rejected = "rejected",
        Repeated = "repeated",
        Missing = "missing",
        Skipped = "skipped",
        Pages = "pages",
    }
}
