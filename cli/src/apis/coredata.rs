//! The arguments for the CoreData API v2. The server passes over a filter that it does not know and answers with everything,
//! so filters are checked here.

use super::{Described, Listed, Placed};
use crate::asking::{self, Asked};
use crate::connection::Service;
use crate::exit::Fault;
use clap::Args;
use tidegate_core::api::coredata::{self, Filter, Resource};

/// What a page has if nothing is said.
const PAGE_SIZE: u32 = 20;

/// Where the project is.
#[derive(Clone, Debug, Args)]
pub(crate) struct PlaceArgs {
    /// Base URL of the API, which ends in /api/v2; https, or http to this machine.
    #[arg(long, value_name = "URL")]
    base_url: String,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    list: asking::NamedListArgs,
    #[command(flatten)]
    place: PlaceArgs,
    /// Items on a page (limit); the server lowers what is too much.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    page_size: Option<u32>,
    /// Filter such as title__startswith=Ab or modified__gt=2024-01-01T00:00:00Z; may be given several times. One that the
    /// server does not know is refused. A server that computes in naive time fails on the Z: leave it out then.
    #[arg(long, value_name = "FIELD[__OPERATOR]=VALUE")]
    filter: Vec<String>,
}

impl Described for PlaceArgs {
    fn service(&self) -> Result<Service, Fault> {
        Ok(Service::new(&coredata::API, &self.base_url))
    }
}

impl Placed for PlaceArgs {
    fn placed(&self, asked: Asked) -> Result<Asked, Fault> {
        Ok(asked)
    }
}

impl Described for ListArgs {
    fn service(&self) -> Result<Service, Fault> {
        self.place.service()
    }
}

impl Listed for ListArgs {
    fn asked(&self) -> Result<Asked, Fault> {
        let mut asked = Asked::list(&self.list, coredata::LISTS, coredata::list)?;
        if !self.filter.is_empty() {
            for filter in filters(&self.list.list, &self.filter)? {
                asked = asked.with(filter.name(), filter.value());
            }
        }
        if let Some(page_size) = self.page_size {
            asked = asked.with("limit", page_size);
        }
        asked.filled(&self.list.parameters)
    }

    fn page_size(&self) -> u32 {
        self.page_size.unwrap_or(PAGE_SIZE)
    }
}

/// Filters that the list has, none of them twice.
fn filters<'a>(list: &str, texts: &'a [String]) -> Result<Vec<Filter<'a>>, Fault> {
    let resource =
        Resource::ALL.into_iter().find(|resource| [resource.name(), resource.path()].contains(&list));
    let resource = resource.ok_or_else(|| {
        Fault::usage(format_args!(
            "which filters {list} has is not known, and the server would pass over a wrong one: --query sends any"
        ))
    })?;
    let filters: Result<Vec<_>, _> = texts.iter().map(|text| Filter::parse(resource, text)).collect();
    let filters = filters.map_err(Fault::usage)?;
    coredata::filtered(resource, &filters).map_err(Fault::usage)?;
    Ok(filters)
}
