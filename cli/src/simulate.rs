//! The simulator as a command: it serves a made-up project on loopback until it is told to stop.

use crate::args::SimulateArgs;
use crate::clock::unix_now;
use crate::console;
use crate::exit::{Exit, Fault};
use crate::interrupt::Signals;
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::sync::{Arc, Mutex};
use tidegate_core::time::Duration;
use tidegate_simulator::{
    ApiKey, Config, DEFAULT_KEY, ErrorBody, Fault as ServerFault, Maintenance, Server, ServerOptions,
    Simulator, Trigger,
};

/// Serves until SIGINT or SIGTERM.
pub(crate) fn run(args: &SimulateArgs) -> Result<Exit, Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Fault::new(Exit::LocalFile, error))?.block_on(serve(args))
}

async fn serve(args: &SimulateArgs) -> Result<Exit, Fault> {
    let mut signals = Signals::listen().map_err(|error| Fault::new(Exit::LocalFile, error))?;
    let config = config(args);
    let key = config.keys.first().map_or(DEFAULT_KEY, |key| &key.key).to_owned();
    let view_id = config.view_ids.first().copied().unwrap_or_default();
    let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let options = ServerOptions { addr, ..ServerOptions::default() };
    let server = Server::start(Arc::new(Mutex::new(Simulator::new(config))), options).await;
    let server = server.map_err(|error| Fault::usage(format_args!("{addr} cannot be served: {error}")))?;
    let url = server.base_url();
    let window = args.window.as_millis();
    let lines = [
        format!("serving {url}"),
        "pull from it with:".to_owned(),
        format!(
            "  TIDEGATE_API_KEY={key} tidegate pull comanage /objects --base-url {url} --view-id {view_id} \
             --limit {} --window {window}ms --unused --output objects.ndjson --state objects.state",
            args.limit
        ),
        format!("what sha256sum must say of the output: {url}/_simulator/digest/objects"),
        format!("what came in: {url}/_simulator/stats"),
    ];
    for line in lines {
        console::result(line).map_err(|error| Fault::stdout(&error))?;
    }
    signals.next().await;
    server.stop().await;
    Ok(Exit::Complete)
}

fn config(args: &SimulateArgs) -> Config {
    let mut config = Config {
        seed: args.seed,
        items: args.items,
        page_size: args.page_size,
        item_sizes: args.item_sizes,
        limit: args.limit,
        window_ms: args.window.as_millis(),
        window: args.window_kind.into(),
        others_per_window: args.others,
        limit_fields: args.limit_fields.into(),
        faults: args.fault.iter().map(|Faulty { trigger, fault }| (*trigger, fault.clone())).collect(),
        maintenance: args.maintenance.map(|(start, end)| planned(start, end)),
        ..Config::default()
    };
    if !args.key.is_empty() {
        config.keys = args.key.iter().map(|key| ApiKey::active(key)).collect();
    }
    config
}

fn planned(start: Duration, end: Duration) -> Maintenance {
    let now = unix_now().as_millis();
    Maintenance {
        announced_from: now,
        start: now.saturating_add(start.as_millis()),
        end: now.saturating_add(end.as_millis()),
        headers_while_active: false,
    }
}

/// A fault, and when.
#[derive(Clone, Debug)]
pub(crate) struct Faulty {
    trigger: Trigger,
    fault: ServerFault,
}

type Read = fn(&str) -> Option<ServerFault>;

/// Every kind of fault: its name, what its argument is, and how it is read.
const KINDS: [(&str, &str, Read); 15] = [
    ("cut", "bytes of the body that come", |arg| Some(ServerFault::Cut { at: arg.parse().ok()? })),
    ("cut-wire", "bytes that come, head included", |arg| {
        Some(ServerFault::CutWire { at: arg.parse().ok()? })
    }),
    ("reset", "bytes of the body that come", |arg| Some(ServerFault::Reset { at: arg.parse().ok()? })),
    ("stall", "bytes of the body that come", |arg| Some(ServerFault::Stall { at: arg.parse().ok()? })),
    ("silent", "", |arg| arg.is_empty().then_some(ServerFault::StallBeforeHead)),
    ("garbage", "bytes of the body that are good", |arg| {
        Some(ServerFault::Garbage { at: arg.parse().ok()? })
    }),
    ("wrong-length", "bytes too many, or with a minus too few", |arg| {
        Some(ServerFault::WrongLength { by: arg.parse().ok()? })
    }),
    ("long-head", "bytes", |arg| Some(ServerFault::LongHead { bytes: arg.parse().ok()? })),
    ("status", "status code", |arg| {
        Some(ServerFault::Status { status: arg.parse().ok()?, body: ErrorBody::Html })
    }),
    ("redirect", "where to", |arg| {
        (!arg.is_empty()).then(|| ServerFault::Redirect { status: 302, location: arg.to_owned() })
    }),
    ("reject", "", |arg| arg.is_empty().then_some(ServerFault::RejectLimit)),
    ("html", "", |arg| arg.is_empty().then_some(ServerFault::NotJson)),
    ("deep", "levels", |arg| Some(ServerFault::DeepJson { depth: arg.parse().ok()? })),
    ("repeat-cursor", "", |arg| arg.is_empty().then_some(ServerFault::RepeatCursor)),
    ("empty-page", "", |arg| arg.is_empty().then_some(ServerFault::EmptyPageClaimsMore)),
];

impl FromStr for Faulty {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (request, what) =
            text.split_once('=').ok_or("write REQUEST=KIND, such as 5=cut:100 or every3=status:503")?;
        let number = request.strip_prefix("every").unwrap_or(request);
        let number: u64 =
            number.parse().map_err(|_| format!("{request} is no request: write 5 or every5"))?;
        let trigger =
            if request.starts_with("every") { Trigger::Every(number) } else { Trigger::Request(number) };
        let (name, arg) = what.split_once(':').unwrap_or((what, ""));
        let kind = KINDS.iter().find(|(known, ..)| *known == name);
        let (_, meaning, read) =
            kind.ok_or_else(|| format!("there is no fault {name}; there are {}", names()))?;
        let fault = read(arg).ok_or_else(|| match *meaning {
            "" => format!("{name} takes no argument"),
            meaning => format!("{name} needs an argument after a colon: {meaning}"),
        })?;
        Ok(Self { trigger, fault })
    }
}

fn names() -> String {
    KINDS.map(|(name, ..)| name).join(", ")
}

/// All kinds of fault, for `--help`.
pub(crate) fn fault_help() -> String {
    let mut text =
        "Let a request go wrong; may be given several times. REQUEST is its number, such as 5, or every and \
                    a number, such as every5. KIND is one of:\n"
            .to_owned();
    for (name, meaning, _) in KINDS {
        let arg = if meaning.is_empty() { String::new() } else { format!(":<{meaning}>") };
        text.push_str(&format!("  {name}{arg}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_fault_can_be_asked_for() {
        for (name, meaning, _) in KINDS {
            let text = if meaning.is_empty() { format!("5={name}") } else { format!("every2={name}:7") };
            assert!(text.parse::<Faulty>().is_ok(), "{text}");
        }
    }

    #[test]
    fn a_fault_that_cannot_be_meant_is_refused_with_what_can() {
        let table = [
            ("cut:1", "REQUEST=KIND"),
            ("x=cut:1", "is no request"),
            ("1=explode", "there are cut,"),
            ("1=cut", "bytes of the body"),
            ("1=cut:x", "bytes of the body"),
            ("1=reject:1", "takes no argument"),
        ];
        for (text, part) in table {
            let error = text.parse::<Faulty>().expect_err(text);
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
