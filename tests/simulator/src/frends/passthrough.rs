//! Passthrough configurations of an API: requests to a path that go on to another server as they are.

use serde_json::{Map, Value};

use crate::object::Object;

/// Members that can be set, and changed later.
const CHANGEABLE: [&str; 4] = ["corsEnabled", "targetUrl", "headers", "allowedOrigins"];
/// Members that can only be set.
const FIXED: [&str; 3] = ["path", "method", "isDefault"];

/// A configuration.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Passthrough {
    pub(super) id: u64,
    pub(super) version: u32,
    members: Map<String, Value>,
    /// When it was last written, such as `2025-09-07T10:06:05.654Z`.
    modified: String,
}

impl Passthrough {
    /// A new one out of a body's members, or what is wrong with them.
    pub(super) fn new(
        id: u64,
        version: u32,
        body: Map<String, Value>,
        modified: String,
    ) -> Result<Self, &'static str> {
        check(&body)?;
        let is_default = body.get("isDefault") == Some(&Value::Bool(true));
        let has = |name: &str| body.get(name).and_then(Value::as_str).is_some();
        let has_operation = has("path") && has("method");
        if !is_default && !has_operation {
            return Err("A configuration that is not the default one needs a path and a method.");
        }
        let known = |name: &String| CHANGEABLE.contains(&name.as_str()) || FIXED.contains(&name.as_str());
        let members = body.into_iter().filter(|(name, _)| known(name)).collect();
        Ok(Self { id, version, members, modified })
    }

    /// Changes what may be changed, or says what is wrong with it.
    pub(super) fn update(&mut self, body: Map<String, Value>, modified: String) -> Result<(), &'static str> {
        check(&body)?;
        self.members.extend(body.into_iter().filter(|(name, _)| CHANGEABLE.contains(&name.as_str())));
        self.modified = modified;
        Ok(())
    }

    pub(super) fn view(&self, specification: u64) -> String {
        let member = |name: &str| self.members.get(name).unwrap_or(&Value::Null).to_string();
        let flag = |name: &str| (self.members.get(name) == Some(&Value::Bool(true))).to_string();
        Object::new()
            .number("id", self.id)
            .number("apiVersionId", specification * 1_000 + u64::from(self.version))
            .text("modifier", "simulator")
            .text("modified", &self.modified)
            .raw("path", member("path"))
            .raw("method", member("method"))
            .raw("isDefault", flag("isDefault"))
            .raw("corsEnabled", flag("corsEnabled"))
            .raw("targetUrl", member("targetUrl"))
            .raw("headers", member("headers"))
            .raw("allowedOrigins", member("allowedOrigins"))
            .done()
    }
}

/// Whether the members that are there are of the documented types.
fn check(body: &Map<String, Value>) -> Result<(), &'static str> {
    let all = |name: &str, is: fn(&Value) -> bool| body.get(name).is_none_or(is);
    let texts = |value: &Value| value.as_array().is_some_and(|all| all.iter().all(Value::is_string));
    if !all("corsEnabled", Value::is_boolean) || !all("isDefault", Value::is_boolean) {
        return Err("corsEnabled and isDefault are booleans.");
    }
    if !all("targetUrl", |value| value.is_object() || value.is_null()) {
        return Err("targetUrl is an object.");
    }
    if !body.get("allowedOrigins").is_none_or(|value| value.is_null() || texts(value)) {
        return Err("allowedOrigins are strings.");
    }
    Ok(())
}
