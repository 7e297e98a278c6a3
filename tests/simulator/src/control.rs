//! Questions about the simulation itself, under `/_simulator/`: they need no key, are not counted, and meet no fault.

use std::sync::{Arc, Mutex, PoisonError};

use crate::comanage::list::List;
use crate::model::Simulator;
use crate::reply::Reply;
use crate::response::{Ending, Framing, Response};
use crate::service::Service;

const PREFIX: &str = "/_simulator/";

/// The answer, if the target is one of these questions. A digest is made off the lock and off the event loop.
pub(crate) async fn answer(simulator: &Arc<Mutex<Simulator>>, target: &str) -> Option<Response> {
    let question = target.strip_prefix(PREFIX)?;
    let reply = match question.split_once('/') {
        None if question == "stats" => {
            let stats = simulator.lock().unwrap_or_else(PoisonError::into_inner).stats();
            Reply::json(stats.to_json().into_bytes())
        }
        Some(("digest", list)) => digest_of(simulator, list.to_owned()).await,
        _ => nothing(),
    };
    Some(plain(reply))
}

/// The digest of CoManage's list of this name, or of what any service has at this path and query.
async fn digest_of(simulator: &Arc<Mutex<Simulator>>, list: String) -> Reply {
    let simulator = simulator.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let made = tokio::task::spawn_blocking(move || match list.parse::<List>() {
        Ok(list) if matches!(simulator.config().service, Service::Comanage) => Some(simulator.digest(list)),
        _ => simulator.digest_of(&format!("/{list}")),
    });
    match made.await {
        Ok(Some(digest)) => {
            Reply::json(format!(r#"{{"items":{},"sha256":"{}"}}"#, digest.items, digest.sha256).into_bytes())
        }
        Ok(None) => nothing(),
        Err(_) => Reply::problem(500, "The digest could not be made."),
    }
}

fn nothing() -> Reply {
    Reply::problem(404, "There is no such question; there are stats and digest/{list}.")
}

/// A reply sent as it is, with nothing of what a simulation adds.
pub(crate) fn plain(reply: Reply) -> Response {
    let mut fields: Vec<(String, String)> =
        reply.fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    fields.extend(reply.content_type.map(|value| ("Content-Type".to_owned(), value.to_owned())));
    fields.push(("Content-Length".to_owned(), reply.body.len().to_string()));
    Response {
        status: reply.status,
        fields,
        body: reply.body,
        framing: Framing::ContentLength,
        ending: Ending::Complete,
        delay_ms: 0,
    }
}
