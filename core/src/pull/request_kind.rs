//! What a request is sent for. It decides where the request goes, what opens that place, and what a status means.

/// What a request is sent for. Requests of different kinds never go over one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// What the endpoint describes, from the API.
    Api,
    /// An access token, from the token endpoint.
    Token,
    /// What the API said is in a store elsewhere. That store gets no credential.
    Elsewhere,
}
