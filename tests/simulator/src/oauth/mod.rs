//! A token server for the client credentials grant (RFC 6749 section 4.4), in the two dialects of the services that have
//! one: OpsRamp's own and Entra's first version. Tokens prove themselves: a server of the same seed accepts what another
//! issued, so the two may stand at different origins. Secrets are form fields and nothing else; in a query they leak.

mod form;
mod token;

use std::collections::BTreeMap;

use crate::random::Random;
use crate::reply::{JSON, Reply};
use crate::request::Request;
use crate::stats::Stats;
use crate::target::{Parameters, split};
use crate::text::quoted;
use form::field;
use token::{Stamp, UNFIT};

/// What can be set of a token server.
#[derive(Clone, Debug)]
pub struct Config {
    /// The one client that is known.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Whose errors and members it uses.
    pub dialect: Dialect,
    /// For how many seconds a token holds.
    pub lifetime_s: u64,
    /// What `expires_in` says; the truth if `None`.
    pub told_s: Option<u64>,
    /// How `expires_in` is written.
    pub expires_in: ExpiresIn,
    /// A token is over after so many requests, however young it is.
    pub revoked_after: Option<u32>,
    /// What goes wrong with the first so many requests for a token.
    pub fault: Option<(Fault, u32)>,
}

/// Whose token server it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// OpsRamp's: a token like a UUID, with a scope.
    OpsRamp,
    /// Entra's, version 1: a token like a JWT, for the resource that the form must name, with `expires_on`.
    Entra {
        /// The application's ID URI.
        resource: String,
    },
}

/// How `expires_in` (and Entra's `expires_on`) is written; vendors print both forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpiresIn {
    /// A JSON number.
    Number,
    /// A JSON string of the same digits.
    String,
    /// Not at all.
    Absent,
}

/// What goes wrong with a request for a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 307 to another place: who follows carries the secret there.
    Redirect {
        /// The `Location`.
        location: String,
    },
    /// A good token of at least so many bytes.
    Huge {
        /// Its length.
        bytes: u32,
    },
    /// A token with a line break and other characters that cannot stand in a field.
    Unfit,
    /// Status 200, but no `access_token`.
    NoToken,
    /// Status 500.
    ServerError,
}

impl Config {
    /// OpsRamp's, as its documentation has it: two hours, told in a number.
    pub fn opsramp(client_id: &str, client_secret: &str) -> Self {
        Self {
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            dialect: Dialect::OpsRamp,
            lifetime_s: 7_199,
            told_s: None,
            expires_in: ExpiresIn::Number,
            revoked_after: None,
            fault: None,
        }
    }

    /// Entra's, for one resource: an hour, told in strings.
    pub fn entra(client_id: &str, client_secret: &str, resource: &str) -> Self {
        Self {
            dialect: Dialect::Entra { resource: resource.to_owned() },
            lifetime_s: 3_599,
            expires_in: ExpiresIn::String,
            ..Self::opsramp(client_id, client_secret)
        }
    }
}

/// What a token is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Good,
    /// Its time is over, or it was revoked.
    Expired,
    /// No server of this seed issued it.
    Unknown,
}

/// A token server, with what it remembers.
#[derive(Clone, Debug)]
pub(crate) struct TokenServer {
    config: Config,
    seed: u64,
    asked: u32,
    issued: u64,
    /// Requests that came with a token, by its stamp.
    uses: BTreeMap<String, u32>,
}

impl TokenServer {
    pub(crate) fn new(config: Config, seed: u64) -> Self {
        Self { config, seed, asked: 0, issued: 0, uses: BTreeMap::new() }
    }

    /// Answers a request at a token endpoint. Counts `tokens`, `unauthorized`, and secrets in the query as `leaked`.
    pub(crate) fn answer(&mut self, now_ms: u64, request: &Request<'_>, stats: &mut Stats) -> Reply {
        self.asked = self.asked.saturating_add(1);
        let fault =
            self.config.fault.clone().filter(|(_, times)| self.asked <= *times).map(|(fault, _)| fault);
        match &fault {
            Some(Fault::Redirect { location }) => return Reply::redirect(307, location),
            Some(Fault::ServerError) => return Reply::new(500, JSON, SERVER_ERROR),
            Some(Fault::Huge { .. } | Fault::Unfit | Fault::NoToken) | None => {}
        }
        match self.check(request) {
            Ok(()) => self.issue(now_ms, fault.as_ref(), stats),
            Err(refusal) => {
                stats.unauthorized += u64::from(refusal == Refusal::InvalidClient);
                stats.leaked += u64::from(refusal == Refusal::SecretInQuery);
                self.refuse(refusal)
            }
        }
    }

    /// The answer to a request for a token of a tenant that is not there, as Entra gives it.
    pub(crate) fn unknown_tenant(&self) -> Reply {
        self.refuse(Refusal::Tenant)
    }

    /// What a token is worth to a request that comes with it.
    pub(crate) fn present(&mut self, now_ms: u64, token: &str) -> Standing {
        let Some(stamp) = Stamp::read(token, self.seed) else { return Standing::Unknown };
        let uses = self.uses.entry(stamp.text(self.seed)).or_default();
        *uses = uses.saturating_add(1);
        let revoked = self.config.revoked_after.is_some_and(|most| *uses > most);
        if revoked || now_ms >= stamp.expires_ms { Standing::Expired } else { Standing::Good }
    }

    fn check(&self, request: &Request<'_>) -> Result<(), Refusal> {
        let (_, query) = split(request.target);
        let in_query = Parameters::read(query);
        let leaks = |name| in_query.as_ref().is_none_or(|query| query.all(name).next().is_some());
        if leaks("client_secret") || leaks("client_id") {
            return Err(Refusal::SecretInQuery);
        }
        if request.method != "POST" {
            return Err(Refusal::NotPost);
        }
        let form = form::read(request).ok_or(Refusal::NotAForm)?;
        match field(&form, "grant_type").map_err(Refusal::Field)? {
            "client_credentials" => {}
            _ => return Err(Refusal::GrantType),
        }
        let id = field(&form, "client_id").map_err(Refusal::Field)?;
        let secret = field(&form, "client_secret").map_err(Refusal::Field)?;
        if (id, secret) != (self.config.client_id.as_str(), self.config.client_secret.as_str()) {
            return Err(Refusal::InvalidClient);
        }
        if let Dialect::Entra { resource } = &self.config.dialect
            && field(&form, "resource").map_err(Refusal::Field)? != resource
        {
            return Err(Refusal::Resource);
        }
        Ok(())
    }

    fn issue(&mut self, now_ms: u64, fault: Option<&Fault>, stats: &mut Stats) -> Reply {
        let issues = fault != Some(&Fault::NoToken);
        stats.tokens += u64::from(issues);
        self.issued += 1;
        let lifetime_ms = self.config.lifetime_s.saturating_mul(1_000);
        let stamp = Stamp { serial: self.issued, expires_ms: now_ms.saturating_add(lifetime_ms) };
        let mut token = stamp.token(&self.config.dialect, self.seed);
        match fault {
            Some(&Fault::Huge { bytes }) => token::lengthen(&mut token, bytes as usize),
            Some(Fault::Unfit) => token.push_str(UNFIT),
            _ => {}
        }
        let token =
            (fault != Some(&Fault::NoToken)).then(|| format!(r#""access_token":{},"#, quoted(&token)));
        let body = self.told(now_ms, &token.unwrap_or_default());
        Reply::new(200, JSON, body).with("Cache-Control", "no-store").with("Pragma", "no-cache")
    }

    /// The response of success; `token` is the member with the token, and a comma.
    fn told(&self, now_ms: u64, token: &str) -> String {
        let expires_in = self.config.told_s.unwrap_or(self.config.lifetime_s);
        let write = |name: &str, value: u64| match self.config.expires_in {
            ExpiresIn::Number => format!(r#""{name}":{value},"#),
            ExpiresIn::String => format!(r#""{name}":"{value}","#),
            ExpiresIn::Absent => String::new(),
        };
        let relative = write("expires_in", expires_in);
        match &self.config.dialect {
            Dialect::OpsRamp => {
                format!(r#"{{{token}"token_type":"bearer",{relative}"scope":"global:manage"}}"#)
            }
            Dialect::Entra { resource } => {
                let absolute = write("expires_on", now_ms / 1_000 + expires_in);
                let resource = quoted(resource);
                format!(r#"{{"token_type":"Bearer",{relative}{absolute}{token}"resource":{resource}}}"#)
            }
        }
    }

    fn refuse(&self, refusal: Refusal) -> Reply {
        let (status, error) = refusal.code(&self.config.dialect);
        let description = refusal.description();
        let body = match &self.config.dialect {
            Dialect::OpsRamp => format!(r#"{{"error":"{error}","error_description":"{description}"}}"#),
            Dialect::Entra { .. } => {
                let number = refusal.entra_number();
                let id = Random::of(&[self.seed, u64::from(self.asked)]).next();
                format!(
                    concat!(
                        r#"{{"error":"{}","error_description":"AADSTS{}: {}\r\nTrace ID: {:016x}","#,
                        r#""error_codes":[{}],"trace_id":"{:016x}","correlation_id":"{:016x}"}}"#
                    ),
                    error, number, description, id, number, id, id
                )
            }
        };
        let reply = Reply::new(status, JSON, body).with("Cache-Control", "no-store");
        if status == 405 { reply.with("Allow", "POST") } else { reply }
    }
}

const SERVER_ERROR: &str = r#"{"error":"server_error","error_description":"Internal Server Error"}"#;

/// Why no token is issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    SecretInQuery,
    NotPost,
    NotAForm,
    /// A field that is missing, or given twice.
    Field(&'static str),
    GrantType,
    InvalidClient,
    Resource,
    Tenant,
}

impl Refusal {
    fn code(self, dialect: &Dialect) -> (u16, &'static str) {
        match (self, dialect) {
            (Self::SecretInQuery | Self::NotAForm | Self::Field(_) | Self::Tenant, _) => {
                (400, "invalid_request")
            }
            (Self::NotPost, _) => (405, "method_not_allowed"),
            (Self::GrantType, _) => (400, "unsupported_grant_type"),
            (Self::InvalidClient, Dialect::OpsRamp) => (401, "unauthorized"),
            (Self::InvalidClient, Dialect::Entra { .. }) => (401, "invalid_client"),
            (Self::Resource, _) => (400, "invalid_resource"),
        }
    }

    fn description(self) -> String {
        let fixed = match self {
            Self::Field(name) => return format!("The request must have one parameter '{name}'."),
            Self::SecretInQuery => "Credentials do not belong in the query.",
            Self::NotPost => "A token is asked for with POST.",
            Self::NotAForm => "The body is not a form.",
            Self::GrantType => "Unsupported grant type",
            Self::InvalidClient => "Bad API credentials",
            Self::Resource => "The resource principal was not found.",
            Self::Tenant => "The tenant was not found.",
        };
        fixed.to_owned()
    }

    /// The number in Entra's texts.
    fn entra_number(self) -> u32 {
        match self {
            Self::SecretInQuery | Self::NotPost | Self::NotAForm | Self::Field(_) => 900_144,
            Self::GrantType => 70_003,
            Self::InvalidClient => 7_000_215,
            Self::Resource => 500_011,
            Self::Tenant => 90_002,
        }
    }
}

#[cfg(test)]
mod tests;
