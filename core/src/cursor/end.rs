//! Why a list is over, and which reasons a list's description allows.

use core::fmt;

/// Why a list counts as complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The server said that nothing follows.
    SaidSo,
    /// The number of items that the server counts was reached.
    TotalReached,
    /// A page came without items.
    EmptyPage,
    /// A page came with fewer items than a full one has.
    ShortPage,
    /// Everything comes in one answer.
    SingleAnswer,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SaidSo => "the server said that nothing follows",
            Self::TotalReached => "the server's total was reached",
            Self::EmptyPage => "an empty page came",
            Self::ShortPage => "a page came that was not full",
            Self::SingleAnswer => "everything came in one answer",
        })
    }
}

/// Which ends a list may have although the server does not say that nothing follows.
///
/// Some ends hold for every list: the server says that nothing follows (null, false, an empty token); its total is reached and
/// nothing says that more follows; a page is empty and names its own key or token again; a page of a counted list is empty and
/// its total says no more. Any other end must be documented by the vendor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    pub(crate) absence: bool,
    pub(crate) empty_page: bool,
    /// Zero if a short page is no end.
    pub(crate) full_page: u32,
}

impl Ends {
    /// No further ends: what the server should say and does not is a fault.
    pub const SAID: Self = Self { absence: false, empty_page: false, full_page: 0 };

    /// The member that says where the next page begins, or whether there is one, is left out of the last page.
    pub const ABSENCE: Self = Self { absence: true, ..Self::SAID };

    /// The same, and a page without items that says nothing of others is the last one. Until one comes, others are asked
    /// for.
    #[must_use]
    pub const fn or_empty_page(self) -> Self {
        Self { empty_page: true, ..self }
    }

    /// The same, and a page with fewer than `full` items that says nothing of others is the last one. `full` is what the
    /// server puts on a page, unless the page says another number itself.
    #[must_use]
    pub const fn or_short_page(self, full: u32) -> Self {
        Self { full_page: full, ..self }
    }
}
