//! What is in the listings: objects with the members that the vendor's clients declare for each kind. An object is a pure
//! function of the seed, its listing and its place.

use super::config::Config;
use super::listing::Kind;
use crate::date::iso_date_time;
use crate::object::{Object, array};
use crate::random::Random;
use crate::text::{push_string, quoted, title, uuid};

/// 2021-01-01.
const FIRST_DAY: u64 = 1_609_459_200;

/// Where objects come from: a listing, by its number, under a seed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    pub(super) seed: u64,
    pub(super) listing: u64,
    pub(super) novelties: bool,
}

impl Source {
    pub(super) fn new(config: &Config, seed: u64, listing: u64) -> Self {
        Self { seed, listing, novelties: config.novelties }
    }

    /// The object at a place of its listing.
    pub(super) fn object(self, kind: Kind, index: u64) -> String {
        let mut random = self.random(index);
        let object = match kind {
            Kind::Items => self.item(index).object(),
            Kind::Types | Kind::Snippets => model(&mut random, index, self.is_novel(index)),
            Kind::Taxonomies => taxonomy(&mut random, index),
            Kind::Languages => language(&mut random, index),
            Kind::Assets => asset(&mut random, index),
            Kind::Renditions => rendition(&mut random, index),
            Kind::Variants => variant(&mut random, index),
            Kind::CustomApps => custom_app(&mut random, index),
            Kind::Issues => issue(&mut random, index),
            Kind::Projects => project(&mut random, index),
            Kind::Users => user(&mut random, index),
            Kind::ItemsWithVariants => Object::new()
                .raw("item", self.item(index).object().done())
                .raw("variant", variant(&mut random, index).done()),
            Kind::Spaces | Kind::Collections | Kind::Roles => named(&mut random, index),
            Kind::Webhooks => webhook(&mut random, index),
            Kind::Workflows => workflow(&mut random, index),
            Kind::Folders => named(&mut random, index).raw("folders", "[]"),
        };
        let novel = kind != Kind::Items && self.is_novel(index);
        if novel { with_novelty(object, &mut random).done() } else { object.done() }
    }

    /// A content item at a place of its listing.
    pub(super) fn item(self, index: u64) -> Item {
        let mut random = self.random(index);
        let novel = self.is_novel(index);
        Item {
            id: uuid(&mut random, index),
            name: title(&mut random),
            codename: format!("item_{index}"),
            kind: reference(&mut random),
            external_id: (random.below(2) == 0).then(|| format!("external-{index}")),
            collection: reference(&mut random),
            last_modified: date(&mut random),
            novelty: novel.then(|| random.next()),
        }
    }

    fn random(self, index: u64) -> Random {
        Random::of(&[self.seed, self.listing, index, 31])
    }

    fn is_novel(self, index: u64) -> bool {
        self.novelties && Random::of(&[self.seed, self.listing, index, 32]).below(8) == 0
    }
}

/// A content item, the one kind of object that can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) codename: String,
    /// The reference to its type, as JSON.
    pub(super) kind: String,
    pub(super) external_id: Option<String>,
    /// The reference to its collection, as JSON.
    pub(super) collection: String,
    pub(super) last_modified: String,
    pub(super) novelty: Option<u64>,
}

impl Item {
    pub(super) fn object(&self) -> Object {
        let mut object = Object::new()
            .text("id", &self.id)
            .text("name", &self.name)
            .text("codename", &self.codename)
            .raw("type", &self.kind)
            .raw("sitemap_locations", "[]")
            .text("last_modified", &self.last_modified)
            .raw("collection", &self.collection);
        if let Some(external_id) = &self.external_id {
            object = object.text("external_id", external_id);
        }
        match self.novelty {
            Some(novelty) => with_novelty(object, &mut Random::of(&[novelty])),
            None => object,
        }
    }
}

/// A time as the vendor writes it, with seven digits of a second.
pub(super) fn precise(unix_ms: u64, ticks: u64) -> String {
    let ticks = unix_ms % 1_000 * 10_000 + ticks % 10_000;
    format!("{}.{ticks:07}Z", iso_date_time(unix_ms / 1_000))
}

fn date(random: &mut Random) -> String {
    let unix_ms = (FIRST_DAY + random.below(4 * 365 * 86_400)) * 1_000 + random.below(1_000);
    precise(unix_ms, random.next())
}

fn reference(random: &mut Random) -> String {
    let index = random.below(12);
    Object::new().text("id", uuid(random, index)).done()
}

fn references(random: &mut Random) -> String {
    let count = random.below(3);
    array((0..count).map(|_| reference(random)).collect::<Vec<_>>())
}

/// Members that no documentation names: the vendor may add them at any time.
fn with_novelty(object: Object, random: &mut Random) -> Object {
    let mut text = String::new();
    push_string(random, 80, &mut text);
    object
        .raw("pagination", r#"{"continuation_token":"not-this-one","next_page":null}"#)
        .raw("insights", format!(r#"{{"note":{text},"score":{},"items":[[],{{}}]}}"#, random.below(1_000)))
}

fn named(random: &mut Random, index: u64) -> Object {
    Object::new()
        .text("id", uuid(random, index))
        .text("name", title(random))
        .text("codename", format!("name_{index}"))
        .text("external_id", format!("external-{index}"))
}

fn model(random: &mut Random, index: u64, novel: bool) -> Object {
    let kinds = ["text", "rich_text", "number", "asset", "modular_content", "date_time", "url_slug"];
    let count = random.between(1, 4);
    let elements = (0..count).map(|place| {
        let kind = if novel && place == 0 { "hologram" } else { random.pick(&kinds) };
        Object::new()
            .text("name", title(random))
            .text("type", kind)
            .text("id", uuid(random, place))
            .text("codename", format!("element_{place}"))
            .raw("is_required", "false")
            .text_or_null("guidelines", None)
            .done()
    });
    let elements = array(elements.collect::<Vec<_>>());
    named(random, index)
        .text("last_modified", date(random))
        .raw("content_groups", "[]")
        .raw("elements", elements)
}

fn taxonomy(random: &mut Random, index: u64) -> Object {
    let inner = array([named(random, 2).raw("terms", "[]").done()]);
    let terms = array([named(random, 1).raw("terms", inner).done()]);
    named(random, index).text("last_modified", date(random)).raw("terms", terms)
}

fn language(random: &mut Random, index: u64) -> Object {
    named(random, index)
        .raw("is_active", "true")
        .raw("is_default", (index == 0).to_string())
        .raw("fallback_language", reference(random))
}

fn asset(random: &mut Random, index: u64) -> Object {
    let file = Object::new().text("id", uuid(random, index)).text("type", "internal");
    let description = Object::new().raw("language", reference(random)).text("description", title(random));
    Object::new()
        .text("id", uuid(random, index))
        .text("file_name", format!("picture {index}.jpg"))
        .text("title", title(random))
        .number("size", random.below(5_000_000_000))
        .text("type", "image/jpeg")
        .text("url", format!("https://assets-us-01.kc-usercontent.com/{index}/picture.jpg"))
        .number("image_width", random.below(8_000))
        .number("image_height", random.below(8_000))
        .raw("file_reference", file.done())
        .raw("descriptions", array([description.done()]))
        .text_or_null("external_id", None)
        .raw("folder", "null")
        .raw("collection", format!(r#"{{"reference":{}}}"#, reference(random)))
        .text("codename", format!("asset_{index}"))
        .text("last_modified", date(random))
}

fn rendition(random: &mut Random, index: u64) -> Object {
    let transformation = Object::new()
        .text("mode", "rect")
        .text("fit", "clip")
        .number("custom_width", random.below(800))
        .number("custom_height", random.below(800));
    Object::new()
        .text("rendition_id", uuid(random, index))
        .text("asset_id", uuid(random, index))
        .raw("transformation", transformation.done())
        .text("last_modified", date(random))
        .text("external_id", format!("rendition-{index}"))
}

fn variant(random: &mut Random, index: u64) -> Object {
    let count = random.between(1, 4);
    let elements = (0..count).map(|_| {
        let mut value = String::new();
        push_string(random, 160, &mut value);
        Object::new().raw("element", reference(random)).raw("value", value).done()
    });
    let elements = array(elements.collect::<Vec<_>>());
    let workflow =
        Object::new().raw("workflow_identifier", reference(random)).raw("step_identifier", reference(random));
    Object::new()
        .raw("item", Object::new().text("id", uuid(random, index)).done())
        .raw("elements", elements)
        .raw("language", reference(random))
        .raw("workflow", workflow.done())
        .raw("schedule", r#"{"publish_time":null,"unpublish_time":null}"#)
        .raw("due_date", r#"{"value":null}"#)
        .raw("contributors", "[]")
        .text("last_modified", date(random))
}

fn custom_app(random: &mut Random, index: u64) -> Object {
    named(random, index)
        .text("source_url", "https://example.test/app")
        .text_or_null("config", None)
        .raw("allowed_roles", references(random))
        .text("display_mode", "fullScreen")
}

fn issue(random: &mut Random, index: u64) -> Object {
    let detail =
        Object::new().raw("element", reference(random)).raw("messages", array([quoted(&title(random))]));
    Object::new()
        .text("issue_type", if index.is_multiple_of(3) { "type_issue" } else { "variant_issue" })
        .raw("item", named(random, index).done())
        .raw("language", reference(random))
        .raw("issues", array([detail.done()]))
}

fn project(random: &mut Random, index: u64) -> Object {
    Object::new()
        .text("id", uuid(random, index))
        .text("name", title(random))
        .raw("is_active", "true")
        .raw("environments", array([named(random, 0).done()]))
}

fn user(random: &mut Random, index: u64) -> Object {
    Object::new()
        .text("id", uuid(random, index))
        .text("first_name", title(random))
        .text("last_name", title(random))
        .text("email", format!("user{index}@example.test"))
        .raw("has_pending_invitation", "false")
        .raw("projects", references(random))
}

fn webhook(random: &mut Random, index: u64) -> Object {
    named(random, index)
        .text("url", "https://example.test/hook")
        .raw("enabled", "true")
        .text("health_status", "unknown")
        .text("last_modified", date(random))
        .raw("delivery_triggers", r#"{"slot":"published","events":"specific"}"#)
}

fn workflow(random: &mut Random, index: u64) -> Object {
    named(random, index).raw("scopes", "[]").raw("steps", array([named(random, 0).done()]))
}
