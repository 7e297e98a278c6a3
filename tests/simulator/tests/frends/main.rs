//! Frends asked directly: its two kinds of page, what is written to its specifications, and whom it turns away. What the
//! tests share is here.

mod lists;
mod refusals;
mod writes;

use serde_json::{Value, json};
use tidegate_simulator::frends::{
    Config as Frends, DEFAULT_CLIENT, DEFAULT_ENTRA_TENANT, DEFAULT_RESOURCE, DEFAULT_SECRET,
};
use tidegate_simulator::{Config, Request, Response, Service, Simulator};

const NOW: u64 = 1_700_000_000_000;
const SPECIFICATIONS: &str = "/api/v1/api-management/api-specifications";

/// A client with a token.
struct Client {
    simulator: Simulator,
    token: String,
    now: u64,
}

impl Client {
    fn new(frends: Frends) -> Self {
        let mut client = Self { simulator: simulator(frends), token: String::new(), now: NOW };
        client.token = token(&mut client.simulator, client.now);
        client
    }

    fn send(&mut self, method: &str, target: &str, content_type: &str, body: &[u8]) -> Response {
        let fields = [
            ("host".to_owned(), "tenant.example:81".to_owned()),
            ("authorization".to_owned(), format!("Bearer {}", self.token)),
            ("content-type".to_owned(), content_type.to_owned()),
        ];
        self.simulator.answer(self.now, &Request { method, target, fields: &fields, body })
    }

    fn get(&mut self, target: &str) -> Response {
        self.send("GET", target, "", b"")
    }

    fn write(&mut self, method: &str, target: &str, body: &Value) -> Response {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, target, "application/json; charset=utf-8", body.as_bytes())
    }

    fn page(&mut self, target: &str) -> Value {
        let response = self.get(target);
        assert_eq!(response.status, 200, "{target}: {}", String::from_utf8_lossy(&response.body));
        parsed(&response)
    }

    fn writes(&self) -> u64 {
        self.simulator.stats().writes
    }

    /// A new specification's path.
    fn created(&mut self, base: &str) -> String {
        let response = self.write("POST", SPECIFICATIONS, &specification("Orders", base));
        assert_eq!(response.status, 201, "{}", String::from_utf8_lossy(&response.body));
        format!("{SPECIFICATIONS}/{}", parsed(&response)["data"]["id"])
    }
}

fn simulator(frends: Frends) -> Simulator {
    Simulator::new(Config { service: Service::Frends(frends), ..Config::default() })
}

fn token(simulator: &mut Simulator, now: u64) -> String {
    let form = format!(
        "grant_type=client_credentials&client_id={DEFAULT_CLIENT}&client_secret={DEFAULT_SECRET}&resource={}",
        DEFAULT_RESOURCE.replace(':', "%3A").replace('/', "%2F")
    );
    let target = format!("/{DEFAULT_ENTRA_TENANT}/oauth2/token");
    let fields = [("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
    let request = Request { method: "POST", target: &target, fields: &fields, body: form.as_bytes() };
    parsed(&simulator.answer(now, &request))["access_token"].as_str().expect("a token").to_owned()
}

fn parsed(response: &Response) -> Value {
    serde_json::from_slice(&response.body).expect("a JSON body")
}

/// A specification as the body that carries it: one JSON string.
fn specification(title: &str, base: &str) -> Value {
    let text = json!({
        "openapi": "3.0.1",
        "info": {"title": title, "description": "\"þ\""},
        "servers": [{"url": format!("https://gateway.example{base}")}],
        "paths": {"/orders": {"get": {}}}
    });
    Value::String(text.to_string())
}

/// The exact text of each element of the first array in a text.
fn elements(text: &str) -> Vec<&str> {
    let mut rest = text.split_once('[').expect("an array").1;
    let mut elements = Vec::new();
    while !rest.starts_with(']') {
        rest = rest.strip_prefix(',').unwrap_or(rest);
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        stream.next().expect("an element").expect("JSON");
        let (element, after) = rest.split_at(stream.byte_offset());
        elements.push(element);
        rest = after;
    }
    elements
}
