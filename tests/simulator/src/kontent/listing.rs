//! The listings and their paths, as the vendor's own clients have them. Which member holds the items differs from one to
//! the next; some are a bare array, and those come in one answer.

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Items,
    Types,
    Snippets,
    Taxonomies,
    Languages,
    Assets,
    Renditions,
    Variants,
    CustomApps,
    Issues,
    Projects,
    Users,
    ItemsWithVariants,
    Spaces,
    Webhooks,
    Workflows,
    Collections,
    Folders,
    Roles,
}

/// How a listing comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// In pages, under this member, with `pagination` after it.
    Pages(&'static str),
    /// In one answer, under this member.
    Member(&'static str),
    /// In one answer, under this member, with a `last_modified` after it.
    Dated(&'static str),
    /// In one answer, as a bare array.
    Bare,
}

/// One listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Listing {
    /// `E` is `projects/{environment}`, `S` is `subscriptions/{subscription}`, `*` an identifier.
    path: &'static str,
    pub(super) method: &'static str,
    pub(super) kind: Kind,
    pub(super) form: Form,
}

const fn listing(path: &'static str, method: &'static str, kind: Kind, form: Form) -> Listing {
    Listing { path, method, kind, form }
}

const VARIANTS: Form = Form::Pages("variants");

const LISTINGS: [Listing; 24] = [
    listing("E/items", "GET", Kind::Items, Form::Pages("items")),
    listing("E/types", "GET", Kind::Types, Form::Pages("types")),
    listing("E/snippets", "GET", Kind::Snippets, Form::Pages("snippets")),
    listing("E/taxonomies", "GET", Kind::Taxonomies, Form::Pages("taxonomies")),
    listing("E/languages", "GET", Kind::Languages, Form::Pages("languages")),
    listing("E/assets", "GET", Kind::Assets, Form::Pages("assets")),
    listing("E/assets/*/renditions", "GET", Kind::Renditions, Form::Pages("asset_renditions")),
    listing("E/types/*/variants", "GET", Kind::Variants, VARIANTS),
    listing("E/types/*/components", "GET", Kind::Variants, VARIANTS),
    listing("E/collections/*/variants", "GET", Kind::Variants, VARIANTS),
    listing("E/spaces/*/variants", "GET", Kind::Variants, VARIANTS),
    listing("E/custom-apps", "GET", Kind::CustomApps, Form::Pages("custom_apps")),
    listing("E/validate-async/tasks/*/issues", "GET", Kind::Issues, Form::Pages("issues")),
    listing("S/projects", "GET", Kind::Projects, Form::Pages("projects")),
    listing("S/users", "GET", Kind::Users, Form::Pages("users")),
    listing("E/items-with-variant/filter", "POST", Kind::ItemsWithVariants, VARIANTS),
    listing("E/items-with-variant/bulk-get", "POST", Kind::ItemsWithVariants, Form::Pages("data")),
    listing("E/items/*/variants", "GET", Kind::Variants, Form::Bare),
    listing("E/spaces", "GET", Kind::Spaces, Form::Bare),
    listing("E/webhooks-vnext", "GET", Kind::Webhooks, Form::Bare),
    listing("E/workflows", "GET", Kind::Workflows, Form::Bare),
    listing("E/collections", "GET", Kind::Collections, Form::Dated("collections")),
    listing("E/folders", "GET", Kind::Folders, Form::Dated("folders")),
    listing("E/roles", "GET", Kind::Roles, Form::Member("roles")),
];

impl Listing {
    /// The listing at a path, given as its segments with `E` or `S` first.
    pub(super) fn find(segments: &[&str]) -> Option<Self> {
        LISTINGS.into_iter().find(|listing| {
            let pattern: Vec<&str> = listing.path.split('/').collect();
            matches(&pattern, segments)
        })
    }

    /// Whether it must be told something in its body.
    pub(super) fn is_asked_by_body(self) -> bool {
        self.method == "POST"
    }

    /// Whether the body must name what is wanted.
    pub(super) fn wants_references(self) -> bool {
        self.form == Form::Pages("data")
    }
}

fn matches(pattern: &[&str], segments: &[&str]) -> bool {
    match (pattern, segments) {
        ([], []) => true,
        (["*", pattern @ ..], ["codename" | "external-id", name, rest @ ..]) => {
            !name.is_empty() && matches(pattern, rest)
        }
        (["*", pattern @ ..], [id, rest @ ..]) => !id.is_empty() && matches(pattern, rest),
        ([expected, pattern @ ..], [segment, rest @ ..]) => expected == segment && matches(pattern, rest),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(path: &str) -> Option<Form> {
        Listing::find(&path.split('/').collect::<Vec<_>>()).map(|listing| listing.form)
    }

    #[test]
    fn each_listing_is_found_at_its_path_in_every_form_of_identifier() {
        for listing in LISTINGS {
            for identifier in ["6e1d1f9a", "codename/article", "external-id/a%2Fb"] {
                let path = listing.path.replace('*', identifier);
                let found = Listing::find(&path.split('/').collect::<Vec<_>>());
                assert_eq!(found, Some(listing), "{path}");
            }
        }
    }

    #[test]
    fn what_is_not_a_listing_is_not_found() {
        for path in ["", "E", "E/item", "E/items/", "E/items/a", "E/types//variants", "S/items", "E/users"] {
            assert_eq!(form(path), None, "{path}");
        }
    }
}
