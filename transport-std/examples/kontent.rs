//! Every variant of a content type at Kontent.ai, and a new item: typed, and within the limits of the environment.
//!
//! ```text
//! TIDEGATE_BASE_URL=https://manage.kontent.ai/v2 TIDEGATE_API_KEY=… TIDEGATE_ENVIRONMENT=… cargo run -p tidegate-std --example kontent
//! ```
#![allow(clippy::print_stdout, reason = "that is what it is for")]

use serde_json::Value;
use std::env::var;
use std::error::Error;
use tidegate_core::Endpoint;
use tidegate_core::api::List;
use tidegate_core::api::kontent::{API, Element, Item, LISTS, Variant};
use tidegate_core::http::{Body, Method, Parameter};
use tidegate_std::{Client, Project};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let project = Project::new(&API, var("TIDEGATE_BASE_URL")?, var("TIDEGATE_API_KEY")?)?;
    let client = Client::builder(project).build()?;
    let environment = var("TIDEGATE_ENVIRONMENT")?;
    let environment = Parameter::Text(&environment);

    let mut items = client.pull(list("items").with("environment", environment)).items::<Item<String>>();
    let mut last = None;
    while let Some(item) = items.try_next().await? {
        println!("{} {}", item.id, item.name.as_deref().unwrap_or("(no name)"));
        last = Some(item);
    }
    let Some(content_type) = last.and_then(|item| item.kind?.id) else { return Ok(()) };

    // The values of elements differ from type to type, so here they may be any JSON.
    type Whole = Variant<String, Vec<Element<String, Value>>>;
    let variants = list("type-variants").with("environment", environment);
    let mut variants = client.pull(variants.with("type", Parameter::Text(&content_type))).items::<Whole>();
    while let Some(variant) = variants.try_next().await? {
        let filled = variant.elements.iter().flatten().filter(|element| element.value.is_some()).count();
        println!("{:?}: {filled} elements are filled in", variant.language.and_then(|language| language.id));
    }

    // A POST is sent once, unless it is known not to have arrived.
    let body = serde_json::json!({ "name": "On tides", "type": { "id": content_type } }).to_string();
    let create =
        Endpoint::call(Method::Post, "/projects/{environment}/items").with("environment", environment);
    let created: Item<String> = client.send(create.with_body(Body::Json(&body))).await?.json()?;
    println!("created {}", created.id);
    Ok(())
}

fn list(name: &str) -> Endpoint<'static> {
    List::named(LISTS, name).expect("a list that has a name")
}
