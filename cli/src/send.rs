//! One request that is no list, and its answer: the body to standard output, status and `Location` to standard error. It goes
//! through the same limit, retries and error handling as a pull.

use crate::apis::SendApi;
use crate::args::ConnectionArgs;
use crate::asking::{self, Asked, ParameterArgs, Sent};
use crate::connection;
use crate::console;
use crate::exit::{Exit, Fault};
use crate::progress::Progress;
use crate::units::{parse_duration, parse_item_size};
use clap::{Args, ValueEnum};
use std::fs;
use std::path::{Path, PathBuf};
use tidegate_core::Endpoint;
use tidegate_core::http::Method;
use tidegate_core::pull::{Outcome, Settings};
use tidegate_core::time::Duration;
use tidegate_std::{Event, Report, Sink, SinkError};

/// Room for what is not printed: a token, or where a redirect leads to.
const ROOM: usize = 16 << 10;

/// A request: the same for every API.
#[derive(Clone, Debug, Args)]
pub(crate) struct SendArgs {
    /// What the request does.
    #[arg(value_enum, ignore_case = true)]
    method: MethodArg,
    /// Path below the base URL, which begins with a slash; a whole segment may be {NAME}.
    path: String,
    #[command(flatten)]
    parameters: ParameterArgs,
    /// Body of JSON.
    #[arg(long, value_name = "JSON|@FILE", group = "sent")]
    body: Option<String>,
    /// Text to send as one JSON string.
    #[arg(long, value_name = "TEXT|@FILE", group = "sent")]
    json_string: Option<String>,
    /// File to send as the part `file` of a form (multipart/form-data).
    #[arg(long, value_name = "FILE", group = "sent")]
    file: Option<PathBuf>,
    /// Send it again where that helps, although its method does not promise that this does no harm.
    #[arg(long)]
    repeatable: bool,
    /// Never send it again once it may have arrived: for a GET that does something.
    #[arg(long, conflicts_with = "repeatable")]
    once: bool,
    /// Follow a redirect, without the key: for what the API keeps in a store elsewhere.
    #[arg(long, conflicts_with_all = ["sent", "repeatable", "once"])]
    download: bool,
    /// How long to wait for the answer to begin.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = parse_duration)]
    timeout: Duration,
    /// Largest body that is taken.
    #[arg(long, value_name = "BYTES", default_value = "16MiB", value_parser = parse_item_size)]
    max_body: usize,
    #[command(flatten)]
    connection: ConnectionArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
enum MethodArg {
    /// Reads.
    Get,
    /// Does whatever the path says.
    Post,
    /// Puts the body in the place of what is there.
    Put,
    /// Changes a part of what is there.
    Patch,
    /// Removes what is there.
    Delete,
}

impl SendArgs {
    /// The request, without what is always in an API's paths.
    pub(crate) fn asked(&self) -> Result<Asked, Fault> {
        if self.download && self.method != MethodArg::Get {
            return Err(Fault::usage("--download goes with GET"));
        }
        let asked = Asked::of(&self.path, self.make()).with_body(self.sent()?);
        asked.filled(&self.parameters)
    }

    fn make(&self) -> asking::Make {
        if self.download {
            return |path| Endpoint::download(path);
        }
        match self.method {
            MethodArg::Get => |path| Endpoint::call(Method::Get, path),
            MethodArg::Post => |path| Endpoint::call(Method::Post, path),
            MethodArg::Put => |path| Endpoint::call(Method::Put, path),
            MethodArg::Patch => |path| Endpoint::call(Method::Patch, path),
            MethodArg::Delete => |path| Endpoint::call(Method::Delete, path),
        }
    }

    fn sent(&self) -> Result<Sent, Fault> {
        match (&self.body, &self.json_string, &self.file) {
            (Some(body), ..) => Ok(Sent::Json(asking::json(body)?)),
            (_, Some(text), _) => Ok(Sent::JsonString(asking::text(text)?)),
            (_, _, Some(path)) => file(path),
            (None, None, None) => Ok(Sent::Nothing),
        }
    }
}

fn file(path: &Path) -> Result<Sent, Fault> {
    let bytes = fs::read(path)
        .map_err(|error| Fault::usage(format_args!("{} cannot be sent: {error}", path.display())))?;
    Ok(Sent::File { name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(), bytes })
}

/// Sends as the arguments say.
pub(crate) fn run(api: &SendApi) -> Result<Exit, Fault> {
    let key = connection::read_key(&api.request().connection)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Fault::new(Exit::LocalFile, error))?.block_on(send(api, key))
}

async fn send(api: &SendApi, key: String) -> Result<Exit, Fault> {
    let args = api.request();
    let (service, asked) = api.job()?;
    let mut endpoint = asked.complete()?;
    if args.repeatable {
        endpoint = endpoint.repeatable();
    }
    if args.once {
        endpoint = endpoint.once();
    }
    let client = connection::client(&service, &args.connection, key, None)?;
    let settings = Settings {
        head_timeout: args.timeout,
        page_bytes: args.max_body as u64,
        ..connection::settings(&args.connection)
    };
    let mut answer = Gathering { body: Vec::new(), progress: Progress::new() };
    let report = client.pull(endpoint).max_item(ROOM).settings(settings).drive(&mut answer).await;
    answer.progress.clear();
    tell(&answer.body, report.map_err(Fault::usage)?)
}

/// Prints the answer, or says why there is none.
fn tell(body: &[u8], report: Report) -> Result<Exit, Fault> {
    let Report { outcome, status, location, explanation, .. } = report;
    match (outcome, explanation) {
        (Outcome::Complete(_) | Outcome::Incomplete { .. }, _) => {}
        (Outcome::Failed(failure), None) => return Err(Fault::new(Exit::of(&failure), failure)),
        (Outcome::Failed(failure), Some(explanation)) => {
            return Err(Fault::new(Exit::of(&failure), format_args!("{failure} ({explanation})")));
        }
    }
    if let Some(status) = status {
        console::tell(format_args!("status: {status}"));
    }
    if let Some(location) = location {
        console::tell(format_args!("location: {location}"));
    }
    console::result_bytes(body).map_err(|error| Fault::stdout(&error))?;
    Ok(Exit::Complete)
}

/// Gathers the body, and tells what is waited for.
struct Gathering {
    body: Vec<u8>,
    progress: Progress,
}

impl Sink for Gathering {
    async fn event(&mut self, event: Event<'_>) -> Result<(), SinkError> {
        match event {
            Event::Item { bytes, .. } => self.body.extend_from_slice(bytes),
            // It will come again.
            Event::Rewind { .. } => self.body.clear(),
            Event::Waiting { wait, why } => self.progress.wait(wait, why),
            Event::Maintenance(announced) => self.progress.maintenance(announced),
            _ => {}
        }
        Ok(())
    }
}
