//! The seven paginated lists. The vendor describes seven cursor-paginated operations, the fifth with a required
//! `viewId`, but publishes neither their paths nor their schemas; the names and paths here are the simulator's own.

use std::fmt;
use std::str::FromStr;

/// One paginated list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is what its name says")]
pub enum List {
    Folders,
    Documents,
    Members,
    Activities,
    /// The objects of a view; the only list that must be told a `viewId`.
    Objects,
    Views,
    Changes,
}

impl List {
    /// All of them, in the vendor's order: the fifth takes a view.
    pub const ALL: [Self; 7] = [
        Self::Folders,
        Self::Documents,
        Self::Members,
        Self::Activities,
        Self::Objects,
        Self::Views,
        Self::Changes,
    ];

    /// The last segment of its path, and the default name of the items member.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Folders => "folders",
            Self::Documents => "documents",
            Self::Members => "members",
            Self::Activities => "activities",
            Self::Objects => "objects",
            Self::Views => "views",
            Self::Changes => "changes",
        }
    }

    /// Its place in [`List::ALL`].
    pub(crate) const fn number(self) -> u64 {
        self as u64
    }
}

impl fmt::Display for List {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for List {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|list| list.name() == name)
            .ok_or_else(|| format!("there is no list `{name}`; there are {:?}", Self::ALL.map(Self::name)))
    }
}
