//! CoreData's API asked directly, with the time as a number. What is asked is put together here.

mod lists;
mod refusals;
mod writes;

use serde_json::Value;
use tidegate_simulator::coredata::{Config as CoreData, DEFAULT_CREDENTIALS};
use tidegate_simulator::{Config, Request, Response, Service, Simulator};

const NOW: u64 = 1_700_000_000_000;
const RESOURCES: [&str; 5] = ["contacts", "files", "projects", "tasks", "spaces"];

fn simulator(coredata: CoreData) -> Simulator {
    Simulator::new(Config { service: Service::CoreData(coredata), ..Config::default() })
}

fn default() -> Simulator {
    simulator(CoreData::default())
}

fn ask_with(
    simulator: &mut Simulator,
    now: u64,
    method: &str,
    target: &str,
    fields: &[(&str, &str)],
    body: &str,
) -> Response {
    let fields: Vec<(String, String)> =
        fields.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    simulator.answer(now, &Request { method, target, fields: &fields, body: body.as_bytes() })
}

fn send(simulator: &mut Simulator, method: &str, target: &str, body: &str) -> Response {
    let credentials = format!("apikey {DEFAULT_CREDENTIALS}");
    let fields = [("Authorization", credentials.as_str()), ("Content-Type", "application/json")];
    ask_with(simulator, NOW, method, target, &fields, body)
}

fn get(simulator: &mut Simulator, target: &str) -> Response {
    send(simulator, "GET", target, "")
}

fn json(response: &Response) -> Value {
    serde_json::from_slice(&response.body).expect("a JSON body")
}

/// A page's objects.
fn objects(page: &Value) -> &Vec<Value> {
    page["objects"].as_array().expect("objects")
}

fn page(simulator: &mut Simulator, target: &str) -> Value {
    let response = get(simulator, target);
    assert_eq!(response.status, 200, "{target} {}", String::from_utf8_lossy(&response.body));
    json(&response)
}

/// The ids that following `meta.next` gives.
fn walk(simulator: &mut Simulator, start: &str) -> Vec<String> {
    let (mut ids, mut target) = (Vec::new(), Some(start.to_owned()));
    while let Some(asked) = target {
        let page = page(simulator, &asked);
        ids.extend(objects(&page).iter().filter_map(|object| object["id"].as_str().map(str::to_owned)));
        target = page["meta"]["next"].as_str().map(str::to_owned);
    }
    ids
}
