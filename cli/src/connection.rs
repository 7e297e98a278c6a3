//! Where requests go, what opens that, and how often it may be asked: from the arguments to a client. The key is read here
//! and nowhere else, and never shown.

use crate::args::ConnectionArgs;
use crate::exit::Fault;
use std::fmt::Display;
use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use tidegate_core::api::{self, Api, ProjectError, frends};
use tidegate_core::http::BaseUrl;
use tidegate_core::pull::Settings;
use tidegate_core::quota::Windows;
use tidegate_core::retry::RetryPolicy;
use tidegate_std::{Client, Project, Spent};

const KEY_VARIABLE: &str = "TIDEGATE_API_KEY";

/// One project of an API, without what opens it.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(crate) api: &'static Api,
    pub(crate) base_url: String,
    pub(crate) tokens: Option<Tokens>,
    /// Its limits, unless others are given.
    pub(crate) windows: Windows,
}

/// Where an API's tokens are granted, and to whom.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    pub(crate) url: String,
    pub(crate) client_id: String,
    /// For what they are asked for, if that is to be said.
    pub(crate) resource: Option<String>,
}

impl Service {
    /// A project with the usual limits of its API, opened by a key.
    pub(crate) fn new(api: &'static Api, base_url: &str) -> Self {
        Self { api, base_url: base_url.to_owned(), tokens: None, windows: api.windows }
    }

    /// The project, opened by a key.
    pub(crate) fn project(&self, key: String, allow_plain_http: bool) -> Result<Project, Fault> {
        let make = if allow_plain_http { Project::over_plain_text } else { Project::new };
        let project = make(self.api, self.base_url.as_str(), key).map_err(unusable)?;
        let Some(Tokens { url, client_id, resource }) = &self.tokens else { return Ok(project) };
        let project = project.with_tokens_of(url, client_id).map_err(unusable)?;
        Ok(match resource {
            Some(resource) => project.asking_for(frends::RESOURCE, resource),
            None => project,
        })
    }

    /// The same as core sees it, to hear whether a pull can be made. Whether plain text is allowed is not asked.
    pub(crate) fn checked<'a>(&'a self, key: &'a str) -> Result<api::Project<'a>, Fault> {
        let project = api::Project::over_plain_text(self.api, &self.base_url, key).map_err(Fault::usage)?;
        match &self.tokens {
            Some(Tokens { url, client_id, .. }) => project.with_tokens_of(url, client_id).map_err(unusable),
            None => Ok(project),
        }
    }

    /// The same URL with another path, for what is at the root of an API's host.
    pub(crate) fn at_root(base_url: &str, path: &str) -> Result<String, Fault> {
        let base = BaseUrl::parse(base_url).map_err(Fault::usage)?;
        Ok(format!("{}{path}", base.origin()))
    }
}

fn unusable(error: ProjectError) -> Fault {
    match error {
        ProjectError::PlainText => Fault::usage(format_args!("{error} (--allow-plain-http)")),
        error => Fault::usage(error),
    }
}

/// The key, from where it may come from.
pub(crate) fn read_key(args: &ConnectionArgs) -> Result<String, Fault> {
    let variable = std::env::var_os(KEY_VARIABLE).filter(|value| !value.is_empty());
    let key = match (variable, &args.api_key_file) {
        (Some(_), Some(path)) => {
            return Err(Fault::usage(format_args!(
                "there are two keys, one in {KEY_VARIABLE} and one in {}: give one of them",
                path.display()
            )));
        }
        (None, None) => {
            return Err(Fault::usage(format_args!(
                "there is no key: put it into the environment variable {KEY_VARIABLE} or into a file for --api-key-file"
            )));
        }
        (Some(value), None) => value.into_encoded_bytes(),
        (None, Some(path)) => fs::read(path).map_err(|error| {
            Fault::usage(format_args!("the key cannot be read from {}: {error}", path.display()))
        })?,
    };
    let mut key =
        String::from_utf8(key).map_err(|_| Fault::usage("the key is not made of plain characters"))?;
    key.truncate(key.trim_end_matches(['\r', '\n']).len());
    Ok(key)
}

/// The client of a project.
pub(crate) fn client(
    service: &Service,
    args: &ConnectionArgs,
    key: String,
    spent: Option<Spent>,
) -> Result<Client, Fault> {
    let project = service.project(key, args.allow_plain_http)?;
    let limits = &args.limits;
    let project = project.with_windows(limits.windows(service.windows)?).on_terms(limits.terms());
    let mut builder = Client::builder(project);
    if let Some(path) = &args.ca_file {
        let unusable = |error: &dyn Display| {
            Fault::usage(format_args!("the certificates in {} cannot be used: {error}", path.display()))
        };
        let pem = fs::read(path).map_err(|error| unusable(&error))?;
        builder = builder.trust(&pem).map_err(|error| unusable(&error))?;
    }
    match spent {
        Some(spent) => builder = builder.spent(spent),
        None if limits.unused => builder = builder.unused(),
        None => {}
    }
    builder.build().map_err(Fault::usage)
}

/// What a request may cost.
pub(crate) fn settings(args: &ConnectionArgs) -> Settings {
    Settings {
        retry: RetryPolicy { budget: args.retries, ..RetryPolicy::DEFAULT },
        limit_patience: args.patience,
        maintenance_patience: args.maintenance_patience,
        head_timeout: args.head_timeout,
        idle_timeout: args.idle_timeout,
        page_timeout: args.page_timeout,
        // The standard library's only source of randomness.
        seed: RandomState::new().build_hasher().finish(),
        ..Settings::DEFAULT
    }
}
