//! One request that is no list, and its answer: the body to standard output, status and `Location` to standard error. It goes
//! through the same limit, retries and error handling as a pull.

use crate::advice::{self, Command};
use crate::apis::SendApi;
use crate::connection;
use crate::console;
use crate::exit::{Exit, Fault};
use crate::progress::Progress;
use tidegate_core::pull::{Outcome, Settings};
use tidegate_core::secret::Secret;
use tidegate_std::{Event, Report, Sink, SinkError};

/// Room for what is not printed: a token, or where a redirect leads to.
const ROOM: usize = 16 << 10;

/// Sends as the arguments say.
pub(crate) fn run(api: &SendApi) -> Result<Exit, Fault> {
    let key = connection::read_key(&api.request().connection)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Fault::new(Exit::LocalFile, error))?.block_on(send(api, key))
}

/// In place of a text that quotes the key.
const WITHHELD: &str = "(withheld: it quotes the key)";

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
    let client = connection::client(&service, &args.connection, key.clone(), None)?;
    let settings = Settings { page_bytes: args.max_body as u64, ..connection::settings(&args.connection) };
    let mut answer = Gathering { body: Vec::new(), progress: Progress::new() };
    let report = client.pull(endpoint).max_item(ROOM).settings(settings).drive(&mut answer).await;
    answer.progress.clear();
    let mut report = report.map_err(Fault::usage)?;
    report.location = report.location.map(|location| shown(location, &key));
    tell(&answer.body, report)
}

/// A text of the server, unless it quotes the key.
fn shown(text: String, key: &str) -> String {
    let quotes_it = Secret::new(key).is_ok_and(|key| key.is_in(&text));
    if quotes_it { WITHHELD.to_owned() } else { text }
}

/// Prints the answer, or says why there is none.
fn tell(body: &[u8], report: Report) -> Result<Exit, Fault> {
    let Report { outcome, status, location, explanation, refusal, .. } = report;
    match outcome {
        // One answer is all there is: nothing of it is counted.
        Outcome::Complete(_) | Outcome::Incomplete { .. } => {}
        Outcome::Failed(failure) => {
            if let Some(body) = refusal {
                console::quote(&body);
            }
            let advice = advice::of(&failure, Command::Send);
            let sentence = advice::sentence(&failure, explanation.as_deref(), advice);
            return Err(Fault::new(Exit::of(&failure), sentence));
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
