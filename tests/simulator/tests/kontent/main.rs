//! Kontent.ai's Management API asked directly, with the time as a number. What is asked is put together here.

mod listings;
mod refusals;
mod writes;

use serde_json::Value;
use tidegate_simulator::kontent::Config as Kontent;
use tidegate_simulator::{Config, DEFAULT_KEY, Request, Response, Service, Simulator};

const NOW: u64 = 1_700_000_000_000;
const E: &str = "/v2/projects/14372844-0a5d-434a-8423-605b8a631623";
const S: &str = "/v2/subscriptions/9c7b9841-ea99-48a7-a46d-65b2549d6c0d";

/// `E` and `S` stand for the environment's and the subscription's paths.
fn target(path: &str) -> String {
    match (path.strip_prefix('E'), path.strip_prefix('S')) {
        (Some(rest), _) => format!("{E}{rest}"),
        (None, Some(rest)) => format!("{S}{rest}"),
        (None, None) => path.to_owned(),
    }
}

fn simulator(kontent: Kontent) -> Simulator {
    Simulator::new(Config { service: Service::Kontent(kontent), ..Config::default() })
}

/// Without counters in the way.
fn unlimited() -> Kontent {
    Kontent { limits: Vec::new(), ..Kontent::default() }
}

struct Asked<'a> {
    at: u64,
    method: &'a str,
    path: &'a str,
    token: Option<&'a str>,
    body: &'a str,
}

impl<'a> Asked<'a> {
    fn new(method: &'a str, path: &'a str, body: &'a str) -> Self {
        Self { at: NOW, method, path, token: None, body }
    }

    fn get(path: &'a str) -> Self {
        Self::new("GET", path, "")
    }

    fn ask(&self, simulator: &mut Simulator) -> Response {
        let mut fields = vec![("authorization".to_owned(), format!("bearer {DEFAULT_KEY}"))];
        fields.extend(self.token.map(|token| ("X-Continuation".to_owned(), token.to_owned())));
        let (method, target, body) = (self.method, target(self.path), self.body.as_bytes());
        simulator.answer(self.at, &Request { method, target: &target, fields: &fields, body })
    }
}

fn body(response: &Response) -> Value {
    serde_json::from_slice(&response.body).expect("a JSON body")
}
