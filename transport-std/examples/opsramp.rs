//! The resources of a tenant of OpsRamp, and a change to the last of them: typed, and within the limits of their category.
//!
//! ```text
//! TIDEGATE_BASE_URL=https://acme.api.opsramp.com/api/v2 TIDEGATE_TOKEN_URL=https://acme.api.opsramp.com/tenancy/auth/oauth/token \
//!     TIDEGATE_CLIENT_ID=… TIDEGATE_API_KEY=… TIDEGATE_TENANT=client_99999 cargo run -p tidegate-std --example opsramp
//! ```
#![allow(clippy::print_stdout, reason = "that is what it is for")]

use std::env::var;
use std::error::Error;
use tidegate_core::Endpoint;
use tidegate_core::api::opsramp::{API, Category, Resource, Tag, search, windows};
use tidegate_core::http::{Body, Method, Parameter};
use tidegate_std::{Client, Project};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // What is counted together is one project, so each category has a client of its own.
    let project = Project::new(&API, var("TIDEGATE_BASE_URL")?, var("TIDEGATE_API_KEY")?)?
        .with_tokens_of(var("TIDEGATE_TOKEN_URL")?, var("TIDEGATE_CLIENT_ID")?)?
        .with_windows(windows(Category::Devices));
    let client = Client::builder(project).build()?;
    let tenant = var("TIDEGATE_TENANT")?;
    let tenant = Parameter::Text(&tenant);

    let resources = search("/tenants/{tenant}/resources/search")
        .with("tenant", tenant)
        .with("queryString", Parameter::Text("state:active"));
    // A resource that is added meanwhile moves others to the next page: those that were seen are left out.
    let mut resources =
        client.pull(resources).remembering(1_000).items::<Resource<String, Vec<Tag<String>>>>();
    let mut last = None;
    while let Some(resource) = resources.try_next().await? {
        let tags = resource.tags.as_ref().map_or(0, Vec::len);
        println!("{} {:?}: {tags} tags", resource.id, resource.host_name);
        last = Some(resource.id);
    }

    // At OpsRamp a POST changes what is there, and a PUT creates.
    let Some(id) = last else { return Ok(()) };
    let body = serde_json::json!({ "aliasName": "last of all" }).to_string();
    let update = Endpoint::call(Method::Post, "/tenants/{tenant}/resources/{resource}")
        .with("tenant", tenant)
        .with("resource", Parameter::Text(&id))
        .with_body(Body::Json(&body));
    println!("changed {id}: {}", client.send(update).await?.status);
    Ok(())
}
