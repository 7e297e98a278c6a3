//! An image: its functions, and the room that each byte of them comes from.

use addr2line::Loader;
use object::{Object, ObjectSection, ObjectSymbol, RelocationTarget, SymbolKind};
use std::collections::BTreeMap;

/// The debug data tells the place of every two bytes: the shortest instruction.
const INSTRUCTION: u64 = 2;

/// A function as it was linked.
#[derive(Debug)]
pub struct Function {
    pub name: String,
    address: u64,
    /// Bytes of code, with what was inlined.
    pub size: u64,
    /// Bytes of stack.
    pub frame: u64,
    /// Calls that only move memory.
    pub copies: usize,
}

impl Function {
    /// Whether it is a function of core, and not of the driver around it.
    pub fn is_core(&self) -> bool {
        self.name.contains("tidegate_core")
    }
}

#[derive(Debug)]
pub struct Image {
    pub functions: Vec<Function>,
    /// Bytes of code by room.
    pub rooms: BTreeMap<String, u64>,
}

impl Image {
    pub fn read(path: &str) -> Result<Self, String> {
        let fault = |error: &dyn std::fmt::Display| format!("{path}: {error}");
        let bytes = std::fs::read(path).map_err(|error| fault(&error))?;
        let file = object::File::parse(&*bytes).map_err(|error| fault(&error))?;
        let loader = Loader::new(path).map_err(|error| fault(&error))?;
        let mut functions = functions(&file);
        if functions.is_empty() {
            return Err(format!("{path} has no functions"));
        }
        add_frames(&file, &mut functions);
        add_copies(&file, &mut functions);
        let mut rooms = BTreeMap::new();
        for function in &functions {
            for address in (function.address..function.address + function.size).step_by(INSTRUCTION as usize)
            {
                *rooms.entry(room_of(&loader, address)).or_default() += INSTRUCTION;
            }
        }
        Ok(Self { functions, rooms })
    }
}

/// The functions of a file, each once.
fn functions(file: &object::File<'_>) -> Vec<Function> {
    let mut functions = BTreeMap::new();
    for symbol in file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.size() > 0) {
        // The lowest bit of an address says that the code is Thumb.
        let address = symbol.address() & !1;
        let name = format!("{:#}", rustc_demangle::demangle(symbol.name().unwrap_or_default()));
        functions.insert(address, Function { name, address, size: symbol.size(), frame: 0, copies: 0 });
    }
    functions.into_values().collect()
}

/// The function at an address.
fn at(functions: &mut [Function], address: u64) -> Option<&mut Function> {
    let behind = functions.partition_point(|function| function.address <= address);
    let function = functions.get_mut(behind.checked_sub(1)?)?;
    (address < function.address + function.size).then_some(function)
}

/// Reads the frames out of `.stack_sizes`: for each function a 32-bit address and a number in LEB128.
fn add_frames(file: &object::File<'_>, functions: &mut [Function]) {
    let Some(section) = file.section_by_name(".stack_sizes") else { return };
    let mut rest = section.data().unwrap_or_default();
    while let Some((address, behind)) = rest.split_first_chunk::<4>() {
        let end = behind.iter().position(|byte| byte & 0x80 == 0).map_or(behind.len(), |last| last + 1);
        let (number, behind) = behind.split_at(end);
        let frame = number.iter().rev().fold(0, |sum, byte| sum << 7 | u64::from(byte & 0x7f));
        if let Some(function) = at(functions, u64::from(u32::from_le_bytes(*address)) & !1) {
            function.frame = frame;
        }
        rest = behind;
    }
}

/// Counts the calls that lead to a function that moves memory.
fn add_copies(file: &object::File<'_>, functions: &mut [Function]) {
    let moves = |name: &str| ["memcpy", "memmove", "memset", "memclr"].iter().any(|part| name.contains(part));
    for section in file.sections() {
        for (address, relocation) in section.relocations() {
            let RelocationTarget::Symbol(index) = relocation.target() else { continue };
            let is_copy = file.symbol_by_index(index).is_ok_and(|symbol| symbol.name().is_ok_and(moves));
            if let Some(function) = at(functions, address).filter(|_| is_copy) {
                function.copies += 1;
            }
        }
    }
}

/// The room that an instruction belongs to: a file or folder of core, the driver, or a library.
fn room_of(loader: &Loader, address: u64) -> String {
    let mut outermost = None;
    if let Ok(mut frames) = loader.find_frames(address) {
        while let Ok(Some(frame)) = frames.next() {
            let Some(file) = frame.location.and_then(|location| location.file) else { continue };
            if let Some(room) = room_of_core(file) {
                return room;
            }
            outermost = Some(if file.contains("tests/bare/src") { "driver" } else { "libraries" });
        }
    }
    outermost.unwrap_or("libraries").to_owned()
}

/// The room of a file of core: the folders that it is in, or its own name if it is in none.
fn room_of_core(file: &str) -> Option<String> {
    let (crate_root, path) = file.rsplit_once("core/src/")?;
    if crate_root.contains("/library/") {
        return None;
    }
    Some(
        path.rsplit_once('/')
            .map_or_else(|| path.trim_end_matches(".rs").to_owned(), |(folders, _)| folders.to_owned()),
    )
}
