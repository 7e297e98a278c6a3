//! The API specifications of a Frends tenant, and a new one: typed, with tokens from Entra ID.
//!
//! ```text
//! TIDEGATE_BASE_URL=https://acme.frendsapp.com/api/v1 TIDEGATE_TOKEN_URL=https://login.microsoftonline.com/…/oauth2/token \
//!     TIDEGATE_CLIENT_ID=… TIDEGATE_API_KEY=… TIDEGATE_RESOURCE=api://… cargo run -p tidegate-std --example frends -- openapi.json
//! ```
#![allow(clippy::print_stdout, reason = "that is what it is for")]

use std::env::{args, var};
use std::error::Error;
use tidegate_core::Endpoint;
use tidegate_core::api::List;
use tidegate_core::api::frends::{API, ApiSpecification, Data, Instance, LISTS, RESOURCE, create};
use tidegate_core::http::Parameter;
use tidegate_std::{Client, Project};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let project = Project::new(&API, var("TIDEGATE_BASE_URL")?, var("TIDEGATE_API_KEY")?)?
        .with_tokens_of(var("TIDEGATE_TOKEN_URL")?, var("TIDEGATE_CLIENT_ID")?)?
        .asking_for(RESOURCE, var("TIDEGATE_RESOURCE")?);
    let client = Client::builder(project).build()?;

    let specifications = list("api-specifications").with("PageSize", Parameter::Int(200));
    let mut specifications = client.pull(specifications).items::<ApiSpecification<String>>();
    while let Some(specification) = specifications.try_next().await? {
        println!("{} {:?}", specification.id, specification.name);
    }

    // Instances are paged by a token; whatever else is asked for must stay the same, and does.
    if let Ok(group) = var("TIDEGATE_AGENT_GROUP") {
        let failed = list("instances")
            .with("agentGroupId", Parameter::Text(&group))
            .with("stateFilter", Parameter::Text("ShowFailed"));
        let mut failed = client.pull(failed).items::<Instance<String>>();
        while let Some(instance) = failed.try_next().await? {
            println!("{:?}: {:?}", instance.start_time_utc, instance.exception);
        }
    }

    // The whole specification is sent as one JSON string, and only once: to repeat it could create a second one.
    if let Some(path) = args().nth(1) {
        let specification = std::fs::read_to_string(path)?;
        let created: Data<ApiSpecification<String>> = client.send(create(&specification)).await?.json()?;
        println!("created {}", created.data.id);
    }
    Ok(())
}

fn list(name: &str) -> Endpoint<'static> {
    List::named(LISTS, name).expect("a list that has a name")
}
