//! What a simulation counts.

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
    /// Access tokens issued.
    pub tokens: u64,
    /// Requests that changed something, carried out.
    pub writes: u64,
    /// Credentials that arrived where they must not, such as at a storage behind a redirect.
    pub leaked: u64,
}

impl Stats {
    /// The same as a JSON object.
    pub fn to_json(&self) -> String {
        let members: Vec<String> =
            self.named().iter().map(|(name, count)| format!("\"{name}\":{count}")).collect();
        format!("{{{}}}", members.join(","))
    }

    fn named(&self) -> [(&'static str, u64); 13] {
        [
            ("requests", self.requests),
            ("accepted", self.accepted),
            ("rejected", self.rejected),
            ("unauthorized", self.unauthorized),
            ("during_maintenance", self.during_maintenance),
            ("pages", self.pages),
            ("items", self.items),
            ("faults", self.faults),
            ("others", self.others),
            ("busiest_window", self.busiest_window),
            ("tokens", self.tokens),
            ("writes", self.writes),
            ("leaked", self.leaked),
        ]
    }
}
