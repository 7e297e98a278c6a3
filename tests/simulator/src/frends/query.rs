//! A query as ASP.NET reads it: names without regard to case, numbers in plain digits, every value of a list.

use super::problem::Problem;
use crate::target::{Parameters, encode};

/// The parameters of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query(Parameters);

impl Query {
    pub(super) fn read(query: &str) -> Result<Self, Problem> {
        Parameters::read(query).map(Self).ok_or_else(|| Problem::bad_request("The query cannot be decoded."))
    }

    /// Every value of a name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.pairs().filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The one value of a name, if there is any.
    pub(super) fn one<'a>(&'a self, name: &'a str) -> Result<Option<&'a str>, Problem> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Problem::bad_request(format!("{name} is given more than once."))),
            (value, None) => Ok(value),
        }
    }

    /// The one positive number of a name, if there is any.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, Problem> {
        let Some(value) = self.one(name)? else { return Ok(None) };
        let digits = value.bytes().all(|byte| byte.is_ascii_digit());
        let number = value.parse().ok().filter(|&number: &u64| digits && number > 0);
        number.map(Some).ok_or_else(|| Problem::bad_request(format!("{name} is not a positive number.")))
    }

    /// A size of pages: as it is asked for, but not above the largest.
    pub(super) fn size(&self, name: &str, default: u32, largest: u32) -> Result<u64, Problem> {
        let size = self.number(name)?.unwrap_or_else(|| default.max(1).into());
        if size > u64::from(largest) {
            return Err(Problem::bad_request(format!("The maximum page size is {largest}.")));
        }
        Ok(size)
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        match self.one(name)?.map(str::to_ascii_lowercase).as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(Problem::bad_request(format!("{name} is not a boolean."))),
        }
    }

    /// All but these names, encoded, for a link to another page of the same.
    pub(super) fn without(&self, names: &[&str]) -> Vec<String> {
        let others =
            self.0.pairs().filter(|(known, _)| !names.iter().any(|name| known.eq_ignore_ascii_case(name)));
        others.map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_case_and_values_are_strict() {
        let query =
            Query::read("pagesize=7&PAGENUMBER=2&flag=True&a=%2B&A=b+c&x=+1&big=201").expect("decodes");
        assert_eq!(query.size("PageSize", 30, 200), Ok(7));
        assert_eq!(query.size("none", 30, 200), Ok(30));
        assert_eq!((query.number("PageNumber"), query.flag("flag")), (Ok(Some(2)), Ok(Some(true))));
        assert_eq!(query.all("a").collect::<Vec<_>>(), ["+", "b c"]);
        assert_eq!(query.without(&["PageSize", "pagenumber", "flag", "x", "BIG"]), ["a=%2B", "A=b+c"]);
        assert!(query.size("big", 30, 200).is_err() && query.number("x").is_err() && query.one("a").is_err());
        assert!(query.flag("a").is_err() && query.flag("x").is_err() && Query::read("a=%4").is_err());
    }
}
