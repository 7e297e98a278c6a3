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
    windows: Windows,
    terms: Terms,
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

    fn unchecked(api: &'static Api, base_url: String, credential: String) -> Self {
        Self {
            api,
            base_url,
            credential: Zeroizing::new(credential),
            windows: api.windows,
            terms: Terms::DEFAULT,
        }
    }

    /// The same as core sees it. Whether plain text is allowed was decided when the project was made.
    pub(crate) fn borrow(&self) -> Result<api::Project<'_>, ProjectError> {
        api::Project::over_plain_text(self.api, &self.base_url, &self.credential)
    }
}

impl fmt::Debug for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { api, base_url, credential: _, windows, terms } = self;
        f.debug_struct("Project")
            .field("api", &api.name)
            .field("base_url", base_url)
            .field("windows", windows)
            .field("terms", terms)
            .finish_non_exhaustive()
    }
}

/// A project of the CoManage External API.
#[derive(Clone, Debug)]
pub struct CoManage(Project);

impl CoManage {
    /// The project that `api_key` opens, below `base_url`.
    ///
    /// # Errors
    ///
    /// As [`Project::new`].
    pub fn new(base_url: impl Into<String>, api_key: impl Into<String>) -> Result<Self, ProjectError> {
        Project::new(&api::comanage::API, base_url, api_key).map(Self)
    }

    /// As [`CoManage::new`], but takes plain `http` to any machine, for those who know that the network between is
    /// their own.
    ///
    /// # Errors
    ///
    /// As [`Project::over_plain_text`].
    pub fn over_plain_text(
        base_url: impl Into<String>,
        api_key: impl Into<String>,
    ) -> Result<Self, ProjectError> {
        Project::over_plain_text(&api::comanage::API, base_url, api_key).map(Self)
    }

    /// The same with the windows of this deployment, where they are not the vendor's usual ones.
    #[must_use]
    pub fn with_windows(self, windows: Windows) -> Self {
        Self(self.0.with_windows(windows))
    }

    /// The same on other terms: see [`Project::on_terms`].
    #[must_use]
    pub fn on_terms(self, terms: Terms) -> Self {
        Self(self.0.on_terms(terms))
    }
}

impl From<CoManage> for Project {
    fn from(project: CoManage) -> Self {
        project.0
    }
}
