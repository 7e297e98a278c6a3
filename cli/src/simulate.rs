//! The simulator as a command: it serves a made-up project on loopback until it is told to stop. Its keys and secrets open
//! nothing, so they may be arguments. Each API has a room with its own; what is the same for all is here.

mod comanage;
mod coredata;
mod fault;
mod frends;
mod kontent;
mod opsramp;

use crate::console;
use crate::exit::{Exit, Fault};
use crate::interrupt::Signals;
use clap::{Args, Subcommand, ValueEnum};
use fault::Faulty;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use tidegate_core::time::Duration;
use tidegate_simulator::{Config, Limit, Server, ServerOptions, Simulator, WindowKind};

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum SimulateApi {
    /// A project of the CoManage External API, with its key, rate limit, paging and maintenance.
    Comanage(Serve<comanage::ComanageArgs>),
    /// An environment of the Kontent.ai Management API v2, with its tokens and its two limits.
    Kontent(Serve<kontent::KontentArgs>),
    /// A tenant of the OpsRamp REST API v2, with what grants its tokens, and its limits for each kind of request.
    Opsramp(Serve<opsramp::OpsrampArgs>),
    /// A tenant of the CoreData API v2, with the ways of Tastypie.
    Coredata(Serve<coredata::CoredataArgs>),
    /// A tenant of the Frends Platform API v1, with what grants its tokens.
    Frends(Serve<frends::FrendsArgs>),
}

/// A simulated API.
#[derive(Clone, Debug, Args)]
pub(crate) struct Serve<A: Args> {
    #[command(flatten)]
    api: A,
    #[command(flatten)]
    shared: SharedArgs,
}

/// What is the same for every API.
#[derive(Clone, Debug, Args)]
struct SharedArgs {
    /// Port on this machine; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Fixes every item.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Let a request go wrong; may be given several times. REQUEST is its number, or every and a number.
    #[arg(long, value_name = "REQUEST=KIND[:ARG]", long_help = fault::fault_help())]
    fault: Vec<Faulty>,
}

/// Arguments that say what is served.
trait Served {
    /// The project.
    fn config(&self) -> Config;

    /// A command that pulls from it.
    fn pull(&self, url: &str) -> String;

    /// By what the digest of what that pulls is asked for.
    fn digest(&self) -> String;
}

impl SimulateApi {
    fn parts(&self) -> (&dyn Served, &SharedArgs) {
        match self {
            Self::Comanage(Serve { api, shared }) => (api, shared),
            Self::Kontent(Serve { api, shared }) => (api, shared),
            Self::Opsramp(Serve { api, shared }) => (api, shared),
            Self::Coredata(Serve { api, shared }) => (api, shared),
            Self::Frends(Serve { api, shared }) => (api, shared),
        }
    }
}

/// Serves until SIGINT or SIGTERM.
pub(crate) fn run(api: &SimulateApi) -> Result<Exit, Fault> {
    let (api, shared) = api.parts();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Fault::new(Exit::LocalFile, error))?.block_on(serve(api, shared))
}

async fn serve(api: &dyn Served, shared: &SharedArgs) -> Result<Exit, Fault> {
    let mut signals = Signals::listen().map_err(|error| Fault::new(Exit::LocalFile, error))?;
    let faults = shared.fault.iter().map(|Faulty { trigger, fault }| (*trigger, fault.clone())).collect();
    let config = Config { seed: shared.seed, faults, ..api.config() };
    let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, shared.port));
    let options = ServerOptions { addr, ..ServerOptions::default() };
    let server = Server::start(Arc::new(Mutex::new(Simulator::new(config))), options).await;
    let server = server.map_err(|error| Fault::usage(format_args!("{addr} cannot be served: {error}")))?;
    let url = server.base_url();
    let lines = [
        format!("serving {url}"),
        "pull from it with:".to_owned(),
        format!("  {}", api.pull(&url)),
        format!("what sha256sum must say of the output: {url}/_simulator/digest/{}", api.digest()),
        format!("what came in: {url}/_simulator/stats"),
    ];
    for line in lines {
        console::result(line).map_err(|error| Fault::stdout(&error))?;
    }
    signals.next().await;
    server.stop().await;
    Ok(Exit::Complete)
}

/// A counter.
fn limit(requests: u32, window: Duration, kind: Kind) -> Limit {
    Limit { requests, window_ms: window.as_millis(), window: kind.into() }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Kind {
    /// At multiples of its length since 1970.
    Epoch,
    /// With the first request after the last window.
    FirstRequest,
    /// By a timer that drifts.
    Timer,
    /// Slides: counts what came within its length.
    Sliding,
    /// Slides, and counts what was rejected too.
    SlidingCountsRejected,
    /// None: a bucket of a window's worth, which fills all the time.
    Bucket,
    /// Slides: counts a window, and the one before weighted by what is left of it.
    Counter,
    /// None: a bucket of five requests, which fills all the time.
    SmallBucket,
}

impl From<Kind> for WindowKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Epoch => Self::Epoch,
            Kind::FirstRequest => Self::FirstRequest,
            Kind::Timer => Self::Timer,
            Kind::Sliding => Self::Sliding,
            Kind::SlidingCountsRejected => Self::SlidingCountsRejected,
            Kind::Bucket => Self::Bucket,
            Kind::Counter => Self::Counter,
            Kind::SmallBucket => Self::SmallBucket { burst: 5 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, Parser};

    #[derive(Debug, Parser)]
    struct Line {
        #[command(subcommand)]
        api: SimulateApi,
    }

    fn config(words: &[&str]) -> String {
        let line = Line::try_parse_from(["x"].iter().chain(words)).unwrap();
        format!("{:?}", line.api.parts().0.config())
    }

    #[test]
    fn every_quirk_changes_what_is_served() {
        let mut quirks = 0;
        for command in Line::command().get_subcommands() {
            let api = command.get_name();
            let arguments = command.get_arguments().filter(|argument| argument.get_id() == "quirk");
            for quirk in arguments.flat_map(|argument| argument.get_possible_values()) {
                let name = quirk.get_name();
                assert_ne!(config(&[api, "--quirk", name]), config(&[api]), "{api} {name}");
                quirks += 1;
            }
        }
        assert!(quirks > 30, "only {quirks} were found");
    }

    #[test]
    fn what_is_given_is_what_is_served() {
        let table: [(&[&str], &str); 8] = [
            (
                &["kontent", "--limit-per-second", "3", "--window-kind", "sliding"],
                "requests: 3, window_ms: 1000, window: Sliding",
            ),
            (&["kontent", "--key", "mine"], "\"mine\""),
            (&["opsramp", "--limit", "7", "--window", "5s"], "paged: 7"),
            (&["opsramp", "--client-secret", "mine"], "client_secret: \"mine\""),
            (
                &["coredata", "--limit", "7", "--window", "5s"],
                "throttle: Some(Limit { requests: 7, window_ms: 5000",
            ),
            (&["coredata", "--largest-page", "0"], "max_limit: 0"),
            (&["frends", "--page-size", "7"], "instances_page_size: 7"),
            (&["frends", "--resource", "api://mine"], "resource: \"api://mine\""),
        ];
        for (words, part) in table {
            let config = config(words);
            assert!(config.contains(part), "{words:?}: {config}");
        }
    }
}
