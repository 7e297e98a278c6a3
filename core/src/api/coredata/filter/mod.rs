//! Filters of CoreData's lists. Tastypie passes over a filter that it does not know and answers with everything, so what is
//! not among the vendor's filters is refused here, before anything is sent. Which resource has which, and how operators are
//! joined to fields, is from the vendor's page on the API v2; the name of the filter by contact is not legible there and is
//! that of the field.

use super::list;
use crate::api::Endpoint;
use crate::http::{Parameter, is_date};
use crate::text::Text;
use core::fmt;

/// What there are lists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// People and organisations.
    Contacts,
    /// Files.
    Files,
    /// Projects.
    Projects,
    /// Spaces, which have no filters.
    Spaces,
    /// Tasks.
    Tasks,
}

impl Resource {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Contacts, Self::Files, Self::Projects, Self::Spaces, Self::Tasks];

    /// The name, as in a path.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Contacts => "contacts",
            Self::Files => "files",
            Self::Projects => "projects",
            Self::Spaces => "spaces",
            Self::Tasks => "tasks",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|resource| resource.name() == name)
    }

    /// The path of its list.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Contacts => "/contacts/",
            Self::Files => "/files/",
            Self::Projects => "/projects/",
            Self::Spaces => "/spaces/",
            Self::Tasks => "/tasks/",
        }
    }

    /// What its list can be filtered by.
    pub const fn fields(self) -> &'static [Field] {
        use Field::{Contact, Created, Identifier, Modified, Parent, Title};
        match self {
            Self::Contacts => &[Title, Identifier, Created, Modified],
            Self::Files => &[Title, Parent, Contact, Created, Modified],
            Self::Projects | Self::Tasks => &[Title, Contact, Created, Modified],
            Self::Spaces => &[],
        }
    }
}

/// What a list can be filtered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The title.
    Title,
    /// The folder that a file is in, by its id.
    Parent,
    /// The contact that something is associated with, by its id.
    Contact,
    /// The number by which a contact is known to others.
    Identifier,
    /// When it was created.
    Created,
    /// When it was modified last.
    Modified,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Title, Self::Parent, Self::Contact, Self::Identifier, Self::Created, Self::Modified];

    /// The name, as in a query.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Parent => "parent",
            Self::Contact => "contact",
            Self::Identifier => "identifier",
            Self::Created => "created",
            Self::Modified => "modified",
        }
    }

    /// How it can be compared.
    pub const fn operators(self) -> &'static [Operator] {
        use Operator::{After, Before, Between, From, Is, StartsWith, Until};
        match self {
            Self::Title | Self::Identifier => &[Is, StartsWith],
            Self::Parent | Self::Contact => &[Is],
            Self::Created | Self::Modified => &[After, From, Before, Until, Between],
        }
    }
}

/// How a field is compared with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// It is the same.
    Is,
    /// It begins so: `startswith`.
    StartsWith,
    /// It is later: `gt`.
    After,
    /// It is then or later: `gte`.
    From,
    /// It is earlier: `lt`.
    Before,
    /// It is then or earlier: `lte`.
    Until,
    /// It is between two moments: `range`.
    Between,
}

impl Operator {
    /// The name, as in a query; [`Operator::Is`] has none.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Is => "",
            Self::StartsWith => "startswith",
            Self::After => "gt",
            Self::From => "gte",
            Self::Before => "lt",
            Self::Until => "lte",
            Self::Between => "range",
        }
    }
}

/// A filter that the server knows, with a value that it can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filter<'a> {
    field: Field,
    operator: Operator,
    value: Parameter<'a>,
}

impl<'a> Filter<'a> {
    /// A filter by a field. Dates are [`Parameter::Date`], for [`Operator::Between`] [`Parameter::Dates`], in the form that
    /// the server takes: one that computes in naive time fails on the `Z` of any other. Or they are texts in ISO 8601, two of
    /// them with a comma between; all else is a text.
    ///
    /// # Errors
    ///
    /// An operator that the field does not have, or a value that it cannot be compared with.
    pub fn new(field: Field, operator: Operator, value: Parameter<'a>) -> Result<Self, FilterError> {
        if !field.operators().contains(&operator) {
            return Err(FilterError::Operator { field, operator: Text::new(operator.name()) });
        }
        if !is_value(operator, value) {
            return Err(FilterError::Value { field, operator });
        }
        Ok(Self { field, operator, value })
    }

    /// A filter as it stands in a query, not encoded: `title__startswith=Ab`, `created__range=2024-01-01,2024-02-01`.
    ///
    /// # Errors
    ///
    /// What the server would not understand, or would pass over.
    pub fn parse(resource: Resource, text: &'a str) -> Result<Self, FilterError> {
        let (name, value) = text.split_once('=').ok_or(FilterError::Form)?;
        let (field, operator) = match name.split_once("__") {
            Some((field, operator)) => (field, Some(operator)),
            None => (name, None),
        };
        let known = resource.fields().iter().find(|known| known.name() == field);
        let field = *known.ok_or(FilterError::Field { resource, field: Text::new(field) })?;
        let is_meant = |known: &&Operator| match operator {
            None => **known == Operator::Is,
            Some(name) => **known != Operator::Is && known.name() == name,
        };
        let known = field.operators().iter().find(is_meant);
        let operator = *known
            .ok_or(FilterError::Operator { field, operator: Text::new(operator.unwrap_or_default()) })?;
        Self::new(field, operator, Parameter::Text(value))
    }

    /// The name of its parameter.
    pub const fn name(&self) -> &'static str {
        match (self.field, self.operator) {
            (Field::Title, Operator::StartsWith) => "title__startswith",
            (Field::Identifier, Operator::StartsWith) => "identifier__startswith",
            (Field::Created, Operator::After) => "created__gt",
            (Field::Created, Operator::From) => "created__gte",
            (Field::Created, Operator::Before) => "created__lt",
            (Field::Created, Operator::Until) => "created__lte",
            (Field::Created, Operator::Between) => "created__range",
            (Field::Modified, Operator::After) => "modified__gt",
            (Field::Modified, Operator::From) => "modified__gte",
            (Field::Modified, Operator::Before) => "modified__lt",
            (Field::Modified, Operator::Until) => "modified__lte",
            (Field::Modified, Operator::Between) => "modified__range",
            // No other pair was let in.
            (field, _) => field.name(),
        }
    }

    /// The value of its parameter.
    pub const fn value(&self) -> Parameter<'a> {
        self.value
    }
}

fn is_value(operator: Operator, value: Parameter<'_>) -> bool {
    match (operator, value) {
        // An empty text would narrow nothing, or nothing that anyone means.
        (Operator::Is | Operator::StartsWith, Parameter::Text(text)) => !text.is_empty(),
        (Operator::Between, Parameter::Text(text)) => {
            text.split_once(',').is_some_and(|(from, to)| is_date(from) && is_date(to))
        }
        (Operator::Between, Parameter::Dates(dates, form)) => dates.into_iter().all(|date| form.fits(date)),
        (Operator::Is | Operator::StartsWith | Operator::Between, _) => false,
        (_, Parameter::Text(text)) => is_date(text),
        (_, Parameter::Date(date, form)) => form.fits(date),
        (_, _) => false,
    }
}

/// The part of a list that passes all the filters.
///
/// # Errors
///
/// A filter that the resource does not have, or one given twice, of which the server would heed the last only.
pub fn filtered<'a>(resource: Resource, filters: &[Filter<'a>]) -> Result<Endpoint<'a>, FilterError> {
    let mut endpoint = list(resource.path());
    let mut rest = filters;
    while let Some((filter, others)) = rest.split_first() {
        if !resource.fields().contains(&filter.field) {
            return Err(FilterError::Field { resource, field: Text::new(filter.field.name()) });
        }
        if others.iter().any(|other| other.name() == filter.name()) {
            return Err(FilterError::Twice { name: filter.name() });
        }
        endpoint = endpoint.with(filter.name(), filter.value());
        rest = others;
    }
    Ok(endpoint)
}

/// A filter that the server would not understand, or would pass over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FilterError {
    /// There is no equals sign in it.
    Form,
    /// The resource has no such field to filter by.
    Field {
        /// The resource.
        resource: Resource,
        /// The field.
        field: Text<32>,
    },
    /// The field cannot be compared so.
    Operator {
        /// The field.
        field: Field,
        /// The operator; empty if there is none.
        operator: Text<32>,
    },
    /// The value is none that the field can be compared with.
    Value {
        /// The field.
        field: Field,
        /// The operator.
        operator: Operator,
    },
    /// The same filter twice.
    Twice {
        /// Its name.
        name: &'static str,
    },
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => f.write_str(
                "a filter is a field, perhaps two underscores and an operator, an equals sign and a value",
            ),
            Self::Field { resource, field } => {
                let name = resource.name();
                write!(
                    f,
                    "{name} have no filter by `{field}`, and the server would answer with all of them: "
                )?;
                match resource.fields() {
                    [] => f.write_str("they have none at all"),
                    fields => {
                        f.write_str("there are ")?;
                        listed(f, fields.iter().map(|field| field.name()))
                    }
                }
            }
            Self::Operator { field, operator } => {
                let name = field.name();
                match operator.as_str() {
                    "" => write!(f, "a filter by `{name}` needs an operator: there are ")?,
                    operator => write!(f, "a filter by `{name}` has no operator `{operator}`: there are ")?,
                }
                let names = field.operators().iter().map(|operator| match operator {
                    Operator::Is => "none",
                    operator => operator.name(),
                });
                listed(f, names)
            }
            Self::Value { field, operator } => {
                let takes = match operator {
                    Operator::Is | Operator::StartsWith => "a text that is not empty",
                    Operator::Between => {
                        "two dates with a comma between them, such as 2024-01-01,2024-02-01T12:00:00Z"
                    }
                    _ => "a date, such as 2024-02-01 or 2024-02-01T12:00:00Z",
                };
                let (name, operator) = (field.name(), operator.name());
                let join = if operator.is_empty() { "" } else { "__" };
                write!(f, "the filter `{name}{join}{operator}` takes {takes}")
            }
            Self::Twice { name } => {
                write!(f, "the filter `{name}` is given twice, and the server would heed one of them only")
            }
        }
    }
}

fn listed(f: &mut fmt::Formatter<'_>, names: impl Iterator<Item = &'static str>) -> fmt::Result {
    for (name, mark) in names.zip(core::iter::once("").chain(core::iter::repeat(", "))) {
        write!(f, "{mark}{name}")?;
    }
    Ok(())
}

impl core::error::Error for FilterError {}

#[cfg(test)]
mod tests;
