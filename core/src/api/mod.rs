//! An API is data. What an API is called, where its credential goes, what its windows are and which statuses mean what
//! is an [`Api`]; which list to pull and how it is paged, or what else to ask for, is an [`Endpoint`]. Both can be
//! constants, so a firmware image keeps them in flash. Only the modules below this one know a vendor's name.

pub mod comanage;
pub mod coredata;
mod endpoint;
pub mod frends;
pub mod kontent;
#[cfg(feature = "serde")]
pub mod model;
mod needs;
pub mod opsramp;

pub use endpoint::{Endpoint, EndpointError};

use crate::auth::{Credential, TokenSource};
use crate::checkpoint::Binding;
use crate::fingerprint::Fingerprint;
use crate::http::{BaseUrl, Method, Scheme, UrlError};
use crate::maintenance::MaintenanceRules;
use crate::profile::Profile;
use crate::quota::Windows;
use crate::secret::{Secret, SecretError};
use core::fmt;

/// A description of an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Api {
    /// The API's name, as it is shown.
    pub name: &'static str,
    /// What opens it.
    pub credential: Credential,
    /// The windows of its limit, unless a deployment says otherwise.
    pub windows: Windows,
    /// The statuses that say that the limit is reached.
    pub rejected: &'static [u16],
    /// The statuses that say that the credential is no good.
    pub credential_refused: &'static [u16],
    /// Statuses that, with this code in the body, say that there is nothing at the target.
    pub not_found: &'static [(u16, &'static str)],
    /// Statuses that, with this code in the body, say that nothing was done yet and the same request will do later.
    pub not_ready: &'static [(u16, &'static str)],
    /// The methods whose requests may be sent again when nobody knows what became of them, unless an endpoint says otherwise:
    /// [`Method::IDEMPOTENT`], where the vendor keeps to it.
    pub repeatable: &'static [Method],
    /// Whether its answers say of the limit what [`crate::http::Limits`] holds. It decides what a [`crate::profile`] is able to
    /// do: one of everything reads these fields in any case.
    pub says_limits: bool,
    /// Whether its vendor asks for one request at a time.
    pub is_sequential: bool,
    /// How it behaves around maintenance.
    pub maintenance: Option<MaintenanceRules>,
}

/// A list of an API that has a name.
#[derive(Clone, Copy, Debug)]
pub struct List {
    /// The name.
    pub name: &'static str,
    /// The list.
    pub endpoint: Endpoint<'static>,
}

impl List {
    /// The list of that name, of an API's `LISTS`.
    pub fn named(lists: &[Self], name: &str) -> Option<Endpoint<'static>> {
        lists.iter().find_map(|list| (list.name == name).then_some(list.endpoint))
    }
}

/// One project of an API: where it is and what opens it. Everything that is limited together is one project.
#[derive(Clone, Copy, Debug)]
pub struct Project<'a> {
    api: &'a Api,
    base: BaseUrl<'a>,
    credential: Secret<'a>,
    tokens: Option<TokenSource<'a>>,
}

impl<'a> Project<'a> {
    /// A project below `base_url`, opened by `credential`.
    ///
    /// # Errors
    ///
    /// A URL that is no base, a credential that cannot be sent, or a plain `http` URL to another machine: anyone on
    /// the way could read the credential. [`Project::over_plain_text`] takes that too.
    pub fn new(api: &'a Api, base_url: &'a str, credential: &'a str) -> Result<Self, ProjectError> {
        let project = Self::over_plain_text(api, base_url, credential)?;
        let origin = project.base.origin();
        if origin.scheme() == Scheme::Http && !origin.is_loopback() {
            return Err(ProjectError::PlainText);
        }
        Ok(project)
    }

    /// As [`Project::new`], for those who know that the network between is their own.
    ///
    /// # Errors
    ///
    /// A URL that is no base, or a credential that cannot be sent.
    pub fn over_plain_text(
        api: &'a Api,
        base_url: &'a str,
        credential: &'a str,
    ) -> Result<Self, ProjectError> {
        let base = BaseUrl::parse(base_url).map_err(ProjectError::Url)?;
        let credential = Secret::new(credential).map_err(ProjectError::Credential)?;
        Ok(Self { api, base, credential, tokens: None })
    }

    /// The same with what grants its tokens: the token endpoint's URL and the client's id. The credential is the client's
    /// secret, and goes there and nowhere else.
    ///
    /// # Errors
    ///
    /// A URL that is none, or plain `http` to another machine unless the base URL is so too.
    pub fn with_tokens_of(mut self, token_url: &'a str, client_id: &'a str) -> Result<Self, ProjectError> {
        let url = BaseUrl::parse(token_url).map_err(ProjectError::TokenUrl)?;
        let (origin, base) = (url.origin(), self.base.origin());
        // Whoever has said that the network is his own has said it of the base URL.
        let is_own = base.scheme() == Scheme::Http && !base.is_loopback();
        if origin.scheme() == Scheme::Http && !origin.is_loopback() && !is_own {
            return Err(ProjectError::PlainText);
        }
        // A base has no slash at its end, and a token URL may.
        let slash = usize::from(token_url.ends_with('/'));
        let begin = token_url.len().saturating_sub(url.path().len()).saturating_sub(slash);
        let path = token_url.get(begin..).unwrap_or_default();
        self.tokens = Some(TokenSource { origin, path, client_id, extra: None });
        Ok(self)
    }

    /// The same with one more field when a token is asked for, such as `resource` or `scope`. It says nothing where no
    /// tokens are asked for.
    #[must_use]
    pub const fn asking_for(mut self, name: &'a str, value: &'a str) -> Self {
        if let Some(tokens) = &mut self.tokens {
            tokens.extra = Some((name, value));
        }
        self
    }

    /// What grants its tokens.
    pub(crate) const fn tokens(&self) -> Option<&TokenSource<'a>> {
        self.tokens.as_ref()
    }

    /// The API.
    pub const fn api(&self) -> &'a Api {
        self.api
    }

    /// Where the project is.
    pub const fn base(&self) -> BaseUrl<'a> {
        self.base
    }

    /// What opens it.
    pub const fn credential(&self) -> Secret<'a> {
        self.credential
    }

    /// What a checkpoint of a pull of `endpoint` belongs to.
    pub(crate) fn binding<P: Profile>(&self, endpoint: &Endpoint<'_>) -> Binding {
        Binding {
            api: Fingerprint::of(|out| out.put(self.api.name)),
            origin: Fingerprint::of(|out| self.base.write(out)),
            endpoint: Fingerprint::of(|out| endpoint.write_identity::<P>(out)),
        }
    }
}

/// A project that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProjectError {
    /// The base URL is no base.
    Url(UrlError),
    /// The credential cannot be sent.
    Credential(SecretError),
    /// The token endpoint's URL is none.
    TokenUrl(UrlError),
    /// Plain `http` to another machine.
    PlainText,
}

impl fmt::Display for ProjectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(error) => error.fmt(f),
            Self::Credential(error) => error.fmt(f),
            Self::TokenUrl(error) => write!(f, "of the token endpoint, {error}"),
            Self::PlainText => f.write_str(
                "a URL is plain http to another machine, and anyone on the way could read the credential: \
                 use https, or allow plain text by name",
            ),
        }
    }
}

impl core::error::Error for ProjectError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_known_by_the_member_that_the_vendors_samples_have() {
        let table = [
            (kontent::LISTS, "items", Some("id")),
            (kontent::LISTS, "renditions", Some("rendition_id")),
            (kontent::LISTS, "type-variants", None),
            (opsramp::LISTS, "resources", Some("id")),
            (opsramp::LISTS, "alerts", Some("uniqueId")),
            (coredata::LISTS, "contacts", Some("id")),
            (frends::LISTS, "processes", Some("id")),
            (frends::LISTS, "process-deployments", Some("deploymentId")),
        ];
        for (lists, name, member) in table {
            let list = lists.iter().find(|list| list.name == name).unwrap();
            assert_eq!(list.endpoint.id(), member, "{name}");
        }
    }

    #[test]
    fn plain_text_to_another_machine_must_be_asked_for_by_name() {
        let new = |url| Project::new(&comanage::API, url, "key").map(|_| ());
        assert_eq!(new("http://api.example"), Err(ProjectError::PlainText));
        assert_eq!(new("https://api.example"), Ok(()));
        assert_eq!(new("http://127.0.0.1:8080"), Ok(()));
        assert!(Project::over_plain_text(&comanage::API, "http://api.example", "key").is_ok());
    }
}
