//! Where credentials go, and how long a token lives. Knows OAuth 2.0's client credentials grant (RFC 6749 §4.4) and
//! bearer tokens (RFC 6750 §2.1); which API wants which is data, and who asks for a token and when is the engine's
//! business.

mod answer;
mod token;

pub use answer::TokenFault;
pub(crate) use answer::TokenScanner;
pub(crate) use token::AccessToken;

use crate::time::Duration;

/// What opens an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The credential itself, in a field.
    Field {
        /// The field's name, in lower case.
        name: &'static str,
        /// What goes before the credential, such as `Bearer` and a space.
        scheme: &'static str,
    },
    /// A token that is granted to client credentials for a while, as `Bearer` in `authorization`. The credential is the
    /// client's secret.
    Token(TokenRules),
}

/// How an API grants tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenRules {
    /// The statuses of an answer that may mean that the token is no longer good. Then one new token is asked for and, if
    /// the request may be sent twice, it is sent once more.
    pub expired: &'static [u16],
    /// How long before its end a token is replaced: for clocks, and for requests that take their time.
    pub early: Duration,
    /// How long a token is taken to live if its grant does not say so.
    pub lifetime: Duration,
}

/// Where an API grants tokens, and to whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenSource<'a> {
    pub(crate) origin: crate::http::Origin<'a>,
    pub(crate) path: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) extra: Option<(&'a str, &'a str)>,
}
