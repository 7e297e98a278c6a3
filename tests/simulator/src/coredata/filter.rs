//! Filters of a list, as Tastypie reads them: a name that no object has is ignored and everything comes back; a name that
//! may not be filtered, or not so, is an error; and so is a value that is no date where one is due.

use super::config::Config;
use super::data::{Resource, Row};
use super::problem::{bad_request, failure};
use crate::reply::Reply;
use crate::target::Parameters;

/// What an object must fulfil.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filter {
    field: Field,
    test: Test,
}

/// What can be filtered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Title,
    Identifier,
    Parent,
    Contact,
    CreatedBy,
    ModifiedBy,
    Created,
    Modified,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Is(String),
    StartsWith(String),
    After(String),
    From(String),
    Before(String),
    UpTo(String),
    Between(String, String),
}

/// Members that objects have and that cannot be filtered.
const OTHERS: [&str; 12] = [
    "aspects",
    "description",
    "due_date",
    "dynatype",
    "id",
    "is_hidden",
    "path",
    "resource_uri",
    "snapshot_id",
    "status",
    "tags",
    "type",
];
/// Django's operators.
const OPERATORS: [&str; 18] = [
    "exact",
    "iexact",
    "contains",
    "icontains",
    "in",
    "gt",
    "gte",
    "lt",
    "lte",
    "startswith",
    "istartswith",
    "endswith",
    "iendswith",
    "range",
    "year",
    "isnull",
    "regex",
    "iregex",
];

impl Filter {
    /// All filters of a query.
    pub(super) fn all(
        config: &Config,
        resource: Resource,
        parameters: &Parameters,
    ) -> Result<Vec<Self>, Reply> {
        let mut filters = Vec::new();
        for (name, value) in parameters.pairs() {
            filters.extend(Self::one(config, resource, name, value)?);
        }
        Ok(filters)
    }

    fn one(config: &Config, resource: Resource, name: &str, value: &str) -> Result<Option<Self>, Reply> {
        let mut parts = name.split("__");
        let field_name = parts.next().unwrap_or_default();
        let Some(field) = Field::of(resource, field_name) else {
            return if OTHERS.contains(&field_name) {
                Err(bad_request(&format!("The '{field_name}' field does not allow filtering.")))
            } else {
                Ok(None)
            };
        };
        let mut operators: Vec<&str> = parts.collect();
        let operator = match operators.last() {
            Some(last) if OPERATORS.contains(last) => operators.pop().unwrap_or("exact"),
            _ => "exact",
        };
        if !operators.is_empty() {
            return Err(bad_request(&format!("The '{field_name}' field does not support relations.")));
        }
        if !field.allows(operator) {
            let text = format!("'{operator}' is not an allowed filter on the '{field_name}' field.");
            return Err(bad_request(&text));
        }
        Ok(Some(Self { field, test: Test::read(config, field, operator, value)? }))
    }

    pub(super) fn holds(&self, row: &Row) -> bool {
        let value = match self.field {
            Field::Title => &row.title,
            Field::Identifier => &row.identifier,
            Field::Parent => &row.parent,
            Field::Contact => &row.contact,
            Field::CreatedBy => &row.created_by,
            Field::ModifiedBy => &row.modified_by,
            Field::Created => &comparable(&row.created).unwrap_or_default(),
            Field::Modified => &comparable(&row.modified).unwrap_or_default(),
        };
        match &self.test {
            Test::Is(wanted) => value == wanted,
            Test::StartsWith(start) => value.starts_with(start.as_str()),
            Test::After(bound) => value > bound,
            Test::From(bound) => value >= bound,
            Test::Before(bound) => value < bound,
            Test::UpTo(bound) => value <= bound,
            Test::Between(low, high) => low <= value && value <= high,
        }
    }
}

impl Field {
    /// The field of this name, if the resource has it and can be filtered by it.
    fn of(resource: Resource, name: &str) -> Option<Self> {
        if resource == Resource::Spaces {
            return None;
        }
        let owned = matches!(resource, Resource::Files | Resource::Projects | Resource::Tasks);
        Some(match name {
            "title" => Self::Title,
            "created" => Self::Created,
            "modified" => Self::Modified,
            "created_by" => Self::CreatedBy,
            "modified_by" => Self::ModifiedBy,
            "identifier" if resource == Resource::Contacts => Self::Identifier,
            "parent" if resource == Resource::Files => Self::Parent,
            "contact" if owned => Self::Contact,
            _ => return None,
        })
    }

    fn is_date(self) -> bool {
        matches!(self, Self::Created | Self::Modified)
    }

    fn allows(self, operator: &str) -> bool {
        match operator {
            "exact" => true,
            "startswith" => matches!(self, Self::Title | Self::Identifier),
            "gt" | "gte" | "lt" | "lte" | "range" => self.is_date(),
            _ => false,
        }
    }
}

impl Test {
    fn read(config: &Config, field: Field, operator: &str, value: &str) -> Result<Self, Reply> {
        let text = |value: &str| if field.is_date() { date(config, value) } else { Ok(value.to_owned()) };
        Ok(match operator {
            "startswith" => Self::StartsWith(value.to_owned()),
            "gt" => Self::After(text(value)?),
            "gte" => Self::From(text(value)?),
            "lt" => Self::Before(text(value)?),
            "lte" => Self::UpTo(text(value)?),
            "range" => match value.split(',').collect::<Vec<_>>()[..] {
                [low, high] => Self::Between(text(low)?, text(high)?),
                _ => return Err(mismatched()),
            },
            _ => Self::Is(text(value)?),
        })
    }
}

fn mismatched() -> Reply {
    bad_request("Invalid resource lookup data provided (mismatched type).")
}

fn date(config: &Config, value: &str) -> Result<String, Reply> {
    if value.ends_with('Z') && !config.zones {
        let text = "SQLite backend does not support timezone-aware datetimes when USE_TZ is False.";
        return Err(failure(500, text, config.debug));
    }
    comparable(value).ok_or_else(mismatched)
}

/// A date and time in one form, so that texts compare as times do: with a `T`, to the microsecond, without `Z`.
fn comparable(text: &str) -> Option<String> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00:00"));
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let plain = has_shape(date, "0000-00-00") && has_shape(clock, "00:00:00");
    let in_range = |at: std::ops::Range<usize>, low: u32, high: u32, text: &str| {
        text.get(at)
            .and_then(|digits| digits.parse().ok())
            .is_some_and(|number: u32| (low..=high).contains(&number))
    };
    let real = in_range(5..7, 1, 12, date)
        && in_range(8..10, 1, 31, date)
        && in_range(0..2, 0, 23, clock)
        && in_range(3..5, 0, 59, clock)
        && in_range(6..8, 0, 59, clock);
    let digits = (1..=6).contains(&fraction.len()) && fraction.bytes().all(|byte| byte.is_ascii_digit());
    (plain && real && digits).then(|| format!("{date}T{clock}.{fraction:0<6}"))
}

/// Whether a text is this one but for other digits.
fn has_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, shape)| match shape {
            b'0' => byte.is_ascii_digit(),
            other => byte == other,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_every_form_compare_as_times_do() {
        let rising = [
            "2024-02-26",
            "2024-02-26T00:00:00.000001",
            "2024-02-26 12:17:21",
            "2024-02-26T12:17:21.5Z",
            "2024-02-26T12:17:22Z",
        ];
        let comparable: Vec<_> = rising.map(|text| comparable(text).expect(text)).into();
        assert!(comparable.is_sorted_by(|one, other| one < other), "{comparable:?}");
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "Z",
            "2024",
            "2024-13-01",
            "2024-02-26T24:00:00",
            "2024-02-26T12:17",
            "x024-02-26",
            "2024-02-26T12:17:21.",
            "2024-02-26T12:17:21+01:00",
        ] {
            assert_eq!(comparable(text), None, "{text}");
        }
    }
}
