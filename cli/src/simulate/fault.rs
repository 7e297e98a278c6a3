//! Faults as they are asked for on the command line: which request goes wrong, and how.

use std::str::FromStr;
use tidegate_simulator::{ErrorBody, Fault as ServerFault, Trigger};

/// A fault, and when.
#[derive(Clone, Debug)]
pub(crate) struct Faulty {
    pub(super) trigger: Trigger,
    pub(super) fault: ServerFault,
}

type Read = fn(&str) -> Option<ServerFault>;

/// Every kind of fault: its name, what its argument is, and how it is read.
const KINDS: [(&str, &str, Read); 15] = [
    ("cut", "bytes of the body that come", |arg| Some(ServerFault::Cut { at: arg.parse().ok()? })),
    ("cut-wire", "bytes that come, head included", |arg| {
        Some(ServerFault::CutWire { at: arg.parse().ok()? })
    }),
    ("reset", "bytes of the body that come", |arg| Some(ServerFault::Reset { at: arg.parse().ok()? })),
    ("stall", "bytes of the body that come", |arg| Some(ServerFault::Stall { at: arg.parse().ok()? })),
    ("silent", "", |arg| arg.is_empty().then_some(ServerFault::StallBeforeHead)),
    ("garbage", "bytes of the body that are good", |arg| {
        Some(ServerFault::Garbage { at: arg.parse().ok()? })
    }),
    ("wrong-length", "bytes too many, or with a minus too few", |arg| {
        Some(ServerFault::WrongLength { by: arg.parse().ok()? })
    }),
    ("long-head", "bytes", |arg| Some(ServerFault::LongHead { bytes: arg.parse().ok()? })),
    ("status", "status code", |arg| {
        Some(ServerFault::Status { status: arg.parse().ok()?, body: ErrorBody::Html })
    }),
    ("redirect", "where to", |arg| {
        (!arg.is_empty()).then(|| ServerFault::Redirect { status: 302, location: arg.to_owned() })
    }),
    ("reject", "", |arg| arg.is_empty().then_some(ServerFault::RejectLimit)),
    ("html", "", |arg| arg.is_empty().then_some(ServerFault::NotJson)),
    ("deep", "levels", |arg| Some(ServerFault::DeepJson { depth: arg.parse().ok()? })),
    ("repeat-cursor", "", |arg| arg.is_empty().then_some(ServerFault::RepeatCursor)),
    ("empty-page", "", |arg| arg.is_empty().then_some(ServerFault::EmptyPageClaimsMore)),
];

impl FromStr for Faulty {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (request, what) =
            text.split_once('=').ok_or("write REQUEST=KIND, such as 5=cut:100 or every3=status:503")?;
        let number = request.strip_prefix("every").unwrap_or(request);
        let number: u64 =
            number.parse().map_err(|_| format!("{request} is no request: write 5 or every5"))?;
        let trigger =
            if request.starts_with("every") { Trigger::Every(number) } else { Trigger::Request(number) };
        let (name, arg) = what.split_once(':').unwrap_or((what, ""));
        let kind = KINDS.iter().find(|(known, ..)| *known == name);
        let (_, meaning, read) =
            kind.ok_or_else(|| format!("there is no fault {name}; there are {}", names()))?;
        let fault = read(arg).ok_or_else(|| match *meaning {
            "" => format!("{name} takes no argument"),
            meaning => format!("{name} needs an argument after a colon: {meaning}"),
        })?;
        Ok(Self { trigger, fault })
    }
}

fn names() -> String {
    KINDS.map(|(name, ..)| name).join(", ")
}

/// All kinds of fault, for `--help`.
pub(super) fn fault_help() -> String {
    let mut text =
        "Let a request go wrong; may be given several times. REQUEST is its number, such as 5, or every and \
                    a number, such as every5. KIND is one of:\n"
            .to_owned();
    for (name, meaning, _) in KINDS {
        let arg = if meaning.is_empty() { String::new() } else { format!(":<{meaning}>") };
        text.push_str(&format!("  {name}{arg}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_fault_can_be_asked_for() {
        for (name, meaning, _) in KINDS {
            let text = if meaning.is_empty() { format!("5={name}") } else { format!("every2={name}:7") };
            assert!(text.parse::<Faulty>().is_ok(), "{text}");
        }
    }

    #[test]
    fn a_fault_that_cannot_be_meant_is_refused_with_what_can() {
        let table = [
            ("cut:1", "REQUEST=KIND"),
            ("x=cut:1", "is no request"),
            ("1=explode", "there are cut,"),
            ("1=cut", "bytes of the body"),
            ("1=cut:x", "bytes of the body"),
            ("1=reject:1", "takes no argument"),
        ];
        for (text, part) in table {
            let error = text.parse::<Faulty>().expect_err(text);
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
