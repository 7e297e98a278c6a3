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
use super::report::count;
use crate::api::Endpoint;
use crate::checkpoint::Checkpoint;
use crate::cursor::{Cursor, CursorFault, End, Page};
use crate::page::PageEnd;
use crate::profile::Profile;

/// So many pages in a row without an item that is new are passed, and the next one is a fault.
pub(super) const EMPTY_PAGES: u8 = 100;

/// More items than the total by so many, and by as many as the total has, speak of pages that come again and again.
const MARGIN: u64 = 1_000;

/// Makes of the checkpoint before a page that was handed over whole the one behind it.
///
/// # Errors
///
/// The page's cursor must not be followed, or the page is not the one that was asked for.
#[inline(never)]
pub(super) fn follow<P: Profile>(
    behind: &mut Checkpoint,
    endpoint: &Endpoint<'_>,
    end: &PageEnd<'_>,
    handed: &Tally,
) -> Result<(), CursorFault> {
    let Tally { skipped, repeated, updated, mark } = *handed;
    let before = behind.cursor;
    let asked =
        Page { asked: &before, end, before: behind.seen(), total: behind.latest, ends: endpoint.ends() };
    let items = end.items.saturating_sub(skipped).saturating_sub(repeated);
    count(&mut behind.items, items.into());
    count(&mut behind.skipped, skipped.into());
    count(&mut behind.repeated, repeated.into());
    count(&mut behind.pages, 1);
    behind.total = behind.total.or(end.total);
    behind.latest = end.total.or(behind.latest);
    // An empty page may have its list elsewhere, as null.
    if end.pinned != 0 && end.items > 0 {
        behind.pinned = end.pinned;
    }
    let pager = endpoint.pager();
    let counts = P::CAPABILITIES.counts() && endpoint.is_counted();
    if counts
        && let Some((asked, found)) = pager.here(&asked)
        && asked != found
    {
        return Err(CursorFault::OtherPage { asked, found });
    }
    behind.cursor = pager.next::<P>(&asked)?;
    if end.items > 0 {
        check_mark(behind, mark, endpoint.id().is_some())?;
    } else if behind.cursor == before {
        behind.cursor = Cursor::End(End::EmptyPage);
    }
    // Several rows may have one id, as long as no more of them came than the server counts.
    let is_too_many = behind.latest.is_some_and(|total| behind.seen() > total);
    let known = if is_too_many { repeated.saturating_add(updated) } else { repeated };
    if end.items > known {
        behind.empty = 0;
    } else if behind.end().is_none() {
        if behind.empty >= EMPTY_PAGES {
            return Err(CursorFault::EmptyPages { pages: behind.empty });
        }
        behind.empty = behind.empty.saturating_add(1);
    }
    if behind.end().is_none() && counts {
        check_total(behind, end)?;
    }
    behind.guard.check(&before, &behind.cursor)?;
    behind.guard.follow(&behind.cursor);
    Ok(())
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
