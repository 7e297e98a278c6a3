//! Which API, list and settings the client of a scenario has: a scenario file as one that the drivers of the end-to-end suite
//! run.

use crate::scenario::{Asked, Scenario, Setting, Vendor};
use crate::server::Server;
use std::sync::Arc;
use tidegate_core::Endpoint;
use tidegate_core::api::{Api, List, comanage, coredata, frends, kontent, opsramp};
use tidegate_core::http::{Method, Parameter};
use tidegate_core::page::Items;
use tidegate_core::pull::Oversized;
use tidegate_core::quota::Windows;
use tidegate_e2e::{Scenario as Runnable, Tokens};
use tidegate_simulator::Service;

/// How many requests a server answers at the most.
const MOST_ANSWERS: u64 = 300;

/// The scenario that the drivers run. What a file says lives as long as the test, so its texts are leaked.
pub(crate) fn build(scenario: &Scenario) -> Runnable {
    let mut server = Server {
        base_path: base_path(scenario.api).to_owned(),
        token_path: tokens(scenario.api).map(|tokens| tokens.url.to_owned()),
        answers: scenario.answers.clone(),
        most_answers: MOST_ANSWERS,
        head_timeout: tidegate_e2e::SETTINGS.head_timeout,
    };
    let mut runnable = Runnable::of(api(scenario.api), Service::default(), endpoint(scenario));
    runnable.tokens = tokens(scenario.api);
    runnable.key = key(scenario.api).to_owned();
    for setting in &scenario.settings {
        match setting {
            Setting::Key(key) => runnable.key.clone_from(key),
            Setting::Remember(ids) => runnable.ids = *ids,
            Setting::HeadTimeout(time) => {
                runnable.settings.head_timeout = *time;
                server.head_timeout = *time;
            }
            Setting::IdleTimeout(time) => runnable.settings.idle_timeout = *time,
            Setting::LimitPatience(time) => runnable.settings.limit_patience = *time,
            Setting::MostPages(pages) => runnable.settings.pages = *pages,
            Setting::MostAnswers(answers) => server.most_answers = *answers,
            Setting::ItemBuffer(bytes) => runnable.item_buffer = *bytes,
            Setting::SkipLargeItems => runnable.settings.oversized = Oversized::Skip,
            Setting::Limit(window) => runnable.windows = Windows::one(*window),
            Setting::RestartAfterPages(pages) => runnable.restart_every = Some(*pages),
            Setting::RestartsOnFailure(times) => runnable.restarts_on_failure = *times,
            Setting::Chunk(bytes) => runnable.chunk = *bytes,
            Setting::ItemsIn(_) | Setting::Parameter(..) | Setting::KnownBy(_) => {}
        }
    }
    runnable.config.service = Service::Scripted(Arc::new(server));
    runnable
}

fn leaked(text: &str) -> &'static str {
    text.to_owned().leak()
}

fn api(vendor: Vendor) -> &'static Api {
    match vendor {
        Vendor::Comanage => &comanage::API,
        Vendor::Kontent => &kontent::API,
        Vendor::OpsRamp => &opsramp::API,
        Vendor::CoreData => &coredata::API,
        Vendor::Frends => &frends::API,
    }
}

fn base_path(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Comanage => "",
        Vendor::Kontent => "/v2",
        Vendor::OpsRamp | Vendor::CoreData => "/api/v2",
        Vendor::Frends => "/api/v1",
    }
}

fn key(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::CoreData => "harbour:k3y-0f-the-harbour",
        Vendor::Comanage | Vendor::Kontent => "k3y-0f-the-harbour",
        Vendor::OpsRamp | Vendor::Frends => "s3cret-0f-the-harbour",
    }
}

/// Where tokens are granted, at an API that has them.
pub(crate) fn tokens(vendor: Vendor) -> Option<Tokens> {
    match vendor {
        Vendor::OpsRamp => Some(Tokens { url: opsramp::TOKEN_PATH, client_id: "harbour", extra: None }),
        Vendor::Frends => Some(Tokens {
            url: "/harbour.example/oauth2/token",
            client_id: "harbour",
            extra: Some((frends::RESOURCE, "api://harbour")),
        }),
        Vendor::Comanage | Vendor::Kontent | Vendor::CoreData => None,
    }
}

fn endpoint(scenario: &Scenario) -> Endpoint<'static> {
    let endpoint = match &scenario.asked {
        Asked::List(name) => list(scenario.api, leaked(name)),
        Asked::Call { method, path } => Endpoint::call(verb(method), leaked(path)),
    };
    scenario.settings.iter().fold(endpoint, |endpoint, setting| match setting {
        Setting::ItemsIn(place) if place == "the root" => endpoint.items_in(Items::Root),
        Setting::ItemsIn(place) => endpoint.items_in(Items::Key(leaked(place))),
        Setting::KnownBy(member) => endpoint.known_by(leaked(member)),
        Setting::Parameter(name, value) => endpoint.with(leaked(name), Parameter::Text(leaked(value))),
        _ => endpoint,
    })
}

fn verb(method: &str) -> Method {
    match method {
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        _ => Method::Get,
    }
}

/// The list of that name, or at that path.
fn list(vendor: Vendor, name: &'static str) -> Endpoint<'static> {
    let named = |lists: &[List]| {
        List::named(lists, name).unwrap_or_else(|| panic!("{} has no list called {name}", vendor.word()))
    };
    match (vendor, name.starts_with('/')) {
        (Vendor::Comanage, true) => comanage::list(name),
        (Vendor::Comanage, false) => panic!("a list of comanage is a path"),
        (Vendor::Kontent, true) => kontent::list(name),
        (Vendor::Kontent, false) => named(kontent::LISTS).with("environment", Parameter::Text("e1")),
        (Vendor::OpsRamp, true) => opsramp::search(name),
        (Vendor::OpsRamp, false) => named(opsramp::LISTS).with("tenant", Parameter::Text("t1")),
        (Vendor::CoreData, true) => coredata::list(name),
        (Vendor::CoreData, false) => named(coredata::LISTS),
        (Vendor::Frends, true) => frends::list(name),
        (Vendor::Frends, false) if name == "instances" => {
            named(frends::LISTS).with("agentGroupId", Parameter::Int(2))
        }
        (Vendor::Frends, false) => named(frends::LISTS),
    }
}
