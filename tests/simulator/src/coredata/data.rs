//! CoreData's objects, with the members that its documentation shows, in the alphabetical order in which Tastypie writes
//! them. Dates have no offset; codes end in a colon. An object is a pure function of the seed, its resource and its
//! place, until it is written.

use std::str::FromStr;

use crate::date::iso_date_time;
use crate::object::{Object, spaced_array};
use crate::random::Random;
use crate::text::{push_string, quoted, title, uuid};

/// 2024-01-01.
const FIRST_DAY: u64 = 1_704_067_200;
/// Seconds from one object's creation to the next one's, at most.
const APART: u64 = 600;
/// Places from here on are those of objects that came before the first.
pub(super) const FRONT: u64 = 1 << 40;
const FOLDERS: u64 = 12;

/// A list of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Resource {
    Contacts,
    Files,
    Projects,
    Tasks,
    Spaces,
}

impl Resource {
    pub(super) const ALL: [Self; 5] =
        [Self::Contacts, Self::Files, Self::Projects, Self::Tasks, Self::Spaces];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Contacts => "contacts",
            Self::Files => "files",
            Self::Projects => "projects",
            Self::Tasks => "tasks",
            Self::Spaces => "spaces",
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Contacts => "Contact",
            Self::Files => "File",
            Self::Projects => "Project",
            Self::Tasks => "Task",
            Self::Spaces => "Space",
        }
    }

    /// The value of `status`.
    fn status(self) -> &'static str {
        match self {
            Self::Contacts => "contact_status:Active:",
            Self::Files => "file_status:Draft:",
            Self::Projects => "project_status:Pending:",
            Self::Tasks => "task_status:Open:",
            Self::Spaces => "",
        }
    }
}

impl FromStr for Resource {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|resource| resource.name() == name).ok_or(())
    }
}

/// One object, as far as it can be written or looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) resource: Resource,
    pub(super) id: String,
    pub(super) snapshot_id: String,
    pub(super) title: String,
    pub(super) description: String,
    /// A contact's social security number.
    pub(super) identifier: String,
    /// A file's folder.
    pub(super) parent: String,
    /// Whom a file, project or task belongs to.
    pub(super) contact: String,
    pub(super) created: String,
    pub(super) modified: String,
    pub(super) created_by: String,
    pub(super) modified_by: String,
    /// A task's, without a time.
    pub(super) due_date: Option<String>,
    /// As JSON.
    pub(super) dynatype: String,
}

impl Row {
    /// The object at a place. `contacts` is how many contacts there are from the beginning.
    pub(super) fn new(seed: u64, resource: Resource, index: u64, contacts: u64) -> Self {
        let mut random = Random::of(&[seed, resource as u64, index, 41]);
        let created = match index.checked_sub(FRONT) {
            Some(place) => FIRST_DAY.saturating_sub((place + 1) * APART),
            None => FIRST_DAY + index * APART + random.below(APART),
        };
        let modified = created + random.below(200 * 86_400);
        let fraction =
            if random.below(4) == 0 { format!(".{:06}", random.below(1_000_000)) } else { String::new() };
        let mut description = String::new();
        push_string(&mut random, 160, &mut description);
        Self {
            resource,
            id: id(seed, resource, index),
            snapshot_id: uuid(&mut random, modified),
            title: title(&mut random),
            description: serde_json::from_str(&description).unwrap_or_default(),
            identifier: format!("{:06}{:05}", random.below(1_000_000), index % 100_000),
            parent: folder(seed, random.below(FOLDERS)),
            contact: id(seed, Resource::Contacts, random.below(contacts.max(1))),
            created: iso_date_time(created),
            modified: iso_date_time(modified) + &fraction,
            created_by: "Administrator Administrator".to_owned(),
            modified_by: format!("User {}", random.below(5)),
            due_date: (random.below(3) > 0).then(|| date_only(modified)),
            dynatype: dynatype(seed, resource, &mut random),
        }
    }

    /// Its JSON text.
    pub(super) fn text(&self, base_path: &str) -> String {
        let resource = self.resource;
        let is = |other| resource == other;
        let mut object = Object::spaced().raw("aspects", "{}");
        if matches!(resource, Resource::Files | Resource::Projects | Resource::Tasks) {
            object = object.text("contact", &self.contact);
        }
        object = object
            .text("created", &self.created)
            .text("created_by", &self.created_by)
            .text("description", &self.description);
        if is(Resource::Tasks) {
            object = object.text_or_null("due_date", self.due_date.as_deref());
        }
        object = object.raw("dynatype", &self.dynatype);
        if is(Resource::Contacts) {
            let email = Object::spaced().text("email", "").text("label", "email_label:Work:").done();
            object = object.raw("emails", spaced_array([email]));
        }
        object = object.text("id", &self.id);
        if is(Resource::Contacts) {
            object = object.text("identifier", &self.identifier);
        }
        object = object
            .raw("is_hidden", "false")
            .text("modified", &self.modified)
            .text("modified_by", &self.modified_by);
        if is(Resource::Files) {
            object = object.text("parent", &self.parent);
        }
        object = object.text("path", format!("/domain/{}/{}", resource.name(), self.title));
        if is(Resource::Contacts) {
            let phone = Object::spaced().text("label", "phone_label:Mobile:").text("number", "+37200000766");
            object = object.raw("phones", spaced_array([phone.done()]));
        }
        object = object.text("resource_uri", self.path(base_path));
        if is(Resource::Contacts) {
            object = object.text("role", "contact_role:customer:");
        }
        object
            .text("snapshot_id", &self.snapshot_id)
            .text("status", resource.status())
            .raw("tags", spaced_array([quoted("a"), quoted("b")].iter().take(self.title.len() % 3)))
            .raw("template", "null")
            .text("title", &self.title)
            .text("type", resource.kind())
            .text("version", "0.1")
            .done()
    }

    /// Where it is.
    pub(super) fn path(&self, base_path: &str) -> String {
        format!("{base_path}/{}/{}/", self.resource.name(), self.id)
    }
}

/// An object's id, by which it never changes.
fn id(seed: u64, resource: Resource, index: u64) -> String {
    uuid(&mut Random::of(&[seed, resource as u64, index, 42]), index)
}

fn folder(seed: u64, index: u64) -> String {
    uuid(&mut Random::of(&[seed, index, 43]), index)
}

/// Nothing, or what kind of person or thing it is.
fn dynatype(seed: u64, resource: Resource, random: &mut Random) -> String {
    if random.below(2) == 0 {
        return "{}".to_owned();
    }
    Object::spaced()
        .text("caption_plural", format!("dynatypes_labels:{}_plural:", resource.kind()))
        .text("caption_singular", format!("dynatypes_labels:{}_singular:", resource.kind()))
        .text("id", folder(seed, 99))
        .text("title", resource.kind())
        .done()
}

fn date_only(unix_seconds: u64) -> String {
    iso_date_time(unix_seconds).split('T').next().unwrap_or_default().to_owned()
}
