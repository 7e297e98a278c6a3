//! The contacts of a CoreData tenant, a new task, and what is in a file: typed, and page by page.
//!
//! ```text
//! TIDEGATE_BASE_URL=https://acme.coredata.is/api/v2 TIDEGATE_API_KEY=user:key cargo run -p tidegate-std --example coredata
//! ```
#![allow(clippy::print_stdout, reason = "that is what it is for")]

use std::env::var;
use std::error::Error;
use tidegate_core::Endpoint;
use tidegate_core::api::List;
use tidegate_core::api::coredata::{API, CONTENT, Contact, Email, LISTS, Object, Phone};
use tidegate_core::http::{Body, Method, Parameter};
use tidegate_std::{Client, Project};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let project = Project::new(&API, var("TIDEGATE_BASE_URL")?, var("TIDEGATE_API_KEY")?)?;
    let client = Client::builder(project).build()?;

    type Whole = Contact<String, Vec<Email<String>>, Vec<Phone<String>>>;
    let contacts = list("contacts").with("limit", Parameter::Int(100));
    let mut contacts = client.pull(contacts).remembering(400).items::<Whole>();
    while let Some(contact) = contacts.try_next().await? {
        let address = contact.emails.into_iter().flatten().find_map(|email| email.email);
        println!("{} {:?} {address:?}", contact.id, contact.title);
    }

    // What was created is named by its path, below the origin; there is no body.
    let body = serde_json::json!({ "title": "Call back", "due_date": "2030-01-03" }).to_string();
    let created = client.send(Endpoint::call(Method::Post, "/tasks/").with_body(Body::Json(&body))).await?;
    println!("created {}", created.location.as_deref().unwrap_or("something that has no name"));

    // Files lie in a store elsewhere, which is asked without the key.
    let mut files = client.pull(list("files").with("limit", Parameter::Int(1))).items::<Object<String>>();
    if let Some(file) = files.try_next().await? {
        let content = client.send(CONTENT.with("id", Parameter::Text(&file.id))).await?;
        println!("{:?} has {} bytes", file.title, content.body.len());
    }
    Ok(())
}

fn list(name: &str) -> Endpoint<'static> {
    List::named(LISTS, name).expect("a list that has a name")
}
