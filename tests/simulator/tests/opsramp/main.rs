//! OpsRamp asked directly: its lists, what is written, and whom it turns away. What the tests share is here.

mod lists;
mod refusals;
mod writes;

use serde_json::Value;
use tidegate_simulator::opsramp::{Config as OpsRamp, DEFAULT_KEY, DEFAULT_SECRET};
use tidegate_simulator::{Config, Request, Response, Service, Simulator};

const NOW: u64 = 1_700_000_000_000;
const BASE: &str = "/api/v2/tenants/client_99999";

/// A client with a token.
struct Client {
    simulator: Simulator,
    token: String,
    now: u64,
}

impl Client {
    fn new(opsramp: OpsRamp) -> Self {
        let simulator = simulator(opsramp);
        let mut client = Self { simulator, token: String::new(), now: NOW };
        client.renew();
        client
    }

    fn renew(&mut self) {
        let form =
            format!("grant_type=client_credentials&client_id={DEFAULT_KEY}&client_secret={DEFAULT_SECRET}");
        let fields = [("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
        let target = "/auth/oauth/token";
        let request = Request { method: "POST", target, fields: &fields, body: form.as_bytes() };
        let response = self.simulator.answer(self.now, &request);
        self.token = json(&response)["access_token"].as_str().expect("a token").to_owned();
    }

    fn send(&mut self, method: &str, within: &str, body: &str) -> Response {
        let fields = [("authorization".to_owned(), format!("bearer {}", self.token))];
        let target = format!("{BASE}/{within}");
        let request = Request { method, target: &target, fields: &fields, body: body.as_bytes() };
        self.simulator.answer(self.now, &request)
    }

    fn get(&mut self, within: &str) -> Response {
        self.send("GET", within, "")
    }

    /// The id of the first item of an array.
    fn first_id(&mut self, within: &str) -> String {
        json(&self.get(within))[0]["id"].as_str().expect("an id").to_owned()
    }

    /// Every item's id, page by page, as a plain client without memory has them.
    fn ids(&mut self, within: &str, id: &str) -> Vec<String> {
        let mut ids = Vec::new();
        for page_no in 1.. {
            let page = json(&self.get(&format!("{within}pageNo={page_no}")));
            let items = page["results"].as_array().expect("items").clone();
            ids.extend(items.iter().map(|item| item[id].as_str().expect("an id").to_owned()));
            if page["nextPage"] == false {
                break;
            }
        }
        ids
    }
}

fn simulator(opsramp: OpsRamp) -> Simulator {
    Simulator::new(Config { service: Service::OpsRamp(opsramp), ..Config::default() })
}

fn json(response: &Response) -> Value {
    serde_json::from_slice(&response.body).expect("a JSON body")
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
