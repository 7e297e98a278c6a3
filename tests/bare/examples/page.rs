//! The page scanner: items and cursor out of a page, fed in chunks.
#![no_std]

use tidegate_core::page::{Item, Items, PageEnd, PageScanner, PageShape};

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

/// A scanner of a page whose items and cursor are found by path.
#[unsafe(no_mangle)]
pub fn begin() -> PageScanner<'static> {
    PageScanner::new(PageShape { cursor: Some("nextPageKey"), ..PageShape::new(Items::Key("objects")) })
}

/// Takes a chunk of a page.
#[unsafe(no_mangle)]
pub fn push<'a>(
    scanner: &mut PageScanner<'_>,
    chunk: &'a [u8],
    item: &'a mut [u8],
    cursor: &mut [u8],
) -> Option<(usize, Option<Item<'a>>)> {
    scanner.push(chunk, item, cursor).ok()
}

/// What the page came to.
#[unsafe(no_mangle)]
pub fn finish<'a>(scanner: &PageScanner<'_>, cursor: &'a [u8]) -> Option<PageEnd<'a>> {
    scanner.finish(cursor).ok()
}
