//! What a build of the engine is able to do. A device pulls a few lists of one API, and what none of them needs is left out of its
//! image: the engine is generic over a [`Profile`], whose constants say so before anything is linked. Pulls that share a gate
//! have the same profile as far as the limit goes: what one leaves out it does not tell the others.
//!
//! ```
//! use tidegate_core::api::comanage;
//! use tidegate_core::profile::{Capabilities, Profile};
//!
//! struct Objects;
//!
//! impl Profile for Objects {
//!     const CAPABILITIES: Capabilities =
//!         Capabilities::of(&comanage::API).and(&comanage::view_objects("/objects", 42));
//! }
//! ```
//!
//! A pull of something else is refused with [`PullError::NotInProfile`](crate::pull::PullError::NotInProfile). Where the
//! description is a constant, the compiler refuses it:
//!
//! ```compile_fail
//! # use tidegate_core::api::comanage;
//! # use tidegate_core::profile::{Capabilities, Profile};
//! # struct Objects;
//! # impl Profile for Objects {
//! #     const CAPABILITIES: Capabilities =
//! #         Capabilities::of(&comanage::API).and(&comanage::view_objects("/objects", 42));
//! # }
//! use tidegate_core::api::coredata;
//!
//! const CONTACTS: Capabilities =
//!     Capabilities::of(&coredata::API).and(&coredata::list("/contacts/"));
//! const _: () = assert!(Objects::CAPABILITIES.has(CONTACTS));
//! ```

/// What a build of the engine is able to do, as constants.
pub trait Profile {
    /// What it is able to do.
    const CAPABILITIES: Capabilities;
}

/// All that the engine can do.
#[derive(Clone, Copy, Debug)]
pub enum Everything {}

impl Profile for Everything {
    const CAPABILITIES: Capabilities = Capabilities::ALL;
}

/// What an engine is able to do beside pulling a list whose pages name a key. Made from the descriptions of what is to be pulled
/// with [`Capabilities::of`] and [`Capabilities::and`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Asks for access tokens.
    pub(crate) tokens: bool,
    /// Reads lists that are paged by a token.
    pub(crate) by_token: bool,
    /// Reads lists that are paged by the number of the page.
    pub(crate) by_page: bool,
    /// Reads lists that are paged by the number of items to pass over.
    pub(crate) by_offset: bool,
    /// Takes a body as it is.
    pub(crate) calls: bool,
    /// Fetches from where an answer redirects to.
    pub(crate) redirects: bool,
    /// Sends bodies.
    pub(crate) bodies: bool,
    /// Writes moments into parameters.
    pub(crate) moments: bool,
    /// Knows items by their ids.
    pub(crate) ids: bool,
    /// Obeys what answers say of the limit.
    pub(crate) limit_fields: bool,
    /// Spreads requests evenly, as fast as the limit allows.
    pub(crate) even: bool,
    /// Learns of the limit from rejections.
    pub(crate) learning: bool,
}

impl Capabilities {
    /// All that the engine can do.
    pub const ALL: Self = Self {
        tokens: true,
        by_token: true,
        by_page: true,
        by_offset: true,
        calls: true,
        redirects: true,
        bodies: true,
        moments: true,
        ids: true,
        limit_fields: true,
        even: true,
        learning: true,
    };

    /// No more than every engine does.
    pub(crate) const LEAST: Self = Self {
        tokens: false,
        by_token: false,
        by_page: false,
        by_offset: false,
        calls: false,
        redirects: false,
        bodies: false,
        moments: false,
        ids: false,
        limit_fields: false,
        even: false,
        learning: false,
    };

    /// The same, and learns from rejections: where the server's window begins, what others leave of the limit, and whether the
    /// server counts in another way than by windows. [`Capabilities::of`] has it where the API does not name how its server
    /// counts. Without it a rejection is followed by a wait for the whole window: that is right for the windows of an API that
    /// names their kind, and slower where others use the same limit. A window of the deployment's own, whose kind is not named,
    /// needs it: a bucket that is smaller than the limit would reject a request once a window for ever.
    #[must_use]
    pub const fn learning(self) -> Self {
        // What is learned may be that requests are to be spread.
        Self { learning: true, even: true, ..self }
    }

    /// The same, and spreads requests as fast as an even pace allows: for [`crate::quota::Pace::Even`], and for windows of a
    /// [`crate::quota::LimiterKind`] that wants it, where they are not those of the API. Without it such requests leave one after
    /// the other, each at its distance behind the answer before, which is right, and slower by a round trip each.
    #[must_use]
    pub const fn even(self) -> Self {
        Self { even: true, ..self }
    }

    /// Whether requests have bodies: those of endpoints, or the one that asks for a token.
    pub(crate) const fn sends_bodies(self) -> bool {
        self.bodies || self.tokens
    }

    /// Whether the client counts pages or items by itself.
    pub(crate) const fn counts(self) -> bool {
        self.by_page || self.by_offset
    }

    /// Whether all of the others are among these.
    pub const fn has(self, others: Self) -> bool {
        (self.tokens || !others.tokens)
            && (self.by_token || !others.by_token)
            && (self.by_page || !others.by_page)
            && (self.by_offset || !others.by_offset)
            && (self.calls || !others.calls)
            && (self.redirects || !others.redirects)
            && (self.bodies || !others.bodies)
            && (self.moments || !others.moments)
            && (self.ids || !others.ids)
            && (self.limit_fields || !others.limit_fields)
            && (self.even || !others.even)
            && (self.learning || !others.learning)
    }
}
