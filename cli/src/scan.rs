//! One page, read from standard input by the same scanner that a pull uses: to see what a pull would make of it.

use crate::console;
use crate::exit::{Exit, Fault};
use crate::ndjson;
use crate::units::parse_item_size;
use clap::Args;
use std::io::{self, BufWriter, Read, Write};
use tidegate_core::page::{CursorValue, Item, Items, PageFault, PageScanner, PageShape};

const CHUNK: usize = 64 << 10;
/// Enough for any cursor that an API uses.
const CURSOR: usize = 4 << 10;

/// What the page is like.
#[derive(Clone, Debug, Args)]
pub(crate) struct ScanArgs {
    /// Member that holds the items, with dots between nested names.
    #[arg(long, value_name = "KEY", conflicts_with_all = ["root", "only_array"])]
    pub(crate) items: Option<String>,
    /// The page itself is the array of items.
    #[arg(long, conflicts_with = "only_array")]
    pub(crate) root: bool,
    /// The only array among the page's members holds the items (the default).
    #[arg(long)]
    pub(crate) only_array: bool,
    /// Member that leads to the next page, with dots between nested names.
    #[arg(long, value_name = "KEY")]
    pub(crate) cursor: Option<String>,
    /// Member that says how many items all pages have together, with dots between nested names.
    #[arg(long, value_name = "KEY")]
    pub(crate) total: Option<String>,
    /// Largest item that is taken.
    #[arg(long, value_name = "BYTES", default_value = "16MiB", value_parser = parse_item_size)]
    pub(crate) max_item: usize,
}

/// Prints a page's items, its cursor and its total.
pub(crate) fn run(args: &ScanArgs) -> Result<Exit, Fault> {
    let items = match &args.items {
        Some(key) => Items::Key(key),
        None if args.root => Items::Root,
        None => Items::OnlyArray,
    };
    let shape =
        PageShape { cursor: args.cursor.as_deref(), total: args.total.as_deref(), ..PageShape::new(items) };
    let mut out = BufWriter::with_capacity(CHUNK, io::stdout().lock());
    let scanned = scan(shape, args.max_item, io::stdin().lock(), &mut out);
    // What came before a fault is printed too.
    out.flush().map_err(|error| Fault::stdout(&error))?;
    let (cursor, total) = scanned?;
    if args.cursor.is_some() {
        console::tell(format_args!("cursor: {cursor}"));
    }
    if args.total.is_some() {
        console::tell(format_args!(
            "total: {}",
            total.map_or("unknown".to_owned(), |total| total.to_string())
        ));
    }
    Ok(Exit::Complete)
}

/// Writes the items, and returns the cursor as it would stand in JSON, and the total.
fn scan(
    shape: PageShape<'_>,
    max_item: usize,
    mut page: impl Read,
    out: &mut impl Write,
) -> Result<(String, Option<u64>), Fault> {
    let mut scanner = PageScanner::new(shape);
    let (mut item_buffer, mut cursor_buffer) = (vec![0; max_item], [0; CURSOR]);
    let mut chunk = vec![0; CHUNK];
    loop {
        let length = match page.read(&mut chunk) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Fault::new(Exit::LocalFile, format_args!("standard input: {error}"))),
        };
        let mut rest = &chunk[..length];
        loop {
            let (taken, item) = scanner.push(rest, &mut item_buffer, &mut cursor_buffer).map_err(data)?;
            match item {
                None => break,
                Some(Item::Whole { bytes, .. }) => {
                    ndjson::write_line(out, bytes).map_err(|error| Fault::stdout(&error))?;
                }
                Some(Item::TooLarge { index, size }) => {
                    let sentence =
                        format_args!("item {index} has {size} bytes, more than the {max_item} of --max-item");
                    return Err(Fault::new(Exit::Data, sentence));
                }
            }
            rest = &rest[taken..];
        }
    }
    let end = scanner.finish(&cursor_buffer).map_err(data)?;
    let cursor = match end.cursor {
        CursorValue::Absent => "absent".to_owned(),
        CursorValue::Null => "null".to_owned(),
        CursorValue::Number(number) => number.to_owned(),
        CursorValue::Text(text) => serde_json::Value::from(text).to_string(),
        CursorValue::Bool(value) => value.to_string(),
    };
    Ok((cursor, end.total))
}

fn data(fault: PageFault) -> Fault {
    Fault::new(Exit::Data, fault)
}
