//! Single requests through `tidegate-std`, beside what every driver does alike: answers as values, calls that are given up,
//! a token endpoint that stands elsewhere.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use tidegate_core::Endpoint;
use tidegate_core::api::{frends, kontent, opsramp};
use tidegate_core::http::{Body, Method, Parameter};
use tidegate_core::pull::Failure;
use tidegate_simulator::{
    Config, DEFAULT_KEY, Fault, Server, ServerOptions, Service, Simulator, TlsIdentity, Trigger,
};
use tidegate_std::{Client, Error, Project};

const ENVIRONMENT: Parameter<'static> = Parameter::Text("14372844-0a5d-434a-8423-605b8a631623");

fn simulator(service: Service, faults: Vec<(Trigger, Fault)>) -> Arc<Mutex<Simulator>> {
    Arc::new(Mutex::new(Simulator::new(Config { service, faults, ..Config::default() })))
}

async fn serve(simulator: &Arc<Mutex<Simulator>>, tls: Option<TlsIdentity>) -> Server {
    let options = ServerOptions { tls, ..ServerOptions::default() };
    Server::start(Arc::clone(simulator), options).await.expect("a free port")
}

fn client_of_kontent(server: &Server) -> Client {
    let project = Project::new(&kontent::API, format!("{}/v2", server.base_url()), DEFAULT_KEY);
    Client::builder(project.expect("a usable project")).unused().build().expect("a client")
}

fn create() -> Endpoint<'static> {
    Endpoint::call(Method::Post, "/projects/{environment}/items")
        .with("environment", ENVIRONMENT)
        .with_body(Body::Json(r#"{"name":"Harbour","type":{"codename":"place"}}"#))
}

#[tokio::test]
async fn an_answer_is_a_status_a_location_and_a_value() {
    #[derive(serde::Deserialize)]
    struct Item {
        name: String,
    }
    let server = serve(&simulator(Service::Kontent(Default::default()), Vec::new()), None).await;
    let answer = client_of_kontent(&server).send(create()).await.expect("it is created");
    assert_eq!((answer.status, answer.json::<Item>().expect("an item").name.as_str()), (201, "Harbour"));
    assert!(answer.location.is_some_and(|location| location.contains("/items/")));
}

#[tokio::test]
async fn a_call_that_fails_says_why_and_what_the_server_says() {
    let server = serve(&simulator(Service::Kontent(Default::default()), Vec::new()), None).await;
    let error =
        client_of_kontent(&server).send(create().with_body(Body::Json("{"))).await.expect_err("no JSON");
    let Error::Failed { failure, report } = error else { panic!("{error:?}") };
    assert_eq!(*failure, Failure::Status { status: 400 });
    assert!(
        report.explanation.is_some_and(|said| said.contains("code 5")),
        "the vendor's code for a bad body"
    );
}

#[tokio::test]
async fn a_list_is_not_sent_and_a_call_is_no_stream() {
    let server = serve(&simulator(Service::Kontent(Default::default()), Vec::new()), None).await;
    let client = client_of_kontent(&server);
    let list = kontent::LISTS[0].endpoint.with("environment", ENVIRONMENT);
    assert!(matches!(client.send(list).await, Err(Error::NotACall)));
    assert!(matches!(client.pull(create()).raw_items().try_next().await, Err(Error::NotAList)));
}

#[tokio::test]
async fn a_call_that_is_given_up_holds_up_no_other() {
    let silent = vec![(Trigger::Request(1), Fault::StallBeforeHead)];
    let simulator = simulator(Service::Kontent(Default::default()), silent);
    let server = serve(&simulator, None).await;
    let client = client_of_kontent(&server);
    {
        let mut given_up = pin!(client.send(create()));
        while simulator.lock().expect("no panic").stats().requests == 0 {
            tokio::select! {
                biased;
                answer = &mut given_up => panic!("the server is silent: {answer:?}"),
                () = tokio::task::yield_now() => {}
            }
        }
    }
    assert_eq!(client.send(create()).await.expect("it is its turn").status, 201);
}

#[tokio::test]
async fn an_item_of_a_list_can_be_written_while_the_list_is_read() {
    let server = serve(&simulator(Service::Kontent(Default::default()), Vec::new()), None).await;
    let client = client_of_kontent(&server);
    let mut types = client.pull(kontent::LISTS[1].endpoint.with("environment", ENVIRONMENT)).raw_items();
    assert!(types.try_next().await.expect("a page").is_some());
    assert_eq!(client.send(create()).await.expect("nothing is under way but a body").status, 201);
    assert!(types.try_next().await.expect("the same page").is_some());
}

#[tokio::test]
async fn a_token_endpoint_with_tls_grants_to_a_client_of_a_plain_base() {
    let service = || Service::OpsRamp(Default::default());
    let api = serve(&simulator(service(), Vec::new()), None).await;
    let (roots, identity) = TlsIdentity::generate(&[]).expect("a certificate");
    let login = serve(&simulator(service(), Vec::new()), Some(identity)).await;
    let token_url = format!("{}{}", login.base_url(), opsramp::TOKEN_PATH);
    let project = Project::new(&opsramp::API, format!("{}/api/v2", api.base_url()), "simulator-secret")
        .and_then(|project| project.with_tokens_of(token_url, "simulator-client"))
        .expect("a usable project");
    let client = Client::builder(project).trust(roots.as_bytes()).expect("a readable certificate");
    let client = client.unused().build().expect("a client");
    let array = opsramp::array("/tenants/{tenant}/resources/minimal");
    let mut items = client.pull(array.with("tenant", Parameter::Text("client_99999"))).raw_items();
    assert!(items.try_next().await.expect("a token was granted").is_some());
}

#[tokio::test]
async fn a_file_is_imported_under_its_name() {
    let api = serve(&simulator(Service::Frends(Default::default()), Vec::new()), None).await;
    let token_url = format!("{}/contoso.example/oauth2/token", api.base_url());
    let project = Project::new(&frends::API, format!("{}/api/v1", api.base_url()), "simulator-secret")
        .and_then(|project| project.with_tokens_of(token_url, "8a6e5d1c-0000-4000-8000-000000000001"))
        .expect("a usable project")
        .asking_for(frends::RESOURCE, "api://frends-simulator");
    let client = Client::builder(project).unused().build().expect("a client");
    let text = br#"{"openapi":"3.0.1","info":{"title":"Harbour"},"servers":[{"url":"https://g.example/h"}],"paths":{}}"#;
    let answer = client.send(frends::import("harbour.json", text)).await.expect("it is imported");
    let value: serde_json::Value = answer.json().expect("an object");
    assert_eq!((answer.status, &value["data"]["name"]), (201, &"Harbour".into()));
}
