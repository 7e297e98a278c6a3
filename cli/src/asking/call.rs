//! A single request as its arguments say it, whatever the API.

use super::{Asked, Make, ParameterArgs, Sent};
use crate::args::ConnectionArgs;
use crate::exit::Fault;
use crate::units::parse_item_size;
use clap::{Args, ValueEnum};
use std::fs;
use std::path::{Path, PathBuf};
use tidegate_core::Endpoint;
use tidegate_core::http::Method;

/// A request: the same for every API.
#[derive(Clone, Debug, Args)]
pub(crate) struct SendArgs {
    /// What the request does.
    #[arg(value_enum, ignore_case = true)]
    method: MethodArg,
    /// Path below the base URL, which begins with a slash; a whole segment may be {NAME}.
    path: String,
    #[command(flatten)]
    parameters: ParameterArgs,
    /// Body of JSON.
    #[arg(long, value_name = "JSON|@FILE", group = "sent")]
    body: Option<String>,
    /// Text to send as one JSON string.
    #[arg(long, value_name = "TEXT|@FILE", group = "sent")]
    json_string: Option<String>,
    /// File to send as the part `file` of a form (multipart/form-data).
    #[arg(long, value_name = "FILE", group = "sent")]
    file: Option<PathBuf>,
    /// Send it again where that helps, although its method does not promise that this does no harm.
    #[arg(long)]
    pub(crate) repeatable: bool,
    /// Never send it again once it may have arrived: for a GET that does something.
    #[arg(long, conflicts_with = "repeatable")]
    pub(crate) once: bool,
    /// Follow a redirect, without the key: for what the API keeps in a store elsewhere.
    #[arg(long, conflicts_with_all = ["sent", "repeatable", "once"])]
    download: bool,
    /// Largest body that is taken.
    #[arg(long, value_name = "BYTES", default_value = "16MiB", value_parser = parse_item_size)]
    pub(crate) max_body: usize,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
enum MethodArg {
    /// Reads.
    Get,
    /// Does whatever the path says.
    Post,
    /// Puts the body in the place of what is there.
    Put,
    /// Changes a part of what is there.
    Patch,
    /// Removes what is there.
    Delete,
}

impl SendArgs {
    /// The request, without what is always in an API's paths.
    pub(crate) fn asked(&self) -> Result<Asked, Fault> {
        if self.download && self.method != MethodArg::Get {
            return Err(Fault::usage("--download goes with GET"));
        }
        let asked = Asked::of(&self.path, self.make()).with_body(self.sent()?);
        asked.filled(&self.parameters)
    }

    fn make(&self) -> Make {
        if self.download {
            return |path| Endpoint::download(path);
        }
        match self.method {
            MethodArg::Get => |path| Endpoint::call(Method::Get, path),
            MethodArg::Post => |path| Endpoint::call(Method::Post, path),
            MethodArg::Put => |path| Endpoint::call(Method::Put, path),
            MethodArg::Patch => |path| Endpoint::call(Method::Patch, path),
            MethodArg::Delete => |path| Endpoint::call(Method::Delete, path),
        }
    }

    fn sent(&self) -> Result<Sent, Fault> {
        match (&self.body, &self.json_string, &self.file) {
            (Some(body), ..) => Ok(Sent::Json(super::json(body)?)),
            (_, Some(text), _) => Ok(Sent::JsonString(super::text(text)?)),
            (_, _, Some(path)) => file(path),
            (None, None, None) => Ok(Sent::Nothing),
        }
    }
}

fn file(path: &Path) -> Result<Sent, Fault> {
    let bytes = fs::read(path)
        .map_err(|error| Fault::usage(format_args!("{} cannot be sent: {error}", path.display())))?;
    Ok(Sent::File { name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(), bytes })
}
