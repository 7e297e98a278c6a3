//! What is let through to a server that passes over what it does not know, and what is not.

use super::*;
use crate::api::coredata::LISTS;
use crate::http::DateForm;
use crate::time::UnixTime;
use std::format;
use std::string::ToString;

const TIME: UnixTime = UnixTime::from_secs(1_567_438_712);

#[test]
fn every_resource_has_its_list() {
    assert_eq!(LISTS.len(), Resource::ALL.len());
    for (list, resource) in LISTS.iter().zip(Resource::ALL) {
        assert_eq!((list.name, Resource::named(list.name)), (resource.name(), Some(resource)));
        assert_eq!(list.endpoint.path(), format!("/{}/", resource.name()));
    }
    assert_eq!(Resource::named("folders"), None);
}

#[test]
fn a_filter_that_the_vendor_documents_is_taken_from_text() {
    let all = [Resource::Contacts, Resource::Files, Resource::Projects, Resource::Tasks];
    let associated = [Resource::Files, Resource::Projects, Resource::Tasks];
    let table: [(&str, &[Resource]); 12] = [
        ("title=A = b", &all),
        ("title__startswith=Ab", &all),
        ("parent=2f2672e8-71cf-11ee-848e-47ba9faefc74", &[Resource::Files]),
        ("contact=2f2672e8-71cf-11ee-848e-47ba9faefc74", &associated),
        ("identifier=60001019906", &[Resource::Contacts]),
        ("identifier__startswith=600010199", &[Resource::Contacts]),
        ("created__gt=2019-09-02T15:38:32Z", &all),
        ("created__gte=2019-09-02T15:38:32.000Z", &all),
        ("modified__lt=2019-09-02T15:38:32", &all),
        ("modified__lte=2019-09-02", &all),
        ("modified__range=2019-09-02,2019-09-03T00:00:00", &all),
        ("created__range=2019-09-02T00:00:00Z,2019-09-03T00:00:00Z", &all),
    ];
    for (text, resources) in table {
        for resource in Resource::ALL {
            match Filter::parse(resource, text) {
                Ok(filter) => {
                    assert!(resources.contains(&resource), "{resource:?} {text}");
                    assert_eq!(format!("{}={}", filter.name(), filter.value()), text);
                    assert!(filtered(resource, &[filter]).is_ok());
                }
                Err(error) => {
                    assert!(!resources.contains(&resource), "{resource:?} {text}: {error}");
                    assert!(matches!(error, FilterError::Field { .. }));
                }
            }
        }
    }
}

#[test]
fn what_the_server_would_pass_over_or_fail_on_is_refused_with_what_there_is() {
    let table = [
        (Resource::Contacts, "title", "an equals sign"),
        (
            Resource::Contacts,
            "titel=a",
            "by `titel`, and the server would answer with all of them: there are title, identifier, created, modified",
        ),
        (Resource::Contacts, "Title=a", "by `Title`"),
        (Resource::Contacts, "=a", "by ``"),
        (Resource::Contacts, "parent=a", "contacts have no filter by `parent`"),
        (Resource::Spaces, "title=a", "they have none at all"),
        (Resource::Files, "parent__startswith=a", "has no operator `startswith`: there are none"),
        (Resource::Files, "title__contains=a", "has no operator `contains`: there are none, startswith"),
        (Resource::Files, "title__=a", "needs an operator"),
        (Resource::Files, "title_startswith=a", "by `title_startswith`"),
        (Resource::Files, "title__startswith__x=a", "has no operator `startswith__x`"),
        (
            Resource::Files,
            "created=2019-09-02",
            "`created` needs an operator: there are gt, gte, lt, lte, range",
        ),
        (Resource::Files, "created__gt=yesterday", "`created__gt` takes a date"),
        (Resource::Files, "created__gt=2019-02-30", "`created__gt` takes a date"),
        (Resource::Files, "created__gt=", "`created__gt` takes a date"),
        (Resource::Files, "created__range=2019-09-02", "`created__range` takes two dates"),
        (Resource::Files, "created__range=2019-09-02,", "`created__range` takes two dates"),
        (Resource::Files, "created__range=2019-09-02,2019-09-03,2019-09-04", "takes two dates"),
        (Resource::Files, "title=", "`title` takes a text that is not empty"),
        (Resource::Files, "title__startswith=", "`title__startswith` takes a text"),
    ];
    for (resource, text, sentence) in table {
        let error = Filter::parse(resource, text).expect_err(text).to_string();
        assert!(error.contains(sentence), "{text}: {error}");
    }
}

#[test]
fn a_typed_filter_is_what_its_text_would_be() {
    let new = |field, operator, value| {
        Filter::new(field, operator, value).map(|filter| (filter.name(), filter.value().to_string()))
    };
    let later = UnixTime::from_secs(1_567_438_713);
    let table = [
        (Field::Title, Operator::Is, Parameter::Text("a"), "title", "a"),
        (
            Field::Created,
            Operator::After,
            Parameter::Date(TIME, DateForm::Utc),
            "created__gt",
            "2019-09-02T15:38:32Z",
        ),
        (
            Field::Modified,
            Operator::Until,
            Parameter::Date(TIME, DateForm::Naive),
            "modified__lte",
            "2019-09-02T15:38:32",
        ),
        (
            Field::Modified,
            Operator::Between,
            Parameter::Dates([TIME, later], DateForm::UtcMillis),
            "modified__range",
            "2019-09-02T15:38:32.000Z,2019-09-02T15:38:33.000Z",
        ),
    ];
    for (field, operator, value, name, written) in table {
        assert_eq!(new(field, operator, value), Ok((name, written.to_string())));
    }
}

#[test]
fn every_pair_of_field_and_operator_has_the_name_that_is_made_of_theirs() {
    for field in Field::ALL {
        for &operator in field.operators() {
            let value = match operator {
                Operator::Is | Operator::StartsWith => Parameter::Text("a"),
                Operator::Between => Parameter::Dates([TIME, TIME], DateForm::Utc),
                _ => Parameter::Date(TIME, DateForm::Utc),
            };
            let filter = Filter::new(field, operator, value).expect("its own operator");
            let join = if operator == Operator::Is { "" } else { "__" };
            assert_eq!(filter.name(), format!("{}{join}{}", field.name(), operator.name()));
        }
    }
}

#[test]
fn a_typed_value_that_does_not_go_with_the_operator_is_refused() {
    let far = UnixTime::from_secs(253_402_300_800);
    let table = [
        (Field::Title, Operator::Is, Parameter::Int(7)),
        (Field::Title, Operator::Is, Parameter::Date(TIME, DateForm::Utc)),
        (Field::Created, Operator::After, Parameter::Int(1_567_438_712)),
        (Field::Created, Operator::After, Parameter::Dates([TIME, TIME], DateForm::Utc)),
        (Field::Created, Operator::After, Parameter::Date(far, DateForm::Utc)),
        (Field::Created, Operator::Between, Parameter::Date(TIME, DateForm::Utc)),
        (Field::Created, Operator::Between, Parameter::Dates([TIME, far], DateForm::Utc)),
        (Field::Created, Operator::Between, Parameter::Pairs(&[("a", "b")])),
    ];
    for (field, operator, value) in table {
        let refused = Filter::new(field, operator, value);
        assert_eq!(refused, Err(FilterError::Value { field, operator }), "{value}");
    }
    assert!(matches!(
        Filter::new(Field::Parent, Operator::After, Parameter::Text("a")),
        Err(FilterError::Operator { field: Field::Parent, .. })
    ));
}

#[test]
fn a_filter_given_twice_or_to_a_resource_without_it_is_refused() {
    let filter = |text| Filter::parse(Resource::Files, text).expect(text);
    let filters = [filter("created__gt=2019-09-02"), filter("created__lt=2019-09-03"), filter("title=a")];
    let endpoint = filtered(Resource::Files, &filters).expect("three that go together");
    assert!(
        endpoint.to_string().contains("/files/\ncreated__gt=2019-09-02\ncreated__lt=2019-09-03\ntitle=a")
    );
    let twice = filtered(Resource::Files, &[filters[0], filters[2], filters[0]]);
    assert_eq!(twice, Err(FilterError::Twice { name: "created__gt" }));
    let elsewhere = filtered(Resource::Projects, &[filter("parent=a")]);
    assert!(matches!(elsewhere, Err(FilterError::Field { resource: Resource::Projects, .. })));
}
