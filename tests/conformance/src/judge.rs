//! Whether a verdict is what the case says.

use crate::case::{Case, Choice, End};
use crate::peers::Peer;
use crate::verdict::Verdict;

/// What is to be said of a client and a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// It does what the case says.
    Right,
    /// It does something else, which the RFCs allow as well.
    Otherwise(String),
    /// It does something else.
    Wrong(String),
    /// It panics.
    Panic(String),
    /// The case is about a limit that only Tidegate has.
    NotAsked,
}

/// All that it does otherwise, however the bytes come.
pub(crate) fn judge(case: &Case, peer: Peer) -> Judgement {
    if case.choice == Choice::Limit && !peer.is_tidegate() {
        return Judgement::NotAsked;
    }
    let sent = case.sent.as_slice();
    let head = sent.windows(4).position(|four| four == b"\r\n\r\n").map_or(sent.len(), |at| at + 4);
    let (head, rest) = sent.split_at(head);
    let at_once = [sent];
    let head_first = [head, rest];
    let by_bytes: Vec<&[u8]> = sent.chunks(1).collect();
    let ways: [(&str, &[&[u8]]); 3] = [
        ("the bytes come at once", &at_once),
        ("the head comes first", &head_first),
        ("the bytes come one by one", &by_bytes),
    ];
    let faults = ways.map(|(way, pieces)| {
        let pieces: Vec<&[u8]> = pieces.iter().copied().filter(|piece| !piece.is_empty()).collect();
        (fault(case, &peer.verdict(case, &pieces)), way)
    });
    let what = match &faults {
        [(None, _), (None, _), (None, _)] => return Judgement::Right,
        [(Some(fault), _), others @ ..] if others.iter().all(|(other, _)| other.as_ref() == Some(fault)) => {
            fault.clone()
        }
        _ => described(&faults),
    };
    if what.contains(PANIC) {
        Judgement::Panic(what)
    } else if case.choice == Choice::Ours && !peer.is_tidegate() {
        Judgement::Otherwise(what)
    } else {
        Judgement::Wrong(what)
    }
}

/// What a client does, and when.
fn described(faults: &[(Option<String>, &str)]) -> String {
    let mut done: Vec<(&str, Vec<&str>)> = Vec::new();
    for (fault, way) in faults {
        let Some(fault) = fault else { continue };
        match done.iter_mut().find(|(known, _)| known == fault) {
            Some((_, ways)) => ways.push(way),
            None => done.push((fault, vec![way])),
        }
    }
    let sentence = |(fault, ways): (&str, Vec<&str>)| format!("{fault}, if {}", ways.join(" or "));
    done.into_iter().map(sentence).collect::<Vec<_>>().join("; ")
}

const PANIC: &str = "**panics**";

/// What a client does that the case does not say.
fn fault(case: &Case, verdict: &Verdict) -> Option<String> {
    let is_error = matches!(case.end, End::Error(_));
    match verdict {
        Verdict::Panicked(message) => {
            let summary = message.split(": ").next().unwrap_or_default();
            Some(format!("{PANIC}: {}", summary.replace('|', "/")))
        }
        Verdict::Endless => Some("never ends".to_owned()),
        Verdict::Refused => (!is_error).then(|| "refuses it".to_owned()),
        Verdict::Whole { status, body, .. } if is_error => Some(format!("takes {}", shown(*status, body))),
        Verdict::Whole { status, body, .. } if Some(*status) != case.status || *body != case.body => {
            Some(format!("takes {}", shown(*status, body)))
        }
        Verdict::Whole { keeps, .. } => {
            (case.end == End::Close && *keeps == Some(true)).then(|| "keeps the connection".to_owned())
        }
    }
}

fn shown(status: u16, body: &[u8]) -> String {
    /// Enough to see what it is.
    const SHOWN: usize = 24;
    let text = body[..body.len().min(SHOWN)].escape_ascii().to_string().replace('|', "/");
    let more = if body.len() > SHOWN { "…" } else { "" };
    match body {
        [] => format!("{status} without a body"),
        _ => format!("{status} `{text}`{more}"),
    }
}
