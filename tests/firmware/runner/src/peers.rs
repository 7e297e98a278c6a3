//! Tidegate beside other clients on the same board and network stack: what each takes, how large a page may be, and how many
//! instructions a byte of a page costs. The others read a page whole and parse it where it lies, so that decides what
//! they can do at all; they keep no limit, repeat no request and store nothing.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use tidegate_simulator::{Config, DEFAULT_KEY, ItemSizes, List, Server, ServerOptions, Simulator, item_id};

use crate::board::{Board, Clock, Ended, argument};
use crate::scenario::exit_code;

/// What pulls, the image, and whether that tells the sum of the ids that it has read, or the number of items alone.
const CLIENTS: &[(&str, &str, bool)] = &[
    ("Tidegate, items as they stand", "http", false),
    ("reqwless and serde-json-core, ids", "reqwless", true),
    ("edge-http and serde-json-core, ids", "edge-http", true),
];

/// Items of about the same size: as records mostly are, and with all that JSON allows in every one.
const PLAIN: ItemSizes = ItemSizes::Records;
const ODD: ItemSizes = ItemSizes::Exact(200);
/// Pages of 20 KB, which all of them can take.
const ON_A_PAGE: u32 = 100;
/// How many pages the shorter and the longer of two pulls have, whose difference is what pages cost.
const PAGES: [u64; 2] = [2, 22];
/// The largest page that is tried: four megabytes.
const MOST_ITEMS: u64 = 20_000;

/// The table. An error says which image did not do what was asked of it.
pub(crate) async fn compare(board: &Board) -> Result<String, String> {
    let mut table =
        "\n| the same pull over HTTP | flash, Cortex-M3 | flash, Cortex-M4 | static RAM | deepest stack \
                     | largest page, bytes | instructions a byte | of odd texts |\n|---|---:|---:|---:|---:|---:|---:|---:|\n"
            .to_owned();
    for &(name, image, tells_ids) in CLIENTS {
        let client = Client { board, image, tells_ids };
        let (instructions, long) = client.per_byte(PLAIN).await?;
        let (of_odd, _) = client.per_byte(ODD).await?;
        let largest = client.largest_page().await?;
        let largest = if largest.items == MOST_ITEMS {
            format!("more than {}", largest.bytes)
        } else {
            largest.bytes.to_string()
        };
        let (flash, other) = (long.number("flash")?, flash_of(&for_cortex_m4(&board.images).join(image))?);
        let (statics, stack) = (long.number("statics")?, long.number("stack_depth")?);
        writeln!(
            table,
            "| {name} | {flash} | {other} | {statics} | {stack} | {largest} | {instructions} | {of_odd} |"
        )
        .map_err(|error| error.to_string())?;
    }
    Ok(table)
}

/// An image to be compared.
struct Client<'b> {
    board: &'b Board,
    image: &'static str,
    tells_ids: bool,
}

/// A page that came whole.
struct Page {
    items: u64,
    bytes: u64,
}

impl Client<'_> {
    /// What a byte of a page of such items costs, in instructions, and how the longer of the two pulls went.
    async fn per_byte(&self, items: ItemSizes) -> Result<(String, Ended), String> {
        let [short, long] = [self.pages(PAGES[0], items).await?, self.pages(PAGES[1], items).await?];
        Ok((per_byte(&short, &long)?, long))
    }

    /// Pulls so many pages, each instruction counted.
    async fn pages(&self, count: u64, items: ItemSizes) -> Result<Ended, String> {
        let config = config(count * u64::from(ON_A_PAGE), ON_A_PAGE, items);
        let ended = self.run(&config, Clock::Instructions).await?;
        if self.is_right(&config, &ended)? {
            return Ok(ended);
        }
        Err(format!("{} does not pull {count} pages: {}", self.image, ended.report()))
    }

    /// The largest page that it takes, to the item.
    async fn largest_page(&self) -> Result<Page, String> {
        let mut largest = Page { items: 0, bytes: 0 };
        let mut too_many = MOST_ITEMS + 1;
        let mut items = MOST_ITEMS;
        while items > largest.items {
            let config = config(items, items as u32, ODD);
            let ended = self.run(&config, Clock::Host).await?;
            if self.is_right(&config, &ended)? {
                largest = Page { items, bytes: ended.number("bytes")? };
            } else {
                too_many = items;
            }
            // Their buffers are nearer to nothing than to four megabytes.
            items = if largest.items == 0 { too_many / 10 } else { largest.items.midpoint(too_many) };
        }
        Ok(largest)
    }

    async fn run(&self, config: &Config, clock: Clock) -> Result<Ended, String> {
        let simulator = Arc::new(Mutex::new(Simulator::new(config.clone())));
        let server = Server::start(simulator, ServerOptions::default())
            .await
            .map_err(|error| format!("the simulator does not start: {error}"))?;
        let mut arguments = vec![argument("port", server.addr().port()), argument("key", DEFAULT_KEY)];
        arguments.extend(["unused", "counted"].map(|word| argument(word, 1)));
        let running = self.board.boot(self.image, clock, &arguments);
        let ended = async { running?.wait().await }.await;
        server.stop().await;
        ended.map_err(|error| format!("QEMU does not run (tests/firmware/setup): {error}"))
    }

    /// Whether all came. An end other than that it could not take a page is an error.
    fn is_right(&self, config: &Config, ended: &Ended) -> Result<bool, String> {
        if ended.exit() != Some(exit_code::DONE) {
            return Err(format!("{} broke off: {}", self.image, ended.report()));
        }
        if ended.value("outcome") != Some("complete") {
            return Ok(false);
        }
        let ids = (0..config.items)
            .fold(0_i64, |sum, index| sum.wrapping_add(item_id(config, List::Objects, index)));
        let is_sum = !self.tells_ids || ended.value("ids") == Some(&ids.to_string());
        if ended.number("items")? == config.items && is_sum {
            return Ok(true);
        }
        Err(format!("{} says that it is complete and is not: {}", self.image, ended.report()))
    }
}

fn config(items: u64, page_size: u32, item_sizes: ItemSizes) -> Config {
    Config { items, page_size, item_sizes, ..Config::default() }
}

/// What a byte more costs, in tenths.
fn per_byte(short: &Ended, long: &Ended) -> Result<String, String> {
    let difference = |what| Ok::<_, String>(long.number(what)?.saturating_sub(short.number(what)?));
    let (worked, bytes) = (difference("worked_ns")?, difference("bytes")?);
    let tenths = (worked * 10).checked_div(bytes).ok_or("no more bytes came of more pages")?;
    Ok(format!("{}.{}", tenths / 10, tenths % 10))
}

/// Where the images are that were built for a Cortex-M4, beside those that run here.
fn for_cortex_m4(images: &Path) -> PathBuf {
    images.join("../../thumbv7em-none-eabi/release")
}

/// What an image that is not run takes of flash: all that is loaded from its file.
fn flash_of(image: &Path) -> Result<u64, String> {
    let output = Command::new("readelf").args(["-lW"]).arg(image).output();
    let output = output.map_err(|error| format!("readelf (binutils) does not run: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let loaded = text.lines().filter_map(|line| line.trim_start().strip_prefix("LOAD"));
    // Offset, virtual and physical address, and then the size in the file.
    let sizes = loaded.filter_map(|line| line.split_whitespace().nth(3)?.strip_prefix("0x"));
    let sum = sizes.map(|size| u64::from_str_radix(size, 16).unwrap_or(0)).sum();
    if sum == 0 { Err(format!("nothing is loaded from {}", image.display())) } else { Ok(sum) }
}
