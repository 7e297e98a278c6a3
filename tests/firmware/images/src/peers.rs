//! What the images of other clients have in common: the same pull as far as they can. Neither of the two reads a page in
//! parts that could be parsed, so a page lies whole in a buffer, and serde-json-core reads it there. No limit is kept, no
//! request is repeated, and no checkpoint stored.
//!
//! Arguments: `port`, `key`.

use core::fmt::{self, Write};

use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use static_cell::ConstStaticCell;
use tidegate_board::host::OrStop as _;
use tidegate_board::line;

/// All that the board's 64 KB have beside what these images need for the network and for their stack, with a little to spare.
pub const PAGE_BUFFER: usize = 48 << 10;

/// Why a pull ended early.
#[derive(Clone, Copy, Debug)]
pub enum Failure {
    /// The connection, or the client's own limit.
    Client,
    /// The server says no.
    Status(u16),
    /// The buffer holds no whole page.
    Page,
}

/// The memory for a page.
pub fn page_buffer() -> &'static mut [u8; PAGE_BUFFER] {
    static PAGE: ConstStaticCell<[u8; PAGE_BUFFER]> = ConstStaticCell::new([0; PAGE_BUFFER]);
    PAGE.take()
}

/// What was pulled so far.
#[derive(Debug, Default)]
pub struct Pulled {
    items: u64,
    /// The sum of the items' ids.
    ids: i64,
    pages: u64,
    bytes: u64,
    next: Option<i64>,
}

impl Pulled {
    /// Takes a page. False if it was the last.
    pub fn take(&mut self, page: &[u8]) -> Result<bool, Failure> {
        let (read, _) = serde_json_core::from_slice::<Page>(page).map_err(|_| Failure::Page)?;
        self.items += read.objects.count;
        self.ids = self.ids.wrapping_add(read.objects.ids);
        self.pages += 1;
        self.bytes += page.len() as u64;
        self.next = read.next_page_key;
        Ok(self.next.is_some())
    }

    /// The path and query of the next page, behind what stands before it.
    pub fn target(&self, before: fmt::Arguments<'_>) -> Target {
        let mut target = Target { bytes: [0; 96], length: 0 };
        let written = match self.next {
            Some(key) => write!(target, "{before}/objects?viewId=42&afterId={key}"),
            None => write!(target, "{before}/objects?viewId=42"),
        };
        written.or_stop("a target is short");
        target
    }

    /// Tells how it went.
    pub fn tell(&self, outcome: Result<(), Failure>, worked: u64) {
        line!("items {}", self.items);
        line!("ids {}", self.ids);
        line!("pages {}", self.pages);
        line!("bytes {}", self.bytes);
        line!("worked_ns {worked}");
        match outcome {
            Ok(()) => line!("outcome complete"),
            Err(Failure::Client) => line!("outcome client"),
            Err(Failure::Status(status)) => line!("outcome status-{status}"),
            Err(Failure::Page) => line!("outcome page"),
        }
    }
}

/// A text of bounded length.
#[derive(Debug)]
pub struct Target {
    bytes: [u8; 96],
    length: usize,
}

impl Target {
    /// The text.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

impl Write for Target {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

#[derive(Deserialize)]
struct Page {
    objects: Objects,
    #[serde(rename = "nextPageKey", default)]
    next_page_key: Option<i64>,
}

#[derive(Deserialize)]
struct Object {
    id: i64,
}

/// Objects that are counted as they are read: a list of them would need memory beside the page.
struct Objects {
    count: u64,
    ids: i64,
}

impl<'de> Deserialize<'de> for Objects {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Counting;
        impl<'de> Visitor<'de> for Counting {
            type Value = Objects;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("objects")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Objects, A::Error> {
                let mut objects = Objects { count: 0, ids: 0 };
                while let Some(object) = list.next_element::<Object>()? {
                    objects.count += 1;
                    objects.ids = objects.ids.wrapping_add(object.id);
                }
                Ok(objects)
            }
        }
        deserializer.deserialize_seq(Counting)
    }
}
