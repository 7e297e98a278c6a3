//! The arguments for the Kontent.ai Management API v2. The server chooses the size of its pages, so there is none to give.

use super::{Described, Listed, Placed};
use crate::asking::{self, Asked, Sent};
use crate::connection::Service;
use crate::exit::Fault;
use clap::Args;
use std::path::Path;
use tidegate_core::api::kontent;

/// Lists that are asked for by POST, as `--help` shows them.
pub(super) const POSTED: &[&str] = &[
    "filtered-items         /projects/{environment}/items-with-variant/filter, with --body",
    "bulk-items             /projects/{environment}/items-with-variant/bulk-get, with --body",
];

/// Where the project is.
#[derive(Clone, Debug, Args)]
pub(crate) struct PlaceArgs {
    /// Base URL of the API; https, or http to this machine.
    #[arg(long, value_name = "URL", default_value = "https://manage.kontent.ai/v2")]
    base_url: String,
    /// Environment, in the place of {environment} in the path.
    #[arg(long, value_name = "ID")]
    environment: Option<String>,
    /// Subscription, in the place of {subscription} in the path.
    #[arg(long, value_name = "ID")]
    subscription: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    list: asking::NamedListArgs,
    #[command(flatten)]
    place: PlaceArgs,
    /// Body of a list that is asked for by POST; it is sent again for every page.
    #[arg(long, value_name = "JSON|@FILE")]
    body: Option<String>,
}

impl Described for PlaceArgs {
    fn service(&self) -> Result<Service, Fault> {
        Ok(Service::new(&kontent::API, &self.base_url))
    }
}

impl Placed for PlaceArgs {
    fn placed(&self, asked: Asked) -> Result<Asked, Fault> {
        asked.with_place("--environment", "environment", self.environment.as_deref())?.with_place(
            "--subscription",
            "subscription",
            self.subscription.as_deref(),
        )
    }
}

impl Described for ListArgs {
    fn service(&self) -> Result<Service, Fault> {
        self.place.service()
    }
}

impl Listed for ListArgs {
    fn asked(&self) -> Result<Asked, Fault> {
        let body = self.body.as_deref().map(asking::json).transpose()?;
        let asked = match (self.list.list.as_str(), body) {
            ("filtered-items", Some(body)) => Asked::of(&body, kontent::filtered_items),
            ("bulk-items", Some(body)) => Asked::of(&body, kontent::bulk_items),
            (name @ ("filtered-items" | "bulk-items"), None) => {
                return Err(Fault::usage(format_args!("{name} needs a --body that says which")));
            }
            (path, Some(body)) if path.starts_with('/') => {
                Asked::list(&self.list, kontent::LISTS, kontent::list)?.with_body(Sent::Json(body))
            }
            (name, Some(_)) => return Err(Fault::usage(format_args!("{name} takes no --body"))),
            (_, None) => Asked::list(&self.list, kontent::LISTS, kontent::list)?,
        };
        self.place.placed(asked.filled(&self.list.parameters)?)
    }

    fn body_file(&self) -> Option<&Path> {
        self.body.as_deref().and_then(asking::file)
    }
}
