//! The arguments for the Frends Platform API v1, whose tokens come from the tenant's Entra ID.

use super::{Described, Listed, Placed};
use crate::asking::{self, Asked};
use crate::connection::{Service, Tokens};
use crate::exit::Fault;
use clap::Args;
use tidegate_core::api::frends;
use tidegate_core::http::target;

/// What a page has if nothing is said.
const PAGE_SIZE: u32 = 30;
const AGENT_GROUP: &str = "agentGroupId";

/// Where the project is.
#[derive(Clone, Debug, Args)]
pub(crate) struct PlaceArgs {
    /// Base URL of the API, which ends in /api/v1; https, or http to this machine.
    #[arg(long, value_name = "URL")]
    base_url: String,
    /// Where tokens are granted: /ENTRA-TENANT/oauth2/token at login.microsoftonline.com, over https.
    #[arg(long, value_name = "URL")]
    token_url: String,
    /// Application id of the client; its secret is the key of this program.
    #[arg(long, value_name = "ID")]
    client_id: String,
    /// Application id URI of the API, for which tokens are asked for.
    #[arg(long, value_name = "URI")]
    resource: Option<String>,
    /// Agent group, in the place of {agentGroupId} in the path.
    #[arg(long, value_name = "ID")]
    agent_group_id: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    list: asking::NamedListArgs,
    #[command(flatten)]
    place: PlaceArgs,
    /// Items on a page (PageSize); 200 at the most.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=200))]
    page_size: Option<u32>,
}

impl Described for PlaceArgs {
    fn service(&self) -> Result<Service, Fault> {
        let tokens = Tokens {
            url: self.token_url.clone(),
            client_id: self.client_id.clone(),
            resource: self.resource.clone(),
        };
        Ok(Service { tokens: Some(tokens), ..Service::new(&frends::API, &self.base_url) })
    }
}

impl Placed for PlaceArgs {
    fn placed(&self, asked: Asked) -> Result<Asked, Fault> {
        asked.with_place("--agent-group-id", AGENT_GROUP, self.agent_group_id.as_deref())
    }
}

impl Described for ListArgs {
    fn service(&self) -> Result<Service, Fault> {
        self.place.service()
    }
}

impl Listed for ListArgs {
    fn asked(&self) -> Result<Asked, Fault> {
        let asked = Asked::list(&self.list, frends::LISTS, frends::list)?;
        let has_group = target::placeholders(asked.endpoint().path()).any(|place| place == AGENT_GROUP);
        let asked = match &self.place.agent_group_id {
            // Deployments take it in the query.
            Some(group) if self.list.list == "process-deployments" && !has_group => {
                asked.with(AGENT_GROUP, group)
            }
            _ => self.place.placed(asked)?,
        };
        let asked = asked.filled(&self.list.parameters)?;
        // Instances are paged by a token, and write it so.
        let name = if self.list.list == "instances" { "pageSize" } else { "PageSize" };
        Ok(match self.page_size {
            Some(page_size) => asked.with(name, page_size),
            None => asked,
        })
    }

    fn page_size(&self) -> u32 {
        self.page_size.unwrap_or(PAGE_SIZE)
    }
}
