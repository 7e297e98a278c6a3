//! What a whole page comes to: the checkpoint behind it, or why the pull cannot go on from it. Pure decisions; the engine asks
//! and acts.
//!
//! | page | the next cursor | becomes |
//! |---|---|---|
//! | empty | another | goes on, up to [`EMPTY_PAGES`] in a row |
//! | empty | the one that it was asked by | the end |
//! | with items | the one that it was asked by, or one that was followed before | a fault |
//! | with the items of an earlier page, by number or offset | any | a fault |
//!
//! What the next cursor is, is the pager's to say.

use super::exchange::Tally;
use super::report::Outcome;
use crate::api::Endpoint;
use crate::checkpoint::Checkpoint;
use crate::cursor::{Cursor, CursorFault, End, Page};
use crate::page::PageEnd;
use crate::profile::Profile;

/// So many pages in a row without an item that is new are passed, and the next one is a fault.
pub(super) const EMPTY_PAGES: u8 = 100;

/// More items than the total by so many, and by as many as the total has, speak of pages that come again and again.
const MARGIN: u64 = 1_000;

/// How a list ended, by its last checkpoint. `None` if it is not over.
pub(super) const fn outcome(checkpoint: &Checkpoint) -> Option<Outcome> {
    match (checkpoint.end(), checkpoint.missing()) {
        (Some(end), 0) => Some(Outcome::Complete(end)),
        (Some(_), missing) => Some(Outcome::Incomplete { missing }),
        (None, _) => None,
    }
}

/// The checkpoint behind a page that was handed over whole.
///
/// # Errors
///
/// The page's cursor must not be followed, or the page is not the one that was asked for.
#[inline(never)]
pub(super) fn behind<P: Profile>(
    at: &Checkpoint,
    endpoint: &Endpoint<'_>,
    end: &PageEnd<'_>,
    handed: &Tally,
) -> Result<Checkpoint, CursorFault> {
    let Tally { skipped, repeated, updated, mark } = *handed;
    let mut behind = *at;
    behind.items = at.items.saturating_add(end.items.saturating_sub(skipped).saturating_sub(repeated).into());
    behind.skipped = at.skipped.saturating_add(skipped.into());
    behind.repeated = at.repeated.saturating_add(repeated.into());
    behind.pages = at.pages.saturating_add(1);
    behind.total = at.total.or(end.total);
    behind.latest = end.total.or(at.latest);
    // An empty page may have its list elsewhere, as null.
    if end.pinned != 0 && end.items > 0 {
        behind.pinned = end.pinned;
    }
    let pager = endpoint.pager();
    let asked = Page { asked: &at.cursor, end, before: at.seen(), total: at.latest, ends: endpoint.ends() };
    let counts = P::CAPABILITIES.counts() && endpoint.is_counted();
    if counts
        && let Some((asked, found)) = pager.here(&asked)
        && asked != found
    {
        return Err(CursorFault::OtherPage { asked, found });
    }
    behind.cursor = pager.next::<P>(&asked)?;
    if end.items > 0 {
        check_mark(&mut behind, mark, endpoint.id().is_some())?;
    } else if behind.cursor == at.cursor {
        behind.cursor = Cursor::End(End::EmptyPage);
    }
    // Several rows may have one id, as long as no more of them came than the server counts.
    let is_too_many = behind.latest.is_some_and(|total| behind.seen() > total);
    let known = if is_too_many { repeated.saturating_add(updated) } else { repeated };
    if end.items > known {
        behind.empty = 0;
    } else if behind.end().is_none() {
        if at.empty >= EMPTY_PAGES {
            return Err(CursorFault::EmptyPages { pages: at.empty });
        }
        behind.empty = at.empty.saturating_add(1);
    }
    if behind.end().is_none() && counts {
        check_total(&behind, end)?;
    }
    behind.guard.check(&at.cursor, &behind.cursor)?;
    behind.guard.follow(&behind.cursor);
    Ok(behind)
}

/// Refuses a page whose items came before. Where items have ids, two pages cannot be the same; where they have none, only
/// the same page twice in a row is one too many.
fn check_mark(behind: &mut Checkpoint, mark: u64, has_id: bool) -> Result<(), CursorFault> {
    if mark == 0 {
        return Ok(());
    }
    if behind.guard.is_latest(mark) || has_id && behind.guard.knows(mark) {
        return Err(CursorFault::SamePage);
    }
    behind.guard.remember(mark);
    Ok(())
}

/// Refuses to go on for ever where the server counts its items. What it counts may be those of the page: that is no total.
fn check_total(behind: &Checkpoint, end: &PageEnd<'_>) -> Result<(), CursorFault> {
    let items = behind.seen();
    match end.total {
        Some(total) if total > end.items.into() => {
            let most = total.saturating_add(total).saturating_add(MARGIN);
            if items > most { Err(CursorFault::TooMany { items, total }) } else { Ok(()) }
        }
        _ => Ok(()),
    }
}
