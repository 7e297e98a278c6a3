//! The APIs that the program knows: for each its own arguments, and what they come to. The only room that knows a vendor's
//! name, but for those of the simulator.

mod comanage;
mod coredata;
mod frends;
mod kontent;
mod opsramp;

use crate::args::PullArgs;
use crate::asking::{Asked, SendArgs};
use crate::connection::Service;
use crate::exit::{self, Fault};
use clap::{Args, Subcommand, ValueEnum};
use std::path::Path;
use tidegate_core::api::{self, List};
use tidegate_core::quota::Windows;

/// What a pull is of.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) service: Service,
    pub(crate) asked: Asked,
    /// How many ids of items to remember.
    pub(crate) ids: usize,
}

/// Arguments that say which project, and what to ask it for.
pub(crate) trait Described {
    /// The project.
    fn service(&self) -> Result<Service, Fault>;
}

/// Arguments that say which list.
pub(crate) trait Listed: Described {
    /// The list.
    fn asked(&self) -> Result<Asked, Fault>;

    /// How many items there are on a page, as far as that is known.
    fn page_size(&self) -> u32 {
        0
    }

    /// The file that the body comes from, if one does.
    fn body_file(&self) -> Option<&Path> {
        None
    }
}

/// Arguments that say which project, and what is always in its paths.
pub(crate) trait Placed: Described {
    /// The request with that filled in.
    fn placed(&self, asked: Asked) -> Result<Asked, Fault>;
}

/// A pull from some API.
#[derive(Clone, Debug, Args)]
pub(crate) struct PullFrom<A: Args> {
    #[command(flatten)]
    api: A,
    #[command(flatten)]
    shared: PullArgs,
}

/// A request to some API.
#[derive(Clone, Debug, Args)]
pub(crate) struct SendTo<A: Args> {
    #[command(flatten)]
    request: SendArgs,
    #[command(flatten)]
    api: A,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum PullApi {
    /// From a project of the CoManage External API.
    ///
    /// The key comes from the environment variable TIDEGATE_API_KEY or from --api-key-file, never from an argument.
    ///
    /// With --output and --state, every item is stored exactly once: whatever ends the program, a crash or a power cut
    /// included, the same command goes on, and the file ends up as if nothing had happened. Beside the state file a
    /// file named .lock keeps a second process out. Nothing else may write to the output meanwhile: a page that meets a
    /// file which others changed ends the pull.
    ///
    /// An output that is there before a pull without a state, or with --restart, is replaced when the new list is whole.
    /// If the server counts more items than it gave, it stays, and the exit code is 9.
    #[command(after_long_help = exit::table())]
    Comanage(PullFrom<comanage::ListArgs>),
    /// From the Kontent.ai Management API v2.
    ///
    /// The management key or the subscription key comes from TIDEGATE_API_KEY or from --api-key-file.
    #[command(after_long_help = after(api::kontent::LISTS, kontent::POSTED))]
    Kontent(PullFrom<kontent::ListArgs>),
    /// From the OpsRamp REST API v2.
    ///
    /// The client's secret comes from TIDEGATE_API_KEY or from --api-key-file.
    #[command(after_long_help = after(api::opsramp::LISTS, &[]))]
    Opsramp(PullFrom<opsramp::ListArgs>),
    /// From the CoreData API v2.
    ///
    /// The user's name, a colon and the key come from TIDEGATE_API_KEY or from --api-key-file.
    #[command(after_long_help = after(api::coredata::LISTS, &[]))]
    Coredata(PullFrom<coredata::ListArgs>),
    /// From the Frends Platform API v1.
    ///
    /// The client's secret comes from TIDEGATE_API_KEY or from --api-key-file.
    #[command(after_long_help = after(api::frends::LISTS, &[]))]
    Frends(PullFrom<frends::ListArgs>),
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum SendApi {
    /// To the CoManage External API.
    #[command(after_long_help = exit::table())]
    Comanage(SendTo<comanage::PlaceArgs>),
    /// To the Kontent.ai Management API v2.
    #[command(after_long_help = exit::table())]
    Kontent(SendTo<kontent::PlaceArgs>),
    /// To the OpsRamp REST API v2.
    #[command(after_long_help = exit::table())]
    Opsramp(SendTo<opsramp::PlaceArgs>),
    /// To the CoreData API v2.
    #[command(after_long_help = exit::table())]
    Coredata(SendTo<coredata::PlaceArgs>),
    /// To the Frends Platform API v1.
    #[command(after_long_help = exit::table())]
    Frends(SendTo<frends::PlaceArgs>),
}

impl PullApi {
    fn parts(&self) -> (&dyn Listed, &PullArgs) {
        match self {
            Self::Comanage(PullFrom { api, shared }) => (api, shared),
            Self::Kontent(PullFrom { api, shared }) => (api, shared),
            Self::Opsramp(PullFrom { api, shared }) => (api, shared),
            Self::Coredata(PullFrom { api, shared }) => (api, shared),
            Self::Frends(PullFrom { api, shared }) => (api, shared),
        }
    }

    /// What is the same for every API.
    pub(crate) fn shared(&self) -> &PullArgs {
        self.parts().1
    }

    /// The file that the body comes from, if one does.
    pub(crate) fn body_file(&self) -> Option<&Path> {
        self.parts().0.body_file()
    }

    /// What to pull.
    pub(crate) fn job(&self) -> Result<Job, Fault> {
        let (api, shared) = self.parts();
        let (service, asked) = (api.service()?, api.asked()?);
        asked.complete()?;
        let ids = asked.ids(shared.remember, api.page_size());
        Ok(Job { service, asked, ids })
    }
}

impl SendApi {
    fn parts(&self) -> (&dyn Placed, &SendArgs) {
        match self {
            Self::Comanage(SendTo { request, api }) => (api, request),
            Self::Kontent(SendTo { request, api }) => (api, request),
            Self::Opsramp(SendTo { request, api }) => (api, request),
            Self::Coredata(SendTo { request, api }) => (api, request),
            Self::Frends(SendTo { request, api }) => (api, request),
        }
    }

    /// What is the same for every API.
    pub(crate) fn request(&self) -> &SendArgs {
        self.parts().1
    }

    /// Where to send what.
    pub(crate) fn job(&self) -> Result<(Service, Asked), Fault> {
        let (api, request) = self.parts();
        let asked = api.placed(request.asked()?)?;
        asked.complete()?;
        Ok((api.service()?, asked))
    }
}

/// An API by its name alone.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ApiName {
    Comanage,
    Kontent,
    Opsramp,
    Coredata,
    Frends,
}

impl ApiName {
    /// Its usual windows.
    pub(crate) fn windows(self) -> Windows {
        match self {
            Self::Comanage => api::comanage::API.windows,
            Self::Kontent => api::kontent::API.windows,
            Self::Opsramp => api::opsramp::API.windows,
            Self::Coredata => api::coredata::API.windows,
            Self::Frends => api::frends::API.windows,
        }
    }
}

/// The lists that have names, and the exit codes, as `--help` shows them.
fn after(known: &[List], more: &[&str]) -> String {
    let mut text = "Lists:\n".to_owned();
    for list in known {
        text.push_str(&format!("  {:22} {}\n", list.name, list.endpoint.path()));
    }
    for line in more {
        text.push_str(&format!("  {line}\n"));
    }
    format!("{text}\n{}", exit::table())
}
