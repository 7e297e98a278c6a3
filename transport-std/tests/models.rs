//! The models of the APIs read every item of the simulated ones, among them items with members and values that nobody knows,
//! with escapes, nulls and numbers beyond 2^53: with texts of their own, of a fixed size, and, where there is no escape, lent.

use std::sync::{Arc, Mutex};
use tidegate_core::Endpoint;
use tidegate_core::api::model::{Skipped, Varied};
use tidegate_core::api::{List, coredata, frends, kontent, opsramp};
use tidegate_core::http::Parameter;
use tidegate_core::quota::Windows;
use tidegate_core::text::Text;
use tidegate_simulator::{DEFAULT_KEY, Server, ServerOptions, Service, Simulator};
use tidegate_std::{Client, Project};

type Fixed = Text<64>;

/// Reads all items of a list into a model, in each world, and gives what owns its texts.
macro_rules! read {
    ($client:expr, $endpoint:expr, $model:ident) => {{
        let (mut items, mut owned, mut lent) = ($client.pull($endpoint).raw_items(), Vec::new(), 0);
        while let Some(item) = items.try_next().await.unwrap() {
            let shown = || String::from_utf8_lossy(&item).into_owned();
            let whole = serde_json::from_slice::<$model<String>>(&item);
            owned.push(whole.unwrap_or_else(|error| panic!("{error}: {}", shown())));
            let fixed = serde_json::from_slice::<$model<Fixed>>(&item);
            assert!(fixed.is_ok(), "{fixed:?}: {}", shown());
            if !item.contains(&b'\\') {
                let borrowed = serde_json::from_slice::<$model<&str>>(&item);
                assert!(borrowed.is_ok(), "{borrowed:?}: {}", shown());
                lent += 1;
            }
        }
        assert!(lent > 0, "{} has no item that can be lent", stringify!($model));
        owned
    }};
}

async fn serve(service: Service) -> Server {
    let config = tidegate_simulator::Config { service, ..Default::default() };
    Server::start(Arc::new(Mutex::new(Simulator::new(config))), ServerOptions::default()).await.unwrap()
}

fn client(project: Project) -> Client {
    // What a limit does to a pull is the end-to-end suite's business.
    Client::builder(project.with_windows(Windows::NONE)).unused().build().unwrap()
}

fn list(lists: &'static [List], name: &str) -> Endpoint<'static> {
    lists.iter().find(|list| list.name == name).unwrap().endpoint
}

#[tokio::test]
async fn every_item_of_kontent_is_read() {
    use kontent::{
        API, Asset, ContentType, CustomApp, Issue, Item, Language, Named, Project as Project_, Rendition,
        Taxonomy, User, Variant, Webhook, Workflow,
    };
    let config = tidegate_simulator::kontent::Config { items: 150, limits: Vec::new(), ..Default::default() };
    let (environment, subscription) = (config.environment.clone(), config.subscription.clone());
    let server = serve(Service::Kontent(config)).await;
    let client = client(Project::new(&API, format!("{}/v2", server.base_url()), DEFAULT_KEY).unwrap());
    let (environment, subscription) = (Parameter::Text(&environment), Parameter::Text(&subscription));
    let list = |name| list(kontent::LISTS, name);
    let content = |name| list(name).with("environment", environment);
    let own = Parameter::Text("simulated");

    assert_eq!(read!(client, content("items"), Item).len(), 150);
    assert_eq!(read!(client, content("types"), ContentType).len(), 150);
    assert_eq!(read!(client, content("snippets"), ContentType).len(), 150);
    assert_eq!(read!(client, content("taxonomies"), Taxonomy).len(), 150);
    assert_eq!(read!(client, content("languages"), Language).len(), 150);
    assert_eq!(read!(client, content("assets"), Asset).len(), 150);
    assert_eq!(read!(client, content("renditions").with("asset", own), Rendition).len(), 150);
    assert_eq!(read!(client, content("type-variants").with("type", own), Variant).len(), 150);
    assert_eq!(read!(client, content("custom-apps"), CustomApp).len(), 150);
    assert_eq!(read!(client, content("issues").with("task", own), Issue).len(), 150);
    assert_eq!(read!(client, list("projects").with("subscription", subscription), Project_).len(), 150);
    assert_eq!(read!(client, list("users").with("subscription", subscription), User).len(), 150);
    for name in ["spaces", "collections", "folders", "roles"] {
        assert_eq!(read!(client, content(name), Named).len(), 12, "{name}");
    }
    assert_eq!(read!(client, content("webhooks"), Webhook).len(), 12);
    assert_eq!(read!(client, content("workflows"), Workflow).len(), 12);
}

#[tokio::test]
async fn every_item_of_opsramp_is_read_whatever_its_times_are() {
    use opsramp::{API, Alert, Incident, Resource};
    use tidegate_simulator::opsramp::{Config, DEFAULT_KEY, DEFAULT_SECRET, DEFAULT_TENANT};
    let server = serve(Service::OpsRamp(Config { items: 900, ..Config::default() })).await;
    let base = server.base_url();
    let project = Project::new(&API, format!("{base}/api/v2"), DEFAULT_SECRET).unwrap();
    let client =
        client(project.with_tokens_of(format!("{base}{}", opsramp::TOKEN_PATH), DEFAULT_KEY).unwrap());
    let list = |name| list(opsramp::LISTS, name).with("tenant", Parameter::Text(DEFAULT_TENANT));

    let resources = read!(client, list("resources"), Resource);
    assert_eq!(resources.len(), 900);
    let times = || resources.iter().filter_map(|resource: &Resource<String>| resource.created_date.as_ref());
    assert!(times().any(|time| matches!(time, Varied::Number(_))), "no time is a number");
    assert!(times().any(|time| matches!(time, Varied::Text(text) if text.ends_with("+0000"))));
    let alerts = read!(client, list("alerts"), Alert);
    assert_eq!(alerts.len(), 900);
    assert!(alerts.iter().all(|alert| alert.repeat_count.as_ref().and_then(Varied::number).is_some()));
    assert_eq!(read!(client, list("incidents"), Incident).len(), 900);
    assert_eq!(read!(client, list("resources-minimal"), Resource).len(), 900);
}

#[tokio::test]
async fn every_object_of_coredata_is_read() {
    use coredata::{API, Contact, LISTS, Object};
    use tidegate_simulator::coredata::{Config, DEFAULT_CREDENTIALS};
    let server = serve(Service::CoreData(Config { items: 150, ..Config::default() })).await;
    let project = Project::new(&API, format!("{}/api/v2", server.base_url()), DEFAULT_CREDENTIALS).unwrap();
    let client = client(project);
    assert_eq!(read!(client, list(LISTS, "contacts"), Contact).len(), 150);
    for name in ["files", "projects", "spaces", "tasks"] {
        let objects = read!(client, list(LISTS, name), Object);
        assert_eq!(objects.len(), 150, "{name}");
        let are_dated = objects.iter().any(|object| object.due_date.is_some());
        assert_eq!(are_dated, name == "tasks", "{name}");
    }
}

#[tokio::test]
async fn every_item_of_frends_is_read_and_no_id_loses_its_end() {
    use frends::{
        API, ApiSpecification, EnvironmentVariable, Instance, LISTS, Process, ProcessDeployment, RESOURCE,
    };
    use tidegate_simulator::frends::{
        Config, DEFAULT_CLIENT, DEFAULT_ENTRA_TENANT, DEFAULT_RESOURCE, DEFAULT_SECRET,
    };
    let server = serve(Service::Frends(Config::default())).await;
    let base = server.base_url();
    let project = Project::new(&API, format!("{base}/api/v1"), DEFAULT_SECRET).unwrap();
    let tokens = format!("{base}/{DEFAULT_ENTRA_TENANT}/oauth2/token");
    let project =
        project.with_tokens_of(tokens, DEFAULT_CLIENT).unwrap().asking_for(RESOURCE, DEFAULT_RESOURCE);
    let client = client(project);
    assert_eq!(read!(client, list(LISTS, "api-specifications"), ApiSpecification).len(), 70);
    assert_eq!(read!(client, list(LISTS, "processes"), Process).len(), 130);
    assert_eq!(read!(client, list(LISTS, "process-templates"), Process).len(), 130);
    assert_eq!(read!(client, list(LISTS, "process-deployments"), ProcessDeployment).len(), 130);
    let variables = read!(client, list(LISTS, "environment-variables"), EnvironmentVariable);
    assert_eq!(variables.len(), 130);
    assert!(variables.iter().all(|variable: &EnvironmentVariable<String>| variable.values == Some(Skipped)));
    let instances = list(LISTS, "instances").with("agentGroupId", Parameter::Int(1));
    let instances = read!(client, instances, Instance);
    assert_eq!(instances.len(), 130);
    assert!(instances.iter().any(|instance| instance.id > 1 << 53 && instance.id % 2 == 1));
}
