//! An API is data. What an API is called, where its credential goes, what its windows are and which statuses mean what
//! is an [`Api`]; which list to pull and how it is paged is an [`Endpoint`]. Both can be constants, so a firmware image
//! keeps them in flash. Only the modules below this one know a vendor's name.

pub mod comanage;

use crate::checkpoint::{Binding, Fingerprint};
use crate::cursor::Pager;
use crate::http::{BaseUrl, Parameter, Parameters, Scheme, UrlError, target};
use crate::maintenance::MaintenanceRules;
use crate::page::{Items, PageShape};
use crate::quota::Windows;
use crate::secret::{Secret, SecretError};
use core::fmt;

/// A description of an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Api {
    /// The API's name, as it is shown.
    pub name: &'static str,
    /// The header field that takes the credential, in lower case.
    pub credential_field: &'static str,
    /// The windows of its limit, unless a deployment says otherwise.
    pub windows: Windows,
    /// The statuses that say that the limit is reached.
    pub rejected: &'static [u16],
    /// The statuses that say that the credential is no good.
    pub credential_refused: &'static [u16],
    /// How it behaves around maintenance.
    pub maintenance: Option<MaintenanceRules>,
}

/// One project of an API: where it is and what opens it. Everything that is limited together is one project.
#[derive(Clone, Copy, Debug)]
pub struct Project<'a> {
    api: &'a Api,
    base: BaseUrl<'a>,
    credential: Secret<'a>,
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
        Ok(Self { api, base, credential })
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
    pub(crate) fn binding(&self, endpoint: &Endpoint<'_>) -> Binding {
        Binding {
            api: Fingerprint::of(self.api.name),
            origin: Fingerprint::of(self.base),
            endpoint: Fingerprint::of(endpoint),
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
    /// Plain `http` to another machine.
    PlainText,
}

impl fmt::Display for ProjectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(error) => error.fmt(f),
            Self::Credential(error) => error.fmt(f),
            Self::PlainText => f.write_str(
                "the base URL is plain http to another machine, and anyone on the way could read the credential: \
                 use https, or allow plain text by name",
            ),
        }
    }
}

impl core::error::Error for ProjectError {}

/// A description of a paged list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint<'a> {
    path: &'a str,
    parameters: Parameters<'a>,
    items: Items<'a>,
    pager: Pager,
}

impl<'a> Endpoint<'a> {
    /// The list at `path`, which begins with a slash and may hold parameters as whole segments, `{name}`.
    pub const fn new(path: &'a str, items: Items<'a>, pager: Pager) -> Self {
        Self { path, parameters: Parameters::NONE, items, pager }
    }

    /// The same with a parameter. It goes into the path if the path holds `{name}`, else into the query.
    #[must_use]
    pub const fn with(mut self, name: &'a str, value: Parameter<'a>) -> Self {
        self.parameters = self.parameters.with(name, value);
        self
    }

    /// The same with the items in another place of the page.
    #[must_use]
    pub const fn items_in(mut self, items: Items<'a>) -> Self {
        self.items = items;
        self
    }

    pub(crate) const fn path(&self) -> &'a str {
        self.path
    }

    pub(crate) const fn parameters(&self) -> &Parameters<'a> {
        &self.parameters
    }

    pub(crate) const fn pager(&self) -> Pager {
        self.pager
    }

    pub(crate) const fn shape(&self) -> PageShape<'a> {
        PageShape { items: self.items, cursor: Some(self.pager.field()), total: None }
    }

    /// Whether a request can be made of it.
    pub(crate) fn check(&self) -> Result<(), EndpointError> {
        target::check_template(self.path).map_err(|fault| EndpointError::Path { offset: fault.offset })?;
        if self.parameters.is_over_capacity() {
            return Err(EndpointError::TooManyParameters);
        }
        if target::placeholders(self.path).any(|name| self.parameters.get(name).is_none()) {
            return Err(EndpointError::ParameterMissing);
        }
        // An empty segment or one of dots would ask for another path, perhaps above the base.
        let is_segment = |value| !matches!(value, Parameter::Text("" | "." | ".."));
        if !target::placeholders(self.path).filter_map(|name| self.parameters.get(name)).all(is_segment) {
            return Err(EndpointError::ParameterUnfit);
        }
        if let Items::Root = self.items {
            return Err(EndpointError::NoCursor { field: self.pager.field() });
        }
        if self.parameters.iter().any(|(name, _)| name == self.pager.parameter()) {
            return Err(EndpointError::CursorGiven { parameter: self.pager.parameter() });
        }
        Ok(())
    }
}

/// All that tells one endpoint from another, as a checkpoint is bound to it.
impl fmt::Display for Endpoint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, parameters, items, pager } = self;
        write!(f, "{path}")?;
        for (name, value) in parameters.iter() {
            write!(f, "\n{name}={value}")?;
        }
        match items {
            Items::Key(names) => write!(f, "\nitems {names}")?,
            Items::Root => f.write_str("\nitems root")?,
            Items::OnlyArray => f.write_str("\nitems only array")?,
        }
        write!(f, "\npager {} {}", pager.parameter(), pager.field())
    }
}

/// An endpoint of which no request can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointError {
    /// The path has something that cannot stand in a request.
    Path {
        /// The byte of the path where it is.
        offset: usize,
    },
    /// More parameters than [`Parameters::CAPACITY`].
    TooManyParameters,
    /// The path names a parameter that was not given.
    ParameterMissing,
    /// A parameter that stands in the path is empty, `.` or `..`.
    ParameterUnfit,
    /// A page that is itself the array of items has no place for the pager's cursor.
    NoCursor {
        /// Where the cursor should be.
        field: &'static str,
    },
    /// The parameter by which pages are asked for is the pull's own.
    CursorGiven {
        /// Its name.
        parameter: &'static str,
    },
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path { offset } => write!(
                f,
                "the path is unusable at byte {offset}: it must begin with a slash, and what is not a path character \
                 must be percent-encoded"
            ),
            Self::TooManyParameters => {
                write!(f, "an endpoint takes at most {} parameters", Parameters::CAPACITY)
            }
            Self::ParameterMissing => f.write_str("the path names a parameter in braces that was not given"),
            Self::ParameterUnfit => f.write_str(
                "a parameter in the path is empty or made of dots, and would lead to another path",
            ),
            Self::NoCursor { field } => {
                write!(
                    f,
                    "a page that is itself the array of items cannot hold {field}: name the member with the items"
                )
            }
            Self::CursorGiven { parameter } => {
                write!(
                    f,
                    "the parameter {parameter} is set by the pull itself; go on from a checkpoint instead"
                )
            }
        }
    }
}

impl core::error::Error for EndpointError {}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGER: Pager = Pager::Key { parameter: "afterId", field: "nextPageKey" };

    #[test]
    fn an_endpoint_of_which_no_request_can_be_made_is_refused() {
        let list = |path| Endpoint::new(path, Items::OnlyArray, PAGER);
        let many = (0..9).fold(list("/x"), |endpoint, _| endpoint.with("n", Parameter::Int(1)));
        let table = [
            (list("objects"), EndpointError::Path { offset: 0 }),
            (list("/a b"), EndpointError::Path { offset: 2 }),
            (list("/views/{viewId}"), EndpointError::ParameterMissing),
            (many, EndpointError::TooManyParameters),
            (
                list("/x").with("afterId", Parameter::Int(1)),
                EndpointError::CursorGiven { parameter: "afterId" },
            ),
        ];
        for (endpoint, error) in table {
            assert_eq!(endpoint.check(), Err(error));
        }
        assert_eq!(list("/views/{viewId}").with("viewId", Parameter::Int(1)).check(), Ok(()));
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
