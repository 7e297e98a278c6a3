//! Forms in a request's body: `application/x-www-form-urlencoded` as the URL standard has it. RFC 6749 section 3.2 wants
//! each parameter at most once, and one without a value taken as missing.

use crate::request::Request;
use crate::target::Parameters;

const FORM: &str = "application/x-www-form-urlencoded";

/// The form's fields, decoded; `None` if the body is not declared as a form or is none.
pub(super) fn read(request: &Request<'_>) -> Option<Parameters> {
    let declared = request.field("Content-Type")?.split(';').next()?.trim();
    let text = std::str::from_utf8(request.body).ok().filter(|_| declared.eq_ignore_ascii_case(FORM))?;
    Parameters::read(text)
}

/// The one value of a field, or its name if it is missing or given twice.
pub(super) fn field<'a>(form: &'a Parameters, name: &'static str) -> Result<&'a str, &'static str> {
    let mut values = form.all(name);
    match (values.next(), values.next()) {
        (Some(value), None) if !value.is_empty() => Ok(value),
        _ => Err(name),
    }
}
