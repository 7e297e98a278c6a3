//! What to ask an API for: a paged list, or one answer.

use super::Api;
use crate::cursor::{Ends, Pager, Token};
use crate::http::{Body, Method, Parameter, Parameters, target};
use crate::page::{Items, PageShape};
use crate::profile::{Everything, Profile};
use crate::quota::Calls;
use crate::sink::{Sink, show};
use core::fmt;

/// A description of a request, and of what comes back: the pages of a list, or the body of one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint<'a> {
    method: Method,
    path: &'a str,
    parameters: Parameters<'a>,
    body: Body<'a>,
    answer: Answer<'a>,
    /// What the limits count it as.
    calls: Calls,
    /// Whether it may be sent again when nobody knows what became of it, if its method does not say so.
    is_repeatable: Option<bool>,
}

/// What comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer<'a> {
    Pages {
        items: Items<'a>,
        pager: Pager,
        /// The member of an item by which it is known again.
        id: Option<&'a str>,
        /// What may end the list beside the server's word.
        ends: Ends,
        /// Where a page says which one it is.
        here: Option<&'a str>,
        /// Where a page says how many items it may have.
        size: Option<&'a str>,
    },
    Body {
        /// Whether a redirect is followed, without the credential.
        is_elsewhere: bool,
    },
}

impl<'a> Endpoint<'a> {
    /// The list at `path`, which begins with a slash and may hold parameters as whole segments, `{name}`.
    pub const fn new(path: &'a str, items: Items<'a>, pager: Pager) -> Self {
        let calls = if let Pager::None = pager { Calls::READS } else { Calls::PAGED_READS };
        let answer = Answer::Pages { items, pager, id: None, ends: Ends::SAID, here: None, size: None };
        Self {
            method: Method::Get,
            path,
            parameters: Parameters::NONE,
            body: Body::None,
            answer,
            calls,
            is_repeatable: Some(true),
        }
    }

    /// One request and its answer, of any status from 200 to 299. The body comes as it is, in pieces of any size.
    pub const fn call(method: Method, path: &'a str) -> Self {
        let calls = if let Method::Get = method { Calls::READS } else { Calls::WRITES };
        Self {
            method,
            path,
            parameters: Parameters::NONE,
            body: Body::None,
            answer: Answer::Body { is_elsewhere: false },
            calls,
            is_repeatable: None,
        }
    }

    /// What `path` holds, where the API may redirect to a store elsewhere. That is asked once, without the credential.
    pub const fn download(path: &'a str) -> Self {
        Self { answer: Answer::Body { is_elsewhere: true }, ..Self::call(Method::Get, path) }
    }

    /// The same with a parameter. It goes into the path if the path holds `{name}`, else into the query.
    #[must_use]
    pub const fn with(mut self, name: &'a str, value: Parameter<'a>) -> Self {
        self.parameters = self.parameters.with(name, value);
        self
    }

    /// The same with the items in another place of the page. It says nothing where no pages come.
    #[must_use]
    pub const fn items_in(mut self, place: Items<'a>) -> Self {
        if let Answer::Pages { items, .. } = &mut self.answer {
            *items = place;
        }
        self
    }

    /// The same with the member of an item that holds its id, so that an item which comes again on a later page can be left
    /// out: see [`crate::Pull::remembering`].
    #[must_use]
    pub const fn known_by(mut self, member: &'a str) -> Self {
        if let Answer::Pages { id, .. } = &mut self.answer {
            *id = Some(member);
        }
        self
    }

    /// The same with the ends that the list may have although the server does not say that nothing follows. Without it, a
    /// page that does not say whether more follows is a fault.
    #[must_use]
    pub const fn ending_by(mut self, allowed: Ends) -> Self {
        if let Answer::Pages { ends, .. } = &mut self.answer {
            *ends = allowed;
        }
        self
    }

    /// The same with the path at which a page says which page it is: its number, or the number of items before it. A page
    /// that says it is another one than was asked for is a fault.
    #[must_use]
    pub const fn saying_where(mut self, member: &'a str) -> Self {
        if let Answer::Pages { here, .. } = &mut self.answer {
            *here = Some(member);
        }
        self
    }

    /// The same with the path at which a page says how many items it may have. The offset grows by that number after an empty
    /// page that others follow.
    #[must_use]
    pub const fn saying_size(mut self, member: &'a str) -> Self {
        if let Answer::Pages { size, .. } = &mut self.answer {
            *size = Some(member);
        }
        self
    }

    /// The same with a body. A list is then asked for by `POST`, with the same body for every page.
    #[must_use]
    pub const fn with_body(mut self, body: Body<'a>) -> Self {
        if let Answer::Pages { .. } = self.answer {
            self.method = Method::Post;
        }
        self.body = body;
        self
    }

    /// The same, sent again although its method does not promise that this does no harm.
    #[must_use]
    pub const fn repeatable(mut self) -> Self {
        self.is_repeatable = Some(true);
        self
    }

    /// The same, never sent again once it may have arrived, although its method would allow it: for a `GET` that acts.
    #[must_use]
    pub const fn once(mut self) -> Self {
        self.is_repeatable = Some(false);
        self
    }

    /// The same, counted by the limits as something else.
    #[must_use]
    pub const fn counted_as(mut self, calls: Calls) -> Self {
        self.calls = calls;
        self
    }

    /// Whether pages of items come, rather than one body.
    pub const fn is_list(&self) -> bool {
        matches!(self.answer, Answer::Pages { .. })
    }

    pub(crate) const fn method(&self) -> Method {
        self.method
    }

    /// The path, in which whole segments may be `{name}`.
    pub const fn path(&self) -> &'a str {
        self.path
    }

    pub(crate) const fn parameters(&self) -> &Parameters<'a> {
        &self.parameters
    }

    pub(crate) const fn body(&self) -> Body<'a> {
        self.body
    }

    pub(crate) const fn calls(&self) -> Calls {
        self.calls
    }

    /// Whether it may be sent again although it may have arrived.
    pub(crate) fn is_repeatable(&self, api: &Api) -> bool {
        self.is_repeatable.unwrap_or(api.repeatable.contains(&self.method))
    }

    /// Whether it only reads, so that an answer that is about the credential may be followed by the same again.
    pub(crate) fn is_safe(&self, api: &Api) -> bool {
        self.is_repeatable(api) && !self.calls.overlap(Calls::WRITES)
    }

    /// How it is paged; [`Pager::None`] where no pages come.
    pub const fn pager(&self) -> Pager {
        match self.answer {
            Answer::Pages { pager, .. } => pager,
            Answer::Body { .. } => Pager::None,
        }
    }

    /// Where in a page things are; `None` if no pages come. `P` knows of the pager what only a client that counts needs.
    pub(crate) const fn shape<P: Profile>(&self) -> Option<PageShape<'a>> {
        let Answer::Pages { items, pager, here, size, .. } = self.answer else { return None };
        let counts = P::CAPABILITIES.counts();
        Some(PageShape {
            items,
            cursor: pager.field(),
            is_link: counts && pager.is_link(),
            next: if counts { pager.next_field() } else { None },
            total: if counts { pager.total_field() } else { None },
            here: if counts { here } else { None },
            size: if counts { size } else { None },
            pinned: 0,
        })
    }

    pub(crate) const fn id(&self) -> Option<&'a str> {
        match self.answer {
            Answer::Pages { id, .. } => id,
            Answer::Body { .. } => None,
        }
    }

    /// Whether the client counts pages or items by itself.
    pub(crate) const fn is_counted(&self) -> bool {
        matches!(self.answer, Answer::Pages { pager: Pager::Page { .. } | Pager::Offset { .. }, .. })
    }

    /// What may end the list beside the server's word.
    pub(crate) const fn ends(&self) -> Ends {
        match self.answer {
            Answer::Pages { ends, .. } => ends,
            Answer::Body { .. } => Ends::SAID,
        }
    }

    /// Whether a redirect is followed.
    pub(crate) const fn is_elsewhere(&self) -> bool {
        matches!(self.answer, Answer::Body { is_elsewhere: true })
    }

    /// Whether a request can be made of it.
    pub(crate) fn check<P: Profile>(&self) -> Result<(), EndpointError> {
        target::check_template(self.path).map_err(|fault| EndpointError::Path { offset: fault.offset })?;
        if self.parameters.is_over_capacity() {
            return Err(EndpointError::TooManyParameters);
        }
        if target::placeholders(self.path).any(|name| self.parameters.find(name).is_none()) {
            return Err(EndpointError::ParameterMissing);
        }
        // An empty segment or one of dots would ask for another path, perhaps above the base.
        let is_segment =
            |value: &Parameter<'_>| !matches!(value, Parameter::Text("" | "." | "..") | Parameter::Pairs([]));
        if !target::placeholders(self.path).filter_map(|name| self.parameters.find(name)).all(is_segment) {
            return Err(EndpointError::ParameterUnfit);
        }
        if P::CAPABILITIES.bodies && !self.body.is_sendable() {
            return Err(EndpointError::BodyUnfit);
        }
        let pager = self.pager();
        if let (Answer::Pages { items: Items::Root, .. }, Some(field)) = (self.answer, pager.field()) {
            return Err(EndpointError::NoCursor { field });
        }
        if let (Pager::Token { .. }, 0) = (pager, Token::CAPACITY) {
            return Err(EndpointError::NoTokens);
        }
        match pager.parameter() {
            Some(parameter) if self.parameters.find(parameter).is_some() => {
                Err(EndpointError::CursorGiven { parameter })
            }
            _ => Ok(()),
        }
    }
}

impl Endpoint<'_> {
    /// Writes all that tells one endpoint from another, as a checkpoint is bound to it.
    pub(super) fn write_identity<P: Profile>(&self, out: &mut dyn Sink) {
        out.put_all(&[self.method.as_str(), " ", self.path]);
        for (name, value) in self.parameters.pairs() {
            out.put_all(&["\n", name, "="]);
            value.write::<P>(out);
        }
        if P::CAPABILITIES.bodies && self.body != Body::None {
            out.put("\nbody ");
            self.body.write_identity(out);
        }
        let Answer::Pages { items, pager, .. } = self.answer else { return };
        let items = match items {
            Items::Key(names) => names,
            Items::Root => "root",
            Items::OnlyArray => "only array",
        };
        let place = pager.parameter().or(pager.in_field_named()).unwrap_or_default();
        out.put_all(&[
            "\nitems ",
            items,
            "\n",
            pager.kind(),
            " ",
            place,
            " ",
            pager.field().unwrap_or_default(),
        ])
    }
}

impl fmt::Display for Endpoint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, |out| self.write_identity::<Everything>(out))
    }
}

/// An endpoint that cannot be requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointError {
    /// The path has something that cannot stand in a request.
    Path {
        /// The byte of the path where it is.
        offset: usize,
    },
    /// More parameters than [`Parameters::CAPACITY`].
    TooManyParameters,
    /// The path names a parameter that was not given.
    ParameterMissing,
    /// A parameter that stands in the path is empty, `.` or `..`.
    ParameterUnfit,
    /// The body holds what would end it too early, or the file's name what cannot be sent.
    BodyUnfit,
    /// The list is paged by tokens, and this build cannot keep any.
    NoTokens,
    /// A page that is itself the array of items has no place for the pager's cursor.
    NoCursor {
        /// Where the cursor should be.
        field: &'static str,
    },
    /// The parameter by which pages are asked for is the pull's own.
    CursorGiven {
        /// Its name.
        parameter: &'static str,
    },
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path { offset } => write!(
                f,
                "the path is unusable at byte {offset}: it must begin with a slash, and what is not a path character \
                 must be percent-encoded"
            ),
            Self::TooManyParameters => {
                write!(f, "an endpoint takes at most {} parameters", Parameters::CAPACITY)
            }
            Self::ParameterMissing => f.write_str("the path names a parameter in braces that was not given"),
            Self::ParameterUnfit => f.write_str(
                "a parameter in the path is empty or made of dots, and would lead to another path",
            ),
            Self::BodyUnfit => f.write_str(
                "the file has the boundary of its own form in it, or a name that is not of plain characters",
            ),
            Self::NoTokens => f.write_str(
                "the list is paged by tokens, which this build cannot keep: build tidegate-core with the feature `tokens`",
            ),
            Self::NoCursor { field } => {
                write!(
                    f,
                    "a page that is itself the array of items cannot hold {field}: name the member with the items"
                )
            }
            Self::CursorGiven { parameter } => {
                write!(
                    f,
                    "the parameter {parameter} is set by the pull itself; go on from a checkpoint instead"
                )
            }
        }
    }
}

impl core::error::Error for EndpointError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cursor::Place;
    use std::string::ToString;

    const PAGER: Pager = Pager::Key { parameter: "afterId", field: "nextPageKey" };

    #[test]
    fn an_endpoint_of_which_no_request_can_be_made_is_refused() {
        let list = |path| Endpoint::new(path, Items::OnlyArray, PAGER);
        let many =
            (0..=Parameters::CAPACITY).fold(list("/x"), |endpoint, _| endpoint.with("n", Parameter::Int(1)));
        let table = [
            (list("objects"), EndpointError::Path { offset: 0 }),
            (list("/a b"), EndpointError::Path { offset: 2 }),
            (list("/views/{viewId}"), EndpointError::ParameterMissing),
            (many, EndpointError::TooManyParameters),
            (
                list("/x").with("afterId", Parameter::Int(1)),
                EndpointError::CursorGiven { parameter: "afterId" },
            ),
        ];
        for (endpoint, error) in table {
            assert_eq!(endpoint.check::<Everything>(), Err(error));
        }
        assert_eq!(list("/views/{viewId}").with("viewId", Parameter::Int(1)).check::<Everything>(), Ok(()));
        for unfit in [Parameter::Text(""), Parameter::Text("."), Parameter::Text(".."), Parameter::Pairs(&[])]
        {
            let endpoint = list("/views/{viewId}").with("viewId", unfit);
            assert_eq!(endpoint.check::<Everything>(), Err(EndpointError::ParameterUnfit), "{unfit:?}");
        }
    }

    #[test]
    fn lists_that_differ_by_how_they_are_paged_are_different_lists() {
        let pagers = [
            Pager::None,
            Pager::Key { parameter: "next", field: "next" },
            Pager::Token { place: Place::Query("next"), field: "next" },
            Pager::Page { parameter: "next", more: "next", next: None, total: None },
            Pager::Offset { parameter: "next", more: "next", total: "total" },
        ];
        let mut shown = std::vec::Vec::new();
        for pager in pagers {
            let list = Endpoint::new("/x", Items::OnlyArray, pager).to_string();
            assert!(!shown.contains(&list), "{list}");
            shown.push(list);
        }
    }
}
