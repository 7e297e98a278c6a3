//! The arguments for the CoManage External API: paths are published per tenant only, so each list is given by its own.

use super::{Described, Listed, Placed};
use crate::args::parse_parameter;
use crate::asking::{Asked, ParameterArgs};
use crate::connection::Service;
use crate::exit::Fault;
use clap::Args;
use tidegate_core::api::comanage;

/// Where the project is.
#[derive(Clone, Debug, Args)]
pub(crate) struct PlaceArgs {
    /// Base URL of the API; https, or http to this machine.
    #[arg(long, value_name = "URL")]
    base_url: String,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ListArgs {
    /// Path of the list below the base URL, such as /objects; a whole segment may be {viewId}.
    path: String,
    #[command(flatten)]
    place: PlaceArgs,
    /// View whose objects to pull; goes into the path where that has {viewId}, else into the query.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    view_id: Option<i64>,
    /// Member of the page that holds the items, with dots between nested names. Default: its only array.
    #[arg(long, value_name = "KEY")]
    items: Option<String>,
    /// Parameter to add to the query; may be given several times.
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_parameter)]
    query: Vec<(String, String)>,
}

impl Described for PlaceArgs {
    fn service(&self) -> Result<Service, Fault> {
        Ok(Service::new(&comanage::API, &self.base_url))
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
        let asked = Asked::of(&self.path, comanage::list).with_items(self.items.as_deref());
        let asked = match self.view_id {
            Some(view_id) => asked.with("viewId", view_id),
            None => asked,
        };
        asked.filled(&ParameterArgs { set: Vec::new(), query: self.query.clone() })
    }
}
