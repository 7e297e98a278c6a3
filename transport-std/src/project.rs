//! Projects that own their texts. The credential is wiped from memory when the project goes, and cannot be printed.

use std::fmt;
use tidegate_core::api::{self, Api, ProjectError};
use tidegate_core::quota::{Terms, Windows};
use zeroize::Zeroizing;

/// One project of an API: where it is, what opens it, and how often it may be asked.
#[derive(Clone)]
pub struct Project {
    api: &'static Api,
    base_url: String,
    credential: Zeroizing<String>,
    tokens: Option<Tokens>,
    windows: Windows,
    terms: Terms,
}

/// What grants a project's tokens.
#[derive(Clone, Debug)]
struct Tokens {
    url: String,
    client_id: String,
    extra: Option<(String, String)>,
}

impl Project {
    /// A project below `base_url`, opened by `credential`.
    ///
    /// # Errors
    ///
    /// A URL that is no base, a credential that cannot be sent, or plain `http` to another machine, over which anyone
    /// on the way could read the credential.
    pub fn new(
        api: &'static Api,
        base_url: impl Into<String>,
        credential: impl Into<String>,
    ) -> Result<Self, ProjectError> {
        let project = Self::unchecked(api, base_url.into(), credential.into());
        api::Project::new(api, &project.base_url, &project.credential)?;
        Ok(project)
    }

    /// As [`Project::new`], but takes plain `http` to any machine, for those who know that the network between is
    /// their own.
    ///
    /// # Errors
    ///
    /// A URL that is no base, or a credential that cannot be sent.
    pub fn over_plain_text(
        api: &'static Api,
        base_url: impl Into<String>,
        credential: impl Into<String>,
    ) -> Result<Self, ProjectError> {
        let project = Self::unchecked(api, base_url.into(), credential.into());
        project.borrow()?;
        Ok(project)
    }

    /// The same with what grants its tokens, for an API that is opened by client credentials: the token endpoint's URL and
    /// the client's id. The credential is the client's secret, and goes there and nowhere else.
    ///
    /// # Errors
    ///
    /// A URL that is none, or plain `http` to another machine unless the base URL is so too.
    pub fn with_tokens_of(
        mut self,
        token_url: impl Into<String>,
        client_id: impl Into<String>,
    ) -> Result<Self, ProjectError> {
        let tokens = Tokens { url: token_url.into(), client_id: client_id.into(), extra: None };
        self.tokens = Some(tokens);
        self.borrow()?;
        Ok(self)
    }

    /// The same with one more field when a token is asked for, such as `resource` or `scope`. It says nothing where no
    /// tokens are asked for.
    #[must_use]
    pub fn asking_for(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let Some(tokens) = &mut self.tokens {
            tokens.extra = Some((name.into(), value.into()));
        }
        self
    }

    /// The same with the windows of this deployment, where they are not the API's usual ones.
    #[must_use]
    pub fn with_windows(mut self, windows: Windows) -> Self {
        self.windows = windows;
        self
    }

    /// The same on other terms than [`Terms::DEFAULT`]: how much of the limit is left to others, and at which pace requests
    /// are sent.
    #[must_use]
    pub fn on_terms(mut self, terms: Terms) -> Self {
        self.terms = terms;
        self
    }

    /// What it asks of the limit.
    pub fn terms(&self) -> Terms {
        self.terms
    }

    /// The windows of its limit.
    pub fn windows(&self) -> Windows {
        self.windows
    }

    /// The base URL.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The API.
    pub(crate) const fn api(&self) -> &'static Api {
        self.api
    }

    /// Where its tokens are granted.
    pub(crate) fn token_url(&self) -> Option<&str> {
        self.tokens.as_ref().map(|tokens| tokens.url.as_str())
    }

    fn unchecked(api: &'static Api, base_url: String, credential: String) -> Self {
        Self {
            api,
            base_url,
            credential: Zeroizing::new(credential),
            tokens: None,
            windows: api.windows,
            terms: Terms::DEFAULT,
        }
    }

    /// The same as core sees it. Whether plain text is allowed was decided when the project was made.
    pub(crate) fn borrow(&self) -> Result<api::Project<'_>, ProjectError> {
        let project = api::Project::over_plain_text(self.api, &self.base_url, &self.credential)?;
        let Some(Tokens { url, client_id, extra }) = &self.tokens else { return Ok(project) };
        let project = project.with_tokens_of(url, client_id)?;
        Ok(match extra {
            Some((name, value)) => project.asking_for(name, value),
            None => project,
        })
    }
}

impl fmt::Debug for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { api, base_url, credential: _, tokens, windows, terms } = self;
        f.debug_struct("Project")
            .field("api", &api.name)
            .field("base_url", base_url)
            .field("tokens", tokens)
            .field("windows", windows)
            .field("terms", terms)
            .finish_non_exhaustive()
    }
}
