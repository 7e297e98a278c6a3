//! The judgements as a page of Markdown. The same for the same code and lock file, so a change shows as a difference.

use crate::case::{Case, Choice, End};
use crate::judge::Judgement;
use crate::peers::{ALL, Peer};
use std::fmt::Write as _;

const LOCK: &str = include_str!("../Cargo.lock");

/// A case and what is to be said of each client.
pub(crate) struct Row<'c> {
    pub(crate) case: &'c Case,
    pub(crate) judgements: [Judgement; ALL.len()],
}

pub(crate) fn write(rows: &[Row<'_>]) -> String {
    let mut text = String::from(INTRODUCTION);
    summary(&mut text, rows);
    for section in rows.chunk_by(|one, other| one.case.section == other.case.section) {
        let Some(first) = section.first() else { continue };
        let _ = write!(text, "\n## {}\n\n| case | to be |", first.case.section);
        for peer in ALL {
            let _ = write!(text, " {} |", peer.name);
        }
        let _ = write!(text, "\n|---|---|{}\n", "---|".repeat(ALL.len()));
        for Row { case, judgements } in section {
            let _ = write!(text, "| {} | {} |", case.name, to_be(case));
            for judgement in judgements {
                let _ = write!(text, " {} |", cell(judgement));
            }
            text.push('\n');
        }
    }
    text
}

const INTRODUCTION: &str = "\
# HTTP/1.1 framing, side by side

Written by `cargo run --release --manifest-path tests/conformance/Cargo.toml`; not by hand.

Every case of [cases.txt](../core/tests/data/h1/cases.txt) is a response, byte for byte, behind which the connection closes.
Each client gets it three times: all bytes at once, the head and then the rest, and one byte after another. A case is to be
*kept* (a whole response, and the connection is good for another), *closed* (a whole response, and it is not) or *refused*.

* ✓ does what the case says. A client that closes where it could keep, or leaves that to its user, is right too.
* (in brackets) does something else, which RFC 9110 and RFC 9112 allow: the case is Tidegate's choice, marked with °.
* – was not asked: the case is about the size of a buffer or a limit of Tidegate's.
* Anything else is what the client does instead. A panic is the client's own, caught here. All are built for release, where
  arithmetic that overflows wraps around.

";

fn summary(text: &mut String, rows: &[Row<'_>]) {
    text.push_str("| client | right | otherwise, allowed | wrong | panics | not asked |\n|---|---:|---:|---:|---:|---:|\n");
    for (at, peer) in ALL.iter().enumerate() {
        let count = |is: fn(&Judgement) -> bool| rows.iter().filter(|row| is(&row.judgements[at])).count();
        let _ = writeln!(
            text,
            "| {} {} | {} | {} | {} | {} | {} |",
            peer.name,
            version(peer),
            count(|judgement| matches!(judgement, Judgement::Right)),
            count(|judgement| matches!(judgement, Judgement::Otherwise(_))),
            count(|judgement| matches!(judgement, Judgement::Wrong(_))),
            count(|judgement| matches!(judgement, Judgement::Panic(_))),
            count(|judgement| matches!(judgement, Judgement::NotAsked)),
        );
    }
}

/// As the lock file has it.
fn version(peer: &Peer) -> &'static str {
    let mut lines = LOCK.lines().skip_while(|line| *line != format!("name = \"{}\"", peer.package));
    let version = lines.nth(1).and_then(|line| line.strip_prefix("version = \""));
    version.and_then(|version| version.strip_suffix('"')).unwrap_or("?")
}

fn to_be(case: &Case) -> String {
    let end = match case.end {
        End::Reuse => "kept",
        End::Close => "closed",
        End::Error(_) => "refused",
    };
    match case.choice {
        Choice::Ours => format!("{end}°"),
        Choice::None | Choice::Limit => end.to_owned(),
    }
}

fn cell(judgement: &Judgement) -> String {
    match judgement {
        Judgement::Right => "✓".to_owned(),
        Judgement::Otherwise(what) => format!("({what})"),
        Judgement::Wrong(what) | Judgement::Panic(what) => what.clone(),
        Judgement::NotAsked => "–".to_owned(),
    }
}
