//! The arguments for the OpsRamp REST API v2: what is counted together is one project, so the category of what is asked for
//! says which limits hold.

use super::{Described, Listed, Placed};
use crate::asking::{self, Asked};
use crate::connection::{Service, Tokens};
use crate::exit::Fault;
use clap::{Args, ValueEnum};
use tidegate_core::api::opsramp::{self, Category, QueryString};

/// What a page has if nothing is said.
const PAGE_SIZE: u32 = 100;

/// Where the project is.
#[derive(Clone, Debug, Args)]
pub(crate) struct PlaceArgs {
    /// Base URL of the API, which ends in /api/v2; https, or http to this machine.
    #[arg(long, value_name = "URL")]
    base_url: String,
    /// Where tokens are granted. Default: /tenancy/auth/oauth/token at the root of the base URL; older deployments have
    /// /auth/oauth/token.
    #[arg(long, value_name = "URL")]
    token_url: Option<String>,
    /// Key of the integration; its secret is the key of this program.
    #[arg(long, value_name = "KEY")]
    client_id: String,
    /// Tenant, in the place of {tenant} in the path.
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
    /// What is asked for, as far as its limits are counted together.
    #[arg(long, value_name = "KIND", value_enum, default_value_t = CategoryArg::Other)]
    category: CategoryArg,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    list: asking::NamedListArgs,
    #[command(flatten)]
    place: PlaceArgs,
    /// Items on a page (pageSize).
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    page_size: Option<u32>,
    /// Term that items must meet (queryString); given several times, they must meet all of them.
    #[arg(long, value_name = "KEY:VALUE", value_parser = parse_term)]
    query_string: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum CategoryArg {
    /// Alerts.
    Alerts,
    /// Metrics.
    Metrics,
    /// Devices and other resources.
    Devices,
    /// Tickets: incidents, service requests and the like.
    Tickets,
    /// Everything else.
    Other,
}

impl From<CategoryArg> for Category {
    fn from(category: CategoryArg) -> Self {
        match category {
            CategoryArg::Alerts => Self::Alerts,
            CategoryArg::Metrics => Self::Metrics,
            CategoryArg::Devices => Self::Devices,
            CategoryArg::Tickets => Self::Tickets,
            CategoryArg::Other => Self::Other,
        }
    }
}

impl Described for PlaceArgs {
    fn service(&self) -> Result<Service, Fault> {
        let url = match &self.token_url {
            Some(url) => url.clone(),
            None => Service::at_root(&self.base_url, opsramp::TOKEN_PATH)?,
        };
        let tokens = Some(Tokens { url, client_id: self.client_id.clone(), resource: None });
        let windows = opsramp::windows(self.category.into());
        Ok(Service { tokens, windows, ..Service::new(&opsramp::API, &self.base_url) })
    }
}

impl Placed for PlaceArgs {
    fn placed(&self, asked: Asked) -> Result<Asked, Fault> {
        asked.with_place("--tenant", "tenant", self.tenant.as_deref())
    }
}

impl Described for ListArgs {
    fn service(&self) -> Result<Service, Fault> {
        self.place.service()
    }
}

impl Listed for ListArgs {
    fn asked(&self) -> Result<Asked, Fault> {
        let asked = Asked::list(&self.list, opsramp::LISTS, opsramp::search)?;
        let mut asked = self.place.placed(asked.filled(&self.list.parameters)?)?;
        if let Some(page_size) = self.page_size {
            asked = asked.with("pageSize", page_size);
        }
        if !self.query_string.is_empty() {
            let terms: Vec<_> =
                self.query_string.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
            let query = QueryString::new(&terms).map_err(Fault::usage)?;
            asked = asked.with(QueryString::NAME, query);
        }
        Ok(asked)
    }

    fn page_size(&self) -> u32 {
        self.page_size.unwrap_or(PAGE_SIZE)
    }
}

fn parse_term(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once(':').ok_or("write a key, a colon and a value")?;
    Ok((key.to_owned(), value.to_owned()))
}
