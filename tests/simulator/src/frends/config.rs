//! What can be set of Frends. The defaults are what its documentation prints: 30 items a page and 200 at most, no limit on
//! requests. Where the links of a page lead is not documented, so it can be set.

use crate::config::EndOfList;
use crate::limiter::Limit;
use crate::oauth;

/// The client id that a default configuration knows.
pub const DEFAULT_CLIENT: &str = "8a6e5d1c-0000-4000-8000-000000000001";
/// Its secret.
pub const DEFAULT_SECRET: &str = "simulator-secret";
/// The resource that tokens are issued for.
pub const DEFAULT_RESOURCE: &str = "api://frends-simulator";
/// The Entra tenant, which stands in the token server's path.
pub const DEFAULT_ENTRA_TENANT: &str = "contoso.example";

/// Frends. Start from the default and name what differs.
#[derive(Clone, Debug)]
pub struct Config {
    /// Specifications that are there from the beginning.
    pub specifications: u64,
    /// Items in each other list, and in each agent group's list of instances.
    pub items: u64,
    /// `PageSize` where none is asked for.
    pub page_size: u32,
    /// `pageSize` of instances where none is asked for.
    pub instances_page_size: u32,
    /// A larger size is refused.
    pub largest_page: u32,
    /// The agent groups; the first is the default one.
    pub agent_groups: Vec<u64>,
    /// The Entra tenant; tokens are at `/{tenant}/oauth2/token`.
    pub entra_tenant: String,
    /// The token server.
    pub token: oauth::Config,
    /// The client has not the role that this API wants: 403 with a token that is good.
    pub forbidden: bool,
    /// Where the links of a page lead.
    pub links: Links,
    /// What stands for a link that leads nowhere.
    pub end_of_list: EndOfList,
    /// A counter for all requests, whose rejections tell no time. Frends documents none.
    pub limit: Option<Limit>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            specifications: 70,
            items: 130,
            page_size: 30,
            instances_page_size: 50,
            largest_page: 200,
            agent_groups: vec![1, 2, 3],
            entra_tenant: DEFAULT_ENTRA_TENANT.to_owned(),
            token: oauth::Config::entra(DEFAULT_CLIENT, DEFAULT_SECRET, DEFAULT_RESOURCE),
            forbidden: false,
            links: Links::Host,
            end_of_list: EndOfList::Null,
            limit: None,
        }
    }
}

/// Where the links of a page lead: always to an absolute URL with the page's own path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Links {
    /// To the request's own `Host`, by `http`.
    Host,
    /// To the request's own `Host`, by `https`.
    SecureHost,
    /// To this origin, such as a name behind a proxy, or anybody's.
    Origin(String),
}
