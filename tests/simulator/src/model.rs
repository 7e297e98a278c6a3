//! One request in, one response out. The order is a server's: maintenance refuses everything, the key is checked before
//! the counter (so that 401 and 403 cost nothing), the counter before the path. Rules from the vendor's text; what it
//! leaves open is as ASP.NET Core does it.

use std::collections::VecDeque;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::config::{Config, Gzip, KeyState, LimitFields, Maintenance};
use crate::date::http_date;
use crate::digest::{Digest, digest};
use crate::fault::{Fault, FaultPlan, Hit, Trigger};
use crate::limiter::{Limiter, Verdict};
use crate::list::List;
use crate::page::page;
use crate::problem::Reply;
use crate::random::Random;
use crate::response::{Ending, Framing, Response};
use crate::route::{Asked, route};

/// A request as it stood on the wire.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Such as `GET`.
    pub method: &'a str,
    /// Path and query.
    pub target: &'a str,
    /// All fields in their order; names in any case.
    pub fields: &'a [(String, String)],
}

impl Request<'_> {
    fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    fn accepts_gzip(&self) -> bool {
        let named = |coding: &str| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
            let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
            name.trim().eq_ignore_ascii_case("gzip") && !refused
        };
        self.field("Accept-Encoding").is_some_and(|value| value.split(',').any(named))
    }

    fn asks_to_close(&self) -> bool {
        self.field("Connection")
            .is_some_and(|value| value.split(',').any(|option| option.trim().eq_ignore_ascii_case("close")))
    }
}

/// What has happened so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Requests that arrived.
    pub requests: u64,
    /// Requests that the counter let pass.
    pub accepted: u64,
    /// Requests answered 429.
    pub rejected: u64,
    /// Requests without a key that works.
    pub unauthorized: u64,
    /// Requests that came during maintenance.
    pub during_maintenance: u64,
    /// Pages answered, broken ones included.
    pub pages: u64,
    /// Items on those pages.
    pub items: u64,
    /// Faults carried out.
    pub faults: u64,
    /// Requests of others that the counter let pass.
    pub others: u64,
    /// The most requests with a working key that arrived within any span of one window.
    pub busiest_window: u64,
}

/// When the project's other keys send, in the time that has passed.
#[derive(Clone, Debug)]
struct Others {
    /// The mean distance, if there are others.
    distance_ms: Option<u64>,
    random: Random,
    next_ms: Option<u64>,
}

impl Others {
    fn new(config: &Config) -> Self {
        let distance_ms = config.window_ms.checked_div(config.others_per_window.into());
        Self { distance_ms, random: Random::of(&[config.seed, 0x07]), next_ms: None }
    }

    /// Every arrival up to now that was not told before.
    fn until(&mut self, now_ms: u64) -> Vec<u64> {
        let Some(distance_ms) = self.distance_ms else { return Vec::new() };
        let mut next = self.next_ms.unwrap_or(now_ms);
        let mut arrivals = Vec::new();
        while next <= now_ms {
            arrivals.push(next);
            next += self.random.between(1, 2 * distance_ms.max(1));
        }
        self.next_ms = Some(next);
        arrivals
    }
}

/// The API: its state is the counter, the faults still to come, and what has been counted.
#[derive(Clone, Debug)]
pub struct Simulator {
    config: Config,
    limiter: Limiter,
    others: Others,
    faults: FaultPlan,
    stats: Stats,
    /// Arrivals of the last window, for [`Stats::busiest_window`].
    arrivals: VecDeque<u64>,
}

impl Simulator {
    /// A server that has seen nothing yet.
    pub fn new(config: Config) -> Self {
        Self {
            limiter: Limiter::new(&config),
            others: Others::new(&config),
            faults: FaultPlan::new(config.faults.clone()),
            stats: Stats::default(),
            arrivals: VecDeque::new(),
            config,
        }
    }

    /// Answers a request that arrives at this Unix time in milliseconds.
    pub fn answer(&mut self, now_ms: u64, request: &Request<'_>) -> Response {
        self.stats.requests += 1;
        for at in self.others.until(now_ms) {
            self.take_others(at, 1);
        }
        let asked = route(&self.config, request.method, request.target);
        let cursor = asked.as_ref().ok().map(|asked| asked.after);
        let hit = self.faults.find(self.stats.requests, cursor);
        let (reply, hit) = match self.admit(now_ms, request, hit.as_ref().map(|hit| &hit.fault)) {
            Ok(()) => (self.content(asked, hit.as_ref()), hit),
            Err(refusal) => {
                let hit = hit.filter(|hit| hit.holds_for_refusal(refusal.status));
                (refusal, hit)
            }
        };
        if let Some(hit) = &hit {
            self.faults.spend(hit);
            self.stats.faults += 1;
        }
        self.dress(now_ms, request, reply, hit.map(|hit| hit.fault))
    }

    /// What has happened so far.
    pub fn stats(&self) -> Stats {
        self.stats
    }

    /// What a complete pull of the list must amount to.
    pub fn digest(&self, list: List) -> Digest {
        digest(&self.config, list)
    }

    /// How it is configured. Its faults are those of the beginning.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Forgets the faults still to come and takes these.
    pub fn set_faults(&mut self, faults: Vec<(Trigger, Fault)>) {
        self.faults = FaultPlan::new(faults);
    }

    /// One more fault, after those already set.
    pub fn push_fault(&mut self, trigger: Trigger, fault: Fault) {
        self.faults.push(trigger, fault);
    }

    /// So many requests of the project's other keys reach the counter now. Returns how many it let pass.
    pub fn take_others(&mut self, now_ms: u64, requests: u64) -> u64 {
        let passed = (0..requests).filter(|_| self.limiter.take(now_ms) == Verdict::Accepted).count() as u64;
        self.stats.others += passed;
        passed
    }

    /// Maintenance, key, counter: whoever says no first answers.
    fn admit(&mut self, now_ms: u64, request: &Request<'_>, fault: Option<&Fault>) -> Result<(), Reply> {
        if self.config.maintenance.is_some_and(|plan| (plan.start..plan.end).contains(&now_ms)) {
            self.stats.during_maintenance += 1;
            return Err(Reply::maintenance());
        }
        if let Err(refusal) = self.check_key(request) {
            self.stats.unauthorized += 1;
            return Err(refusal);
        }
        self.note_arrival(now_ms);
        let verdict = match fault {
            Some(Fault::RejectLimit) => Verdict::Rejected { wait_ms: self.limiter.until_reset(now_ms) },
            _ => self.limiter.take(now_ms),
        };
        match verdict {
            Verdict::Accepted => {
                self.stats.accepted += 1;
                Ok(())
            }
            Verdict::Rejected { wait_ms } => {
                self.stats.rejected += 1;
                let seconds = wait_ms.div_ceil(1_000).max(1);
                let hint = self.config.retry_after.then(|| seconds.to_string());
                Err(hint.into_iter().fold(Reply::rejected(), |reply, hint| reply.with("Retry-After", hint)))
            }
        }
    }

    /// What a response says of the limit.
    fn limit_fields(&self, now_ms: u64) -> Vec<(&'static str, String)> {
        let Config { limit, window_ms, .. } = self.config;
        let (left, reset_ms) = (self.limiter.left(now_ms), self.limiter.until_reset(now_ms));
        match self.config.limit_fields {
            LimitFields::None => Vec::new(),
            LimitFields::RateLimit => vec![
                ("RateLimit", format!("\"project\";r={left};t={}", reset_ms.div_ceil(1_000))),
                ("RateLimit-Policy", format!("\"project\";q={limit};w={}", window_ms / 1_000)),
            ],
            LimitFields::XRateLimit => vec![
                ("X-RateLimit-Limit", format!("\"{limit}\"")),
                ("X-RateLimit-Remaining", format!("\"{left}\"")),
                ("X-RateLimit-Reset", format!("\"{}\"", (now_ms + reset_ms).div_ceil(1_000))),
            ],
        }
    }

    fn check_key(&self, request: &Request<'_>) -> Result<(), Reply> {
        let given = request.field("X-API-KEY");
        let known = self.config.keys.iter().find(|known| Some(known.key.as_str()) == given);
        let unauthorized =
            |detail| Err(Reply::problem(401, detail).with("WWW-Authenticate", "ApiKey header=\"X-API-KEY\""));
        match known.map(|known| known.state) {
            Some(KeyState::Active) => Ok(()),
            Some(KeyState::Expired) => unauthorized("The API key has expired."),
            Some(KeyState::Revoked) => Err(Reply::problem(403, "The API key has been revoked.")),
            None if given.is_some() => unauthorized("The API key is not known."),
            None => unauthorized("The X-API-KEY header is required."),
        }
    }

    fn note_arrival(&mut self, now_ms: u64) {
        let window = self.config.window_ms.max(1);
        while self.arrivals.front().is_some_and(|&first| now_ms >= first + window) {
            self.arrivals.pop_front();
        }
        self.arrivals.push_back(now_ms);
        self.stats.busiest_window = self.stats.busiest_window.max(self.arrivals.len() as u64);
    }

    /// What is said to a request that was let pass.
    fn content(&mut self, asked: Result<Asked, Reply>, hit: Option<&Hit>) -> Reply {
        let fault = hit.map(|hit| &hit.fault);
        match fault {
            Some(&Fault::Status { status, body }) => return Reply::foreign(status, body),
            Some(Fault::Redirect { status, location }) => return Reply::redirect(*status, location),
            Some(Fault::NotJson) => return Reply::not_json(),
            _ => {}
        }
        match asked {
            Err(refusal) => refusal,
            Ok(asked) => {
                let page = page(&self.config, asked, fault);
                self.stats.pages += 1;
                self.stats.items += page.items;
                Reply::json(page.text)
            }
        }
    }

    /// Puts a reply into its coding, fields and framing, and breaks it as the fault says.
    fn dress(&self, now_ms: u64, request: &Request<'_>, reply: Reply, fault: Option<Fault>) -> Response {
        let mut fields: Vec<(String, String)> = Vec::new();
        let mut field = |name: &str, value: String| fields.push((name.to_owned(), value));
        if self.config.date {
            field("Date", http_date(now_ms));
        }
        if let Some(content_type) = reply.content_type {
            field("Content-Type", content_type.to_owned());
        }
        if let Some((start, end)) = self.config.maintenance.and_then(|plan| announced(plan, now_ms)) {
            field("X-UPCOMING-MAINTENANCE-START", start.to_string());
            field("X-UPCOMING-MAINTENANCE-END", end.to_string());
        }
        for (name, value) in self.limit_fields(now_ms) {
            field(name, value);
        }
        for (name, value) in reply.fields {
            field(name, value);
        }
        let mut body = reply.body;
        if reply.status == 200 && self.compresses(request) {
            body = gzip(&body);
            field("Content-Encoding", "gzip".to_owned());
            field("Vary", "Accept-Encoding".to_owned());
        }
        if let Some(Fault::LongHead { bytes }) = fault {
            field("X-Padding", "x".repeat(bytes as usize));
        }
        if let Some(Fault::Garbage { at }) = fault {
            garble(&mut body, at, self.config.seed);
        }
        let wrong_by = if let Some(Fault::WrongLength { by }) = fault { Some(by) } else { None };
        let bodiless = matches!(reply.status, 204 | 304);
        let framing =
            if wrong_by.is_some() || bodiless { Framing::ContentLength } else { self.config.framing };
        match framing {
            Framing::ContentLength if bodiless => body.clear(),
            Framing::ContentLength => {
                let declared = (body.len() as i64).saturating_add(wrong_by.unwrap_or(0)).max(0);
                field("Content-Length", declared.to_string());
            }
            Framing::Chunked => field("Transfer-Encoding", "chunked".to_owned()),
            Framing::CloseDelimited => {}
        }
        if framing == Framing::CloseDelimited || request.asks_to_close() {
            field("Connection", "close".to_owned());
        }
        let ending = ending(fault.as_ref(), body.len() as u64);
        Response { status: reply.status, fields, body, framing, ending }
    }

    fn compresses(&self, request: &Request<'_>) -> bool {
        match self.config.gzip {
            Gzip::Never => false,
            Gzip::WhenAccepted => request.accepts_gzip(),
            Gzip::Always => true,
        }
    }
}

/// Start and end of a maintenance in Unix seconds, if they are to be told now. Fractions are rounded away from it, so
/// that who obeys is not early.
fn announced(plan: Maintenance, now_ms: u64) -> Option<(u64, u64)> {
    let told_until = if plan.headers_while_active { plan.end } else { plan.start };
    let told = (plan.announced_from..told_until).contains(&now_ms);
    told.then(|| (plan.start / 1_000, plan.end.div_ceil(1_000)))
}

fn ending(fault: Option<&Fault>, body_length: u64) -> Ending {
    match fault {
        Some(&Fault::CutWire { at }) => Ending::CutWire { at },
        Some(&Fault::Cut { at }) => Ending::Cut { at },
        Some(&Fault::Reset { at }) => Ending::Reset { at },
        Some(&Fault::Stall { at }) => Ending::Stall { at },
        Some(Fault::StallBeforeHead) => Ending::StallBeforeHead,
        Some(&Fault::WrongLength { by }) if by > 0 => Ending::Cut { at: body_length },
        _ => Ending::Complete,
    }
}

fn garble(body: &mut [u8], at: u64, seed: u64) {
    let mut random = Random::of(&[seed, at, 7]);
    let untouched = usize::try_from(at).unwrap_or(usize::MAX);
    for byte in body.iter_mut().skip(untouched) {
        *byte = random.next() as u8;
    }
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory cannot fail.
    encoder.write_all(body).and_then(|()| encoder.finish()).unwrap_or_default()
}

impl Stats {
    /// The same as a JSON object.
    pub fn to_json(&self) -> String {
        let Self { requests, accepted, rejected, unauthorized, during_maintenance, .. } = self;
        let Self { pages, items, faults, others, busiest_window, .. } = self;
        format!(
            concat!(
                r#"{{"requests":{},"accepted":{},"rejected":{},"unauthorized":{},"during_maintenance":{},"#,
                r#""pages":{},"items":{},"faults":{},"others":{},"busiest_window":{}}}"#
            ),
            requests,
            accepted,
            rejected,
            unauthorized,
            during_maintenance,
            pages,
            items,
            faults,
            others,
            busiest_window
        )
    }
}
